"""A loopback server that speaks the providers' protocols, fails as told, and keeps accounts.

    with LLMServer() as server:
        server.reply("classify", '{"domain": "sports"}')
        server.fault(Fault.HTTP_500, operation="classify", times=2)
        ...  # a real SDK asks server.openai_url, server.gemini_url or server.anthropic_url
        assert server.billed == Decimal("0.00012")

OpenAI's Chat Completions and models under /v1, Gemini's under /v1beta/openai, Anthropic's Messages under /v1.
"""

import json
import random
import threading
from collections.abc import Callable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.support.llm_faults import Fault, Plan, wreck
from tests.support.llm_protocols import Asked, error_document, reply_document, tokens, who

# Dollars for a million tokens of (input, cached input, input written to the cache, output): the public lists of 2026,
# written down a second time, so that a mistake in the project's own reckoning shows.
PRICES = {
    "gpt-6-luna": ("0.10", "0.01", "0.125", "0.50"),
    "gemini-3.5-flash-lite": ("0.30", "0.03", "0.30", "2.50"),
    "claude-haiku-5-5": ("0.10", "0.01", "0.125", "0.50"),
}
# What a system part must have to be cached, in tokens as they are counted here.
CACHED_FROM_TOKENS = 20

Replier = Callable[["Asked"], str]


