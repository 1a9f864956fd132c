"""A story in the admin: its text as it is stored, and asking again for a body that could not be had."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from ingestion.models import StoryRaw
from ntrl.accounts.models import User
from ntrl.bodies import get_body
from ntrl.stages.models import Claim
from tests.support.factories import a_source, a_story, a_story_without_body
from tests.support.feed_server import FeedServer, Page
from tests.support.fetching import PARAGRAPHS, a_page

pytestmark = pytest.mark.django_db
LIST = "admin:ingestion_storyraw_changelist"


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.fixture
def site(settings: Settings) -> Iterator[FeedServer]:
    settings.NTRL_FETCH_ALLOW_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.NTRL_FETCH_PAUSE_SECONDS = 0
    with FeedServer() as running:
        yield running


def page_of(client: Client, story: StoryRaw) -> str:
    answer = client.get(reverse("admin:ingestion_storyraw_change", args=[story.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def ask_again(client: Client, *stories: StoryRaw) -> str:
    chosen = {"action": "fetch_again", "_selected_action": [str(story.pk) for story in stories]}
    answer = client.post(reverse(LIST), chosen, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_text_is_shown_escaped_and_without_a_style_of_its_own(admin_client: Client) -> None:
    page = page_of(admin_client, a_story(body="First <script>alert(1)</script>\n\nSecond & last"))

    assert '<pre class="article-text">First &lt;script&gt;alert(1)&lt;/script&gt;\n\nSecond &amp; last</pre>' in page
    assert "ntrl-admin.css" in page
    assert "style=" not in page


def test_a_text_that_cannot_be_shown_says_why(admin_client: Client, bodies: Path) -> None:
    lost, damaged = a_story(body="Lost"), a_story(body="Damaged")
    (bodies / lost.raw_content_uri).unlink()
    (bodies / damaged.raw_content_uri).write_bytes(b"not gzip")

    assert "It is gone from storage" in page_of(admin_client, lost)
    assert "It is damaged, so it is not shown" in page_of(admin_client, damaged)
    assert "There is none: http_404" in page_of(admin_client, a_story_without_body())
    (bodies / lost.raw_content_uri).mkdir()
    assert "be reached now" in page_of(admin_client, lost)


def test_a_body_is_asked_for_again(admin_client: Client, site: FeedServer) -> None:
    site.pages["/back"] = Page(a_page("Back"))
    a_source()
    back, gone = (a_story_without_body(url=f"{site.url}/{path}") for path in ("back", "gone"))
    for story in (back, gone):
        Claim.objects.create(
            stage="articles",
            item_key=str(story.id),
            input_hash=story.url_hash,
            failure_kind="quarantine",
            reason="http_404",
            attempts=4,
        )

    page = ask_again(admin_client, back, gone)

    assert "Asked for 2, got 1." in page
    assert f"{site.url}/gone" in page or str(gone.id) in page
    back.refresh_from_db()
    assert PARAGRAPHS[0] in get_body(back.raw_content_uri, back.raw_content_hash)
    assert [claim.item_key for claim in Claim.objects.all()] == [str(gone.id)]


def test_stories_with_a_body_are_left_alone(admin_client: Client) -> None:
    assert "None of them lacks a body." in ask_again(admin_client, a_story(body="Here"))


def test_too_many_at_once_are_refused(admin_client: Client) -> None:
    stories = [a_story_without_body() for _ in range(11)]

    assert "ingest --force" in ask_again(admin_client, *stories)


def test_who_may_only_look_may_not_ask(client: Client, django_user_model: type[User]) -> None:
    from django.contrib.auth.models import Permission

    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_storyraw"))
    client.force_login(reader)
    a_story_without_body()

    assert "fetch_again" not in client.get(reverse(LIST)).content.decode()
