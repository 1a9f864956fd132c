"""Composing: what every set of outputs must hold, on texts of our own, on hostile ones and on real ones."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neutralization import limits
from neutralization.audit import audit, passed
from neutralization.compose import ComposeError, compose
from neutralization.types import Outputs
from tests.support.scaling import assert_linear

# The share of real English articles that must compose; lowering it is a visible act.
LEAST_SHARE_COMPOSED = 0.92
MIN_BODY_CHARS = 500

ARTICLE = """\
HALLOW BAY, Maine (AP) — The city council of Hallow Bay voted 7-2 on Tuesday to close the Pier Street bridge
for eleven months, the mayor's office said.

Engineers found cracks in four of the bridge's twelve supports in March. The bridge, built in 1931, carries about
9,400 vehicles a day. Repairs will cost an estimated $18.5 million, according to a report by the state transport
agency.

“We looked at every way to keep one lane open,” said Dana Whitcombe, the city engineer. “None of them was safe.”

Business owners on the east side said that they feared losing customers. The council promised them a fund of
$400,000, but it has not decided who may apply.

It is unclear whether ferries will run more often. The ferry company did not respond to questions on Tuesday. A
hearing is scheduled for May 4.

Read more: Ten bridges to see before you die"""


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def is_in_order(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)


def test_outputs_keep_the_limits_and_pass_the_audit() -> None:
    made = compose(ARTICLE)
    assert len(made.feed_title.split()) <= limits.FEED_TITLE_MAX_WORDS
    assert len(made.feed_summary) <= limits.FEED_SUMMARY_MAX_CHARS
    assert len(made.detail_title) <= limits.DETAIL_TITLE_MAX_CHARS
    assert 3 <= len(made.detail_brief.split("\n\n")) <= 5
    outputs = Outputs(made.feed_title, made.feed_summary, made.detail_title, made.detail_brief, ARTICLE)
    assert passed(audit(ARTICLE, outputs, spans=()))


def test_the_lead_is_told_with_its_source() -> None:
    made = compose(ARTICLE)
    assert made.detail_title.startswith("The city council of Hallow Bay voted 7-2")
    assert made.feed_summary.startswith("The city council of Hallow Bay voted 7-2")
    assert "the mayor's office said" in made.feed_summary
    assert made.detail_brief.startswith("The city council of Hallow Bay voted 7-2 on Tuesday")
    assert "Read more" not in made.detail_brief
    assert "AP" not in made.detail_brief


def test_brief_holds_whole_sentences_of_the_text_in_their_order() -> None:
    brief = compose(ARTICLE).detail_brief
    flat = " ".join(ARTICLE.split())
    places = [flat.index(" ".join(paragraph.split())) for paragraph in brief.split("\n\n")]
    assert places == sorted(places)


def test_the_same_text_gives_the_same_outputs() -> None:
    assert compose(ARTICLE) == compose(ARTICLE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "only 0 usable sentences"),
        ("One sentence is here alone.\n\nSign up for more.", "only 1 usable sentence"),
        ("WOW!\n\nWhat now?\n\nNo way!\n\nHe left", "only 0 usable sentences"),
    ],
)
def test_too_little_text_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ComposeError, match=reason):
        compose(text)


PIECES = """The council voted on a plan|, police said|, which opened in 1999,|who was 34|“It was safe,” said Ann Lee|
in Oslo|rose 3.5% to $4 million|according to a report|and was closed|but nobody was hurt|— the first in Ohio —|
after a storm|that officials had warned about|, a town of 400,|on Tuesday|İstanbul ß ﬁ|\n\n|. |. |. The mayor was| has|
if it rains|not|(AP)|“|)|'|;|:|e\u0301|iPhone sales"""
NEWS_PIECES = st.sampled_from(PIECES.split("|"))


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.text(max_size=300), st.lists(NEWS_PIECES, max_size=60).map(" ".join)))
def test_any_text_gives_outputs_made_of_its_words_or_a_reason(text: str) -> None:
    try:
        made = compose(text)
    except ComposeError:
        return
    whole = words_of(text)
    for output in (made.feed_title, made.detail_title, made.feed_summary, made.detail_brief):
        assert is_in_order(words_of(output), whole)
    assert len(made.feed_title.split()) <= limits.FEED_TITLE_MAX_WORDS
    assert len(made.feed_summary) <= limits.FEED_SUMMARY_MAX_CHARS
    assert len(made.detail_title) <= limits.DETAIL_TITLE_MAX_CHARS


@pytest.mark.parametrize("unit", ["The cat, a dog, was in, and ", "“", "(", "and was ", "who said ", "A b c. ", ", "])
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    def refused(text: str) -> None:
        with pytest.raises(ComposeError):
            compose(f"The council voted to close the bridge. {text}.\n\nThe end was near.")

    assert_linear(refused, unit * (100_000 // len(unit)))


def test_real_articles_compose_and_pass_the_audit(shared_data: Path) -> None:
    gold = json.loads((shared_data / "extraction" / "benchmark" / "ground-truth.json").read_text(encoding="utf-8"))
    bodies = [page["articleBody"] for page in gold.values() if _is_english_article(page["articleBody"])]
    composed = 0
    for body in bodies:
        try:
            made = compose(body)
        except ComposeError:
            continue
        outputs = Outputs(made.feed_title, made.feed_summary, made.detail_title, made.detail_brief, body)
        composed += passed(audit(body, outputs, spans=()))
    assert composed / len(bodies) >= LEAST_SHARE_COMPOSED


def _is_english_article(body: str) -> bool:
    common = len(re.findall(r"\b(?:the|of|and|to|in)\b", body))
    return len(body) >= MIN_BODY_CHARS and common > 0.1 * len(body.split())
