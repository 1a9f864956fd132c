"""A loopback MongoDB server: the wire protocol is spoken here, queries and updates are answered by mongomock.

Documents are indexed by `_id`, as a real server's are. `on_command` hears of each command before it is carried out and
may raise `Refused`; `passwords` are those of users who sign in with the mechanism PLAIN; updates of `refused_ids` fail.
"""

import socketserver
import struct
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from types import MethodType, TracebackType
from typing import Any

import bson
import mongomock
from bson.codec_options import CodecOptions
from mongomock.filtering import _get_compare_type, filter_applies
from mongomock.helpers import patch_datetime_awareness_in_document

Document = dict[str, Any]
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
BODY, SEQUENCE = 0, 1
# A server's own: a first reply without a batchSize holds so many documents, and no reply more than 16 MB.
FIRST_BATCH = 101
MOST_BYTES = 16 * 1024 * 1024
# What MongoDB 7.0 says of itself.
WIRE_VERSION = 21
HELLO = {
    "isWritablePrimary": True,
    "ismaster": True,
    "helloOk": True,
    "maxBsonObjectSize": MOST_BYTES,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": WIRE_VERSION,
    "readOnly": False,
    "ok": 1.0,
}
AUTHENTICATION_FAILED, PATH_NOT_VIABLE, CURSOR_NOT_FOUND, NO_SUCH_COMMAND = 18, 28, 43, 59


# How the driver asks for a count, behind the filter.
COUNTING = [{"$group": {"_id": 1, "n": {"$sum": 1}}}]


