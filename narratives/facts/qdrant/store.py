"""Conversations in Qdrant collections, one a bot, read in order of time by the index of the payload's time."""

import logging
import math
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from narratives.facts.errors import StoreError, UnknownBot
from narratives.facts.messages import BEFORE_ALL, TICK, Mark, Message
from narratives.facts.ports import Stream
from narratives.facts.qdrant.connection import errors_in_words
from narratives.facts.qdrant.names import collections_of_bots, left_unread

if TYPE_CHECKING:
    from qdrant_client import QdrantClient
    from qdrant_client.models import Filter, Record

log = logging.getLogger(__name__)

USER, TIME, CONTENT, ROLE = "user_id", "timestamp_unix", "content", "role"
# Messages of one request, with what they say; and times alone, which are short.
PAGE, TIMES_PAGE = 256, 1000
# Users that one request looks up, and ids of known messages that it carries: some 200 KB.
USERS_AT_ONCE, IDS_AT_ONCE = 100, 5_000
HALF_MICROSECOND = 5e-7
# More users than any bot has.
MOST_USERS = 1_000_000


class QdrantMessages:
    """The points of the collections `whisperengine_memory_{bot}`.

    Their order is that of `timestamp_unix`, then of ids. Ordering needs an index of that field; where it is missing it
    is made, once, unless nothing may be written: then a stream is read as a whole instead.

    Args:
        client: of a server or a local folder.
        where: it is, for people.
        may_write: whether indexes that are missing may be made.
    """

    def __init__(self, client: "QdrantClient", *, where: str, may_write: bool = True) -> None:
        self._client = client
        self._where = where
        self._may_write = may_write
        self._ordered: dict[str, bool] = {}

    @property
    def name(self) -> str:
        """Where it is."""
        return f"Qdrant: {self._where}"

    def bots(self) -> list[str]:
        """Name the bots that have a collection, by the server's lists."""
        return list(self._names)

    def streams(self, bot: str, until: datetime) -> list[Stream]:
        """Name a bot's users, from the index of user ids; nobody knows versions of them."""
        collection = self._collection(bot)
        self._prepare(collection)
        with errors_in_words(self._where):
            found = self._client.facet(collection, key=USER, limit=MOST_USERS, exact=True)
        return sorted((Stream(str(hit.value)) for hit in found.hits), key=lambda stream: stream.user)

    def with_news(
        self, bot: str, behind: Mapping[str, tuple[Mark, Collection[Mark]]], until: datetime
    ) -> Collection[str]:
        """Look up each user behind his own mark by the indexes, many users a request; no message is given out."""
        from qdrant_client.models import Filter

        collection = self._collection(bot)
        self._prepare(collection)
        found: set[str] = set()
        for users in _batches(behind):
            asked: list[Any] = [self._behind(user, behind[user][0], until, behind[user][1]) for user in users]
            with errors_in_words(self._where):
                counted = self._client.facet(
                    collection, key=USER, facet_filter=Filter(should=asked), limit=len(users), exact=True
                )
            found.update(str(hit.value) for hit in counted.hits)
        return found

    def latest_at(self, bot: str, user: str, moments: Sequence[datetime]) -> Mapping[datetime, datetime]:
        """Read the stream's times backwards from the last moment, until every moment has its answer."""
        collection = self._collection(bot)
        wanted = sorted(set(moments))
        is_ordered = self._prepare(collection)
        times = self._backwards(collection, user, wanted) if is_ordered else self._whole(collection, user, wanted[-1])
        found: dict[datetime, datetime] = {}
        for at in times:
            while wanted and at <= wanted[-1]:
                found[wanted.pop()] = at
            if not wanted:
                break
        return found

    def after(
        self, bot: str, user: str, mark: Mark, *, until: datetime, known: Collection[Mark] = ()
    ) -> Iterator[Message]:
        """Read forwards from the mark. The last time of a full page may go on: it is read to its end by id."""
        collection = self._collection(bot)
        self._prepare(collection)
        while True:
            page = self._page(collection, self._behind(user, mark, until, known))
            messages = [message for message in _in_order(page) if message.mark.key > mark.key]
            if len(page) < PAGE:
                yield from messages
                return
            last = max(_time(point) for point in page)
            whole = [message for message in messages if message.at < last]
            yield from whole
            if not whole:
                yield from self._all_of(collection, user, last, mark, known)
                mark = Mark.behind_all_of(last)
            else:
                mark = Mark(last)

    # --- requests ------------------------------------------------------------------------------------------------

    def _page(self, collection: str, wanted: "Filter") -> "list[Record]":
        from qdrant_client.models import Direction, OrderBy

        with errors_in_words(self._where):
            points, _ = self._client.scroll(
                collection,
                scroll_filter=wanted,
                order_by=OrderBy(key=TIME, direction=Direction.ASC),
                limit=PAGE,
                with_payload=[TIME, CONTENT, ROLE],
                with_vectors=False,
            )
        return points

    def _all_of(
        self, collection: str, user: str, at: datetime, mark: Mark, known: Collection[Mark]
    ) -> Iterator[Message]:
        """The messages of one time behind a mark, in the order of their ids, however many they are."""
        wanted = self._filter(user, since=at, until=at, known=known)
        begin = mark.message_id if mark.at == at else ""
        for points in self._by_id(collection, wanted, [TIME, CONTENT, ROLE], begin):
            yield from (message for message in _in_order(points) if message.mark.key > mark.key)

    def _by_id(self, collection: str, wanted: "Filter", fields: list[str], begin: str = "") -> "Iterator[list[Record]]":
        offset: Any = _as_id(begin) if begin else None
        while True:
            with errors_in_words(self._where):
                points, offset = self._client.scroll(
                    collection,
                    scroll_filter=wanted,
                    limit=PAGE,
                    offset=offset,
                    with_payload=fields,
                    with_vectors=False,
                )
            yield points
            if offset is None:
                return

    def _backwards(self, collection: str, user: str, wanted: Sequence[datetime]) -> Iterator[datetime]:
        """Times before the last moment, falling; where a page ends, whatever no moment asks for is left out."""
        from qdrant_client.models import Direction, OrderBy

        until = wanted[-1]
        while True:
            with errors_in_words(self._where):
                points, _ = self._client.scroll(
                    collection,
                    scroll_filter=self._filter(user, until=until),
                    order_by=OrderBy(key=TIME, direction=Direction.DESC),
                    limit=TIMES_PAGE,
                    with_payload=[TIME],
                    with_vectors=False,
                )
            times = [_time(point) for point in points]
            yield from times
            if len(times) < TIMES_PAGE:
                return
            below = bisect_left(wanted, times[-1])
            if not below:
                return
            until = min(wanted[below - 1], times[-1] - TICK)

    def _whole(self, collection: str, user: str, until: datetime) -> Iterator[datetime]:
        """All times of a stream up to a moment, falling, without an index."""
        pages = self._by_id(collection, self._filter(user, until=until), [TIME])
        yield from sorted((_time(point) for points in pages for point in points), reverse=True)

    def _behind(self, user: str, mark: Mark, until: datetime, known: Collection[Mark]) -> "Filter":
        return self._filter(user, since=mark.at, until=until, known=known)

    def _filter(
        self,
        user: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        known: Collection[Mark] = (),
    ) -> "Filter":
        from qdrant_client.models import FieldCondition, Filter, HasIdCondition, MatchValue, Range

        bounds = Range(
            gte=None if since is None else first_second_of(since),
            lt=None if until is None else first_second_of(until + TICK),
        )
        done: list[Any] = []
        if known:
            ids: Any = [_as_id(each.message_id) for each in sorted(known, key=lambda each: each.key)]
            last = Range(lt=first_second_of(max(each.at for each in known) + TICK))
            # One that has another time by now is no longer what was read.
            done = [Filter(must=[HasIdCondition(has_id=ids), FieldCondition(key=TIME, range=last)])]
        return Filter(
            must=[FieldCondition(key=USER, match=MatchValue(value=user)), FieldCondition(key=TIME, range=bounds)],
            must_not=done or None,
        )

    # --- collections ---------------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, str]:
        with errors_in_words(self._where):
            collections = [each.name for each in self._client.get_collections().collections]
            aliases = {each.alias_name: each.collection_name for each in self._client.get_aliases().aliases}
        for name in left_unread(collections, aliases):
            log.warning(
                "%s: nobody's messages are read from %s: another collection has its bot's name", self.name, name
            )
        return collections_of_bots(collections, aliases)

    def _collection(self, bot: str) -> str:
        if bot in self._names:
            return self._names[bot]
        raise UnknownBot(f"There is no collection of a bot {bot!r} at {self._where}. {_told(self._names)}")

    def _prepare(self, collection: str) -> bool:
        """See to it, once, that the stream can be ordered; False when it can't and nothing may be written."""
        if collection not in self._ordered:
            self._ordered[collection] = self._has_indexes(collection)
        return self._ordered[collection]

    def _has_indexes(self, collection: str) -> bool:
        from qdrant_client.models import PayloadSchemaType

        if self._is_local:
            return True
        with errors_in_words(self._where):
            schema = self._client.get_collection(collection).payload_schema
            for field, wanted in ((USER, PayloadSchemaType.KEYWORD), (TIME, PayloadSchemaType.FLOAT)):
                held = schema.get(field)
                if held is not None and held.data_type != wanted:
                    raise StoreError(
                        f"{collection} at {self._where} has an index of {field} that is not {wanted.value}."
                    )
                if held is None and not self._may_write:
                    return False
                if held is None:
                    self._client.create_payload_index(collection, field_name=field, field_schema=wanted, wait=True)
        return True

    @cached_property
    def _is_local(self) -> bool:
        from qdrant_client.local.qdrant_local import QdrantLocal

        return isinstance(getattr(self._client, "_client", None), QdrantLocal)


