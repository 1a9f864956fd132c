"""The enrichment worker over counted stores: nothing is read twice or missed, and idle streams cost one read."""

import logging
from datetime import datetime, timedelta

import pytest

from narratives.facts.backfill import BackfillOptions, backfill_timestamps
from narratives.facts.messages import Mark, Message, as_utc
from narratives.facts.models import UserFactRelationship
from narratives.facts.ports import Extraction
from ntrl.stages.models import RunStatus
from tests.support.enrichment import CREATED, FACTS, NOW, cycle, mark_of, shown
from tests.support.facts import OCTOBER, ListMessages, ScriptedExtractor, a_fact, guides_messages, spoken


def guides_stream() -> list[Message]:
    return [
        Message(str(number), as_utc(datetime.fromisoformat(held["timestamp"])), held["content"], "user")
        for number, (_, held) in enumerate(guides_messages(), start=1)
    ]


class OldWorker:
    """The rule of before: without a mark the fact's creation counts as one, and nothing moves it."""

    def __init__(self) -> None:
        self.extracted: list[int] = []

    def cycle(self, store: ListMessages) -> None:
        for fact in UserFactRelationship.objects.all():
            text = (fact.context_metadata or {}).get("latest_message_timestamp")
            since = as_utc(datetime.fromisoformat(text)) if text else fact.created_at
            assert since is not None
            new = list(store.after("elena", fact.user_id, Mark.behind_all_of(since), until=NOW))
            self.extracted.append(len(new))


@pytest.mark.django_db
def test_the_guides_example_before_and_after() -> None:
    store = ListMessages({("elena", "user_123"): guides_stream()})
    a_fact(at=CREATED)
    old = OldWorker()
    for _ in range(3):
        old.cycle(store)
    assert old.extracted == [11, 11, 11], "the same messages, every cycle"
    options = BackfillOptions()
    backfill_timestamps(facts=FACTS, messages=lambda: store, options=options, trace_id="t" * 32)
    extractor = ScriptedExtractor()
    first = cycle(store, extractor)
    assert (first.counts["messages"], first.idle) == (11, 0)
    assert shown(extractor) == [str(number) for number in range(16, 27)]
    store.reads.clear()
    store.looked_up.clear()
    for minutes in (11, 22):
        again = cycle(store, extractor, now=NOW + timedelta(minutes=minutes))
        assert (again.counts["total"], again.idle, again.status) == (0, 1, RunStatus.COMPLETED)
    assert len(extractor.shown) == 1, "no model is called"
    assert store.looked_up == {("elena", "user_123"): 2}, "one indexed read a cycle"
    assert not store.reads, "no message is read again"


@pytest.mark.django_db
def test_the_log_says_what_the_guide_says(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="narratives.facts")
    store = ListMessages({("elena", "a"): [spoken(n, NOW) for n in range(6)], ("elena", "b"): []})
    cycle(store, ScriptedExtractor())
    assert "Extracting facts from 6 new messages (elena/a)" in caplog.text
    assert "No new messages for fact extraction (elena/b)" in caplog.text


@pytest.mark.django_db
def test_idle_users_cost_one_read_each_and_no_call() -> None:
    users = [f"user_{number:03}" for number in range(40)]
    store = ListMessages({("elena", user): [spoken(n, NOW) for n in range(5)] for user in users})
    extractor = ScriptedExtractor()
    assert cycle(store, extractor).counts["success"] == 40
    store.reads.clear()
    store.looked_up.clear()
    calls = len(extractor.shown)
    assert cycle(store, extractor, now=NOW + timedelta(minutes=11)).idle == 40
    assert store.looked_up == dict.fromkeys((("elena", user) for user in users), 1)
    assert not store.reads
    assert len(extractor.shown) == calls


@pytest.mark.django_db
def test_facts_are_stored_with_source_evidence_and_mark() -> None:
    messages = [spoken(n, OCTOBER + timedelta(seconds=n), f"I love thing {n}.") for n in range(7)]
    cycle(ListMessages({("elena", "user_123"): messages}), ScriptedExtractor())
    fact = UserFactRelationship.objects.get(source_conversation_id="3")
    assert (fact.user_id, fact.mentioned_by_character, fact.relationship_type) == ("user_123", "elena", "says")
    assert (fact.entity.entity_type, fact.entity.entity_name) == ("thing", "thing 3")
    assert fact.context_metadata == {
        "latest_message_timestamp": "2025-10-18T23:20:06",
        "bot_name": "elena",
        "evidence": "I love thing 3.",
        "message_id": "3",
        "message_timestamp": "2025-10-18T23:20:03",
        "extraction_method": "llm",
        "model": "model-1",
        "prompt_version": "p1",
    }
    assert (mark_of().at, mark_of().message_id) == (OCTOBER + timedelta(seconds=6), "6")


@pytest.mark.django_db
def test_messages_without_facts_move_the_mark_too() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW, "Hm.") for n in range(5)]})
    extractor = ScriptedExtractor()
    extractor.extract = lambda messages: extractor.shown.append([m.id for m in messages]) or Extraction((), "llm")  # type: ignore[method-assign, func-returns-value]
    cycle(store, extractor)
    cycle(store, extractor)
    assert len(extractor.shown) == 1
    assert not UserFactRelationship.objects.exists()


