"""The decision record's own case: duplicates against the old rule, nothing different merged, the labelled pairs."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from narratives.identity import Fingerprint, jaccard
from narratives.models import Narrative
from tests.narratives.make import assign, fingerprinted, narrative_of
from tests.narratives.rules import IDENTITY

HERE = Path(__file__).parent
ARTICLES: list[dict[str, Any]] = json.loads((HERE / "articles.json").read_text(encoding="utf-8"))
PAIRS: list[dict[str, Any]] = json.loads((HERE / "pairs.json").read_text(encoding="utf-8"))
# Of 60 pairs. Those that are missed are worded without a common word, or told apart by who is sued alone.
RIGHT_PAIRS = 56
LEAST_REDUCTION = 0.80

# The rule that the record replaced: nucleus as the strongest signal, actors and actions as medium ones, names as they
# are written, and a threshold that tightens when a narrative has been silent for 48 hours.
OLD_NUCLEUS, OLD_ACTORS, OLD_ACTIONS = 0.5, 0.25, 0.25
OLD_THRESHOLD, OLD_THRESHOLD_LATER = 0.6, 0.75
OLD_FRESH = timedelta(hours=48)


def as_fingerprint(row: dict[str, Any]) -> Fingerprint:
    return Fingerprint(
        row["nucleus_entity"], row["narrative_focus"], tuple(row["top_actors"]), tuple(row["key_actions"])
    )


def old_similarity(one: dict[str, Any], other: dict[str, Any]) -> float:
    return (
        OLD_NUCLEUS * (one["nucleus_entity"] == other["nucleus_entity"])
        + OLD_ACTORS * jaccard(frozenset(one["top_actors"]), frozenset(other["top_actors"]))
        + OLD_ACTIONS * jaccard(frozenset(one["key_actions"]), frozenset(other["key_actions"]))
    )


def by_the_old_rule() -> list[int]:
    """The number of the narrative that the old rule put each article into."""
    narratives: list[tuple[dict[str, Any], datetime]] = []
    chosen = []
    for article in ARTICLES:
        at, read = datetime.fromisoformat(article["published_at"]), article["fingerprint"]
        scores = [(old_similarity(read, founding), -number) for number, (founding, _) in enumerate(narratives)]
        score, number = max(scores, default=(0.0, 0))
        fresh = bool(narratives) and at - narratives[-number][1] <= OLD_FRESH
        if score >= (OLD_THRESHOLD if fresh else OLD_THRESHOLD_LATER):
            narratives[-number] = (narratives[-number][0], at)
            chosen.append(-number)
        else:
            narratives.append((read, at))
            chosen.append(len(narratives) - 1)
    return chosen


def duplicates(narratives: Sequence[object]) -> int:
    """How many narratives tell a story that another one tells already."""
    of_story = defaultdict(set)
    for article, narrative in zip(ARTICLES, narratives, strict=True):
        of_story[article["story"]].add(narrative)
    return sum(len(each) - 1 for each in of_story.values())


def mixed(narratives: Sequence[object]) -> list[set[str]]:
    """The sets of different stories that one narrative holds."""
    stories = defaultdict(set)
    for article, narrative in zip(ARTICLES, narratives, strict=True):
        stories[narrative].add(article["story"])
    return [each for each in stories.values() if len(each) > 1]


@pytest.mark.django_db
def test_duplicates_fall_and_nothing_different_is_merged() -> None:
    stories = [_stored(article) for article in ARTICLES]
    assign(datetime.fromisoformat(ARTICLES[-1]["published_at"]))
    new = [narrative_of(story).pk for story in stories]
    old = by_the_old_rule()

    assert mixed(new) == []
    assert mixed(old), "the old rule merged what is different"
    assert duplicates(new) < (1 - LEAST_REDUCTION) * duplicates(old)
    assert Narrative.objects.filter(nucleus_entity="Dogecoin", article_count__gte=3).count() >= 5


def _stored(article: dict[str, Any]) -> Any:
    read = article["fingerprint"]
    at = datetime.fromisoformat(article["published_at"])
    actors = ", ".join(read["top_actors"])
    return fingerprinted(
        read["nucleus_entity"], read["narrative_focus"], actors, at=at, key_actions=read["key_actions"]
    )


def test_the_labelled_pairs() -> None:
    wrong = []
    for pair in PAIRS:
        one, other = as_fingerprint(pair["a"]), as_fingerprint(pair["b"])
        if IDENTITY.compare(one, other).is_same != (pair["label"] == "same"):
            wrong.append(pair["id"])
    assert len(PAIRS) - len(wrong) >= RIGHT_PAIRS, wrong
