"""The figures by which the decision record is judged, for the command and the status endpoint."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.lifecycle import State
from narratives.models import EventKind, FingerprintStatus, Narrative, NarrativeEvent, StoryFingerprint
from narratives.rules_in_force import load_identity
from narratives.stage import LANGUAGE

# Awake narratives of a nucleus, in the mean: 1 to 3 are the target, from here on it is an alarm (decision record 004).
# Not of any one nucleus: a government always has so many stories of its own.
ALARM_PER_NUCLEUS = 5
WINDOW = timedelta(days=7)
NUCLEI_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of the live narratives, and of the last seven days. Rates are None over nothing.

    Attributes:
        narratives: live ones by state.
        per_nucleus: the mean number of live narratives that are not dormant, of a nucleus under all its names.
        most_per_nucleus: the nuclei with the most, and how many.
        is_alarming: that mean is as high as raises an alarm.
        merges: merges by runs.
        reactivation_rate: reactivations among all stories that founded or reactivated a narrative; imports do neither.
        focus_failure_rate: stories whose reading failed, among all read; one that waits for a provider is not read.
        without_fingerprint_rate: stories with a body and no fingerprint, among all with a body in our language.
    """

    narratives: dict[str, int]
    per_nucleus: float | None
    most_per_nucleus: list[tuple[str, int]]
    is_alarming: bool
    merges: int
    reactivation_rate: float | None
    focus_failure_rate: float | None
    without_fingerprint_rate: float | None


def narrative_metrics() -> Metrics:
    """Work out the figures; nine queries."""
    since = timezone.now() - WINDOW
    live = Narrative.objects.filter(merged_into=None)
    by_state = dict(live.order_by().values_list("state").annotate(Count("pk")))
    nuclei = awake_by_nucleus()
    by_stories = NarrativeEvent.objects.filter(at__gte=since, detail__has_key="story").order_by()
    events = dict(by_stories.values_list("kind").annotate(Count("pk")))
    merges = NarrativeEvent.objects.filter(
        at__gte=since, kind=EventKind.MERGED, detail__role="loser", detail__by_run=True
    ).count()
    failed = Count("pk", filter=Q(status=FingerprintStatus.FAILED))
    waiting = Q(status=FingerprintStatus.FAILED, input_hash="")
    read = StoryFingerprint.objects.filter(~waiting, created_at__gte=since).aggregate(failed=failed, total=Count("pk"))
    lacking = Count("pk", filter=~Q(fingerprint__status=FingerprintStatus.EXTRACTED) | Q(fingerprint=None))
    with_body = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True, ingested_at__gte=since)
    stories = with_body.filter(language=LANGUAGE).aggregate(lacking=lacking, total=Count("pk"))
    woken, created = events.get(EventKind.REACTIVATED, 0), events.get(EventKind.CREATED, 0)
    return Metrics(
        narratives={state.value: by_state.get(state.value, 0) for state in State if state != State.MERGED},
        per_nucleus=_mean(nuclei),
        most_per_nucleus=nuclei[:NUCLEI_SHOWN],
        is_alarming=are_fragmented(nuclei),
        merges=merges,
        reactivation_rate=_rate(woken, woken + created),
        focus_failure_rate=_rate(read["failed"], read["total"]),
        without_fingerprint_rate=_rate(stories["lacking"], stories["total"]),
    )


def awake_by_nucleus() -> list[tuple[str, int]]:
    """How many live narratives that are not dormant each nucleus has under all its names, the most first.

    It is called by the name that most of them have. Four queries.
    """
    aliases = load_identity().identity.aliases
    awake = Narrative.objects.filter(merged_into=None).exclude(state=State.DORMANT).order_by()
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for name, number in awake.values_list("nucleus_entity").annotate(Count("pk")):
        names[aliases.key(name)][name] = number
    return sorted(((_usual(each), each.total()) for each in names.values()), key=lambda pair: (-pair[1], pair[0]))


def are_fragmented(nuclei: Sequence[tuple[str, int]]) -> bool:
    """Whether nuclei have so many awake narratives that they are likely to be parts of fewer."""
    return (_mean(nuclei) or 0) >= ALARM_PER_NUCLEUS


def sample_narratives(number: int) -> list[Narrative]:
    """So many random live narratives, for the review by hand that the decision record asks for."""
    ids = list(Narrative.objects.filter(merged_into=None, article_count__gt=0).values_list("pk", flat=True))
    chosen = random.sample(ids, min(number, len(ids)))
    return list(Narrative.objects.filter(pk__in=chosen).order_by("nucleus_entity", "narrative_focus", "pk"))


def _usual(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name))


def _mean(nuclei: Sequence[tuple[str, int]]) -> float | None:
    return _rate(sum(number for _, number in nuclei), len(nuclei))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
