"""A loopback server that speaks Qdrant's REST protocol over its real engine, in process, and counts requests.

    with QdrantServer(folder) as server:
        server.collection("whisperengine_memory_elena_7d", points)
        server.aliases["whisperengine_memory_elena"] = "whisperengine_memory_elena_7d"
        ...  # a real client asks server.url
        assert server.requests["scroll"] == 1

The engine is that of qdrant-edge-py: ordering without an index of the field fails there as on a server.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import qdrant_edge as edge

Payload = dict[str, Any]
POINTS_AT_ONCE = 5_000
TOO_MANY_REQUESTS = 429
INDEXES = {"keyword": edge.PayloadSchemaType.Keyword, "float": edge.PayloadSchemaType.Float}


class QdrantServer:
    """Collections of points without meaning in their vectors. Everything may be changed while it runs.

    Attributes:
        aliases: the collection that each alias leads to.
        indexes: the indexed fields of each collection, with their types.
        requests: how many came, by kind ("scroll", "facet", "index", "lists", "info").
        delivered: points that scrolls have given out.
        refuse: called before each request with its kind; a status that it returns is sent in place of an answer.
        retry_after: what a 429 says.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[str, edge.EdgeShard] = {}
        self._lock = threading.Lock()
        self.aliases: dict[str, str] = {}
        self.indexes: dict[str, dict[str, str]] = {}
        self.requests: Counter[str] = Counter()
        self.delivered = 0
        self.refuse: Callable[[str], int] = lambda kind: 0
        self.retry_after = "3"
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "QdrantServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        for shard in self._shards.values():
            shard.close()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def collection(self, name: str, points: Iterable[tuple[int | str, Payload]] = (), *, indexed: bool = True) -> None:
        """Make a collection, with the indexes that deployments have."""
        vectors = edge.EdgeVectorParams(size=1, distance=edge.Distance.Dot)
        self._shards[name] = edge.EdgeShard.create(str(self._folder / name), edge.EdgeConfig(vectors=vectors))
        self.indexes[name] = {}
        if indexed:
            self.index(name, "user_id", "keyword")
            self.index(name, "timestamp_unix", "float")
        self.put(name, points)

    def put(self, name: str, points: Iterable[tuple[int | str, Payload]]) -> None:
        """Add points."""
        made = [edge.Point(point_id, [1.0], payload) for point_id, payload in points]
        for begin in range(0, len(made), POINTS_AT_ONCE):
            self._shards[name].update(edge.UpdateOperation.upsert_points(made[begin : begin + POINTS_AT_ONCE]))

    def index(self, name: str, field: str, kind: str) -> None:
        """Index a field."""
        self._shards[name].update(edge.UpdateOperation.create_field_index(field, INDEXES[kind]))
        self.indexes[name][field] = kind

    # --- for the handler -----------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer a request: the status and the result."""
        parts = path.partition("?")[0].strip("/").split("/")
        kind = _kind(method, parts)
        with self._lock:
            self.requests[kind] += 1
            status = self.refuse(kind)
            if status:
                return status, "refused"
            if kind == "lists":
                return 200, self._lists(parts[0])
            name = self.aliases.get(parts[1], parts[1])
            if name not in self._shards:
                return 404, f"Collection `{parts[1]}` doesn't exist!"
            return self._of_collection(kind, name, body)

    def _lists(self, which: str) -> Any:
        if which == "aliases":
            return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in self.aliases.items()]}
        return {"collections": [{"name": name} for name in self._shards]}

    def _of_collection(self, kind: str, name: str, body: dict[str, Any]) -> tuple[int, Any]:
        shard = self._shards[name]
        if kind == "index":
            self.index(name, body["field_name"], body["field_schema"])
            return 200, {"operation_id": 1, "status": "completed"}
        if kind == "info":
            return 200, _info(self.indexes[name])
        try:
            answer = _scroll(shard, body) if kind == "scroll" else _facet(shard, body)
        except Exception as error:  # noqa: BLE001 - whatever the engine says, a server would say too
            return 400, str(error)
        self.delivered += len(answer.get("points", []))
        return 200, answer


def _kind(method: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return "lists"
    return parts[-1] if len(parts) > 2 else "info"


def _scroll(shard: edge.EdgeShard, body: dict[str, Any]) -> Any:
    order = body.get("order_by")
    direction = edge.Direction.Desc if order and order.get("direction") == "desc" else edge.Direction.Asc
    records, following = shard.scroll(
        edge.ScrollRequest(
            offset=body.get("offset"),
            limit=body["limit"],
            filter=_filter(body.get("filter") or {}),
            with_payload=body.get("with_payload"),
            with_vector=False,
            order_by=edge.OrderBy(order["key"], direction) if order else None,
        )
    )
    points = [{"id": _plain(record.id), "payload": record.payload} for record in records]
    return {"points": points, "next_page_offset": None if order or following is None else _plain(following)}


def _facet(shard: edge.EdgeShard, body: dict[str, Any]) -> Any:
    wanted = _filter(body.get("filter") or {})
    found = shard.facet(edge.FacetRequest(body["key"], limit=body["limit"], exact=body["exact"], filter=wanted))
    return {"hits": [{"value": hit.value, "count": hit.count} for hit in found.hits]}


def _filter(body: dict[str, Any]) -> edge.Filter:
    must = [_condition(each) for each in body.get("must") or []]
    must_not = [_condition(each) for each in body.get("must_not") or []]
    should = [_condition(each) for each in body.get("should") or []]
    return edge.Filter(must=must or None, must_not=must_not or None, should=should or None)


def _condition(body: dict[str, Any]) -> Any:
    if "has_id" in body:
        return edge.HasIdCondition(set(body["has_id"]))
    if body.get("range"):
        bounds = {name: value for name, value in body["range"].items() if value is not None}
        return edge.FieldCondition(body["key"], range=edge.RangeFloat(**bounds))
    if body.get("match"):
        return edge.FieldCondition(body["key"], match=edge.MatchValue(body["match"]["value"]))
    return _filter(body)


def _info(indexes: dict[str, str]) -> Any:
    return {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": 1,
        "config": {
            "params": {"vectors": {"size": 1, "distance": "Dot"}},
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
            "optimizer_config": {
                "deleted_threshold": 0.2,
                "vacuum_min_vector_number": 1000,
                "default_segment_number": 0,
                "flush_interval_sec": 5,
            },
        },
        "payload_schema": {field: {"data_type": kind, "points": 1} for field, kind in indexes.items()},
    }


def _plain(point_id: Any) -> int | str:
    return point_id if isinstance(point_id, int) else str(point_id)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, qdrant: QdrantServer) -> None:
        self.qdrant = qdrant
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        status, result = self.server.qdrant.answer(method, self.path, body)
        document = {"result": result, "status": "ok", "time": 0.0}
        if status != 200:
            document = {"status": {"error": result}, "time": 0.0}
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status == TOO_MANY_REQUESTS:
            self.send_header("Retry-After", self.server.qdrant.retry_after)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
