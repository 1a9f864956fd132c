"""Who may take an item, and what taking, giving back and letting go write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ntrl.stages import claims
from ntrl.stages.models import Claim, FailureKind
from ntrl.stages.owner import Owner, this_host, this_process
from ntrl.stages.stage import Failure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)
ME = str(this_process())
DEAD_HERE = str(Owner(this_host(), 2**22 + 1, 1.0))
ELSEWHERE = str(Owner("elsewhere", 1, 1.0))


def take(key: str = "a", **changes: Any) -> Claim | None:
    wanted: dict[str, Any] = {
        "stage": "fake",
        "item_key": key,
        "input_hash": "h",
        "code_version": "1",
        "owner": ME,
        "lease": timedelta(minutes=5),
        "now": NOW,
    }
    return claims.take(**{**wanted, **changes})


def seconds_ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("owner", "heartbeat_at", "gone"),
    [
        ("me", NOW, False),
        ("me", seconds_ago(3600), False),  # alive, however long it is silent
        ("me", None, False),
        ("dead here", NOW, True),  # no waiting for a lease or for silence
        ("elsewhere", NOW, False),
        ("elsewhere", seconds_ago(30), False),
        ("elsewhere", seconds_ago(30.1), True),
        ("elsewhere", None, True),
        ("nonsense", NOW, True),
        ("", NOW, True),
    ],
)
def test_when_an_owner_is_gone(owner: str, heartbeat_at: datetime | None, gone: bool) -> None:
    names = {"me": ME, "dead here": DEAD_HERE, "elsewhere": ELSEWHERE}

    assert claims.owner_is_gone(names.get(owner, owner), heartbeat_at, NOW) is gone


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        # held
        ({"owner": ME, "until": LATER, "heartbeat_at": NOW}, False),
        ({"owner": ME, "until": BEFORE, "heartbeat_at": NOW}, True),
        ({"owner": ME, "until": NOW, "heartbeat_at": NOW}, True),
        ({"owner": DEAD_HERE, "until": LATER, "heartbeat_at": NOW}, True),
        ({"owner": ELSEWHERE, "until": LATER, "heartbeat_at": seconds_ago(29)}, False),
        ({"owner": ELSEWHERE, "until": LATER, "heartbeat_at": seconds_ago(31)}, True),
        # failed
        ({"failure_kind": "retry", "next_attempt_at": LATER}, False),
        ({"failure_kind": "retry", "next_attempt_at": NOW}, True),
        ({"failure_kind": "retry"}, True),
        ({"failure_kind": "retry", "next_attempt_at": LATER, "input_hash": "other"}, True),
        ({"failure_kind": "quarantine"}, False),
        ({"failure_kind": "quarantine", "code_version": "0"}, False),
        ({"failure_kind": "quarantine", "input_hash": "other"}, True),
        ({"failure_kind": "bug"}, False),
        ({"failure_kind": "bug", "code_version": "0"}, True),
        ({"failure_kind": "bug", "input_hash": "other"}, True),
        # failed before, and in hand again
        ({"failure_kind": "retry", "next_attempt_at": BEFORE, "owner": ME, "until": LATER}, False),
        ({"failure_kind": "retry", "next_attempt_at": BEFORE, "owner": DEAD_HERE, "until": LATER}, True),
    ],
)
def test_when_an_item_may_be_taken(fields: dict[str, Any], may: bool) -> None:
    claim = Claim(**{"input_hash": "h", "code_version": "1", **fields})
    asked: dict[str, Any] = {"now": NOW, "input_hash": "h", "code_version": "1"}

    assert claims.may_claim(claim, force=False, **asked) is may
    assert claims.may_claim(claim, force=True, **asked) is not claims.is_held(claim, NOW)


@pytest.mark.django_db
def test_an_item_is_taken_once() -> None:
    first = take()

    assert first is not None
    assert (first.owner, first.until, first.attempts) == (ME, NOW + timedelta(minutes=5), 1)
    assert take() is None
    assert take(force=True) is None
    assert take(stage="other") is not None
    assert take("b") is not None


@pytest.mark.django_db
def test_taking_over_changes_the_token_so_that_the_former_owner_can_write_nothing() -> None:
    former = take(owner=DEAD_HERE)
    assert former is not None
    heir = take()
    assert heir is not None

    assert heir.token != former.token
    assert heir.attempts == 2
    assert not claims.close(former)
    assert not claims.release(former, Failure(FailureKind.BUG, "x", "", 1, None), input_hash="", code_version="")
    assert claims.close(heir)
    assert not Claim.objects.exists()


@pytest.mark.django_db
def test_of_two_that_read_the_same_row_one_wins() -> None:
    take(owner=DEAD_HERE)
    stale = Claim.objects.get()
    assert take() is not None

    lost = Claim.objects.filter(pk=stale.pk, token=stale.token).update(token=uuid4())

    assert lost == 0


@pytest.mark.django_db
def test_letting_go_keeps_the_failure_and_what_it_was_of() -> None:
    claim = take(input_hash="new")
    assert claim is not None

    claims.release(claim, Failure(FailureKind.RETRY, "http_503", "busy", 1, LATER), input_hash="new", code_version="7")

    kept = Claim.objects.get()
    assert (kept.owner, kept.until, kept.heartbeat_at) == ("", None, None)
    assert (kept.failure_kind, kept.reason, kept.next_attempt_at) == ("retry", "http_503: busy", LATER)
    assert (kept.input_hash, kept.code_version, kept.attempts) == ("new", "7", 1)


@pytest.mark.django_db
def test_a_beat_reaches_the_owners_claims_only() -> None:
    take("a")
    take("b", owner=ELSEWHERE)

    claims.beat(ME, LATER)

    assert dict(Claim.objects.values_list("item_key", "heartbeat_at")) == {"a": LATER, "b": NOW}


@pytest.mark.django_db
def test_due_items_are_named_the_longest_due_first_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: dict[str, dict[str, Any]] = {
        "waits": {"failure_kind": "retry", "next_attempt_at": LATER},
        "due": {"failure_kind": "retry", "next_attempt_at": BEFORE},
        "long due": {"failure_kind": "retry", "next_attempt_at": BEFORE - timedelta(1)},
        "hopeless": {"failure_kind": "quarantine"},
        "bug": {"failure_kind": "bug", "code_version": "1"},
        "new": {},
    }
    for key, fields in rows.items():
        Claim.objects.create(stage="fake", item_key=key, **fields)
        Claim.objects.create(stage="other", item_key=key, **fields)

    assert claims.due_keys("fake", now=NOW, code_version="1") == ["long due", "due"]
    assert set(claims.due_keys("fake", now=NOW, code_version="2")) == {"long due", "due", "bug"}
    monkeypatch.setattr(claims, "DUE_KEYS_AT_ONCE", 1)
    assert claims.due_keys("fake", now=NOW, code_version="1") == ["long due"]


@pytest.mark.django_db
def test_an_item_that_kills_its_process_again_and_again_is_left_alone_until_the_next_release() -> None:
    for attempt in range(1, claims.MAX_DEATHS + 1):
        claim = take(owner=DEAD_HERE)
        assert claim is not None
        assert claim.attempts == attempt

    assert take() is None
    row = Claim.objects.get()
    assert (row.failure_kind, row.owner) == (FailureKind.BUG, "")
    assert "died 10 times" in row.reason
    assert take() is None
    assert take(code_version="2") is not None
