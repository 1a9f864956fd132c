"""Adding a version of a story's body: the only place that writes bodies' rows and makes one current."""

from dataclasses import dataclass
from datetime import datetime

from ingestion.models import BodyBand, StoryBody, StoryRaw
from ingestion.near_duplicates import band_keys
from ntrl.bodies import StoredBody


@dataclass(frozen=True, slots=True)
class Page:
    """What became of an article's page: its body, stored already as `version`, and what was learnt on the way.

    `signature` is empty for a text that is too short or cut off to be compared with others.
    """

    body: StoredBody
    version: int
    extractor: str
    truncation_reason: str
    language: str
    canonical_url_hash: str
    signature: bytes


def add_version(story: StoryRaw, page: Page, *, now: datetime, is_new: bool = False) -> None:
    """Write a version with the bands of its signature, and make it the current one of its story.

    The story's row is written too: of a new one for the first time.
    """
    story.canonical_url_hash = page.canonical_url_hash
    story.raw_content_uri, story.raw_content_hash = page.body.key, page.body.content_hash
    story.raw_content_available, story.body_version, story.body_length = True, page.version, page.body.length
    story.body_extractor, story.language = page.extractor, page.language
    story.body_is_truncated = bool(page.truncation_reason)
    story.body_truncation_reason = page.truncation_reason
    story.body_failure_reason, story.body_fruitless_reads, story.body_read_at = "", 0, now
    story.save(force_insert=is_new)
    body = StoryBody.objects.create(
        story=story,
        version=page.version,
        uri=page.body.key,
        content_hash=page.body.content_hash,
        length=page.body.length,
        extractor=page.extractor,
        is_truncated=bool(page.truncation_reason),
        language=page.language,
        signature=page.signature,
    )
    BodyBand.objects.bulk_create(
        BodyBand(body_id=body.pk, key=key, published_at=story.published_at)
        for key in band_keys(page.signature, page.language)
    )
