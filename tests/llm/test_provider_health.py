"""Who is asked now: rests, trials, waits, and who is out."""

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.health import FAILURES_BEFORE_REST, FIRST_REST_SECONDS, LONGEST_REST_SECONDS, Health
from ntrl.llm.types import ProviderName
from tests.support.llm import FakeTime

OPENAI, GEMINI = ProviderName.OPENAI, ProviderName.GEMINI


def failure(seconds: float | None = None) -> CallFailed:
    return CallFailed("http_500", Remedy.REPEAT, retry_after_seconds=seconds)


def may_begin(health: Health) -> bool:
    try:
        health.begin(OPENAI, "m")
    except CallFailed:
        return False
    return True


def test_a_rest_ends_with_one_trial_and_doubles_when_it_fails() -> None:
    time = FakeTime()
    health = Health(time.clock)
    for _ in range(FAILURES_BEFORE_REST):
        assert may_begin(health)
        health.failed(OPENAI, failure())
    assert not may_begin(health)
    time.now += FIRST_REST_SECONDS
    assert [may_begin(health), may_begin(health)] == [True, False]
    health.failed(OPENAI, failure())
    time.now += FIRST_REST_SECONDS
    assert not may_begin(health)
    time.now += FIRST_REST_SECONDS
    assert may_begin(health)
    health.succeeded(OPENAI)
    assert [may_begin(health), may_begin(health)] == [True, True]


def test_no_rest_is_longer_than_the_longest() -> None:
    time = FakeTime()
    health = Health(time.clock)
    for _ in range(100):
        time.now += LONGEST_REST_SECONDS
        assert may_begin(health)
        health.failed(OPENAI, failure())


def test_calls_that_fail_while_it_rests_make_no_rest_longer() -> None:
    time = FakeTime()
    health = Health(time.clock)
    for _ in range(FAILURES_BEFORE_REST + 4):  # five workers, all in flight
        health.failed(OPENAI, failure())
    time.now += FIRST_REST_SECONDS
    assert may_begin(health)


def test_the_second_rest_is_twice_the_first_whatever_was_under_way_when_that_began() -> None:
    time = FakeTime()
    health = Health(time.clock)
    for _ in range(2 * FAILURES_BEFORE_REST):  # five stories, each with two calls in flight
        assert may_begin(health)
    for _ in range(2 * FAILURES_BEFORE_REST - 1):
        health.failed(OPENAI, failure())
    time.now += FIRST_REST_SECONDS
    health.failed(OPENAI, failure())  # the last of them hung for longer than the rest
    assert [may_begin(health), may_begin(health)] == [True, False]
    health.failed(OPENAI, failure())
    time.now += 2 * FIRST_REST_SECONDS - 1
    assert not may_begin(health)
    time.now += 1
    assert may_begin(health)
    health.failed(OPENAI, failure())
    time.now += 4 * FIRST_REST_SECONDS - 1
    assert not may_begin(health)
    time.now += 1
    assert may_begin(health)


def test_a_success_forgives_what_was_before() -> None:
    health = Health(FakeTime().clock)
    for _ in range(50):
        for _ in range(FAILURES_BEFORE_REST - 1):
            health.failed(OPENAI, failure())
        health.succeeded(OPENAI)
    assert may_begin(health)


def test_the_longest_wish_counts() -> None:
    time = FakeTime()
    health = Health(time.clock)
    health.failed(OPENAI, failure(10))
    health.failed(OPENAI, failure(3))
    assert health.wait_seconds(OPENAI, "m") == 10
    assert health.wait_seconds(GEMINI, "m") == 0
    time.now += 10
    assert health.wait_seconds(OPENAI, "m") == 0


def test_who_is_out_is_out() -> None:
    health = Health(FakeTime().clock)
    assert health.take_out(OPENAI, "a")
    assert not health.take_out(OPENAI, "a")
    assert may_begin(health)
    assert health.take_out(OPENAI)
    assert not health.take_out(OPENAI, "b")
    assert not health.take_out(OPENAI, "b", "classify")
    assert not may_begin(health)
