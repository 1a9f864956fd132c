"""What is claimed in a sentence and by whom: the ways in which news tells it."""

import pytest

from neutralization.audit.reading import read


def claims(text: str) -> list[tuple[str, str]]:
    """Each claim's speaker and words."""
    sentence = read(text, 0, len(text))

    def words(start: int, end: int) -> str:
        return text[sentence.tokens[start].start : sentence.tokens[end - 1].end] if start < end else ""

    return [(words(*claim.speaker), words(claim.start, claim.end)) for claim in sentence.claims]


@pytest.mark.parametrize(
    ("text", "speaker", "claim"),
    [
        ("Ann Lee said that the road was closed.", "Ann Lee", "that the road was closed."),
        ("Ann Lee said the road was closed.", "Ann Lee", "the road was closed."),
        ("The mayor, Ann Lee, said on Monday that the road was closed.", "The mayor, Ann Lee,", "that the road was"),
        ("Ann Lee, who runs the school, said the road was closed.", "Ann Lee, who runs the school,", "the road was"),
        ("In a letter written in May, Ann Lee said that it was closed.", "Ann Lee", "that it was closed."),
        ("The road was closed, Ann Lee said.", "Ann Lee", "The road was closed"),
        ("The road was closed, Ann Lee said Monday.", "Ann Lee", "The road was closed"),
        ("The road was closed, the mayor, Ann Lee, said.", "the mayor, Ann Lee,", "The road was closed"),
        ("“The road is closed,” said Ann Lee, the mayor.", "Ann Lee, the mayor.", "“The road is closed,”"),
        ("“The road is closed,” she told reporters.", "she", "“The road is closed,"),
        ("The road, Ann Lee said, was closed.", "Ann Lee", "The road, Ann Lee said, was closed."),
        ("The road was closed, according to the police.", "the police.", "The road was closed,"),
        ("According to the police, the road was closed.", "the police", ", the road was closed."),
        ("A jury was told that he stole a car.", "", "that he stole a car."),
        ("Ann Lee accused the firm of hiding a report.", "Ann Lee", "the firm of hiding a report."),
        ("The man is accused of stealing a car.", "", "The man is accused of stealing a car."),
        ("The claim that he stole a car is old.", "", "he stole a car is old."),
        ("Police: Man stole a car", "Police", "Man stole a car"),
    ],
)
def test_a_claim_has_its_speaker_and_its_words(text: str, speaker: str, claim: str) -> None:
    (said,) = claims(text)
    assert said[0] == speaker
    assert said[1].startswith(claim)


def test_two_speakers_have_a_claim_each() -> None:
    assert claims("Demir denied the theft, and Ann Lee said that he was right.") == [
        ("Demir", "the theft"),
        ("Ann Lee", "that he was right."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The road was closed.",
        "A fire claimed 59 lives.",
        "Residents were told to leave their homes.",
        "She wrote a book about it.",
        "The claim that lasted 22 years is over.",
        "Believe it or not, the road was closed.",
        "“He said that it was closed.”",
    ],
)
def test_what_nobody_claims_is_no_claim(text: str) -> None:
    assert claims(text) == []
