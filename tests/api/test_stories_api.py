"""`/v1/stories`: lists by cursor and filter, a story, exactly what was changed of it, and a look under the lens."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from classification.taxonomy import FeedCategory
from ingestion.models import Source, StoryBody, StoryRaw
from neutralization import originals
from neutralization.models import Status, StoryNeutralized
from neutralization.services import neutralize_pending
from neutralization.taxonomy import Action, Category, Reason
from neutralization.types import Span
from neutralization.wire import span_rows
from ntrl.bodies import BodyCorrupt, BodyMissing, BodyUnavailable, delete_body
from ntrl.stages.models import StageRun
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_source, a_story, a_story_without_body, a_version, file_under, publishable

pytestmark = pytest.mark.django_db

LISTED = {
    "id": str,
    "feed_title": str,
    "feed_summary": str,
    "detail_title": str,
    "disclosure": type(None),
    "has_manipulative_content": bool,
    "source_name": str,
    "source_slug": str,
    "source_url": str,
    "published_at": str,
    "section": str,
    "status": str,
    "failure_reason": type(None),
}
HYPED = (
    "The “city” council’s shocking plan stunned residents on Tuesday, and the mayor slammed it. 🌉 The bridge over the "
    "river will be repaired in May, the council said. Work is expected to end in the autumn, and traffic will be led "
    "over the old bridge until then.\n\nThe devastating delay had cost the city two million dollars, an audit found in "
    "March. The council voted nine to two for the repair. Two members said that a new bridge would be cheaper."
)


def neutralized() -> StoryNeutralized:
    """A story as the lexicon neutralizes it."""
    story = a_story(a_source(), body=HYPED, body_length=len(HYPED))
    file_under(story, FeedCategory.LOCAL)
    neutralize_pending(trace_id="t", options=RunOptions(workers=1))
    version: StoryNeutralized = story.neutralizations.get()
    assert version.status == Status.SUCCESS, version.failure_detail
    assert version.spans.count() >= 2
    return version


def types(document: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in document.items()}


def test_shape_of_a_list(client: Client) -> None:
    publishable(a_source())
    body = client.get("/v1/stories").json()
    assert types(body) == {"next": type(None), "previous": type(None), "results": list}
    assert types(body["results"][0]) == LISTED
    assert body["results"][0]["published_at"] == "2026-03-01T12:00:00Z"
    assert body["results"][0]["section"] == "world"


def test_only_what_readers_are_shown_is_listed(client: Client) -> None:
    source = a_source()
    a_version(a_story(source), status=Status.FAILED_AUDIT)
    a_story(source)
    assert client.get("/v1/stories").json()["results"] == []


def test_what_turns_out_to_be_a_duplicate_leaves_the_list_and_not_its_address(client: Client) -> None:
    original, twin = publishable(a_source()), publishable()
    StoryRaw.objects.filter(pk=twin.pk).update(is_duplicate=True, duplicate_of=original)
    assert [story["id"] for story in client.get("/v1/stories").json()["results"]] == [str(original.id)]
    assert client.get(f"/v1/stories/{twin.id}").status_code == 200


def test_with_a_key_the_last_versions_by_status(keyed: Client) -> None:
    failed = a_story(a_source())
    a_version(failed)
    a_version(failed, status=Status.FAILED_AUDIT)
    publishable()
    [listed] = keyed.get("/v1/stories?status=failed_audit").json()["results"]
    assert (listed["id"], listed["status"], listed["failure_reason"]) == (
        str(failed.id),
        "failed_audit",
        "grounding.numbers",
    )


def test_pages_follow_each_other_without_gap_or_double(client: Client) -> None:
    source = a_source()
    # Many at the same time: the hard case of cursors.
    ids = [str(publishable(source, published_at=NOON - timedelta(hours=n // 4)).id) for n in range(11)]
    seen, address = [], "/v1/stories?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [story["id"] for story in page["results"]]
        address = page["next"]
    assert sorted(seen) == sorted(ids)
    times = [client.get(f"/v1/stories/{story_id}").json()["published_at"] for story_id in seen]
    assert times == sorted(times, reverse=True)
    second = client.get(client.get("/v1/stories?page_size=3").json()["next"]).json()
    assert [story["id"] for story in client.get(second["previous"]).json()["results"]] == seen[:3]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"a", "b", "c"}),
        ("source=herald", {"a", "b"}),
        ("source=none", set()),
        ("feed_category=sports", {"b"}),
        ("published_after=2026-03-01T11:00:00Z", {"a", "c"}),
        ("published_before=2026-03-01T11:00:00%2B00:00", {"b"}),
        ("published_after=2026-03-01T12:00:00Z&published_before=2026-03-01T12:00:00Z", set()),
        ("manipulative=true", {"c"}),
        ("manipulative=false", {"a", "b"}),
        ("source=herald&feed_category=world", {"a"}),
    ],
)
def test_filters(client: Client, query: str, expected: set[str]) -> None:
    herald, clarion = a_source("herald"), a_source("clarion")
    a, b = publishable(herald), publishable(herald, FeedCategory.SPORTS, published_at=NOON - timedelta(hours=2))
    c = a_story(clarion)
    file_under(c)
    a_version(c, has_manipulative_content=True)
    names = {str(a.id): "a", str(b.id): "b", str(c.id): "c"}
    assert {names[story["id"]] for story in client.get(f"/v1/stories?{query}").json()["results"]} == expected


def test_a_list_costs_one_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    source = a_source()
    for _ in range(30):
        publishable(source)
    with django_assert_num_queries(1):
        assert len(client.get("/v1/stories").json()["results"]) == 25


def test_a_story(client: Client, bodies: Path, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    version = neutralized()
    with django_assert_num_queries(2):  # its key, its version
        response = client.get(f"/v1/stories/{version.story_id}")
    body = response.json()
    assert set(body) >= {
        "id",
        "feed_title",
        "feed_summary",
        "detail_title",
        "detail_brief",
        "detail_full",
        "disclosure",
        "has_manipulative_content",
        "source_name",
        "source_url",
        "published_at",
        "section",
    }
    assert (body["id"], body["section"]) == (str(version.story_id), "local")
    assert body["has_manipulative_content"] is True
    assert body["disclosure"].startswith("NTRL ")
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("end", ["", "/transparency"])
def test_what_the_client_has_is_not_read(
    client: Client, bodies: Path, end: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = neutralized()
    address = f"/v1/stories/{version.story_id}{end}"
    etag = client.get(address)["ETag"]
    with django_assert_num_queries(1):  # the key
        again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    version.story.classification.delete()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_transparency(client: Client, bodies: Path, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    version = neutralized()
    with django_assert_num_queries(4):  # its key, its version, spans, its body's place
        body = client.get(f"/v1/stories/{version.story_id}/transparency").json()
    assert types(body) == {
        "id": str,
        "original_title": str,
        "original_description": str,
        "original_body": str,
        "original_body_available": bool,
        "original_body_expired": bool,
        "feed_title": str,
        "feed_summary": str,
        "detail_full": str,
        "spans": list,
        "disclosure": str,
        "has_manipulative_content": bool,
        "source_url": str,
        "model_name": type(None),
        "method": str,
        "prompt_version": type(None),
        "processed_at": str,
        "redline": list,
    }
    assert (body["original_body"], body["original_body_available"], body["original_body_expired"]) == (
        HYPED,
        True,
        False,
    )
    for span in body["spans"]:
        assert span["field"] == "body"
        assert HYPED[span["start_char"] : span["end_char"]] == span["original_text"]
        in_utf16 = HYPED.encode("utf-16-le")[2 * span["start_utf16"] : 2 * span["end_utf16"]]
        assert in_utf16.decode("utf-16-le") == span["original_text"]
        assert span["action"] in {"removed", "replaced", "softened"}
        assert span["reason"] in list(Reason)
        assert span["category"] in list(Category)
        assert (span["replacement_text"] is None) == (span["action"] == "removed")
    text, end = "", 0
    for change in body["redline"]:
        assert HYPED[change["start_char"] : change["end_char"]] == change["original_text"]
        text += HYPED[end : change["start_char"]] + change["neutral_text"]
        end = change["end_char"]
    assert text + HYPED[end:] == body["detail_full"]


@pytest.mark.parametrize("end", ["", "/transparency", "/debug", "/debug/spans"])
def test_an_id_in_capitals(keyed: Client, bodies: Path, end: str) -> None:
    version = neutralized()
    plain = keyed.get(f"/v1/stories/{version.story_id}{end}")
    capitals = keyed.get(f"/v1/stories/{str(version.story_id).upper()}{end}")
    assert (capitals.status_code, capitals.content) == (200, plain.content)
    assert capitals.get("ETag") == plain.get("ETag")


def test_a_slug_that_changes_changes_the_key(client: Client, bodies: Path) -> None:
    version = neutralized()
    address = f"/v1/stories/{version.story_id}"
    etag = client.get(address)["ETag"]
    Source.objects.update(slug="new-herald")
    assert client.get(address, headers={"If-None-Match": etag}).json()["source_slug"] == "new-herald"


def unreachable(key: str, expected_hash: str = "") -> str:
    raise BodyUnavailable(key, "no route to host")


def corrupt(key: str, expected_hash: str = "") -> str:
    raise BodyCorrupt(key, "another hash")


def missing(key: str, expected_hash: str = "") -> str:
    raise BodyMissing(key, "not in storage")


@pytest.mark.parametrize(("fault", "is_expired"), [(unreachable, False), (corrupt, False), (missing, True)])
def test_what_storage_does_not_give_is_not_kept_for_the_whole(
    client: Client, bodies: Path, monkeypatch: pytest.MonkeyPatch, fault: Any, is_expired: bool
) -> None:
    address = f"/v1/stories/{neutralized().story_id}/transparency"
    with monkeypatch.context() as out:
        out.setattr(originals, "get_body", fault)
        answer = client.get(address)
    body = answer.json()
    assert (body["original_body"], body["original_body_available"]) == (None, False)
    assert body["original_body_expired"] is is_expired
    assert (answer.get("ETag"), answer.get("Last-Modified")) == (None, None)
    assert answer["Cache-Control"] == "no-store"
    whole = client.get(address)
    assert (whole.json()["original_body"], whole["Cache-Control"]) == (HYPED, "public, max-age=60")
    # Whoever has the whole need not read it again while the storage is away.
    with monkeypatch.context() as out:
        out.setattr(originals, "get_body", fault)
        assert client.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_body_that_is_gone(client: Client, bodies: Path, is_noted: bool) -> None:
    version = neutralized()
    address = f"/v1/stories/{version.story_id}/transparency"
    etag = client.get(address)["ETag"]
    delete_body(version.story.raw_content_uri)
    if is_noted:
        StoryBody.objects.update(expired_at=timezone.now())
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200
    body = client.get(address).json()
    assert body["original_body"] is None
    assert (body["original_body_available"], body["original_body_expired"]) == (False, True)
    assert {span["start_utf16"] for span in body["spans"]} == {None}
    assert body["spans"][0]["original_text"]
    assert body["detail_full"]


def test_under_the_lens(reader: Client, bodies: Path) -> None:
    version = neutralized()
    body = reader.get(f"/v1/stories/{version.story_id}/debug").json()
    assert types(body) == {
        "story_id": str,
        "original_body": str,
        "original_body_length": int,
        "original_body_available": bool,
        "detail_full": str,
        "detail_full_length": int,
        "detail_brief": str,
        "detail_brief_length": int,
        "lengths": dict,
        "span_count": int,
        "spans_sample": list,
        "status": str,
        "method": str,
        "model_used": str,
        "has_manipulative_content": bool,
        "detail_full_readable": bool,
        "issues": list,
        "audit_verdicts": list,
    }
    assert (len(body["original_body"]), body["original_body_length"]) == (min(500, len(HYPED)), len(HYPED))
    assert body["lengths"]["detail_full"] == len(version.detail_full)
    assert body["span_count"] == version.spans.count()
    assert len(body["spans_sample"]) <= 3
    assert body["issues"] == []
    assert all(verdict["passed"] for verdict in body["audit_verdicts"])
    assert body["audit_verdicts"]


def test_issues_are_named(reader: Client) -> None:
    source = a_source()
    story = a_story_without_body(source)
    body = reader.get(f"/v1/stories/{story.id}/debug").json()
    assert body["issues"] == ["it has not been neutralized", "its text could not be had: http_404"]
    assert (body["detail_full"], body["status"], body["detail_full_readable"]) == (None, None, False)
    failed = a_version(a_story(source), status=Status.FAILED_AUDIT)
    issues = reader.get(f"/v1/stories/{failed.story_id}/debug").json()["issues"]
    assert issues[:2] == ["failed_audit: grounding.numbers", "no version of it is shown"]


def test_fresh_detection_saves_nothing(keyed: Client, bodies: Path) -> None:
    story = a_story(a_source(), body=HYPED)
    body = keyed.get(f"/v1/stories/{story.id}/debug/spans").json()
    assert types(body) == {
        "story_id": str,
        "original_body_preview": str,
        "original_body_length": int,
        "llm_raw_response": type(None),
        "llm_phrases_count": int,
        "llm_phrases": list,
        "pipeline_trace": dict,
        "final_span_count": int,
        "final_spans": list,
        "model_used": str,
    }
    trace = body["pipeline_trace"]
    assert set(trace) == {
        "after_position_matching",
        "after_quote_filter",
        "after_false_positive_filter",
        "phrases_filtered_by_quotes",
        "phrases_filtered_as_false_positives",
        "phrases_not_found_in_text",
    }
    assert trace["after_position_matching"] >= trace["after_quote_filter"] >= body["final_span_count"] >= 2
    assert not StoryNeutralized.objects.exists()
    assert not StageRun.objects.exists()


def test_what_has_no_detection(keyed: Client) -> None:
    story = a_story_without_body(a_source())
    response = keyed.get(f"/v1/stories/{story.id}/debug/spans")
    assert response.status_code == 409
    assert "no_body" in response.json()["detail"]


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 39), st.integers(1, 5)), max_size=5))
def test_utf16_offsets_name_the_same_text(body: str, places: list[tuple[int, int]]) -> None:
    spans = [
        Span(start, end, body[start:end], Category.CLICKBAIT, Action.REMOVED, "", "r")
        for start, length in places
        if (end := min(start + length, len(body))) > start
    ]
    encoded = body.encode("utf-16-le", "surrogatepass")
    for span, row in zip(spans, span_rows(spans, body), strict=True):
        cut = encoded[2 * row["start_utf16"] : 2 * row["end_utf16"]]
        assert cut.decode("utf-16-le", "surrogatepass") == span.original_text
