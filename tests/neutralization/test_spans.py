"""The span pipeline's steps, one by one and together, on every failure known from practice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.spans import (
    Phrase,
    accept,
    detect,
    filter_false_positives,
    filter_spans_in_quotes,
    find_phrase_positions,
    resolve_overlaps,
)
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.quotes import quotations
from tests.support.scaling import assert_linear


def phrase(text: str, category: Category = Category.EMOTIONAL_TRIGGERS) -> Phrase:
    return Phrase(text, category, Action.REMOVED, "", "test")


def positions(body: str, *texts: str) -> tuple[Span, ...]:
    return find_phrase_positions(body, [phrase(text) for text in texts]).kept


def texts(spans: tuple[Span, ...]) -> list[str]:
    return [span.original_text for span in spans]


@pytest.mark.parametrize(
    ("body", "searched", "expected"),
    [
        ("Islam and slam", "slam", ["slam"]),
        ("an adviser's ad", "ad", ["ad"]),
        ("SHOCKING, Shocking and shocking", "shocking", ["SHOCKING", "Shocking", "shocking"]),
        ("shocking", "SHOCKING", ["shocking"]),
        ("İİ ß shocking ẞ", "shocking", ["shocking"]),
        ("you won’t believe", "you won't believe", ["you won’t believe"]),
        ("you won't believe", "you won’t believe", ["you won't believe"]),
        ("a game–changer, a game‑changer", "game-changer", ["game–changer", "game‑changer"]),
        ("came\nunder  fire", "came under fire", ["came\nunder  fire"]),
        ("came\n\nunder fire", "came under fire", []),
        ("slam-dunk, grand-slam, #slam, @slam, slam.com, x/slam", "slam", []),
        ("it slams—slam—on", "slam", ["slam"]),
        ("the radical left's plan", "radical left", ["radical left"]),
        ("don't", "don", []),
        ("shock\u00ading news", "shocking", ["shock\u00ading"]),
        ("shocking\u0301", "shocking", []),
        ("he said “so-called” help", "so-called", ["so-called"]),
        ("any", "", []),
        ("", "any", []),
    ],
)
def test_positions(body: str, searched: str, expected: list[str]) -> None:
    assert texts(positions(body, searched)) == expected


def test_an_absent_phrase_is_reported() -> None:
    absent = phrase("outrageous")
    step = find_phrase_positions("A shocking day.", [absent, phrase("shocking")])
    assert [(dropped.item, dropped.why) for dropped in step.dropped] == [(absent, "not in the body")]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("“shocking words here” and shocking", 1),
        ('"shocking words here" and shocking', 1),
        ("« shocking words here » and shocking", 1),
        ("„shocking words here“ and shocking", 1),
        ("‘shocking words here’ and shocking", 1),
        ("The players' shocking loss and the fans' sorrow", 1),
        ("The players’ shocking loss and the fans’ sorrow", 1),
        ("“One is here.\n\n“Two is shocking.\n\n“Three.” It was shocking.", 1),
        ("“Not closed here.\n\nIt was shocking.", 1),
        ("The “shocking” plan", 1),
        ("The “shocking plan”", 0),
        ("The “plan.” It was shocking", 1),
        ("He called the plan “shocking” today", 0),
    ],
)
def test_speech_is_not_manipulation(body: str, kept: int) -> None:
    step = filter_spans_in_quotes(body, positions(body, "shocking"))
    assert len(step.kept) == kept
    assert {dropped.why for dropped in step.dropped} <= {"in a quotation", "part of a scare quote"}


TERMS = compile_false_positives(
    {
        "a": {"forms": ["crisis management", "great crisis management school"], "reason": "A profession."},
        "b": {"forms": ["shocking blue"], "reason": "A band."},
    }
)


@pytest.mark.parametrize(
    ("body", "searched", "kept"),
    [
        ("crisis management and a crisis", "crisis", 1),
        ("CRISIS\nMANAGEMENT", "crisis", 0),
        ("the great crisis management school", "management", 0),
        ("a real crisis management fault", "real crisis management", 1),
        ("the film Dirty Dancing", "dirty", 0),
        ("in Great Britain", "great", 0),
        ("a Great man", "great", 1),
        ("Great Britain left", "great", 0),
        ("Rising Star won at Ascot", "rising star", 0),
        ("House of Cards returned", "house of cards", 0),
        ("Living Hell, a film, opened", "living hell", 0),
        ("Shocking Blue sang", "shocking", 0),
        ("Havoc, the rapper, sang", "havoc", 0),
        ("It rained. Havoc, who sang there, left", "havoc", 0),
        ("Furious voters left", "furious", 1),
        ("House of cards falls", "house of cards", 1),
        ("Rising Star Jude Lee won again", "rising star", 1),
        ("Breaking News: a fire broke out", "breaking news", 1),
        ("Shocking Lee, voters left. They met Lee.", "shocking", 1),
        ("Sadly Lee left", "sadly", 1),
        ("Sadly, the mayor, who won, left", "sadly", 1),
        ("Wow, the voters left", "wow", 1),
        ("Big Radical Plans For Quite Crazy Schools", "radical", 1),
        ("the Border Czar Tom Homan", "border czar", 1),
        ("the film The Perfect Storm", "perfect storm", 0),
        ("THE SHOCKING TRUTH", "shocking", 1),
        ("[Reporting by Rachel Savage Writing by Sofia Christensen Editing by Bate Felix]", "savage", 0),
        ("Rivers Rise Near Coastal Towns, Residents Say: Hit by Savage Storm", "savage", 1),
    ],
)
def test_established_terms_and_names(body: str, searched: str, kept: int) -> None:
    step = filter_false_positives(body, positions(body, searched), TERMS)
    assert len(step.kept) == kept


def test_the_reason_is_reported() -> None:
    step = filter_false_positives("shocking blue", positions("shocking blue", "shocking"), TERMS)
    assert [dropped.why for dropped in step.dropped] == ["established term: A band."]


def test_the_longer_phrase_wins() -> None:
    body = "BREAKING NEWS today, breaking"
    step = resolve_overlaps(positions(body, "breaking", "breaking news", "news today"))
    assert texts(step.kept) == ["BREAKING NEWS", "breaking"]
    assert {dropped.why for dropped in step.dropped} == {"overlaps 'BREAKING NEWS'"}


def test_of_equal_spans_the_taxonomys_order_decides() -> None:
    spans = find_phrase_positions(
        "slam", [phrase("slam", Category.LOADED_VERBS), phrase("slam", Category.EMOTIONAL_TRIGGERS)]
    ).kept
    assert [span.category for span in resolve_overlaps(spans).kept] == [Category.EMOTIONAL_TRIGGERS]
    assert resolve_overlaps(reversed(spans)).kept == resolve_overlaps(spans).kept


LEXICON = compile_lexicon(
    {
        "shock": {"category": "emotional_triggers", "action": "removed", "forms": ["shocking", "truly shocking"]},
        "slam": {"category": "loaded_verbs", "action": "replaced", "forms": ["slams"], "replacement": "criticizes"},
        "wait": {"category": "clickbait", "action": "removed", "forms": ["wait for it"], "whole_sentence": True},
    }
)


def test_the_trace_tells_every_step() -> None:
    body = "Shocking Blue slams it. “It is shocking to see,” he said. A truly shocking report came."
    detection = detect(body, LEXICON, TERMS)
    assert texts(detection.spans) == ["slams", "truly shocking"]
    steps = ["positions", "quotes", "false_positives", "overlaps", "removals"]
    assert [step.name for step in detection.trace] == steps
    assert [len(step.dropped) for step in detection.trace] == [0, 1, 1, 1, 0]


def test_a_models_phrases_pass_the_same_filters() -> None:
    body = "A shocking report came. “It is a shocking day,” he said."
    detection = accept(body, find_phrase_positions(body, [phrase("shocking"), phrase("absent")]), TERMS)
    assert texts(detection.spans) == ["shocking"]


WORDS = st.sampled_from(
    ["shocking", "SHOCKING", "truly", "slams", "Islams", "İ", "ß", "“", "”", "‘", "’", '"', "'", "\n\n", "\n", " "]
    + ["wait for it.", "blue", "-", "\u00ad", "𝔰", "é", "e\u0301", ".", "!", ",", "«", "»"]
)


@given(st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=40).map(lambda pieces: " ".join(pieces)))
def test_spans_are_true_sorted_disjoint_and_outside_speech(body: str) -> None:
    end = 0
    speech = [found for found in quotations(body) if found.is_speech]
    for span in detect(body, LEXICON, TERMS).spans:
        assert body[span.start : span.end] == span.original_text
        assert end <= span.start < span.end
        assert not any(found.start < span.end and span.start < found.end for found in speech)
        end = span.end


@pytest.mark.parametrize(
    "unit", ["shocking ", "“shocking ", "wait for it ", "Shocking Blue. ", "slams\n\n", "- '", "a"]
)
def test_time_is_linear(unit: str) -> None:
    assert_linear(lambda text: detect(text, LEXICON, TERMS), unit * (40_000 // len(unit)))
