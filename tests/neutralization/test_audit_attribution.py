"""Attribution: who says what stays, nobody is given another's words or deeds, and own words for it are no fault."""

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs

BODY = (
    "The brewery Marl & Son sold 4,000 barrels of beer that were past their date, a former driver, Petra Lund, alleged "
    "in court on Tuesday.\n\n"
    "The brewery denied it. Its managing director, Colm Harte, said that every barrel had been tested twice. "
    "“We would have poured it into the river first,” he told reporters.\n\n"
    "The Food Office said that inspectors had found mould in two of the nine cellars at Harrow Mill. "
    "It said it would publish a report in May.\n\n"
    "Mayor Ines Okafor accused the Food Office of ignoring a warning about the brewery. "
    "She said that the town could lose 140 jobs.\n\n"
    "Wexford United beat Carrow Athletic 3-1 on Saturday in a match that the brewery sponsors. "
    "About 6,000 people came to Harrow Park. A hearing was set for 9 June."
)


def broken(output: Output, text: str) -> set[str]:
    """The rules of attribution that the text breaks."""
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
        "Brewery Marl & Son sold 4,000 barrels of beer past their date",
        "Brewery that sold 4,000 barrels of beer past their date is denying it",
        "Every barrel of Marl & Son had been tested twice",
        "Inspectors found mould in two of nine cellars at Harrow Mill",
        "The Food Office ignored a warning about the brewery",
        "The town could lose 140 jobs over the brewery",
    ],
)
@pytest.mark.parametrize("output", [Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_BRIEF])
def test_a_claim_is_no_fact(output: Output, text: str) -> None:
    assert "attribution.sources" in broken(output, text + ".")


@pytest.mark.parametrize(
    "text",
    [
        "A former driver alleged that the brewery Marl & Son sold 4,000 barrels of beer past their date.",
        "Brewery sold 4,000 barrels of beer past their date, ex-driver says.",
        "Driver: Brewery sold 4,000 barrels of beer past their date.",
        "According to Petra Lund, the brewery sold beer that was past its date.",
        "The brewery allegedly sold 4,000 barrels of beer past their date.",
        "The brewery is accused of selling 4,000 barrels of beer past their date.",
        "Marl & Son denies that it sold 4,000 barrels of beer past their date.",
        "Inspectors found mould in two of nine cellars at Harrow Mill, the Food Office said.",
        "Mayor Okafor criticized the Food Office for ignoring a warning about the brewery.",
        "The mayor said that the town could lose 140 jobs.",
        "Wexford United beat Carrow Athletic 3-1 at Harrow Park.",
    ],
)
def test_a_claim_in_other_words_is_still_one(text: str) -> None:
    assert broken(Output.FEED_SUMMARY, text) == set()


def test_what_an_office_will_do_may_be_told_as_its_plan() -> None:
    assert broken(Output.FEED_TITLE, "Food Office to publish report in May") == set()


def test_the_speaker_of_the_sentence_before_counts() -> None:
    text = (
        "Petra Lund spoke in court. She said that beer was old. The brewery sold 4,000 barrels of beer past their date."
    )
    assert broken(Output.DETAIL_BRIEF, text) == set()
    other = text.replace("Petra Lund spoke in court. She", "Ines Okafor")
    assert "attribution.sources" in broken(Output.DETAIL_BRIEF, other)


@pytest.mark.parametrize(
    ("text", "is_others"),
    [
        ("Every barrel had been tested twice, Petra Lund said.", True),
        ("“We would have poured it into the river first,” said Ines Okafor.", True),
        ("Ines Okafor said that inspectors had found mould in two of nine cellars.", True),
        ("Every barrel had been tested twice, Colm Harte said.", False),
        ("Every barrel had been tested twice, the managing director said.", False),
        ("“We would have poured it into the river first,” said Harte.", False),
        ("The Food Office said that inspectors had found mould in two of nine cellars.", False),
    ],
)
def test_nobody_says_what_another_said(text: str, is_others: bool) -> None:
    assert ("attribution.speakers" in broken(Output.DETAIL_BRIEF, text)) is is_others


