"""Grounding in place: a number, date or name of the body is no fault where it belongs, and one anywhere else."""

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs

BODY = (
    "The ferry Ysolde will sail from Port Anstey for 12 days from 7 July, the harbour master, Bram Oduya, said on "
    "Tuesday. Tickets cost £48 and children under six go free.\n\n"
    "Councillor Della Marsh asked for a meeting on 1 July. The crew of nine comes from Lower Quill.\n\n"
    "The General Services Union (GSU) has 530 members. A strike in 2017 lasted 41 days. "
    "The trial crossing continues on Thursday.\n\n"
    "The purser, Hugo Tennant, will leave in March and will be followed by Carla Weir, now a cook."
)


def misplaced(text: str, output: Output = Output.DETAIL_BRIEF) -> list[str]:
    outputs = Outputs(**{each: text if each is output else "" for each in Output})
    verdicts = audit(BODY, outputs, spans=[])
    return [word for verdict in verdicts if verdict.rule_id == "grounding.places" for word in verdict.evidence]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The ferry Ysolde will sail from Port Anstey for 12 days from 1 July.", "1"),
        ("The ferry will sail from Port Anstey for 41 days from 7 July.", "41"),
        ("The ferry Ysolde will sail from Port Anstey, the harbour master, Della Marsh, said.", "Della Marsh"),
        ("The trial crossing continues on Tuesday.", "Tuesday"),
        ("The purser, Carla Weir, will leave in March and will be followed by Hugo Tennant, now a cook.", "Carla Weir"),
    ],
)
def test_an_exchanged_item_is_found(text: str, word: str) -> None:
    assert misplaced(text)[0] == word


@pytest.mark.parametrize(
    "text",
    [
        "The ferry Ysolde will sail from Port Anstey for twelve days from July 7.",
        "The ferry will sail for 12 days, said Oduya, the harbour master of Port Anstey.",
        "Marsh asked for a meeting on July 1.",
        "The ferry sails on 7 July; Councillor Marsh asked for a meeting on 1 July.",
        "The GSU has 530 members.",
        "A strike of 41 days took place in 2017.",
        "Tickets cost 48 pounds.",
        "Carla Weir will follow Hugo Tennant, who will leave in March.",
    ],
)
def test_an_item_in_its_place_is_no_fault(text: str) -> None:
    assert misplaced(text) == []
