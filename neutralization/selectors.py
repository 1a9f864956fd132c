"""What the desk reads of a story's versions: the one to correct, its parts as values, its body, and who made which."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from ingestion.models import StoryBody
from neutralization.models import StoryNeutralized
from neutralization.rebuilding import Basis
from neutralization.redline import Redline
from neutralization.taxonomy import Action, Category
from neutralization.types import Edit, Mode, Output, Outputs, Span
from ntrl.bodies import BodyError, BodyMissing, BodyUnavailable, get_body


@dataclass(frozen=True, slots=True)
class Body:
    """The article's text that a version was made from; `text` is None when it can't be had, and `problem` says why."""

    text: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A version, and what was done by whom when an editor made it or showed it again; "" for a run's."""

    version: StoryNeutralized
    record: str


def version_to_correct(story_id: UUID) -> StoryNeutralized | None:
    """The version that readers are shown, else the last one with texts, else the last; None when there is none."""
    versions = StoryNeutralized.objects.filter(story_id=story_id).select_related("story__source").order_by("-version")
    return versions.filter(is_current=True).first() or versions.exclude(detail_full="").first() or versions.first()


def body_of(version: StoryNeutralized) -> Body:
    """Read the body that a version was made from, which need not be the story's newest. One query."""
    body = StoryBody.objects.filter(story_id=version.story_id, version=version.body_version).first()
    if body is None:
        return Body(None, "No text of the article was ever stored.")
    if body.expired_at is not None:
        return Body(None, f"The article's text is no longer kept: it was removed on {body.expired_at:%d %B %Y}.")
    try:
        return Body(get_body(body.uri, body.content_hash))
    except BodyMissing:
        return Body(None, "The article's text is gone from storage.")
    except BodyUnavailable:
        return Body(None, "The article's text can't be read just now: the storage can't be reached. Try again later.")
    except BodyError:
        return Body(None, "The article's stored text is damaged.")


def basis_of(version: StoryNeutralized, body: str | None) -> Basis:
    """A version's parts as values, for rebuilding. Two queries."""
    outputs = Outputs(**{name.value: getattr(version, name) for name in Output})
    written = frozenset(Output(name) for name in version.written_outputs)
    redline = Redline.from_rows(version.redline) if version.redline is not None else None
    return Basis(body, spans_of(version), edits_of(version), outputs, written, Mode(version.mode), redline)


def spans_of(version: StoryNeutralized) -> tuple[Span, ...]:
    """A version's accepted phrases. One query."""
    return tuple(
        Span(
            row.start,
            row.end,
            row.original_text,
            Category(row.category),
            Action(row.action),
            row.replacement_text,
            row.rule_key,
        )
        for row in version.spans.order_by("position")
    )


def edits_of(version: StoryNeutralized) -> tuple[Edit, ...]:
    """A version's edits. One query."""
    rows = version.edits.order_by("position").values_list("start", "end", "replacement", "span__position")
    return tuple(Edit(*row) for row in rows)


def history_of(story_id: UUID) -> list[HistoryLine]:
    """All versions of a story, the last one first. Three queries."""
    versions = list(
        StoryNeutralized.objects.filter(story_id=story_id)
        .defer("detail_full", "detail_brief", "redline")
        .order_by("-version")
    )
    kind = ContentType.objects.get_for_model(StoryNeutralized)
    entries = LogEntry.objects.filter(content_type=kind, object_id__in=[str(version.pk) for version in versions])
    records: dict[str, list[str]] = {}
    for entry in entries.select_related("user").order_by("action_time", "pk"):
        when = f"{entry.action_time:%d %B %Y, %H:%M} UTC"
        records.setdefault(str(entry.object_id), []).append(f"{entry.user}, {when}: {entry.change_message}")
    return [HistoryLine(version, "\n".join(records.get(str(version.pk), []))) for version in versions]
