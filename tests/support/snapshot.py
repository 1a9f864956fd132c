"""What the pipeline has made, without the times and ids that differ from run to run."""

from typing import Any

from django.db.models import Count

from briefs.models import DailyBrief
from ingestion.models import FeedEntry, StoryRaw
from neutralization.models import StoryNeutralized
from ntrl.bodies import get_body
from ntrl.stages.models import LogStatus, PipelineLog


def snapshot() -> dict[str, Any]:
    """Everything that must not depend on how the work was interrupted."""
    stories = StoryRaw.objects.select_related("classification").order_by("id")
    brief = DailyBrief.objects.filter(is_current=True).first()
    return {
        "stories": {str(story.id): _story(story) for story in stories},
        "inbox": sorted(FeedEntry.objects.values_list("url", "source__slug", "state", "duplicate_of")),
        "brief": [
            [section["name"], [_without_time(story) for story in section["stories"]]]
            for section in (brief.rendered["sections"] if brief else [])
        ],
    }


def done_twice() -> list[Any]:
    """Items that a stage completed more than once."""
    completed = PipelineLog.objects.filter(status=LogStatus.COMPLETED, story_raw_id__isnull=False)
    rows = completed.values("stage", "story_raw_id").annotate(times=Count("pk")).filter(times__gt=1)
    return list(rows)


def _story(story: StoryRaw) -> dict[str, Any]:
    filed = getattr(story, "classification", None)
    return {
        "url": story.original_url,
        "body": get_body(story.raw_content_uri, story.raw_content_hash) if story.raw_content_available else None,
        "body_failure": story.body_failure_reason,
        "truncated": story.body_is_truncated,
        "language": story.language,
        "duplicate_of": str(story.duplicate_of_id),
        "class": [filed.status, filed.domain, filed.feed_category, filed.tags] if filed else None,
        "versions": [_version(row) for row in story.neutralizations.order_by("version")],
    }


def _version(row: StoryNeutralized) -> dict[str, Any]:
    return {
        "version": row.version,
        "status": row.status,
        "reason": row.failure_reason,
        "texts": [row.feed_title, row.feed_summary, row.detail_title, row.detail_brief, row.detail_full],
        "spans": list(
            row.spans.order_by("position").values_list("start", "end", "original_text", "category", "action")
        ),
        "edits": list(row.edits.order_by("position").values_list("start", "end", "replacement")),
        "verdicts": sorted(row.verdicts.values_list("output", "rule_id", "passed")),
    }


def _without_time(story: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in story.items() if name != "published_at"}