class LLMServer:
    """Answers calls. Thread-safe; everything may be changed while it runs.

    Attributes:
        asked: the calls (not the lists of models), in the order they came.
        billed: dollars, for every call that got a reply or was cut off on the way.
        models: what the lists of models name.
        keys: what is accepted; empty for any.
        latency_seconds: each reply takes.
    """

    def __init__(self, *, seed: int = 1) -> None:
        self.asked: list[Asked] = []
        self.billed = Decimal(0)
        self.models = list(PRICES)
        self.keys: set[str] = set()
        self.latency_seconds = 0.0
        self.hang_seconds = 30.0
        self.at_once = self.most_at_once = 0
        self._repliers: dict[str, Replier] = {}
        self._queued: dict[str, list[str]] = {}
        self._plans: list[Plan] = []
        self._cached: set[str] = set()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.openai_url, self.gemini_url = f"{self.url}/v1", f"{self.url}/v1beta/openai/"
        self.anthropic_url = self.url

    def __enter__(self) -> "LLMServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def reply(self, operation: str, reply: str | Replier) -> None:
        """Say what an operation's calls get from now on: a text, or what a function makes of the request."""
        self._repliers[operation] = reply if callable(reply) else lambda asked: reply

    def queue(self, operation: str, *texts: str) -> None:
        """Say what an operation's next calls get, one each."""
        self._queued.setdefault(operation, []).extend(texts)

    def fault(
        self,
        *faults: Fault,
        operation: str = "",
        provider: str = "",
        times: int | None = None,
        rate: float = 1.0,
        retry_after: str = "",
    ) -> None:
        """Let calls fail: those of an operation or provider, so many or all, at a rate; of several faults one each."""
        with self._lock:
            self._plans.append(Plan(list(faults), operation, provider, times, rate, retry_after))

    def heal(self) -> None:
        """Let no more calls fail."""
        with self._lock:
            self._plans.clear()

    def operations(self) -> list[str]:
        """The calls that came, by operation."""
        return [asked.operation for asked in self.asked]

    # --- for the handler -----------------------------------------------------------------------------------------

    def fault_of(self, asked: Asked) -> tuple[Fault | None, str]:
        """Choose the fault that a call gets, and its Retry-After."""
        if self.keys and asked.key not in self.keys:
            return Fault.HTTP_401, ""
        if asked.model not in self.models:
            return Fault.HTTP_404, ""
        with self._lock:
            for plan in self._plans:
                if plan.fits(asked.operation, asked.provider) and self._random.random() < plan.rate:
                    return plan.take(self._random), plan.retry_after
        return None, ""

    def text_for(self, asked: Asked) -> str:
        """Choose the reply of a call."""
        with self._lock:
            queued = self._queued.get(asked.operation)
            if queued:
                return queued.pop(0)
        replier = self._repliers.get(asked.operation)
        return replier(asked) if replier else "OK"

    def usage_of(self, asked: Asked, text: str) -> dict[str, int]:
        """Count a call's tokens; a system part that came before is read from the cache."""
        system, user = tokens(asked.system), tokens(asked.user)
        with self._lock:
            is_known = (asked.provider + asked.system) in self._cached
            self._cached.add(asked.provider + asked.system)
        cacheable = system if system >= CACHED_FROM_TOKENS else 0
        written = cacheable if not is_known and asked.provider == "anthropic" else 0
        cached = cacheable if is_known else 0
        limit = asked.body.get("max_completion_tokens") or asked.body["max_tokens"]
        output = min(tokens(text), limit)
        return {"input": system + user, "cached": cached, "written": written, "output": output}

    def bill(self, asked: Asked, usage: dict[str, int]) -> None:
        """Take the money for a call."""
        fresh, cached, written, output = map(Decimal, PRICES.get(asked.model, ("0", "0", "0", "0")))
        plain = usage["input"] - usage["cached"] - usage["written"]
        cost = plain * fresh + usage["cached"] * cached + usage["written"] * written + usage["output"] * output
        with self._lock:
            self.billed += cost / 1_000_000

    @property
    def is_closing(self) -> bool:
        """Whether the server ends."""
        return self._closing.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the server's end."""
        self._closing.wait(seconds)

    def entered(self, asked: Asked) -> None:
        """Note a call that came."""
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def left(self) -> None:
        """Note that a call is over."""
        with self._lock:
            self.at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, llm: LLMServer) -> None:
        self.llm = llm
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "_Server"
    protocol_version = "HTTP/1.1"
    # Head and body go out apart; with it on, the body would wait 40 ms for the head to be acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        provider, key = who(self)
        if self.server.llm.keys and key not in self.server.llm.keys:
            self._send(401, error_document(provider, "authentication_error", "invalid_api_key"))
            return
        prefix = "models/" if provider == "gemini" else ""
        models = [{"id": prefix + model, "object": "model", "type": "model"} for model in self.server.llm.models]
        self._send(200, {"object": "list", "data": models, "has_more": False})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        provider, key = who(self)
        operation = self.headers.get("X-NTRL-Operation", "")
        asked = Asked(self.path, provider, operation, key, raw, json.loads(raw))
        self.server.llm.entered(asked)
        try:
            self._answer(asked)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller had enough
        finally:
            self.server.llm.left()

    def _answer(self, asked: Asked) -> None:
        llm = self.server.llm
        fault, retry_after = llm.fault_of(asked)
        if fault is not None and fault.status:
            llm.pause(llm.latency_seconds)
            headers = {"Retry-After": retry_after} if retry_after else {}
            self._send(fault.status, error_document(asked.provider, fault.kind, fault.code), headers)
            return
        text = wreck(fault, llm.text_for(asked)) if fault else llm.text_for(asked)
        usage = llm.usage_of(asked, text)
        llm.bill(asked, usage)
        llm.pause(llm.latency_seconds)
        if fault is not None and fault.breaks_connection:
            self._break(fault, json.dumps(reply_document(asked, text, usage, fault)).encode())
        else:
            self._send(200, reply_document(asked, text, usage, fault))

    def _break(self, fault: Fault, body: bytes) -> None:
        self.close_connection = True
        if fault == Fault.RESET:
            return
        if fault == Fault.HANG:
            self.server.llm.pause(self.server.llm.hang_seconds)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == Fault.CUT_OFF:
            self.wfile.write(body[: len(body) // 2])
            return
        for index in range(len(body)):  # so slowly that it never ends within a test
            self.wfile.write(body[index : index + 1])
            self.server.llm.pause(0.02)
            if self.server.llm.is_closing:
                return

    def _send(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass
