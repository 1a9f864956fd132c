"""The publishers: who they are, where they listen, how they encode their pages and which feeds they offer."""

from dataclasses import dataclass
from enum import StrEnum

WIRE_PRIORITY = 1
ORDINARY_PRIORITY = 99  # the pipeline's rank for every publisher that is not one of the named agencies


class FeedFormat(StrEnum):
    """The dialects of feeds met in the field, one writer each."""

    RSS_20 = "rss20"
    RSS_20_MEDIA = "rss20-media"
    RSS_20_CONTENT = "rss20-content"
    RSS_20_PERMALINK = "rss20-permalink"
    RSS_20_DC_DATE = "rss20-dc-date"
    RSS_091 = "rss091"
    RSS_10 = "rss10"
    ATOM = "atom"
    ATOM_RELATIVE = "atom-relative"


@dataclass(frozen=True)
class Feed:
    """One feed of a publisher.

    Attributes:
        slug: the source's slug, unique over all publishers.
        name: the source's name.
        path: path of the feed on the publisher's host.
        format: its dialect.
        tracking: query string that this feed adds to every link, without the question mark.
    """

    slug: str
    name: str
    path: str
    format: FeedFormat
    tracking: str = ""


@dataclass(frozen=True)
class Publisher:
    """One publisher with its own loopback address.

    Attributes:
        slug: name of its folders under `articles` and `templates`.
        article_path: pattern of an article's path; fields `section`, `slug` and `number`.
        paragraph: pattern its pages wrap a paragraph in.
        charset: character set of its pages and feeds.
        charset_in_header: whether Content-Type names the character set of pages (its template may name it too).
    """

    slug: str
    name: str
    address: str
    home_country: str
    article_path: str
    feeds: tuple[Feed, ...]
    paragraph: str = "<p>{}</p>"
    charset: str = "utf-8"
    charset_in_header: bool = True
    priority: int = ORDINARY_PRIORITY

    def base_url(self, port: int) -> str:
        """The publisher's origin, without a slash at the end."""
        return f"http://{self.address}:{port}"


PUBLISHERS: tuple[Publisher, ...] = (
    Publisher(
        slug="meridian-wire",
        name="Meridian Wire",
        address="127.0.0.2",
        home_country="us",
        article_path="/article/{slug}",
        feeds=(
            Feed("meridian-wire-world", "Meridian Wire: World", "/rss/world.xml", FeedFormat.RSS_20),
            Feed("meridian-wire-us", "Meridian Wire: U.S.", "/rss/us.xml", FeedFormat.RSS_20),
        ),
        priority=WIRE_PRIORITY,
    ),
    Publisher(
        slug="daily-clarion",
        name="The Daily Clarion",
        address="127.0.0.3",
        home_country="gb",
        article_path="/{section}/{number}/{slug}/",
        feeds=(
            Feed("daily-clarion-news", "The Daily Clarion: News", "/feed/news", FeedFormat.RSS_20_MEDIA),
            Feed(
                "daily-clarion-showbiz",
                "The Daily Clarion: Showbiz and Sport",
                "/feed/showbiz",
                FeedFormat.RSS_20_MEDIA,
                tracking="utm_source=clarion&utm_medium=rss&utm_campaign=showbiz",
            ),
        ),
        paragraph='<div class="txt-blk"><p class="b3">{}</p></div>',
        charset="windows-1252",
    ),
    Publisher(
        slug="millbrook-seven",
        name="Millbrook 7 News",
        address="127.0.0.4",
        home_country="us",
        article_path="/story/{number}/{slug}",
        feeds=(Feed("millbrook-seven", "Millbrook 7 News", "/feeds/latest.rss", FeedFormat.RSS_20_CONTENT),),
    ),
    Publisher(
        slug="continental-markets",
        name="Continental Markets Service",
        address="127.0.0.5",
        home_country="us",
        article_path="/newsroom/{slug}.html",
        feeds=(Feed("continental-markets", "Continental Markets Service", "/index.rdf", FeedFormat.RSS_10),),
    ),
    Publisher(
        slug="lumen",
        name="Lumen Magazine",
        address="127.0.0.6",
        home_country="us",
        article_path="/articles/{slug}/",
        feeds=(Feed("lumen", "Lumen Magazine", "/feed/atom.xml", FeedFormat.ATOM_RELATIVE),),
    ),
    Publisher(
        slug="terrace-and-track",
        name="Terrace & Track",
        address="127.0.0.7",
        home_country="gb",
        article_path="/{section}/{slug}",
        feeds=(Feed("terrace-and-track", "Terrace & Track", "/rss", FeedFormat.RSS_20_DC_DATE),),
        paragraph="<p>{}",
    ),
    Publisher(
        slug="danube-courier",
        name="The Danube Courier",
        address="127.0.0.8",
        home_country="rs",
        article_path="/article.php?id={number}",
        feeds=(Feed("danube-courier", "The Danube Courier", "/backend.php", FeedFormat.RSS_091),),
        paragraph='<P ALIGN="justify"><FONT FACE="Verdana" SIZE="2">{}</FONT>',
        charset="iso-8859-2",
        charset_in_header=False,
    ),
    Publisher(
        slug="gaslight-weekly",
        name="Gaslight Weekly",
        address="127.0.0.9",
        home_country="gb",
        article_path="/issue/{slug}",
        feeds=(Feed("gaslight-weekly", "Gaslight Weekly", "/atom", FeedFormat.ATOM),),
    ),
    Publisher(
        slug="the-watershed",
        name="The Watershed",
        address="127.0.0.10",
        home_country="us",
        article_path="/{section}/{slug}/",
        feeds=(Feed("the-watershed", "The Watershed", "/feed/", FeedFormat.RSS_20_PERMALINK),),
    ),
)
