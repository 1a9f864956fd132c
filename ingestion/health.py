"""How a source fares: what a success, a 304 or a failure makes of its health, in words that an editor reads.

Nothing but the values passed in decides; the clock is the caller's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

# A failing feed is asked again after this long, doubling with each failure up to the longest.
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# Doubling stops to matter long before this, and a huge power would overflow.
_DOUBLINGS = 10

# Of the whole reason: what an editor reads in one look, however much is odd about a feed.
REASON_MAX_CHARS = 1_000
# Of one note, or of what a server or a parser said: hostile feeds put pages there.
NOTE_MAX_CHARS = 250

# "Gone": the only answer that says that asking again is pointless (RFC 9110, 15.5.11).
_GONE = "http_410"
_STATUS = re.compile(r"http_(\d{3})")
_WORDS = {
    "timeout": "The server took too long",
    "deadline": "Reading the feed took too long",
    "dns_failure": "The host's name could not be looked up",
    "connection_failed": "The server could not be reached",
    "host_busy": "Too many requests to this host were waiting",
    "host_waiting": "The host has asked us to wait",
    "redirected_to_gone": "The address redirects, for now, to one that is gone",
    "blocked_address": "The address leads into a network that is not public",
    "too_large": "The document is too large",
    "too_many_redirects": "The address redirects too often",
    "redirect_loop": "The address redirects in a circle",
    "bad_url": "The address, or one that it redirects to, cannot be used",
    "bad_response": "The server's reply is broken",
    "empty_document": "The document is empty",
    "html_instead_of_feed": "A web page came in place of the feed",
    "not_a_feed": "The document is no feed",
    "OperationalError": "NTRL's database was busy",
    "bug": "Reading the feed ended in a bug of NTRL's",
}


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a source. `next_attempt_at` is None when it is due; `is_active` turns False only here."""

    consecutive_failures: int = 0
    next_attempt_at: datetime | None = None
    reason: str = ""
    is_active: bool = True


def succeeded(notes: Iterable[str] = ()) -> Health:
    """Return the health after a feed was read; `notes` say what was odd about it, or what was left out."""
    return Health(reason=_join(notes))


def unchanged(before: Health) -> Health:
    """Return the health after a 304: what was odd about the feed still is, but a failure is over."""
    return Health(reason="" if before.consecutive_failures else before.reason)


def failed(
    before: Health,
    code: str,
    detail: str,
    *,
    now: datetime,
    asked_seconds: float | None = None,
    was_asked: bool = True,
) -> Health:
    """Return the health after a feed could not be read.

    Args:
        before: the health until now.
        code: what went wrong, as the errors of ingestion and the runner name it.
        detail: the same in a sentence or less, "" for nothing to add.
        now: when.
        asked_seconds: how long the server asked us to wait, when it did.
        was_asked: False when we did not even ask; that is no failure of the feed.

    Returns:
        One failure more, if it is one; the next attempt, never earlier than the one that was set before, nor than
        asked (up to `LONGEST_WAIT`); the reason. A feed that is gone for good switches its source off.
    """
    failures = before.consecutive_failures + was_asked
    due = now + _wait(failures, asked_seconds)
    if before.next_attempt_at is not None:
        due = max(due, before.next_attempt_at)
    after = replace(before, consecutive_failures=failures, next_attempt_at=due)
    what = explain(code, detail)
    if code == _GONE:
        off = f"{what}: this feed is closed for good, so the source was switched off on {now.astimezone(UTC):%Y-%m-%d}"
        rest = "What it announced before is still fetched. If it has moved, correct its address and switch it on."
        return replace(after, is_active=False, reason=f"{off}. {rest}")
    in_a_row = f"; {failures} failures in a row" if failures > 1 else ""
    return replace(after, reason=f"{what}{in_a_row}; next try after {due.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


def explain(code: str, detail: str = "") -> str:
    """Say what went wrong, for people: "The server said 503 (service unavailable)"."""
    status = _STATUS.fullmatch(code)
    if status:
        words, detail = f"The server said {status[1]}", detail or _phrase(int(status[1]))
    else:
        words = _WORDS.get(code) or code.replace("_", " ").capitalize()
    detail = _clean(detail)
    return words if not detail or detail.lower() == words.lower() else f"{words} ({detail})"


def _wait(failures: int, asked_seconds: float | None) -> timedelta:
    wait = FIRST_WAIT * (1 << min(max(failures - 1, 0), _DOUBLINGS))
    if asked_seconds is not None:
        wait = max(wait, timedelta(seconds=min(asked_seconds, LONGEST_WAIT.total_seconds())))
    return min(wait, LONGEST_WAIT)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return ""


def _join(notes: Iterable[str]) -> str:
    """Join notes; those beyond the room there is are counted."""
    kept: list[str] = []
    cleaned = [note for note in map(_clean, notes) if note]
    for at, note in enumerate(cleaned):
        rest = f"and {len(cleaned) - at} more"
        if len("; ".join([*kept, note, rest])) > REASON_MAX_CHARS:
            return "; ".join([*kept, rest])
        kept.append(note)
    return "; ".join(kept)


def _clean(text: str) -> str:
    """Return text as one short line that every database takes and that reads as it is written (no bidi overrides)."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * NOTE_MAX_CHARS]).split())
    return line if len(line) <= NOTE_MAX_CHARS else line[: NOTE_MAX_CHARS - 1] + "…"
