"""Assignment: reasons that are kept, reactivation, a constant number of queries, no matter the order of a batch."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ingestion.models import StoryRaw
from narratives.lifecycle import State
from narratives.models import (
    EntityAlias,
    EventKind,
    Narrative,
    NarrativeEvent,
    NarrativeKey,
    NarrativeMembership,
    Reason,
    StoryFingerprint,
    StoryTerm,
    TermCount,
    narrative_id_for,
)
from narratives.rules_in_force import load_identity
from narratives.services.keys import rekey_outdated
from tests.narratives.make import assign, days, fingerprinted, narrative_of, partition

pytestmark = pytest.mark.django_db


def test_a_story_that_nothing_is_like_founds_a_narrative() -> None:
    story = fingerprinted("Dogecoin", "price surge", "Robinhood")
    done = assign(days(0))
    (narrative,) = Narrative.objects.all()
    assert (done.stories, done.created, narrative.pk) == (1, 1, narrative_id_for(story.pk))
    assert narrative.shown_title == "Dogecoin: price surge"
    assert (narrative.article_count, narrative.state, narrative.entities) == (
        1,
        State.EMERGING,
        ["Dogecoin", "Robinhood"],
    )
    assert NarrativeMembership.objects.get().reason == Reason.FOUNDED
    assert [event.kind for event in narrative.events.all()] == [EventKind.CREATED]
    assert assign(days(0)).stories == 0


def test_the_reason_is_kept_with_its_parts() -> None:
    fingerprinted("Dogecoin", "price surge", "Robinhood", at=days(0))
    later = fingerprinted("DOGE", "price rally", "Upbit, Robinhood", at=days(1))
    assign()
    membership = later.membership  # type: ignore[attr-defined]
    assert membership.reason == Reason.SAME_NUCLEUS
    assert membership.components == {"focus": 1.0, "nucleus": 1.0, "actors": 0.5, "actions": 0.0, "score": 0.85}


def test_parallel_stories_of_one_entity_stay_apart_and_two_ends_are_one() -> None:
    for focus in (
        "price surge",
        "governance proposal dispute",
        "twitter meme campaign",
        "protocol upgrade",
        "regulatory scrutiny",
    ):
        fingerprinted("Dogecoin", focus, "SEC, Binance")
    sued = fingerprinted("SEC", "enforcement action", "Binance", at=days(1))
    contested = fingerprinted("Binance", "enforcement actions", "SEC", at=days(2))
    assign()
    assert Narrative.objects.count() == 6
    assert narrative_of(sued) == narrative_of(contested)
    assert contested.membership.reason == Reason.TWO_ENDS  # type: ignore[attr-defined]


def test_a_dormant_narrative_is_reactivated_at_any_age_and_not_doubled() -> None:
    first = fingerprinted("Dogecoin", "price surge", at=days(0))
    assign(days(0))
    again = fingerprinted("Dogecoin", "price rally", at=days(400))
    done = assign(days(400))
    narrative = narrative_of(first)
    assert narrative == narrative_of(again)
    assert (done.created, done.reactivated, narrative.reactivated_count, narrative.state) == (0, 1, 1, State.EMERGING)
    assert NarrativeEvent.objects.filter(kind=EventKind.REACTIVATED).count() == 1
    assert [day["date"] for day in narrative.timeline_data] == [str(days(0).date()), str(days(400).date())]


def test_ties_go_to_the_more_recent_then_the_smaller_id() -> None:
    old = fingerprinted("Dogecoin", "coin price surge", at=days(0))
    new = fingerprinted("Dogecoin", "price surge week record", at=days(1))
    assign(days(1))
    assert narrative_of(old) != narrative_of(new)
    third = fingerprinted("Dogecoin", "coin price surge week record", at=days(2))
    assign(days(2))
    assert narrative_of(third) == narrative_of(new)


def test_an_alias_of_an_editor_joins_what_comes_after_it() -> None:
    fingerprinted("Kraken Ltd", "bank charter bid", at=days(0))
    assign(days(0))
    EntityAlias.objects.create(alias="Kraken Ltd", entity="Kraken", key="kraken ltd")
    rekey_outdated(load_identity())
    fingerprinted("Kraken", "bank charter bid", at=days(1))
    assign(days(1))
    assert Narrative.objects.count() == 1
    assert NarrativeKey.objects.filter(nucleus="kraken").exists()


def test_a_continued_story_keeps_its_own_nucleus_and_focus() -> None:
    bridge = {"foundri": 2, "warehous": 3, "ashton": 1, "sprinkler": 1, "canal": 2, "evacu": 1}
    noise = [{f"other{number}x{index}": 1 for index in range(6)} for number in range(8)]
    for terms in noise:
        fingerprinted("Town Hall", f"budget item {len(terms)}", at=days(-1), terms=terms, names=["Town Hall"])
    first = fingerprinted("Ashton", "warehouse fire", terms=bridge, names=["Ashton"], at=days(0))
    second = fingerprinted(
        "Mill Lane", "blaze damages foundry", terms=bridge, names=["Mill Lane", "Ashton"], at=days(0.2)
    )
    stranger = fingerprinted("Mill Lane", "foundry blaze inquest", terms=bridge, names=["Mill Lane"], at=days(0.3))
    assign()
    assert narrative_of(second) == narrative_of(first)
    assert second.membership.reason == Reason.CONTINUES  # type: ignore[attr-defined]
    own = StoryFingerprint.objects.get(story=second)
    assert (own.nucleus_entity, own.narrative_focus) == ("Mill Lane", "blaze damages foundry")
    assert second.membership.components["nucleus"] == 0.0  # type: ignore[attr-defined]
    assert narrative_of(stranger) != narrative_of(first), "it does not name the nucleus"
    assert TermCount.objects.get(term="foundri").stories == 3
    assert TermCount.objects.get(term="").stories == 11
    assert StoryTerm.objects.filter(story=first.pk).count() == 6


def test_the_queries_of_a_story_do_not_grow_with_the_narratives() -> None:
    def queries(at: float) -> int:
        fingerprinted("Dogecoin", "price surge", "Robinhood, SEC", at=days(at), terms={"coin": 1, "robinhood": 2})
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assign(days(at))
        return len(captured)

    queries(0)
    fingerprinted("Dogecoin", "price surge", at=days(0), terms={"coin": 1, "robinhood": 2, "old": 1})
    assign(days(0))
    few = queries(1)
    for number in range(30):
        fingerprinted("Dogecoin", f"price matter{number} topic{number}", at=days(1), terms={"coin": 1, f"x{number}": 1})
    assign(days(1))
    assert Narrative.objects.count() == 31
    assert queries(2) == few


KINDS = [
    ("Dogecoin", "price surge", "Robinhood"),
    ("DOGE", "price rally", "Upbit"),
    ("Dogecoin", "protocol upgrade", "miners"),
    ("Dogecoin", "protocol upgrade announcement", "miners"),
    ("SEC", "enforcement action", "Binance"),
    ("Binance", "enforcement actions", "SEC"),
    ("Bitcoin", "price surge", "Kaiko"),
    ("Bitcoin", "coin price surge", "Kaiko"),
    ("Bitcoin", "price surge week record", "Kaiko"),
]


class TestOrder(TestCase):
    """Within one batch, and whichever story comes in first."""

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(KINDS), min_size=2, max_size=9), st.randoms(use_true_random=False))
    def test_the_order_of_a_batch_does_not_matter(self, kinds: list[tuple[str, str, str]], chance: object) -> None:
        found = []
        moments = [days(0) + timedelta(hours=number // 2) for number in range(len(kinds))]
        for _ in range(2):
            stories = list(enumerate(zip(kinds, moments, strict=True)))
            chance.shuffle(stories)  # type: ignore[attr-defined]
            for number, (kind, moment) in stories:
                _put(number, *kind, at=moment)
            assign(days(9))
            found.append((partition(), sorted(map(str, Narrative.objects.values_list("pk", flat=True)))))
            _clear()
        assert found[0] == found[1]


def _put(number: int, nucleus: str, focus: str, actors: str, *, at: object) -> None:
    from tests.support import factories

    url = f"https://herald.example/order/{number}"
    story = factories.a_story(url=url, published_at=at)
    StoryFingerprint.objects.create(
        story=story,
        status="extracted",
        nucleus_entity=nucleus,
        narrative_focus=focus,
        top_actors=[actors],
        timestamp=at,
        method="rules",
        terms=dict.fromkeys(f"{nucleus} {focus} {actors} together".lower().split(), 1),
        names=[nucleus, actors],
    )


def _clear() -> None:
    for model in (NarrativeMembership, Narrative, StoryFingerprint, TermCount, StoryRaw):
        model.objects.all().delete()
