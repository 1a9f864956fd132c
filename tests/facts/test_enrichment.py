"""The enrichment worker over counted stores: nothing is read twice or missed, and idle streams cost one read."""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from narratives.facts import services
from narratives.facts.backfill import BackfillOptions, backfill_timestamps
from narratives.facts.by_rules import of_a_person
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.messages import Mark, Message, as_utc
from narratives.facts.models import EnrichmentMark, FactEntity, UserFactRelationship
from narratives.facts.ports import Extraction
from narratives.facts.services import EnrichResult, enrich_once
from narratives.facts.sources import Source
from ntrl.llm.types import ProviderName
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.models import Claim, RunStatus
from tests.support.facts import OCTOBER, ListMessages, ScriptedExtractor, a_fact, guides_messages, spoken
from tests.support.llm import a_gateway
from tests.support.llm_server import LLMServer

NOW = datetime(2025, 10, 19, 12, tzinfo=UTC)
CREATED = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
FACTS = DjangoFacts("default")


def guides_stream() -> list[Message]:
    return [
        Message(str(number), as_utc(datetime.fromisoformat(held["timestamp"])), held["content"], "user")
        for number, (_, held) in enumerate(guides_messages(), start=1)
    ]


def cycle(store: ListMessages, extractor: ScriptedExtractor, *, now: datetime = NOW, **options: Any) -> EnrichResult:
    """One cycle whose messages are read by `extractor`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(services, "RuleExtractor", lambda find: extractor)
        services.RuleExtractor.name = "as told"
        return enrich_once(trace_id="t" * 32, sources=[Source(store, FACTS, of_a_person)], now=now, **options)


def shown(extractor: ScriptedExtractor) -> list[str]:
    return [each for chunk in extractor.shown for each in chunk]


def mark_of(user: str = "user_123", bot: str = "elena") -> EnrichmentMark:
    return EnrichmentMark.objects.get(bot=bot, user_id=user)


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
def test_waiting_messages_outlive_the_look_back() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(1, NOW - timedelta(days=2.9))]})
    extractor = ScriptedExtractor(fails=_always(RetryLater("http_500", "ill")))
    cycle(store, extractor)
    healthy = ScriptedExtractor()
    cycle(store, healthy, now=NOW + timedelta(days=10))
    assert shown(healthy) == ["1"]


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


def _always(error: Exception) -> Any:
    def fails(messages: Sequence[Message]) -> None:
        raise error

    return fails


@pytest.mark.django_db
def test_a_refused_chunk_holds_its_stream_until_something_is_new() -> None:
    store = ListMessages({("elena", user): [spoken(n, NOW) for n in range(60)] for user in ("a", "b")})
    refused = {"25"}

    def fails(messages: Sequence[Message]) -> None:
        asked.append(messages[0].id)
        if refused & {message.id for message in messages} and len(store.lists["elena", "a"]) < 61:
            raise Quarantined("llm_refused", "refused")

    asked: list[str] = []
    extractor = ScriptedExtractor(fails)
    result = cycle(store, extractor)
    assert mark_of("a").message_id == mark_of("b").message_id == "19"
    assert result.counts["quarantine"] == 2
    asked.clear()
    cycle(store, extractor, now=NOW + timedelta(minutes=11))
    assert asked == [], "it was refused, and nothing is new"
    store.lists["elena", "a"].append(spoken(60, NOW))
    cycle(store, extractor, now=NOW + timedelta(minutes=22))
    assert mark_of("a").message_id == "60"


@pytest.mark.django_db
def test_one_bad_fact_is_left_out_alone() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(5)]})
    extractor = ScriptedExtractor()
    inner = extractor.extract

    def with_a_bad_one(messages: Sequence[Message]) -> Extraction:
        found = inner(messages)
        bad = type(found.facts[0])("thing", "x", "says", 7.0, "I love", messages[0])
        return Extraction((bad, *found.facts), "llm")

    extractor.extract = with_a_bad_one  # type: ignore[method-assign]
    result = cycle(store, extractor)
    assert (result.counts["facts"], result.counts["refused_facts"]) == (5, 1)
    assert mark_of().message_id == "4"


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ['{"doubly": "encoded"}', ["a", "list"], [], 7])
def test_a_fact_that_is_there_with_odd_metadata_is_refused_alone(odd: object) -> None:
    entity = FactEntity.objects.create(entity_type="thing", entity_name="thing 3")
    held = a_fact(at=CREATED, entity=entity, relationship_type="says", context_metadata=odd)
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(5)]})
    extractor = ScriptedExtractor()
    result = cycle(store, extractor)
    assert (result.counts["facts"], result.counts["refused_facts"]) == (4, 1)
    held.refresh_from_db()
    assert held.context_metadata == odd
    cycle(store, extractor, now=NOW + timedelta(minutes=11))
    assert len(extractor.shown) == 1


@pytest.mark.django_db
def test_a_store_that_is_down_is_named_and_moves_nothing() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(5)]})
    store.down = "does not answer"
    result = cycle(store, ScriptedExtractor())
    assert result.troubles == {"lists": "does not answer"}
    assert result.status == RunStatus.FAILED
    store.down = ""
    assert cycle(store, ScriptedExtractor()).counts["messages"] == 5


@pytest.mark.django_db
def test_a_bot_that_is_none_is_named() -> None:
    store = ListMessages({("elena", "user_123"): []})
    assert "elena" in cycle(store, ScriptedExtractor(), bot="nobody").troubles["nobody"]


@pytest.mark.django_db
def test_a_model_reads_and_its_failures_lose_nothing() -> None:
    named = (("tide pools", "I love tide pools"), ("sharks", "I adore sharks"), ("whales", "I"))
    kind = {"entity_type": "Animal", "relationship_type": "likes a lot", "confidence": 0.9}
    reply = json.dumps({"facts": [{**kind, "entity_name": name, "evidence": words} for name, words in named]})
    store = ListMessages({("elena", "user_123"): [spoken(n, NOW) for n in range(25)]})
    source = Source(store, FACTS, of_a_person)
    with LLMServer() as server:
        server.reply("extract_facts", "no JSON at all")
        gateway = a_gateway(server, ProviderName.OPENAI)
        failed = enrich_once(trace_id="a" * 32, sources=[source], now=NOW, gateway=gateway)
        assert (failed.counts["retry"], failed.counts["messages"]) == (1, 0)
        assert mark_of().message_id == ""
        server.reply("extract_facts", reply)
        gateway = a_gateway(server, ProviderName.OPENAI, trace_id="b" * 32)
        done = enrich_once(trace_id="b" * 32, sources=[source], now=NOW, gateway=gateway)
        assert (done.counts["messages"], done.counts["chunks"]) == (25, 2)
        asked = server.asked[-1]
    assert "[1] user, 2025-10-19 12:00 UTC:\nI love tide pools." in asked.user
    assert asked.user.count("<article>") == 1
    fact = UserFactRelationship.objects.get()
    assert (fact.entity.entity_type, fact.entity.entity_name) == ("animal", "tide pools")
    assert (fact.relationship_type, fact.context_metadata["model"]) == ("likes_a_lot", "gpt-6-luna")
    assert fact.context_metadata["prompt_version"].startswith("extract_facts@")
    assert not Claim.objects.exists()


class AnyFailures(TestCase):
    """Whatever fails, each message is processed at last, once, and no mark passes one that was not."""

    @given(
        times=st.lists(st.integers(0, 40), min_size=1, max_size=50),
        failures=st.lists(st.booleans(), max_size=5),
        arrived=st.integers(0, 49),
    )
    @example(times=[3] * 45, failures=[False, True, False, False, True], arrived=44)
    @hypothesis_settings(max_examples=6, deadline=None)
    def test_the_mark_never_passes_an_unprocessed_message(
        self, times: list[int], failures: list[bool], arrived: int
    ) -> None:
        for model in (EnrichmentMark, UserFactRelationship, FactEntity, Claim):
            model.objects.all().delete()
        messages = [spoken(n, OCTOBER + timedelta(minutes=minute)) for n, minute in enumerate(sorted(times), start=1)]
        store = ListMessages({("elena", "user_123"): messages[:arrived]}, page=7)
        pending = iter(failures)

        def fails(chunk: Sequence[Message]) -> None:
            if next(pending, False):
                raise RetryLater("http_500", "ill")

        extractor = ScriptedExtractor(fails)
        for turn in range(len(failures) + 3):
            cycle(store, extractor, now=NOW + timedelta(days=turn))
            self._holds(messages, extractor)
            store.lists["elena", "user_123"] = messages
        assert Counter(shown(extractor)) == Counter(message.id for message in messages)

    def _holds(self, messages: Sequence[Message], extractor: ScriptedExtractor) -> None:
        done, mark = set(shown(extractor)), mark_of().progress.mark
        assert all(message.id in done for message in messages if message.mark.key <= mark.key)
        told = FACTS.newest_marks("elena", NOW).get("user_123")
        assert told is None or all(message.id in done for message in messages if message.at < told)
