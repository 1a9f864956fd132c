"""Chunks of a long body: nothing lost, nothing doubled, no sentence torn that fits."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.chunks import chunk
from neutralization.lexicon import compile_false_positives
from neutralization.spans import Phrase, accept, find_phrase_positions
from neutralization.taxonomy import Action, Category
from ntrl.text.sentences import sentences
from tests.support.scaling import assert_linear

NOTHING = compile_false_positives({})
PHRASES = [
    Phrase(text, Category.EMOTIONAL_TRIGGERS, Action.SOFTENED, "calm", "test")
    for text in ("shocking", "shocking news", "under fire", "slams", "dr. doom")
]


def test_a_short_body_is_one_chunk_and_an_empty_one_none() -> None:
    assert [found.text for found in chunk("One day. Two days.", max_chars=100, overlap_chars=10)] == [
        "One day. Two days."
    ]
    assert chunk(" \n", max_chars=100, overlap_chars=10) == ()


def test_a_chunk_begins_with_the_last_sentences_of_the_one_before() -> None:
    found = chunk("One day. Two days. Three days. Four days.", max_chars=22, overlap_chars=10)
    assert [piece.text for piece in found] == ["One day. Two days.", "Two days. Three days.", "Four days."]
    assert [piece.start for piece in found] == [0, 9, 31]


def test_a_title_ends_no_sentence_at_a_seam() -> None:
    body = "It rained all day. A Dr. Jones of St. Ives left at 5 p.m. with Mr. Lee. It rained again."
    texts = [piece.text for piece in chunk(body, max_chars=60, overlap_chars=0)]
    assert texts == ["It rained all day.", "A Dr. Jones of St. Ives left at 5 p.m. with Mr. Lee.", "It rained again."]


def test_a_sentence_longer_than_a_chunk_is_cut_between_words() -> None:
    found = chunk("word " * 30 + "end.", max_chars=40, overlap_chars=12)
    assert all(re.fullmatch(r"(word )*(word|end\.)", piece.text) for piece in found)
    assert all(left.end - right.start >= 4 for left, right in pairwise(found))


def test_without_overlap_the_pieces_of_a_sentence_follow_each_other() -> None:
    found = chunk("one two  three four five.", max_chars=10, overlap_chars=0)
    assert [piece.text for piece in found] == ["one two", "three four", "five."]


def test_an_overlap_of_half_a_chunk_is_refused() -> None:
    for overlap in (-1, 10, 11):
        with pytest.raises(ValueError, match="overlap"):
            chunk("Any.", max_chars=20, overlap_chars=overlap)


WORDS = st.sampled_from(
    ["shocking", "SHOCKING news", "under\nfire", "Dr. Doom", "slams", "Mayor", "left", "e.g.", "“Go”", "x" * 50]
    + [".", "!", "?", ".\n\n", ".”", "\n\n", "İ"]
)


@given(
    st.lists(WORDS, max_size=60).map(" ".join),
    st.integers(min_value=1, max_value=120).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(min_value=0, max_value=(size - 1) // 2))
    ),
)
def test_chunks_hold_every_word_in_order_and_none_is_too_long(body: str, sizes: tuple[int, int]) -> None:
    found = chunk(body, max_chars=sizes[0], overlap_chars=sizes[1])
    covered = 0
    last_start = -1
    for piece in found:
        assert body[piece.start : piece.end] == piece.text
        assert last_start < piece.start
        assert 0 < len(piece.text) <= sizes[0]
        assert not body[covered : piece.start].strip()
        assert piece.end > covered
        last_start, covered = piece.start, piece.end
    assert not body[covered:].strip()


@given(st.lists(WORDS, max_size=60).map(" ".join), st.integers(min_value=2, max_value=200), st.integers(0, 60))
def test_no_span_is_lost_or_doubled_at_a_seam(body: str, extra: int, overlap: int) -> None:
    longest = max((end - start for start, end in sentences(body)), default=0)
    max_chars = max(longest, 2 * overlap) + extra
    found = chunk(body, max_chars=max_chars, overlap_chars=overlap)
    # A detector names the phrases that it sees; what it names twice counts once.
    named = [phrase for piece in found for phrase in PHRASES if find_phrase_positions(piece.text, [phrase]).kept]
    by_chunk = accept(body, find_phrase_positions(body, named), NOTHING)
    whole = accept(body, find_phrase_positions(body, PHRASES), NOTHING)
    assert by_chunk.spans == whole.spans


@pytest.mark.parametrize("unit", ["a ", "It was so. ", "x", "\n\n", "Dr. ", "‘a. "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(lambda text: chunk(text, max_chars=4000, overlap_chars=400), unit * (100_000 // len(unit)))
