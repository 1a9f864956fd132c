"""Which announcement of an article is kept, whoever came first."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.duplicates import SAME_TITLE_WINDOW, Announcement, Contender, choose, is_near, original_of
from tests.support.factories import NOON


def one(pk: int, **fields: Any) -> Announcement:
    values = {
        "story_id": UUID(int=pk),
        "title_hash": f"title {pk}",
        "published_at": NOON,
        "source_priority": 99,
        "source_slug": f"source-{pk}",
        **fields,
    }
    return Announcement(pk=pk, **values)


def kept(announcements: Sequence[Announcement]) -> list[int]:
    return [announcement.pk for announcement in choose(announcements)]


def hours(number: float) -> dict[str, Any]:
    return {"published_at": NOON + timedelta(hours=number)}


@pytest.mark.parametrize(
    ("announcements", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([one(1), one(2)], [1, 2], id="two articles"),
        pytest.param([one(1, **hours(-1)), one(2)], [2, 1], id="newest first"),
        pytest.param(
            [one(1, story_id=UUID(int=7)), one(2, story_id=UUID(int=7), source_priority=1)], [2], id="same address"
        ),
        pytest.param(
            [one(1, title_hash="t", **hours(-9)), one(2, title_hash="t", source_priority=3)],
            [2],
            id="same title: the better source, though later",
        ),
        pytest.param([one(1, title_hash="t"), one(2, title_hash="t", **hours(-1))], [2], id="same rank: the earlier"),
        pytest.param([one(1, title_hash="t"), one(2, title_hash="t", **hours(-72))], [2], id="72 hours apart"),
        pytest.param([one(1, title_hash="t"), one(2, title_hash="t", **hours(-73))], [1, 2], id="73 hours apart"),
        pytest.param([one(1, title_hash=""), one(2, title_hash="")], [1, 2], id="no title is like no other"),
        pytest.param([one(1, is_update=True), one(2, **hours(-9))], [2, 1], id="updates last"),
        pytest.param(
            [
                one(1, title_hash="t", source_priority=1, **hours(-100)),
                one(2, title_hash="t", source_priority=2, **hours(0)),
                one(3, title_hash="t", source_priority=3, **hours(-50)),
            ],
            [2, 1],
            id="one between two that are far apart is a double of the better",
        ),
    ],
)
def test_which_are_kept(announcements: list[Announcement], expected: list[int]) -> None:
    assert kept(announcements) == expected
    assert kept(announcements[::-1]) == expected


ANNOUNCEMENTS = st.lists(
    st.builds(
        lambda story, title, hour, priority: (story, title, hour, priority),
        st.integers(0, 4),
        st.sampled_from(["", "a", "b"]),
        st.integers(0, 200),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(ANNOUNCEMENTS, st.randoms())
def test_neither_order_nor_repetition_changes_what_is_kept(
    rows: list[tuple[int, str, int, int]], random: Random
) -> None:
    announcements = [
        one(pk, story_id=UUID(int=story), title_hash=title, source_priority=priority, **hours(-hour))
        for pk, (story, title, hour, priority) in enumerate(rows)
    ]

    chosen = choose(announcements)

    assert choose(random.sample(announcements, len(announcements))) == chosen
    assert choose(chosen) == chosen
    assert len({announcement.story_id for announcement in chosen}) == len(chosen)
    titled = [announcement for announcement in chosen if announcement.title_hash]
    assert not any(
        first is not second
        and first.title_hash == second.title_hash
        and is_near(first.published_at, [second.published_at])
        for first in titled
        for second in titled
    )


@pytest.mark.parametrize(
    ("apart", "near"),
    [(timedelta(0), True), (SAME_TITLE_WINDOW, True), (SAME_TITLE_WINDOW + timedelta(seconds=1), False)],
)
def test_the_window_has_two_sides(apart: timedelta, near: bool) -> None:
    assert is_near(NOON, [NOON + apart]) is near
    assert is_near(NOON, [NOON - apart]) is near
    assert not is_near(NOON, [])


def a_contender(pk: int, **fields: Any) -> Contender:
    values = {"source_priority": 99, "published_at": NOON, "is_truncated": False, "is_shown": False, **fields}
    return Contender(story_id=UUID(int=pk), **values)


@pytest.mark.parametrize(
    ("contenders", "expected"),
    [
        pytest.param([a_contender(1)], 1, id="alone"),
        pytest.param([a_contender(1), a_contender(2, source_priority=1)], 2, id="the better source"),
        pytest.param([a_contender(1), a_contender(2, **hours(-1))], 2, id="the earlier"),
        pytest.param([a_contender(2), a_contender(1)], 1, id="the smaller id, to have an order"),
        pytest.param([a_contender(1, source_priority=1, is_truncated=True), a_contender(2)], 2, id="a whole text"),
        pytest.param([a_contender(1, source_priority=1), a_contender(2, is_shown=True)], 2, id="what readers know"),
        pytest.param(
            [a_contender(1, is_shown=True), a_contender(2, is_shown=True, source_priority=1)],
            2,
            id="the better of those that readers know",
        ),
    ],
)
def test_which_of_one_articles_stories_is_the_original(contenders: list[Contender], expected: int) -> None:
    assert original_of(contenders).story_id == UUID(int=expected)
    assert original_of(contenders[::-1]).story_id == UUID(int=expected)
