"""What a site's robots.txt lets us fetch (RFC 9309), asked once for a site and a run."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from urllib.parse import urlsplit

from protego import Protego

from ingestion.errors import FetchError

_AGENT_LINE = re.compile(r"[ \t]*(user[ -]?agent)[ \t]*:?[ \t]*([^#\r\n]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)


class RobotsRules:
    """What one robots.txt says to one robot.

    Args:
        text: the document; "" allows everything.
        product: the name before the slash in our User-Agent.
    """

    def __init__(self, text: str, product: str) -> None:
        self._product = product
        self._rules = Protego.parse(_for_one(text, product.lower()))

    def allows(self, url: str) -> bool:
        """Say whether the robot may fetch an address of this site."""
        return bool(self._rules.can_fetch(url, self._product))


class Robots:
    """The rules of every site that was asked about, kept for a run. Thread-safe; a site is asked by one thread.

    Args:
        product: the name before the slash in our User-Agent.
    """

    def __init__(self, product: str) -> None:
        self._product = product
        self._sites: dict[str, Future[RobotsRules]] = {}
        self._lock = threading.Lock()

    def check(self, url: str, read: Callable[[str], bytes], *, wait_seconds: float) -> None:
        """Let an address pass that robots.txt allows.

        Args:
            url: the page's address; one that is none passes, for the fetcher to refuse.
            read: brings the document at an address, or raises FetchError.
            wait_seconds: how long to wait for another thread that is asking the same site.

        Raises:
            FetchError: `robots_disallowed`; `robots_unreachable`, to be asked again later (RFC 9309, 2.3.1.4: what
                can't be read may forbid everything); `host_busy`, when the wait was too long.
        """
        address = _robots_address(url)
        if not address:
            return
        site, is_ours = self._site(address)
        if is_ours:
            self._ask(site, address, read)
        try:
            rules = site.result(timeout=wait_seconds)
        except TimeoutError as error:
            detail = "robots.txt is still being read"
            raise FetchError("host_busy", detail, url=url, retryable=True, was_asked=False) from error
        except FetchError as error:
            raise _unreachable(error, url) from error
        if not rules.allows(url):
            raise FetchError("robots_disallowed", "the site's robots.txt forbids it", url=url, retryable=False)

    def _site(self, address: str) -> tuple[Future[RobotsRules], bool]:
        """Return the site's rules, which may be on their way, and whether it is on us to ask for them."""
        with self._lock:
            is_new = address not in self._sites
            return self._sites.setdefault(address, Future()), is_new

    def _ask(self, site: Future[RobotsRules], address: str, read: Callable[[str], bytes]) -> None:
        try:
            text = read(address).decode("utf-8-sig", "replace")
        except FetchError as error:
            if error.retryable:
                self._give_up(site, address, error)
                return
            text = ""  # what isn't there, or only leads astray, forbids nothing (RFC 9309, 2.3.1.3)
        except BaseException as error:
            self._give_up(site, address, error)
            raise
        site.set_result(RobotsRules(text, self._product))

    def _give_up(self, site: Future[RobotsRules], address: str, error: BaseException) -> None:
        """Tell whoever waits. Only a site's own failure is kept: that we came at a bad moment says nothing of it."""
        if not isinstance(error, FetchError) or not error.was_asked:
            with self._lock:
                del self._sites[address]
        site.set_exception(error)


def _unreachable(error: FetchError, url: str) -> FetchError:
    if not error.was_asked:
        return FetchError(
            error.code,
            error.detail,
            url=url,
            retryable=True,
            retry_after_seconds=error.retry_after_seconds,
            was_asked=False,
        )
    detail = f"robots.txt: {error.code}: {error.detail}" if error.detail else f"robots.txt: {error.code}"
    return FetchError(
        "robots_unreachable", detail, url=url, retryable=True, retry_after_seconds=error.retry_after_seconds
    )


def _robots_address(url: str) -> str:
    """Return where the rules for an address stand; "" when it is none that could be fetched."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.netloc.lower()}/robots.txt"


def _for_one(text: str, product: str) -> str:
    """Rename robots that are not this one alike.

    The parser keeps every rule once for each robot it is for; a hostile document would make it keep millions.
    """
    return "\n".join(_rename(line, product) for line in text.splitlines())


def _rename(line: str, product: str) -> str:
    found = _AGENT_LINE.match(line)
    if found is None:
        return line
    token = _TOKEN.match(found[2])
    if found[2].startswith("*"):
        name = "*"
    elif token is not None and token[0].lower() == product:
        name = product
    else:
        name = "another"
    return f"User-agent: {name}"
