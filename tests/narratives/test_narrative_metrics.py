"""The figures by which narratives are judged: rates over what was read, founded and merged in seven days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from narratives.models import EntityAlias, FingerprintStatus, StoryFingerprint
from narratives.services.consolidation import consolidate_narratives
from narratives.services.importing import import_documents
from narratives.services.metrics import narrative_metrics
from tests.narratives.make import assign, fingerprinted
from tests.support.factories import a_story

pytestmark = pytest.mark.django_db


def test_rates_over_nothing_are_none() -> None:
    metrics = narrative_metrics()
    rates = (metrics.per_nucleus, metrics.reactivation_rate, metrics.focus_failure_rate)
    assert (rates, metrics.without_fingerprint_rate) == ((None, None, None), None)
    assert not metrics.is_alarming


def test_rates() -> None:
    now = timezone.now()
    fingerprinted("Kraken", "bank charter bid", at=now - timedelta(days=20))
    fingerprinted("Payward", "data breach claims", at=now)
    fingerprinted("Payward", "bank charter bid", at=now)
    fingerprinted("Kraken", "bank charter bid", at=now)
    a_story(ingested_at=now, raw_content_available=True)
    failed = a_story(ingested_at=now, raw_content_available=True)
    StoryFingerprint.objects.create(
        story=failed,
        status=FingerprintStatus.FAILED,
        failure_reason="focus_length",
        timestamp=now,
        method="llm",
        input_hash="read",
    )
    waiting = a_story(ingested_at=now, raw_content_available=True)
    StoryFingerprint.objects.create(
        story=waiting, status=FingerprintStatus.FAILED, failure_reason="timeout", timestamp=now, method="llm"
    )
    assign(now)
    EntityAlias.objects.create(alias="Payward", entity="Kraken", key="payward")
    consolidate_narratives()

    metrics = narrative_metrics()
    assert metrics.focus_failure_rate == 1 / 5
    assert metrics.reactivation_rate == 1 / 4
    assert metrics.merges == 1
    assert metrics.without_fingerprint_rate is not None
    assert 0 < metrics.without_fingerprint_rate < 1
    assert sum(metrics.narratives.values()) == 2


def test_an_entity_counts_under_all_its_names() -> None:
    now = timezone.now()
    for number, name in enumerate(("Fed", "the Fed", "Federal Reserve", "FEDERAL RESERVE", "Fed")):
        fingerprinted(name, f"matter{number} subject{number}", at=now)
    assign(now)
    metrics = narrative_metrics()
    assert (metrics.per_nucleus, metrics.most_per_nucleus, metrics.is_alarming) == (5.0, [("Fed", 5)], True)
    fingerprinted("Kraken", "bank charter bid", at=now)
    assign(now)
    metrics = narrative_metrics()
    assert (metrics.per_nucleus, metrics.is_alarming) == (3.0, False), "one with many stories is no alarm"


def test_imports_and_other_languages_are_in_no_rate() -> None:
    now = timezone.now()
    import_documents(
        [{"_id": "65a0", "nucleus_entity": "Kraken", "narrative_focus": "bank charter bid", "last_updated": now}]
    )
    a_story(ingested_at=now, raw_content_available=True, language="de")
    metrics = narrative_metrics()
    assert (metrics.reactivation_rate, metrics.without_fingerprint_rate) == (None, None)
