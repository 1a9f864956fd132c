"""Form: lengths, whole sentences, no chatter and no shouting; and what the body has is not blamed."""

import pytest

from neutralization.audit import audit
from neutralization.taxonomy import Action, Category
from neutralization.types import Output, Span
from tests.neutralization.audit_case import BODY, FULL, GOOD, broken


def form(output: Output, text: str, body: str = BODY) -> set[str]:
    return {rule.removeprefix("form.") for rule in broken(output, text, body=body) if rule.startswith("form.")}


def with_brief(*paragraphs: str) -> set[str]:
    kept = GOOD.detail_brief.split("\n\n")
    return form(Output.DETAIL_BRIEF, "\n\n".join([*paragraphs, *kept[len(paragraphs) :]]))


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (Output.FEED_TITLE, "Government to spend $2 billion on hospitals by March 3, and a vote is expected"),
        (Output.FEED_SUMMARY, "The government said it would spend on hospitals and wards and beds and " * 2 + "plans."),
        (Output.FEED_SUMMARY, "A vote is expected. The plan is late. It covers beds."),
        (Output.DETAIL_TITLE, "Government to spend on hospitals in the north as members declined to comment " * 2),
    ],
)
def test_hard_maxima(output: Output, text: str) -> None:
    assert "length" in form(output, text.strip())


def test_soft_maxima_do_not_fail() -> None:
    title = "British government said hospitals welcomed Confederation plan by Parliament"
    assert len(title) > 65
    assert form(Output.FEED_TITLE, title) == set()


@pytest.mark.parametrize(
    "text",
    [
        "A vote is expected in April.\n\nThe plan is late.",
        "\n\n".join(["A vote is expected in April."] * 6),
        "A vote is expected in April. The plan covers beds.\nThe plan is late.",
        "The plan\n\nA vote is expected in April.\n\nThe plan is late.",
        "# The plan\n\nA vote is expected in April.\n\nThe plan is late.",
        "- A vote is expected.\n\n- The plan is late.\n\n- It covers beds.",
        "1. A vote is expected.\n\n2. The plan is late.\n\n3. It covers beds.",
    ],
)
def test_a_brief_is_three_to_five_paragraphs_of_prose(text: str) -> None:
    assert "paragraphs" in form(Output.DETAIL_BRIEF, text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The <b>government</b> said so.", "no_markup"),
        ("The **government** said so.", "no_markup"),
        ("The government &amp; the ministry said so.", "no_markup"),
        ("```The government said so.```", "no_markup"),
        ("The [plan](http://example.org) is late.", "no_markup"),
        ("The government said it would spend", "whole_sentences"),
        ("The plan covers beds and the.", "whole_sentences"),
        ("The director is head of.", "whole_sentences"),
        ("government said so.", "whole_sentences"),
        ("The government , it said, would spend.", "whole_sentences"),
        ("The government (the ministry said so.", "whole_sentences"),
        ("The government made a announcement.", "whole_sentences"),
        ("The government said it would…", "no_ellipsis"),
        ("The government said ... it would spend.", "no_ellipsis"),
        ("Here is the neutral summary: the government said so.", "no_prompt_text"),
        ("Summary: The government said so.", "no_prompt_text"),
        ("Sure, the government said so.", "no_prompt_text"),
        ("<article>The government said so.</article>", "no_prompt_text"),
        ("The detail_brief says so.", "no_prompt_text"),
        ("As an AI language model, it would spend.", "no_refusal"),
        ("I’m sorry, but the plan is late.", "no_refusal"),
        ("I cannot assist with the plan.", "no_refusal"),
        ("No article was provided.", "no_refusal"),
        ('{"detail_brief": "The government said so."}', "no_json"),
        ("The government said so.\\nThe plan is late.", "no_json"),
        ("The [NAME] said so.", "no_placeholder"),
        ("The {title} said so.", "no_placeholder"),
        ("Lorem ipsum is late.", "no_placeholder"),
        ("The the government said so.", "no_repetition"),
        ("It would spend on hospitals it would spend on hospitals.", "no_repetition"),
        ("The plan is very late. The plan is very late.", "no_repetition"),
        ("The government said SO MANY beds are NEEDED.", "no_shouting"),
        ("The government said it was a SHOCKING plan.", "no_shouting"),
        ("The government said so!", "no_shouting"),
    ],
)
def test_what_no_prose_may_have(text: str, rule: str) -> None:
    assert rule in with_brief(text)
    assert rule in form(Output.FEED_SUMMARY, text)


