"""Which terms of headlines are topics."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.topics import MAX_TOPICS, trending

QUIET = ["Council repairs a bridge", "School opens in May", "Rain expected on Sunday", "Farm sells its orchard"] * 5
BANK = [
    "Central Bank raises interest rates",
    "Economists expect higher interest rates in the spring",
    "Mortgages follow interest rates, lenders say",
]
STORM = ["Storm Alma reaches the coast", "Ferries wait as Storm Alma passes", "Power is out after Storm Alma"]


@pytest.mark.parametrize(
    ("headlines", "before", "labels"),
    [
        ([], [], []),
        ([], QUIET, []),
        (["Storm Alma reaches the coast"], QUIET, []),
        (STORM + QUIET[:4], QUIET, ["Storm Alma"]),
        (BANK + QUIET[:4], QUIET, ["interest rates"]),
        (STORM + BANK, QUIET, ["interest rates", "Storm Alma"]),
        # A rate in one headline, rates in another: the same.
        (["Interest rate stays", "Interest rates in Ohio"], [], ["Interest rate"]),
        # What is always there is no topic.
        (STORM, STORM * 5, []),
        # A word is compared, so there must be something to compare it with; names need nothing.
        (["The drought goes on", "A drought in the north", "Farmers and the drought"], [], []),
        (["The drought goes on", "A drought in the north", "Farmers and the drought"], QUIET, ["drought"]),
        (["A letter to Okafor", "Nobody like Okafor"], [], ["Okafor"]),
        # Neither function words, nor days, nor verbs and adverbs of the usual endings.
        (["What to do on Monday", "What to do with Monday", "What is Monday"], QUIET, []),
        (["Trading quickly ended", "Trading quickly ended", "Trading quickly ended"], QUIET, []),
    ],
)
def test_topics(headlines: list[str], before: list[str], labels: list[str]) -> None:
    assert [topic.label for topic in trending(headlines, before)] == labels


def test_a_topic_has_its_count_and_the_first_headline() -> None:
    topic = trending(STORM + ["Storm Alma, a Storm Alma for all"], QUIET)[0]
    assert (topic.term, topic.label, topic.count) == ("storm alma", "Storm Alma", 4)
    assert topic.sample_headline == STORM[0]


def test_there_are_not_too_many() -> None:
    headlines = [f"{name} {verb}" for name in map(_name, range(60)) for verb in ("waits", "stays")]
    assert len(trending(headlines, QUIET)) == MAX_TOPICS


def _name(number: int) -> str:
    return "Q" + "".join(random.Random(number).choices("aeioubcdlmnr", k=8))


@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.text(max_size=60), max_size=12))
def test_whatever_headlines_say_topics_are_counted_rightly(headlines: list[str], before: list[str]) -> None:
    topics = trending(headlines, before)
    assert topics == trending(headlines, before)
    for topic in topics:
        assert 2 <= topic.count <= len(headlines)
        assert topic.sample_headline in headlines
        assert topic.term == topic.label.casefold()
