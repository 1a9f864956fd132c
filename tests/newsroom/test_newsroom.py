"""The newsroom keeps its promises: counts, mixtures, pages and feeds as a reader over HTTP gets them."""

import re
import socket
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message
from html import unescape
from http.client import HTTPConnection

import feedparser
import pytest

from neutralization.taxonomy import Category
from ntrl.newsroom import Newsroom, NewsroomError
from ntrl.newsroom.articles import Article, load_articles
from ntrl.newsroom.publishers import PUBLISHERS, Feed, FeedFormat, Publisher
from ntrl.newsroom.site import build_site, find

NOW = datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)
FEED_CATEGORIES = {
    "world", "us", "local", "business", "technology", "science", "health", "environment", "sports", "culture",
}  # fmt: skip
SHORT_BY_DESIGN = {"paywalled", "dead link"}
# Of an article that belongs to a story of several, over days or weeks.
RUNNING = "running story"
SPECIALS = {
    "exact title duplicate": 2,
    "near duplicate": 1,
    "near duplicate original": 1,
    "listed by two feeds": 3,
    "paywalled": 1,
    "dead link": 1,
    "not English": 1,
    "no date in the feed": 1,
    "odd Unicode": 1,
    "editorial": 1,
    "multi-paragraph quotation": 2,
    "plural possessive": 5,
    "scare quotes": 3,
    "straight quotation": 3,
    "single curly quotation": 3,
    "double curly quotation": 3,
    "guillemets": 2,
    "low-high quotation": 3,
    "manipulative words inside a quotation": 5,
}
ARTICLES = load_articles()
OF_SLUG = {publisher.slug: publisher for publisher in PUBLISHERS}
FEEDS = [(publisher, feed) for publisher in PUBLISHERS for feed in publisher.feeds]


def plain(markup: str) -> str:
    """Markup as the words a reader sees, with one space between them."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", markup)).split())


def text(article: Article) -> str:
    return " ".join(map(plain, article.paragraphs))


def named(article: Article) -> str:
    return f"{article.publisher}/{article.slug}"


def free_port() -> int:
    """A port that no publisher's address uses."""
    while True:
        with socket.socket() as first:
            first.bind((PUBLISHERS[0].address, 0))
            port = int(first.getsockname()[1])
        if not any(listens(publisher.address, port) for publisher in PUBLISHERS):
            return port


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


