"""The brief's sentences: which are fit to be shown, on what they lean, and how they are chosen."""

import pytest

from neutralization.compose.brief import brief
from neutralization.compose.errors import ComposeError
from neutralization.compose.passages import passages
from neutralization.compose.salience import content, salience


def texts(text: str) -> list[str]:
    return [passage.text for passage in passages(text)]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("LONDON (AP) — The bank raised rates on Monday.", "The bank raised rates on Monday."),
        ("BUFFALO, N.Y. — The bank raised rates.", "The bank raised rates."),
        ("(CNN) The bank raised rates.", "The bank raised rates."),
        ("ST. JOSEPH, Mich. (AP) -- The bank raised rates.", "The bank raised rates."),
        ("OSLO, Norway (Meridian Wire) — The bank raised rates.", "The bank raised rates."),
        ("The bank — a small one — raised rates.", "The bank — a small one — raised rates."),
    ],
)
def test_datelines_go(sentence: str, shown: str) -> None:
    assert texts(sentence) == [shown]


@pytest.mark.parametrize(
    "sentence",
    [
        "Read more about the bank that raised rates.",
        "The bank raised rates in a move that…",
        "Has the bank raised its rates again?",
        "The bank has raised its rates again!",
        "the bank has raised its rates again.",
        "The bank has raised its rates again",
        "The bank raised rates, see https://example.org for its plan.",
        "The bank raised its “rates again.",
        "The bank has has raised its rates.",
        "The bank FINALLY raised its rates again.",
        "Claim: the bank was raising its rates.",
        "A photo of the bank.",
        "Tea\nmilk\nsugar are what you need.",
    ],
)
def test_what_readers_should_not_see_is_no_passage(sentence: str) -> None:
    assert texts(sentence) == []


def test_what_somebody_claims_under_a_heading_is_no_statement_of_ours() -> None:
    assert texts("Claim\n\nThe mayor has a fortune of $17 million.\n\nRating\n\nThe claim was found to be false.") == [
        "The claim was found to be false."
    ]


@pytest.mark.parametrize(
    ("sentence", "leans"),
    [
        ("She also raised rates in May.", True),
        ("But the bank raised rates in May.", True),
        ("These rates were raised in May.", True),
        ("The latter raised rates in May.", True),
        ("“It was right,” he said in May.", True),
        ("“It was right,” said Ann Lee in May.", False),
        ("Most banks have raised their rates.", False),
        ("There was no vote in May.", False),
        ("The bank raised rates in May.", False),
    ],
)
def test_leaning(sentence: str, leans: bool) -> None:
    assert [passage.leans for passage in passages(sentence)] == [leans]


def test_a_sentence_that_leans_follows_the_one_it_leans_on() -> None:
    text = (
        "The bank raised rates on Monday.\n\nThe dam in Ohio burst in the night. It had been built in 1931.\n\n"
        "The league has a new chair.\n\nHe was chosen by the clubs in a vote."
    )
    found = passages(text)
    made = brief(found, salience(found))
    assert "burst in the night. It had been built" in made
    assert not any(paragraph.startswith(("It", "He")) for paragraph in made.split("\n\n"))


def test_a_short_text_is_shown_sentence_by_sentence() -> None:
    found = passages("The bank raised rates. It did so in May. They were at 3% before.")
    assert brief(found, salience(found)).split("\n\n") == [passage.text for passage in found]


def test_too_few_sentences_are_refused() -> None:
    found = passages("The bank raised rates. The chair resigned in May.")
    with pytest.raises(ComposeError, match="only 2 usable sentences"):
        brief(found, salience(found))


def test_content_words_are_folded() -> None:
    assert content("The Banks’ rates and the bank's rate") == {"bank", "rate"}
