"""Marks as values: where a stream goes on, what is enough, and that no failure or arrival loses a message."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from narratives.facts.messages import TICK, Mark, Message, as_written, id_key, read_time
from narratives.facts.watermarks import (
    CHUNK_MESSAGES,
    LOOK_BACK,
    MOST_RECENT,
    OVERLAP,
    Progress,
    advanced,
    chunks,
    is_enough,
    safe_time,
    start,
)
from tests.support.facts import OCTOBER, ListMessages, message_id, spoken

NOW = datetime(2025, 10, 19, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=400)


def test_ids_go_by_number_then_by_text() -> None:
    ids = ["10", message_id("x"), "", "0a", "2"]
    assert sorted(ids, key=id_key) == ["", "2", "10", *sorted(["0a", message_id("x")])]
    assert id_key("²")[0] == 2
    assert id_key("9" * 400)[0] == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-10-18T23:23:30.655569", datetime(2025, 10, 18, 23, 23, 30, 655569, tzinfo=UTC)),
        ("2025-10-18T23:23:30Z", datetime(2025, 10, 18, 23, 23, 30, tzinfo=UTC)),
        ("2025-10-19T01:23:30+02:00", datetime(2025, 10, 18, 23, 23, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1760829810.6, None),
    ],
)
def test_times_are_read_as_utc(text: object, expected: datetime | None) -> None:
    assert read_time(text) == expected
    assert expected is None or read_time(as_written(expected)) == expected


def test_where_a_stream_goes_on() -> None:
    own = Progress.at(Mark(OCTOBER, "7"))
    assert start(None, None, NOW).mark == Mark(NOW - LOOK_BACK)
    assert start(None, OCTOBER, NOW).mark == Mark(OCTOBER + TICK)
    assert start(own, None, NOW) == start(own, OCTOBER, NOW) == start(own, OCTOBER - TICK, NOW) == own
    assert start(own, OCTOBER + TICK, NOW).mark == Mark(OCTOBER + 2 * TICK)


@pytest.mark.parametrize("gap", [1, 20])
def test_a_kill_between_facts_and_mark_leaves_the_overlap(gap: int) -> None:
    said = [spoken(n, OCTOBER + timedelta(minutes=gap * n)) for n in range(20)]
    own = advanced(Progress.at(Mark(OCTOBER - TICK)), said[:10])
    late = spoken(100, said[-1].at - timedelta(minutes=3, seconds=1))
    progress = start(own, safe_time(said, None), NOW)
    assert progress.mark == Mark.behind_all_of(said[-1].at)
    store = ListMessages({("elena", "a"): [*said, late]})
    read = list(store.after("elena", "a", progress.since, until=LATER, known=progress.known))
    assert late in read
    assert not own.known & {message.mark for message in read}, "what the own mark knows is not read again"
    assert all(message.at > said[-1].at - OVERLAP - TICK for message in read)
    assert advanced(progress, read).mark == progress.mark
    assert late.mark in advanced(progress, read).known


@pytest.mark.parametrize(("number", "hours", "enough"), [(0, 99, False), (4, 23.9, False), (4, 24, True), (5, 0, True)])
def test_what_is_enough(number: int, hours: float, enough: bool) -> None:
    assert is_enough([spoken(n, NOW - timedelta(hours=hours)) for n in range(number)], NOW) == enough


def test_the_safe_time_leaves_out_a_time_that_goes_on() -> None:
    done = [spoken(1, OCTOBER), spoken(2, OCTOBER)]
    assert safe_time(done, None) == safe_time(done, spoken(3, OCTOBER + TICK)) == OCTOBER
    assert safe_time(done, spoken(3, OCTOBER)) == OCTOBER - TICK


def test_what_is_remembered_is_bounded_in_time_and_number() -> None:
    far = [spoken(n, OCTOBER + timedelta(minutes=n)) for n in range(100)]
    progress = advanced(Progress.at(Mark(OCTOBER - TICK)), far)
    assert progress.since == Mark(far[-1].at - OVERLAP)
    assert [each.message_id for each in progress.recent] == [str(n) for n in range(84, 100)]
    near = [spoken(n, OCTOBER) for n in range(MOST_RECENT + 10)]
    progress = advanced(Progress.at(Mark(OCTOBER - TICK)), near)
    assert (len(progress.recent), progress.since.message_id) == (MOST_RECENT, "9")


@hypothesis_settings(max_examples=60)
@given(
    times=st.lists(st.integers(0, 30), min_size=1, max_size=120),
    failures=st.lists(st.booleans(), max_size=12),
    waves=st.lists(st.integers(0, 119), max_size=4),
    turn=st.integers(1, 60),
)
def test_nothing_is_lost_or_read_twice(times: list[int], failures: list[bool], waves: list[int], turn: int) -> None:
    everything = [spoken(n, OCTOBER + timedelta(minutes=each)) for n, each in enumerate(sorted(times), start=1)]
    pending, progress, seen = iter(failures), start(None, OCTOBER - TICK, NOW), list[str]()
    for end in [*sorted(waves), *[len(everything)] * (len(failures) + len(everything) + 1)]:
        store = ListMessages({("elena", "a"): everything[:end]}, page=7)
        read = list(store.after("elena", "a", progress.since, until=LATER, known=progress.known))[:turn]
        done = _done(chunks(read), pending)
        seen += [message.id for message in done]
        if done:
            progress = advanced(progress, done)
        assert {message.id for message in everything if message.mark.key <= progress.mark.key} <= set(seen)
    assert sorted(seen, key=int) == [message.id for message in everything]


def _done(parts: Sequence[Sequence[Message]], failures: Iterator[bool]) -> list[Message]:
    done: list[Message] = []
    for part in parts:
        assert len(part) <= CHUNK_MESSAGES
        if next(failures, False):
            break
        done += part
    return done


@hypothesis_settings(max_examples=25)
@given(late=st.lists(st.integers(1, 14), max_size=8, unique=True))
def test_late_ones_within_the_overlap_are_read_once(late: list[int]) -> None:
    first = [spoken(n, OCTOBER + timedelta(minutes=n)) for n in range(40)]
    progress = advanced(Progress.at(Mark(OCTOBER - TICK)), first)
    came = [spoken(100 + n, first[-1].at - timedelta(minutes=n, seconds=1)) for n in late]
    store = ListMessages({("elena", "a"): [*first, *came]})
    for expected in (sorted(message.id for message in came), []):
        read = list(store.after("elena", "a", progress.since, until=LATER, known=progress.known))
        assert sorted(message.id for message in read) == expected
        progress = advanced(progress, read)
    assert progress.mark == first[-1].mark
