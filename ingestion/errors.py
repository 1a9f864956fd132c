"""What can go wrong between a feed's address and an article's text: one tree of errors, each with a code."""


class IngestionError(Exception):
    """A failure with a code that programs compare and a detail that editors read.

    Args:
        code: stable, lower-case, underscored: `http_404`, `blocked_address`, `no_article`.
        detail: one plain sentence or less; never secrets, never whole pages.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class UrlError(IngestionError, ValueError):
    """An address that cannot name a story; its code is always `bad_url`."""

    def __init__(self, detail: str) -> None:
        super().__init__("bad_url", detail)


class FeedError(IngestionError):
    """A document that is no feed: `empty_document`, `html_instead_of_feed`, `not_a_feed`, `feed_too_complex`.

    Or that is a broken one without an entry: `malformed_feed`.
    """


class ExtractionError(IngestionError):
    """A page without an article: `no_article`, `home_page` (redirected there), `consent_page`, `page_too_complex`."""


class FetchError(IngestionError):
    """An exchange over HTTP that brought nothing usable.

    Args:
        code: `http_<status>`, `timeout`, `dns_failure`, `connection_failed`, `blocked_address`, `too_large`,
            `too_many_redirects`, `redirect_loop`, `bad_url`, `bad_response`, `not_a_page`, `robots_disallowed`,
            `robots_unreachable`, `host_busy`, `host_waiting` (it asked us to wait), `redirected_to_gone` (410, but
            only behind a redirect that is not permanent).
        url: the address that failed, after redirects.
        retryable: whether asking again later may help.
        retry_after_seconds: how long the server asked us to wait, when it did.
        was_asked: False when we did not even ask, being polite; then nothing is to be held against the address.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        url: str,
        retryable: bool,
        retry_after_seconds: float | None = None,
        was_asked: bool = True,
    ) -> None:
        super().__init__(code, detail)
        self.url = url
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds
        self.was_asked = was_asked

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.url})"
