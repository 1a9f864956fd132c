"""The labelled material is sound in itself; nothing is matched here."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ARTICLES: list[dict[str, Any]] = json.loads((HERE / "articles.json").read_text(encoding="utf-8"))
STORIES: dict[str, str] = json.loads((HERE / "stories.json").read_text(encoding="utf-8"))
PAIRS: list[dict[str, Any]] = json.loads((HERE / "pairs.json").read_text(encoding="utf-8"))
PARALLEL = {
    "dogecoin-retail-price-surge",
    "dogecoin-governance-dispute",
    "dogecoin-twitter-meme-campaign",
    "dogecoin-protocol-upgrade",
    "dogecoin-regulatory-scrutiny",
}


def published(article: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(article["published_at"])


def stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def check_fingerprint(fingerprint: dict[str, Any]) -> None:
    assert set(fingerprint) == {"nucleus_entity", "narrative_focus", "top_actors", "key_actions"}
    nucleus, focus = fingerprint["nucleus_entity"], fingerprint["narrative_focus"]
    assert nucleus.strip() == nucleus != ""
    assert 2 <= len(focus.split()) <= 5
    assert focus == focus.lower() == " ".join(focus.split())
    assert focus not in {"unknown", nucleus.lower()}
    for names, most in ((fingerprint["top_actors"], 5), (fingerprint["key_actions"], 3)):
        assert len(names) <= most
        assert all(name.strip() == name != "" for name in names)
        assert len(set(names)) == len(names)
    assert nucleus.lower() not in {actor.lower() for actor in fingerprint["top_actors"]}


def test_there_is_enough_of_it() -> None:
    sizes = Counter(article["story"] for article in ARTICLES)
    assert len(ARTICLES) >= 90
    assert 28 <= len(sizes) <= 36
    assert max(sizes.values()) <= 6
    assert 0.55 <= sum(size >= 3 for size in sizes.values()) / len(sizes) <= 0.7
    assert len(PAIRS) == 60
    assert min(Counter(pair["label"] for pair in PAIRS).values()) >= 25


def test_nothing_is_there_twice() -> None:
    for rows in (ARTICLES, PAIRS):
        assert len({row["id"] for row in rows}) == len(rows)
    for field in ("title", "body"):
        assert len({article[field] for article in ARTICLES}) == len(ARTICLES)
    assert len({json.dumps([pair["a"], pair["b"]]) for pair in PAIRS}) == len(PAIRS)


def test_every_story_is_used_and_every_label_explained() -> None:
    assert {article["story"] for article in ARTICLES} == set(STORIES)
    assert all(sentence.endswith(".") for sentence in STORIES.values())


def test_the_articles_run_in_order_over_a_month() -> None:
    moments = [published(article) for article in ARTICLES]
    assert all(moment.tzinfo == UTC for moment in moments)
    assert moments == sorted(moments)
    assert timedelta(days=28) <= moments[-1] - moments[0] <= timedelta(days=32)


def test_the_five_parallel_stories_share_a_day() -> None:
    days: dict[str, set[str]] = {story: set() for story in PARALLEL}
    for article in ARTICLES:
        if article["story"] in PARALLEL:
            days[article["story"]].add(article["published_at"][:10])
    assert set.intersection(*days.values())
    assert all(len(of_story) >= 3 for of_story in days.values())


def test_a_story_may_pause_for_days() -> None:
    gaps = []
    for story in STORIES:
        moments = [published(article) for article in ARTICLES if article["story"] == story]
        gaps += [(later - earlier).days for earlier, later in pairwise(moments)]
    assert sum(gap >= 2 for gap in gaps) >= 25
    assert sum(gap >= 9 for gap in gaps) >= 8


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["id"])
def test_article(article: dict[str, Any]) -> None:
    assert set(article) == {"id", "title", "body", "published_at", "fingerprint", "story"}
    assert article["title"].strip() == article["title"] != ""
    assert 60 <= len(article["body"].split()) <= 150
    check_fingerprint(article["fingerprint"])
    assert stands_in(article["fingerprint"]["nucleus_entity"], article["body"])
    assert article["fingerprint"]["top_actors"]
    assert article["fingerprint"]["key_actions"]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["id"])
def test_pair(pair: dict[str, Any]) -> None:
    assert set(pair) == {"id", "a", "b", "days_apart", "label", "why"}
    assert pair["label"] in {"same", "different"}
    assert pair["why"].endswith(".")
    assert 0 <= pair["days_apart"] <= 30
    check_fingerprint(pair["a"])
    check_fingerprint(pair["b"])
