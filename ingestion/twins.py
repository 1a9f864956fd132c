"""Keeping duplicates true: which stored stories are one article, and which of them is its original."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from ingestion.duplicates import SAME_TITLE_WINDOW, Contender, original_of
from ingestion.models import BodyBand, StoryBody, StoryRaw
from ingestion.near_duplicates import (
    SAME_ADDRESS_SIMILARITY,
    SAME_TEXT_SIMILARITY,
    SAME_TEXT_WINDOW,
    band_keys,
    similarity,
)
from ntrl.stages.compiled import Parameter, Statement
from ntrl.stages.locks import hold_until_commit

# Bodies compared with one, originals first. More share a band only where thousands repeat one text, and then these do.
MAX_CANDIDATES = 200

_STORY = Parameter("story", StoryRaw, "id")
_WINDOW = (Parameter("since", StoryRaw, "published_at"), Parameter("until", StoryRaw, "published_at"))


@dataclass(frozen=True, slots=True)
class Text:
    """What two bodies are compared by."""

    signature: bytes
    language: str


def settle(story: StoryRaw, texts: Sequence[Text] | None = None) -> int:
    """Find the stories that `story`, just saved with its body, is the same article as, and point all at one original.

    Stories are the same by title, by text, or by canonical address if their texts agree with it; whatever is the same
    as the same is the same. Of those that readers do not know yet, the outcome is one for any order of arrival. Needs a
    transaction; the number of queries is fixed.

    Args:
        story: the story.
        texts: those of all its bodies, where they are known; else they are read.

    Returns:
        How many stories became duplicates by it.
    """
    hold_duplicates()
    twins = twins_of(story, texts)
    if not twins and not story.is_duplicate:
        return 0
    contenders = _contenders({story.id, *twins, *filter(None, [story.duplicate_of_id])})
    original = original_of(contenders).story_id
    doubles = [one.story_id for one in contenders if one.story_id != original and not one.is_shown]
    StoryRaw.objects.filter(id=original, is_duplicate=True).update(is_duplicate=False, duplicate_of=None)
    StoryRaw.objects.filter(duplicate_of__in=doubles).update(duplicate_of=original)
    StoryRaw.objects.filter(id__in=doubles).update(is_duplicate=True, duplicate_of=original)
    was_duplicate = story.is_duplicate
    story.refresh_from_db(fields=["is_duplicate", "duplicate_of"])
    return len(doubles) - (was_duplicate and story.id in doubles)


def hold_duplicates() -> None:
    """Let no other process settle duplicates until the transaction ends: each of two twins must see the other."""
    hold_until_commit("ingestion.duplicates")


def texts_of(story: StoryRaw) -> list[Text]:
    """Read the texts of all bodies of a story."""
    rows = StoryBody.objects.filter(story=story).values_list("signature", "language")
    return [Text(bytes(signature), language) for signature, language in rows]


def near_duplicates_of(story: StoryRaw, texts: Sequence[Text]) -> list[UUID]:
    """Name the stories with a body that has nearly the text of one of this story's bodies. One query.

    Older versions count on both sides: what was one article stays one.
    """
    keys = {key for text in texts for key in band_keys(text.signature, text.language)}
    if not keys:
        return []
    found = _sharing_a_band(len(keys), MAX_CANDIDATES).rows(
        story=story.id, **_window(story, SAME_TEXT_WINDOW), **_numbered("key", keys)
    )
    return _alike(texts, found, SAME_TEXT_SIMILARITY)


def same_address_of(story: StoryRaw, texts: Sequence[Text]) -> list[UUID]:
    """Name the stories whose page names this one's address, or the same one as its page, and whose text agrees."""
    if not any(text.signature for text in texts):
        return []
    found = _of_one_address(bool(story.canonical_url_hash)).rows(
        story=story.id, url=story.url_hash, canonical=story.canonical_url_hash
    )
    return _alike(texts, found, SAME_ADDRESS_SIMILARITY)


