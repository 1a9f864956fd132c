"""Cycles of the enrichment worker over lists, read as told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from narratives.facts import services
from narratives.facts.by_rules import of_a_person
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.models import EnrichmentMark
from narratives.facts.services import EnrichResult, enrich_once
from narratives.facts.sources import Source
from tests.support.facts import ListMessages, ScriptedExtractor

NOW = datetime(2025, 10, 19, 12, tzinfo=UTC)
CREATED = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
FACTS = DjangoFacts("default")


def cycle(store: ListMessages, extractor: ScriptedExtractor, *, now: datetime = NOW, **options: Any) -> EnrichResult:
    """One cycle whose messages are read by `extractor`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(services, "RuleExtractor", lambda find: extractor)
        services.RuleExtractor.name = "as told"
        return enrich_once(trace_id="t" * 32, sources=[Source(store, FACTS, of_a_person)], now=now, **options)


def shown(extractor: ScriptedExtractor) -> list[str]:
    return [each for chunk in extractor.shown for each in chunk]


def mark_of(user: str = "user_123", bot: str = "elena") -> EnrichmentMark:
    return EnrichmentMark.objects.get(bot=bot, user_id=user)
