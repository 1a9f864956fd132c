"""The desk in the admin: what an editor sees, sends, and is told; what strangers and hostile forms get."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ingestion.models import StoryBody
from neutralization.models import Status, StoryNeutralized
from ntrl.accounts.models import User
from ntrl.bodies import delete_body
from ntrl.rules.models import Rule
from tests.neutralization.desk_case import (
    A_TITLE,
    BODY,
    SHOCKING,
    SLAMMED,
    a_neutralized_story,
    correct,
    numbers,
    on_the_desk,
    phrases,
)
from tests.support.factories import a_story, a_story_without_body, a_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]

TITLE = "City council votes to repair the old bridge"


def desk_of(version: StoryNeutralized) -> str:
    return reverse("admin:neutralization_desk", args=[version.story_id])


def post(client: Client, base: StoryNeutralized, **fields: Any) -> Any:
    """Send the desk's form; a double underscore stands for the dash in a field's name."""
    data = {name.replace("__", "-"): value for name, value in fields.items()}
    return client.post(desk_of(base), {"base": str(base.pk), **data})


def said(answer: HttpResponse) -> str:
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


@pytest.fixture
def base() -> StoryNeutralized:
    """The version on the desk."""
    return a_neutralized_story()


def test_both_texts_stand_there_with_phrases_and_changes_marked(admin_client: Client, base: StoryNeutralized) -> None:
    page = said(admin_client.get(desk_of(base)))

    assert f'<mark class="kept" data-start="{BODY.index("slammed")}">slammed</mark>' in page
    assert ">criticized</ins>" in page
    assert "Version 1 is shown to readers, made by the rules." in page
    assert page.count("Keep it as it is") == 3
    assert base.feed_title in page


def test_the_lists_lead_to_the_desk(admin_client: Client, base: StoryNeutralized) -> None:
    listed = admin_client.get(reverse("admin:neutralization_storyneutralized_changelist"))
    version = admin_client.get(reverse("admin:neutralization_storyneutralized_change", args=[base.pk]))

    assert desk_of(base) in said(listed)
    assert desk_of(base) in said(version)


def test_a_versions_page_says_what_each_rule_asks_for_and_found(admin_client: Client, base: StoryNeutralized) -> None:
    base.verdicts.filter(rule_id="grounding.numbers", output="feed_title").update(passed=False, evidence=["17", "4 km"])
    base.verdicts.filter(rule_id="form.no_json", output="feed_title").update(rule_id="form.bygone")

    page = said(admin_client.get(reverse("admin:neutralization_storyneutralized_change", args=[base.pk])))

    assert "Every number stands in the body, by value and unit. (grounding.numbers)" in page
    assert "“17”; “4 km”" in page
    assert "A rule of an earlier audit. (form.bygone)" in page
    assert page.index("grounding.numbers") < page.index("grounding.names"), "what failed comes first"


def test_an_editor_decides_adds_and_writes_in_one_go(admin_client: Client, base: StoryNeutralized) -> None:
    answer = post(
        admin_client,
        base,
        phrase__0__decision="change",
        phrase__0__category="loaded_verbs",
        phrase__0__action="replaced",
        phrase__0__replacement="rebuked",
        phrase__1__decision="everywhere",
        phrase__1__term="shocking cracks",
        phrase__1__reason="A judgement of engineers.",
        phrase__2__decision="keep",
        added__phrase="footpath",
        added__category="editorial_voice",
        added__action="replaced",
        added__replacement="path",
        text__feed_title=TITLE,
    )

    assert (answer.status_code, answer["Location"]) == (302, desk_of(base))
    made = on_the_desk(base.story)
    assert (made.version, made.feed_title, phrases(made)) == (2, TITLE, ["slammed", "slammed", "footpath"])
    assert "rebuked its critics" in made.detail_full
    page = said(admin_client.get(desk_of(base)))
    rule = Rule.objects.get()
    assert "Version 2 is shown now. Runs leave it alone." in page
    assert reverse("admin:rules_rule_change", args=[rule.pk]) in page
    assert "admin, " in page, "the history names the editor"
    assert "rejected “shocking” (everywhere, as “shocking cracks”: A judgement of engineers.)" in page


def test_texts_that_were_not_sent_stay(admin_client: Client, base: StoryNeutralized) -> None:
    post(admin_client, base, text__feed_title=TITLE)
    made = on_the_desk(base.story)

    post(admin_client, made, phrase__1__decision="here")

    assert (on_the_desk(base.story).feed_title, on_the_desk(base.story).version) == (TITLE, 3)


def test_several_places_are_offered_and_one_is_chosen(admin_client: Client, base: StoryNeutralized) -> None:
    fields = {"added__phrase": "bridge", "added__category": "clickbait", "added__action": "replaced"}
    fields["added__replacement"] = "crossing"
    asked = post(admin_client, base, **fields)

    assert "It stands in 2 places: choose which of them you mean." in said(asked)
    assert said(asked).count('name="added-starts"') == 2
    assert "repair the old [bridge] over the river" in said(asked)
    assert 'value="crossing"' in said(asked), "what was written is kept"
    wrong = post(admin_client, base, **fields, added__starts="3")
    assert "not one of the available choices" in said(wrong)

    post(admin_client, base, **fields, added__starts=str(BODY.rindex("bridge")))
    assert "northern crossing" in on_the_desk(base.story).detail_full


def test_the_place_that_was_selected_in_the_text_is_the_one_meant(admin_client: Client, base: StoryNeutralized) -> None:
    fields = {"added__phrase": "bridge", "added__category": "clickbait", "added__action": "replaced"}

    post(admin_client, base, **fields, added__replacement="crossing", added__selected=str(BODY.index("bridge")))

    made = on_the_desk(base.story)
    assert ("old crossing" in made.detail_full, "northern bridge" in made.detail_full) == (True, True)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"added__phrase": "waste", "added__category": "clickbait"}, "in a quotation"),
        ({"added__phrase": "river"}, "Choose a category"),
        ({"phrase__0__decision": "change", "phrase__0__action": "replaced"}, "Say what it is replaced by"),
        ({"phrase__1__decision": "everywhere", "phrase__1__term": "shocking"}, "Give the reason"),
        ({"text__detail_brief": ""}, "Nothing was changed"),
        ({}, "Nothing was changed"),
        # Hostile: what no form of ours sends.
        ({"phrase__0__decision": "burn"}, "not one of the available choices"),
        ({"phrase__0__decision": "change", "phrase__0__category": "x"}, "not one of the available choices"),
        ({"phrase__99__decision": "here"}, "Nothing was changed"),
        ({"text__feed_title": "a\0b"}, "Null characters are not allowed"),
        ({"text__detail_full": "Other words."}, "Nothing was changed"),
        ({"text__feed_title": "x" * 30_000}, "at most 20000 characters"),
        (
            {"added__phrase": "the", "added__starts": ["x", "-1"], "added__selected": "9" * 400},
            "not one of the available",
        ),
        ({"text__feed_title": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_what_cannot_be_done_is_said_beside_what_was_sent(
    admin_client: Client, base: StoryNeutralized, fields: dict[str, Any], says: str
) -> None:
    answer = post(admin_client, base, **fields)

    assert answer.status_code == 200
    assert says in said(answer)
    assert "<script>alert" not in said(answer)
    assert numbers(base.story) == [(1, True)]
    assert not Rule.objects.exists()


def test_what_the_audit_refuses_is_shown_with_rule_and_evidence_and_nothing_is_lost(
    admin_client: Client, base: StoryNeutralized
) -> None:
    answer = post(
        admin_client,
        base,
        text__feed_title="Council hears 17 critics",
        phrase__1__decision="here",
        phrase__0__decision="story",
    )

    page = said(answer)
    assert "The audit refused this, so nothing was saved." in page
    assert "<strong>feed title</strong>: Every number stands in the body, by value and unit. It found: “17”." in page
    assert "Council hears 17 critics</textarea>" in page
    assert '<option value="story" selected>' in page
    assert '<option value="here" selected>' in page
    assert numbers(base.story) == [(1, True)]
    assert not LogEntry.objects.exists()


def test_the_second_of_two_editors_keeps_what_was_written_and_reads_who_was_quicker(
    admin_client: Client, base: StoryNeutralized
) -> None:
    correct(base, A_TITLE)

    answer = post(admin_client, base, text__feed_summary="Council votes to repair the old bridge.")

    assert answer.status_code == 409
    assert "Version 2 was made meanwhile by another editor, so nothing was saved over it." in said(answer)
    assert "Council votes to repair the old bridge.</textarea>" in said(answer)
    assert numbers(base.story) == [(1, False), (2, True)]


def test_an_earlier_version_is_shown_again_and_a_new_one_made(admin_client: Client, base: StoryNeutralized) -> None:
    made = correct(base, A_TITLE).version
    assert "Show version 1 again" in said(admin_client.get(desk_of(base)))

    post(admin_client, made, show_again="1")
    assert on_the_desk(base.story) == base
    assert "It is not locked: runs may replace it." in said(admin_client.get(desk_of(base)))
    answer = post(admin_client, base, make_anew="1")

    assert answer.status_code == 302
    assert numbers(base.story) == [(1, False), (2, False), (3, True)]
    assert LogEntry.objects.filter(change_message="had it made anew").count() == 1


@pytest.mark.parametrize("number", ["x", "-1", "²", "9" * 5000, ""])
def test_a_version_without_a_number_is_a_bad_request(admin_client: Client, base: StoryNeutralized, number: str) -> None:
    assert post(admin_client, base, show_again=number).status_code == 400


def test_a_form_of_another_story_or_of_no_version_is_a_bad_request(
    admin_client: Client, base: StoryNeutralized
) -> None:
    other = a_version(a_story(body=BODY))

    for named in (str(other.pk), str(uuid4()), "x", "\0", ""):
        answer = admin_client.post(desk_of(base), {"base": named, "text-feed_title": TITLE})
        assert answer.status_code == 400
    assert admin_client.get(reverse("admin:neutralization_desk", args=[uuid4()])).status_code == 404
    assert numbers(base.story) == [(1, True)]


@pytest.mark.parametrize(
    ("permissions", "may_read", "may_exempt"),
    [
        ([], False, False),
        (["view_storyneutralized"], False, False),
        (["change_storyneutralized"], True, False),
        (["change_storyneutralized", "add_rule"], True, False),
        (["change_storyneutralized", "add_rule", "change_rule"], True, True),
    ],
)
def test_the_desk_is_for_those_who_may_change_texts_and_rules_for_those_who_may_make_them(
    client: Client, base: StoryNeutralized, permissions: list[str], may_read: bool, may_exempt: bool
) -> None:
    user = User.objects.create_user(username="new", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    everywhere = {"phrase__1__decision": "everywhere", "phrase__1__term": "shocking", "phrase__1__reason": "A fact."}

    page, answer = client.get(desk_of(base)), post(client, base, **everywhere)

    assert page.status_code == (200 if may_read else 403)
    assert ("everywhere, by a rule" in said(page)) == may_exempt
    assert answer.status_code == (302 if may_exempt else 200 if may_read else 403)
    assert Rule.objects.exists() == may_exempt
    client.logout()
    assert client.get(desk_of(base)).status_code == 302


def test_without_the_article_the_desk_says_so_and_offers_texts_alone(
    admin_client: Client, base: StoryNeutralized
) -> None:
    StoryBody.objects.update(expired_at=timezone.now())
    delete_body(base.story.raw_content_uri)

    page = said(admin_client.get(desk_of(base)))
    assert "The article's text is no longer kept: it was removed on" in page
    assert "Phrases can’t be changed without it" in page
    assert "phrase-0-decision" not in page
    assert "added-phrase" not in page
    answer = post(admin_client, base, text__feed_title=TITLE, phrase__0__decision="here", added__phrase="river")

    assert answer.status_code == 302
    assert (on_the_desk(base.story).feed_title, len(phrases(on_the_desk(base.story)))) == (TITLE, 3)


def test_a_failed_version_shows_why_and_can_be_put_right(admin_client: Client, base: StoryNeutralized) -> None:
    StoryNeutralized.objects.update(
        is_current=False, status=Status.FAILED_AUDIT, failure_reason="form.no_shouting", feed_title="FIRE!"
    )

    page = said(admin_client.get(desk_of(base)))
    assert "Version 1 is not shown to readers: failed_audit, form.no_shouting" in page
    post(admin_client, base, text__feed_title=TITLE)

    assert numbers(base.story) == [(1, False), (2, True)]


def test_a_story_of_which_nothing_was_made_can_be_made(admin_client: Client) -> None:
    story = a_story(body=BODY)
    address = reverse("admin:neutralization_desk", args=[story.pk])
    assert "Nothing has been made of this story yet." in said(admin_client.get(address))

    assert admin_client.post(address, {"make_anew": "1"}).status_code == 302
    assert on_the_desk(story).is_current


def test_a_story_that_cannot_be_made_says_why(admin_client: Client) -> None:
    address = reverse("admin:neutralization_desk", args=[a_story_without_body().pk])

    answer = admin_client.post(address, {"make_anew": "1"})

    assert "Version 1 failed, so it is not shown: no_body: http_404" in said(answer)
    assert "There is no text" not in said(admin_client.get(address))


def test_a_text_with_very_many_phrases_is_decided_page_by_page(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neutralization.desk.SPANS_A_PAGE", 2)
    base = a_neutralized_story()

    first, second = admin_client.get(desk_of(base)), admin_client.get(f"{desk_of(base)}?page=2")
    assert ["phrase-1-decision" in said(page) for page in (first, second)] == [True, False]
    assert ["phrase-2-decision" in said(page) for page in (first, second)] == [False, True]
    answer = admin_client.post(f"{desk_of(base)}?page=2", {"base": str(base.pk), "phrase-2-decision": "here"})

    assert answer.status_code == 302
    assert phrases(on_the_desk(base.story)) == ["slammed", "shocking"]
    for odd in ("0", "-1", "x", "9" * 99, "²"):
        assert admin_client.get(desk_of(base), {"page": odd}).status_code == 200


def test_a_long_history_costs_no_more_queries(
    admin_client: Client, base: StoryNeutralized, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin_client.get(desk_of(base))
    # Session, user; story; the version to correct; its body, phrases and edits; versions, their record.
    with django_assert_num_queries(9):
        admin_client.get(desk_of(base))
    second = correct(base, rejections_of(SHOCKING)).version
    correct(second, rejections_of(SLAMMED))
    with django_assert_num_queries(9):
        admin_client.get(desk_of(base))


def rejections_of(position: int) -> Any:
    from neutralization.corrections import Corrections, Rejection

    return Corrections(rejections=(Rejection(position),))
