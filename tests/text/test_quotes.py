"""quotations(): every kind of mark, over paragraphs, and what only looks like a mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.quotes import Quotation, quotations
from tests.support.scaling import assert_linear


def found(text: str) -> list[str]:
    return [text[quotation.start : quotation.end] for quotation in quotations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “we will go there” today.", ["“we will go there”"]),
        ('He said "we will go there" today.', ['"we will go there"']),
        ("« Nous irons là-bas », dit-il.", ["« Nous irons là-bas »"]),
        ("»Wir gehen dahin«, sagte er.", ["»Wir gehen dahin«"]),
        ("„Wir gehen dahin“, sagte er.", ["„Wir gehen dahin“"]),
        ("‚Wir gehen dahin‘, sagte er.", ["‚Wir gehen dahin‘"]),
        ("‘We will go there,’ he said.", ["‘We will go there,’"]),
        ("'We will go there,' he said.", ["'We will go there,'"]),
        ("”Vi går dit”, sade han.", ["”Vi går dit”"]),
        ('“Mixed marks here," he said.', ['“Mixed marks here,"']),
        ('("in brackets we trust")', ['"in brackets we trust"']),
        ("“One.” Then “two.”", ["“One.”", "“two.”"]),
        ("“He told me ‘stay out’ twice,” she said.", ["“He told me ‘stay out’ twice,”"]),
        ("‘He told me “stay out” twice,’ she said.", ["‘He told me “stay out” twice,’"]),
        ("“Outer “inner words” go on,” he said.", ["“Outer “inner words” go on,”"]),
    ],
)
def test_every_kind_of_mark(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No marks at all.",
        "The players' union met the fans' club.",
        "The players’ union met the fans’ club.",
        "It's the dog's, isn't it? Rock 'n' roll.",
        "Back in the '90s and the ’80s, 'twas so.",
        'A board 6" wide.',
        "He stood 6'2 tall, 'em said.",
        "Home » News » Sport",
    ],
)
def test_what_is_no_quotation(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("‘I like the players’ union very much,’ he said.", ["‘I like the players’ union very much,’"]),
        ("'I like the players' union very much,' he said.", ["'I like the players' union very much,'"]),
        ("‘cats’ and ‘dogs’", ["‘cats’", "‘dogs’"]),
        ("‘I was goin’ home,’ he said.", ["‘I was goin’ home,’"]),
        ("‘We like cats’\n\n‘We like dogs’", ["‘We like cats’", "‘We like dogs’"]),
    ],
)
def test_apostrophes_inside_single_marks(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_quotation_over_paragraphs_is_one() -> None:
    text = "She said: “First we came.\n\n“Then we saw.\n \n“At last we left.” And went.\n\n“New one here.”"
    assert found(text) == [
        "“First we came.\n\n“Then we saw.\n \n“At last we left.”",
        "“New one here.”",
    ]


@pytest.mark.parametrize("mark", ["“", '"', "«", "‘", "'"])
def test_each_paragraph_of_one_quotation_opens_and_the_last_closes(mark: str) -> None:
    closing = {"“": "”", "«": "»", "‘": "’"}.get(mark, mark)
    text = f"She said: {mark}We came.\n\n{mark}We saw the players' bus.\n\n{mark}We left.{closing} And went."
    assert found(text) == [text[10 : text.index(" And")]]


@pytest.mark.parametrize("mark", ["“", '"', "«", "‘"])
def test_a_lone_mark_ends_with_its_paragraph(mark: str) -> None:
    text = f"Before.\n\nHe said {mark}we never closed this.\n\nThe next paragraph is plain."
    assert found(text) == [f"{mark}we never closed this."]


def test_a_lone_straight_single_mark_quotes_nothing() -> None:
    assert found("He sang 'bout it and 'never' and 'closed this.") == ["'never'"]


@pytest.mark.parametrize(
    ("text", "is_speech"),
    [
        ("the so-called “experts” left", False),
        ("the “radical left” left", False),
        ("the “very radical left” left", True),
        ("He called the “radical left” names.", True),
        ("He called it “shocking”.", True),
        ("Beth maintains that “propaganda” abounds.", True),
        ("She accused him of “cruelty”.", True),
        ("Ms Lee said the election of Tom Price as the member for North Rochester was “horrifying”.", True),
        ("“No,” he said.", True),
        ("“Never!” the old man shouted.", True),
        ("the “experts” said nothing", False),
        ("He spoke and said so. The “experts” left.", False),
    ],
)
def test_scare_quotes_are_not_speech(text: str, is_speech: bool) -> None:
    assert [quotation.is_speech for quotation in quotations(text)] == [is_speech]


MARKS = "“”„\"«»‘’‚' \nabs.,5"


@given(st.one_of(st.text(), st.text(alphabet=MARKS, max_size=80)))
def test_ranges_are_sorted_disjoint_and_inside(text: str) -> None:
    end = 0
    for quotation in quotations(text):
        assert isinstance(quotation, Quotation)
        assert end <= quotation.start < quotation.end <= len(text)
        end = quotation.end


@pytest.mark.parametrize("unit", ["‘a ", "“ ", "\n", '" x', "a' s' ", "‘", "'s ’ "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(quotations, unit * (100_000 // len(unit)))
