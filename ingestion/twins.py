"""Keeping duplicates true: which stored stories are one article, and which of them is its original."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from ingestion.duplicates import SAME_TITLE_WINDOW, Contender, original_of
from ingestion.models import BodyBand, StoryBody, StoryRaw
from ingestion.near_duplicates import SAME_TEXT_SIMILARITY, SAME_TEXT_WINDOW, band_keys, similarity
from ntrl.stages.locks import hold_until_commit

# Bodies compared with one, originals first. More share a band only where thousands repeat one text, and then these do.
MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Text:
    """What two bodies are compared by."""

    signature: bytes
    language: str


def settle(story: StoryRaw, texts: Sequence[Text] | None = None) -> int:
    """Find the stories that `story`, just saved with its body, is the same article as, and point all at one original.

    Stories are the same by title, canonical address or text; whatever is the same as the same is the same. Of those
    that readers do not know yet, the outcome is one for any order of arrival. Needs a transaction; the number of
    queries is fixed.

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
    window = (story.published_at - SAME_TEXT_WINDOW, story.published_at + SAME_TEXT_WINDOW)
    sharing = BodyBand.objects.filter(key__in=keys, published_at__range=window)
    candidates = StoryBody.objects.filter(id__in=sharing.values("body_id")).exclude(story=story)
    rows = candidates.order_by("story__is_duplicate", "story_id", "version")
    found = rows.values_list("story_id", "language", "signature")[:MAX_CANDIDATES]
    return [story_id for story_id, language, signature in found if _is_same(texts, Text(bytes(signature), language))]


def _is_same(texts: Iterable[Text], other: Text) -> bool:
    return any(
        text.language == other.language and similarity(text.signature, other.signature) >= SAME_TEXT_SIMILARITY
        for text in texts
    )


def twins_of(story: StoryRaw, texts: Sequence[Text] | None = None) -> set[UUID]:
    """Name the originals of the stories that are the same article as this one. Three queries at most, all by index."""
    texts = texts_of(story) if texts is None else texts
    same = Q(canonical_url_hash=story.url_hash) | Q(id__in=near_duplicates_of(story, texts))
    if story.title_hash:
        window = (story.published_at - SAME_TITLE_WINDOW, story.published_at + SAME_TITLE_WINDOW)
        same |= Q(title_hash=story.title_hash, published_at__range=window)
    if story.canonical_url_hash:
        same |= Q(url_hash=story.canonical_url_hash) | Q(canonical_url_hash=story.canonical_url_hash)
    others = StoryRaw.objects.filter(same, body_version__gte=1).exclude(id=story.id)
    return set(others.order_by().values_list(Coalesce("duplicate_of_id", "id"), flat=True)) - {story.id}


def _contenders(story_ids: Iterable[UUID]) -> list[Contender]:
    # What readers know is the business of a later stage; its rows are read here, by their relation, never written.
    shown = StoryRaw.objects.filter(id=OuterRef("id"), neutralizations__is_current=True)
    rows = StoryRaw.objects.filter(id__in=story_ids).annotate(is_shown=Exists(shown))
    fields = rows.values_list("id", "source__priority", "published_at", "body_is_truncated", "is_shown")
    return [Contender(*row) for row in fields]
