"""The values that the neutralization modules pass to each other. Ranges are half-open code points of the body."""

from dataclasses import dataclass
from enum import StrEnum

from neutralization.taxonomy import Action, Category


class Mode(StrEnum):
    """How detail_full was made: by edits at the accepted spans, or by writing the whole article anew."""

    SPAN_GUIDED = "span_guided"
    SYNTHESIS = "synthesis"


class Output(StrEnum):
    """The five texts of a neutralized story."""

    FEED_TITLE = "feed_title"
    FEED_SUMMARY = "feed_summary"
    DETAIL_TITLE = "detail_title"
    DETAIL_BRIEF = "detail_brief"
    DETAIL_FULL = "detail_full"


@dataclass(frozen=True, slots=True)
class Span:
    """An accepted manipulative phrase: `body[start:end] == original_text`, always."""

    start: int
    end: int
    original_text: str
    category: Category
    action: Action
    replacement: str
    rule_key: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the body: `body[start:end]` becomes `replacement`, because of `spans[span_index]`.

    An edit's range may be wider than its span's (the space that goes with a removed word, an article that changes).
    """

    start: int
    end: int
    replacement: str
    span_index: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """The texts shown to readers; each field is named as its `Output`."""

    feed_title: str
    feed_summary: str
    detail_title: str
    detail_brief: str
    detail_full: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one audit rule says of one output. `evidence` names the offending words; empty when passed."""

    rule_id: str
    output: Output
    passed: bool
    evidence: tuple[str, ...] = ()