@pytest.mark.parametrize(
    "text",
    [
        "The NHS said that wards were closed.",
        "LONDON (AP) — The British government said so.",
        "The director said that that was late.",
        "The government, it said, would spend an hour.",
        "The plan is a European one.",
        "Ann Lee said: “This is A SHOCKING thing! As an AI … I cannot help”.",
    ],
)
def test_what_prose_may_have(text: str) -> None:
    assert with_brief(text) == set()


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Will the government spend $2 billion?", "no_shouting"),
        ("Is the plan late", "no_shouting"),
        ("Government to spend $2 billion!", "no_shouting"),
        ("GOVERNMENT TO SPEND $2 BILLION", "no_shouting"),
        ("BREAKING: Government to spend", "no_shouting"),
        ("Government to spend $2 billion on", "whole_sentences"),
        ("Government to spend $2 billion,", "whole_sentences"),
        ("Government to spend the", "whole_sentences"),
        ("Government to spend…", "no_ellipsis"),
        ("Government\nto spend", "paragraphs"),
        ("Untitled", "no_placeholder"),
    ],
)
def test_what_no_title_may_have(title: str, rule: str) -> None:
    assert rule in form(Output.FEED_TITLE, title)
    assert rule in form(Output.DETAIL_TITLE, title)


@pytest.mark.parametrize("title", ["NHS plan", "Ann Lee: ‘Shall we build five new hospitals?’", "Yahoo! plan welcomed"])
def test_what_a_title_may_have(title: str) -> None:
    assert form(Output.FEED_TITLE, title, BODY + " Yahoo! said so. Yahoo! is here.") == set()


def test_detail_full_is_judged_where_it_is_not_the_bodys() -> None:
    body = BODY + "\n\nSHOCKING [sic] pictures! <b>As an AI</b>, the the minister said of…"
    full = body.replace("shocking critics", "critics")
    assert form(Output.DETAIL_FULL, full, body) == set()


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("AMAZING critics", "no_shouting"),
        ("critics!", "no_shouting"),
        ("<i>critics</i>", "no_markup"),
        ("an critics", "whole_sentences"),
        ("[NAME]", "no_placeholder"),
        ("critics critics", "no_repetition"),
        ("critics…", "no_ellipsis"),
        ("critics, as an AI,", "no_refusal"),
    ],
)
def test_what_an_edit_may_not_leave(words: str, rule: str) -> None:
    assert rule in form(Output.DETAIL_FULL, FULL.replace("which critics", f"which {words}"))


def test_an_accepted_span_left_in_place_is_judged() -> None:
    body = BODY.replace("shocking", "SHOCKING")
    at = body.index("SHOCKING")
    span = Span(at, at + 8, "SHOCKING", Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "key")
    for full in (body, body.replace("Wow! ", "")):
        verdicts = audit(body, type(GOOD)("", "", "", "", full), spans=[span])
        failed = [each for each in verdicts if each.rule_id == "form.no_shouting" and each.output is Output.DETAIL_FULL]
        assert failed[0].evidence == ("SHOCKING",)


ACRONYMS = (
    "The NIST tested it. See nist.gov or @nist. SHAEN is an agency. Shaen, Ohio. ANAT SCHWARTZ spoke. Schwartz left."
)


@pytest.mark.parametrize(
    ("title", "shouts"),
    [
        ("NIST tests plan", False),
        ("SHAEN tests plan", False),
        ("SCHWARTZ tests plan", False),
        ("The PLAN is welcomed", True),
        ("CRITICS test plan", True),
        ("GOVERNMENT tests plan", True),
    ],
)
def test_capitals_that_the_body_has_for_a_word_without_a_small_twin(title: str, shouts: bool) -> None:
    assert ("no_shouting" in form(Output.FEED_TITLE, title, BODY + "\n\n" + ACRONYMS)) is shouts


def test_a_name_that_the_body_mostly_writes_otherwise_is_shouted() -> None:
    body = BODY + "\n\nANAT SCHWARTZ had left, and Schwartz knew. Schwartz came back."
    assert "no_shouting" in form(Output.FEED_TITLE, "SCHWARTZ comes back", body)


def test_letters_of_another_script_are_found_unless_the_body_has_them() -> None:
    russian = GOOD.detail_brief.replace("in April", "in \u0430\u043f\u0440\u0435\u043b\u0435")
    assert "one_script" in form(Output.DETAIL_BRIEF, russian)
    assert "one_script" not in form(Output.DETAIL_BRIEF, russian, BODY + " \u041e\u043d\u0438.")
    accented = GOOD.detail_brief.replace("critics", "críticos naïfs")
    assert "one_script" not in form(Output.DETAIL_BRIEF, accented)


@pytest.mark.parametrize(
    "text",
    [
        "(Note: two words were changed.)",
        "All claims are attributed as in the source text.",
        "Loaded language was taken out here.",
    ],
)
def test_a_note_on_the_work_is_prompt_text(text: str) -> None:
    assert "no_prompt_text" in with_brief(GOOD.detail_brief.split("\n\n")[0], text)


def test_a_sentence_may_end_with_a_preposition_whose_word_stands_before() -> None:
    body = BODY + " She did not know how the beds would be paid for."
    kept = "Ann Lee did not know how the beds would be paid for."
    assert "whole_sentences" not in form(Output.DETAIL_BRIEF, GOOD.detail_brief + " " + kept, body)
    assert "whole_sentences" in form(
        Output.DETAIL_BRIEF, GOOD.detail_brief + " The beds would be paid for.", body[:-60]
    )
