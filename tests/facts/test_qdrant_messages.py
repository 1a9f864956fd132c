"""Conversations in Qdrant: the real client and the real engine over HTTP, and a local folder."""

import logging
import random
from bisect import bisect_left
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from narratives.facts.errors import StoreError, UnknownBot
from narratives.facts.messages import BEFORE_ALL, Mark
from narratives.facts.qdrant.connection import connect, where_is
from narratives.facts.qdrant.store import PAGE, QdrantMessages
from tests.support.facts import OCTOBER, guides_messages, message_id, payload
from tests.support.qdrant_server import QdrantServer

ELENA = "whisperengine_memory_elena"
UNREADABLE = "an address that can't be read"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[QdrantServer]:
    with QdrantServer(tmp_path) as made:
        yield made


def over(server: QdrantServer, *, may_write: bool = True) -> QdrantMessages:
    client = connect(url=server.url, api_key="", path=Path("/nowhere"))
    return QdrantMessages(client, where=where_is(url=server.url, path=Path("/nowhere")), may_write=may_write)


def read(store: QdrantMessages, mark: Mark | None = None, known: Collection[Mark] = ()) -> list[str]:
    mark = mark or Mark(BEFORE_ALL)
    return [message.id for message in store.after("elena", "user_123", mark, until=LATER, known=known)]


def test_bots_go_by_the_servers_lists_and_aliases(server: QdrantServer) -> None:
    for name in (f"{ELENA}_7d", "whisperengine_memory_dotty", "whisperengine_memory_ryan_7d", "test_sprint2"):
        server.collection(name)
    server.aliases[ELENA] = f"{ELENA}_7d"
    server.put(f"{ELENA}_7d", guides_messages())
    store = over(server)
    assert store.bots() == ["dotty", "elena", "ryan"]
    assert len(read(store)) == 26
    with pytest.raises(UnknownBot, match=r"'marcus'.*dotty, elena, ryan"):
        store.streams("marcus", LATER)


def test_the_guides_example_is_one_request_each_way(server: QdrantServer) -> None:
    server.collection(ELENA, guides_messages())
    store = over(server)
    assert [stream.user for stream in store.streams("elena", LATER)] == ["user_123"]
    created = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
    before = OCTOBER - timedelta(seconds=1)
    server.requests.clear()
    found = store.latest_at("elena", "user_123", [before, OCTOBER, created])
    assert found == {OCTOBER: OCTOBER, created: OCTOBER + timedelta(seconds=13 * 14)}
    assert server.requests == {"scroll": 1}
    assert len(read(store, Mark.behind_all_of(found[created]))) == 11
    assert server.requests == {"scroll": 2}
    assert read(store, Mark.behind_all_of(datetime(2025, 10, 18, 23, 23, 30, tzinfo=UTC))) == []
    assert server.requests == {"scroll": 3}


def times_of(number: int, equal: int) -> list[datetime]:
    """Times of which many are one, some of them a microsecond apart, and the last `equal` ones the same."""
    numbers = random.Random(7)
    few = [0, 1, 250, 10**6]
    spread = [numbers.choice([*few, numbers.randrange(10**9)]) for _ in range(number - equal)]
    return [OCTOBER + timedelta(microseconds=each) for each in spread] + [OCTOBER + timedelta(days=1)] * equal


def test_many_messages_of_one_time_are_read_in_order_in_pages(server: QdrantServer) -> None:
    points = [(message_id(str(number)), payload("user_123", at, "")) for number, at in enumerate(times_of(3_000, 900))]
    server.collection(ELENA, points)
    messages = list(over(server).after("elena", "user_123", Mark(BEFORE_ALL), until=LATER))
    assert all(first.mark.key < second.mark.key for first, second in pairwise(messages))
    assert {message.id for message in messages} == {point_id for point_id, _ in points}
    for at in (700, 2_500):
        assert read(over(server), messages[at].mark) == [message.id for message in messages[at + 1 :]]


class SortedClient:
    """Answers ordered and plain scrolls over one stream as the engine does, fast enough for very many points."""

    def __init__(self, points: list[tuple[str, float]]) -> None:
        self._by_time = sorted(points, key=lambda point: point[1])
        self._times = [time for _, time in self._by_time]
        self.scrolls = 0

    def scroll(self, collection: str, *, scroll_filter: Any, limit: int, **options: Any) -> tuple[list[Any], Any]:
        self.scrolls += 1
        bounds = scroll_filter.must[1].range
        begin = bisect_left(self._times, bounds.gte)
        end = bisect_left(self._times, bounds.lt)
        if options.get("order_by"):
            return [self._record(*point) for point in self._by_time[begin : min(end, begin + limit)]], None
        group = sorted(point for point in self._by_time[begin:end] if point[0] >= (options["offset"] or ""))
        following = group[limit][0] if len(group) > limit else None
        return [self._record(*point) for point in group[:limit]], following

    def _record(self, point_id: str, time: float) -> Any:
        return SimpleNamespace(id=point_id, payload={"timestamp_unix": time, "content": "", "role": "user"})


