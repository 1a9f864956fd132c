"""Feeds in the dialects met in the field: RSS 0.91, 1.0 and 2.0 with extensions, Atom with and without xml:base."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ntrl.newsroom.articles import Article
from ntrl.newsroom.publishers import Feed, FeedFormat, Publisher

DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
MEDIA = "http://search.yahoo.com/mrss/"
RSS_091_DOCTYPE = (
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">\n'
)


@dataclass(frozen=True)
class Entry:
    """One entry, with its texts plain (not yet escaped) but for `content`, which is HTML."""

    title: str
    link: str
    path: str
    description: str
    author: str
    section: str
    content: str
    published: datetime | None


class Channel(NamedTuple):
    """What a feed says of itself."""

    name: str
    base_url: str
    feed_url: str
    updated: datetime


def render_feed(feed: Feed, publisher: Publisher, articles: Sequence[Article], *, now: datetime, port: int) -> bytes:
    """One feed, in its publisher's character set, entries in the order given.

    Args:
        articles: those the feed lists, newest first.
        now: when the newsroom opened.
        port: the port all publishers listen on.
    """
    base_url = publisher.base_url(port)
    entries = [_entry(article, feed, publisher, now=now, port=port) for article in articles]
    updated = max((article.published_at(now) for article in articles), default=now)
    channel = Channel(feed.name, base_url, base_url + feed.path, updated)
    document = WRITERS[feed.format](channel, entries)
    declaration = f'<?xml version="1.0" encoding="{publisher.charset}"?>\n'
    return (declaration + document).encode(publisher.charset, "xmlcharrefreplace")


def media_type(feed: Feed) -> str:
    """The type its server sends, which in the field is not always the registered one."""
    types = {
        FeedFormat.ATOM: "application/atom+xml; charset=utf-8",
        FeedFormat.ATOM_RELATIVE: "application/atom+xml",
        FeedFormat.RSS_10: "application/rdf+xml",
        FeedFormat.RSS_091: "text/xml",
        FeedFormat.RSS_20_CONTENT: "text/xml; charset=UTF-8",
    }
    return types.get(feed.format, "application/rss+xml")


def _entry(article: Article, feed: Feed, publisher: Publisher, *, now: datetime, port: int) -> Entry:
    path = article.path(publisher)
    if feed.tracking:
        path += ("&" if "?" in path else "?") + feed.tracking
    return Entry(
        title=article.title,
        link=publisher.base_url(port) + path,
        path=path,
        description=article.description,
        author=article.author,
        section=article.section,
        content="\n".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs),
        published=article.published_at(now) if article.dated else None,
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _cdata(name: str, text: str) -> str:
    return f"<{name}><![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


def _pub_date(entry: Entry) -> str:
    return _tag("pubDate", format_datetime(entry.published)) if entry.published else ""


def _dc_date(entry: Entry) -> str:
    return _tag("dc:date", entry.published.isoformat()) if entry.published else ""


def _rss(channel: Channel, items: Sequence[str], *, version: str = "2.0", attributes: str = "") -> str:
    lines = [
        f'<rss version="{version}"{attributes}>\n<channel>',
        _tag("title", channel.name),
        _tag("link", channel.base_url + "/"),
        _tag("description", f"The latest from {channel.name}"),
        "<language>en</language>",
        *(f"<item>\n{item}\n</item>" for item in items),
        "</channel>\n</rss>\n",
    ]
    return "\n".join(lines)


def _rss_20(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        guid = f'<guid isPermaLink="false">{escape(entry.path.rpartition("/")[2])}</guid>'
        texts = _cdata("title", entry.title) + _cdata("description", f"<p>{escape(entry.description)}</p>")
        return texts + _tag("link", entry.link) + guid + _tag("category", entry.section) + _pub_date(entry)

    return _rss(channel, [item(entry) for entry in entries])


def _rss_20_media(channel: Channel, entries: Sequence[Entry]) -> str:
    thumbnail = f"<media:thumbnail url={quoteattr(channel.base_url + '/photo.svg')}/>"

    def item(entry: Entry) -> str:
        texts = _tag("title", entry.title) + _tag("link", entry.link) + _tag("description", entry.description)
        return texts + thumbnail + _pub_date(entry)

    return _rss(channel, [item(entry) for entry in entries], attributes=f' xmlns:media="{MEDIA}"')


def _rss_20_content(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        guid = f'<guid isPermaLink="true">{escape(entry.link)}</guid>'
        texts = _tag("title", entry.title) + _tag("link", entry.link) + _cdata("description", entry.description)
        author = _cdata("dc:creator", entry.author)
        return texts + guid + author + _cdata("content:encoded", entry.content) + _pub_date(entry)

    attributes = f' xmlns:content="{CONTENT}" xmlns:dc="{DC}"'
    return _rss(channel, [item(entry) for entry in entries], attributes=attributes)


def _rss_20_permalink(channel: Channel, entries: Sequence[Entry]) -> str:
    """No link element: the guid is the link; the description is HTML, escaped once more."""

    def item(entry: Entry) -> str:
        footer = f'<p>The post <a href="{entry.link}">{escape(entry.title)}</a> first appeared on {channel.name}.</p>'
        html = f"<p>{escape(entry.description)}</p>\n{footer}"
        return _tag("title", entry.title) + _tag("guid", entry.link) + _tag("description", html) + _pub_date(entry)

    return _rss(channel, [item(entry) for entry in entries])


def _rss_20_dc_date(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        texts = _tag("title", entry.title) + _tag("link", entry.link) + _tag("description", entry.description)
        return texts + _tag("dc:creator", entry.author) + _dc_date(entry)

    return _rss(channel, [item(entry) for entry in entries], attributes=f' xmlns:dc="{DC}"')


def _rss_091(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        texts = _tag("title", entry.title) + _tag("link", entry.link) + _tag("description", entry.description)
        return texts + _pub_date(entry)

    return RSS_091_DOCTYPE + _rss(channel, [item(entry) for entry in entries], version="0.91")


def _rss_10(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        texts = _tag("title", entry.title) + _tag("link", entry.link) + _tag("description", entry.description)
        return f"<item rdf:about={quoteattr(entry.link)}>\n{texts}{_dc_date(entry)}\n</item>"

    lines = [
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:dc="{DC}" xmlns="http://purl.org/rss/1.0/">',
        f"<channel rdf:about={quoteattr(channel.feed_url)}>",
        _tag("title", channel.name) + _tag("link", channel.base_url + "/"),
        _tag("description", f"The latest from {channel.name}"),
        "<items><rdf:Seq>",
        *(f"<rdf:li rdf:resource={quoteattr(entry.link)}/>" for entry in entries),
        "</rdf:Seq></items>\n</channel>",
        *map(item, entries),
        "</rdf:RDF>\n",
    ]
    return "\n".join(lines)


def _atom_document(channel: Channel, items: Sequence[str], *, attributes: str = "") -> str:
    lines = [
        f'<feed xmlns="http://www.w3.org/2005/Atom"{attributes}>',
        _tag("title", channel.name) + _tag("id", channel.base_url + "/"),
        _tag("updated", channel.updated.isoformat()),
        f'<link rel="self" href={quoteattr(channel.feed_url)}/>',
        *(f"<entry>\n{item}\n</entry>" for item in items),
        "</feed>\n",
    ]
    return "\n".join(lines)


def _atom_entry(entry: Entry, *, href: str) -> str:
    links = f'<link rel="alternate" type="text/html" href={quoteattr(href)}/>'
    author = f"<author>{_tag('name', entry.author)}</author>"
    dates = ""
    if entry.published:
        when = entry.published.isoformat().replace("+00:00", "Z")
        dates = _tag("published", when) + _tag("updated", when)
    summary = f'<summary type="html">{escape(escape(entry.description))}</summary>'
    return _tag("title", entry.title) + _tag("id", entry.link) + links + author + dates + summary


def _atom(channel: Channel, entries: Sequence[Entry]) -> str:
    def item(entry: Entry) -> str:
        return _atom_entry(entry, href=entry.link) + f'<content type="html">{escape(entry.content)}</content>'

    return _atom_document(channel, [item(entry) for entry in entries])


def _atom_relative(channel: Channel, entries: Sequence[Entry]) -> str:
    items = [_atom_entry(entry, href=entry.path.removeprefix("/")) for entry in entries]
    return _atom_document(channel, items, attributes=f" xml:base={quoteattr(channel.base_url + '/')}")


WRITERS: dict[FeedFormat, Callable[[Channel, Sequence[Entry]], str]] = {
    FeedFormat.RSS_20: _rss_20,
    FeedFormat.RSS_20_MEDIA: _rss_20_media,
    FeedFormat.RSS_20_CONTENT: _rss_20_content,
    FeedFormat.RSS_20_PERMALINK: _rss_20_permalink,
    FeedFormat.RSS_20_DC_DATE: _rss_20_dc_date,
    FeedFormat.RSS_091: _rss_091,
    FeedFormat.RSS_10: _rss_10,
    FeedFormat.ATOM: _atom,
    FeedFormat.ATOM_RELATIVE: _atom_relative,
}
