"""Narratives of another system as its documents hold them, read with care: any field may be missing or odd. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from narratives.entities import fold_name
from narratives.fingerprints import MAX_ACTIONS, MAX_ACTORS, MAX_CHARS, clean_focus

TITLE_MAX_CHARS = 300
SUMMARY_MAX_CHARS = 8_000
ID_MAX_CHARS = 200
# Days of a timeline that are kept, the last ones; more than any page draws.
MOST_DAYS = 400
# The largest count that any database's integer holds.
MOST_ARTICLES = 2**31 - 1


class BadDocument(Exception):
    """A document that is no narrative; `reason` says why in a few words."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Imported:
    """What is taken over. `snapshot` is what the other system counted, of articles that are not ours."""

    key: str
    nucleus_entity: str
    narrative_focus: str
    summary: str
    top_actors: tuple[str, ...]
    key_actions: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    snapshot: Mapping[str, Any]


def read_document(document: Mapping[str, Any]) -> Imported:
    """Read a document of the collection of narratives, as the ticket of the backfill describes it.

    Raises:
        BadDocument: it has no id, names nobody, or no date.
    """
    key = "" if document.get("_id") is None else str(document["_id"]).replace("\0", "")[:ID_MAX_CHARS]
    if not key:
        raise BadDocument("(no id)", "it has no _id")
    fingerprint = document.get("fingerprint")
    read = fingerprint if isinstance(fingerprint, Mapping) else {}
    entities = _phrases(document.get("entities"))
    nuclei = [*_phrases([document.get("nucleus_entity"), read.get("nucleus_entity")]), *entities]
    if not nuclei:
        raise BadDocument(key, "it names no entity (nucleus_entity, entities)")
    first = _first_date(document, "first_detected_at", "first_seen", "last_updated")
    if first is None:
        raise BadDocument(key, "it has no date (first_detected_at, first_seen, last_updated)")
    timeline = _timeline(document.get("timeline_data"))
    last = _first_date(document, "last_article_at", "last_updated") or first
    focus = _first_text(document.get("narrative_focus"), read.get("narrative_focus"))
    actors = _phrases(read.get("top_actors")) or entities
    return Imported(
        key=key,
        nucleus_entity=nuclei[0],
        narrative_focus=clean_focus(focus)[:ID_MAX_CHARS],
        summary=_text(document.get("summary"))[:SUMMARY_MAX_CHARS],
        top_actors=tuple(name for name in actors if fold_name(name) != fold_name(nuclei[0]))[:MAX_ACTORS],
        key_actions=_phrases(read.get("key_actions"))[:MAX_ACTIONS],
        first_at=first,
        last_at=max(first, last),
        snapshot={
            "title": _text(document.get("title"))[:TITLE_MAX_CHARS],
            "theme": _text(document.get("theme"))[:MAX_CHARS],
            "state": _text(document.get("lifecycle_state"))[:MAX_CHARS],
            "article_count": _count(document.get("article_count")),
            "timeline_data": timeline,
            "first_at": first.isoformat(),
            "last_at": max(first, last).isoformat(),
        },
    )


def _first_text(*values: Any) -> str:
    return next((text for text in map(_text, values) if text), "")


def _text(value: Any) -> str:
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _phrases(value: Any) -> tuple[str, ...]:
    """The names or words of a list, each on one line; what is too long or no text is left out."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return ()
    phrases = dict.fromkeys(" ".join(_text(each).split()) for each in value)
    return tuple(each for each in phrases if fold_name(each) and len(each) <= MAX_CHARS)


def _first_date(document: Mapping[str, Any], *names: str) -> datetime | None:
    dates = (document.get(name) for name in names)
    found = next((each for each in dates if isinstance(each, datetime)), None)
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _count(value: Any) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_ARTICLES
    return int(value) if is_number else 0


def _timeline(value: Any) -> list[dict[str, Any]]:
    """The days that have articles, in order, each once."""
    days: dict[str, int] = {}
    for each in value if isinstance(value, list) else []:
        day, count = (
            (_day(each.get("date")), _count(each.get("article_count"))) if isinstance(each, Mapping) else ("", 0)
        )
        if day and count:
            days[day] = count
    return [{"date": day, "article_count": days[day]} for day in sorted(days)[-MOST_DAYS:]]


def _day(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except (TypeError, ValueError):
        return ""