def test_a_hundred_thousand_messages_in_one_stream() -> None:
    times = times_of(100_000, 20_000)
    client = SortedClient([(message_id(str(number)), at.timestamp()) for number, at in enumerate(times)])
    store = QdrantMessages(client, where="sorted")  # type: ignore[arg-type]
    store.__dict__["_names"] = {"elena": ELENA}
    store._ordered[ELENA] = True
    messages = list(store.after("elena", "user_123", Mark(BEFORE_ALL), until=LATER))
    assert len(messages) == len({message.id for message in messages}) == 100_000
    assert all(first.mark.key < second.mark.key for first, second in pairwise(messages))
    assert client.scrolls < 2 * 100_000 / PAGE


def test_ids_of_both_kinds_and_known_ones(server: QdrantServer) -> None:
    names = [2, 10, message_id("b"), message_id("a")]
    server.collection(ELENA, [(each, payload("user_123", OCTOBER)) for each in names])
    store = over(server)
    everything = read(store)
    assert everything == ["2", "10", *sorted([message_id("a"), message_id("b")])]
    assert read(store, Mark(OCTOBER, "2")) == everything[1:]
    assert read(store, known=[Mark(OCTOBER, "10"), Mark(OCTOBER, message_id("a"))]) == ["2", message_id("b")]
    server.put(ELENA, [(10, payload("user_123", OCTOBER + timedelta(seconds=1)))])
    assert read(store, known=[Mark(OCTOBER, "10"), Mark(OCTOBER, "2")])[-1] == "10", "it is another message now"