def _alike(texts: Sequence[Text], found: Iterable[tuple[Any, ...]], least: float) -> list[UUID]:
    """Of (story id, language, signature), name the stories at least so similar to one of the texts."""
    return [
        story_id
        for story_id, language, signature in found
        if any(text.language == language and similarity(text.signature, bytes(signature)) >= least for text in texts)
    ]


def twins_of(story: StoryRaw, texts: Sequence[Text] | None = None) -> set[UUID]:
    """Name the originals of the stories that are the same article as this one. Four queries at most, all by index."""
    texts = texts_of(story) if texts is None else texts
    near = {*near_duplicates_of(story, texts), *same_address_of(story, texts)}
    if not near and not story.title_hash:
        return set()
    originals = _originals(len(near), bool(story.title_hash)).rows(
        story=story.id,
        title=story.title_hash,
        **_window(story, SAME_TITLE_WINDOW),
        **_numbered("near", near),
    )
    return {original for (original,) in originals} - {story.id}


@lru_cache(maxsize=20)
def _sharing_a_band(keys: int, at_most: int) -> Statement:
    """Read the bodies of other stories that have one of so many keys within a time."""
    names = [Parameter(f"key_{number}", BodyBand, "key") for number in range(keys)]

    def build() -> QuerySet[StoryBody, tuple[UUID, str, bytes | memoryview]]:
        sharing = BodyBand.objects.filter(key__in=names, published_at__range=_WINDOW)
        candidates = StoryBody.objects.filter(id__in=sharing.values("body_id")).exclude(story_id=_STORY)
        rows = candidates.order_by("story__is_duplicate", "story_id", "version")
        return rows.values_list("story_id", "language", "signature")[:at_most]

    return Statement(build)


@lru_cache(maxsize=2)
def _of_one_address(has_canonical: bool) -> Statement:
    """Read the bodies of other stories whose address, or their page's word for it, is this one's."""

    def build() -> QuerySet[StoryBody, tuple[UUID, str, bytes | memoryview]]:
        same = Q(canonical_url_hash=Parameter("url", StoryRaw, "canonical_url_hash"))
        if has_canonical:
            canonical = Parameter("canonical", StoryRaw, "canonical_url_hash")
            same |= Q(url_hash=canonical) | Q(canonical_url_hash=canonical)
        bodies = StoryBody.objects.filter(story__in=StoryRaw.objects.filter(same)).exclude(story_id=_STORY)
        rows = bodies.order_by("story__is_duplicate", "story_id", "version")
        return rows.values_list("story_id", "language", "signature")[:MAX_CANDIDATES]

    return Statement(build)


@lru_cache(maxsize=50)
def _originals(near: int, has_title: bool) -> Statement:
    """Read the originals of the stories that are one with a story by title, or by name of so many."""
    names = [Parameter(f"near_{number}", StoryRaw, "id") for number in range(near)]

    def build() -> QuerySet[StoryRaw, tuple[UUID]]:
        same = Q(id__in=names)
        if has_title:
            same |= Q(title_hash=Parameter("title", StoryRaw, "title_hash"), published_at__range=_WINDOW)
        others = StoryRaw.objects.filter(same, body_version__gte=1).exclude(id=_STORY)
        return others.order_by().values_list(Coalesce("duplicate_of_id", "id"))

    return Statement(build)


def _window(story: StoryRaw, around: timedelta) -> dict[str, datetime]:
    return {"since": story.published_at - around, "until": story.published_at + around}


def _numbered(name: str, values: Iterable[object]) -> dict[str, object]:
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def _contenders(story_ids: Iterable[UUID]) -> list[Contender]:
    # What readers know is the business of a later stage; its rows are read here, by their relation, never written.
    shown = StoryRaw.objects.filter(id=OuterRef("id"), neutralizations__is_current=True)
    rows = StoryRaw.objects.filter(id__in=story_ids).annotate(is_shown=Exists(shown))
    fields = rows.values_list("id", "source__priority", "published_at", "body_is_truncated", "is_shown")
    return [Contender(*row) for row in fields]