@pytest.mark.parametrize(
    ("text", "is_turned"),
    [
        ("Carrow Athletic beat Wexford United 3-1", True),
        ("Wexford United were beaten by Carrow Athletic", True),
        ("Wexford United beat Carrow Athletic 3-1", False),
        ("Carrow Athletic beaten by Wexford United 3-1", False),
    ],
)
def test_who_did_it_to_whom_stays(text: str, is_turned: bool) -> None:
    assert ("attribution.roles" in broken(Output.DETAIL_TITLE, text)) is is_turned


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("said that every barrel had been tested", "was there when every barrel had been tested"),
        ("Mayor Ines Okafor accused the Food Office of ignoring", "The Food Office was ignoring"),
        (", a former driver, Petra Lund, alleged in court on Tuesday.", " before Tuesday."),
    ],
)
def test_a_source_cut_out_of_the_full_text_is_missed(old: str, new: str) -> None:
    assert old in BODY
    assert "attribution.sources" in broken(Output.DETAIL_FULL, BODY.replace(old, new))


def test_a_title_that_cuts_the_same_sentence_without_touching_its_source_is_no_fault() -> None:
    full = BODY.replace("in court on Tuesday", "in court").replace("a former driver", "a driver")
    assert broken(Output.DETAIL_FULL, full) == set()


def test_a_vote_by_its_numbers_and_a_day_have_no_roles() -> None:
    body = "Councillors in Wexford voted by 14 to nine on Monday to close the Mill Lane pool, Councillor Roe said."
    outputs = Outputs("", "On Monday councillors voted 14 to nine to close the Mill Lane pool in Wexford.", "", "", "")
    assert not [each.rule_id for each in audit(body, outputs, spans=[]) if "roles" in each.rule_id and not each.passed]


RESULTS = (
    "Lichens on roofs may store more carbon than had been thought, according to a study in the journal Alps. "
    "Nobody knows why the roofs of huts are so green.\n\n"
    "A faulty update stopped card payments at 8,300 shops for an hour on Friday, its maker said. "
    "The company, Norvane, said that no data had been lost."
)


@pytest.mark.parametrize(
    ("title", "is_good"),
    [
        ("Roof lichens may store more carbon", True),
        ("Lichens store more carbon than thought", False),
        ("Card payments stopped at 8,300 shops on Friday", True),
        ("Norvane: update stopped card payments", True),
        ("Update stopped card payments, Norvane says", True),
    ],
)
def test_a_hedge_a_standstill_and_a_speaker_named_behind(title: str, is_good: bool) -> None:
    verdicts = audit(RESULTS, Outputs(title, "", "", "", ""), spans=[])
    blamed = [each.rule_id for each in verdicts if each.rule_id.startswith("attribution.") and not each.passed]
    assert blamed == ([] if is_good else ["attribution.sources"])


NOTICES = (
    "BREAKING: The weather office issued a red warning on Friday.\n\n"
    "A school bus with 23 children aboard collided with a truck on Route 9, the county sheriff's office said. "
    "The truck had no working brakes, the sheriff's office said.\n\n"
    "One in three pupils in England copies homework from a chatbot, according to a survey of 6,000 pupils. "
    "Ostrander bought Bellamy Mills for $6.4 billion, a merger that worries farmers in the United States."
)


@pytest.mark.parametrize(
    ("text", "is_free"),
    [
        ("The weather office issued a red warning.", True),
        ("A school bus with 23 children aboard collided with a truck.", True),
        ("One in three pupils in England copies homework from a chatbot.", True),
        ("Ostrander bought Bellamy Mills for $6.4 billion.", True),
        ("The truck had no working brakes.", False),
    ],
)
def test_a_plain_event_of_an_authority_a_count_and_a_label_need_no_source(text: str, is_free: bool) -> None:
    verdicts = audit(NOTICES, Outputs(text, "", "", "", ""), spans=[])
    broken_rules = {each.rule_id for each in verdicts if not each.passed}
    assert ("attribution.sources" not in broken_rules) is is_free
