"""Taking, keeping and giving back items, so that several processes run one stage without doing an item twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import F, Q
from django.db.models.functions import Greatest

from ntrl.stages.compiled import Parameter, Statement, delete, insert_one
from ntrl.stages.models import Claim, FailureKind
from ntrl.stages.owner import Owner
from ntrl.stages.stage import Failure

# A process on another host that has not been heard of for this long is taken for dead.
DEAD_ELSEWHERE = timedelta(seconds=30)
# An item that was in hand when its process died so often is taken for the cause, and left alone until the next release.
MAX_DEATHS = 10
# Failed items taken up again in one run; the rest waits for the next.
DUE_KEYS_AT_ONCE = 1000


_CLOSE = Statement(
    lambda: delete(Claim.objects.filter(pk=Parameter("pk", Claim, "id"), token=Parameter("token", Claim, "token")))
)


def owner_is_gone(owner: str, heartbeat_at: datetime | None, now: datetime) -> bool:
    """True when the process that `owner` names is dead: known for sure on this host, elsewhere by its silence."""
    try:
        process = Owner.parse(owner)
    except ValueError:
        return True
    if process.is_here:
        return process.is_dead_here()
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


def refused_keys(
    stage: str, wanted: Mapping[str, str], *, now: datetime, code_version: str, force: bool = False
) -> list[str]:
    """Name those of the wanted items (key to input hash) that could not be taken now; one query."""
    return [
        claim.item_key
        for claim in Claim.objects.filter(stage=stage, item_key__in=list(wanted))
        if not may_claim(claim, now=now, input_hash=wanted[claim.item_key], code_version=code_version, force=force)
    ]


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

    The row is written by an insert or a compare-and-swap on its token, either of which only one process can win. What
    it says of the last failure stays until the next one, so that an owner's death does not hide that the item is due.
    """
    held = {"owner": owner, "until": now + lease, "heartbeat_at": now}
    first = Claim(stage=stage, item_key=item_key, input_hash=input_hash, code_version=code_version, attempts=1, **held)
    if insert_one(first, unless_there=True):
        return first
    claim = Claim.objects.filter(stage=stage, item_key=item_key).first()
    if claim is None:  # somebody has just done it
        return None
    if not may_claim(claim, now=now, input_hash=input_hash, code_version=code_version, force=force):
        return None
    fresh = force or claim.input_hash != input_hash
    if claim.owner and not fresh and claim.attempts >= MAX_DEATHS:
        reason = f"its process died {claim.attempts} times while it was in hand"
        release(
            claim,
            Failure(FailureKind.BUG, "process_died", reason, claim.attempts, None),
            input_hash=input_hash,
            code_version=code_version,
        )
        return None
    attempts = 1 if fresh else claim.attempts + 1
    won = Claim.objects.filter(pk=claim.pk, token=claim.token).update(**held, token=uuid4(), attempts=attempts)
    return Claim.objects.get(pk=claim.pk) if won else None


def close(claim: Claim) -> bool:
    """Delete a claim whose item is done; False when it has been lost to somebody else."""
    return bool(_CLOSE.run(pk=claim.pk, token=claim.token))


def release(claim: Claim, failure: Failure, *, input_hash: str, code_version: str) -> bool:
    """Keep a claim as the record of a failure; False when it has been lost to somebody else."""
    return bool(
        Claim.objects.filter(pk=claim.pk, token=claim.token).update(
            owner="",
            until=None,
            heartbeat_at=None,
            attempts=failure.attempt,
            failure_kind=failure.kind,
            reason=f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason,
            next_attempt_at=failure.retry_at,
            input_hash=input_hash,
            code_version=code_version,
        )
    )


def put_back(tokens: list[UUID]) -> None:
    """Undo the taking of items that were not begun (the run is stopping); the record of an earlier failure stays."""
    Claim.objects.filter(token__in=tokens, failure_kind="").delete()
    Claim.objects.filter(token__in=tokens).update(
        owner="", until=None, heartbeat_at=None, attempts=Greatest(F("attempts") - 1, 0)
    )


def is_last_holder(claim: Claim) -> bool:
    """Say whether nobody has taken the item since, nor finished it."""
    return Claim.objects.filter(pk=claim.pk, token=claim.token).exists()


def beat(owner: str, now: datetime) -> None:
    """Say that `owner` lives."""
    Claim.objects.filter(owner=owner).update(heartbeat_at=now)


def due_keys(stage: str, *, now: datetime, code_version: str) -> list[str]:
    """Name the items of a stage that failed and are due again: their wait is over, or the code has changed."""
    waited = Q(failure_kind=FailureKind.RETRY, next_attempt_at__lte=now)
    mended = Q(failure_kind=FailureKind.BUG) & ~Q(code_version=code_version)
    rows = Claim.objects.filter(waited | mended, stage=stage).order_by("next_attempt_at", "pk")
    return list(rows.values_list("item_key", flat=True)[:DUE_KEYS_AT_ONCE])
