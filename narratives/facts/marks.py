"""The worker's own marks: a row a stream and kind, in the default database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from narratives.facts.models import EnrichmentMark, Kind
from narratives.facts.watermarks import Progress


def marks_of(bot: str, users: Collection[str] | None = None) -> dict[str, EnrichmentMark]:
    """A bot's marks by user, those of some users or of all; one query."""
    rows = EnrichmentMark.objects.filter(bot=bot, kind=Kind.FACTS)
    return {mark.user_id: mark for mark in (rows if users is None else rows.filter(user_id__in=users))}


def pin(bot: str, begun: Mapping[str, Progress], now: datetime) -> None:
    """Note where streams begin that have no mark yet.

    Else the beginning of the look-back would move on with the clock, past messages that wait or failed.
    """
    rows = [
        EnrichmentMark(bot=bot, user_id=user, kind=Kind.FACTS, updated_at=now, **_fields(progress))
        for user, progress in begun.items()
    ]
    EnrichmentMark.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def is_at(bot: str, user: str, progress: Progress) -> bool:
    """Whether the row still stands where it was read."""
    mark = EnrichmentMark.objects.filter(bot=bot, user_id=user, kind=Kind.FACTS).first()
    return mark is not None and mark.progress == progress


def move(bot: str, user: str, progress: Progress, *, stream_version: str, now: datetime) -> None:
    """Write how far a stream has been read."""
    EnrichmentMark.objects.filter(bot=bot, user_id=user, kind=Kind.FACTS).update(
        **_fields(progress), stream_version=stream_version, updated_at=now
    )


def note_versions(bot: str, versions: Mapping[str, str]) -> None:
    """Note that streams hold nothing new as they are now."""
    for user, version in versions.items():
        EnrichmentMark.objects.filter(bot=bot, user_id=user, kind=Kind.FACTS).update(stream_version=version)


def _fields(progress: Progress) -> dict[str, datetime | str | Sequence[Sequence[str]]]:
    return {
        "at": progress.mark.at,
        "message_id": progress.mark.message_id,
        "since": progress.since.at,
        "since_id": progress.since.message_id,
        "recent": [[each.at.isoformat(), each.message_id] for each in progress.recent],
    }
