"""What clients read of stories: the versions that are shown, one of them with all its parts, and how it was changed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ingestion.models import StoryBody
from neutralization.models import StoryNeutralized
from neutralization.originals import OriginalText, original_text
from neutralization.redline import Redline
from neutralization.selectors import spans_of
from neutralization.types import Span

# What a list needs not read.
_LONG_TEXTS = ("detail_brief", "detail_full", "redline", "rule_hashes", "written_outputs")
# What an answer about a story depends on besides its version, which is never changed.
_KEY = (
    "pk",
    "created_at",
    "section",
    "story__source__name",
    "story__source__slug",
    "story__original_url",
    "story__original_title",
    "story__original_description",
    "story__published_at",
    "body_expired_at",
)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """Tells two answers about a story apart without reading them; of equal ones nothing differs."""

    etag: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Transparency:
    """A shown version with its spans and differences, and the text that it was made from."""

    version: StoryNeutralized
    spans: tuple[Span, ...]
    redline: Redline | None
    original: OriginalText


def shown_versions() -> QuerySet[StoryNeutralized]:
    """The versions that readers are shown, with `published_at` and `section` ("" when its story is not filed)."""
    return _with_story(StoryNeutralized.objects.filter(is_current=True))


def listed_versions() -> QuerySet[StoryNeutralized]:
    """Of those what a list or a search offers: no story twice because two sources have it."""
    return shown_versions().filter(story__is_duplicate=False)


def last_versions() -> QuerySet[StoryNeutralized]:
    """The last version of every story, also those that are not shown, with the same."""
    newer = StoryNeutralized.objects.filter(story=OuterRef("story"), version__gt=OuterRef("version"))
    return _with_story(StoryNeutralized.objects.filter(~Exists(newer)))


def without_long_texts(versions: QuerySet[StoryNeutralized]) -> QuerySet[StoryNeutralized]:
    """Leave out what a list does not show."""
    return versions.defer(*_LONG_TEXTS)


def shown_key(story_id: UUID) -> ShownKey | None:
    """The key of a story's shown version; None when it has none. One query."""
    body = StoryBody.objects.filter(story=OuterRef("story"), version=OuterRef("body_version"))
    versions = shown_versions().filter(story=story_id)
    row = versions.annotate(body_expired_at=Subquery(body.values("expired_at")[:1])).values(*_KEY).first()
    if row is None:
        return None
    times = [row["created_at"], row["body_expired_at"]]
    etag = hashlib.sha256("\0".join(map(str, row.values())).encode()).hexdigest()[:32]
    return ShownKey(etag, max(time for time in times if time is not None))


def shown_version(story_id: UUID) -> StoryNeutralized | None:
    """The version of a story that readers are shown; None when there is none. One query."""
    return shown_versions().filter(story=story_id).first()


def transparency(version: StoryNeutralized) -> Transparency:
    """What was changed, and the text it was changed from. Two queries, and the storage once."""
    redline = None if version.redline is None else Redline.from_rows(version.redline)
    return Transparency(version, spans_of(version), redline, original_text(version))


def _with_story(versions: QuerySet[StoryNeutralized]) -> QuerySet[Any]:
    return versions.select_related("story__source").annotate(
        published_at=F("story__published_at"),
        section=Coalesce(F("story__classification__feed_category"), Value("")),
    )
