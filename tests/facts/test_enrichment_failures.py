"""The enrichment worker when something fails: it is named, nothing is lost, no mark passes what was not processed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.fixtures import Settings

from narratives.facts.by_rules import of_a_person
from narratives.facts.errors import StoreError
from narratives.facts.messages import Mark, Message
from narratives.facts.models import EnrichmentMark, FactEntity, UserFactRelationship
from narratives.facts.ports import Extraction
from narratives.facts.services import enrich_once
from narratives.facts.sources import Source
from ntrl.llm.types import ProviderName
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.models import Claim, RunStatus
from tests.support.enrichment import CREATED, FACTS, NOW, cycle, mark_of, shown
from tests.support.facts import OCTOBER, ListMessages, ScriptedExtractor, a_fact, spoken
from tests.support.llm import a_gateway
from tests.support.llm_server import LLMServer


def _always(error: Exception) -> Any:
    def fails(messages: Sequence[Message]) -> None:
        raise error

    return fails


@pytest.mark.django_db
def test_waiting_messages_outlive_the_look_back() -> None:
    store = ListMessages({("elena", "user_123"): [spoken(1, NOW - timedelta(days=2.9))]})
    extractor = ScriptedExtractor(fails=_always(RetryLater("http_500", "ill")))
    cycle(store, extractor)
    healthy = ScriptedExtractor()
    cycle(store, healthy, now=NOW + timedelta(days=10))
    assert shown(healthy) == ["1"]


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


class Ill(ListMessages):
    """Some users' messages break off behind the first page; with one of them the whole store may go down."""

    ill: tuple[str, ...] = ()
    dies = False

    def after(self, bot: str, user: str, mark: Mark, **options: Any) -> Iterator[Message]:
        for number, message in enumerate(super().after(bot, user, mark, **options)):
            if user in self.ill and number == 4:
                self.down = "does not answer" if self.dies else ""
                raise StoreError("times out")
            yield message


@pytest.mark.django_db
def test_a_stream_that_cannot_be_read_fails_alone() -> None:
    store = Ill({("elena", user): [spoken(n, NOW) for n in range(9)] for user in "abcd"}, page=4)
    store.ill = ("a", "c")
    result = cycle(store, ScriptedExtractor())
    assert result.troubles == {"elena/a": "times out", "elena/c": "times out"}
    assert (result.counts["messages"], result.status) == (18, RunStatus.FAILED)
    assert [mark_of(user).message_id for user in "abcd"] == ["", "8", "", "8"]
    store.ill = ()
    assert cycle(store, ScriptedExtractor()).counts["messages"] == 18


@pytest.mark.django_db
def test_a_store_that_goes_down_meanwhile_ends_the_bot_once() -> None:
    store = Ill({("elena", user): [spoken(n, NOW) for n in range(9)] for user in "abcd"}, page=4)
    store.ill, store.dies = ("b", "c"), True
    result = cycle(store, ScriptedExtractor())
    assert result.troubles == {"elena": "does not answer"}
    assert store.reads["elena", "c"] == store.reads["elena", "d"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("is_named", [True, False])
def test_a_folder_that_is_named_but_not_there_is_told(is_named: bool, tmp_path: Path, settings: Settings) -> None:
    settings.QDRANT_URL, settings.NTRL_DATA_DIR = "", tmp_path
    settings.QDRANT_PATH = tmp_path / "typed_wrong" if is_named else None
    result = enrich_once(trace_id="t" * 32, now=NOW)
    assert list(result.troubles) == ["Qdrant"] * is_named
    assert "typed_wrong (QDRANT_PATH)" in result.troubles.get("Qdrant", "typed_wrong (QDRANT_PATH)")
    assert result.status == (RunStatus.FAILED if is_named else RunStatus.COMPLETED)


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
