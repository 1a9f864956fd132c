"""Storing a brief: items, reasons and the rendered document in one transaction, with a constant number of reads."""

from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from django.db import transaction

from briefs.assembly import Assembly, assemble, render
from briefs.candidates import candidates_since
from briefs.models import BriefExclusion, DailyBrief, DailyBriefItem

# Rows a statement: SQLite takes at most 32,766 parameters.
BATCH_ROWS = 500


class EmptyBrief(Exception):
    """The brief would be empty, and would take the place of one that is not."""


@transaction.atomic
def assemble_and_store(*, cutoff_time: datetime, now: datetime, allow_empty: bool, trace_id: str) -> DailyBrief:
    """Assemble the brief of the stories since `cutoff_time` and make it the current one.

    Raises:
        EmptyBrief: no story qualifies, the current brief has some, and `allow_empty` is not set.
    """
    assembly = assemble(candidates_since(cutoff_time), cutoff_time=cutoff_time)
    current = DailyBrief.objects.select_for_update().filter(is_current=True).first()
    if current and current.total_stories and not assembly.total_stories and not allow_empty:
        raise EmptyBrief(f"no story since {cutoff_time:%Y-%m-%d %H:%M} UTC qualifies; the brief before stays")
    # Not only `current`: while we waited for its lock, somebody else may have stored a newer one.
    DailyBrief.objects.filter(is_current=True).update(is_current=False)
    brief_id = uuid4()
    brief = DailyBrief.objects.create(
        id=brief_id,
        brief_date=now.date(),
        cutoff_time=cutoff_time,
        assembled_at=now,
        is_current=True,
        total_stories=assembly.total_stories,
        section_count=assembly.section_count,
        trace_id=trace_id,
        rendered=render(
            assembly,
            brief_id=brief_id,
            brief_date=now.date().isoformat(),
            cutoff_time=cutoff_time,
            assembled_at=now,
        ),
    )
    _store_rows(brief, assembly)
    return brief


def _store_rows(brief: DailyBrief, assembly: Assembly) -> None:
    items = [
        DailyBriefItem(
            brief=brief,
            story_id=story.story_id,
            neutralized_id=cast(UUID, story.neutralized_id),
            section=section.category,
            section_order=section.category.order,
            position=position,
            feed_title=story.feed_title,
            feed_summary=story.feed_summary,
            source_name=story.source_name,
            original_url=story.source_url,
            published_at=story.time,
            has_manipulative_content=story.has_manipulative_content,
        )
        for section in assembly.sections
        for position, story in enumerate(section.stories)
    ]
    DailyBriefItem.objects.bulk_create(items, batch_size=BATCH_ROWS)
    BriefExclusion.objects.bulk_create(
        [
            BriefExclusion(brief=brief, story_id=e.story_id, reason=e.reason, detail=e.detail)
            for e in assembly.exclusions
        ],
        batch_size=BATCH_ROWS,
    )
