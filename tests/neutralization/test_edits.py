"""Edits leave grammatical sentences and touch nothing else."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.articles import agreeing_article
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import compile_false_positives
from neutralization.spans import Phrase, accept, find_phrase_positions
from neutralization.taxonomy import Action, Category
from neutralization.types import Edit
from ntrl.text.sentences import sentences
from ntrl.text.tokens import words
from tests.support.scaling import assert_linear

REMOVED = [
    "it is outrageous",
    "shocking",
    "shockingly",
    "outrageously",
    "outrageous",
    "breaking",
    "breaking news",
    "wow",
    "so called",
]
REPLACED = {"slams": "criticizes", "massive": "large", "bizarre": "unusual"}
PHRASES = [
    *(Phrase(text, Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "t") for text in [*REMOVED, "a whopping"]),
    *(Phrase(text, Category.LOADED_VERBS, Action.REPLACED, instead, "t") for text, instead in REPLACED.items()),
]
NOTHING = compile_false_positives({})


def edits_of(body: str) -> tuple[Edit, ...]:
    return make_edits(body, accept(body, find_phrase_positions(body, PHRASES), NOTHING).spans)


def neutral(body: str) -> str:
    return apply_edits(body, edits_of(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A plain day.", "A plain day."),
        ("The shocking report came.", "The report came."),
        ("The report came shockingly.", "The report came."),
        ("The report was shockingly, outrageously late.", "The report was late."),
        ("The plan, shockingly, failed.", "The plan failed."),
        ("The plan failed, shockingly.", "The plan failed."),
        ("The plan — shockingly — failed.", "The plan failed."),
        ("The plan (shockingly) failed.", "The plan failed."),
        ("The (shocking report) came.", "The (report) came."),
        ("The plan—shocking news—failed.", "The plan—news—failed."),
        ("The\nshocking\nreport came.", "The\nreport came."),
        ("They saw two shocking attacks.", "They saw two attacks."),
        ("The plan was shockingly and outrageously late.", "The plan was late."),
        ("He came; shockingly, he left.", "He came; he left."),
        ("He came: shockingly, he left.", "He came: he left."),
        ("It drew some pretty shocking remarks.", "It drew some remarks."),
    ],
)
def test_a_removed_word_leaves_no_trace(body: str, expected: str) -> None:
    assert neutral(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A shocking attack came.", "An attack came."),
        ("It was an outrageous plan.", "It was a plan."),
        ("It was a bizarre plan.", "It was an unusual plan."),
        ("It was an outrageous, massive plan.", "It was a large plan."),
        ("It was a massive shocking attack.", "It was a large attack."),
        ("It was a shocking massive attack.", "It was a large attack."),
        ("It was a truly shocking attack.", "It was an attack."),
        ("AN OUTRAGEOUS PLAN", "A PLAN"),
        ("It cost a whopping $5 billion.", "It cost $5 billion."),
        ("A whopping 40 percent came.", "40 percent came."),
        ("It drew a shocking 14 people.", "It drew 14 people."),
        ("An outrageous five first-half goals came.", "Five first-half goals came."),
        ("It took a shocking, outrageous two weeks.", "It took two weeks."),
        ("It took a shocking outrageous two weeks.", "It took two weeks."),
        ("A shocking outrageous two weeks passed.", "Two weeks passed."),
        ("A shocking 14-year-old record fell.", "A 14-year-old record fell."),
        ("It was a shocking 2019 for buyers and sellers.", "It was a 2019 for buyers and sellers."),
        ("It was a shocking 11 percent.", "It was an 11 percent."),
    ],
)
def test_the_article_agrees(body: str, expected: str) -> None:
    assert neutral(body) == expected


@pytest.mark.parametrize(
    ("article", "word", "expected"),
    [
        ("a", "hour", "an"),
        ("an", "house", "a"),
        ("a", "honest", "an"),
        ("an", "union", "a"),
        ("a", "uncle", "an"),
        ("a", "unusual", "an"),
        ("a", "unimportant", "an"),
        ("an", "unique", "a"),
        ("an", "European", "a"),
        ("an", "one-off", "a"),
        ("a", "U", "a"),
        ("a", "FBI", "an"),
        ("an", "UN", "a"),
        ("a", "8", "an"),
        ("a", "11-year-old", "an"),
        ("an", "110", "a"),
        ("A", "apple", "An"),
        ("AN", "PLAN", "A"),
        ("an", "", "an"),
    ],
)
def test_articles_by_sound(article: str, word: str, expected: str) -> None:
    assert agreeing_article(article, word) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Shockingly, the plan failed.", "The plan failed."),
        ("Shockingly, a shocking attack failed.", "An attack failed."),
        ("Shockingly, an outrageous five attacks failed.", "Five attacks failed."),
        ("Shockingly the plan failed.", "The plan failed."),
        ("It ended. Shockingly, the plan failed.", "It ended. The plan failed."),
        ("Shockingly, outrageously, the plan failed.", "The plan failed."),
        ("Shocking massive losses came.", "Large losses came."),
        ("Massive losses came.", "Large losses came."),
        ("It MASSIVE losses SLAMS.", "It large losses criticizes."),
        ("Shockingly, iPhone sales fell.", "iPhone sales fell."),
        ("Shockingly, Ann left.", "Ann left."),
        ("shockingly, the plan failed.", "the plan failed."),
        ("Shockingly and outrageously, the plan failed.", "The plan failed."),
        ("It ended. So called—the plan failed.", "It ended. The plan failed."),
        ("Pros:\n- Shocking views\n- Massive rooms", "Pros:\n- Views\n- Large rooms"),
        ("a plan that\nshocking people failed", "a plan that people failed"),
        ("It is outrageous that the plan failed.", "The plan failed."),
        ("It is outrageous that the plan failed, and that it rained.", "The plan failed, and it rained."),
        ("Mayor Slams Massive Council Plans", "Mayor Criticizes Large Council Plans"),
        ("“Go home now,” he said. Shockingly, “we will not go,” she said.", None),
    ],
)
def test_capitals_move(body: str, expected: str | None) -> None:
    assert neutral(body) == (expected or "“Go home now,” he said. “we will not go,” she said.")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("BREAKING: The vote is over.", "The vote is over."),
        ("BREAKING NEWS — the vote is over.", "The vote is over."),
        ("It is late.\n\nBREAKING NEWS: the vote is over.", "It is late.\n\nThe vote is over."),
        ("LONDON — BREAKING: the vote is over.", "LONDON — The vote is over."),
        ("The “so called” reform passed.", "The reform passed."),
    ],
)
def test_labels_and_scare_quotes_go_with_their_marks(body: str, expected: str) -> None:
    assert neutral(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("It ended. Shocking! They left.", "It ended. They left."),
        ("It ended. Wow. Shocking!", "It ended."),
        ("Shocking! Outrageous!\n\nThey left.", "They left."),
        ("It ended.\n\nWow!\n\nThey left.", "It ended.\n\nThey left."),
        ("It ended. Wow!\n\nWow! They left.", "It ended.\n\nThey left."),
        ("It ended. Wow!\n\nWow! Wow!\n\nWow! They left.", "It ended.\n\nThey left."),
        ("It ended. Wow!\n\nWow!\n\nWow!", "It ended."),
        ("It ended.\n\nThis is shocking and outrageous!", "It ended."),
        ("It ended. Shocking Paris! They left.", "It ended. Paris! They left."),
        ("It ended. Is it shocking? Wow, so shocking. They left.", "It ended. They left."),
        ("It was massive. Wow.", "It was large."),
        ("Wow!", ""),
    ],
)
def test_a_sentence_of_nothing_but_hype_goes(body: str, expected: str) -> None:
    assert neutral(body) == expected


def test_apply_refuses_edits_that_overlap() -> None:
    with pytest.raises(ValueError, match="span 1"):
        apply_edits("abcdef", [Edit(0, 3, "", 0), Edit(2, 4, "", 1)])
    with pytest.raises(ValueError, match="span 0"):
        apply_edits("abc", [Edit(0, 4, "", 0)])


PIECES = st.sampled_from(
    [*REMOVED, "slams", "massive", "a whopping", "truly", "a", "an", "A", "An", "The", "plan", "attack", "Ann", "5"]
    + [".", "!", ",", ":", "—", "(", ")", "“", "”", '"', "\n", "\n\n", "İ", "ß", "Shockingly,", "BREAKING:"]
)


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_edits_hold_their_spans_and_everything_else_is_verbatim(body: str) -> None:
    spans = accept(body, find_phrase_positions(body, PHRASES), NOTHING).spans
    edits = make_edits(body, spans)
    assert sorted(edit.span_index for edit in edits) == list(range(len(spans)))
    end = 0
    for edit in edits:
        span = spans[edit.span_index]
        assert end <= edit.start <= span.start < span.end <= edit.end <= len(body)
        end = edit.end
    kept = [body[left.end : right.start] for left, right in pairwise(edits)]
    result = apply_edits(body, edits)
    position = 0
    for piece in kept:
        position = result.index(piece, position) + len(piece)
    if not spans:
        assert result == body


# News as grammar makes it: each part hyped or not.
ADJECTIVES = ["", "shocking ", "outrageous ", "truly shocking ", "massive ", "bizarre ", "shocking massive ", "old "]
NOUNS = ["plan", "attack", "union", "hour", "officer", "report", "European vote", "FBI agent"]
OPENERS = ["", "", "Shockingly, ", "Shockingly and outrageously, ", "Breaking news: ", "BREAKING — "]
ENDS = [".", ", shockingly.", " — outrageously — today.", " (shockingly) on Monday.", "; outrageously, nobody came."]
HYPE = {"shocking", "shockingly", "outrageous", "outrageously", "breaking", "news", "truly", "wow"}
PUT = {"massive": "large", "bizarre": "unusual", "slams": "criticizes"}


@st.composite
def noun_phrases(draw: st.DrawFn) -> str:
    rest = draw(st.sampled_from(ADJECTIVES)) + draw(st.sampled_from(NOUNS))
    determiner = draw(st.sampled_from(["the", "a", "its"]))
    return f"{agreeing_article('a', rest.split()[0]) if determiner == 'a' else determiner} {rest}"


@st.composite
def news_sentences(draw: st.DrawFn) -> str:
    subject, verb = draw(noun_phrases()), draw(st.sampled_from(["slams", "shockingly slams", "stopped"]))
    sentence = f"{draw(st.sampled_from(OPENERS))}{subject} {verb} {draw(noun_phrases())}{draw(st.sampled_from(ENDS))}"
    return sentence[0].upper() + sentence[1:]


PARAGRAPHS = st.one_of(
    st.lists(st.one_of(news_sentences(), st.sampled_from(["Wow!", "Shocking."])), min_size=1, max_size=3).map(" ".join),
    st.sampled_from(["Council plans", "How the vote went"]),
)
NEWS = st.lists(PARAGRAPHS, min_size=1, max_size=4).map("\n\n".join)


def kept_words(text: str) -> list[str]:
    """The words that are no hype nor join it, with articles made equal and the replaced ones as their replacements."""
    found = [word.text.casefold() for word in words(text.replace("hockingly and outrageously", "hockingly"))]
    return [{"an": "a"}.get(word, PUT.get(word, word)) for word in found if word not in HYPE]


@given(NEWS)
def test_nothing_but_hype_goes(body: str) -> None:
    assert kept_words(neutral(body)) == kept_words(body)
    assert HYPE.isdisjoint(word.text.casefold() for word in words(neutral(body)))


@given(NEWS)
def test_space_and_marks_stay_in_order(body: str) -> None:
    result = neutral(body)
    assert not re.search(r"[^\S\n]{2}|\s[,.;:!?)]|\(\s|[,;:]\s*[,.;:]|\(\)|— —", result)
    assert result == result.strip()
    assert "\n\n\n" not in result


@given(NEWS)
def test_sentences_begin_with_a_capital(body: str) -> None:
    result = neutral(body)
    assert [result[start:end] for start, end in sentences(result) if not result[start].isupper()] == []


@given(NEWS)
def test_articles_agree_wherever_they_stand(body: str) -> None:
    found = re.findall(r"\b(an?) ([\w-]+)", neutral(body), re.IGNORECASE)
    assert [(article, word) for article, word in found if agreeing_article(article, word) != article] == []


@given(NEWS)
def test_paragraphs_of_hype_go_with_their_blank_line_and_the_others_stay(body: str) -> None:
    rest = [paragraph for paragraph in body.split("\n\n") if kept_words(paragraph)]
    assert len(neutral(body).split("\n\n")) == max(1, len(rest))


@pytest.mark.parametrize(
    "unit", ["shocking ", "a shocking, ", "Wow! ", "Shockingly, ", "a ", "massive\n\n", ", shockingly"]
)
def test_time_is_linear(unit: str) -> None:
    assert_linear(neutral, unit * (40_000 // len(unit)))
