"""Original and neutral text beside each other: nothing is lost, and what differs is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.edits import apply_edits, make_edits
from neutralization.redline import redline
from neutralization.side_by_side import Piece, Row, plain_row, side_by_side
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.tokens import words


def spans_of(body: str, *phrases: tuple[str, str]) -> tuple[Span, ...]:
    found = []
    for phrase, replacement in phrases:
        start = body.index(phrase)
        action = Action.REPLACED if replacement else Action.REMOVED
        found.append(Span(start, start + len(phrase), phrase, Category.LOADED_VERBS, action, replacement, "k"))
    return tuple(sorted(found, key=lambda span: span.start))


def beside(body: str, spans: tuple[Span, ...]) -> list[Row]:
    full = apply_edits(body, make_edits(body, spans))
    return side_by_side(body, full, spans=spans, changes=redline(body, full, spans).changes)


def test_paragraphs_stand_beside_each_other_with_phrases_and_changes_marked() -> None:
    body = "The mayor slammed the plan.\n\nIt was a shocking vote.\n\nWork begins in May."

    first, second, third = beside(body, spans_of(body, ("slammed", "criticized"), ("shocking", "")))

    assert first == Row(
        (Piece("The mayor ", 0), Piece("slammed", 10, (1,), True), Piece(" the plan.", 17)),
        (Piece("The mayor ", 0), Piece("criticized", 10, (1,), True), Piece(" the plan.", 20)),
    )
    assert [piece.text for piece in second.body] == ["It was a ", "shocking", " vote."]
    assert [(piece.text, piece.numbers) for piece in second.full if piece.is_change] == [("", (2,))]
    assert (first.is_same, third.is_same) == (False, True)


def test_a_paragraph_that_went_has_nothing_beside_it() -> None:
    body = "Ann Lee spoke on Monday.\n\nYou won’t believe it.\n\nWork begins in May."

    rows = beside(body, spans_of(body, ("You won’t believe it.", "")))

    assert "".join(piece.text for row in rows for piece in row.body).count("believe") == 1
    assert not any("believe" in piece.text for row in rows for piece in row.full)


@pytest.mark.parametrize("body", ["", " ", "\n\n", "One.\n\n\n\n"])
def test_a_text_without_words_is_one_row(body: str) -> None:
    [row] = side_by_side(body, body, spans=(), changes=())

    assert row.is_same
    assert row.body == row.full


def test_without_the_original_the_neutral_text_stands_alone() -> None:
    assert plain_row("A text.") == Row((), (Piece("A text.", 0),))


_TOKENS = ["alpha", "beta", "gamma", "delta", ".", ",", "\n", "\n\n", "😀", "été"]
_LINES = st.lists(st.sampled_from(_TOKENS), max_size=40).map(" ".join)


@given(_LINES, st.data())
def test_no_character_but_space_is_lost_on_either_side(body: str, data: st.DataObject) -> None:
    found = words(body)
    picked = sorted(data.draw(st.sets(st.integers(0, max(len(found) - 1, 0)), max_size=6)))
    spans = tuple(
        Span(found[i].start, found[i].end, found[i].text, Category.CLICKBAIT, action, replacement, "k")
        for i in picked
        if i < len(found)
        for action, replacement in [data.draw(st.sampled_from([(Action.REMOVED, ""), (Action.REPLACED, "omega")]))]
    )
    full = apply_edits(body, make_edits(body, spans))

    rows = side_by_side(body, full, spans=spans, changes=redline(body, full, spans).changes)

    for side, text in ((0, body), (1, full)):
        pieces = [piece for row in rows for piece in (row.body, row.full)[side]]
        assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
        assert all(text.startswith(piece.text, piece.start) for piece in pieces)
    marked = {number for row in rows for piece in row.body for number in piece.numbers}
    assert marked == set(range(1, len(spans) + 1))
