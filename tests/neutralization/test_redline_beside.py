"""What a writer changes beside a phrase has no reason, unless it is the grammar of the phrase's own edit."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neutralization.edits import apply_edits, make_edits
from neutralization.redline import redline
from neutralization.types import Span
from ntrl.text.tokens import Word, words
from tests.neutralization.redline_case import case, edited_articles, told

TIED, STRANGE = (0,), ()

PLANTED = [
    pytest.param(
        "They {slammed|criticized} Biden.",
        "They criticized Trump.",
        [("slammed", "criticized", TIED), ("Biden", "Trump", STRANGE)],
        id="a name after it",
    ),
    pytest.param(
        "Smith {slammed|criticized} Biden.",
        "Jones criticized Trump.",
        [("Smith", "Jones", STRANGE), ("slammed", "criticized", TIED), ("Biden", "Trump", STRANGE)],
        id="names on both sides",
    ),
    pytest.param(
        "They {slammed|criticized} it.",
        "They never criticized it.",
        [("", "never ", STRANGE), ("slammed", "criticized", TIED)],
        id="a negation before it",
    ),
    pytest.param(
        "They {slammed|criticized} it.",
        "They criticized not it.",
        [("slammed", "criticized", TIED), ("", " not", STRANGE)],
        id="a negation after it",
    ),
    pytest.param(
        "Some 12 {shocking} deaths.",
        "Some 21 deaths.",
        [("12", "21", STRANGE), (" shocking", "", TIED)],
        id="a number before it",
    ),
    pytest.param(
        "The {shocking} deaths came.",
        "The murders came.",
        [("shocking ", "", TIED), ("deaths", "murders", STRANGE)],
        id="its noun",
    ),
    pytest.param(
        "A truly {shocking} man left.",
        "A man who left.",
        [("truly shocking ", "", TIED), ("", "who ", STRANGE)],
        id="beyond a word that stays",
    ),
    pytest.param("A {shocking} man left.", "A lone man left.", [("shocking", "lone", STRANGE)], id="for mere removal"),
    pytest.param("The {evil} plan", "The “evil” plan", [("", "“", STRANGE), ("", "”", STRANGE)], id="marks of speech"),
    pytest.param("It is {bad|poor}.", "It is poor?", [("bad.", "poor?", STRANGE)], id="a question"),
    pytest.param("It cost ${just} 5.", "It cost €5.", [("$just ", "€", STRANGE)], id="a currency"),
    pytest.param(
        "One. Not {shocking}! Two.", "One. Two.", [("Not", "", STRANGE), (" shocking! ", "", TIED)], id="denied"
    ),
    pytest.param(
        "Adams {slammed|criticized} it.",
        "Adam criticized it.",
        [("Adams", "Adam", STRANGE), ("slammed", "criticized", TIED)],
        id="a name by its ending",
    ),
    pytest.param(
        "He {slammed|criticized} US aid.",
        "He criticized us aid.",
        [("slammed", "criticized", TIED), ("US", "us", STRANGE)],
        id="an abbreviation",
    ),
    pytest.param(
        "It {hardly|not} ever rains.",
        "It not often rains.",
        [("hardly", "not", TIED), ("ever", "often", STRANGE)],
        id="beside a planned negation",
    ),
]


@pytest.mark.parametrize(("marked", "full", "changes"), PLANTED)
def test_what_is_planted_beside_a_phrase_is_parted_from_it(
    marked: str, full: str, changes: list[tuple[str, str, tuple[int, ...]]]
) -> None:
    body, spans = case(marked)
    assert told(body, full, spans) == changes


@pytest.mark.parametrize(
    ("instead", "is_tied"),
    [
        ("spoke out against", True),
        ("attacked", True),
        ("criticizes", True),
        ("criticized the", True),
        ("attacked Trump", False),
        ("shot two", False),
        ("shot 2", False),
        ("did not like", False),
        ("didn't like", False),
        ("brutally criticized", False),
        ("spoke out in no uncertain terms against", False),
        ("Jones", False),
        ("“hated”", False),
    ],
)
def test_other_words_than_the_planned_ones_are_tied_when_they_are_few_and_add_no_fact(
    instead: str, is_tied: bool
) -> None:
    body, spans = case("On Monday they {slammed|criticized} it.")
    changes = told(body, f"On Monday they {instead} it.", spans)
    assert (redline(body, f"On Monday they {instead} it.", spans).unattributed == 0) is is_tied
    assert "slammed" in "".join(old for old, _, _ in changes)


@pytest.mark.parametrize(
    ("marked", "full", "unattributed"),
    [
        ("{Slammed|Criticized} by all, it fell.", "Attacked by all, it fell.", 0),
        ("{Slammed|Criticized} by all, it fell.", "Jones by all, it fell.", 1),
        ("Lee {Slams|Criticizes} Plan", "Lee Attacks Plan", 0),
        ("Lee {Slams|Criticizes} Plan", "Lee Zarkov Plan", 1),
        ("Lee {Hits Out At|Criticizes} Plan", "Lee Speaks Against Plan", 0),
        ("Lee {Hits Out At|Criticizes} Plan", "Lee And Zarkov Plan", 1),
    ],
)
def test_a_capital_that_its_place_explains_makes_no_name(marked: str, full: str, unattributed: int) -> None:
    body, spans = case(marked)
    assert redline(body, full, spans).unattributed == unattributed


GRAMMAR = [
    pytest.param("It is {clear} that it's so.", "It is it's so.", "clear that ", id="its that"),
    pytest.param("A {grim} and long day.", "A long day.", "grim and ", id="its and"),
    pytest.param("{It is clear that} it's so.", "It's so.", "It is clear that it's", id="a capital"),
    pytest.param("{It's clear that} it's so.", "It's so.", "It's clear that it's", id="a word that seems to stay"),
    pytest.param("They {rushed to} close it.", "They closed it.", "rushed to close", id="a verb"),
    pytest.param("{Outraged} they were, fans left.", "They were, fans left.", "Outraged they", id="the first word"),
    pytest.param("The {crowd|people} was angry.", "The people were angry.", "crowd was", id="a plural"),
    pytest.param("The {evil} mayor's men left.", "The mayor men left.", "evil mayor's", id="a possessive"),
    pytest.param("One {wild|large} study, it said", "One large study it said", "wild", id="and a comma beyond"),
]


@pytest.mark.parametrize(("marked", "full", "old"), GRAMMAR)
def test_the_grammar_of_an_edit_belongs_to_it(marked: str, full: str, old: str) -> None:
    body, spans = case(marked)
    found = told(body, full, spans)
    assert (old, TIED) in [(before, tied) for before, _, tied in found]


def test_a_phrase_that_keeps_its_words_explains_those_planned_beside_them() -> None:
    body, spans = case("The {migrants|undocumented migrants} left.")
    assert told(body, "The undocumented migrants left.", spans) == [("", "undocumented ", (0,))]
    assert told(body, "The violent migrants left.", spans) == [("", "violent ", ())]


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[str, list[Span], str, Word]:
    """An article, its neutral text, and a word there that stands directly beside what was edited."""
    body, spans = draw(edited_articles())
    edits = make_edits(body, spans)
    full = apply_edits(body, edits)
    shift = 0
    found = []
    for edit in edits:
        start, end = edit.start + shift, edit.start + shift + len(edit.replacement)
        shift += len(edit.replacement) - (edit.end - edit.start)
        found += [word for word in words(full) if word.end <= start][-1:]
        found += [word for word in words(full) if word.start >= end][:1]
    plain = [word for word in found if word.text[-1].isdigit()]
    assume(plain)
    return body, spans, full, draw(st.sampled_from(plain))


@given(
    neighbours(), st.sampled_from(["", "Zarkov", "zebra", "7", "{} not", "never {}", "“{}”", "zebra {}", "{} Zarkov"])
)
def test_a_fault_planted_beside_any_phrase_is_seen(article: tuple[str, list[Span], str, Word], planted: str) -> None:
    body, spans, full, word = article
    assert redline(body, full, spans).unattributed == 0
    faulty = full[: word.start] + planted.format(word.text) + full[word.end :]
    strange = [(old, new) for old, new, tied in told(body, faulty, spans) if not tied]
    assert strange
    unexplained = {found.text for pair in strange for text in pair for found in words(text)}
    of_phrases = {found.text for one in spans for text in (one.original_text, one.replacement) for found in words(text)}
    strangers = {"Zarkov", "zebra", "7", "not", "never", "a", "A", "an", "An", "truly"}
    assert unexplained <= of_phrases | {word.text} | strangers
