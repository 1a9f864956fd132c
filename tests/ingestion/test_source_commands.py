"""load_sources, export_sources and check_sources as a shell calls them."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from ingestion.models import FeedEntry, Source
from ingestion.source_check import check_sources
from ntrl.stages.models import Claim, StageRun
from tests.support.factories import NOON, a_source
from tests.support.feed_server import FeedServer, Page
from tests.support.fetching import FakeFetcher, a_feed

pytestmark = pytest.mark.django_db


def call(name: str, *args: str) -> tuple[int, str]:
    """Call a command as a shell would; returns its exit status and standard output."""
    out, status = io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            call_command(name, *args, stdout=out)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, out.getvalue()


def a_list(folder: Path, *urls: str) -> str:
    outlines = "".join(f'<outline text="Feed {n}" xmlUrl="{url}"/>' for n, url in enumerate(urls))
    path = folder / "feeds.opml"
    path.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", encoding="utf-8")
    return str(path)


def test_a_list_is_loaded(tmp_path: Path) -> None:
    status, out = call("load_sources", a_list(tmp_path, "https://a.example/rss", "https://b.example/rss"))

    assert status == 0
    assert "2 sources added, 0 were there already, 0 refused." in out
    assert out.rstrip().endswith("Next: python manage.py check_sources")
    assert Source.objects.count() == 2


def test_a_refused_feed_is_named_and_the_status_says_so(tmp_path: Path) -> None:
    path = a_list(tmp_path, "https://a.example/rss", "ftp://b.example/rss")

    status, out = call("load_sources", path)

    assert status == 3
    assert "refused: Feed 1: the address of its feed cannot be used: scheme 'ftp'" in out
    status, out = call("load_sources", path, "--json")
    document = json.loads(out)
    assert (status, document["added"], document["kept"]) == (3, [], ["feed-0"])
    assert [refusal["source"] for refusal in document["refused"]] == ["Feed 1"]


def test_the_starter_list_is_loaded_once() -> None:
    assert call("load_sources", "--starter")[0] == 0
    number = Source.objects.count()
    status, out = call("load_sources", "--starter", "--json")

    assert (status, len(json.loads(out)["kept"])) == (0, number)


@pytest.mark.parametrize("args", [[], ["x.opml", "--starter"]])
def test_one_list_must_be_named(args: list[str]) -> None:
    with pytest.raises(CommandError, match="Say which sources"):
        call("load_sources", *args)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("", "the file is empty"),
        ("<html/>", "not OPML: the document is <html>"),
        ("<opml><body></opml>", "mismatched tag, line 1"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "declares an entity"),
    ],
)
def test_a_file_that_is_no_list_is_named_with_what_is_wrong(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "feeds.opml"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=said) as caught:
        call("load_sources", str(path))

    assert str(path) in str(caught.value)
    assert not Source.objects.exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call("load_sources", str(tmp_path))


def test_export_and_load_go_round(tmp_path: Path) -> None:
    call("load_sources", "--starter")
    before = list(Source.objects.order_by("slug").values("slug", "name", "rss_url", "priority", "home_country"))
    path = str(tmp_path / "out.opml")

    status, out = call("export_sources", path)
    assert (status, out) == (0, f"{len(before)} sources written to {path}.\n")
    Source.objects.all().delete()
    assert call("load_sources", path)[0] == 0

    after = list(Source.objects.order_by("slug").values("slug", "name", "rss_url", "priority", "home_country"))
    assert after == before


def test_export_to_standard_output_is_the_document_alone() -> None:
    a_source()

    status, out = call("export_sources")
    assert status == 0
    assert out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"')
    assert out.endswith("</opml>\n")

    document = json.loads(call("export_sources", "--json")[1])
    assert (document["sources"], document["opml"]) == (1, out)


def test_export_to_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call("export_sources", str(tmp_path / "no such folder" / "x.opml"))


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.NTRL_FETCH_ALLOW_NETWORKS = [ip_network("127.0.0.0/8")]
    with FeedServer() as running:
        articles = [(f"{running.url}/{n}", f"Headline {n}", NOON) for n in range(3)]
        running.pages["/good"] = Page(a_feed(*articles, ("http://10.0.0.1/", "Inside", None)))
        running.pages["/moved"] = Page(status=301, headers={"Location": "/good"})
        running.pages["/page"] = Page("<!doctype html><html><title>Sign in</title></html>")
        a_source("good", rss_url=f"{running.url}/good", etag='"x"', priority=1)
        yield running


def test_every_feed_is_asked_once_and_nothing_is_stored(server: FeedServer) -> None:
    a_source("moved", rss_url=f"{server.url}/moved", priority=2)
    a_source("page", rss_url=f"{server.url}/page", priority=3)
    a_source("closed", rss_url=f"{server.url}/closed", priority=4)
    a_source("off", rss_url=f"{server.url}/off", is_active=False)
    before = list(Source.objects.order_by("slug").values())

    status, out = call("check_sources")

    assert status == 3
    lines = out.splitlines()
    assert lines[1].split() == ["good", "ok", "3", "rss", "2026-03-01", "12:00"]
    assert "    entries left out: 1 (“Inside” leads to 10.0.0.1, which is not a public address)" in lines
    assert f"    moved for good to {server.url}/good" in lines
    assert f"    A web page came in place of the feed (a web page titled “Sign in”) ({server.url}/page)" in lines
    assert f"    The server said 404 (not found) ({server.url}/closed)" in lines
    assert lines[-2:] == ["4 sources checked, 2 cannot be read.", "Next: python manage.py run_pipeline"]
    assert sorted(server.asked) == [("/closed", ""), ("/good", ""), ("/good", ""), ("/moved", ""), ("/page", "")]
    assert list(Source.objects.order_by("slug").values()) == before
    assert not FeedEntry.objects.exists()
    assert not Claim.objects.exists()
    assert not StageRun.objects.exists()


def test_one_is_asked_by_name_even_when_it_is_off(server: FeedServer) -> None:
    a_source("off", rss_url=f"{server.url}/good?off", is_active=False)
    server.pages["/good?off"] = server.pages["/good"]

    status, out = call("check_sources", "--source", "off", "--json")

    document = json.loads(out)
    [source] = document["sources"]
    assert (status, document["checked"], document["failed"]) == (0, 1, 0)
    assert (source["source_slug"], source["status"], source["entries"], source["format"]) == ("off", "ok", 3, "rss")
    assert source["newest_entry_at"] == "2026-03-01T12:00:00Z"
    assert source["moved_to"] == ""


def test_a_source_that_is_none_is_named() -> None:
    with pytest.raises(CommandError, match="no source is called nobody"):
        call("check_sources", "--source", "nobody")


def test_without_sources_the_next_step_is_said() -> None:
    status, out = call("check_sources")
    assert (status, out.rstrip().splitlines()[-1]) == (0, "Next: python manage.py load_sources --starter")


def test_a_bug_on_one_feed_is_said_of_that_feed() -> None:
    a_source("bad", priority=1)
    a_source("good", priority=2)
    fetcher = FakeFetcher({"https://bad.example/feed.xml": KeyError("odd"), "https://good.example/feed.xml": a_feed()})

    bad, good = check_sources(fetcher=fetcher)

    assert bad.problem == "Reading the feed ended in a bug of NTRL's (KeyError: 'odd')"
    assert (good.problem, good.warnings) == ("", ("feed is valid but lists no entries",))


def test_a_stop_leaves_out_the_feeds_not_yet_asked() -> None:
    for number in range(4):
        a_source(f"s{number}", priority=number)
    stop = threading.Event()

    class Stopping(FakeFetcher):
        def fetch(self, *args: Any, **named: Any) -> Any:
            stop.set()
            return super().fetch(*args, **named)

    fetcher = Stopping()
    seen = list(check_sources(fetcher=fetcher, workers=1, stop=stop))

    assert [check.source_slug for check in seen] == ["s0"]
    assert len(fetcher.asked) == 1
