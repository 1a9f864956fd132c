"""Taking over narratives of another system: odd documents, again and again, and never over an editor."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narratives.imported import BadDocument, read_document
from narratives.models import EventKind, Narrative
from narratives.rules_in_force import load_identity
from narratives.services import editing
from narratives.services.foci import fill_missing_foci
from narratives.services.importing import import_documents
from tests.narratives.make import assign, days, fingerprinted, narrative_of

SEEN = datetime(2025, 12, 5, tzinfo=UTC)
DOCUMENT = {
    "_id": "65a0",
    "title": "SHOCKING Kraken charter",
    "summary": "Kraken applied for a bank charter in Wyoming. The application names three directors.",
    "narrative_focus": "Bank Charter Bid.",
    "entities": ["Kraken", "Wyoming"],
    "article_count": 12,
    "lifecycle_state": "hot",
    "timeline_data": [{"date": "2025-12-06", "article_count": 9}, {"date": "2025-12-05", "article_count": 3}],
    "first_detected_at": SEEN,
    "last_updated": datetime(2025, 12, 6, tzinfo=UTC),
}


def a_document(**fields: Any) -> dict[str, Any]:
    return {**DOCUMENT, **fields}


def test_a_document_is_read() -> None:
    read = read_document(DOCUMENT)
    assert (read.nucleus_entity, read.narrative_focus, read.top_actors) == ("Kraken", "bank charter bid", ("Wyoming",))
    assert (read.first_at, read.snapshot["article_count"], read.snapshot["state"]) == (SEEN, 12, "hot")
    assert [day["date"] for day in read.snapshot["timeline_data"]] == ["2025-12-05", "2025-12-06"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"_id": None}, "no _id"),
        ({"entities": []}, "no entity"),
        ({"entities": None, "nucleus_entity": "  "}, "no entity"),
        ({"entities": ["x" * 101], "nucleus_entity": "…"}, "no entity"),
        ({"first_detected_at": "2025-12-05", "last_updated": None}, "no date"),
    ],
)
def test_what_is_no_narrative_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadDocument, match=reason):
        read_document(a_document(**fields))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (None, []),
        (["x", None, {"date": "soon", "article_count": 2}, {"date": "2025-12-05"}], []),
        ([{"date": "2025-12-05", "article_count": 0}, {"date": "2025-12-06", "article_count": -1}], []),
        ([{"date": SEEN, "article_count": 2.0}], [{"date": "2025-12-05", "article_count": 2}]),
        ([{"date": "2025-12-05T10:00:00Z", "article_count": True}], []),
    ],
)
def test_a_timeline_has_whole_days_only(rows: Any, kept: list[dict[str, Any]]) -> None:
    assert read_document(a_document(timeline_data=rows)).snapshot["timeline_data"] == kept


odd = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text(max_size=5)), st.just({"date": []}))


@given(st.dictionaries(st.sampled_from(sorted(DOCUMENT) + ["fingerprint", "first_seen", "theme"]), odd))
def test_no_document_breaks_the_reading(fields: dict[str, Any]) -> None:
    with suppress(BadDocument):
        assert read_document(fields | {"last_updated": SEEN}).nucleus_entity


@pytest.mark.django_db
def test_an_import_is_repeated_without_change() -> None:
    documents = [a_document(), a_document(_id="65a1", narrative_focus=" "), a_document(_id="65a2", entities=[])]
    result = import_documents(documents)
    assert (result.counts, result.refused) == (
        {"created": 2},
        {"65a2": "it names no entity (nucleus_entity, entities)"},
    )
    narrative = Narrative.objects.get(imported_id="65a0")
    assert narrative.shown_title == "Kraken: bank charter bid", "another system's title is not neutral"
    assert (narrative.article_count, narrative.timeline_data, narrative.state) == (0, [], "dormant")
    assert narrative.keys.exclude(word__contains=" ").count() == 3
    before = list(Narrative.objects.order_by("pk").values())
    assert import_documents(documents).counts == {"unchanged": 2}
    assert list(Narrative.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_dry_run_counts_and_writes_nothing() -> None:
    assert import_documents([a_document()], dry_run=True).counts == {"created": 1}
    assert not Narrative.objects.exists()


@pytest.mark.django_db
def test_a_focus_filled_there_comes_here_and_one_filled_here_stays() -> None:
    import_documents([a_document(narrative_focus=None), a_document(_id="65a1", narrative_focus="unknown")])
    assert import_documents([a_document()]).counts == {"updated": 1}
    first = Narrative.objects.get(imported_id="65a0")
    assert first.narrative_focus == "bank charter bid"
    assert first.events.filter(kind=EventKind.FOCUS_BACKFILLED).count() == 1
    assert fill_missing_foci(load_identity()) == 1
    filled = Narrative.objects.get(imported_id="65a1").narrative_focus
    assert import_documents([a_document(_id="65a1", narrative_focus="charter withdrawal")]).counts == {"unchanged": 1}
    assert Narrative.objects.get(imported_id="65a1").narrative_focus == filled != ""


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["rename", "lock", "merge"])
def test_what_an_editor_changed_stays(change: str) -> None:
    import_documents([a_document(narrative_focus="")])
    narrative = Narrative.objects.get()
    if change == "rename":
        editing.rename(narrative=narrative, title="The charter", by=None)
    elif change == "lock":
        editing.set_lock(narrative=narrative, is_locked=True, by=None)
    else:
        story = fingerprinted("Kraken", "staking lawsuit", at=days(0))
        assign(days(0))
        editing.merge(survivor=narrative_of(story), losers=[narrative], by=None)
    import_documents([a_document(summary="Other words of Kraken.", article_count=15)])
    narrative.refresh_from_db()
    assert (narrative.narrative_focus, narrative.summary) == ("", DOCUMENT["summary"])
    assert narrative.snapshot["article_count"] == 15


@pytest.mark.django_db
def test_an_article_of_ours_joins_an_imported_narrative_and_the_counts_stay_apart() -> None:
    import_documents([a_document()])
    story = fingerprinted("Kraken", "bank charter application", at=days(0))
    assign(days(0))
    narrative = narrative_of(story)
    assert (narrative.imported_id, narrative.article_count, len(narrative.timeline_data)) == ("65a0", 1, 1)
    assert narrative.snapshot["article_count"] == 12
