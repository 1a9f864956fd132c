"""Sources, the inbox and stories in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from ingestion.models import FeedEntry, Source, StoryBody, StoryRaw
from ingestion.services import ingest
from ingestion.sources import forget_health
from ntrl.bodies import BodyError, BodyMissing, BodyUnavailable, get_body
from ntrl.stages.admin import ReadOnlyAdmin
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions

# Bodies fetched again while the browser waits: with a publisher's slowest pages still a minute or two.
MOST_FETCHED_AGAIN = 10

_HEALTH_FIELDS = (
    "etag",
    "last_modified",
    "last_attempt_at",
    "last_success_at",
    "consecutive_failures",
    "next_attempt_at",
    "health_reason",
    "closed_at",
)


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    """Feeds: an editor adds and corrects them; health is what runs have seen."""

    list_display = ["name", "slug", "is_active", "priority", "last_success_at", "consecutive_failures", "health_reason"]
    list_filter = ["is_active", "home_country"]
    search_fields = ["name", "slug", "rss_url"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = _HEALTH_FIELDS
    fieldsets = [
        (None, {"fields": ["name", "slug", "rss_url", "homepage_url", "home_country", "priority", "is_active"]}),
        ("Health", {"fields": _HEALTH_FIELDS}),
    ]

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        """A source that gets another address, or is switched on, begins anew and is due at once."""
        if "rss_url" in form.changed_data or ("is_active" in form.changed_data and obj.is_active):
            forget_health(obj)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A source with stories is switched off, not deleted."""
        return obj is not None and not obj.stories.exists() and super().has_delete_permission(request, obj)


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin):
    """Announced articles that wait, or were found to be doubles."""

    list_display = ["title", "source", "state", "is_update", "published_at", "duplicate_of"]
    list_filter = ["state", "is_update", "source"]
    list_select_related = ["source"]
    search_fields = ["title", "url"]


class StoryBodyInline(admin.TabularInline[StoryBody, StoryRaw]):
    """The versions of a story's body."""

    model = StoryBody
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "version",
        "uri",
        "length",
        "extractor",
        "is_truncated",
        "language",
        "created_at",
        "expired_at",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only ingestion adds versions."""
        return False


class DuplicateInline(admin.TabularInline[StoryRaw, StoryRaw]):
    """The stories that this one is shown in place of."""

    model = StoryRaw
    fk_name = "duplicate_of"
    verbose_name_plural = "duplicates of this story"
    extra = 0
    can_delete = False
    show_change_link = True
    fields = readonly_fields = ("original_title", "source", "published_at", "original_url")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only ingestion finds them."""
        return False


@admin.register(StoryRaw)
class StoryRawAdmin(ReadOnlyAdmin):
    """Articles as they came."""

    list_display = ["original_title", "source", "published_at", "language", "body_length", "state", "original"]
    list_filter = ["raw_content_available", "is_duplicate", "body_is_truncated", "language", "source"]
    list_select_related = ["source", "duplicate_of__source"]
    search_fields = ["id__exact", "original_title", "original_url"]
    date_hierarchy = "published_at"
    readonly_fields = ["text"]
    inlines = [DuplicateInline, StoryBodyInline]
    actions = ["fetch_again"]

    class Media:
        css = {"all": ["ntrl-admin.css"]}

    def has_fetch_permission(self, request: HttpRequest) -> bool:
        """Whoever may change stories may have their bodies asked for again."""
        return bool(request.user.has_perm("ingestion.change_storyraw"))

    @admin.action(description="Fetch the body again", permissions=["fetch"])
    def fetch_again(self, request: HttpRequest, stories: QuerySet[StoryRaw]) -> None:
        """Ask for the bodies that the chosen stories lack, whatever was said of another try."""
        lacking = list(stories.filter(body_version=0).values_list("id", flat=True)[: MOST_FETCHED_AGAIN + 1])
        if len(lacking) > MOST_FETCHED_AGAIN:
            problem = f"More than {MOST_FETCHED_AGAIN} at once take too long here: python manage.py ingest --force"
            self.message_user(request, problem, messages.ERROR)
            return
        if not lacking:
            self.message_user(request, "None of them lacks a body.", messages.WARNING)
            return
        result = ingest(trace_id=new_trace_id(), options=RunOptions(force=True), story_ids=lacking)
        asked, got = len(lacking), result.total_body_downloaded
        self.message_user(request, f"Asked for {asked}, got {got}.", messages.SUCCESS if got else messages.WARNING)
        for failure in result.reports[-1].failures:
            self.message_user(request, failure, messages.WARNING)

    @admin.display(description="text of the body")
    def text(self, story: StoryRaw) -> str:
        """Show the current version's text as it is stored, or say why that can't be."""
        if not story.raw_content_available:
            return f"There is none: {story.body_failure_reason or 'nobody has read the page yet'}"
        try:
            text = get_body(story.raw_content_uri, story.raw_content_hash)
        except BodyMissing as problem:
            return f"It is gone from storage ({problem})."
        except BodyUnavailable as problem:
            return f"The storage can't be reached now ({problem})."
        except BodyError as problem:
            return f"It is damaged, so it is not shown ({problem})."
        return format_html('<pre class="article-text">{}</pre>', text)

    @admin.display(description="body")
    def state(self, story: StoryRaw) -> str:
        """Say whether there is a body, and if not, why."""
        if not story.raw_content_available:
            return story.body_failure_reason or "none"
        version = f"version {story.body_version}"
        return f"{version}, cut off: {story.body_truncation_reason}" if story.body_is_truncated else version

    @admin.display(description="duplicate of", ordering="duplicate_of")
    def original(self, story: StoryRaw) -> str:
        """Link to the story that is shown in place of this one."""
        original = story.duplicate_of
        if original is None:
            return "-"
        address = reverse("admin:ingestion_storyraw_change", args=[original.pk])
        return format_html('<a href="{}">{} ({})</a>', address, original, original.source)