def _batches(behind: Mapping[str, tuple[Mark, Collection[Mark]]]) -> Iterator[list[str]]:
    """Users of one request: not too many, and not too many ids that it leaves out."""
    users: list[str] = []
    ids = 0
    for user, (_, known) in behind.items():
        if len(users) == USERS_AT_ONCE or (users and ids + len(known) > IDS_AT_ONCE):
            yield users
            users, ids = [], 0
        users.append(user)
        ids += len(known)
    if users:
        yield users


def first_second_of(at: datetime) -> float:
    """The least number of seconds that is this time when it is read to the microsecond.

    Floats of today's times have four steps to a microsecond: several of them are one time here.
    """
    seconds = at.timestamp() - HALF_MICROSECOND
    while _moment(seconds) >= at:
        seconds = math.nextafter(seconds, -math.inf)
    while _moment(seconds) < at:
        seconds = math.nextafter(seconds, math.inf)
    return seconds


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _in_order(points: "Sequence[Record]") -> list[Message]:
    messages = [
        Message(str(point.id), _time(point), _text(_payload(point), CONTENT), _text(_payload(point), ROLE))
        for point in points
    ]
    return sorted(messages, key=lambda message: message.mark.key)


def _time(point: "Record") -> datetime:
    """The point's time, to the microsecond; the filter lets none through whose time is no number."""
    seconds = _payload(point).get(TIME)
    try:
        return _moment(float(seconds))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return BEFORE_ALL


def _as_id(message_id: str) -> int | str:
    return int(message_id) if message_id.isdecimal() else message_id


def _payload(point: "Record") -> dict[str, Any]:
    return point.payload or {}


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _told(names: Mapping[str, str]) -> str:
    return f"There are those of: {', '.join(names)}." if names else "There is none of any bot."
