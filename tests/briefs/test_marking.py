"""Marks stand where the words are, and cutting a text into pieces loses nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefs.marking import Mark, Piece, Tag, marked_paragraphs, new_marks, numbers_shown, redlined
from neutralization.differences import Difference, apply_changes, differences

BODY = "SHOCKING: Critics slammed the plan.\n\nA brutal row. Here’s why it matters!\n\nIt passed."


def mark(start, words, *numbers, tag=Tag.NEW):
    return Mark(start, words, tag, numbers)


def changes(*edits, body=BODY):
    """Changes (old, new, spans) of a body, in its order."""
    made = []
    shift = 0
    for old, new, spans in edits:
        start = body.index(old)
        made.append(Difference(start, old, start + shift, new, spans))
        shift += len(new) - len(old)
    return made


def shown(paragraphs):
    """Write marks in brackets: [words|number] for what is new, [-words|number] for what is gone.

    A star follows a number that stands there first, and a question mark what nothing explains.
    """
    return ["".join(written(piece) for piece in paragraph) for paragraph in paragraphs]


def written(piece):
    if piece.tag is None:
        return piece.text
    numbers = ",".join(f"{number}{'*' * (number in piece.opens)}" for number in piece.numbers)
    sign = "-" if piece.tag is Tag.REMOVED else ""
    return f"[{sign}{piece.text}|{numbers}{'?' * piece.is_unexplained}]"


def plain(paragraph, without=None):
    return "".join(piece.text for piece in paragraph if piece.tag is not without or without is None)


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("", [], []),
        (" \n\n ", [], []),
        ("One.\n\nTwo.", [], ["One.", "Two."]),
        ("One.\nTwo.", [], ["One.\nTwo."]),
        ("They slammed it.", [mark(5, "slammed", 1)], ["They [slammed|1*] it."]),
        ("slammed", [mark(0, "slammed", 1)], ["[slammed|1*]"]),
        ("a b", [mark(0, "a", 1), mark(1, "", 2), mark(2, "b", 3)], ["[a|1*][|2*] [b|3*]"]),
        ("very\n\nbad", [mark(0, "very\n\nbad", 1)], ["[very|1*]", "[bad|1]"]),
        ("One.\n\nTwo.", [mark(4, "", 1)], ["One.[|1*]", "Two."]),
        ("One.\n\nTwo.", [mark(5, "", 1)], ["One.", "[|1*]Two."]),
        ("One.\n\nTwo.\n", [mark(11, "", 1)], ["One.", "Two.[|1*]"]),
        ("One.\n\nTwo.", [mark(4, "\n\nTwo", 1)], ["One.", "[Two|1*]."]),
        ("a b", [mark(0, "a", 1), mark(2, "b", 1)], ["[a|1*] [b|1]"]),
        ("a b", [mark(0, "a", 1), mark(2, "", 1)], ["[a|1*] b"]),
        ("a b", [mark(0, "a b", 1, 2)], ["[a b|1*,2*]"]),
        ("a b", [mark(0, "a", 1), mark(2, "b", 1, 2)], ["[a|1*] [b|1,2*]"]),
        ("a b", [Mark(1, "", Tag.REMOVED, is_unexplained=True)], ["a[-|?] b"]),
    ],
)
def test_marked_paragraphs(text, marks, expected):
    assert shown(marked_paragraphs(text, marks)) == expected


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param([mark(0, "slammed", 1)], id="other words there"),
        pytest.param([mark(5, "slammed", 1), mark(8, "mmed", 2)], id="overlap"),
        pytest.param([mark(13, "it", 2), mark(5, "slammed", 1)], id="not in order"),
        pytest.param([mark(99, "", 1)], id="beyond the end"),
        pytest.param([mark(-3, "it.", 1)], id="before the start"),
    ],
)
def test_marks_of_another_text_are_not_shown(marks):
    assert shown(marked_paragraphs("They slammed it.", marks)) == ["They slammed it."]


MADE = changes(
    ("SHOCKING: ", "", (0,)),
    ("slammed", "criticized", (1,)),
    ("A brutal row", "Row ", (2, 3)),
    (" Here’s why it matters!", "", (4,)),
    ("It passed", " It was passed ", ()),
)


def test_what_is_new_is_marked_in_the_text_that_the_changes_made():
    text = apply_changes(BODY, MADE)
    assert shown(marked_paragraphs(text, new_marks(MADE))) == [
        "[|1*]Critics [criticized|2*] the plan.",
        "[Row|3*,4*] .[|5*]",
        "[It was passed|?] .",
    ]


def test_what_is_gone_is_shown_in_its_place_and_the_last_of_both_leads_to_the_reason():
    assert shown(marked_paragraphs(*redlined(apply_changes(BODY, MADE), MADE))) == [
        "[-SHOCKING:|1*] Critics [-slammed|] [criticized|2*] the plan.",
        "[-A brutal row|] [Row|3*,4*] . [-Here’s why it matters!|5*]",
        "[-It passed|]  [It was passed|?] .",
    ]


def test_paragraphs_that_are_gone_stand_by_themselves():
    gone = changes(("A brutal row. Here’s why it matters!\n\n", "", (0,)))
    assert shown(marked_paragraphs(*redlined(apply_changes(BODY, gone), gone))) == [
        "SHOCKING: Critics slammed the plan.",
        "[-A brutal row. Here’s why it matters!|1*]",
        "It passed.",
    ]


def test_white_space_that_changed_is_marked_by_nothing_but_its_number():
    joined = [Difference(BODY.index("\n\nIt"), "\n\n", BODY.index("\n\nIt"), " ")]
    assert shown(marked_paragraphs(*redlined(apply_changes(BODY, joined), joined)))[1:] == [
        "A brutal row. Here’s why it matters!",
        "[-|?]It passed.",
    ]


def test_changes_of_another_text_are_not_shown():
    text = "An editor wrote this."
    assert shown(marked_paragraphs(text, new_marks(MADE))) == [text]
    assert shown(marked_paragraphs(*redlined(text, MADE))) == [text]


def test_numbers_shown():
    paragraphs = marked_paragraphs("a b\n\nc", [mark(0, "a", 1), mark(5, "c", 4)])
    assert numbers_shown(paragraphs) == {1, 4}
    assert numbers_shown([(Piece("plain"),)]) == frozenset()


texts = st.text(st.sampled_from("ab é😀İ.\n\u2028 "), max_size=60)


@given(texts, texts, st.booleans())
def test_a_redline_holds_both_texts(body, text, is_explained):
    found = [
        Difference(c.start, c.old, c.full_start, c.new, (0,) if is_explained else ()) for c in differences(body, text)
    ]
    paragraphs = marked_paragraphs(*redlined(text, found))
    for source, other in ((body, Tag.NEW), (text, Tag.REMOVED)):
        kept = "".join(plain(paragraph, without=other) for paragraph in paragraphs)
        assert "".join(kept.split()) == "".join(source.split())
    full = marked_paragraphs(text, new_marks(found))
    assert [plain(paragraph) for paragraph in full] == [plain(paragraph) for paragraph in marked_paragraphs(text)]
    for marked in (paragraphs, full):
        opened = [number for paragraph in marked for piece in paragraph for number in piece.opens]
        assert len(opened) == len(set(opened))
