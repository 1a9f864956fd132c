"""The admin as an editor uses it: every list and page opens, sources and classes are corrected, rules are checked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from briefs.models import DailyBrief
from briefs.services import assemble_brief
from classification.models import StoryClassification
from classification.taxonomy import FeedCategory
from ingestion.models import Source
from ntrl.rules.loader import load_rules
from ntrl.rules.models import Rule
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_story, file_under, publishable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]

OUR_MODELS = sorted(
    (model for model in admin.site._registry if model.__module__.split(".")[0] != "django"),
    key=lambda model: model._meta.label,
)


@pytest.fixture
def a_brief() -> DailyBrief:
    """A brief with one story in World."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    publishable(published_at=an_hour_ago, ingested_at=an_hour_ago)
    brief = assemble_brief(trace_id=new_trace_id(), options=RunOptions(workers=1)).brief
    assert brief is not None
    return brief


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_page_opens(admin_client: Client, a_brief: DailyBrief, model: type) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    listed = admin_client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"), {"q": "a"})
    assert listed.status_code == 200
    row = model.objects.first()  # type: ignore[attr-defined]
    if row is not None:
        page = admin_client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200


def test_a_browser_may_name_its_origin_when_it_sends_a_form(client: Client) -> None:
    page = client.get(reverse("admin:login"))

    # What a browser makes of "no-referrer" is `Origin: null`, which Django's CSRF check refuses.
    assert page["Referrer-Policy"] == "same-origin"
    sent = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    token = sent.get(reverse("admin:login")).cookies["csrftoken"].value
    assert sent.post(reverse("admin:login"), {"csrfmiddlewaretoken": token}).status_code == 200


def test_an_editor_corrects_a_class_and_the_brief_follows(admin_client: Client, a_brief: DailyBrief) -> None:
    filed = StoryClassification.objects.get()
    address = reverse("admin:classification_storyclassification_change", args=[filed.pk])
    answer = admin_client.post(address, {"domain": "sports_competition", "geography": "international"})
    assert answer.status_code == 302
    filed.refresh_from_db()
    assert (filed.feed_category, filed.method, filed.is_locked) == (FeedCategory.SPORTS, "editor", True)
    brief = DailyBrief.objects.get(is_current=True)
    assert brief.pk != a_brief.pk
    assert [item.section for item in brief.items.all()] == [FeedCategory.SPORTS]


def test_the_form_of_a_story_that_could_not_be_filed_begins_without_a_domain(admin_client: Client) -> None:
    failed = file_under(a_story(), domain="", feed_category="", status="failed", failure_reason="no_evidence")
    address = reverse("admin:classification_storyclassification_change", args=[failed.pk])

    assert '<option value="" selected>' in admin_client.get(address).content.decode()
    refused = admin_client.post(address, {"domain": "", "geography": "us"})

    assert "domain" in refused.context["adminform"].form.errors
    failed.refresh_from_db()
    assert (failed.status, failed.is_locked) == ("failed", False)


def test_an_editor_corrects_a_source(admin_client: Client, a_brief: DailyBrief) -> None:
    source = Source.objects.get()
    address = reverse("admin:ingestion_source_change", args=[source.pk])
    fields = {"name": "The Herald", "slug": source.slug, "rss_url": "https://herald.example/new", "priority": 2}
    assert admin_client.post(address, fields).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.rss_url, source.is_active) == ("The Herald", "https://herald.example/new", False)


def test_a_rule_that_cannot_be_used_is_refused(admin_client: Client, a_rule: Callable[..., dict[str, str]]) -> None:
    address = reverse("admin:rules_rule_add")
    refused = admin_client.post(address, a_rule(payload='{"category": "no such category", "forms": ["x"]}'))
    assert refused.status_code == 200
    assert "editors-entry" in refused.content.decode()
    assert not Rule.objects.exists()
    nothing = admin_client.post(address, a_rule(payload="{}"))
    assert "needs its fields" in nothing.content.decode()


@pytest.mark.parametrize("switched", ["on", ""])
@pytest.mark.parametrize("payload", ["[]", '""', "0", "false", "[1]", '{"weight": NaN}', '{"forms": ["\\u0000"]}'])
def test_a_rule_without_usable_fields_is_refused(
    admin_client: Client, a_rule: Callable[..., dict[str, str]], payload: str, switched: str
) -> None:
    rule = a_rule(rule_set="keywords", key="sports_competition/quidditch", payload=payload, is_enabled=switched)

    answer = admin_client.post(reverse("admin:rules_rule_add"), rule)

    assert "payload" in answer.context["adminform"].form.errors
    assert not Rule.objects.exists()


@pytest.mark.parametrize("payload", ["", "null", "{}"])
def test_no_fields_keep_the_shipped_ones(
    admin_client: Client, a_rule: Callable[..., dict[str, str]], payload: str
) -> None:
    shipped = load_rules("keywords")
    rule = a_rule(rule_set="keywords", key=next(iter(shipped.entries)), payload=payload)

    assert admin_client.post(reverse("admin:rules_rule_add"), rule).status_code == 302

    assert Rule.objects.get().payload == {}
    assert load_rules("keywords") == shipped


def test_a_rule_that_switches_nothing_off_is_refused(
    admin_client: Client, a_rule: Callable[..., dict[str, str]]
) -> None:
    answer = admin_client.post(reverse("admin:rules_rule_add"), a_rule(key="selling_hype/mistyped", is_enabled=""))

    assert "No shipped entry is called" in answer.content.decode()
    assert not Rule.objects.exists()


@pytest.mark.parametrize("payload", [[], 0, {"no such field": 1}, {"weight": 10**400}])
def test_a_bad_row_from_elsewhere_can_be_corrected_or_switched_off(
    admin_client: Client, a_rule: Callable[..., dict[str, str]], payload: object
) -> None:
    row = Rule.objects.create(rule_set="keywords", key="sports_competition/quidditch", payload=payload)
    address = reverse("admin:rules_rule_change", args=[row.pk])
    fields = {"rule_set": row.rule_set, "key": row.key}

    assert admin_client.post(address, a_rule(**fields, is_enabled="", payload='{"weight": 2}')).status_code == 302
    assert admin_client.post(address, a_rule(**fields, payload='{"weight": 3}')).status_code == 302

    assert load_rules("keywords").entries[row.key] == {"weight": 3}


def test_a_good_rule_is_kept_with_its_maker(admin_client: Client, a_rule: Callable[..., dict[str, str]]) -> None:
    payload = '{"weight": 2}'
    rule = a_rule(rule_set="keywords", key="sports_competition/quidditch", payload=payload)
    assert admin_client.post(reverse("admin:rules_rule_add"), rule).status_code == 302
    row = Rule.objects.get()
    assert row.created_by is not None
    assert row.payload == {"weight": 2}


@pytest.fixture
def a_rule() -> Callable[..., dict[str, str]]:
    """The form's fields for a new entry."""

    def fields(**changed: str) -> dict[str, str]:
        return {
            "rule_set": "lexicon",
            "key": "editors-entry",
            "is_enabled": "on",
            "payload": "{}",
            "note": "",
            **changed,
        }

    return fields
