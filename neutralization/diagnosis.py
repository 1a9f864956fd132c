"""What is known of one story's neutralization, and what looks wrong with it, for whoever looks into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ingestion.models import StoryRaw
from neutralization.by_model.legibility import is_garbled
from neutralization.models import AuditVerdict, Status, StoryNeutralized
from neutralization.originals import OriginalState, OriginalText, original_text
from neutralization.selectors import spans_of, version_to_correct
from neutralization.types import Mode, Span

# The audit's floor: less of the body's length only what spans removed explains.
_SHORTEST_SHARE = 0.6
_BODY_STATES = {
    OriginalState.GONE: "the article's text is gone",
    OriginalState.DAMAGED: "the article's stored text is damaged",
    OriginalState.UNREACHABLE: "the article's text can't be read just now: the storage can't be reached",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A story, the version to look at (the one that is shown, else the last), and everything about it.

    `is_readable` says whether the full text can be read at all; None when there is none.
    """

    story: StoryRaw
    version: StoryNeutralized | None
    original: OriginalText
    spans: tuple[Span, ...]
    verdicts: tuple[AuditVerdict, ...]
    is_readable: bool | None
    issues: tuple[str, ...]


def diagnose(story_id: UUID) -> Diagnosis | None:
    """Look at a story; None when there is none. Six queries, and the storage once."""
    story = StoryRaw.objects.filter(pk=story_id).select_related("source").first()
    if story is None:
        return None
    version = version_to_correct(story_id)
    if version is None:
        issues = ("it has not been neutralized", *_issues_of_story(story))
        return Diagnosis(story, None, OriginalText(state=OriginalState.GONE), (), (), None, issues)
    original = original_text(version)
    verdicts = tuple(version.verdicts.order_by("output", "rule_id"))
    is_readable = not is_garbled(version.detail_full, original.text) if version.detail_full else None
    issues = (
        *_issues_of_story(story),
        *_issues_of_version(version, original),
        *(f"audit: {row.rule_id} failed on {row.output}" for row in verdicts if not row.passed),
        *(["the full text can't be read"] if is_readable is False else []),
    )
    return Diagnosis(story, version, original, spans_of(version), verdicts, is_readable, issues)


def _issues_of_story(story: StoryRaw) -> Iterator[str]:
    if story.is_duplicate:
        yield f"it is a duplicate of {story.duplicate_of_id}"
    if story.body_failure_reason:
        yield f"its text could not be had: {story.body_failure_reason}"
    if story.body_is_truncated:
        yield f"its text is cut off: {story.body_truncation_reason}"


def _issues_of_version(version: StoryNeutralized, original: OriginalText) -> Iterator[str]:
    if version.status != Status.SUCCESS:
        yield f"{version.status}: {version.failure_reason}"
    if not version.is_current:
        yield "no version of it is shown"
    if version.body_version != version.story.body_version:
        yield f"made from version {version.body_version} of its text, of {version.story.body_version}"
    if original.state in _BODY_STATES:
        yield _BODY_STATES[original.state]
    if version.unattributed_changes:
        yield f"{version.unattributed_changes} changes that no phrase explains"
    is_short = len(version.detail_full) < _SHORTEST_SHARE * len(original.text)
    if is_short and version.mode == Mode.SPAN_GUIDED:
        yield f"the full text has {len(version.detail_full)} of the article's {len(original.text)} characters"
