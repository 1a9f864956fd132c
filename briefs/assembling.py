"""Storing a brief: items, reasons and the rendered document in one transaction, with a constant number of reads.

Briefs are made one after another, whoever makes them, and whatever one is made from is read when its turn has come: so
the last one stored has all that was known, and an editor's correction is never lost to a run that began before it.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from briefs.assembly import Assembly, assemble, render
from briefs.candidates import candidates_between
from briefs.models import BriefExclusion, DailyBrief, DailyBriefItem
from ingestion.models import StoryRaw
from ntrl.stages.locks import hold_until_commit

# Rows a statement: SQLite takes at most 32,766 parameters.
BATCH_ROWS = 500
_LOCK = "briefs.current"


class EmptyBrief(Exception):
    """The brief would be empty, and would take the place of one that is not."""


@transaction.atomic
def assemble_and_store(*, cutoff_time: datetime, now: datetime, allow_empty: bool, trace_id: str) -> DailyBrief:
    """Assemble the brief of the stories since `cutoff_time` and make it the current one.

    Raises:
        EmptyBrief: no story qualifies, the current brief has some, and `allow_empty` is not set.
    """
    hold_until_commit(_LOCK)
    draft = DailyBrief(
        brief_date=now.date(), cutoff_time=cutoff_time, stories_until=now, assembled_at=now, trace_id=trace_id
    )
    assembly = _assemble(draft)
    may_be_empty = allow_empty or not DailyBrief.objects.filter(is_current=True, total_stories__gt=0).exists()
    if not assembly.total_stories and not may_be_empty:
        raise EmptyBrief(f"no story since {cutoff_time:%Y-%m-%d %H:%M} UTC qualifies; the brief before stays")
    return _make_current(draft, assembly)


@transaction.atomic
def assemble_anew(*, story_id: UUID, now: datetime) -> DailyBrief | None:
    """Make the current brief again as what it is, when `story_id` is of its time; returns None when it is not.

    The new one keeps the old one's day, trace id and times (cutoff, and the end of what it gathered), so that nothing
    but what was corrected changes: no news comes in, and a correction after midnight makes no brief of the new day.
    It may be empty. Earlier briefs stay as they were read.
    """
    hold_until_commit(_LOCK)
    old = DailyBrief.objects.filter(is_current=True).defer("rendered").first()
    if old is None or not _is_of_its_time(old, story_id):
        return None
    draft = DailyBrief(
        brief_date=old.brief_date,
        cutoff_time=old.cutoff_time,
        stories_until=old.stories_until,
        assembled_at=now,
        trace_id=old.trace_id,
    )
    return _make_current(draft, _assemble(draft))


def _is_of_its_time(brief: DailyBrief, story_id: UUID) -> bool:
    times = (brief.cutoff_time, brief.stories_until)
    return StoryRaw.objects.filter(id=story_id, published_at__gte=times[0], ingested_at__range=times).exists()


def _assemble(draft: DailyBrief) -> Assembly:
    return assemble(candidates_between(draft.cutoff_time, draft.stories_until), cutoff_time=draft.cutoff_time)


def _make_current(draft: DailyBrief, assembly: Assembly) -> DailyBrief:
    draft.total_stories, draft.section_count = assembly.total_stories, assembly.section_count
    draft.rendered = render(
        assembly,
        brief_id=draft.id,
        brief_date=draft.brief_date.isoformat(),
        cutoff_time=draft.cutoff_time,
        assembled_at=draft.assembled_at,
    )
    draft.is_current = True
    DailyBrief.objects.filter(is_current=True).update(is_current=False)
    draft.save(force_insert=True)
    _store_rows(draft, assembly)
    return draft


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
