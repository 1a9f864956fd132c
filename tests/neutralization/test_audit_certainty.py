"""Certainty: a doubt, a plan, a bound or a denial is not lost, and other words for it are no loss."""

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs

BODY = (
    "A comet may pass within 30,000 miles of the moon on Friday, the Tarn Observatory said.\n\n"
    "Its director, Vera Holm, said that small pieces could strike the far side. "
    "“We will not see them, but we may hear them,” she said.\n\n"
    "The agency plans to launch a probe in October and expects the mission to cost at least $90 million. "
    "The probe would carry six cameras.\n\n"
    "Holm denied that the comet had been found too late. No ship was damaged by an earlier one in 2011. "
    "The observatory has not decided whether to close its second dome.\n\n"
    "Crews were told not to open the shutters before dawn. Two schools will watch from Harrow Hill."
)


def broken(output: Output, text: str) -> set[str]:
    outputs = Outputs(**{each: text if each is output else "" for each in Output})
    verdicts = audit(BODY, outputs, spans=[])
    return {
        verdict.rule_id
        for verdict in verdicts
        if verdict.output is output and not verdict.passed and verdict.rule_id.startswith("attribution.")
    }


@pytest.mark.parametrize(
    "text",
    [
        "A comet will pass within 30,000 miles of the moon on Friday, the observatory said.",
        "Comet passes within 30,000 miles of the moon, observatory says.",
        "Small pieces will strike the far side, Vera Holm said.",
        "Small pieces strike the far side, Vera Holm says.",
        "The agency launched a probe in October.",
        "The agency launches a probe.",
        "The probe carried six cameras.",
        "Two schools watched from Harrow Hill.",
    ],
)
def test_a_doubt_or_a_plan_is_not_lost(text: str) -> None:
    assert "attribution.certainty" in broken(Output.FEED_SUMMARY, text)


@pytest.mark.parametrize(
    "text",
    [
        "A comet might pass within 30,000 miles of the moon on Friday, the observatory said.",
        "A comet could pass close to the moon, the observatory said.",
        "The observatory said it was possible that a comet would pass within 30,000 miles of the moon.",
        "Vera Holm said that small pieces might strike the far side.",
        "The agency intends to launch a probe in October.",
        "Agency to launch probe in October.",
        "The agency is planning to launch a probe.",
        "The probe will carry six cameras.",
        "Two schools are to watch from Harrow Hill.",
        "The agency expects the mission to cost $90 million or more.",
        "No ship was damaged in 2011.",
        "In 2011 ships went undamaged.",
        "Holm rejected the idea that the comet had been found too late.",
    ],
)
def test_the_same_in_other_words_is_no_loss(text: str) -> None:
    assert broken(Output.FEED_SUMMARY, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "A ship was damaged by an earlier one in 2011.",
        "The observatory has decided to close its second dome.",
        "Crews were told to open the shutters before dawn.",
        "Holm said that the comet had been found too late.",
        "Two schools will not watch from Harrow Hill.",
    ],
)
def test_a_denial_is_neither_lost_nor_added(text: str) -> None:
    assert broken(Output.FEED_SUMMARY, text) & {"attribution.negation", "attribution.sources"}


def test_a_number_that_is_only_bounded_stays_so() -> None:
    text = "The agency expects the mission to cost $90 million."
    assert broken(Output.FEED_SUMMARY, text) == {"attribution.bounds"}
    assert broken(Output.FEED_SUMMARY, text.replace("$90", "at least $90")) == set()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("may pass", "will pass", "certainty"),
        ("could strike", "would strike", "certainty"),
        ("plans to launch", "launched", "certainty"),
        ("The probe would carry", "The probe had carried", "certainty"),
        ("has not decided", "has decided", "negation"),
        ("not to open", "to open", "negation"),
        ("No ship was damaged", "A ship was damaged", "negation"),
        ("Two schools will watch", "Two schools will not watch", "negation"),
        ("Holm denied that", "Holm admitted that", "negation"),
    ],
)
def test_one_word_changed_in_the_full_text_is_found(old: str, new: str, rule: str) -> None:
    assert BODY.count(old) == 1
    assert f"attribution.{rule}" in broken(Output.DETAIL_FULL, BODY.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("may pass", "might pass"),
        ("said that small pieces could", "said small pieces could"),
        ("No ship was damaged", "Not one ship was damaged"),
        ("Crews were told not to open", "Crews were told never to open"),
        ("an earlier one in 2011", "one in 2011"),
    ],
)
def test_a_change_that_takes_no_doubt_away_is_no_fault(old: str, new: str) -> None:
    assert BODY.count(old) == 1
    assert broken(Output.DETAIL_FULL, BODY.replace(old, new)) == set()
