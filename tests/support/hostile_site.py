"""Sources as the web has them at its worst, on one loopback server, beside two healthy ones."""

import gzip
import itertools
from collections.abc import Iterable
from xml.sax.saxutils import escape

import brotli

from tests.support.ports import free_port
from tests.support.site import HEAD, Answer, Site, answer, trickle

HEALTHY = ("healthy-one", "healthy-two")
ARTICLES_EACH = 12
MANY_ENTRIES = 50_000

# A name that the driver's resolver knows, and lies about.
INSIDE = "inside.example"

_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (level, b"&lol%s;" % (str(level - 1).encode() if level > 1 else b"") * 10)
        for level in range(1, 11)
    )
    + b"]><rss version='2.0'><channel><title>&lol10;</title>"
    b"<item><title>&lol10;</title><link>http://127.0.0.1/laugh</link><description>&lol10;</description></item>"
    b"</channel></rss>"
)
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def open_site() -> tuple[Site, dict[str, str]]:
    """Open the server; returns it and the feeds' addresses by the sources' slugs."""
    site = Site()
    site.answers["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /forbidden", Content_Type="text/plain")
    feeds = {slug: f"{site.url}/{slug}" for slug in (*HEALTHY, *_hostile_feeds(site.url), "bad-pages")}
    for slug in HEALTHY:
        links = [f"{site.url}/{slug}/{number}" for number in range(ARTICLES_EACH)]
        site.answers[f"/{slug}"] = _feed(links)
        for number in range(ARTICLES_EACH):
            site.answers[f"/{slug}/{number}"] = _html(a_story(slug, number))
    site.answers.update({f"/{slug}": reply for slug, reply in _hostile_feeds(site.url).items()})
    pages = _hostile_pages()
    site.answers.update({f"/bad-pages/{name}": reply for name, reply in pages.items()})
    site.answers["/bad-pages"] = _feed(
        [
            *(f"{site.url}/bad-pages/{name}" for name in pages),
            f"{site.url}/forbidden",
            f"http://{INSIDE}:{site.port}/secret",
        ]
    )
    feeds["down"] = f"http://127.0.0.1:{free_port()}/feed"
    return site, feeds


def _hostile_feeds(base: str) -> dict[str, Answer]:
    healthy = _rss([f"{base}/lying/{number}" for number in range(3)])
    return {
        "slow": trickle((bytes([byte]) for byte in HEAD + b"\r\n" + healthy * 100), pause_seconds=0.05),
        "silent": trickle(iter([b""] * 400), pause_seconds=0.05),
        "endless": trickle(itertools.chain([HEAD + b"\r\n<rss>"], itertools.repeat(b"<item>" * 10_000))),
        "endless-headers": trickle(itertools.chain([HEAD], itertools.repeat(b"X-More: 1\r\n" * 100))),
        "lying-length": trickle(iter([HEAD + b"Content-Length: 100000\r\n\r\n" + healthy])),
        "huge-length": trickle(iter([HEAD + b"Content-Length: 99999999999\r\n\r\n" + healthy])),
        "lying-charset": answer(
            body=_rss([f"{base}/lying"], title="Café – “né”"), Content_Type="application/rss+xml; charset=utf-16"
        ),
        "to-metadata": answer(302, Location="http://169.254.169.254/latest/meta-data/"),
        "to-file": answer(302, Location="file:///etc/passwd"),
        "to-loopback-v6": answer(307, Location="http://[::1]:80/"),
        "in-a-circle": answer(302, Location="/in-a-circle-2"),
        "in-a-circle-2": answer(302, Location="/in-a-circle"),
        "gzip-bomb": answer(body=gzip.compress(bytes(300_000_000), 1), Content_Encoding="gzip"),
        "brotli-bomb": answer(body=brotli.compress(bytes(300_000_000), quality=1), Content_Encoding="br"),
        "gzip-in-gzip": answer(body=gzip.compress(gzip.compress(bytes(300_000_000), 1)), Content_Encoding="gzip, gzip"),
        "entity-bomb": answer(body=_LAUGHS, Content_Type="application/rss+xml"),
        "html": _html("<p>Sign in to continue</p>"),
        "image": answer(body=_PNG, Content_Type="application/rss+xml"),
        "nothing": answer(body=b"", Content_Type="application/rss+xml"),
        "deep": answer(body=b"<rss><channel>" + b"<a>" * 300_000, Content_Type="application/rss+xml"),
        "attributes": answer(
            body=_rss([f"{base}/x"]).replace(b"<item", b"<item " + b" ".join(b'a%d="1"' % n for n in range(100_000)))
        ),
        "cut-off": answer(body=healthy[:-60], ETag='"cut"'),
        "broken": answer(body=_rss([f"{base}/lying?a=1&amp;b=2"], title="AT&amp;T cuts").replace(b"&amp;", b"&")),
        "many": answer(body=_rss([f"{base}/m/{number}" for number in range(MANY_ENTRIES)], title="")),
        "no-links": answer(body=_rss([""] * 7)),
        "private-link": answer(body=_rss(["http://10.0.0.1/a", "http://169.254.169.254/b", "file:///etc/passwd"])),
    }


def _hostile_pages() -> dict[str, Answer]:
    return {
        "slow": trickle((bytes([byte]) for byte in HEAD + b"\r\n" + b"<p>slow" * 1_000), pause_seconds=0.05),
        "endless": trickle(itertools.chain([HEAD + b"\r\n"], itertools.repeat(b"<p>more</p>" * 5_000))),
        "gzip-bomb": answer(
            body=gzip.compress(bytes(300_000_000), 1), Content_Encoding="gzip", Content_Type="text/html"
        ),
        "tags": _html("<div>x</div>" * 400_000),
        "attributes": _html("<p " + " ".join(f"a{number}" for number in range(400_000)) + ">x"),
        "image": answer(body=_PNG, Content_Type="image/png"),
        "to-metadata": answer(302, Location="http://169.254.169.254/latest/meta-data/"),
        "to-file": answer(302, Location="file:///etc/passwd"),
        "in-a-circle": answer(302, Location="/bad-pages/in-a-circle"),
        "lying-length": trickle(iter([HEAD + b"Content-Length: 100000\r\n\r\n<p>short"])),
        "lying-charset": answer(body=a_story("lying", 1).encode(), Content_Type="text/html; charset=shift_jis"),
        "gone": answer(410),
    }


def a_story(slug: str, number: int) -> str:
    """An article unlike all others."""
    subject = f"{slug} {number}"
    sentences = "".join(
        f"<p>In the matter of {subject}, “item {number * 31 + at}” was settled by {slug}’s council after {at + 2} hours"
        f" of talks about clause {number}-{at}, and it costs {number * 17 + at * 3} million dollars.</p>"
        for at in range(12)
    )
    return f"<article><h1>Council settles {subject}</h1>{sentences}</article>"


def _html(content: str) -> Answer:
    page = f"<!doctype html><html lang=en><head><title>Story</title></head><body>{content}</body></html>"
    return answer(body=page.encode(), Content_Type="text/html; charset=utf-8")


def _feed(links: Iterable[str]) -> Answer:
    return answer(body=_rss(links), Content_Type="application/rss+xml")


def _rss(links: Iterable[str], *, title: str = "Headline of {link}") -> bytes:
    items = "".join(
        f"<item><title>{title.format(link=escape(link))} {number}</title><link>{escape(link)}</link></item>"
        for number, link in enumerate(links)
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()
