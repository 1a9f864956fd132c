"""The index of words in groups: it holds exactly what can be strongly alike, and the table finds all it would alone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from narratives import word_groups
from narratives.consolidation import Live, pair_of
from narratives.focus import STRONG
from narratives.identity import Candidate, Fingerprint
from narratives.lifecycle import State
from narratives.models import Narrative
from narratives.rules_in_force import load_identity
from narratives.services.consolidation import consolidate_narratives
from narratives.services.keys import write_keys
from narratives.services.lookup import COMPARED_AT_MOST, alike, alike_ids
from tests.narratives.rules import IDENTITY, a_print

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LETTERS = st.frozensets(st.sampled_from("abcdefghij"), min_size=1, max_size=word_groups.MOST_WORDS)
# Names that stand in foci, words that the tables know, contraries among them, and phrases that a name may part.
NAMES = ["Dogecoin", "DOGE", "SEC", "Binance", "New York", "York", "Green Mill", "O'Neil's", "", "!"]
WORDS = [
    "price",
    "surge",
    "rally",
    "fall",
    "not",
    "approval",
    "rejection",
    "green",
    "light",
    "etf",
    "york",
    "new",
    "sec",
]
WORDS += ["dogecoin", "doge", "binance", "mill", "o'neil", "u.s.-china", "no", "the"]
PRINTS = st.builds(
    Fingerprint,
    st.sampled_from(NAMES[:6]),
    st.lists(st.sampled_from(WORDS), min_size=0, max_size=5).map(" ".join),
    st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    st.lists(st.sampled_from(["voted", "said"]), max_size=1).map(tuple),
)


@given(LETTERS, LETTERS)
def test_groups_meet_exactly_when_foci_are_strongly_alike(one: frozenset[str], other: frozenset[str]) -> None:
    is_strong = len(one & other) / len(one | other) >= STRONG
    assert bool(word_groups.asked(one) & word_groups.stored(other)) == is_strong
    assert (word_groups.whole(one) == word_groups.whole(other)) == (one == other)


@given(PRINTS, PRINTS)
@settings(max_examples=200)
def test_no_pair_that_the_table_calls_the_same_is_missed(one: Fingerprint, other: Fingerprint) -> None:
    if not IDENTITY.compare(one, other).is_same:
        return
    asked = {group for words in word_groups.variants(one, IDENTITY) for group in word_groups.asked(words)}
    assert any(asked & word_groups.stored(words) for words in word_groups.variants(other, IDENTITY))


@pytest.mark.parametrize(
    ("focus", "entries"),
    [("price surge", 1), ("bank charter bid", 4), ("bank charter bid dispute", 5), ("bank charter bid row vote", 16)],
)
def test_a_focus_is_a_handful_of_entries(focus: str, entries: int) -> None:
    (words,) = word_groups.variants(a_print("Kraken", focus), IDENTITY)
    assert len(word_groups.stored(words)) == entries


def test_a_focus_of_many_words_is_found_by_all_of_them() -> None:
    many = frozenset(f"word{number}" for number in range(40))
    assert word_groups.asked(many) & word_groups.stored(many)
    assert len(word_groups.stored(many)) == 1


def a_narrative(number: int, fingerprint: Fingerprint) -> Narrative:
    """A narrative as assignment founds it."""
    return Narrative.objects.create(
        id=UUID(int=number),
        nucleus_entity=fingerprint.nucleus_entity,
        narrative_focus=fingerprint.narrative_focus,
        top_actors=list(fingerprint.top_actors),
        key_actions=list(fingerprint.key_actions),
        first_detected_at=NOON,
        last_article_at=NOON,
    )


class TestIndex(TestCase):
    """What the index and the table find together is what the table finds alone."""

    @settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(PRINTS, min_size=1, max_size=12), PRINTS)
    def test_the_index_finds_what_the_table_finds_among_all(self, known: list[Fingerprint], own: Fingerprint) -> None:
        Narrative.objects.all().delete()
        rules = load_identity()
        rows = [a_narrative(number, each) for number, each in enumerate(known, 1)]
        write_keys(rows, rules)
        every = [Candidate(row.pk, row.as_fingerprint(), NOON) for row in rows]
        assert rules.identity.best(own, alike(own, rules)) == rules.identity.best(own, every)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(PRINTS, min_size=2, max_size=10))
    def test_consolidation_leaves_no_pair(self, known: list[Fingerprint]) -> None:
        Narrative.objects.all().delete()
        rules = load_identity()
        write_keys([a_narrative(number, each) for number, each in enumerate(known, 1)], rules)
        consolidate_narratives()
        left = [Live(row.pk, row.as_fingerprint(), 0, NOON) for row in Narrative.objects.exclude(state=State.MERGED)]
        assert not [1 for one in left for other in left if pair_of(one, other, rules.identity)]
        compared = Narrative.objects.filter(merged_into=None).exclude(narrative_focus="")
        assert set(compared.values_list("is_compared", flat=True)) <= {True}


@pytest.mark.django_db
def test_of_very_many_that_are_alike_the_equal_and_the_latest_are_compared() -> None:
    rules = load_identity()
    equal = a_narrative(1, a_print("Kraken", "bank charter"))
    others = [a_narrative(n, a_print("Kraken", f"bank charter matter{n}")) for n in range(2, COMPARED_AT_MOST + 5)]
    strangers = [a_narrative(900 + n, a_print("Kraken", f"bank matter{n}")) for n in range(5)]
    write_keys([equal, *others, *strangers], rules)
    found = alike_ids(a_print("Kraken", "bank charter"), rules)
    assert (found[0], len(found)) == (equal.pk, COMPARED_AT_MOST)
    assert not {row.pk for row in strangers} & set(found)


@pytest.mark.django_db
def test_a_lookup_begins_with_the_index() -> None:
    rules, own = load_identity(), a_print("Kraken", "bank charter bid", "OCC")
    write_keys([a_narrative(1, own)], rules)
    with CaptureQueriesContext(connection) as captured:
        assert [each.narrative_id for each in alike(own, rules)] == [UUID(int=1)]
    assert len(captured) == 2
    by_index, by_id = (query["sql"] for query in captured.captured_queries)
    assert 'FROM "narratives_narrativekey" INNER JOIN "narratives_narrative"' in by_index
    assert "narratives_narrativekey" not in by_id
