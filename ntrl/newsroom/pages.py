"""Articles as whole HTML pages, each in its publisher's own template with all its furniture.

A publisher's templates are `page.html`, `card.html` (one related article), and `inset-N.html`: what the site
puts between the Nth paragraph and the next.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from ntrl.newsroom.articles import Article
from ntrl.newsroom.publishers import Publisher

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
BLOCK = re.compile(r"<(?:h[2-6]|blockquote|div|ul)\b")
CARDS_PER_PAGE = 3


def render_article(
    article: Article, publisher: Publisher, *, others: Sequence[Article], now: datetime, port: int
) -> bytes:
    """The page of one article, in its publisher's character set.

    Args:
        others: articles of the same publisher, for the related cards.
        now: when the newsroom opened.
        port: the port all publishers listen on.
    """
    values = _values(article, publisher, now=now, port=port)
    cards = [_card(other, publisher) for other in others if other.slug != article.slug][:CARDS_PER_PAGE]
    values["related"] = "\n".join(cards)
    values["body"] = _body(article, publisher, values)
    return encode(_templates(publisher.slug)["page"].substitute(values), publisher)


def render_home(publisher: Publisher, articles: Sequence[Article]) -> bytes:
    """The publisher's front page: its articles' titles and nothing more."""
    cards = "\n".join(_card(article, publisher) for article in articles)
    charset = f'<meta charset="{publisher.charset}">'
    head = f"<!DOCTYPE html>\n<html><head>{charset}<title>{escape(publisher.name)}</title></head>"
    return encode(f"{head}\n<body><h1>{escape(publisher.name)}</h1>\n{cards}\n</body></html>\n", publisher)


def render_missing(publisher: Publisher) -> bytes:
    """The page a dead link leads to."""
    name = escape(publisher.name)
    page = f"<html><head><title>Page not found | {name}</title></head><body><h1>Page not found</h1></body></html>"
    return encode(page, publisher)


def encode(markup: str, publisher: Publisher) -> bytes:
    """Markup in the publisher's character set, with numeric references for what it lacks."""
    return markup.encode(publisher.charset, "xmlcharrefreplace")


@cache
def _templates(slug: str) -> dict[str, Template]:
    folder = TEMPLATES_FOLDER / slug
    return {path.stem: Template(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}


def _values(article: Article, publisher: Publisher, *, now: datetime, port: int) -> dict[str, str]:
    published = article.published_at(now)
    url = publisher.base_url(port) + article.path(publisher)
    plain = {
        "title": article.title,
        "description": article.description,
        "author": article.author,
        "caption": article.caption,
        "section": article.section,
        "section_name": article.section.replace("-", " ").title(),
        "name": publisher.name,
        "url": url,
        "published": f"{published:%d %B %Y, %H:%M} UTC",
        "published_iso": published.isoformat(),
    }
    return {name: escape(value) for name, value in plain.items()} | {"json_ld": _json_ld(plain)}


def _json_ld(plain: Mapping[str, str]) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": plain["title"],
        "description": plain["description"],
        "datePublished": plain["published_iso"],
        "mainEntityOfPage": plain["url"],
        "author": {"@type": "Person", "name": plain["author"]},
        "publisher": {"@type": "NewsMediaOrganization", "name": plain["name"]},
    }
    return json.dumps(data).replace("</", "<\\/")


def _card(article: Article, publisher: Publisher) -> str:
    return _templates(publisher.slug)["card"].substitute(
        href=escape(article.path(publisher)),
        title=escape(article.title),
        description=escape(article.description),
        section_name=escape(article.section.replace("-", " ").title()),
    )


def _body(article: Article, publisher: Publisher, values: Mapping[str, str]) -> str:
    templates = _templates(publisher.slug)
    parts = []
    for position, paragraph in enumerate(article.paragraphs, start=1):
        parts.append(paragraph if BLOCK.match(paragraph) else publisher.paragraph.format(paragraph))
        inset = templates.get(f"inset-{position}")
        if inset and position < len(article.paragraphs):
            parts.append(inset.substitute(values))
    return "\n".join(parts)
