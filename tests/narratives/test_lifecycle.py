"""States by counts and times, and what is derived of members."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narratives.lifecycle import Pace, State, comes_back, pace, state
from narratives.timeline import Member, derive

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Pace(0, 0, None), State.DORMANT),
        (Pace(9, 0, ago(days=7)), State.DORMANT),
        (Pace(9, 0, ago(days=6.99)), State.COOLING),
        (Pace(20, 0, ago(days=3)), State.COOLING),
        (Pace(7, 0, ago(days=2.99)), State.HOT),
        (Pace(6, 6, ago(hours=1)), State.HOT),
        (Pace(6, 5, ago(hours=1)), State.RISING),
        (Pace(3, 3, ago(hours=1)), State.RISING),
        (Pace(6, 2, ago(hours=1)), State.EMERGING),
        (Pace(1, 1, NOW), State.EMERGING),
    ],
)
def test_the_first_rule_that_holds_decides(counts: Pace, expected: State) -> None:
    assert state(counts, NOW) is expected


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ([None, None], True),
        ([ago(days=7), None], True),
        ([ago(days=6.99), None], False),
        ([ago(days=30), ago(days=1)], False),
        ([None, ago(days=8)], True),
        ([NOW + timedelta(days=20)], False),
    ],
)
def test_an_article_wakes_what_was_silent_for_a_week(signs: list[datetime | None], *, expected: bool) -> None:
    assert comes_back(NOW, signs) is expected


def test_velocity_is_articles_of_two_days_by_two() -> None:
    counts = pace([ago(hours=1), ago(hours=47), ago(hours=48), ago(days=6), ago(days=7), NOW + timedelta(hours=1)], NOW)
    assert (counts.in_velocity_window, counts.velocity, counts.in_hot_window) == (2, 1.0, 4)


def test_a_timeline_has_the_days_with_articles_and_no_other() -> None:
    members = [
        Member(datetime(2026, 3, 1, 23, 59, tzinfo=UTC), ("Binance", "SEC"), "economy"),
        Member(datetime(2026, 3, 4, 8, tzinfo=UTC), ("SEC",), "crime"),
        Member(datetime(2026, 3, 4, 9, tzinfo=UTC), ("SEC", "Kraken"), "economy"),
    ]
    derived = derive(members, NOW)
    assert [(day["date"], day["article_count"], day["velocity"]) for day in derived.timeline] == [
        ("2026-03-01", 1, 0.5),
        ("2026-03-04", 2, 1.0),
    ]
    assert derived.timeline[1]["entities"] == ["SEC", "Kraken"]
    assert derived.entities == ("SEC", "Binance", "Kraken")
    assert (derived.article_count, derived.theme, derived.state) == (3, "economy", State.COOLING)
    assert (derived.first_at, derived.last_at) == (members[0].published_at, members[2].published_at)


members = st.lists(
    st.builds(
        Member,
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 9), timezones=st.just(UTC)),
        st.lists(st.sampled_from(["SEC", "Binance", "Fed"]), max_size=3).map(tuple),
        st.sampled_from(["", "economy", "crime"]),
    ),
    max_size=30,
)


@given(members, st.randoms())
def test_the_sums_agree_and_order_does_not_matter(every: list[Member], chance: object) -> None:
    derived = derive(every, NOW)
    assert sum(day["article_count"] for day in derived.timeline) == derived.article_count == len(every)
    chance.shuffle(every)  # type: ignore[attr-defined]
    assert derive(every, NOW) == derived
