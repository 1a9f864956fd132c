"""Going on with a story by rare terms: what is looked up is bounded, and silence asks for more likeness."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from narratives.continuation import NEEDED, NEEDED_AT_MOST, Neighbour, choose, needed, probes, rarest, terms_of, vector
from tests.narratives.make import days

COUNTS = {"foundri": 2, "canal": 3, "sprinkler": 3, "town": 90, "say": 900}
STORY = dict.fromkeys([*COUNTS, "unheard"], 1)


def test_the_rarest_terms_that_others_have_are_asked_for() -> None:
    assert probes(STORY, COUNTS, most=2, stories_at_most=1000) == ["foundri", "canal"]
    assert probes(STORY, COUNTS, most=9, stories_at_most=1000) == ["foundri", "canal", "sprinkler", "town", "say"]


@given(st.dictionaries(st.text(max_size=4), st.integers(1, 10_000)), st.integers(0, 2_000))
def test_so_many_stories_are_looked_at_however_many_there_are(counts: dict[str, int], most: int) -> None:
    asked = probes(dict.fromkeys(counts, 1), counts, most=20, stories_at_most=most)
    assert sum(counts[term] for term in asked) <= most
    assert all(counts[term] >= 2 for term in asked)


def test_a_rare_term_weighs_more_and_one_of_every_story_nothing() -> None:
    weights = vector({"foundri": 1, "say": 1, "all": 1}, {"foundri": 2, "say": 900, "all": 1001}, 1000)
    assert weights["foundri"] > weights["say"] > 0
    assert "all" not in weights
    assert rarest(STORY, COUNTS, 1000, 2) == ["unheard", "foundri"]
    assert vector({}, {}, 0) == {}


def test_silence_asks_for_more_likeness_up_to_a_limit() -> None:
    steps = [needed(timedelta(days=number)) for number in (0, 1, 3, 30, 4000)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (NEEDED, NEEDED_AT_MOST)


def test_the_likelier_story_comes_first_and_strangers_do_not() -> None:
    near = [
        Neighbour(UUID(int=1), {"town": 1, "canal": 1, "mayor": 3}, days(0)),
        Neighbour(UUID(int=2), STORY, days(0)),
        Neighbour(UUID(int=3), {"mayor": 1}, days(0)),
    ]
    found = choose(STORY, days(0.5), near, COUNTS, 1000)
    assert found[0].narrative_id.int == 2
    assert 3 not in {each.narrative_id.int for each in found}
    assert choose(STORY, days(0), [], COUNTS, 1000) == []


def test_terms_are_stems_of_open_words() -> None:
    terms = terms_of("Foundry burns", "The foundries burned. " + "x" * 50)
    assert terms == {"foundri": 2, "burn": 2}