@pytest.mark.django_db
def test_few_wait_for_more_but_not_for_ever() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(4)]})
    extractor = ScriptedExtractor()
    for hours in (0, 23.9):
        assert cycle(store, extractor, now=NOW + timedelta(hours=hours)).waiting == 1
    assert extractor.shown == []
    assert cycle(store, extractor, now=NOW + timedelta(hours=24)).counts["messages"] == 4


@pytest.mark.django_db
def test_without_any_mark_the_look_back_counts_never_a_facts_creation() -> None:
    times = [NOW - timedelta(days=days) for days in (4, 2.9, 2.5, 2, 1, 0.5)]
    store = ListMessages({("elena", "user_123"): [spoken(n, at) for n, at in enumerate(times)]})
    a_fact(at=NOW - timedelta(days=1))
    extractor = ScriptedExtractor()
    cycle(store, extractor)
    assert shown(extractor) == ["1", "2", "3", "4", "5"]


@pytest.mark.django_db
def test_marks_of_facts_count_when_they_are_further_and_are_this_bots() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, OCTOBER + timedelta(minutes=n)) for n in range(20)]})

    def at(minute: int) -> dict[str, str]:
        return {"latest_message_timestamp": (OCTOBER + timedelta(minutes=minute)).replace(tzinfo=None).isoformat()}

    a_fact(at=CREATED, context_metadata=at(9))
    a_fact(at=CREATED, context_metadata={**at(4), "bot_name": "elena"})
    a_fact(bot="marcus", at=CREATED, context_metadata=at(18))
    a_fact(at=CREATED, context_metadata={**at(17), "bot_name": "marcus"})
    marker = {"bot": None, "relationship_type": "_enrichment_marker"}
    a_fact(at=CREATED, context_metadata={**at(16), "bot_name": "elena"}, **marker)
    a_fact(at=CREATED, context_metadata={"latest_message_timestamp": "2999-01-01T00:00:00"})
    a_fact(at=CREATED, context_metadata={"latest_message_timestamp": "yesterday"})
    a_fact(at=CREATED, context_metadata={"latest_message_timestamp": 12})
    extractor = ScriptedExtractor()
    cycle(store, extractor)
    assert shown(extractor) == [str(n) for n in range(10, 20)]


@pytest.mark.django_db
def test_late_messages_are_found_once() -> None:
    messages = [spoken(n, OCTOBER + timedelta(minutes=2 * n)) for n in range(10, 20)]
    store = ListMessages({("elena", "user_123"): messages})
    extractor = ScriptedExtractor()
    cycle(store, extractor)
    last = messages[-1].at
    late = [Message(str(100 + n), last - timedelta(minutes=n, seconds=30), "I love it.", "user") for n in range(5)]
    store.lists["elena", "user_123"] += [*late, Message("999", last - timedelta(hours=1), "Too late.", "user")]
    cycle(store, extractor, now=NOW + timedelta(minutes=11))
    assert sorted(extractor.shown[-1]) == ["100", "101", "102", "103", "104"]
    cycle(store, extractor, now=NOW + timedelta(minutes=22))
    assert len(extractor.shown) == 2
    assert mark_of().at == last


@pytest.mark.django_db
def test_hundreds_of_one_time_are_read_once_in_order() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(1, 601)]})
    extractor = ScriptedExtractor(of=20)
    result = cycle(store, extractor)
    assert shown(extractor) == [str(n) for n in range(1, 601)]
    assert {len(chunk) for chunk in extractor.shown} == {20}
    assert len(result.reports) == 3
    assert (mark_of().at, mark_of().message_id, len(mark_of().recent)) == (NOW, "600", 500)
    facts = UserFactRelationship.objects
    early = facts.get(source_conversation_id="181").context_metadata
    assert as_utc(datetime.fromisoformat(early["latest_message_timestamp"])) < NOW, "others of that time were left"


@pytest.mark.django_db
def test_a_backlog_is_read_without_asking_for_anybody_else() -> None:
    long = {("elena", "long"): [spoken(n, OCTOBER + timedelta(seconds=n)) for n in range(1, 1_001)]}
    others = {(f"bot_{n}", user): [spoken(1, NOW)] for n in range(5) for user in ("a", "b")}
    store = ListMessages({**long, **others, ("elena", "short"): [spoken(1, NOW)]})
    extractor = ScriptedExtractor(of=200)
    result = cycle(store, extractor)
    assert shown(extractor) == [str(n) for n in range(1, 1_001)]
    assert len(result.reports) == 5
    assert store.listed == dict.fromkeys(("elena", *(f"bot_{n}" for n in range(5))), 1)
    assert store.looked_up == {**dict.fromkeys((*others, ("elena", "short")), 1), ("elena", "long"): 5}
    assert (result.idle, result.waiting) == (0, 11)


@pytest.mark.django_db
def test_what_lies_in_the_future_waits_for_its_time() -> None:
    times = [NOW - timedelta(minutes=1)] * 5 + [NOW + timedelta(minutes=5)] * 5
    store = ListMessages({("elena", "user_123"): [spoken(n, at) for n, at in enumerate(times)]})
    extractor = ScriptedExtractor()
    cycle(store, extractor)
    assert mark_of().at <= NOW
    cycle(store, extractor, now=NOW + timedelta(minutes=11))
    assert sorted(shown(extractor)) == [str(n) for n in range(10)]
