"""What an editor asks for: phrases rejected, changed and added, texts written; and how each may be refused. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from neutralization.taxonomy import Action, Category
from neutralization.types import Output, Span, Verdict

# The texts that an editor may write; detail_full changes by its phrases alone, so that every change has its reason.
WRITABLE = (Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_TITLE, Output.DETAIL_BRIEF)


class Scope(StrEnum):
    """How far a rejection reaches. `everywhere` also becomes a rule, so that later runs leave the term alone."""

    HERE = "here"
    STORY = "story"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Rejection:
    """The phrase at `position` is none. For everywhere: the `term` that is left alone from now on, and the `reason`.

    The term holds the phrase; it may be longer ("crisis talks" for "crisis"), empty is the phrase itself.
    """

    position: int
    scope: Scope = Scope.HERE
    term: str = ""
    reason: str = ""

    def term_for(self, span: Span) -> str:
        """What is left alone everywhere."""
        return " ".join((self.term.strip() or span.original_text).split())


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to the phrase at `position` instead."""

    position: int
    category: Category
    action: Action
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """A phrase that was overlooked. `starts` says which of its places are meant; empty when it has one alone."""

    phrase: str
    category: Category
    action: Action
    replacement: str = ""
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """Everything that becomes one new version. A blank text is composed from detail_full; others are kept as written.

    Positions are those of the phrases in the version that is corrected.
    """

    rejections: tuple[Rejection, ...] = ()
    changes: tuple[Change, ...] = ()
    additions: tuple[Addition, ...] = ()
    texts: Mapping[Output, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phrase stands in the body, and why it can't be taken there; "" when it can."""

    start: int
    end: int
    refused: str = ""


class Refused(Exception):
    """The corrections can't be carried out; the message says why. Nothing was changed."""


class SpanRefused(Refused):
    """What is asked for the phrase at `position` can't be."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position


class AdditionRefused(Refused):
    """A phrase can't be added; `places` are where it stands, when one has to be chosen."""

    def __init__(self, why: str, places: tuple[Place, ...] = ()) -> None:
        super().__init__(why)
        self.places = places


class TextRefused(Refused):
    """A text can't be kept, or composed; `output` is None when it is all of them."""

    def __init__(self, output: Output | None, why: str) -> None:
        super().__init__(why)
        self.output = output


class AuditRefused(Refused):
    """The audit said no to what came of the corrections: `verdicts` are the rules that failed, with their evidence."""

    def __init__(self, verdicts: tuple[Verdict, ...], texts: Mapping[Output, str]) -> None:
        super().__init__("The audit refused it: " + "; ".join(f"{each.rule_id} on {each.output}" for each in verdicts))
        self.verdicts = verdicts
        self.texts = texts


def storable(text: str) -> str:
    """Return `text`; raise ValueError when it holds what no database keeps."""
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("It holds a character that can't be stored.")
    return text
