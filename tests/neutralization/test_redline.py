"""The redline misses no difference, and blames on a phrase only what lies at it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.differences import Difference, apply_changes
from neutralization.edits import apply_edits, make_edits
from neutralization.redline import Redline, redline
from neutralization.types import Span
from tests.neutralization.redline_case import case, edited_articles, span, told
from tests.support.scaling import assert_linear

EXPLAINED = [
    pytest.param("They {slammed|criticized} it.", "They criticized it.", [("slammed", "criticized")], id="a word"),
    pytest.param("It was a {shocking} day.", "It was a day.", [("shocking ", "")], id="its space"),
    pytest.param("It was a {shocking} attack.", "It was an attack.", [("a shocking", "an")], id="its article"),
    pytest.param("A truly {shocking} end.", "An end.", [("A truly shocking", "An")], id="its intensifier"),
    pytest.param("A {mean}, old man.", "An old man.", [("A mean,", "An")], id="its comma"),
    pytest.param("{Shockingly}, the man left.", "The man left.", [("Shockingly, the", "The")], id="a capital"),
    pytest.param("He is “{great|good}”.", "He is well.", [("“great”", "well")], id="its quotation marks"),
    pytest.param("They {slam|oppose} it.", "They oppose it.", [("slam", "oppose")], id="no part of a word"),
    pytest.param("{Two shocking} wars.", "Two war.", [("shocking wars", "war")], id="a neighbour agrees"),
    pytest.param("One. {Wow}! Two.", "One. Two.", [("Wow! ", "")], id="a whole sentence"),
    pytest.param("One. And here it is: {wow}! Two.", "One. Two.", [("And here it is: wow! ", "")], id="with its rest"),
    pytest.param("One.\n\n{Click here}.\n\nTwo.", "One.\n\nTwo.", [("Click here.\n\n", "")], id="a paragraph"),
    pytest.param("{Lashed out at|Criticized} it", "Criticized it", [("Lashed out at", "Criticized")], id="many words"),
    pytest.param("{Hit out|Spoke out} at it", "Spoke out at it", [("Hit", "Spoke")], id="what a phrase keeps"),
    pytest.param("A {very} very sad day.", "A very sad day.", [("very ", "")], id="the first of two alike"),
    pytest.param("A very {very} sad day.", "A very sad day.", [("very ", "")], id="the second of two alike"),
    pytest.param("It was {bad}. It was so.", "It was so.", [("It was bad. ", "")], id="a sentence in one piece"),
]


@pytest.mark.parametrize(("marked", "full", "changes"), EXPLAINED)
def test_what_goes_with_a_phrase_is_explained_by_it(marked: str, full: str, changes: list[tuple[str, str]]) -> None:
    body, spans = case(marked)
    assert told(body, full, spans) == [(old, new, (0,)) for old, new in changes]


@pytest.mark.parametrize(
    ("marked", "full", "changes"),
    [
        pytest.param(
            "It {slams|hits} the big red bus.", "It hits the big blue bus.", ("red", "blue"), id="three words on"
        ),
        pytest.param("It {slams|hits} the bus.", "It hits the car.", ("bus", "car"), id="beyond a word that stays"),
        pytest.param("The bus was {slammed|hit}.", "The car was hit.", ("bus", "car"), id="before a word that stays"),
        pytest.param("He {slammed|hit} it. It is so.", "He hit it.", (" It is so.", ""), id="the next sentence"),
        pytest.param("It {slams|hits} us. Two men died.", "It hits us. Men died.", ("Two men", "Men"), id="a number"),
        pytest.param("One. {Wow}! He did not.", "One. Wow!", (" He did not.", ""), id="a sentence without a phrase"),
    ],
)
def test_what_lies_elsewhere_is_explained_by_nothing(marked: str, full: str, changes: tuple[str, str]) -> None:
    body, spans = case(marked)
    assert (*changes, ()) in told(body, full, spans)
    assert redline(body, full, spans).unattributed == 1


@pytest.mark.parametrize(
    ("marked", "full"),
    [
        pytest.param("Yes. The mayor is a {crook}. No.", "Yes. No.", id="a sentence that says more"),
        pytest.param("It {slams|hits} all of the men.", "It hurts women.", id="words far beyond it"),
        pytest.param(
            "It was {bad} luck.", "It was his own brother who had done it in bad luck.", id="much that is new"
        ),
        pytest.param("Ann Lee {slammed|criticized} it.", "Bob Fox criticized it.", id="two words before it"),
    ],
)
def test_a_phrase_explains_no_more_than_what_lies_at_it(marked: str, full: str) -> None:
    body, spans = case(marked)
    assert () in [spans for _, _, spans in told(body, full, spans)]


def test_one_change_of_several_phrases_and_several_changes_of_one() -> None:
    body, spans = case("The {brutal} {bloody} war; they {hit out at|spoke against} {evil} us.")
    assert told(body, "The war; they spoke out against us.", spans) == [
        ("brutal bloody ", "", (0, 1)),
        ("hit", "spoke", (2,)),
        ("at evil", "against", (2, 3)),
    ]


def test_a_change_does_not_reach_over_a_blank_line_that_stays() -> None:
    body, spans = case("It is so. {Click here}.\n\n{Terrified|Frightened} men left.")
    assert told(body, "It is so.\n\nFrightened men left.", spans) == [
        (" Click here.", "", (0,)),
        ("Terrified", "Frightened", (1,)),
    ]


def test_equal_texts_have_no_changes() -> None:
    assert redline("A day.", "A day.", [span(2, "day")]) == Redline()
    assert redline("", "", []) == Redline()


@pytest.mark.parametrize(
    ("body", "full", "old", "new"),
    [
        ("", "A day.", "", "A day."),
        ("A day.", "", "A day.", ""),
        ("A day.", "Other words.", "A day", "Other words"),
        (" ", "\n", " ", "\n"),
    ],
)
def test_without_phrases_every_change_is_unattributed(body: str, full: str, old: str, new: str) -> None:
    assert told(body, full, []) == [(old, new, ())]
    assert redline(body, full, []).unattributed == 1


def test_an_article_written_anew_is_aligned_by_what_stayed() -> None:
    body, spans = case("Mayor Ann Lee {slammed|criticized} the plan on Monday. She called it {a disgrace|wrong}.")
    full = "On Monday the mayor, Ann Lee, criticized the plan. She said that it was wrong."
    found = redline(body, full, spans)
    assert apply_changes(body, found.changes) == full
    assert found.unattributed > 2
    assert (0,) in [change.spans for change in found.changes]


def test_changes_are_kept_as_json() -> None:
    found = Redline((Difference(3, "a", 3, "b", (0, 2)), Difference(9, "", 9, "“c”")))
    assert Redline.from_rows(json.loads(json.dumps(found.as_rows()))) == found


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([Difference(0, "B", 0, "")], id="other words there"),
        pytest.param([Difference(2, "day", 2, ""), Difference(0, "A", 0, "")], id="out of order"),
        pytest.param([Difference(9, "x", 9, "")], id="beyond the end"),
    ],
)
def test_changes_of_another_text_are_refused(changes: list[Difference]) -> None:
    with pytest.raises(ValueError, match="is not one of this text"):
        apply_changes("A day.", changes)


hostile = st.text(st.sampled_from("ab A'’-.,“\n \u00ad\u0301\u2028\U0001f600é"), max_size=60)


@given(st.one_of(hostile, st.text()), st.one_of(hostile, st.text()), st.lists(st.integers(0, 60), max_size=8))
def test_no_difference_is_missed(body: str, full: str, cuts: list[int]) -> None:
    edges = sorted({cut for cut in cuts if cut <= len(body)})
    spans = [span(start, body[start:end]) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    found = redline(body, full, spans)
    assert apply_changes(body, found.changes) == full
    end = full_end = 0
    for change in found.changes:
        assert change.old != change.new
        assert end <= change.start
        assert full_end <= change.full_start
        assert full[change.full_start : change.full_end] == change.new
        assert set(change.spans) <= set(range(len(spans)))
        end, full_end = change.end, change.full_end


@given(edited_articles())
def test_edits_at_phrases_are_explained_without_being_read(article: tuple[str, list[Span]]) -> None:
    body, spans = article
    full = apply_edits(body, make_edits(body, spans))
    assert [change for change in told(body, full, spans) if not change[2]] == []


@given(edited_articles(), st.data())
def test_one_word_more_is_one_change_without_a_reason(article: tuple[str, list[Span]], data: st.DataObject) -> None:
    body, spans = article
    body += " Three words follow. The planted word stands far from all the others here."
    full = apply_edits(body, make_edits(body, spans))
    planted = data.draw(st.sampled_from(["", "“odd”", "Odd words, said"]))
    assert redline(body, full.replace("planted", planted), spans).unattributed == 1


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: text[::-1], id="reversed"),
        pytest.param(lambda text: text.replace("a", "b"), id="other words"),
        pytest.param(lambda text: text[len(text) // 3 :], id="a third gone"),
        pytest.param(lambda text: text.replace("ba ", "", len(text) // 40), id="many gone"),
    ],
)
@pytest.mark.parametrize("kind", ["ba ", "ba, c. ", "a", "\n\n", ". ", "“a ", "bab ba aab a "])
def test_hostile_texts_cost_little(rewrite, kind: str) -> None:
    def work(text: str) -> None:
        spans = [span(at, "ba", "bab a" * (at % 2)) for at in range(0, len(text) - 2, 3) if text.startswith("ba ", at)]
        redline(text, rewrite(text), spans)

    assert_linear(work, kind * (24_000 // len(kind)))
