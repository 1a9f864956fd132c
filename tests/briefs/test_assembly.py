"""Which stories make a brief, in which order, and why the others don't."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefs.assembly import EMPTY_MESSAGE, Assembly, Candidate, assemble, iso, render
from classification.taxonomy import FeedCategory
from tests.support.factories import NOON

CUTOFF = NOON - timedelta(hours=24)
OTHER = UUID(int=99)


def a_candidate(number: int = 1, **fields: Any) -> Candidate:
    values: dict[str, Any] = {
        "story_id": UUID(int=number),
        "source_name": "Herald",
        "source_priority": 99,
        "source_url": f"https://herald.example/{number}",
        "publisher_url": "https://herald.example/",
        "published_at": NOON,
        "ingested_at": NOON + timedelta(hours=1),
        "feed_category": "world",
        "classification_failure": "",
        "is_duplicate": False,
        "duplicate_of": None,
        "neutralized_id": UUID(int=1000 + number),
        "latest_status": "success",
        "latest_failure": "",
        "feed_title": f"Title {number}",
        "feed_summary": "Summary",
        "detail_title": "Detail",
        "detail_brief": "Brief",
        "detail_full": "Full",
        "disclosure": "",
        "has_manipulative_content": False,
        "change_count": 0,
    }
    return Candidate(**{**values, **fields})


def ids(assembly: Assembly, category: str = "world") -> list[int]:
    return [story.story_id.int for s in assembly.sections if s.category == category for story in s.stories]


def document(assembly: Assembly) -> dict[str, Any]:
    return render(assembly, brief_id=UUID(int=5), brief_date="2026-03-01", cutoff_time=CUTOFF, assembled_at=NOON)


def minutes_old(number: int, minutes: int, **fields: Any) -> Candidate:
    return a_candidate(number, published_at=NOON - timedelta(minutes=minutes), **fields)


def test_newest_first_then_by_the_sources_priority_then_by_id() -> None:
    stories = [
        minutes_old(4, 10, source_priority=2),
        minutes_old(3, 10, source_priority=1),
        minutes_old(2, 10, source_priority=1),
        minutes_old(9, 0, source_priority=99),
        minutes_old(1, 60, source_priority=1),
    ]

    assert ids(assemble(stories, cutoff_time=CUTOFF)) == [9, 2, 3, 4, 1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from(list(FeedCategory))), max_size=12),
    st.randoms(),
)
def test_the_order_in_which_stories_are_read_is_of_no_account(
    rows: list[tuple[int, int, FeedCategory]], random: Random
) -> None:
    stories = [
        minutes_old(number, minutes, source_priority=priority, feed_category=category)
        for number, (minutes, priority, category) in enumerate(rows)
    ]
    shuffled = random.sample(stories, len(stories))

    assert document(assemble(shuffled, cutoff_time=CUTOFF)) == document(assemble(stories, cutoff_time=CUTOFF))


@pytest.mark.parametrize("categories", [[], ["sports"], [c.value for c in FeedCategory]])
def test_all_ten_sections_are_always_there_in_their_order(categories: list[str]) -> None:
    stories = [a_candidate(number, feed_category=name) for number, name in enumerate(categories)]

    assembly = assemble(stories, cutoff_time=CUTOFF)

    assert [section.category for section in assembly.sections] == list(FeedCategory)
    assert (assembly.total_stories, assembly.section_count) == (len(categories), len(categories))
    sections = document(assembly)["sections"]
    assert [section["order"] for section in sections] == list(range(10))
    assert [section["display_name"] for section in sections][:3] == ["World", "U.S.", "Local"]
    assert sum(section["story_count"] for section in sections) == len(categories)


@pytest.mark.parametrize(
    ("fields", "reason", "detail"),
    [
        ({"is_duplicate": True, "duplicate_of": OTHER}, "duplicate", f"duplicate of {OTHER}"),
        ({"published_at": CUTOFF - timedelta(seconds=1)}, "older_than_cutoff", "published 2026-02-28 11:59 UTC"),
        ({"neutralized_id": None, "latest_status": ""}, "not_neutralized", "waits for a neutralization run"),
        (
            {"neutralized_id": None, "latest_status": "failed_audit", "latest_failure": "grounding.numbers"},
            "failed_audit",
            "grounding.numbers",
        ),
        ({"neutralized_id": None, "latest_status": "skipped", "latest_failure": "no_body"}, "skipped", "no_body"),
        ({"feed_category": ""}, "not_classified", "waits for a classification run"),
        ({"feed_category": "", "classification_failure": "no_evidence"}, "not_classified", "no_evidence"),
    ],
)
def test_why_a_story_is_left_out(fields: dict[str, Any], reason: str, detail: str) -> None:
    assembly = assemble([a_candidate(1, **fields), a_candidate(2)], cutoff_time=CUTOFF)

    assert ids(assembly) == [2]
    (left_out,) = assembly.exclusions
    assert (left_out.story_id, left_out.reason, left_out.detail) == (UUID(int=1), reason, detail)


def test_the_cutoff_itself_is_within() -> None:
    assert ids(assemble([a_candidate(1, published_at=CUTOFF)], cutoff_time=CUTOFF)) == [1]


@pytest.mark.parametrize(
    ("published", "ingested", "shown"),
    [
        (NOON, NOON + timedelta(hours=1), NOON),
        (NOON + timedelta(days=400), NOON, NOON),
        (NOON + timedelta(seconds=1), NOON, NOON),
        (NOON - timedelta(hours=1), NOON, NOON - timedelta(hours=1)),
    ],
)
def test_no_story_is_newer_than_its_arrival(published: datetime, ingested: datetime, shown: datetime) -> None:
    story = a_candidate(1, published_at=published, ingested_at=ingested)

    (section, *_) = document(assemble([story], cutoff_time=CUTOFF))["sections"]

    assert section["stories"][0]["published_at"] == iso(shown)


def test_a_date_in_the_future_wins_no_place() -> None:
    stories = [
        a_candidate(1, published_at=NOON + timedelta(days=9), ingested_at=NOON - timedelta(hours=2)),
        a_candidate(2),
    ]

    assert ids(assemble(stories, cutoff_time=CUTOFF)) == [2, 1]


def test_a_story_of_an_old_version_stays_while_a_newer_attempt_failed() -> None:
    story = a_candidate(1, latest_status="failed_audit", latest_failure="form.length")

    assert ids(assemble([story], cutoff_time=CUTOFF)) == [1]


def test_an_empty_brief_says_so() -> None:
    empty = document(assemble([], cutoff_time=CUTOFF))

    assert (empty["is_empty"], empty["empty_message"], empty["total_stories"]) == (True, EMPTY_MESSAGE, 0)
    full = document(assemble([a_candidate()], cutoff_time=CUTOFF))
    assert (full["is_empty"], full["empty_message"], full["total_stories"]) == (False, None, 1)


def test_the_document_has_what_a_reader_needs_and_the_same_however_often_it_is_made() -> None:
    story = a_candidate(7, disclosure="NTRL removed 1 phrase.", has_manipulative_content=True, change_count=3)
    assembly = assemble([story], cutoff_time=CUTOFF)

    made = document(assembly)

    assert made == document(assemble([replace(story)], cutoff_time=CUTOFF))
    assert (made["cutoff_time"], made["assembled_at"]) == ("2026-02-28T12:00:00Z", "2026-03-01T12:00:00Z")
    assert made["sections"][0]["stories"] == [
        {
            "id": str(UUID(int=7)),
            "feed_title": "Title 7",
            "feed_summary": "Summary",
            "source_name": "Herald",
            "source_url": "https://herald.example/7",
            "publisher_url": "https://herald.example/",
            "published_at": "2026-03-01T12:00:00Z",
            "has_manipulative_content": True,
            "change_count": 3,
            "position": 0,
            "detail_title": "Detail",
            "detail_brief": "Brief",
            "detail_full": "Full",
            "disclosure": "NTRL removed 1 phrase.",
        }
    ]