class Refused(Exception):
    """A command that fails with a code of MongoDB's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class HungUp(Exception):
    """The server closes the connection without an answer."""


class MongoServer:
    """A server on a free port; `documents` are those it serves, for a test to read and change."""

    def __init__(self, passwords: Mapping[str, str] | None = None) -> None:
        self.passwords = passwords
        self.commands: list[Document] = []
        self.on_command: Callable[[Document], None] | None = None
        self.refused_ids: set[Any] = set()
        self.documents: mongomock.MongoClient[Document] = mongomock.MongoClient()
        self._lock = threading.RLock()
        self._indexes: dict[tuple[str, str], IdIndex] = {}
        self._cursors: dict[int, Iterator[Document]] = {}
        self._cursor_ids = count(1)
        mongo = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                mongo._converse(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.uri = f"mongodb://{self.address}/"

    def __enter__(self) -> "MongoServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def collection(self, database: str, name: str) -> "mongomock.Collection[Document]":
        """A collection whose lookups by `_id` go through an index."""
        found = self.documents[database][name]
        if (database, name) not in self._indexes:
            self._indexes[database, name] = IdIndex(found)
        return found

    def forget_indexes(self) -> None:
        """Begin anew, after databases were dropped."""
        self._indexes.clear()

    # --- the wire ------------------------------------------------------------------------------------------------

    def _converse(self, connection: Any) -> None:
        try:
            while header := _receive(connection, 16):
                length, request_id, _, op_code = struct.unpack("<iiii", header)
                payload = _receive(connection, length - 16)
                if op_code == OP_QUERY:
                    body = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(self._reply(_query(payload)))
                    connection.sendall(_headed(body, request_id, OP_REPLY))
                else:
                    body = struct.pack("<IB", 0, BODY) + bson.encode(self._reply(_message(payload)))
                    connection.sendall(_headed(body, request_id, OP_MSG))
        except (OSError, HungUp):
            pass
        finally:
            connection.close()

    def _reply(self, command: Document) -> Document:
        name = next(iter(command))
        if name in {"hello", "ismaster", "isMaster"}:
            return dict(HELLO)  # at once, whatever the others wait for: a driver takes a server that is late for dead
        run = COMMANDS.get(name)
        self.commands.append(command)
        try:
            if self.on_command is not None:
                self.on_command(command)
            if run is None:
                raise Refused(NO_SUCH_COMMAND, f"no such command: {name}")
            with self._lock:
                return {**run(self, command), "ok": 1.0}
        except Refused as refusal:
            return {"ok": 0.0, "code": refusal.code, "errmsg": str(refusal), "codeName": "Refused"}

    # --- the commands --------------------------------------------------------------------------------------------

    def _target(self, command: Document) -> "mongomock.Collection[Document]":
        return self.collection(command["$db"], next(iter(command.values())))

    def _nothing(self, command: Document) -> Document:
        return {}

    def _sign_in(self, command: Document) -> Document:
        _, user, password = bytes(command["payload"]).decode().split("\0")
        if self.passwords is None or self.passwords.get(user) != password:
            raise Refused(AUTHENTICATION_FAILED, "Authentication failed.")
        return {"conversationId": 1, "done": True, "payload": b""}

    def _find(self, command: Document) -> Document:
        collection = self._target(command)
        sort = list((command.get("sort") or {}).items())
        # The index gives them in the order of ids already; mongomock's own cursor would walk to the end to sort them.
        order = None if sort == [("_id", 1)] else sort
        query = patch_datetime_awareness_in_document(command.get("filter") or {})
        found = collection._get_dataset(query, order, command.get("projection") or None, dict)
        documents = islice(found, command.get("limit") or None)
        size = command.get("batchSize", FIRST_BATCH)
        return self._batch(documents, size, "firstBatch", f"{command['$db']}.{command['find']}")

    def _get_more(self, command: Document) -> Document:
        documents = self._cursors.pop(command["getMore"], None)
        if documents is None:
            raise Refused(CURSOR_NOT_FOUND, "cursor not found")
        return self._batch(documents, command.get("batchSize"), "nextBatch", command["collection"])

    def _batch(self, documents: Iterator[Document], size: int | None, name: str, namespace: str) -> Document:
        """One reply's documents; what is left waits under a new cursor."""
        batch = list(islice(documents, size))
        first = next(documents, None)
        cursor = 0
        if first is not None:
            cursor = next(self._cursor_ids)
            self._cursors[cursor] = _with_first(first, documents)
        return {"cursor": {"id": bson.Int64(cursor), "ns": namespace, name: batch}}

    def _insert(self, command: Document) -> Document:
        self._target(command).insert_many(command["documents"])
        return {"n": len(command["documents"])}

    def _update(self, command: Document) -> Document:
        collection, matched, modified = self._target(command), 0, 0
        errors: list[Document] = []
        for index, each in enumerate(command["updates"]):
            change = collection.update_many if each.get("multi") else collection.update_one
            if each["q"].get("_id") in self.refused_ids:
                errors.append({"index": index, "code": PATH_NOT_VIABLE, "errmsg": "refused"})
                continue
            result = change(each["q"], each["u"], upsert=each.get("upsert", False))
            matched += result.matched_count
            modified += result.modified_count
        return {"n": matched, "nModified": modified, **({"writeErrors": errors} if errors else {})}

    def _delete(self, command: Document) -> Document:
        collection = self._target(command)
        return {"n": sum(collection.delete_many(each["q"]).deleted_count for each in command["deletes"])}

    def _aggregate(self, command: Document) -> Document:
        collection, pipeline = self._target(command), command["pipeline"]
        if [*pipeline[1:]] == COUNTING:  # mongomock would copy every document first
            number = collection.count_documents(pipeline[0]["$match"])
            documents: Iterator[Document] = iter([{"_id": 1, "n": number}] if number else [])
        else:
            documents = iter(list(collection.aggregate(pipeline)))
        return self._batch(documents, None, "firstBatch", f"{command['$db']}.{command['aggregate']}")

    def _list_databases(self, command: Document) -> Document:
        return {"databases": [{"name": name} for name in self.documents.list_database_names()]}

    def _list_collections(self, command: Document) -> Document:
        names = self.documents[command["$db"]].list_collection_names()
        batch = [{"name": name, "type": "collection"} for name in names]
        return self._batch(iter(batch), None, "firstBatch", f"{command['$db']}.$cmd.listCollections")

    def _drop(self, command: Document) -> Document:
        self.documents.drop_database(command["$db"])
        self.forget_indexes()
        return {}


