"""Addresses that redirects lead to in place of an article: front pages, consent, logging in, "not found"."""

import re
from urllib.parse import SplitResult, urlsplit

from ingestion.errors import UrlError
from ingestion.urls import normalize_url

# Host labels and first path segments of pages that ask for consent before they show an article.
_CONSENT = frozenset(
    {"consent", "cookie-consent", "cookieconsent", "cookiewall", "cookie-wall", "gdpr", "privacy-gate", "privacygate"}
)
# Host labels, and first or last path segments, of pages that ask for a name or for money.
_GATES = frozenset({"login", "log-in", "signin", "sign-in", "sign_in", "subscribe"})
# Alone in a path, since an article's number may be 404 too.
_REGRETS = frozenset({"404", "not-found", "page-not-found"})
_FRONTS = frozenset({"index", "home", "default"})

_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")


def is_home_page(url: str) -> bool:
    """Tell whether an address is a site's front, or an edition's: `/`, `/index.html`, `/en/`; tracking is ignored."""
    parts = _parts(url)
    names = _names(parts)
    return not parts.query and (not names or (len(names) == 1 and names[0] in _FRONTS))


def is_consent_request(url: str) -> bool:
    """Tell whether an address is that of a page that asks for consent."""
    parts = urlsplit(url)
    names = (parts.hostname or "").split(".") + parts.path.lower().split("/")[1:2]
    return not _CONSENT.isdisjoint(names)


def is_gate(url: str) -> bool:
    """Tell whether an address is that of a page to log in, to subscribe, or that regrets to have nothing."""
    parts = _parts(url)
    names = _names(parts)
    host = (parts.hostname or "").split(".")[:1]
    return not _GATES.isdisjoint(host + names[:1] + names[-1:]) or (len(names) == 1 and names[0] in _REGRETS)


def _parts(url: str) -> SplitResult:
    """Split an address without what only says how a reader arrived."""
    try:
        return urlsplit(normalize_url(url))
    except UrlError:
        return urlsplit(url)


def _names(parts: SplitResult) -> list[str]:
    """Return the path's segments in lower case, without a language before them and without endings (`.html`)."""
    segments = [segment for segment in parts.path.lower().split("/") if segment]
    if segments and _LANGUAGE.fullmatch(segments[0]):
        del segments[0]
    return [segment.partition(".")[0] for segment in segments]
