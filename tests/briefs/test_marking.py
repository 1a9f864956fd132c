"""Marks stand where the words are, and cutting a text into pieces loses nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefs.marking import Mark, Piece, edit_marks, marked_paragraphs, numbers_shown
from neutralization.edits import apply_edits
from neutralization.types import Edit

BODY = "SHOCKING: Critics slammed the plan.\n\nA brutal row. Here’s why it matters!\n\nIt passed."


def edit(old, new, index, body=BODY):
    start = body.index(old)
    return Edit(start, start + len(old), new, index)


def shown(paragraphs):
    """Write paragraphs with marks in brackets: [words|number], and [words|number*] where a change opens."""
    return [
        "".join(
            piece.text if piece.number is None else f"[{piece.text}|{piece.number}{'*' * piece.opens}]"
            for piece in paragraph
        )
        for paragraph in paragraphs
    ]


def plain(paragraph):
    return "".join(piece.text for piece in paragraph)


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("", [], []),
        (" \n\n ", [], []),
        ("One.\n\nTwo.", [], ["One.", "Two."]),
        ("One.\nTwo.", [], ["One.\nTwo."]),
        ("They slammed it.", [Mark(5, "slammed", 1)], ["They [slammed|1*] it."]),
        ("slammed", [Mark(0, "slammed", 1)], ["[slammed|1*]"]),
        ("a b", [Mark(0, "a", 1), Mark(1, "", 2), Mark(2, "b", 3)], ["[a|1*][|2*] [b|3*]"]),
        ("very\n\nbad", [Mark(0, "very\n\nbad", 1)], ["[very|1*]", "[bad|1]"]),
        ("One.\n\nTwo.", [Mark(4, "", 1)], ["One.[|1*]", "Two."]),
        ("One.\n\nTwo.", [Mark(5, "", 1)], ["One.", "[|1*]Two."]),
        ("One.\n\nTwo.\n", [Mark(11, "", 1)], ["One.", "Two.[|1*]"]),
        ("One.\n\nTwo.", [Mark(4, "\n\nTwo", 1)], ["One.", "[Two|1*]."]),
        ("a b", [Mark(0, "a", 1), Mark(2, "b", 1)], ["[a|1*] [b|1]"]),
        ("a b", [Mark(0, "a", 1), Mark(2, "", 1)], ["[a|1*] b"]),
    ],
)
def test_marked_paragraphs(text, marks, expected):
    assert shown(marked_paragraphs(text, marks)) == expected


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param([Mark(0, "slammed", 1)], id="other words there"),
        pytest.param([Mark(5, "slammed", 1), Mark(8, "mmed", 2)], id="overlap"),
        pytest.param([Mark(13, "it", 2), Mark(5, "slammed", 1)], id="not in order"),
        pytest.param([Mark(99, "", 1)], id="beyond the end"),
        pytest.param([Mark(-3, "it.", 1)], id="before the start"),
    ],
)
def test_marks_of_another_text_are_not_shown(marks):
    assert shown(marked_paragraphs("They slammed it.", marks)) == ["They slammed it."]


def test_edits_become_marks_in_the_text_they_made():
    edits = [
        edit("SHOCKING: ", "", 0),
        edit("slammed", "criticized", 1),
        edit("A brutal r", "R", 2),
        edit(" Here’s why it matters!", "", 3),
        edit("It passed", " It was passed ", 4),
    ]
    text = apply_edits(BODY, edits)
    assert shown(marked_paragraphs(text, edit_marks(text, edits))) == [
        "[|1*]Critics [criticized|2*] the plan.",
        "[Row|3*].[|4*]",
        "[It was passed|5*] .",
    ]


def test_a_text_that_the_edits_did_not_make_is_shown_unmarked():
    text = "An editor wrote this."
    assert shown(
        marked_paragraphs(text, edit_marks(text, [edit("slammed", "criticized", 0), Edit(90, 95, "x", 1)]))
    ) == ["An editor wrote this."]


def test_numbers_shown():
    paragraphs = marked_paragraphs("a b\n\nc", [Mark(0, "a", 1), Mark(5, "c", 4)])
    assert numbers_shown(paragraphs) == {1, 4}
    assert numbers_shown([(Piece("plain"),)]) == frozenset()


texts = st.text(st.sampled_from("ab é😀İ.\n\u2028 "), max_size=60)


@st.composite
def bodies_with_edits(draw):
    body = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return body, [Edit(start, end, draw(texts), index) for index, (start, end) in enumerate(pairs)]


@given(bodies_with_edits())
def test_every_edit_has_its_place(case):
    body, edits = case
    text = apply_edits(body, edits)
    marks = edit_marks(text, edits)
    for mark, made in zip(marks, edits, strict=True):
        assert text[mark.start : mark.end] == mark.words
        assert mark.words.startswith(made.replacement.strip())
    paragraphs = marked_paragraphs(text, marks)
    assert [plain(paragraph) for paragraph in paragraphs] == [plain(p) for p in marked_paragraphs(text)]
    opened = [piece.number for paragraph in paragraphs for piece in paragraph if piece.opens]
    assert len(opened) == len(set(opened))
    assert opened == sorted(opened)