COMMANDS: dict[str, Callable[[MongoServer, Document], Document]] = {
    "ping": MongoServer._nothing,
    "endSessions": MongoServer._nothing,
    "killCursors": MongoServer._nothing,
    "saslStart": MongoServer._sign_in,
    "find": MongoServer._find,
    "getMore": MongoServer._get_more,
    "insert": MongoServer._insert,
    "update": MongoServer._update,
    "delete": MongoServer._delete,
    "aggregate": MongoServer._aggregate,
    "listDatabases": MongoServer._list_databases,
    "listCollections": MongoServer._list_collections,
    "dropDatabase": MongoServer._drop,
}


class IdIndex:
    """The `_id`s of a mongomock collection in order; gives its queries only the documents that can match."""

    def __init__(self, collection: "mongomock.Collection[Document]") -> None:
        self._store = collection._store
        self._ordered: list[tuple[Any, Any]] = []
        self._known: set[Any] = set()
        collection._iter_documents = MethodType(lambda _, query: self.matching(query), collection)

    def matching(self, query: Document) -> Iterator[Document]:
        """Yield the matching documents in the order of their ids."""
        filter_applies(query, {})  # what is no query is refused, even by an empty collection
        self._renew()
        wanted = query.get("_id")
        if wanted is not None and not isinstance(wanted, dict):
            keys = [wanted] if wanted in self._store else []
        elif isinstance(wanted, dict) and "$gt" in wanted:
            keys = self._keys(bisect_right(self._ordered, _order(wanted["$gt"])))
        else:
            keys = self._keys(0)
        return (self._store[key] for key in keys if key in self._store and filter_applies(query, self._store[key]))

    def _keys(self, start: int) -> Iterator[Any]:
        return (pair[1] for pair in islice(self._ordered, start, None))

    def _renew(self) -> None:
        """Take in what was inserted since; what was deleted is passed over when it is met."""
        if len(self._known) >= len(self._store):
            return
        new = [key for key in self._store._documents if key not in self._known]
        self._known.update(new)
        self._ordered += map(_order, new)
        self._ordered.sort()


def _order(key: Any) -> tuple[int, Any]:
    """What ids are ordered by: their type, then their value."""
    return _get_compare_type(key), key


def _with_first(first: Document, rest: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield from rest


def _receive(connection: Any, length: int) -> bytes:
    """Read so many bytes; none when the other side has gone."""
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _headed(body: bytes, request_id: int, op_code: int) -> bytes:
    return struct.pack("<iiii", 16 + len(body), 0, request_id, op_code) + body


def _query(payload: bytes) -> Document:
    """The command of an OP_QUERY, with which a driver says hello."""
    start = payload.index(b"\0", 4) + 1 + 8
    return _decode(payload[start:])


def _message(payload: bytes) -> Document:
    """The command of an OP_MSG: its body, with the sequences of documents put in."""
    command: Document = {}
    sequences: Document = {}
    position = 4
    while position < len(payload):
        kind, position = payload[position], position + 1
        size = struct.unpack_from("<i", payload, position)[0]
        section = payload[position : position + size]
        position += size
        if kind == SEQUENCE:
            name, _, documents = section[4:].partition(b"\0")
            sequences[name.decode()] = bson.decode_all(documents, _CODEC)
        else:
            command = _decode(section)
    return {**command, **sequences}


_CODEC: CodecOptions[Document] = CodecOptions(tz_aware=False)


def _decode(document: bytes) -> Document:
    return bson.decode(document, _CODEC)
