"""What stories establish: read in the order of their arrival, found by rules or a model, shown with source and time."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.facts.by_rules import of_a_person, of_news
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.messages import BEFORE_ALL, Mark, Message
from narratives.facts.models import UserFactRelationship
from narratives.facts.selectors import facts_of
from narratives.facts.services import EnrichResult, enrich_once
from narratives.facts.sources import Source, stories
from narratives.facts.stories import STORIES_BOT, StoryMessages
from narratives.models import Narrative, NarrativeMembership
from narratives.services import editing
from neutralization.models import StoryNeutralized
from ntrl.llm.types import ProviderName
from tests.narratives.make import assign, days, fingerprinted, narrative_of
from tests.support.factories import NOON, a_version
from tests.support.facts import a_fact
from tests.support.llm import a_gateway
from tests.support.llm_server import LLMServer

SAID = "The council of Springfield said on Tuesday that it would repair the Old Bridge in May."
COUNTED = "Repairs to the Old Bridge will cost Springfield 4.2 million dollars over two years."


def told(number: int, brief: str = SAID, *, focus: str = "price surge", at: float = 0) -> StoryRaw:
    story = fingerprinted("Dogecoin", focus, "Robinhood", at=days(at))
    a_version(story, detail_brief=f"{brief} It was story {number}.", detail_title=f"Neutral title {number}")
    return story


def six(**fields: float) -> tuple[Narrative, list[StoryRaw]]:
    made = [
        told(number, f"{SAID} {COUNTED}" if number == 1 else "Nothing is established here.", **fields)
        for number in range(6)
    ]
    assign(days(0))
    return narrative_of(made[0]), made


def cycle(**options: object) -> EnrichResult:
    options.setdefault("now", timezone.now())
    return enrich_once(trace_id="t" * 32, sources=[stories()], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        (SAID, "statement"),
        (COUNTED, "figure"),
        ("It said on Tuesday that the Old Bridge would be repaired in May.", ""),
        ("We at the Springfield council said we would repair the Old Bridge.", ""),
        ("Did the council of Springfield say that it would repair the Old Bridge in May?", ""),
        ("The council said on Tuesday that it would repair the bridge soon.", ""),
        ("The council of Springfield hopes to repair the Old Bridge one day.", ""),
        ("Springfield said so.", ""),
    ],
)
def test_what_rules_take_from_news(sentence: str, kind: str) -> None:
    found = list(of_news(Message("1", NOON, sentence, "news")))
    assert [fact.entity_type for fact in found] == ([kind] if kind else [])
    assert all(fact.evidence == fact.entity_name == sentence for fact in found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("My name is Ann Lee. I live in New York.", [("is_called", "Ann Lee"), ("lives_in", "New York")]),
        ("hi, I love tide pools and everything else", [("likes", "tide pools")]),
        ("I’m from Berlin.", [("comes_from", "Berlin")]),
        ("I work as a nurse, mostly nights", [("works_as", "nurse")]),
        ("I have a dog!", [("has", "dog")]),
        ("I hate mushrooms", [("dislikes", "mushrooms")]),
        ("Do I love tide pools?", []),
        ("I love it. I like you.", []),
        ("She said: I love tide pools.", []),
        ("I would love pizza", []),
        ("", []),
        ("I love " + "a " * 50_000, []),
        ("I love \x00\ud800", []),
    ],
)
def test_what_rules_take_from_people(content: str, found: list[tuple[str, str]]) -> None:
    facts = list(of_a_person(Message("1", NOON, content, "user")))
    assert [(fact.relationship_type, fact.entity_name) for fact in facts] == found
    assert list(of_a_person(Message("1", NOON, content, "bot"))) == []


@pytest.mark.django_db
def test_a_narrative_is_a_stream_of_what_readers_see() -> None:
    narrative, made = six()
    fingerprinted("Dogecoin", "price surge", at=days(0))
    store = StoryMessages()
    [stream] = store.streams(STORIES_BOT, timezone.now())
    assert stream.user == str(narrative.pk)
    messages = list(store.after(STORIES_BOT, stream.user, Mark(BEFORE_ALL), until=timezone.now()))
    assert {message.id for message in messages} == {str(story.pk) for story in made}
    assert all("It was story" in message.content for message in messages)
    second = list(
        store.after(STORIES_BOT, stream.user, messages[1].mark, until=timezone.now(), known={messages[3].mark})
    )
    assert second == [messages[2], *messages[4:]]
    moments = [messages[2].at, messages[0].at - timedelta(days=9)]
    assert store.latest_at(STORIES_BOT, stream.user, moments) == {messages[2].at: messages[2].at}


@pytest.mark.django_db
def test_what_is_established_stands_on_the_page(client: Client) -> None:
    narrative, made = six()
    result = cycle()
    assert (result.counts["messages"], result.counts["facts"]) == (6, 2)
    assert "rules" in result.by
    facts = facts_of(narrative)
    assert {fact.statement for fact in facts} == {SAID, COUNTED}
    assert {(fact.story_id, fact.source_name, fact.published_at) for fact in facts} == {(made[1].pk, "Herald", NOON)}
    text = client.get(reverse("narratives:detail", args=[narrative.pk])).content.decode()
    assert "What is established" in text
    assert text.index(COUNTED) > text.index("What is established")
    assert reverse("briefs:story", args=[made[1].pk]) in text
    told = client.get(f"/v1/narratives/{narrative.pk}").json()["facts"]
    assert [each["statement"] for each in told] == [fact.statement for fact in facts]
    assert {(each["story_id"], each["source_name"]) for each in told} == {(str(made[1].pk), "Herald")}
    again = cycle()
    assert (again.counts["total"], again.idle) == (0, 1)


@pytest.mark.django_db
def test_a_models_fragments_do_not_stand_as_established(client: Client) -> None:
    denied = "Police denied that Mayor Jane Doe of Springfield was arrested for fraud."
    made = [told(number, denied if number == 1 else "Nothing is established here.") for number in range(6)]
    assign(days(0))
    narrative = narrative_of(made[1])
    found = [("Jane Doe", "Mayor Jane Doe of Springfield was arrested for fraud"), ("a serial killer", "Jane Doe")]
    facts = [
        {
            "entity_type": "convict",
            "relationship_type": "arrested_for",
            "confidence": 1,
            "entity_name": name,
            "evidence": words,
        }
        for name, words in found
    ]
    with LLMServer() as server:
        server.reply("extract_facts", json.dumps({"facts": facts}))
        cycle(gateway=a_gateway(server, ProviderName.OPENAI))
    a_fact(
        str(narrative.pk),
        STORIES_BOT,
        at=timezone.now(),
        source_conversation_id=str(made[1].pk),
        context_metadata={"evidence": found[0][1]},
    )
    [fact] = facts_of(narrative)
    assert (fact.statement, fact.entity_name) == (denied, "Jane Doe")
    assert (fact.entity_type, fact.relationship_type) == ("thing", "states")
    page = client.get(reverse("narratives:detail", args=[narrative.pk])).content.decode()
    assert "serial killer" not in page


@pytest.mark.django_db
def test_an_idle_narrative_is_not_even_read(django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch) -> None:
    six()
    cycle()
    monkeypatch.setattr(StoryMessages, "after", lambda *args, **options: pytest.fail("it was read"))
    assert cycle().idle == 1


@pytest.mark.django_db
def test_a_story_that_came_after_the_cycle_began_is_read_by_the_next() -> None:
    _, made = six()
    now = timezone.now()
    StoryNeutralized.objects.filter(story=made[1]).update(created_at=now + timedelta(minutes=2))
    assert cycle(now=now).counts["messages"] == 5
    later = cycle(now=now + timedelta(minutes=11))
    assert (later.idle, later.waiting) == (0, 1)
    assert cycle(now=now + timedelta(hours=25)).counts["messages"] == 1


@pytest.mark.django_db
def test_a_story_that_comes_late_or_changes_is_read() -> None:
    narrative, made = six()
    cycle()
    StoryNeutralized.objects.filter(story=made[0]).update(is_current=False)
    a_version(made[0], version=2, detail_brief=f"{SAID} {COUNTED}".replace("4.2", "5.1"))
    for number in range(10, 14):
        told(number, "Nothing again.", at=-3)
    assign(days(0))
    assert cycle().counts["messages"] == 5
    assert COUNTED.replace("4.2", "5.1") in {fact.statement for fact in facts_of(narrative)}


@pytest.mark.django_db
def test_a_fact_is_shown_as_long_as_its_story_says_so() -> None:
    narrative, made = six()
    cycle()
    StoryNeutralized.objects.filter(story=made[1]).update(is_current=False)
    a_version(made[1], version=2, detail_brief=f"{COUNTED} The rest was corrected.")
    assert [fact.statement for fact in facts_of(narrative)] == [COUNTED]


@pytest.mark.django_db
def test_facts_go_with_their_stories(admin_user: object) -> None:
    narrative, _ = six()
    other = told(20, "Another thing.", focus="protocol upgrade", at=0.5)
    assign(days(1))
    cycle()
    survivor = narrative_of(other)
    NarrativeMembership.objects.filter(narrative=narrative).update(narrative=survivor)
    assert len(facts_of(survivor)) == 2
    assert facts_of(narrative) == []


@pytest.mark.django_db
def test_stories_of_a_merged_narrative_are_not_missed(admin_user: object) -> None:
    narrative, _ = six()
    waiting = told(20, f"{COUNTED} It waits.", focus="protocol upgrade", at=0.5)
    assign(days(1))
    cycle()
    loser = narrative_of(waiting)
    assert facts_of(loser) == []
    for number in range(30, 34):
        told(number, "Nothing.", at=0.2)
    assign(days(1))
    editing.merge(survivor=narrative, losers=[loser], by=admin_user)  # type: ignore[arg-type]
    cycle()
    assert str(waiting.pk) in set(UserFactRelationship.objects.values_list("source_conversation_id", flat=True))


@pytest.mark.django_db
def test_the_admin_shows_facts_and_marks(client: Client) -> None:
    six()
    cycle()
    client.force_login(get_user_model().objects.create_superuser("editor", "e@example.org", "a long password"))
    for model in ("userfactrelationship", "narrativefact", "enrichmentmark"):
        address = reverse(f"admin:facts_{model}_changelist")
        page = client.get(address).content.decode()
        assert STORIES_BOT in page
        assert client.get(reverse(f"admin:facts_{model}_add")).status_code == 403
    assert client.get(f"{address}?kind=facts").status_code == 200
    fact = UserFactRelationship.objects.first()
    assert fact is not None
    assert client.get(reverse("admin:facts_narrativefact_change", args=[fact.pk])).status_code == 200


@pytest.mark.django_db
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    six()
    call_command("run_enrichment", "--once", "--json")
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["counts"]["facts"], document["troubles"]) == ("completed", 2, {})
    call_command("run_enrichment", "--once", "--bot", STORIES_BOT)
    assert "1 without news" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="1"):
        call_command("run_enrichment", "--once", "--bot", "nobody")
    assert "There is no bot of this name" in capsys.readouterr().out


@pytest.mark.django_db
def test_facts_of_stories_stay_in_the_default_database() -> None:
    source: Source = stories()
    assert isinstance(source.facts, DjangoFacts)
    assert source.facts.alias == "default"
