"""A loopback server for hostile manners: paths answer as functions of the open connection say."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class QuietServer(ThreadingHTTPServer):
    """A server that doesn't mind clients that hang up: cutting off is what is tested."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Site:
    """A loopback server: paths to answers, and the requests that came."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                site.answers.get(self.path, answer(404))(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = QuietServer((host, 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.port = self._server.server_port
        self.url = f"http://{host}:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status, a body and headers (`Content_Type` is sent as `Content-Type`)."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def trickle(pieces: Iterator[bytes], pause_seconds: float = 0.0) -> Answer:
    """Send pieces without saying how many there will be, until the reader has enough."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        try:
            for piece in pieces:
                handler.wfile.write(piece)
                time.sleep(pause_seconds)
        except OSError:
            return

    return send


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
