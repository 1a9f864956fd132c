"""No word that the lexicon flags reaches readers: foci of summaries, and what an import brings."""

from datetime import UTC, datetime
from typing import Any

import pytest

from narratives.backfill.sources import ByRules
from narratives.loaded import LoadedWords
from narratives.models import Narrative
from narratives.rules_in_force import load_identity
from narratives.services.foci import fill_missing_foci
from narratives.services.importing import import_documents
from narratives.stores.base import Unfocused
from ntrl.stages.errors import Quarantined

pytestmark = pytest.mark.django_db

SUMMARIES = [
    (
        "Portland",
        "An outrageous teachers protest closed a bridge in Portland. The protest lasted a day.",
    ),
    (
        "Senate",
        "A bombshell report on budget rules reached the Senate. The Senate votes on Friday.",
    ),
]


def a_document(**fields: Any) -> dict[str, Any]:
    values = {"_id": "1", "entities": ["Portland"], "narrative_focus": "street protest", "summary": SUMMARIES[0][1]}
    return {**values, "first_detected_at": datetime(2025, 12, 5, tzinfo=UTC), **fields}


@pytest.mark.parametrize(("nucleus", "summary"), SUMMARIES)
def test_a_focus_of_a_summary_has_its_calm_words(nucleus: str, summary: str) -> None:
    rules = load_identity()
    loaded = LoadedWords.in_force(rules.identity.focus)
    import_documents([a_document(entities=[nucleus], narrative_focus="", summary=summary)])
    fill_missing_foci(rules)
    focus = Narrative.objects.get().narrative_focus
    assert focus
    loaded.check_focus(focus)
    assert not {"outrageous", "bombshell"} & set(focus.split())
    answer = ByRules(rules.identity, loaded).focus_of(Unfocused("1", "", summary, nucleus))
    assert answer.focus == focus


def test_a_summary_of_loaded_words_alone_gives_none() -> None:
    rules = load_identity()
    source = ByRules(rules.identity, LoadedWords.in_force(rules.identity.focus))
    with pytest.raises(Quarantined):
        source.focus_of(Unfocused("1", "", "Portland slams brutal, outrageous bombshell.", "Portland"))


def test_a_loaded_focus_of_an_import_counts_as_missing() -> None:
    import_documents([a_document(narrative_focus="brutal police crackdown")])
    assert Narrative.objects.get().narrative_focus == ""


def test_a_loaded_name_of_an_import_falls_to_the_next_or_is_refused() -> None:
    result = import_documents(
        [
            a_document(entities=["Radical left mob", "Portland", "Oregon"]),
            a_document(_id="2", entities=["Radical left mob"]),
        ]
    )
    narrative = Narrative.objects.get()
    assert (narrative.nucleus_entity, narrative.top_actors) == ("Portland", ["Oregon"])
    assert result.refused == {"2": "the lexicon flags every name in it"}