def test_users_with_news_are_named_many_a_request(server: QdrantServer) -> None:
    users = [f"user_{number:03}" for number in range(250)]
    server.collection(ELENA, [(n, payload(user, OCTOBER)) for n, user in enumerate(users)])
    store = over(server)
    read_up = {user: (Mark(OCTOBER - timedelta(minutes=15)), {Mark(OCTOBER, str(n))}) for n, user in enumerate(users)}
    assert store.with_news("elena", read_up, LATER) == set()
    server.requests.clear()
    server.put(ELENA, [(1_000 + n, payload(users[n], OCTOBER - timedelta(minutes=n))) for n in range(0, 250, 5)])
    found = store.with_news("elena", read_up, LATER)
    assert found == {users[0], users[5], users[10], users[15]}, "late ones of the overlap too"
    assert server.requests == {"facet": 3}
    assert server.delivered == 0
    assert store.with_news("elena", read_up, OCTOBER - timedelta(minutes=12)) == {users[15]}


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    marks=st.lists(st.tuples(st.integers(-2, 12), st.integers(0, 12)), min_size=4, max_size=4),
    known=st.frozensets(st.integers(0, 39)),
    until=st.integers(0, 12),
)
def test_a_stream_with_news_is_always_named(
    talks: QdrantMessages, marks: list[tuple[int, int]], known: frozenset[int], until: int
) -> None:
    at = OCTOBER + timedelta(minutes=until)
    behind = {
        f"user_{n}": (
            Mark(OCTOBER + timedelta(minutes=minute), str(message_id) if message_id else ""),
            {Mark(OCTOBER + timedelta(minutes=each // 4), str(each)) for each in known if each % 4 == n},
        )
        for n, (minute, message_id) in enumerate(marks)
    }
    named = talks.with_news("elena", behind, at)
    for user, (mark, done) in behind.items():
        has_news = any(talks.after("elena", user, mark, until=at, known=done))
        assert user in named or not has_news


@pytest.fixture
def talks(server: QdrantServer) -> QdrantMessages:
    """Four users, each with a message a minute: number n is of user n % 4, at minute n // 4."""
    server.collection(ELENA, [(n, payload(f"user_{n % 4}", OCTOBER + timedelta(minutes=n // 4))) for n in range(40)])
    return over(server)


def test_nothing_younger_than_asked_for_and_nobody_elses(server: QdrantServer) -> None:
    points = [(1, payload("user_123", OCTOBER)), (2, payload("user_123", OCTOBER + timedelta(microseconds=1)))]
    server.collection(ELENA, [*points, (3, payload("user_124", OCTOBER))])
    found = over(server).after("elena", "user_123", Mark(BEFORE_ALL), until=OCTOBER)
    assert [message.id for message in found] == ["1"]


def test_a_missing_index_is_made_once_before_anything_is_ordered(server: QdrantServer) -> None:
    server.collection(ELENA, guides_messages(), indexed=False)
    bare = over(server)
    bare._ordered[ELENA] = True
    with pytest.raises(StoreError):  # as the engine has it: what is not indexed can't be ordered
        read(bare)
    store = over(server)
    assert len(read(store)) == 26
    assert len(read(store)) == 26
    assert server.requests["index"] == 2
    assert server.indexes[ELENA] == {"user_id": "keyword", "timestamp_unix": "float"}


def test_a_dry_run_makes_no_index_and_finds_the_same(server: QdrantServer) -> None:
    server.collection(ELENA, guides_messages(), indexed=False)
    created = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
    found = over(server, may_write=False).latest_at("elena", "user_123", [created, OCTOBER])
    assert found == {created: OCTOBER + timedelta(seconds=182), OCTOBER: OCTOBER}
    assert server.requests["index"] == 0
    assert server.indexes[ELENA] == {}


def test_an_index_of_another_type_would_lose_messages(server: QdrantServer) -> None:
    server.collection(ELENA, guides_messages())
    server.indexes[ELENA]["timestamp_unix"] = "integer"
    with pytest.raises(StoreError, match="is not float"):
        read(over(server))


def test_latest_at_jumps_over_long_stretches(server: QdrantServer) -> None:
    times = [OCTOBER + timedelta(seconds=number) for number in range(2_500)]
    server.collection(ELENA, [(number, payload("user_123", at)) for number, at in enumerate(times)])
    moments = [times[5], times[2_000] + timedelta(microseconds=1)]
    store = over(server)
    store.bots()
    server.requests.clear()
    assert store.latest_at("elena", "user_123", moments) == {moments[0]: times[5], moments[1]: times[2_000]}
    assert server.requests["scroll"] == 2


@pytest.mark.parametrize(
    ("status", "words"), [(401, "QDRANT_API_KEY"), (403, "QDRANT_API_KEY"), (500, "refuses a request")]
)
def test_a_refusal_is_told_in_words(server: QdrantServer, status: int, words: str) -> None:
    server.collection(ELENA)
    server.refuse = lambda kind: status
    with pytest.raises(StoreError, match=words):
        over(server).bots()


@pytest.mark.parametrize("retry_after", ["3", "Sun, 22 Nov 2026 00:00:00 GMT"])
def test_a_server_that_asks_to_wait_is_told_in_words(server: QdrantServer, retry_after: str) -> None:
    server.collection(ELENA)
    store = over(server)
    store.bots()
    server.retry_after, server.refuse = retry_after, lambda kind: 429
    for ask in (lambda: read(store), lambda: store.streams("elena", LATER), over(server).bots):
        with pytest.raises(StoreError, match="asks to wait"):
            ask()


def test_a_server_that_is_down_is_no_empty_stream(server: QdrantServer) -> None:
    server.collection(ELENA, guides_messages())
    store = over(server)
    assert store.bots() == ["elena"]
    server.stop()
    for ask in (lambda: read(store), lambda: store.latest_at("elena", "user_123", [OCTOBER]), over(server).bots):
        with pytest.raises(StoreError, match="does not answer"):
            ask()


def test_an_address_is_told_without_what_it_hides() -> None:
    assert where_is(url="https://someone:s3cret@qdrant.example:6333/x", path=Path()) == "qdrant.example:6333"
    assert where_is(url="", path=Path("/srv/ntrl/qdrant")) == "local folder qdrant"
    assert where_is(url="http://", path=Path()) == where_is(url="http://[bad", path=Path()) == UNREADABLE
    with pytest.raises(StoreError, match=UNREADABLE):
        connect(url="http://[bad", api_key="", path=Path())


def test_requests_are_not_logged(server: QdrantServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.collection(ELENA, guides_messages())
    assert read(over(server))
    assert not [record.name for record in caplog.records if record.name.startswith("http")]


def test_neither_server_nor_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="QDRANT_URL is not set"):
        connect(url="", api_key="", path=tmp_path / "nothing")


def test_without_the_client_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "qdrant_client", None)
    with pytest.raises(StoreError, match=r"ntrl\[qdrant\]"):
        connect(url="http://127.0.0.1:1", api_key="", path=tmp_path)


def test_the_local_folder(tmp_path: Path) -> None:
    made = QdrantClient(path=str(tmp_path / "qdrant"))
    made.create_collection(ELENA, VectorParams(size=1, distance=Distance.DOT))
    points = [PointStruct(id=point_id, vector=[1.0], payload=held) for point_id, held in guides_messages()]
    made.upsert(ELENA, points)
    made.close()
    client = connect(url="", api_key="", path=tmp_path / "qdrant")
    store = QdrantMessages(client, where="local")
    created = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
    assert [stream.user for stream in store.streams("elena", LATER)] == ["user_123"]
    read_up = {"user_123": (Mark(OCTOBER + timedelta(days=1)), ())}
    assert not store.with_news("elena", read_up, LATER)
    assert store.with_news("elena", {"user_123": (Mark(OCTOBER), ())}, LATER) == {"user_123"}
    assert len(read(store, Mark(store.latest_at("elena", "user_123", [created])[created]))) == 12
    with pytest.raises(StoreError, match="can't be used"):
        connect(url="", api_key="", path=tmp_path / "qdrant")
    client.close()
