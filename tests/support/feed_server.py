"""A loopback server whose paths answer as a test says, with validators as a real server keeps them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(slots=True)
class Page:
    """What a path answers; with an ETag among the headers, a request that names it gets 304."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class FeedServer:
    """Serves `pages` on a free port; `asked` lists the requests as (path, If-None-Match)."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str]] = []
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feeds.asked.append((self.path, self.headers.get("If-None-Match", "")))
                feeds._answer(self, feeds.pages.get(self.path, Page(status=404)))

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FeedServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
        etag = page.headers.get("ETag", "")
        is_known = page.status == 200 and etag and handler.headers.get("If-None-Match") == etag
        body = b"" if is_known else page.body.encode()
        handler.send_response(304 if is_known else page.status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
