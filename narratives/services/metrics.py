"""The figures by which the decision record is judged, for the command and the status endpoint."""

import random
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.lifecycle import State
from narratives.models import EventKind, FingerprintStatus, Narrative, NarrativeEvent, StoryFingerprint

# Live narratives of one nucleus: 1 to 3 are the target, from here on it is an alarm (decision record 004).
ALARM_PER_NUCLEUS = 5
WINDOW = timedelta(days=7)
NUCLEI_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of the live narratives, and of the last seven days. Rates are None over nothing.

    Attributes:
        narratives: live ones by state.
        per_nucleus: the mean number of live narratives that are not dormant, of a nucleus.
        most_per_nucleus: the nuclei with the most, and how many.
        merges: merges by runs.
        reactivation_rate: reactivations among all stories that founded or reactivated a narrative.
        focus_failure_rate: stories whose reading failed, among all read.
        without_fingerprint_rate: stories with a body and no fingerprint, among all with a body.
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
    """Work out the figures; seven queries."""
    since = timezone.now() - WINDOW
    live = Narrative.objects.filter(merged_into=None)
    by_state = dict(live.order_by().values_list("state").annotate(Count("pk")))
    awake = live.exclude(state=State.DORMANT).order_by()
    nuclei = awake.values("nucleus_entity").annotate(number=Count("pk")).order_by("-number", "nucleus_entity")
    most = [(row["nucleus_entity"], row["number"]) for row in nuclei[:NUCLEI_SHOWN]]
    awake_count = sum(number for state, number in by_state.items() if state != State.DORMANT)
    events = dict(NarrativeEvent.objects.filter(at__gte=since).order_by().values_list("kind").annotate(Count("pk")))
    merges = NarrativeEvent.objects.filter(
        at__gte=since, kind=EventKind.MERGED, detail__role="loser", detail__by_run=True
    ).count()
    failed = Count("pk", filter=Q(status=FingerprintStatus.FAILED))
    read = StoryFingerprint.objects.filter(created_at__gte=since).aggregate(failed=failed, total=Count("pk"))
    lacking = Count("pk", filter=~Q(fingerprint__status=FingerprintStatus.EXTRACTED) | Q(fingerprint=None))
    with_body = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True, ingested_at__gte=since)
    stories = with_body.aggregate(lacking=lacking, total=Count("pk"))
    woken, created = events.get(EventKind.REACTIVATED, 0), events.get(EventKind.CREATED, 0)
    return Metrics(
        narratives={state.value: by_state.get(state.value, 0) for state in State if state != State.MERGED},
        per_nucleus=_rate(awake_count, nuclei.count()),
        most_per_nucleus=most,
        is_alarming=bool(most) and most[0][1] >= ALARM_PER_NUCLEUS,
        merges=merges,
        reactivation_rate=_rate(woken, woken + created),
        focus_failure_rate=_rate(read["failed"], read["total"]),
        without_fingerprint_rate=_rate(stories["lacking"], stories["total"]),
    )


def sample_narratives(number: int) -> list[Narrative]:
    """So many random live narratives, for the review by hand that the decision record asks for."""
    ids = list(Narrative.objects.filter(merged_into=None, article_count__gt=0).values_list("pk", flat=True))
    chosen = random.sample(ids, min(number, len(ids)))
    return list(Narrative.objects.filter(pk__in=chosen).order_by("nucleus_entity", "narrative_focus", "pk"))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
