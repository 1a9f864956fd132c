"""Foci filled on the way, by rules: never the model's work, and none waits behind those that give no focus."""

from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from narratives.models import Narrative
from narratives.rules_in_force import load_identity
from narratives.services import foci
from narratives.services.foci import fill_missing_foci
from ntrl.llm.chains import default_chains
from ntrl.llm.types import ProviderName
from tests.narratives.make import days
from tests.support.llm import configs_of
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db


def a_narrative(number: int, summary: str) -> Narrative:
    """One without a focus; of a later day the higher its number."""
    at = days(number)
    return Narrative.objects.create(
        id=UUID(int=number + 1),
        nucleus_entity="SEC",
        summary=summary,
        first_detected_at=at,
        last_article_at=at,
    )


def test_those_whose_summary_gives_no_focus_stand_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foci, "FILLED_AT_ONCE", 2)
    fillable = [a_narrative(number, "Regulators approved the exchange licence.") for number in range(3)]
    for number in range(3, 9):
        a_narrative(number, "It was. He is.")
    assert [fill_missing_foci(load_identity()) for _ in range(3)] == [2, 1, 0]
    for narrative in fillable:
        narrative.refresh_from_db()
        assert narrative.narrative_focus


def test_where_a_model_is_set_up_they_are_left_for_it(settings: Settings) -> None:
    a_narrative(0, "Regulators approved the exchange licence.")
    with LLMServer() as server:
        settings.LLM_PROVIDERS = configs_of(server, ProviderName.ANTHROPIC)
        settings.LLM_CHAINS = default_chains(settings.LLM_PROVIDERS)
        assert fill_missing_foci(load_identity()) == 0
    assert Narrative.objects.get().narrative_focus == ""
