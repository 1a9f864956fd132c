"""One run over sources that do their worst: a reason on each, the healthy ones unharmed, memory and time bounded."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.hostile_site import ARTICLES_EACH, HEALTHY, open_site
from tests.support.processes import a_family

MOST_MB = 300
FETCH_TIMEOUT_SECONDS = 2

pytestmark = [pytest.mark.journey, pytest.mark.any_database]

# Slug to whether the source failed, and what its editor reads.
FEEDS = {
    "down": (True, r"could not be reached"),
    "slow": (True, r"took too long \(not done within 2 s\)"),
    "silent": (True, r"took too long"),
    "endless": (True, r"too large \(more than 5,000,000 bytes\)"),
    "endless-headers": (True, r"broken"),
    "lying-length": (True, r"broken"),
    "huge-length": (True, r"too large"),
    "lying-charset": (False, r"^$"),
    "to-metadata": (True, r"network that is not public"),
    "to-file": (True, r"cannot be used"),
    "to-loopback-v6": (True, r"network that is not public"),
    "in-a-circle": (True, r"redirects in a circle"),
    "gzip-bomb": (True, r"too large"),
    "brotli-bomb": (True, r"too large"),
    "gzip-in-gzip": (True, r"too large"),
    "entity-bomb": (True, r"Feed too complex \(it declares entities that are made of entities\)"),
    "attributes": (True, r"Feed too complex \(a tag with more than 3,000 attributes\)"),
    "cut-off": (False, r"^feed is cut off"),
    "broken": (False, r"^feed is malformed"),
    "html": (True, r"A web page came in place of the feed"),
    "image": (True, r"no feed"),
    "nothing": (True, r"empty"),
    "deep": (True, r"Feed too complex"),
    "many": (False, r"50000 entries; only the newest 1000 are read"),
    "no-links": (False, r"without a link: 7"),
    "private-link": (False, r"cannot be used: 1 .*left out: 2 .*not a public address"),
}

# Path to the reason for which the article has no body.
PAGES = {
    "/bad-pages/slow": r"timeout: not done within 2 s",
    "/bad-pages/endless": r"too_large",
    "/bad-pages/gzip-bomb": r"too_large",
    "/bad-pages/tags": r"page_too_complex: more than 20,000 elements",
    "/bad-pages/attributes": r"page_too_complex: a tag with more than 3,000 attributes",
    "/bad-pages/image": r"not_a_page: image/png",
    "/bad-pages/to-metadata": r"blocked_address",
    "/bad-pages/to-file": r"^bad_url: scheme 'file' is not http or https$",
    "/bad-pages/in-a-circle": r"redirect_loop",
    "/bad-pages/lying-length": r"bad_response",
    "/bad-pages/gone": r"http_410",
    "/forbidden": r"robots_disallowed",
    "//inside.example/secret": r"blocked_address",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ingest in a process of its own, whose memory holds no server and no tests."""
    site, feeds = open_site()
    with a_family(tmp_path_factory.mktemp("hostile"), migrated=False) as family:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.hostile_driver", str(FETCH_TIMEOUT_SECONDS)],
            cwd=ROOT,
            env={**os.environ, **family.environment, "NTRL_FETCH_ALLOW_NETWORKS": "127.0.0.1/32"},
            input=json.dumps(feeds),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    site.close()
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("slug", FEEDS)
def test_every_source_says_what_is_wrong(report: dict[str, Any], slug: str) -> None:
    is_failed, expected = FEEDS[slug]
    failures, reason = report["sources"][slug]
    assert re.search(expected, reason), reason
    assert (failures > 0) is is_failed


@pytest.mark.parametrize("path", PAGES)
def test_every_article_without_a_body_says_why(report: dict[str, Any], path: str) -> None:
    available, reason, _ = report["stories"][path]
    assert not available
    assert re.search(PAGES[path], reason), reason


@pytest.mark.parametrize("slug", HEALTHY)
def test_the_healthy_ones_are_unharmed(report: dict[str, Any], slug: str) -> None:
    assert report["sources"][slug] == [0, ""]
    own = {path: story for path, story in report["stories"].items() if path.startswith(f"/{slug}/")}
    assert len(own) == ARTICLES_EACH
    assert all(story == [True, "", False] for story in own.values()), own


def test_what_only_lies_about_its_charset_is_read(report: dict[str, Any]) -> None:
    assert report["stories"]["/bad-pages/lying-charset"][:2] == [True, ""]
    assert "Café – “né” 0" in report["titles"]


def test_what_a_broken_feed_means_is_read(report: dict[str, Any]) -> None:
    assert "AT&T cuts 0" in report["titles"]


def test_the_run_ends_well_and_in_bounds(report: dict[str, Any]) -> None:
    assert report["bugs"] == []
    assert report["stages"] == {"feeds": ["completed", "", ""], "articles": ["completed", "", ""]}
    assert report["peak_mb"] < MOST_MB, f"{report['peak_before_mb']} MB before the run"
    # Every fetch is cut off after two seconds; without that, one of the servers would never let go.
    assert report["seconds"] < 120
