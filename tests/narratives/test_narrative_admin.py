"""Narratives in the admin: each change is shown before it is done."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from narratives.models import EntityAlias, EventKind, Narrative, NarrativeMembership
from narratives.rules_in_force import load_identity
from narratives.services import editing
from narratives.services.importing import import_documents
from tests.narratives.make import assign, days, fingerprinted, narrative_of

pytestmark = pytest.mark.django_db
LIST = "admin:narratives_narrative_changelist"


@pytest.fixture
def two() -> tuple[Narrative, Narrative]:
    """A narrative of two stories, and another of one."""
    stories = [fingerprinted("Kraken", "bank charter bid", at=days(number)) for number in (0, 1)]
    other = fingerprinted("Kraken", "data breach claims", at=days(1))
    assign(days(1))
    return narrative_of(stories[0]), narrative_of(other)


def act(client: Client, action: str, chosen: list[Any], where: str = LIST, **more: str) -> str:
    data = {"action": action, "_selected_action": [str(each.pk) for each in chosen], **more}
    return client.post(reverse(where), data, follow=True).content.decode()


def test_every_page_opens(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    for model in ("narrative", "narrativemembership", "storyfingerprint", "entityalias"):
        assert admin_client.get(reverse(f"admin:narratives_{model}_changelist"), {"q": "a"}).status_code == 200
    page = admin_client.get(reverse("admin:narratives_narrative_change", args=[two[0].pk]))
    assert page.status_code == 200
    assert "bank charter bid" in page.content.decode()


def test_a_merge_is_shown_then_done_then_undone(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    survivor, loser = two
    assert "goes into “Kraken: bank charter bid”" in act(admin_client, "merge_chosen", list(two))
    assert Narrative.objects.filter(merged_into=None).count() == 2

    assert "Done:" in act(admin_client, "merge_chosen", list(two), confirmed="yes")
    loser.refresh_from_db()
    assert loser.merged_into == survivor
    assert survivor.events.filter(kind=EventKind.MERGED).get().by is not None

    assert "lives again" in act(admin_client, "unmerge_chosen", [loser])
    act(admin_client, "unmerge_chosen", [loser], confirmed="yes")
    loser.refresh_from_db()
    assert loser.merged_into is None
    assert "has not been merged" in act(admin_client, "unmerge_chosen", [loser], confirmed="yes")
    assert "two narratives or more" in act(admin_client, "merge_chosen", [loser])


def test_the_survivor_that_was_shown_is_kept(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    shown = act(admin_client, "merge_chosen", list(two))
    assert f'name="survivor" value="{two[0].pk}"' in shown
    Narrative.objects.filter(pk=two[1].pk).update(article_count=9)
    act(admin_client, "merge_chosen", list(two), survivor=str(two[0].pk), confirmed="yes")
    two[1].refresh_from_db()
    assert two[1].merged_into == two[0]


def test_a_story_is_moved_after_a_preview(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    where = "admin:narratives_narrativemembership_changelist"
    target, source = two
    rows = list(NarrativeMembership.objects.filter(narrative=source))
    assert "Narrative" in act(admin_client, "move_chosen", rows, where)
    assert "it is locked there" in act(admin_client, "move_chosen", rows, where, target=str(target.pk))
    assert "valid" in act(admin_client, "move_chosen", rows, where, target="nonsense")
    assert NarrativeMembership.objects.filter(narrative=source).exists()
    act(admin_client, "move_chosen", rows, where, target=str(target.pk), confirmed="yes")
    assert NarrativeMembership.objects.filter(narrative=target).count() == 3


def test_a_dormant_narrative_is_woken(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    assert "not dormant" in act(admin_client, "reactivate_chosen", [two[0]])
    Narrative.objects.filter(pk=two[0].pk).update(state="dormant")
    assert "wakes" in act(admin_client, "reactivate_chosen", [two[0]])
    act(admin_client, "reactivate_chosen", [two[0]], confirmed="yes")
    two[0].refresh_from_db()
    assert (two[0].state, two[0].reactivated_count) == ("emerging", 1)


def test_a_title_a_focus_and_the_lock_are_edited(admin_client: Client, two: tuple[Narrative, Narrative]) -> None:
    address = reverse("admin:narratives_narrative_change", args=[two[0].pk])
    inlines = {
        f"{prefix}-{name}": "0" for prefix in ("memberships", "events") for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    fields = {"title": "The charter", "narrative_focus": "charter withdrawal", "is_locked": "on"}
    shown = admin_client.post(address, {**inlines, **fields})
    assert "stories to come are compared" in shown.content.decode()
    assert 'name="narrative_focus" value="charter withdrawal"' in shown.content.decode()
    two[0].refresh_from_db()
    assert (two[0].title, two[0].narrative_focus, two[0].is_locked) == ("", "bank charter bid", False)
    assert admin_client.post(address, {**inlines, **fields, "confirmed": "Do it"}).status_code == 302
    two[0].refresh_from_db()
    assert (two[0].title, two[0].narrative_focus, two[0].is_locked) == ("The charter", "charter withdrawal", True)
    refused = admin_client.post(address, {**inlines, **fields, "narrative_focus": "Kraken"})
    assert "narrative_focus" in refused.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "The  charter"}, ["readers see “The charter”"]),
        ({"title": ""}, ["readers see its nucleus and focus again"]),
        ({"is_locked": False}, ["runs may merge it again"]),
        ({"title": "A title", "is_locked": True}, []),
    ],
)
def test_an_edit_is_told_in_words(fields: dict[str, Any], said: list[str]) -> None:
    before = {"title": "A title", "narrative_focus": "bank charter bid", "is_locked": True}
    assert editing.preview_edit(narrative=Narrative(**before), **{**before, **fields}) == said


def test_what_was_imported_is_shown(admin_client: Client) -> None:
    import_documents([{"_id": "65a0", "title": "Charter", "entities": ["Kraken"], "last_updated": days(0)}])
    page = admin_client.get(reverse("admin:narratives_narrative_change", args=[Narrative.objects.get().pk]))
    assert "“Charter”, : 0 articles" in page.content.decode()


def test_aliases_are_checked_and_used(admin_client: Client) -> None:
    address = reverse("admin:narratives_entityalias_add")
    assert admin_client.post(address, {"alias": "Payward", "entity": "Kraken", "is_enabled": "on"}).status_code == 302
    assert EntityAlias.objects.get().key == "payward"
    aliases = load_identity().identity.aliases
    assert aliases.key("PAYWARD") == aliases.key("Kraken")
    for alias, entity in (("payward", "Bitcoin"), ("—", "Kraken"), ("The Kraken", "Kraken")):
        refused = admin_client.post(address, {"alias": alias, "entity": entity, "is_enabled": "on"})
        assert refused.context["adminform"].form.errors
    assert EntityAlias.objects.count() == 1


def test_a_shipped_alias_is_switched_off(admin_client: Client) -> None:
    EntityAlias.objects.create(alias="DOGE", entity="Dogecoin", key="doge", is_enabled=False)
    assert load_identity().identity.aliases.key("DOGE") == "doge"
