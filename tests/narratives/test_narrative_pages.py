"""The readers' pages of narratives: neutral titles only, the timeline drawn, tombstones lead on, few queries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ingestion.models import StoryRaw
from narratives import selectors, views
from narratives.chart import HEIGHT, WIDTH, draw
from narratives.models import Narrative
from narratives.services import editing
from narratives.services.importing import import_documents
from tests.narratives.make import assign, days, fingerprinted, narrative_of
from tests.support.factories import a_version

pytestmark = pytest.mark.django_db


def page(client: Client, narrative: Narrative) -> Any:
    return client.get(reverse("narratives:detail", args=[narrative.pk]))


def told(focus: str, at: float, title: str = "") -> StoryRaw:
    story = fingerprinted("Dogecoin", focus, "Robinhood", at=days(at))
    story.original_title = f"SHOCKING headline {title}"
    story.save()
    a_version(story, feed_title=f"Neutral title {title}", feed_summary="A neutral summary.")
    return story


def test_the_list_shows_each_narrative_under_its_state(client: Client) -> None:
    assert "No narratives yet" in client.get(reverse("narratives:list")).content.decode()
    told("price surge", 0)
    told("protocol upgrade", 9)
    assign(days(9))
    text = client.get(reverse("narratives:list")).content.decode()
    assert text.index("Dogecoin: protocol upgrade") < text.index("Dogecoin: price surge")
    assert text.index('id="emerging"') < text.index('id="dormant"')


def test_a_narrative_shows_its_timeline_and_neutral_titles_only(client: Client) -> None:
    first = told("price surge", 0, "one")
    told("price rally", 2, "two")
    fingerprinted("Dogecoin", "price surge", at=days(3))
    assign(days(3))
    text = page(client, narrative_of(first)).content.decode()
    assert text.index("Neutral title two") < text.index("Neutral title one")
    assert "SHOCKING" not in text
    assert text.count('class="bar"') == 3
    assert "2 of 3 are shown" in text
    assert "The first story came in" in text


def test_a_tombstone_leads_to_its_survivor_and_leaves_its_name(client: Client) -> None:
    stay, go = told("price surge", 0), told("protocol <b>upgrade</b>", 1)
    assign(days(1))
    survivor, loser = narrative_of(stay), narrative_of(go)
    editing.merge(survivor=survivor, losers=[loser], by=None)
    answer = page(client, loser)
    assert (answer.status_code, answer["Location"]) == (302, reverse("narratives:detail", args=[survivor.pk]))
    text = page(client, survivor).content.decode()
    assert "Also known as: “Dogecoin: protocol &lt;b&gt;upgrade&lt;/b&gt;”" in text
    assert loser.shown_title not in client.get(reverse("narratives:list")).content.decode()


def test_what_is_left_out_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "NARRATIVES_SHOWN", 1)
    monkeypatch.setattr(selectors, "STORIES_SHOWN", 1)
    first = told("price surge", 0)
    for at, focus in ((0.1, "price rally"), (0.2, "protocol upgrade"), (0.3, "protocol upgrade")):
        told(focus, at)
    assign(days(0.3))
    listed = client.get(reverse("narratives:list")).content.decode()
    assert "all 2 on pages of their own" in listed
    assert reverse("narratives:state", args=["emerging"]) in listed
    assert "The latest 1 of 2 are shown." in page(client, narrative_of(first)).content.decode()


def test_what_is_not_there_is_not_found(client: Client) -> None:
    assert client.get(reverse("narratives:detail", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404
    assert client.post(reverse("narratives:list")).status_code == 405


def test_the_queries_do_not_grow_with_the_rows(client: Client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    first = told("price surge", 0)
    for _ in range(7):
        told("price surge", 0)
    told("protocol upgrade", 0)
    assign(days(0))
    addresses = [reverse("narratives:list"), reverse("narratives:detail", args=[narrative_of(first).pk])]
    few = [queries(address) for address in addresses]
    for number in range(12):
        told("price surge", 0)
        told(f"matter{number} subject{number}", 0)
    assign(days(0))
    assert [queries(address) for address in addresses] == few
    # list: counts, two for each of two states; detail: narrative, stories, also known as,
    # the facts' stories and the facts, history
    assert few == [5, 6]


def test_those_of_one_story_stand_behind_those_that_run(client: Client) -> None:
    for at, focus in ((0, "price surge"), (0.1, "price rally"), (0.2, "protocol upgrade")):
        told(focus, at)
    assign(days(0.3))
    text = client.get(reverse("narratives:list")).content.decode()
    assert text.index("Dogecoin: price surge") < text.index("<details") < text.index("Dogecoin: protocol upgrade")
    assert "Others, with one story so far: 1<" in text


def test_all_of_a_state_are_reached_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "NARRATIVES_OF_A_PAGE", 2)
    for number in range(5):
        told(f"matter{number} subject{number}", 0)
    assign(days(0))
    address = reverse("narratives:state", args=["emerging"])
    pages = [client.get(address, {"page": page}).content.decode() for page in ("1", "2", "3")]
    titles = [narrative.shown_title for narrative in Narrative.objects.all()]
    assert [sum(title in text for title in titles) for text in pages] == [2, 2, 1]
    assert "5 narratives, 3 to 4 here" in pages[1]
    assert ('rel="next"' in pages[1], 'rel="next"' in pages[2]) == (True, False)
    assert client.get(address, {"page": "x"}).status_code == client.get(address, {"page": "99"}).status_code == 200
    assert client.get(reverse("narratives:state", args=["merged"])).status_code == 404


def test_a_chart_has_a_name_a_description_and_a_table(client: Client) -> None:
    first = told("price surge", 0)
    told("price rally", 2)
    assign(days(2))
    text = page(client, narrative_of(first)).content.decode()
    assert 'aria-labelledby="chart-title chart-desc"' in text
    assert "2 at most" not in text
    assert text.count('<th scope="row">') == text.count('class="bar"') == 2


def test_what_another_system_counted_is_labelled_and_apart(client: Client) -> None:
    days_of = [{"date": "2025-12-05", "article_count": 3}]
    document = {
        "_id": "65a0",
        "entities": ["Kraken"],
        "title": "SHOCKING",
        "article_count": 3,
        "timeline_data": days_of,
    }
    import_documents([{**document, "first_detected_at": days(0)}])
    text = page(client, Narrative.objects.get()).content.decode()
    assert "No story of ours is in it" in text
    assert "counted 3 articles between" in text
    assert text.count('class="bar"') == 1
    assert "It was taken over from another system" in text
    listed = client.get(reverse("narratives:list")).content.decode()
    assert "another system counted 3 articles" in listed
    assert "SHOCKING" not in text + listed


def test_what_another_system_counted_outlives_a_merge(client: Client) -> None:
    import_documents([{"_id": "65a0", "entities": ["Kraken"], "article_count": 412, "first_detected_at": days(0)}])
    told("price surge", 0)
    assign(days(0))
    survivor, loser = Narrative.objects.get(imported_id=""), Narrative.objects.exclude(imported_id="").get()
    editing.merge(survivor=survivor, losers=[loser], by=None)
    text = page(client, survivor).content.decode()
    assert f"from which “{loser.shown_title}” was taken over, counted 412 articles" in text


def test_bars_stay_inside_the_drawing() -> None:
    assert draw([]) is None
    timeline = [
        {"date": f"2026-{month:02}-{day:02}", "article_count": day} for month in range(1, 13) for day in (1, 9, 28)
    ]
    chart = draw(timeline)
    assert chart is not None
    assert (chart.last.isoformat(), chart.most) == ("2026-12-28", 28)
    assert (chart.last - chart.first).days == 179
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and 0 < bar.height <= HEIGHT for bar in chart.bars)
