"""The newsroom's articles, read from one TOML file each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from ntrl.newsroom.publishers import PUBLISHERS, Publisher

ARTICLES_FOLDER = Path(__file__).parent / "articles"
FIRST_NUMBER = 100_000  # publishers that number their articles use six digits


@dataclass(frozen=True)
class Article:
    """One article as its publisher's editors keep it.

    Attributes:
        paragraphs: HTML inside a paragraph each; one that begins with a block tag stands by itself.
        feeds: slugs of the feeds that list it.
        hours_ago: age in hours at the moment the newsroom opens.
        dated: whether the feed tells its date.
        page_missing: whether its link is dead.
        intended_category: the feed category an editor would file it under (a note for tests).
        tone: plain, slanted, tabloid or editorial (a note for tests).
        manipulation: phrases of the text by category of manipulation, as a human labelled them (a note for tests).
        survives: phrases that look manipulative and must stay, for they are quoted or factual (a note for tests).
        tricks: what is peculiar about this article (a note for tests).
    """

    publisher: str
    slug: str
    title: str
    description: str
    author: str
    section: str
    caption: str
    hours_ago: float
    feeds: tuple[str, ...]
    paragraphs: tuple[str, ...]
    intended_category: str
    tone: str
    dated: bool = True
    page_missing: bool = False
    manipulation: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    survives: tuple[str, ...] = ()
    tricks: tuple[str, ...] = ()

    def path(self, publisher: Publisher) -> str:
        """The article's path on its publisher's host, query included; the same in every run."""
        number = FIRST_NUMBER + crc32(self.slug.encode()) % (10 * FIRST_NUMBER - FIRST_NUMBER)
        return publisher.article_path.format(section=self.section, slug=self.slug, number=number)

    def published_at(self, now: datetime) -> datetime:
        """When it appeared, to the second, for a newsroom that opens at `now`."""
        return (now - timedelta(hours=self.hours_ago)).replace(microsecond=0)


@cache
def load_articles() -> tuple[Article, ...]:
    """All articles, newest first.

    Raises:
        TypeError: a file lacks a field or has one too many.
    """
    articles = [
        _read(path, publisher)
        for publisher in PUBLISHERS
        for path in sorted((ARTICLES_FOLDER / publisher.slug).glob("*.toml"))
    ]
    return tuple(sorted(articles, key=lambda article: (article.hours_ago, article.publisher, article.slug)))


def _read(path: Path, publisher: Publisher) -> Article:
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    body: str = data.pop("body")
    for name in ("feeds", "survives", "tricks"):
        if name in data:
            data[name] = tuple(data[name])
    data.setdefault("feeds", (publisher.feeds[0].slug,))
    noted: dict[str, list[str]] = data.pop("manipulation", {})
    return Article(
        publisher=publisher.slug,
        slug=path.stem,
        paragraphs=tuple(part.strip() for part in body.split("\n\n") if part.strip()),
        manipulation={category: tuple(phrases) for category, phrases in noted.items()},
        **data,
    )
