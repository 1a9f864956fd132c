"""A loopback web server for pages that a test has in hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def serving(pages: Mapping[str, tuple[bytes, str]]) -> Iterator[str]:
    """Serve `pages` (path to content and content type) on a free port; gives the address without a final slash.

    Pages may be added while it serves; any other path is a 404.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content, content_type = pages.get(self.path, (b"not here", "text/plain"))
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