class Reader:
    """Asks one open newsroom."""

    def __init__(self, newsroom: Newsroom, port: int) -> None:
        self.newsroom = newsroom
        self.port = port

    def get(self, publisher: Publisher, target: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
        connection = HTTPConnection(publisher.address, self.port, timeout=5)
        named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers=named_headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply.status, reply.headers, content


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    port = free_port()
    with Newsroom(NOW, port=port) as newsroom:
        yield Reader(newsroom, port)


def test_every_category_has_three_fresh_articles() -> None:
    fresh = Counter(article.intended_category for article in ARTICLES if article.hours_ago <= 20)
    assert set(fresh) == FEED_CATEGORIES
    assert min(fresh.values()) >= 3
    assert fresh.total() >= 40
    assert len(ARTICLES) >= 46


def test_ages_span_several_days() -> None:
    single = [article.hours_ago for article in ARTICLES if RUNNING not in article.tricks]
    assert all(0.5 <= hours <= 20 or 30 <= hours <= 80 for hours in single)
    assert sum(hours >= 30 for hours in single) >= 5


def test_stories_run_for_days_and_one_comes_back_after_weeks() -> None:
    running = [article for article in ARTICLES if RUNNING in article.tricks]
    hours = [article.hours_ago for article in running]
    assert len(running) >= 20
    assert sum(article.tone == "slanted" for article in running) * 2 >= len(running) - 1
    assert max(hours) > 24 * 21
    assert all(any(low < each <= low + 24 for each in hours) for low in range(0, 24 * 8, 24)), "each of eight days"
    lake = sorted(article.hours_ago for article in running if "Orrin Lake" in article.title)
    assert lake[0] <= 20
    assert lake[1] - lake[0] > 24 * 7


def test_tones_are_mixed() -> None:
    tones = Counter(article.tone for article in ARTICLES)
    assert set(tones) == {"plain", "slanted", "tabloid", "editorial"}
    assert tones["plain"] >= len(ARTICLES) / 3
    assert tones["slanted"] >= len(ARTICLES) / 3
    assert tones["tabloid"] == 3


def test_every_category_of_manipulation_occurs_in_two_articles() -> None:
    counts = Counter(category for article in ARTICLES for category in article.manipulation)
    assert set(counts) == {category.value for category in Category}
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("trick", SPECIALS)
def test_special_articles_are_there(trick: str) -> None:
    assert sum(trick in article.tricks for article in ARTICLES) >= SPECIALS[trick]


@pytest.mark.parametrize("article", ARTICLES, ids=named)
def test_article_is_of_believable_size(article: Article) -> None:
    if SHORT_BY_DESIGN & set(article.tricks):
        assert len(text(article)) < 500
    else:
        assert 1200 <= len(text(article)) <= 3500
        assert 6 <= len(article.paragraphs) <= 12


@pytest.mark.parametrize("article", ARTICLES, ids=named)
def test_noted_phrases_stand_in_the_text(article: Article) -> None:
    body = text(article)
    noted = [phrase for phrases in article.manipulation.values() for phrase in phrases]
    assert [phrase for phrase in noted if phrase.casefold() not in body.casefold()] == []
    assert [phrase for phrase in article.survives if phrase not in body] == []
    assert len(noted) <= (0 if article.tone == "plain" else 20)
    assert article.tone == "plain" or len(noted) >= 2


def test_duplicates_are_what_they_say() -> None:
    by_trick = {trick: [a for a in ARTICLES if trick in a.tricks] for trick in SPECIALS}
    first, second = by_trick["exact title duplicate"]
    assert first.title == second.title
    assert first.publisher != second.publisher
    assert abs(first.hours_ago - second.hours_ago) < 12
    (original,), (copy,) = by_trick["near duplicate original"], by_trick["near duplicate"]
    assert original.title != copy.title
    shared = set(map(plain, original.paragraphs)) & set(map(plain, copy.paragraphs))
    assert len(shared) >= 6


def test_titles_and_paths_are_unique_but_for_the_intended_duplicate() -> None:
    titles = Counter(article.title for article in ARTICLES)
    assert sorted(titles.values())[-2:] == [1, 2]
    paths = {(article.publisher, article.path(OF_SLUG[article.publisher])) for article in ARTICLES}
    assert len(paths) == len(ARTICLES)


def test_publishers_differ() -> None:
    assert len(PUBLISHERS) >= 9
    assert len({publisher.address for publisher in PUBLISHERS}) == len(PUBLISHERS)
    assert {publisher.charset for publisher in PUBLISHERS} == {"utf-8", "windows-1252", "iso-8859-2"}
    assert {feed.format for _, feed in FEEDS} == set(FeedFormat)
    assert sorted(publisher.priority for publisher in PUBLISHERS)[:2] == [1, 99]


@pytest.mark.parametrize("article", [a for a in ARTICLES if not a.page_missing], ids=named)
def test_page_is_served_with_its_words(article: Article, reader: Reader) -> None:
    publisher = OF_SLUG[article.publisher]
    status, headers, content = reader.get(publisher, article.path(publisher))
    page = content.decode(publisher.charset)
    assert status == 200
    assert headers.get_content_type() == "text/html"
    assert headers.get_content_charset() == (publisher.charset if publisher.charset_in_header else None)
    assert [part for part in article.paragraphs if plain(part) not in plain(page)] == []
    canonical = re.search(r"""rel="?canonical"? href="?([^">]+)""", page, re.IGNORECASE)
    assert canonical is not None
    assert unescape(canonical[1]) == publisher.base_url(reader.port) + article.path(publisher)
    assert "<script" in page.lower()


def test_character_set_stands_where_each_publisher_puts_it() -> None:
    pages = {publisher.slug: build_site(publisher, own(publisher), now=NOW, port=1) for publisher in PUBLISHERS}
    for article in (a for a in ARTICLES if not a.page_missing):
        publisher = OF_SLUG[article.publisher]
        page = pages[publisher.slug][article.path(publisher)].content
        assert (b"charset=" in page.lower()) == (publisher.charset != "windows-1252")


def own(publisher: Publisher) -> list[Article]:
    return [article for article in ARTICLES if article.publisher == publisher.slug]


@pytest.mark.parametrize(("publisher", "feed"), FEEDS, ids=[feed.slug for _, feed in FEEDS])
def test_feed_lists_its_articles(publisher: Publisher, feed: Feed, reader: Reader) -> None:
    status, headers, content = reader.get(publisher, feed.path)
    parsed = feedparser.parse(content, response_headers={"content-type": headers["Content-Type"]})
    listed = [article for article in own(publisher) if feed.slug in article.feeds]
    assert status == 200
    assert parsed.feed.title == feed.name
    assert [plain(entry.title) for entry in parsed.entries] == [article.title for article in listed]
    assert all(
        plain(article.description) in plain(entry.summary)
        for article, entry in zip(listed, parsed.entries, strict=True)
    )
    for article, entry in zip(listed, parsed.entries, strict=True):
        link = entry.link.partition(publisher.base_url(reader.port))[2]
        assert link.partition("?utm_")[0] == article.path(publisher)
        assert bool(feed.tracking) == ("utm_source" in entry.link)
        assert reader.get(publisher, link)[0] == (404 if article.page_missing else 200)
        when = entry.get("published_parsed") or entry.get("updated_parsed")
        expected = NOW.replace(microsecond=0) - timedelta(hours=article.hours_ago)
        assert (when is None) == (not article.dated)
        assert when is None or abs(timegm(when) - expected.timestamp()) <= 1


def test_feed_answers_304_to_either_validator(reader: Reader) -> None:
    publisher, feed = FEEDS[0]
    _, headers, _ = reader.get(publisher, feed.path)
    etag, modified = headers["ETag"], headers["Last-Modified"]
    status, again, content = reader.get(publisher, feed.path, If_None_Match=f'"old", W/{etag}')
    assert (status, content, again["ETag"]) == (304, b"", etag)
    assert reader.get(publisher, feed.path, If_Modified_Since=modified)[0] == 304
    assert reader.get(publisher, feed.path, If_None_Match='"old"', If_Modified_Since=modified)[0] == 200
    assert reader.get(publisher, feed.path, If_Modified_Since="yesterday")[0] == 200


def test_head_sends_headers_alone(reader: Reader) -> None:
    for target in ("/", "/robots.txt", "/photo.svg", FEEDS[0][1].path):
        status, headers, content = reader.get(PUBLISHERS[0], target, method="HEAD")
        assert (status, content) == (200, b"")
        assert int(headers["Content-Length"]) == len(reader.get(PUBLISHERS[0], target)[2])


@pytest.mark.parametrize("target", ["/nothing", "/article/nothing?utm_source=x", "/%00", "*", "/rss/world.xml/"])
def test_unknown_target_is_a_page_of_404(target: str, reader: Reader) -> None:
    status, headers, content = reader.get(PUBLISHERS[0], target)
    assert (status, headers.get_content_type()) == (404, "text/html")
    assert b"Page not found" in content


def test_query_of_an_article_is_part_of_its_address() -> None:
    danube = OF_SLUG["danube-courier"]
    site = build_site(danube, own(danube), now=NOW, port=1)
    path = own(danube)[0].path(danube)
    assert "?id=" in path
    assert find(site, f"{path}&utm_medium=rss") is site[path]
    assert find(site, path.partition("?")[0]) is None


def test_addresses_and_texts_do_not_depend_on_the_moment() -> None:
    later = NOW + timedelta(days=40, hours=5)
    for publisher in PUBLISHERS:
        one = build_site(publisher, own(publisher), now=NOW, port=8901)
        two = build_site(publisher, own(publisher), now=later, port=8901)
        assert list(one) == list(two)
        same = build_site(publisher, own(publisher), now=NOW, port=8901)
        assert {path: r.etag for path, r in one.items()} == {path: r.etag for path, r in same.items()}


def test_sources_name_every_feed(reader: Reader) -> None:
    sources = reader.newsroom.sources()
    assert [source["slug"] for source in sources] == [feed.slug for _, feed in FEEDS]
    assert len(sources) >= 8
    assert {source["priority"] for source in sources if source["name"].startswith("Meridian Wire")} == {1}
    assert {source["home_country"] for source in sources} == {"us", "gb", "rs"}
    for source in sources:
        assert source["rss_url"].startswith(source["homepage_url"])


def test_taken_port_is_named_and_nothing_stays_open(reader: Reader) -> None:
    with pytest.raises(NewsroomError, match=rf"^127\.0\.0\.2:{reader.port} is in use"), Newsroom(NOW, port=reader.port):
        pytest.fail("two newsrooms opened on one port")
    port = free_port()
    with socket.socket() as squatter:
        squatter.bind((PUBLISHERS[3].address, port))
        squatter.listen()
        with pytest.raises(NewsroomError, match=PUBLISHERS[3].address), Newsroom(NOW, port=port):
            pytest.fail("a publisher opened on a taken port")
    assert not any(listens(publisher.address, port) for publisher in PUBLISHERS)


def test_newsroom_opens_again_where_it_closed() -> None:
    port = free_port()
    newsroom = Newsroom(NOW.astimezone(timezone(timedelta(hours=9))), port=port)
    for _ in range(2):
        with newsroom:
            assert all(listens(publisher.address, port) for publisher in PUBLISHERS)
        assert not any(listens(publisher.address, port) for publisher in PUBLISHERS)


def test_newsroom_entered_twice_stays_open_once() -> None:
    port = free_port()
    newsroom = Newsroom(NOW, port=port)
    with newsroom:
        with pytest.raises(NewsroomError), newsroom:
            pytest.fail("one newsroom opened twice")
        assert all(listens(publisher.address, port) for publisher in PUBLISHERS)


def test_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Newsroom(datetime(2026, 3, 14))
