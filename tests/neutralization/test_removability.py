"""What can't be taken out stays, with its reason; what must go with a phrase goes."""

import pytest

from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import compile_false_positives
from neutralization.spans import Detection, Phrase, accept, find_phrase_positions
from neutralization.taxonomy import Action, Category
from tests.support.scaling import assert_linear

NOTHING = compile_false_positives({})
REMOVED = ["shocking", "shockingly", "outrageously", "sadly", "we're glad that", "it is clear", "wow"]
PHRASES = [Phrase(text, Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "t") for text in REMOVED]

NOTHING_LEFT = "what it describes says nothing without it"
DENIED = "what is denied would be another thing without it"
DANGLING = "the word before it would be left without its own"
NOTHING_TO_JOIN = "the word after it would have nothing to join"
AND_THAT = "a later “and that” may depend on it"


def detected(body: str) -> Detection:
    return accept(body, find_phrase_positions(body, PHRASES), NOTHING)


def reasons(body: str) -> list[str]:
    return [dropped.why for dropped in detected(body).trace[-1].dropped]


def neutral(body: str) -> str:
    return apply_edits(body, make_edits(body, detected(body).spans))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("He acted in a shocking way.", NOTHING_LEFT),
        ("They met in shocking conditions and left.", NOTHING_LEFT),
        ("Shocking scenes unfolded in Paris.", NOTHING_LEFT),
        ("They had a truly shocking time.", NOTHING_LEFT),
        ("It was a shocking game for Joe.", NOTHING_LEFT),
        ("It's a shocking value.", NOTHING_LEFT),
        ("The first goal was a shocking one.", NOTHING_LEFT),
        ("She did not make a shocking claim.", DENIED),
        ("She doesn’t rely on shocking scenes of war.", DENIED),
        ("It ended without a shocking result.", DENIED),
        ("It was hardly a shocking result.", DENIED),
        ("The attack was shocking.", DANGLING),
        ("They saw the shocking, and they left.", DANGLING),
        ("It was shocking and grim.", NOTHING_TO_JOIN),
        ("The shocking and grim attack came.", NOTHING_TO_JOIN),
        ("Shockingly – and rightly – he left.", NOTHING_TO_JOIN),
        ("We're glad that he said he came, and that she left.", AND_THAT),
    ],
)
def test_what_would_leave_nonsense_or_another_statement_stays(body: str, why: str) -> None:
    assert reasons(body) == [why]
    assert neutral(body) == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("It was a shocking day of mourning.", "It was a day of mourning."),
        ("The shocking scenes came on Monday.", "The scenes came on Monday."),
        ("The mayor’s shocking conduct came out.", "The mayor’s conduct came out."),
        ("He is a shocking player who lost.", "He is a player who lost."),
        ("They met at a shocking day trip.", "They met at a day trip."),
        ("She did not make the shocking claim.", "She did not make the claim."),
        ("It was not only a shocking attack.", "It was not only an attack."),
        ("They did not come. A shocking attack came.", "They did not come. An attack came."),
        ("He did not, sadly, come.", "He did not come."),
        ("It rained, and sadly, he left.", "It rained, and he left."),
        ("It was shockingly and outrageously late.", "It was late."),
        ("It was late and shockingly bad.", "It was late and bad."),
        ("It was shockingly “bad” for them.", "It was “bad” for them."),
        ("It cost them the shocking $5 million.", "It cost them the $5 million."),
        ("They left. Shocking! Wow.", "They left."),
        ("It was a shocking, grim attack.", "It was a grim attack."),
        ("We're glad that it rained, and that he left.", "It rained, and he left."),
        ("We’re glad that it rained and that he left and that she came.", "It rained and he left and she came."),
        ("We're glad that it rained, and that is all.", "It rained, and that is all."),
        ("It is clear that it rained, and that he left.", "It rained, and he left."),
        ("We're glad that it rained. “Rain and that wind,” he said.", "It rained. “Rain and that wind,” he said."),
    ],
)
def test_what_can_go_goes_with_what_depends_on_it(body: str, expected: str) -> None:
    assert neutral(body) == expected


def test_a_phrase_that_stays_makes_room_for_a_shorter_one_in_it() -> None:
    body = "He acted in a truly shocking way."
    shorter = Phrase("shocking way", Category.EMOTIONAL_TRIGGERS, Action.SOFTENED, "rude way", "t")
    longer = Phrase("truly shocking way", Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "t")
    detection = accept(body, find_phrase_positions(body, [longer, shorter, *PHRASES]), NOTHING)
    assert apply_edits(body, make_edits(body, detection.spans)) == "He acted in a truly rude way."
    *_, overlaps, removals = detection.trace
    assert [(dropped.item.start, dropped.why) for dropped in removals.dropped] == [(14, DANGLING)]
    assert [(dropped.item.start, dropped.why) for dropped in overlaps.dropped] == [(20, "overlaps 'shocking way'")]


@pytest.mark.parametrize(
    "unit",
    ["not a shocking ", "we're glad that ", "and that ", "shocking and ", "a shocking way ", "it is clear that "],
)
def test_time_is_linear(unit: str) -> None:
    assert_linear(neutral, unit * (30_000 // len(unit)))
