"""Taking, keeping and giving back items, so that several processes run one stage without doing an item twice."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q

from ntrl.stages.models import Claim, FailureKind
from ntrl.stages.owner import Owner
from ntrl.stages.stage import Failure

# A process on another host that has not been heard of for this long is taken for dead.
DEAD_ELSEWHERE = timedelta(seconds=30)
# The first wait before another try; it doubles with each failed attempt, up to the longest.
FIRST_RETRY_WAIT = timedelta(minutes=5)
LONGEST_RETRY_WAIT = timedelta(hours=12)
# Failed items taken up again in one run; the rest waits for the next.
DUE_KEYS_AT_ONCE = 1000


def owner_is_gone(owner: str, heartbeat_at: datetime | None, now: datetime) -> bool:
    """True when the process that `owner` names is dead: surely so on this host, else by its silence."""
    try:
        if Owner.parse(owner).is_dead_here():
            return True
    except ValueError:
        return True
    return heartbeat_at is None or now - heartbeat_at > DEAD_ELSEWHERE


def is_held(claim: Claim, now: datetime) -> bool:
    """True when somebody who lives has the item in hand and the lease still runs."""
    if not claim.owner or claim.until is None or claim.until <= now:
        return False
    return not owner_is_gone(claim.owner, claim.heartbeat_at, now)


def may_claim(claim: Claim, *, now: datetime, input_hash: str, code_version: str, force: bool) -> bool:
    """Decide whether an item that has a claim row may be taken.

    A failed item is due again when its wait is over (retry), when its input changed, or (bug) when the code did.
    """
    if is_held(claim, now):
        return False
    if force or not claim.failure_kind or claim.input_hash != input_hash:
        return True
    if claim.failure_kind == FailureKind.RETRY:
        return claim.next_attempt_at is None or claim.next_attempt_at <= now
    return claim.failure_kind == FailureKind.BUG and claim.code_version != code_version


def take(
    *,
    stage: str,
    item_key: str,
    input_hash: str,
    code_version: str,
    owner: str,
    lease: timedelta,
    now: datetime,
    force: bool = False,
) -> Claim | None:
    """Claim one item; None when somebody else has it, or it failed and is not due.

    The row is written by an insert or a compare-and-swap on its token, either of which only one process can win.
    """
    held = {"owner": owner, "until": now + lease, "heartbeat_at": now, "code_version": code_version}
    claim = Claim.objects.filter(stage=stage, item_key=item_key).first()
    if claim is None:
        try:
            with transaction.atomic():
                return Claim.objects.create(stage=stage, item_key=item_key, input_hash=input_hash, attempts=1, **held)
        except IntegrityError:
            return None
    if not may_claim(claim, now=now, input_hash=input_hash, code_version=code_version, force=force):
        return None
    fresh = force or claim.input_hash != input_hash
    changes = {
        **held,
        "token": uuid4(),
        "attempts": 1 if fresh else claim.attempts + 1,
        "input_hash": input_hash,
        "failure_kind": "",
        "reason": "",
        "next_attempt_at": None,
    }
    won = Claim.objects.filter(pk=claim.pk, token=claim.token).update(**changes)
    return Claim.objects.get(pk=claim.pk) if won else None


def close(claim: Claim) -> bool:
    """Delete a claim whose item is done; False when it has been lost to somebody else."""
    return bool(Claim.objects.filter(pk=claim.pk, token=claim.token).delete()[0])


def release(claim: Claim, failure: Failure) -> bool:
    """Keep a claim as the record of a failure; False when it has been lost to somebody else."""
    return bool(
        Claim.objects.filter(pk=claim.pk, token=claim.token).update(
            owner="",
            until=None,
            heartbeat_at=None,
            failure_kind=failure.kind,
            reason=f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason,
            next_attempt_at=failure.retry_at,
        )
    )


def put_back(tokens: list[UUID]) -> None:
    """Forget claims of items that were taken and not begun (the run is stopping)."""
    Claim.objects.filter(token__in=tokens).delete()


def beat(owner: str, now: datetime) -> None:
    """Say that `owner` lives."""
    Claim.objects.filter(owner=owner).update(heartbeat_at=now)


def judge(
    kind: FailureKind,
    reason: str,
    detail: str,
    *,
    attempt: int,
    max_attempts: int,
    now: datetime,
    not_before: datetime | None = None,
) -> Failure:
    """Turn one failed attempt into a Failure: a retry with its time, or quarantine when tries are used up."""
    if kind != FailureKind.RETRY:
        return Failure(kind, reason, detail, attempt, None)
    if attempt >= max_attempts:
        return Failure(FailureKind.QUARANTINE, reason, f"{detail} (gave up after {attempt} attempts)", attempt, None)
    wait = min(FIRST_RETRY_WAIT * 2 ** (attempt - 1), LONGEST_RETRY_WAIT)
    return Failure(kind, reason, detail, attempt, max(now + wait, not_before or now))


def due_keys(stage: str, *, now: datetime, code_version: str) -> list[str]:
    """Name the items of a stage that failed and are due again: their wait is over, or the code has changed."""
    waited = Q(failure_kind=FailureKind.RETRY, next_attempt_at__lte=now)
    mended = Q(failure_kind=FailureKind.BUG) & ~Q(code_version=code_version)
    rows = Claim.objects.filter(waited | mended, stage=stage).order_by("next_attempt_at", "pk")
    return list(rows.values_list("item_key", flat=True)[:DUE_KEYS_AT_ONCE])
