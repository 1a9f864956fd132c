"""What an exception says of its item: worth another try and when, hopeless, or a bug of ours."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import OperationalError

from ntrl.stages.errors import ItemError, Quarantined
from ntrl.stages.models import FailureKind
from ntrl.stages.stage import Failure

# The first wait before another try; it doubles with each failed attempt, up to the longest.
FIRST_RETRY_WAIT = timedelta(minutes=5)
LONGEST_RETRY_WAIT = timedelta(hours=12)
# Doubling stops to matter long before this, and a huge power would overflow.
_DOUBLINGS = 20
# Of an exception's words. Some libraries put a whole page into theirs.
DETAIL_MAX_CHARS = 10_000


def judge(error: BaseException, *, attempt: int, max_attempts: int, now: datetime) -> Failure:
    """Turn one failed attempt into a Failure: a retry with its time, or quarantine when tries are used up."""
    failure = _judged(error, attempt=attempt, max_attempts=max_attempts, now=now)
    return replace(failure, is_unanswered=getattr(error, "is_unanswered", False))


def _judged(error: BaseException, *, attempt: int, max_attempts: int, now: datetime) -> Failure:
    kind, reason, detail = _kind(error), type(error).__name__, storable(str(error))
    if isinstance(error, ItemError):
        reason, detail = storable(error.reason), storable(error.detail)
    if kind != FailureKind.RETRY:
        return Failure(kind, reason, detail, attempt, None)
    was_tried = getattr(error, "was_tried", True)
    if not was_tried:
        attempt -= 1
    if was_tried and attempt >= max_attempts:
        return Failure(FailureKind.QUARANTINE, reason, f"{detail} (gave up after {attempt} attempts)", attempt, None)
    wait = min(FIRST_RETRY_WAIT * 2 ** min(max(attempt - 1, 0), _DOUBLINGS), LONGEST_RETRY_WAIT)
    not_before = getattr(error, "not_before", None)
    return Failure(kind, reason, detail, attempt, max(now + wait, not_before or now), was_tried)


def storable(text: str) -> str:
    """Return text as every database takes it: no NUL, no half of a surrogate pair, no more than is read."""
    return text[:DETAIL_MAX_CHARS].replace("\0", "\ufffd").encode(errors="replace").decode()


def _kind(error: BaseException) -> FailureKind:
    """A database that is locked, or ended a deadlock, is no bug: the same item goes through the next time."""
    if isinstance(error, Quarantined):
        return FailureKind.QUARANTINE
    return FailureKind.RETRY if isinstance(error, ItemError | OperationalError) else FailureKind.BUG
