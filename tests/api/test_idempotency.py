"""Under one Idempotency-Key one run and the same answer; another body, or the same at once, is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from briefs.models import DailyBrief
from ntrl.rest.access import Scope
from ntrl.rest.idempotency import SILENT_AT_MOST
from ntrl.rest.keys import create_key
from ntrl.rest.models import IdempotentRequest
from ntrl.stages.models import StageRun
from ntrl.stages.owner import Owner, this_host, this_process

pytestmark = pytest.mark.django_db

PATH = "/v1/brief/run"


def post(client: Client, key: str, body: str = '{"allow_empty": true}', path: str = PATH) -> Any:
    return client.generic("POST", path, body, "application/json", headers={"Idempotency-Key": key})


def test_one_run_and_the_same_answer(keyed: Client) -> None:
    first, again = post(keyed, "k"), post(keyed, "k")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert not first.has_header("Idempotency-Replayed")
    assert DailyBrief.objects.count() == 1
    assert post(keyed, "k2").content != first.content
    assert DailyBrief.objects.count() == 2


def test_without_a_key_each_request_runs(keyed: Client) -> None:
    for _ in range(2):
        keyed.post(PATH, {"allow_empty": True}, "application/json")
    assert DailyBrief.objects.count() == 2
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize(("body", "path"), [("{}", PATH), ('{"allow_empty": true}', "/v1/classify/run")])
def test_another_request_under_the_same_key(keyed: Client, body: str, path: str) -> None:
    post(keyed, "k")
    response = post(keyed, "k", body, path)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_keys_of_two_callers_are_two(keyed: Client) -> None:
    _, other = create_key(name="other", scopes=[Scope.RUN])
    post(keyed, "k")
    assert not post(Client(headers={"X-API-Key": other}), "k").has_header("Idempotency-Replayed")


@pytest.mark.parametrize("key", ["", "é", "k" * 256, "a\tb"])
def test_what_is_no_key(keyed: Client, key: str) -> None:
    assert post(keyed, key).status_code == 422


def test_what_was_refused_may_be_tried_again(keyed: Client) -> None:
    post(keyed, "first")
    DailyBrief.objects.update(total_stories=1)
    # An empty brief may not take the place of one that is not.
    assert post(keyed, "k", "{}").status_code == 409
    DailyBrief.objects.update(total_stories=0)
    assert post(keyed, "k", "{}").status_code == 200


def in_work(owner: Owner, age: timedelta = timedelta()) -> None:
    """Say of the request that has been answered that it is still in work."""
    created_at = timezone.now() - age
    IdempotentRequest.objects.update(status=None, body="", owner=str(owner), created_at=created_at)


def test_the_same_request_at_once(keyed: Client) -> None:
    first = post(keyed, "k").json()
    in_work(this_process())
    response = post(keyed, "k")
    assert response.status_code == 409
    assert "in work" in response.json()["detail"]
    # The run's: whoever asks again can look for it.
    assert response.json()["trace_id"] == first["trace_id"]
    assert DailyBrief.objects.count() == 1


@pytest.mark.parametrize(
    ("owner", "age", "runs"),
    [
        (Owner(this_host(), 2**22 + 1, 0.0), timedelta(), 2),
        (Owner("elsewhere", 1, 0.0), timedelta(), 1),
        (Owner("elsewhere", 1, 0.0), SILENT_AT_MOST + timedelta(seconds=1), 2),
    ],
)
def test_a_request_whose_process_died_is_done_again(keyed: Client, owner: Owner, age: timedelta, runs: int) -> None:
    post(keyed, "k")
    in_work(owner, age)
    StageRun.objects.update(heartbeat_at=timezone.now() - age)
    assert post(keyed, "k").status_code == (200 if runs == 2 else 409)
    assert DailyBrief.objects.count() == runs


def test_a_run_elsewhere_that_shows_life_is_not_begun_again(keyed: Client) -> None:
    trace_id = post(keyed, "k").json()["trace_id"]
    in_work(Owner("elsewhere", 1, 0.0), SILENT_AT_MOST * 20)
    StageRun.objects.filter(trace_id=trace_id).update(heartbeat_at=timezone.now())
    assert post(keyed, "k").status_code == 409
    StageRun.objects.update(heartbeat_at=timezone.now() - SILENT_AT_MOST - timedelta(seconds=1))
    assert post(keyed, "k").status_code == 200


def test_after_a_day_a_key_is_new(keyed: Client) -> None:
    post(keyed, "k")
    IdempotentRequest.objects.update(expires_at=timezone.now())
    assert not post(keyed, "k").has_header("Idempotency-Replayed")
    assert IdempotentRequest.objects.count() == 1


def test_bodies_beyond_measure_are_not_hashed(keyed: Client) -> None:
    assert post(keyed, "k", " " * 1_000_001).status_code == 413
