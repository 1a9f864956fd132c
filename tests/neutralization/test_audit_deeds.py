"""Deeds: nobody does the converse of what he did, is called guilty, or does what was only planned or denied."""

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs

BODY = (
    "The harbour board has agreed to sell the cutter Petrel to Lorne Shipping for £4m. "
    "Under a plan published in June, the old quay would close on 1 May and the board would lease cranes.\n\n"
    "A docker, aged 31, was questioned on Friday over a missing anchor and released without charge. "
    "Robbers had taken two anchors in 2019, a guard said.\n\n"
    "The ruling does not free her: Nell Varley, the clerk, remains in Stow prison.\n\n"
    "The treaty that the ministers signed would scrap fees on half of all cargo. "
    "The pier will stay open unless the inspectors find rust.\n\n"
    "Divers could search the wreck again as early as Sunday if the pump is mended. Fuel prices rose in March.\n\n"
    "Captain Rhoda Blaise welcomed the sale. The board’s sums, she wrote, were “a fairy tale with decimals.” "
    "The chairman, Iver Stone, replied that he trusted them."
)


def broken(text: str, output: Output = Output.DETAIL_BRIEF) -> set[str]:
    outputs = Outputs(**{each: text if each is output else "" for each in Output})
    verdicts = audit(BODY, outputs, spans=[])
    return {each.rule_id.partition(".")[2] for each in verdicts if each.rule_id.startswith("attr") and not each.passed}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The harbour board has agreed to buy the cutter Petrel from Lorne Shipping for £4m.", "converses"),
        ("Fuel prices fell in March.", "converses"),
        ("An anchor thief, a docker aged 31, is released without charge.", "guilt"),
        ("The old quay will close on 1 May.", "certainty"),
        ("Ministers scrap fees on half of all cargo.", "certainty"),
        ("Divers will search the wreck again on Sunday.", "certainty"),
        ("Ruling frees Varley, the clerk.", "negation"),
        ("The pier will stay open if the inspectors find rust.", "negation"),
        ("Iver Stone is the chairman. He called the sums “a fairy tale with decimals.”", "speakers"),
    ],
)
def test_a_deed_that_was_not_done_is_found(text: str, rule: str) -> None:
    assert rule in broken(text)


@pytest.mark.parametrize(
    "text",
    [
        "Lorne Shipping is to buy the cutter Petrel from the harbour board for £4m.",
        "Fuel prices did not fall in March.",
        "A docker suspected of taking an anchor was released without charge.",
        "The old quay would close on 1 May under a plan published in June.",
        "The board’s plan: the old quay will close on 1 May.",
        "The treaty scraps fees on half of all cargo.",
        "Divers may search the wreck again on Sunday.",
        "Ruling does not free Varley, the clerk.",
        "The pier will stay open if the inspectors find no rust.",
        "Rhoda Blaise welcomed the sale. She called the sums “a fairy tale with decimals.”",
    ],
)
def test_the_same_deed_in_other_words_is_none(text: str) -> None:
    assert broken(text) == set()
