"""What pages, the admin and commands read of narratives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from narratives.lifecycle import State
from narratives.models import Narrative, NarrativeEvent, NarrativeMembership, StoryFingerprint
from narratives.rules_in_force import load_identity
from narratives.services.assigning import components_of
from narratives.services.lookup import alike, sharing_a_word
from neutralization.models import StoryNeutralized

# Of a list's section, both those that run and those of a single story; and of a narrative's page.
NARRATIVES_SHOWN = 50
STORIES_SHOWN = 200
# Of each narrative in a list over REST.
STORIES_IN_LIST = 5
# The order in which readers see states.
SHOWN_STATES = (State.HOT, State.RISING, State.EMERGING, State.COOLING, State.DORMANT)


@dataclass(frozen=True, slots=True)
class Section:
    """The latest narratives of one state: those that run, those of a single story, and how many there are of each."""

    state: State
    running: list[Narrative]
    single: list[Narrative]
    running_total: int
    single_total: int

    @property
    def total(self) -> int:
        """How many narratives are in this state."""
        return self.running_total + self.single_total

    @property
    def left_out(self) -> int:
        """How many of them are not listed."""
        return self.total - len(self.running) - len(self.single)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a story is where it is: its membership, and what the table says now of what is near it."""

    fingerprint: StoryFingerprint
    membership: NarrativeMembership | None
    candidates: Sequence[dict[str, object]]


def live_narratives() -> QuerySet[Narrative]:
    """The narratives that have articles, here or in the system they were imported from."""
    return Narrative.objects.filter(Q(article_count__gt=0) | ~Q(imported_id=""), merged_into=None)


def sections() -> list[Section]:
    """The live narratives by state; two queries a state, and one for the counts. Imported ones run, as they did."""
    single = Q(article_count=1, imported_id="")
    rows = live_narratives().order_by().values_list("state")
    counts = rows.annotate(running=Count("pk", filter=~single), single=Count("pk", filter=single))
    totals = {state: (running, alone) for state, running, alone in counts}
    return [
        Section(
            state,
            list(of_state(state).filter(~single)[:NARRATIVES_SHOWN]),
            list(of_state(state).filter(single)[:NARRATIVES_SHOWN]),
            *totals[state.value],
        )
        for state in SHOWN_STATES
        if state.value in totals
    ]


def of_state(state: State) -> QuerySet[Narrative]:
    """The live narratives of a state, the latest first."""
    return live_narratives().filter(state=state).order_by("-last_article_at", "pk")


def narrative(narrative_id: UUID) -> Narrative | None:
    """A narrative, also a tombstone. One query."""
    return Narrative.objects.filter(pk=narrative_id).first()


def public_stories(of: Narrative) -> QuerySet[StoryNeutralized]:
    """The neutral versions of a narrative's stories, newest first; stories without one are not shown. One query."""
    membership = NarrativeMembership.objects.filter(story=OuterRef("story"))
    shown = StoryNeutralized.objects.filter(story__membership__narrative=of, is_current=True, story__is_duplicate=False)
    shown = shown.annotate(reason=Subquery(membership.values("reason")[:1])).select_related("story__source")
    return shown.order_by("-story__published_at", "story_id")[:STORIES_SHOWN]


def latest_stories(narrative_ids: Sequence[UUID]) -> dict[UUID, list[StoryNeutralized]]:
    """The latest stories of several narratives, a few of each. One query."""
    place = Window(
        RowNumber(), partition_by=F("story__membership__narrative"), order_by=["-story__published_at", "story_id"]
    )
    shown = StoryNeutralized.objects.filter(
        story__membership__narrative__in=narrative_ids, is_current=True, story__is_duplicate=False
    )
    shown = shown.annotate(narrative_id=F("story__membership__narrative"), place=place)
    found: dict[UUID, list[StoryNeutralized]] = {}
    for version in shown.filter(place__lte=STORIES_IN_LIST).select_related("story__source").order_by("place"):
        found.setdefault(version.narrative_id, []).append(version)
    return found


def history(of: Narrative) -> list[NarrativeEvent]:
    """What happened to a narrative, the latest first. One query."""
    return list(of.events.select_related("by"))


def gone_into(of: Narrative) -> list[Narrative]:
    """The narratives that went into this one, the oldest first. One query."""
    return list(of.merged.order_by("first_detected_at", "pk"))


def also_known_as(of: Narrative, gone: Iterable[Narrative]) -> list[str]:
    """The titles of the narratives that went into this one, each once, without its own."""
    own = of.shown_title.casefold()
    titles = dict.fromkeys(each.shown_title for each in gone)
    return [title for title in titles if title.casefold() != own]


def explain(story_id: UUID) -> Explanation | None:
    """Compare a story with what is near it by the rules of now; None when it has no fingerprint."""
    fingerprint = StoryFingerprint.objects.filter(story=story_id).first()
    if fingerprint is None:
        return None
    membership = NarrativeMembership.objects.filter(story=story_id).select_related("narrative").first()
    rules, own = load_identity(), fingerprint.as_fingerprint()
    near = {each.narrative_id: each for each in (*sharing_a_word(own, rules), *alike(own, rules))}
    judged = [(each, rules.identity.compare(own, each.fingerprint)) for each in near.values()]
    judged.sort(key=lambda pair: (-pair[1].components.score, str(pair[0].narrative_id)))
    rows: list[dict[str, object]] = [
        {
            "narrative": str(each.narrative_id),
            "nucleus_entity": each.fingerprint.nucleus_entity,
            "narrative_focus": each.fingerprint.narrative_focus,
            "row": verdict.row.value,
            "is_same": verdict.is_same,
            "components": components_of(verdict.components),
        }
        for each, verdict in judged
    ]
    return Explanation(fingerprint, membership, rows)
