"""Going on with a story from end to end: what is the contrary, or another thing in the same town, stays apart."""

import pytest

from ingestion.models import StoryRaw
from narratives.models import NarrativeMembership, Reason, StoryFingerprint
from narratives.rules_in_force import load_identity
from narratives.services.assigning import components_of
from narratives.services.detection import detect_narratives
from ntrl.newsroom.articles import load_articles
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions
from tests.narratives.make import days, narrative_of
from tests.narratives.rules import IDENTITY, a_print
from tests.support.factories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]

APPROVED = (
    "The Securities and Exchange Commission approved an Ethereum ETF of BlackRock on Monday. The SEC said that the "
    "fund of BlackRock may trade on Nasdaq from June. BlackRock had asked the SEC for the Ethereum ETF in November."
)
REJECTED = (
    "The Securities and Exchange Commission rejected an Ethereum ETF of BlackRock on Tuesday. The SEC said that the "
    "fund of BlackRock may not trade on Nasdaq in June. BlackRock had asked the SEC for the Ethereum ETF in November."
)


def detect() -> None:
    detect_narratives(trace_id=new_trace_id(), options=RunOptions(workers=1))


def told(title: str, body: str, number: float) -> StoryRaw:
    return a_story(original_title=title, body=body, published_at=days(number), ingested_at=days(number))


def of_newsroom(*publishers: str) -> dict[str, StoryRaw]:
    """The articles of some of the newsroom's publishers, by slug."""
    return {
        article.slug: a_story(
            url=f"https://herald.example/{article.slug}",
            original_title=article.title,
            body="\n\n".join(article.paragraphs),
            published_at=article.published_at(days(30)),
            ingested_at=days(30),
        )
        for article in load_articles()
        if article.publisher in publishers
    }


def test_an_approval_and_a_rejection_stay_apart() -> None:
    approved = told("SEC approves BlackRock Ethereum ETF", APPROVED, 0)
    rejected = told("SEC rejects BlackRock Ethereum ETF", REJECTED, 0.5)
    detect()
    assert narrative_of(approved) != narrative_of(rejected)


def test_another_thing_in_the_same_town_or_sport_stays_apart_and_a_running_story_together() -> None:
    stories = of_newsroom("millbrook-seven", "terrace-and-track", "daily-clarion")
    detect()
    assert narrative_of(stories["route-nine-bus-crash"]) != narrative_of(stories["harlan-creek-flood"])
    transfer = narrative_of(stories["striker-transfer-saga"])
    assert transfer != narrative_of(stories["northgate-cup-comeback"])
    assert transfer != narrative_of(stories["ashby-keeper-loan"])
    crews = ("merrow-airlines-crew-shortage", "merrow-airlines-crews-return")
    assert len({narrative_of(stories[slug]) for slug in crews}) == 1


def test_what_is_kept_of_a_continued_story_is_its_own() -> None:
    stories = of_newsroom("daily-clarion")
    detect()
    membership = NarrativeMembership.objects.get(story=stories["merrow-airlines-crews-return"])
    own = StoryFingerprint.objects.get(story=membership.story)
    assert membership.reason == Reason.CONTINUES
    assert own.narrative_focus != membership.narrative.narrative_focus
    judged = load_identity().identity.compare(own.as_fingerprint(), membership.narrative.as_fingerprint())
    assert components_of(judged.components).items() < membership.components.items()
    assert membership.components["likeness"] >= membership.components["needed"]


@pytest.mark.parametrize(
    ("own", "known", "terms", "may"),
    [
        (("SEC", "etf approval"), ("SEC", "etf rejection"), "etf", False),
        (("SEC", "etf approval"), ("SEC", "no etf approval"), "etf", False),
        (("Mill Lane", "foundry blaze"), ("Ashton", "warehouse fire"), "", True),
        (("Route", "bus collides pickup"), ("Harlan Creek", "flood crests"), "school bus", False),
        (("Harlan Creek", "bus collides pickup"), ("Harlan Creek", "flood crests"), "", True),
        (("Route", "residents return home"), ("Harlan Creek", "flood crests"), "flood crest", True),
        (("Route", "residents return home"), ("Harlan Creek", "flood crests"), "flood water", False),
        (("Route", "residents return home", "Harlan Creek"), ("Harlan Creek", "flood crests"), "flood water", True),
        (("Route", "residents return home", "Harlan Creek"), ("Harlan Creek", "flood crests"), "bus", False),
        (("Route", "not home"), ("Harlan Creek", "flood crests"), "flood crest", True),
        (("Route", "residents return home"), ("Harlan Creek", ""), "flood crest", False),
    ],
)
def test_only_what_is_related_and_not_the_contrary_goes_on(
    own: tuple[str, ...], known: tuple[str, str], terms: str, *, may: bool
) -> None:
    assert IDENTITY.may_go_on(a_print(*own), a_print(*known), terms.split()) is may
