"""The readers' pages: what they show, what they hide, how often they ask the database, and how they are cached."""

import re
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.test import Client

from briefs.models import DailyBrief
from classification.taxonomy import FeedCategory
from ingestion.models import Source, StoryBody, StoryRaw
from neutralization.differences import Difference
from neutralization.edits import apply_edits
from neutralization.models import NeutralEdit, Status, StoryNeutralized, TransparencySpan
from neutralization.taxonomy import Action, Category
from neutralization.types import Edit
from ntrl.bodies import body_key, content_hash, delete_body, put_body

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 11, 21, 14, 5, tzinfo=UTC)
BODY = "Critics slammed the plan.\n\nIt was a shocking defeat, the mayor said.\n\nA vote follows on Monday."
HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{ 7|add:1 }}&amp;"


@pytest.fixture
def client():
    return Client()


def page(client, address, **headers):
    """Return a page that must exist, as text."""
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


def words(html):
    """Return what a reader reads: the text of a page, with white space made plain."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def marked(html, tag):
    """Return the words of each marked place and the number of the change that begins there."""
    return re.findall(rf'<{tag} class="change">([^<]*)<a class="ref" id="change-(\d+)"', html)


class Elements(HTMLParser):
    """Collects what a browser would make of a page: tags, and names of attributes."""

    def __init__(self):
        super().__init__()
        self.tags = set()
        self.attributes = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def assert_inert(html):
    """Nothing of HOSTILE has become an element or an attribute, and it is all still there to read."""
    elements = Elements()
    elements.feed(html)
    assert not elements.tags & {"script", "img", "b"}
    assert not [name for name in elements.attributes if name.startswith("on")]
    assert HOSTILE in unescape(html)


def rendered_story(position, **values):
    return {
        "id": str(uuid4()),
        "feed_title": f"Council passes budget {position}",
        "feed_summary": "The vote was 7 to 2.",
        "source_name": "Harbor Post",
        "source_url": "https://harbor.example/a",
        "publisher_url": "https://harbor.example/",
        "published_at": "2025-11-21T09:30:00Z",
        "has_manipulative_content": False,
        "change_count": 0,
        "position": position,
        "detail_title": "The council passes its budget",
        "detail_brief": "One.",
        "detail_full": "One.",
        "disclosure": None,
    } | values


def add_brief(stories=(), *, day=date(2025, 11, 21), is_current=True, section="world", assembled_at=NOW):
    stories = list(stories)
    sections = [
        {
            "name": category.value,
            "display_name": category.display_name,
            "order": category.order,
            "story_count": len(stories) if category == section else 0,
            "stories": stories if category == section else [],
        }
        for category in FeedCategory
    ]
    rendered = {
        "id": str(uuid4()),
        "brief_date": day.isoformat(),
        "cutoff_time": "2025-11-20T14:05:00Z",
        "assembled_at": assembled_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sections": sections,
        "total_stories": len(stories),
        "is_empty": not stories,
        "empty_message": None if stories else "There are no stories in this brief yet.",
    }
    return DailyBrief.objects.create(
        brief_date=day,
        cutoff_time=NOW - timedelta(days=1),
        assembled_at=assembled_at,
        is_current=is_current,
        total_stories=len(stories),
        section_count=bool(stories),
        rendered=rendered,
    )


def add_story(*, body=BODY, changes=(("slammed", "criticized", Category.LOADED_VERBS),), url=None, **values):
    """Store a story with its body, its texts, and a span and an edit for each change; returns its version."""
    story_id = uuid4()
    source, _ = Source.objects.get_or_create(
        slug="harbor", defaults={"name": "Harbor Post", "rss_url": "https://harbor.example/feed"}
    )
    story = StoryRaw.objects.create(
        id=story_id,
        source=source,
        original_url=url or f"https://harbor.example/{story_id}",
        original_title="Mayor SLAMMED",
        url_hash=content_hash(str(story_id)),
        title_hash=content_hash("title"),
        published_at=NOW - timedelta(hours=5),
    )
    stored = put_body(story_id, 1, body)
    StoryBody.objects.create(
        story=story, version=1, uri=stored.key, content_hash=stored.content_hash, length=stored.length, extractor="test"
    )
    edits = [Edit(body.index(old), body.index(old) + len(old), new, n) for n, (old, new, _) in enumerate(changes)]
    texts = {
        "feed_title": "Mayor criticized over plan",
        "feed_summary": "Critics opposed the plan.",
        "detail_title": "The mayor’s plan draws criticism",
        "detail_brief": "Critics criticized it.\n\nA vote follows.\n\nIt is on Monday.",
        "detail_full": apply_edits(body, edits),
        "disclosure": "NTRL replaced 1 phrase of this article by rules, without a language model.",
        "has_manipulative_content": bool(changes),
        "is_current": True,
        "status": Status.SUCCESS,
        "method": "lexicon",
        "mode": "span_guided",
        "redline": explained(zip(edits, [old for old, _, _ in changes], strict=True)),
        "unattributed_changes": 0,
    }
    version = StoryNeutralized.objects.create(
        story=story, version=1, body_version=1, input_hash="0" * 64, **texts | values
    )
    for edit, (old, new, category) in zip(edits, changes, strict=True):
        span = TransparencySpan.objects.create(
            neutralized=version,
            position=edit.span_index,
            start=edit.start,
            end=edit.end,
            original_text=old,
            category=category,
            action=Action.REPLACED if new else Action.REMOVED,
            replacement_text=new.strip(),
        )
        NeutralEdit.objects.create(
            neutralized=version,
            span=span,
            position=edit.span_index,
            start=edit.start,
            end=edit.end,
            replacement=new,
        )
    return version


def explained(edits):
    """A redline as it is stored, in which each edit is one change that its span explains."""
    shift, rows = 0, []
    for edit, old in edits:
        rows.append(asdict(Difference(edit.start, old, edit.start + shift, edit.replacement, (edit.span_index,))))
        shift += len(edit.replacement) - len(old)
    return rows


class TestBrief:
    def test_shows_ten_sections_in_order_with_their_stories(self, client):
        stories = [rendered_story(0), rendered_story(1, has_manipulative_content=True, change_count=2)]
        add_brief(stories, section="business")
        html = page(client, "/")
        assert re.findall(r'<h2 id="h-(\w+)">', html) == [category.value for category in FeedCategory]
        text = words(html)
        assert "Friday 21 November 2025" in text
        assert "2 stories in 1 category, assembled 14:05 UTC" in text
        assert text.count("Nothing today") == 9
        assert "that day" not in text
        assert "Council passes budget 1 The vote was 7 to 2. Harbor Post 09:30 2 phrases changed" in text
        assert text.count("phrases changed") == 1

    def test_every_category_can_be_jumped_to(self, client):
        add_brief([rendered_story(0)])
        html = page(client, "/")
        for category in FeedCategory:
            assert html.count(f'href="#{category.value}"') == html.count(f'id="{category.value}"') == 1

    def test_lists_without_markers_are_lists_for_screen_readers_too(self, client):
        add_brief([rendered_story(0)])
        html = page(client, "/")
        assert re.findall(r"<[ou]l[^>]*>", html) == ['<ul role="list">', '<ol class="stories" role="list">']

    def test_a_story_of_another_day_says_its_day(self, client):
        add_brief([rendered_story(0, published_at="2025-11-20T22:10:00Z")])
        assert "Harbor Post 20 Nov, 22:10" in words(page(client, "/"))

    def test_says_what_to_do_before_the_first_brief(self, client):
        text = words(page(client, "/"))
        assert "python manage.py run_pipeline" in text
        assert "make demo" in text

    def test_an_empty_brief_says_so(self, client):
        add_brief()
        assert "There are no stories in this brief yet." in words(page(client, "/"))

    @pytest.mark.parametrize("size", [10, 200])
    def test_one_query_whatever_its_size(self, client, size, django_assert_num_queries):
        add_brief(rendered_story(n, has_manipulative_content=True, change_count=1) for n in range(size))
        # 1. the current brief's rendered document
        with django_assert_num_queries(1):
            page(client, "/")

    def test_hostile_text_is_inert(self, client):
        add_brief([rendered_story(0, feed_title=HOSTILE, feed_summary=HOSTILE, source_name=HOSTILE)])
        html = page(client, "/")
        assert_inert(html)
        assert "{{ 7|add:1 }}" in html


class TestDays:
    def test_the_last_brief_of_the_day_is_shown(self, client):
        add_brief([rendered_story(0, feed_title="Morning")], is_current=False, assembled_at=NOW - timedelta(hours=4))
        add_brief([rendered_story(0, feed_title="Afternoon")])
        text = words(page(client, "/briefs/2025-11-21/"))
        assert "Afternoon" in text
        assert "Morning" not in text
        assert text.count("Nothing that day") == 9
        assert "Nothing today" not in text

    def test_the_current_brief_is_its_days_last_even_when_it_waited_its_turn(self, client):
        add_brief([rendered_story(0, feed_title="Corrected")], is_current=False, assembled_at=NOW)
        add_brief([rendered_story(0, feed_title="Waited")], assembled_at=NOW - timedelta(seconds=5))
        assert "Waited" in words(page(client, "/briefs/2025-11-21/"))

    def test_leads_to_the_nearest_days_that_have_a_brief(self, client, django_assert_num_queries):
        for day in (10, 12, 15, 20):
            add_brief([rendered_story(0)], day=date(2025, 11, day), is_current=False)
        # 1. the day's brief; 2. the days before and after
        with django_assert_num_queries(2):
            html = page(client, "/briefs/2025-11-12/")
        assert 'rel="prev" href="/briefs/2025-11-10/"' in html
        assert 'rel="next" href="/briefs/2025-11-15/"' in html
        assert 'rel="prev"' not in page(client, "/briefs/2025-11-10/")
        assert 'rel="next"' not in page(client, "/briefs/2025-11-20/")

    def test_the_current_brief_leads_to_its_day(self, client):
        add_brief([rendered_story(0)])
        assert 'href="/briefs/2025-11-21/"' in page(client, "/")

    @pytest.mark.parametrize("day", ["2025-11-22", "2025-02-30", "0000-01-01", "2025-1-1", "today", "٢٠٢٥-١١-٢١"])
    def test_other_days_are_not_found(self, client, day):
        add_brief([rendered_story(0)])
        assert client.get(f"/briefs/{day}/").status_code == 404


@pytest.mark.usefixtures("bodies")
class TestStory:
    def test_views_say_what_was_done_and_where_one_is(self, client):
        version = add_story()
        base = f"/stories/{version.story_id}/"
        for here in ("", "full/", "changes/", "original/"):
            html = page(client, base + here)
            assert re.findall(r'href="([^"]*)" aria-current="page"', html) == [base + here]
            text = words(html)
            assert "Harbor Post · 21 November 2025, 09:05 UTC" in text
            assert "The mayor’s plan draws criticism" in text
            assert version.disclosure in text
            assert "Made by rules from the article’s own sentences, without a language model." in text
            assert f'<a href="https://harbor.example/{version.story_id}" rel="noopener noreferrer nofollow">' in html

    def test_brief_view_has_the_brief_in_paragraphs(self, client, django_assert_num_queries):
        version = add_story()
        # 1. the current version with its story and source
        with django_assert_num_queries(1):
            html = page(client, f"/stories/{version.story_id}/")
        for paragraph in version.detail_brief.split("\n\n"):
            assert f"<p>{paragraph}</p>" in html

    def test_full_view_marks_what_was_changed(self, client, django_assert_num_queries):
        changes = [
            ("slammed", "criticized", Category.LOADED_VERBS),
            (" shocking", "", Category.HYPERBOLIC_ADJECTIVES),
        ]
        version = add_story(changes=changes)
        # 1. the version; 2. its spans
        with django_assert_num_queries(2):
            html = page(client, f"/stories/{version.story_id}/full/")
        assert marked(html, "ins") == [("criticized", "1"), ("", "2")]
        assert "<del" not in html
        assert "2 changes, each tied to a phrase below." in words(html)
        assert "slammed became→ criticized" in words(html)
        assert "shocking removed" in words(html)

    def test_original_view_marks_every_span_and_lists_it(self, client, django_assert_num_queries):
        changes = [
            ("slammed", "criticized", Category.LOADED_VERBS),
            ("shocking ", "", Category.HYPERBOLIC_ADJECTIVES),
        ]
        version = add_story(changes=changes)
        # 1. the version; 2. the body's place; 3. the spans
        with django_assert_num_queries(3):
            html = page(client, f"/stories/{version.story_id}/original/")
        assert marked(html, "mark") == [("slammed", "1"), ("shocking ", "2")]
        for number in (1, 2):
            assert f'href="#note-{number}"' in html
            assert f'id="note-{number}"' in html
            assert f'href="#change-{number}"' in html
        assert "Loaded verbs" in html
        assert "Hyperbolic adjectives" in html

    def test_the_body_version_that_was_neutralized_is_shown(self, client):
        version = add_story()
        newer = put_body(version.story_id, 2, "Another text.")
        StoryBody.objects.create(
            story=version.story, version=2, uri=newer.key, content_hash=newer.content_hash, length=13, extractor="test"
        )
        text = words(page(client, f"/stories/{version.story_id}/original/"))
        assert "A vote follows on Monday." in text
        assert "Another text." not in text

    @pytest.mark.parametrize("is_row_gone", [True, False])
    def test_a_body_that_is_gone(self, client, is_row_gone):
        version = add_story()
        delete_body(body_key(version.story_id, 1))
        if is_row_gone:
            StoryBody.objects.all().delete()
        html = page(client, f"/stories/{version.story_id}/original/")
        text = words(html)
        assert "The original text is no longer kept here." in text
        assert "slammed became→ criticized" in text
        assert "Loaded verbs" in text
        assert "#change-1" not in html

    def test_a_body_that_is_damaged(self, client, bodies):
        version = add_story()
        (bodies / body_key(version.story_id, 1)).write_bytes(b"not gzip")
        text = words(page(client, f"/stories/{version.story_id}/original/"))
        assert "The stored original is damaged, so it is not shown." in text
        assert "slammed" in text

    def test_a_body_other_than_the_one_hashed_is_damaged(self, client):
        version = add_story()
        put_body(version.story_id, 1, "Somebody else’s text")
        text = words(page(client, f"/stories/{version.story_id}/original/"))
        assert "damaged" in text
        assert "Somebody" not in text

    def test_a_story_without_changes_says_so(self, client):
        version = add_story(changes=(), disclosure="")
        text = words(page(client, f"/stories/{version.story_id}/original/"))
        assert "No manipulative language was found in this article." in text
        assert "No phrase of it was changed." in text
        assert "What was changed" not in text

    def test_changes_view_shows_what_went_and_what_came(self, client, django_assert_num_queries):
        changes = [
            ("slammed", "criticized", Category.LOADED_VERBS),
            (" shocking", "", Category.HYPERBOLIC_ADJECTIVES),
        ]
        version = add_story(changes=changes)
        # 1. the version; 2. its spans
        with django_assert_num_queries(2):
            html = page(client, f"/stories/{version.story_id}/changes/")
        text = words(html)
        assert "Critics removed: slammed added: criticized1 the plan." in text
        assert "It was a removed: shocking2 defeat, the mayor said." in text
        assert "2 changes, each tied to a phrase below." in text
        assert "no reason recorded" not in text
        assert html.count('<del class="change">') == 2
        assert html.count('<ins class="change">') == 1

    @pytest.mark.parametrize("view", ["full/", "changes/"])
    def test_a_change_without_a_phrase_is_shown_and_counted(self, client, view):
        redline = [
            asdict(Difference(8, "slammed", 8, "criticized", (0,))),
            asdict(Difference(34, "a shocking", 37, "a total")),
            asdict(Difference(75, "vote", 75, "")),
        ]
        full = "Critics criticized the plan.\n\nIt was a total defeat, the mayor said.\n\nA  follows on Monday."
        version = add_story(detail_full=full, redline=redline, unattributed_changes=2)
        html = page(client, f"/stories/{version.story_id}/{view}")
        text = words(html)
        assert "3 changes: 2 of them have no recorded reason." in text
        assert "a totalno reason recorded defeat" in text
        assert html.count('<a class="ref" href="#count">no reason recorded</a>') == 2

    def test_the_redline_outlives_the_original(self, client):
        version = add_story()
        delete_body(body_key(version.story_id, 1))
        StoryBody.objects.all().delete()
        assert "removed: slammed added: criticized1" in words(page(client, f"/stories/{version.story_id}/changes/"))

    @pytest.mark.parametrize("view", ["full/", "changes/"])
    def test_changes_that_were_not_recorded_or_are_of_another_text(self, client, view):
        unrecorded = add_story(redline=None, unattributed_changes=None)
        html = page(client, f"/stories/{unrecorded.story_id}/{view}")
        assert "Its changes were not recorded word by word." in words(html)
        assert "Critics criticized the plan." in words(html)
        other = add_story(redline=[asdict(Difference(8, "slammed", 800, "blamed", (0,)))])
        html = page(client, f"/stories/{other.story_id}/{view}")
        assert "Critics criticized the plan." in words(html)
        assert 'class="change"' not in html

    def test_a_text_without_changes_says_so(self, client):
        version = add_story(changes=(), disclosure="")
        for view in ("full/", "changes/"):
            text = words(page(client, f"/stories/{version.story_id}/{view}"))
            assert "No word of it was changed." in text
            assert "Struck out" not in text

    def test_a_synthesis_is_shown_unmarked_and_says_so(self, client):
        values = {
            "detail_full": "A text written anew.",
            "redline": [asdict(Difference(0, BODY, 0, "A text written anew."))],
        }
        version = add_story(mode="synthesis", method="llm", unattributed_changes=1, **values)
        html = page(client, f"/stories/{version.story_id}/full/")
        assert "This article was written anew as a whole. 1 change: 1 of them has no recorded reason." in words(html)
        assert "<ins" not in html
        assert "Made by a language model" in html
        changes = page(client, f"/stories/{version.story_id}/changes/")
        assert "added: A text written anew." in words(changes)
        assert "no reason recorded" not in changes

    @pytest.mark.parametrize("view", ["", "full/", "changes/", "original/"])
    def test_hostile_text_is_inert(self, client, view):
        version = add_story(
            body=f"Critics {HOSTILE} the plan. {HOSTILE}",
            changes=[(HOSTILE, f"<b>{HOSTILE}", Category.CLICKBAIT)],
            detail_title=HOSTILE,
            feed_summary=HOSTILE,
            detail_brief=HOSTILE,
            disclosure=HOSTILE,
        )
        Source.objects.update(name=HOSTILE)
        assert_inert(page(client, f"/stories/{version.story_id}/{view}"))

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "JavaScript://harbor.example/%0aalert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//harbor.example/a",
            "/admin/",
            "http://[broken",
            "https:",
        ],
    )
    def test_only_web_addresses_are_linked(self, client, url):
        version = add_story(url=url)
        html = page(client, f"/stories/{version.story_id}/")
        assert "Read the article at" not in html
        assert "javascript" not in html.lower()

    @pytest.mark.parametrize("view", ["", "full/", "changes/", "original/"])
    def test_only_a_current_success_is_public(self, client, view):
        failed = add_story(
            is_current=False, status=Status.FAILED_AUDIT, failure_reason="grounding", failure_detail="secret"
        )
        replaced = add_story(is_current=False)
        for story_id in (failed.story_id, replaced.story_id, UUID(int=0)):
            response = client.get(f"/stories/{story_id}/{view}")
            assert response.status_code == 404
            assert b"secret" not in response.content
            assert b"Mayor" not in response.content


class TestEveryPage:
    @pytest.fixture(params=["/", "/briefs/2025-11-21/", "/about/", "story", "full", "changes", "original"])
    def address(self, request, bodies):
        version = add_story()
        add_brief([rendered_story(0, id=str(version.story_id))])
        story = f"/stories/{version.story_id}/"
        views = {"story": story} | {name: f"{story}{name}/" for name in ("full", "changes", "original")}
        return views.get(request.param, request.param)

    def test_is_cached_for_a_minute_and_asked_for_again_by_its_etag(self, client, address):
        response = client.get(address)
        assert {part.strip() for part in response["Cache-Control"].split(",")} == {"public", "max-age=60"}
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
        again = client.get(address, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        assert again.content == b""

    def test_can_be_read_only(self, client, address):
        head = client.head(address)
        assert head.status_code == 200
        assert head.content == b""
        assert "max-age=60" in head["Cache-Control"]
        assert client.post(address).status_code == 405

    def test_keeps_to_the_content_security_policy(self, client, address):
        response = client.get(address)
        html = response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert re.search(r"<script|<style|\sstyle=|\son\w+=", html) is None

    def test_has_landmarks_one_title_and_headings_in_order(self, client, address):
        html = page(client, address)
        assert html.count("<main ") == html.count("<h1>") == 1
        assert 'href="#content"' in html
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_every_address_within_leads_somewhere(self, client, address):
        html = page(client, address)
        ids = re.findall(r'\sid="([^"]*)"', html)
        assert len(ids) == len(set(ids))
        for target in set(re.findall(r'href="([^"]*)"', html)):
            path, _, fragment = target.partition("#")
            if not path:
                assert fragment in ids
            elif path.startswith("/") and not path.startswith("/static/"):
                assert f'id="{fragment}"' in page(client, path) or not fragment


def test_about_names_every_category(client):
    html = page(client, "/about/")
    for category in Category:
        assert f'id="{category}"' in html


def test_not_found_is_a_page(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert b"Nothing stands here" in response.content


def test_a_failure_shows_a_plain_page(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("briefs.selectors.current_brief", lambda: {"secret": 1})
    response = client.get("/")
    assert response.status_code == 500
    assert b"Something failed on our side" in response.content
    assert b"secret" not in response.content
