"""The alerts of a run: the six of the pipeline specification with its thresholds, on models, on narratives. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

MIN_BODY_DOWNLOAD_RATE = 0.70
MIN_NEUTRALIZATION_RATE = 0.90
MIN_BRIEF_STORIES = 10
MAX_CLASSIFY_FALLBACK_RATE = 0.01
# A source that fails so often in a row has more than a bad hour.
UNHEALTHY_AFTER_FAILURES = 3

# Every alert code, and what it says to an operator.
ALERTS = {
    "body_download_rate_low": "fewer than 70 % of the article bodies could be had",
    "neutralization_rate_low": "fewer than 90 % of the neutralized stories succeeded",
    "brief_story_count_low": "the brief holds fewer than 10 stories",
    "classify_fallback_rate_high": "more than 1 % of the stories fell back to keywords after models failed",
    "ingestion_zero": "no article was ingested",
    "pipeline_failed": "the run failed",
    "provider_down": "a provider of language models, or one of its models, dropped out of the run",
    "llm_budget_exhausted": "the budget for language models is spent",
    "source_unhealthy": "the feed of an active source has failed three times in a row or more",
    "narratives_failed": "narratives could not be detected, or not all",
    "narratives_fragmented": "an entity has five awake narratives or more in the mean",
}

_ASKING_MODELS = frozenset({"classify", "neutralize", "fingerprint"})
# The stages that a run must have got through before it may say that an alert is over.
CHECKED_IN = {
    "body_download_rate_low": frozenset({"articles"}),
    "neutralization_rate_low": frozenset({"neutralize"}),
    "brief_story_count_low": frozenset({"brief_assemble"}),
    "classify_fallback_rate_high": frozenset({"classify"}),
    "ingestion_zero": frozenset({"articles"}),
    "pipeline_failed": frozenset[str](),
    "provider_down": _ASKING_MODELS,
    "llm_budget_exhausted": _ASKING_MODELS,
    "source_unhealthy": frozenset({"feeds"}),
    "narratives_failed": frozenset({"fingerprint"}),
    "narratives_fragmented": frozenset({"fingerprint"}),
}


@dataclass(frozen=True, slots=True)
class RunFigures:
    """The figures of one run that alerts look at. `model_alerts` are the codes that the models' gateway has raised."""

    ingested: int
    body_downloaded: int
    body_failed: int
    classified: int
    classify_fallback: int
    neutralize_success: int
    neutralize_failed: int
    brief_stories: int
    failed: bool
    model_alerts: frozenset[str] = frozenset()
    narratives_failed: bool = False
    narratives_fragmented: bool = False
    unhealthy_sources: int = 0


def rate(part: int, rest: int) -> float | None:
    """`part` of `part + rest`; None over nothing, since nothing is neither good nor bad."""
    return part / (part + rest) if part + rest else None


def is_over(code: str, raised: Collection[str], stages: Collection[str]) -> bool:
    """Whether an open alert is over by a run that raised these and got through these stages.

    A run that never looked says nothing; a code that this release does not know is over with any run.
    """
    return code not in raised and CHECKED_IN.get(code, frozenset()) <= set(stages)


def check_alerts(figures: RunFigures) -> list[str]:
    """Return the codes that the figures raise, in a fixed order."""
    download = rate(figures.body_downloaded, figures.body_failed)
    neutralization = rate(figures.neutralize_success, figures.neutralize_failed)
    fallback = rate(figures.classify_fallback, figures.classified - figures.classify_fallback)
    raised = {
        "body_download_rate_low": download is not None and download < MIN_BODY_DOWNLOAD_RATE,
        "neutralization_rate_low": neutralization is not None and neutralization < MIN_NEUTRALIZATION_RATE,
        "brief_story_count_low": figures.brief_stories < MIN_BRIEF_STORIES,
        "classify_fallback_rate_high": fallback is not None and fallback > MAX_CLASSIFY_FALLBACK_RATE,
        "ingestion_zero": figures.ingested == 0,
        "pipeline_failed": figures.failed,
        "source_unhealthy": figures.unhealthy_sources > 0,
        "narratives_failed": figures.narratives_failed,
        "narratives_fragmented": figures.narratives_fragmented,
    }
    return [code for code in ALERTS if raised.get(code) or code in figures.model_alerts]
