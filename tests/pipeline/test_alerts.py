"""Each alert at, under and over its threshold; a rate over nothing raises none."""

from dataclasses import replace
from typing import Any

import pytest

from ntrl.llm.models import AlertCode
from ntrl.pipeline.alerts import ALERTS, CHECKED_IN, RunFigures, check_alerts, is_over, rate

HEALTHY = RunFigures(
    ingested=40,
    body_downloaded=40,
    body_failed=0,
    classified=40,
    classify_fallback=0,
    neutralize_success=40,
    neutralize_failed=0,
    brief_stories=40,
    failed=False,
)


def test_a_healthy_run_raises_none() -> None:
    assert check_alerts(HEALTHY) == []


@pytest.mark.parametrize(
    ("code", "changes", "raised"),
    [
        ("body_download_rate_low", {"body_downloaded": 70, "body_failed": 30}, False),
        ("body_download_rate_low", {"body_downloaded": 699, "body_failed": 301}, True),
        ("body_download_rate_low", {"body_downloaded": 71, "body_failed": 29}, False),
        ("body_download_rate_low", {"body_downloaded": 0, "body_failed": 1}, True),
        ("body_download_rate_low", {"body_downloaded": 0, "body_failed": 0}, False),
        ("neutralization_rate_low", {"neutralize_success": 9, "neutralize_failed": 1}, False),
        ("neutralization_rate_low", {"neutralize_success": 899, "neutralize_failed": 101}, True),
        ("neutralization_rate_low", {"neutralize_success": 901, "neutralize_failed": 99}, False),
        ("neutralization_rate_low", {"neutralize_success": 0, "neutralize_failed": 0}, False),
        ("brief_story_count_low", {"brief_stories": 10}, False),
        ("brief_story_count_low", {"brief_stories": 9}, True),
        ("brief_story_count_low", {"brief_stories": 11}, False),
        ("brief_story_count_low", {"brief_stories": 0}, True),
        ("classify_fallback_rate_high", {"classified": 100, "classify_fallback": 1}, False),
        ("classify_fallback_rate_high", {"classified": 99, "classify_fallback": 1}, True),
        ("classify_fallback_rate_high", {"classified": 101, "classify_fallback": 1}, False),
        ("classify_fallback_rate_high", {"classified": 0, "classify_fallback": 0}, False),
        ("ingestion_zero", {"ingested": 0}, True),
        ("ingestion_zero", {"ingested": 1}, False),
        ("pipeline_failed", {"failed": True}, True),
        ("provider_down", {"model_alerts": frozenset({"provider_down"})}, True),
        ("narratives_fragmented", {"narratives_fragmented": True}, True),
        ("llm_budget_exhausted", {"model_alerts": frozenset({"llm_budget_exhausted"})}, True),
    ],
)
def test_each_threshold(code: str, changes: dict[str, Any], raised: bool) -> None:
    assert check_alerts(replace(HEALTHY, **changes)) == ([code] if raised else [])


def test_all_that_hold_are_raised_in_a_fixed_order() -> None:
    models = frozenset(AlertCode.values)
    bad = {"failed": True, "narratives_failed": True, "narratives_fragmented": True, "unhealthy_sources": 1}
    worst = RunFigures(0, 0, 1, 1, 1, 0, 1, 0, model_alerts=models, **bad)

    assert check_alerts(worst) == list(ALERTS)


def test_every_alert_of_the_gateway_has_words() -> None:
    assert set(AlertCode.values) <= set(ALERTS)


@pytest.mark.parametrize(("part", "rest", "expected"), [(0, 0, None), (1, 0, 1.0), (0, 1, 0.0), (1, 3, 0.25)])
def test_a_rate(part: int, rest: int, expected: float | None) -> None:
    assert rate(part, rest) == expected


def test_every_alert_says_where_it_is_checked() -> None:
    assert set(CHECKED_IN) == set(ALERTS)


@pytest.mark.parametrize(
    ("code", "raised", "stages", "expected"),
    [
        ("ingestion_zero", (), ("feeds", "articles"), True),
        ("ingestion_zero", (), ("feeds",), False),
        ("ingestion_zero", ("ingestion_zero",), ("feeds", "articles"), False),
        ("provider_down", (), ("classify", "neutralize"), False),
        ("provider_down", (), ("classify", "neutralize", "fingerprint"), True),
        ("pipeline_failed", (), (), True),
        ("of_another_release", (), (), True),
    ],
)
def test_an_alert_is_over(code: str, raised: tuple[str, ...], stages: tuple[str, ...], expected: bool) -> None:
    assert is_over(code, raised, stages) is expected
