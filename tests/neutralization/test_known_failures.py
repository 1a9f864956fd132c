"""Each known failure of span detection has a test that bears its name. Real rules where the rule is the point."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from neutralization.chunks import chunk
from neutralization.lexicon import FalsePositives, Lexicon, compile_false_positives, compile_lexicon
from neutralization.spans import Detection, Phrase, accept, detect, find_phrase_positions
from neutralization.taxonomy import Action, Category
from ntrl.rules.loader import shipped_entries
from ntrl.rules.registry import rule_sets

NOTHING = compile_false_positives({})


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return compile_lexicon(shipped_entries(rule_sets()["lexicon"].path))


@pytest.fixture(scope="module")
def terms() -> FalsePositives:
    return compile_false_positives(shipped_entries(rule_sets()["false_positives"].path))


def detected(body: str, *searched: str, terms: FalsePositives = NOTHING) -> Detection:
    """Detect what somebody calls manipulative when he names `searched`."""
    phrases = [Phrase(text, Category.EMOTIONAL_TRIGGERS, Action.SOFTENED, "calm", "t") for text in searched]
    detection = accept(body, find_phrase_positions(body, phrases), terms)
    assert all(body[span.start : span.end] == span.original_text for span in detection.spans)
    return detection


def found(body: str, *searched: str, terms: FalsePositives = NOTHING) -> list[str]:
    return words_of(detected(body, *searched, terms=terms))


def places(body: str, *searched: str) -> list[int]:
    return [span.start for span in detected(body, *searched).spans]


def words_of(detection: Detection) -> list[str]:
    return [span.original_text for span in detection.spans]


def reasons(detection: Detection) -> set[str]:
    return {dropped.why.partition(":")[0] for step in detection.trace for dropped in step.dropped}


def test_a_phrase_is_not_found_within_a_word() -> None:
    assert found("Islam, an adviser, slammed, adverts", "slam", "ad") == []
    assert found("a slam, an ad", "slam", "ad") == ["slam", "ad"]


def test_a_phrase_is_found_at_every_occurrence() -> None:
    assert found("shocking, then shocking. Shocking?\n\nShocking", "shocking") == [
        "shocking",
        "shocking",
        "Shocking",
        "Shocking",
    ]


@pytest.mark.parametrize("searched", ["shocking news", "SHOCKING NEWS", "Shocking News"])
def test_a_phrase_is_found_in_every_letter_case(searched: str) -> None:
    assert found("SHOCKING news, shocking NEWS, Shocking News", searched) == [
        "SHOCKING news",
        "shocking NEWS",
        "Shocking News",
    ]


@pytest.mark.parametrize("letters", ["İ", "ß", "ẞ", "ﬁ", "ﬄ", "ŉ", "ǰ", "ΐ", "e\u0301", "𝔰", "👩‍👩‍👧", "\u00ad"])
def test_folding_case_shifts_no_offset(letters: str) -> None:
    body = f"{letters * 7} x SHOCKING {letters} shocking"
    assert found(body, "shocking") == ["SHOCKING", "shocking"]


@pytest.mark.parametrize(
    "searched", ["you won't believe", "you won’t believe", "you won‘t believe", "you wonʼt believe"]
)
def test_curly_and_straight_apostrophes_are_equal(searched: str) -> None:
    assert found("you won't believe, you won’t believe", searched) == ["you won't believe", "you won’t believe"]


def test_curly_and_straight_quotation_marks_are_equal() -> None:
    assert found('the so-called “elite” and so-called "elite"', 'so-called "elite"') == [
        "so-called “elite”",
        'so-called "elite"',
    ]


def test_all_dashes_and_hyphens_are_equal() -> None:
    dashes = ["game-changer", "game‐changer", "game‑changer", "game–changer"]
    assert found(", ".join(dashes), "game-changer") == dashes
    assert found("now — or never", "now - or never") == ["now — or never"]


@pytest.mark.parametrize("gap", ["\n", "\r\n", "  ", "\t", "\u00a0", "\u2028", "\u202f"])
def test_a_phrase_broken_over_a_line_is_found_as_it_stands(gap: str) -> None:
    assert found(f"it came under{gap}fire", "came under fire") == [f"came under{gap}fire"]


def test_a_phrase_never_reaches_over_a_paragraph() -> None:
    assert found("it came under\n\nfire", "came under fire") == []


def test_the_longer_phrase_wins_over_the_one_inside_it() -> None:
    assert found("BREAKING NEWS: BREAKING", "breaking", "breaking news", "news") == ["BREAKING NEWS", "BREAKING"]


def test_spans_never_overlap_and_are_sorted() -> None:
    body = "under fire storm under fire storm under fire"
    phrases = [
        Phrase(text, category, Action.SOFTENED, "calm", "t")
        for text in ("fire storm", "under fire storm under", "storm under", "under fire")
        for category in (Category.CLICKBAIT, Category.LOADED_IDIOMS)
    ]
    spans = accept(body, find_phrase_positions(body, phrases), NOTHING).spans
    assert [span.original_text for span in spans] == ["under fire storm under", "storm under"]
    assert all(left.end <= right.start for left, right in pairwise(spans))


@pytest.mark.parametrize(
    "marks", ["“”", '""', "«»", "»«", "„“", "„”", "‘’", "''", "‚‘", ("« ", " »")], ids=lambda marks: "".join(marks)
)
def test_speech_in_every_kind_of_marks_is_not_manipulation(marks: Iterable[str]) -> None:
    opening, closing = marks
    body = f"He wrote: {opening}a shocking day it was{closing}. So shocking."
    assert places(body, "shocking") == [body.rindex("shocking")]


@pytest.mark.parametrize("mark", ["'", "’"])
def test_apostrophes_are_no_quotation_marks(mark: str) -> None:
    assert found(f"It{mark}s shocking that he doesn{mark}t, rock {mark}n{mark} roll", "shocking") == ["shocking"]


@pytest.mark.parametrize("mark", ["'", "’"])
def test_plural_possessives_are_no_quotation_marks(mark: str) -> None:
    assert found(f"The players{mark} shocking loss and the fans{mark} sorrow", "shocking") == ["shocking"]


@pytest.mark.parametrize(("opening", "closing"), ["“”", '""', "«»", "‘’", "''"])
def test_a_quotation_over_paragraphs_of_which_only_the_last_closes_is_one(opening: str, closing: str) -> None:
    body = (
        f"{opening}One it was.\n\n{opening}A shocking two.\n\n{opening}A shocking three.{closing}\n\nA shocking four."
    )
    assert places(body, "shocking") == [body.index("shocking four")]


@pytest.mark.parametrize("mark", ["“", '"', "«", "„", "‘"])
def test_a_lone_mark_ends_with_its_paragraph(mark: str) -> None:
    body = f"He said {mark}a shocking day it was.\n\nIt was shocking."
    assert places(body, "shocking") == [body.rindex("shocking")]


@pytest.mark.parametrize("quoted", ["“shocking”", "‘shocking’", '"shocking"', "“truly shocking”"])
def test_a_scare_quote_of_one_or_two_words_is_no_speech(quoted: str) -> None:
    assert len(found(f"The {quoted} plan failed.", "shocking", "truly shocking")) == 1


def test_a_scare_quote_that_somebody_said_is_speech() -> None:
    for verb in ("called it", "described it as", "maintains it is", "accused him of"):
        assert found(f"She {verb} “shocking”.", "shocking") == []


@pytest.mark.parametrize(
    "term",
    ["crisis management", "public relations", "emergency services", "breast cancer", "according to", "charged with"]
    + ["attempted murder", "a record high", "killer whale", "sudden death"],
)
def test_an_established_term_is_no_manipulation(terms: FalsePositives, term: str) -> None:
    word = max(term.split(), key=len)
    body = f"They spoke of {term} today."
    detection = detected(body, word, terms=terms)
    assert words_of(detection) == []
    assert [dropped.why.startswith("established term: ") for dropped in detection.trace[2].dropped] == [True]


def test_weather_terms_are_no_manipulation(lexicon: Lexicon, terms: FalsePositives) -> None:
    body = "A severe thunderstorm warning, a violent storm of force 11 and a killer frost were forecast."
    assert words_of(detect(body, lexicon, terms)) == []


def test_sports_terms_in_a_match_report_are_no_manipulation(lexicon: Lexicon, terms: FalsePositives) -> None:
    body = (
        "United attacked from the start. A grand slam and a slam dunk followed, and the tie went to "
        "sudden death. Rovers beat City 5-0 after a counter-attack; the striker shot a blistering 62 in the afternoon."
    )
    assert words_of(detect(body, lexicon, terms)) == []


def test_proper_names_are_no_hype(lexicon: Lexicon, terms: FalsePositives) -> None:
    body = "He saw Dirty Dancing in Great Britain while others sought weapons of mass destruction."
    assert words_of(detect(body, lexicon, terms)) == []
    assert found(body, "dirty", "great", "mass destruction", terms=terms) == []


def test_what_was_dropped_has_its_reason(lexicon: Lexicon, terms: FalsePositives) -> None:
    body = (
        "He saw The Shocking Truth. “A shocking day,” he said. It never made a most shocking claim: crisis management."
    )
    phrases = [
        Phrase(text, Category.CLICKBAIT, Action.REMOVED, "", "t")
        for text in ("shocking", "crisis", "absent", "most shocking")
    ]
    detection = accept(body, find_phrase_positions(body, phrases), terms)
    assert words_of(detection) == []
    assert reasons(detection) == {
        "not in the body",
        "in a quotation",
        "established term",
        "part of a proper name",
        "what is denied would be another thing without it",
    }


def test_no_span_is_lost_or_doubled_at_a_chunks_seam() -> None:
    body = "It was a shocking day. A Dr. Lee came under fire. " * 40
    pieces = chunk(body, max_chars=100, overlap_chars=30)
    assert len(pieces) > 20
    named = [word for piece in pieces for word in ("shocking", "came under fire") if word in piece.text]
    assert found(body, *named) == ["shocking", "came under fire"] * 40


def test_an_abbreviation_is_no_sentence_at_a_chunks_seam() -> None:
    pieces = chunk("It rained. A Dr. Jones left. It rained.", max_chars=20, overlap_chars=0)
    assert [piece.text for piece in pieces] == ["It rained.", "A Dr. Jones left.", "It rained."]
