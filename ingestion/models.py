"""Where news comes from (`Source`), what feeds announced (`FeedEntry`), articles in our system (`StoryRaw`)."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# The priority of a source that nobody ranked; 1 is best.
UNRANKED_PRIORITY = 99


class Source(models.Model):
    """A feed and its publisher's name.

    Health: a success clears `consecutive_failures` and `health_reason`; a failure counts up, says why and sets
    `next_attempt_at`. `is_active` turns False only together with a `health_reason`, or by an editor. `closed_at`
    says that it was the publisher who closed the feed: what was announced before is fetched nevertheless.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    rss_url = models.URLField(max_length=2000, unique=True)
    homepage_url = models.URLField(max_length=2000, blank=True)
    home_country = models.CharField(
        max_length=2,
        blank=True,
        help_text="ISO 3166 code of the country whose news is home news here: us, gb, …",
    )
    default_section = models.CharField(max_length=32, blank=True, help_text="Kept for the client; never used.")
    priority = models.PositiveSmallIntegerField(default=UNRANKED_PRIORITY, help_text="1 is best.")
    is_active = models.BooleanField(default=True)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    consecutive_failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    health_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When its publisher said that the feed is gone.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "slug"]

    def __str__(self) -> str:
        return self.name


class EntryState(models.TextChoices):
    """How an announced article stands: to be fetched, or known to be another one's double."""

    PENDING = "pending"
    DUPLICATE = "duplicate"


class FeedEntry(models.Model):
    """An article that a feed has announced and that is not stored yet: the inbox of the `articles` stage.

    A stored article whose feed says that it has changed comes back as an entry with `is_update`, and without a
    `title_hash`: it keeps no other one out, and no other one it.
    All entries of a reply are written in one transaction with the feed's validators, so that neither a cap nor a kill
    hides one behind a 304. Transitions: pending -> (row deleted: stored as StoryRaw) | duplicate.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="entries")
    story_id = models.UUIDField()
    url = models.TextField()
    url_hash = models.CharField(max_length=64)
    title = models.TextField(blank=True)
    title_hash = models.CharField(max_length=64)
    description = models.TextField(blank=True)
    author = models.TextField(blank=True)
    entry_id = models.TextField(blank=True)
    published_at = models.DateTimeField()
    feed_updated_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.PENDING)
    duplicate_of = models.UUIDField(null=True, blank=True)
    is_update = models.BooleanField(default=False, help_text="A stored article whose feed says that it has changed.")

    class Meta:
        verbose_name_plural = "feed entries"
        constraints = [
            models.UniqueConstraint(fields=["source", "story_id"], name="feed_entry_unique_story"),
            models.CheckConstraint(condition=Q(state__in=EntryState.values), name="feed_entry_state"),
        ]
        indexes = [
            models.Index(fields=["state", "source", "-published_at"], name="feed_entry_inbox"),
            models.Index(fields=["story_id"], name="feed_entry_story"),
            models.Index(fields=["title_hash", "published_at"], name="feed_entry_title"),
        ]

    def __str__(self) -> str:
        return self.title or self.url


class StoryRaw(models.Model):
    """An article in our system. `id` is *the* story id everywhere; it is uuid5 of `url_hash`.

    The feed's title and description are kept for audit and duplicates, never as an input of neutralization.
    `raw_content_*`, `body_*` and `language` describe the current body version; `StoryBody` has every version.
    `duplicate_of` names an original, never another duplicate.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="stories")
    original_url = models.TextField()
    original_title = models.TextField(blank=True)
    original_description = models.TextField(blank=True)
    original_author = models.TextField(blank=True)
    url_hash = models.CharField(max_length=64, unique=True)
    canonical_url_hash = models.CharField(max_length=64, blank=True, db_index=True)
    title_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_index=True)
    feed_updated_at = models.DateTimeField(null=True, blank=True)
    ingested_at = models.DateTimeField(default=timezone.now)
    is_duplicate = models.BooleanField(default=False)
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates"
    )
    raw_content_uri = models.CharField(max_length=200, blank=True)
    raw_content_hash = models.CharField(max_length=64, blank=True)
    raw_content_available = models.BooleanField(default=False)
    raw_content_encoding = models.CharField(max_length=10, default="gzip")
    body_version = models.PositiveIntegerField(default=0)
    body_length = models.PositiveIntegerField(default=0, help_text="Characters.")
    body_extractor = models.CharField(max_length=40, blank=True)
    body_is_truncated = models.BooleanField(default=False)
    body_truncation_reason = models.CharField(max_length=40, blank=True)
    body_read_at = models.DateTimeField(null=True, blank=True, help_text="When its page was last read.")
    body_fruitless_reads = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row its page was read again for nothing."
    )
    body_failure_reason = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)

    class Meta:
        verbose_name = "story"
        verbose_name_plural = "stories"
        constraints = [
            models.CheckConstraint(
                condition=Q(raw_content_available=False) | (~Q(raw_content_uri="") & Q(body_version__gte=1)),
                name="story_body_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | Q(is_duplicate=True),
                name="story_duplicate_is_marked",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                name="story_not_its_own_double",
            ),
        ]
        indexes = [
            models.Index(fields=["-ingested_at", "id"], name="story_newest"),
            models.Index(fields=["title_hash", "published_at"], name="story_title"),
        ]

    def __str__(self) -> str:
        return self.original_title or self.original_url


class StoryBody(models.Model):
    """One version of a story's body. Version 1 is the first text we read; only `expired_at` is ever changed.

    `signature` is its MinHash (`ingestion.near_duplicates`), empty for a body that takes no part in finding duplicates.
    """

    story = models.ForeignKey(StoryRaw, on_delete=models.CASCADE, related_name="bodies")
    version = models.PositiveIntegerField()
    uri = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    length = models.PositiveIntegerField(help_text="Characters.")
    extractor = models.CharField(max_length=40)
    is_truncated = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True)
    signature = models.BinaryField(default=bytes, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "story bodies"
        constraints = [
            models.UniqueConstraint(fields=["story", "version"], name="story_body_unique_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="story_body_version"),
        ]

    def __str__(self) -> str:
        return self.uri


class BodyBand(models.Model):
    """A band of a body's signature: bodies that share a `key` may be near duplicates.

    `published_at` is the story's, so that the index alone leaves out what was published too long before or after.
    """

    body = models.ForeignKey(StoryBody, on_delete=models.CASCADE, related_name="bands")
    key = models.BigIntegerField()
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "published_at"], name="body_band_key")]

    def __str__(self) -> str:
        return f"{self.body_id}: {self.key}"
