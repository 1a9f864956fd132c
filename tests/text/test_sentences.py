"""Sentences and paragraphs: a table of the marks that mislead, and the invariants of their ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.sentences import paragraphs, sentences
from tests.support.scaling import assert_linear

MARKED = st.text(alphabet="abIT. !?…\n\r\t“”‘’\"'«»„()[]1。İß\u200b\u2028", max_size=80)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Dr. Lee met Gov. Ann Smith.", "They talked."],
        ["The U.S. Senate voted.", "It passed."],
        ["He lives in the U.S.", "The law changed."],
        ["It opened at 9 a.m. Tuesday.", "It closed at 5 p.m.", "The shop is new."],
        ["J. K. Rowling wrote it.", "George W. Bush read it."],
        ["Prices rose 3.5 percent.", "No. 10 declined to comment."],
        ["She said no.", "Then she left."],
        ["On Jan. 5 it began.", "On Dec. 9 it ended."],
        ["Acme Inc. Chairman Bo Li resigned.", "Acme Ltd. shares fell."],
        ["“It is done.”", "He left."],
        ["“Is it done?” she asked.", "“Yes!” he said."],
        ["“Is it done?” Ann Lee asked.", "“It is!”", "Ann left."],
        ["He said: “One. Two. Three.”", "Nobody answered."],
        ['"We won. We did," he said.', 'The "deal" failed.'],
        ["‘The players’ wages rose. They stayed,’ he said.", "So did she."],
        ["It was long (see p. 4. It is short).", "Next."],
        ["Well... maybe so.", "He waited…", "Nobody came."],
        ["iPhone sales rose.", "eBay fell."],
        ["Is it true?", "Yes!", "No."],
        ["Vitamin C.", "The end."],
        ["Smith et al. Found nothing"],
        ["It reached critical mass.", "Reports say Jackson, Miss. Mayor Bo Li resigned."],
        ["1. First item.", "2. Second item."],
        ["A sentence without an end"],
        ["雨が降った。", "風も吹いた。"],
    ],
)
def test_sentences(parts: list[str]) -> None:
    separator = "" if parts[0].endswith("。") else " "
    assert cut(separator.join(parts)) == parts


def test_a_sentence_never_crosses_a_paragraph() -> None:
    assert cut("A heading\n\nThe text of\nit goes on. And on\n \n\tEnd") == [
        "A heading",
        "The text of\nit goes on.",
        "And on",
        "End",
    ]


def test_an_open_quotation_may_be_split_only_when_it_does_not_close() -> None:
    assert cut("“One. Two.\n\n“Three. Four.”") == ["“One.", "Two.", "“Three. Four.”"]


@pytest.mark.parametrize("text", ["", " ", "\n\n \n", "\u2028\r\n"])
def test_nothing_but_space_has_no_parts(text: str) -> None:
    assert paragraphs(text) == []
    assert sentences(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\n\nb", ["a", "b"]), (" a\nb \r\n\r\n\r\n c", ["a\nb", "c"]), ("a\n\xa0\nb", ["a", "b"])],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in paragraphs(text)] == expected


@given(st.one_of(st.text(max_size=80), MARKED))
def test_ranges_are_trimmed_sorted_and_cover_all_but_space(text: str) -> None:
    blocks, found = paragraphs(text), sentences(text)
    for ranges in (blocks, found):
        assert all(text[start:end] == text[start:end].strip() != "" for start, end in ranges)
        assert "".join("".join(text[start:end].split()) for start, end in ranges) == "".join(text.split())
        assert ranges == sorted(ranges)
    assert all(any(left <= start and end <= right for left, right in blocks) for start, end in found)


@pytest.mark.parametrize("unit", [".", "“", "(", "a. ", "“A. ", '" ', "'", "...", ".)", "\n", "Dr. ", "(“‘[", "A.b."])
def test_time_is_linear(unit: str) -> None:
    assert_linear(sentences, unit * (100_000 // len(unit)))


@pytest.mark.parametrize("mark", [".", "?", "…", "。", ".”"])
def test_a_run_of_marks_that_ends_nothing_is_read_once(mark: str) -> None:
    assert len(sentences(mark * 100_000 + "x")) <= 2
