"""Narratives, the fingerprints of stories, who is in which and why, and the history of each."""

from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.identity import Fingerprint
from narratives.lifecycle import State

_NAMESPACE = UUID("6f1b7f5e-6c0e-5b52-9a57-0d8f4a3c2b11")


def narrative_id_for(founder: UUID | str) -> UUID:
    """The id of the narrative that a story founds, or that another system called so: the same whenever it is made."""
    return uuid5(_NAMESPACE, str(founder))


class FingerprintMethod(models.TextChoices):
    """Who read the story."""

    RULES = "rules"
    LLM = "llm"


class FingerprintStatus(models.TextChoices):
    """Extracted, or failed with a reason."""

    EXTRACTED = "extracted"
    FAILED = "failed"


class StoryFingerprint(models.Model):
    """What a story is told apart by, or the reason why it has no fingerprint.

    `names` are all names of the story, `terms` its stems with their counts (both empty where a model read it).
    Transitions: none -> extracted | failed; failed -> extracted | failed when its input or the rules change.
    """

    story = models.OneToOneField(StoryRaw, on_delete=models.CASCADE, primary_key=True, related_name="fingerprint")
    status = models.CharField(max_length=10, choices=FingerprintStatus)
    failure_reason = models.CharField(max_length=80, blank=True)
    nucleus_entity = models.CharField(max_length=200, blank=True)
    narrative_focus = models.CharField(max_length=200, blank=True)
    top_actors = models.JSONField(default=list, blank=True)
    key_actions = models.JSONField(default=list, blank=True)
    names = models.JSONField(default=list, blank=True)
    terms = models.JSONField(default=dict, blank=True)
    timestamp = models.DateTimeField(help_text="When the story was published.")
    method = models.CharField(max_length=10, choices=FingerprintMethod)
    model_name = models.CharField(max_length=64, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    body_version = models.PositiveIntegerField(default=0)
    input_hash = models.CharField(max_length=64, blank=True)
    rule_hashes = models.JSONField(default=dict, blank=True)
    is_assigned = models.BooleanField(default=False, help_text="Has gone through assignment once.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    (Q(status="extracted") & ~Q(nucleus_entity="") & ~Q(narrative_focus=""))
                    | (Q(status="failed", is_assigned=False) & ~Q(failure_reason=""))
                ),
                name="fingerprint_whole_or_reasoned",
            ),
            models.CheckConstraint(condition=Q(method__in=FingerprintMethod.values), name="fingerprint_method"),
        ]
        indexes = [
            models.Index(
                fields=["timestamp", "story"],
                condition=Q(status="extracted", is_assigned=False),
                name="fingerprint_to_assign",
            )
        ]

    def __str__(self) -> str:
        return f"{self.nucleus_entity}: {self.narrative_focus}" if self.nucleus_entity else self.failure_reason

    def as_fingerprint(self) -> Fingerprint:
        """The plain value that is compared."""
        return Fingerprint(self.nucleus_entity, self.narrative_focus, tuple(self.top_actors), tuple(self.key_actions))


class Narrative(models.Model):
    """A story that runs through the news. Its identity is its founding fingerprint; only an editor moves it.

    `state` and everything from `theme` to `timeline_data` follow from the members and are worked out anew, never
    added up. Transitions of `state`: any of emerging, rising, hot, cooling, dormant to any other
    (`narratives.lifecycle`); any -> merged, with `merged_into`, by a merge; merged -> any other, by undoing it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    title = models.CharField(max_length=300, blank=True, help_text="An editor's; without one “Nucleus: focus”.")
    summary = models.TextField(blank=True)
    nucleus_entity = models.CharField(max_length=200)
    narrative_focus = models.CharField(max_length=200, blank=True, help_text="Empty: still to be filled.")
    top_actors = models.JSONField(default=list, blank=True)
    key_actions = models.JSONField(default=list, blank=True)
    founded_by = models.ForeignKey(StoryRaw, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in State], default=State.EMERGING)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    is_locked = models.BooleanField(default=False, help_text="An editor's: runs neither merge nor rename it.")
    reactivated_count = models.PositiveIntegerField(default=0)
    woken_at = models.DateTimeField(null=True, blank=True, help_text="When an editor last reactivated it.")
    theme = models.CharField(max_length=40, blank=True)
    article_count = models.PositiveIntegerField(default=0)
    velocity = models.FloatField(default=0.0, help_text="Articles a day, over the last two days.")
    entities = models.JSONField(default=list, blank=True)
    timeline_data = models.JSONField(default=list, blank=True)
    first_detected_at = models.DateTimeField()
    last_article_at = models.DateTimeField()
    keys_hash = models.CharField(max_length=64, blank=True, help_text="The rules its index entries were made by.")
    compared_by = models.CharField(max_length=64, blank=True, help_text="Its names and words, and what they mean.")
    is_compared = models.BooleanField(default=False, help_text="No other narrative was the same by these.")
    imported_id = models.CharField(max_length=200, blank=True, help_text="Its id in the system it came from.")
    snapshot = models.JSONField(
        default=dict, blank=True, help_text="What that system said of it; its articles are not ours."
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_updated = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="narrative_state"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="narrative_tombstone_names_survivor",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="narrative_not_into_itself"
            ),
            models.CheckConstraint(condition=~Q(nucleus_entity=""), name="narrative_has_nucleus"),
            models.UniqueConstraint(
                fields=["imported_id"], condition=~Q(imported_id=""), name="narrative_imported_once"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-last_article_at", "id"], name="narrative_by_state"),
            models.Index(fields=["keys_hash"], name="narrative_keys_hash"),
            models.Index(fields=["id"], condition=Q(is_compared=False, merged_into=None), name="narrative_to_compare"),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """The editor's title, or “Nucleus: focus”."""
        return self.title or f"{self.nucleus_entity}: {self.narrative_focus or '…'}"

    @property
    def is_tombstone(self) -> bool:
        """Whether it has gone into another one."""
        return self.merged_into_id is not None

    def as_fingerprint(self) -> Fingerprint:
        """The founding fingerprint, which is its identity."""
        return Fingerprint(self.nucleus_entity, self.narrative_focus, tuple(self.top_actors), tuple(self.key_actions))


class NarrativeKey(models.Model):
    """The index that candidates are found by: the nucleus with each word, and each group of words, of the focus.

    Groups are those of `narratives.word_groups`; they hold a space.
    """

    narrative = models.ForeignKey(Narrative, on_delete=models.CASCADE, related_name="keys")
    nucleus = models.CharField(max_length=200)
    word = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["nucleus", "word", "narrative"], name="narrative_key_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.nucleus}/{self.word}"


class Reason(models.TextChoices):
    """Why a story is in its narrative."""

    FOUNDED = "founded", "it founded the narrative"
    SAME_NUCLEUS = "same_nucleus_strong_focus", "same nucleus, same focus"
    TWO_ENDS = "two_ends_of_one_story", "same focus, and each nucleus is an actor of the other"
    CONTINUES = "continues", "it shares the narrative's rare terms"
    EDITOR = "editor", "an editor put it here"
    MERGED = "merged", "it came with a narrative that was merged into this one"


class NarrativeMembership(models.Model):
    """Why a story is in a narrative: the row of the decision table and the parts of the similarity.

    Where it came by a merge, these are of the two narratives; what held before stands with the merge in the history.
    """

    story = models.OneToOneField(StoryRaw, on_delete=models.CASCADE, primary_key=True, related_name="membership")
    narrative = models.ForeignKey(Narrative, on_delete=models.PROTECT, related_name="memberships")
    reason = models.CharField(max_length=32, choices=Reason)
    components = models.JSONField(default=dict, blank=True)
    published_at = models.DateTimeField()
    is_locked = models.BooleanField(default=False, help_text="An editor's: runs leave it here.")
    assigned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(reason__in=Reason.values), name="membership_reason")]
        indexes = [models.Index(fields=["narrative", "-published_at"], name="membership_newest")]

    def __str__(self) -> str:
        return f"{self.story_id} in {self.narrative_id}"


class StoryTerm(models.Model):
    """A rare term of a story that is in a narrative: stories that share several may tell of one thing."""

    term = models.CharField(max_length=100)
    story = models.ForeignKey(StoryFingerprint, on_delete=models.CASCADE, related_name="rare_terms")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "story"], name="story_term_unique")]

    def __str__(self) -> str:
        return self.term


class TermCount(models.Model):
    """In how many assigned stories a term stands; the empty term counts the stories."""

    term = models.CharField(max_length=100, primary_key=True)
    stories = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.term}: {self.stories}"


class EventKind(models.TextChoices):
    """What happened to a narrative."""

    CREATED = "created"
    STATE_CHANGED = "state_changed"
    REACTIVATED = "reactivated"
    MERGED = "merged"
    UNMERGED = "unmerged"
    SPLIT = "split"
    FOCUS_BACKFILLED = "focus_backfilled"
    EDITED = "edited"


class NarrativeEvent(models.Model):
    """One entry of a narrative's history; never changed."""

    narrative = models.ForeignKey(Narrative, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    at = models.DateTimeField(default=timezone.now)
    detail = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="narrative_event_kind")]
        indexes = [models.Index(fields=["kind", "at"], name="narrative_event_kind_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class EntityAlias(models.Model):
    """An editor's word on a name: it means this entity; switched off, it means itself whatever ships."""

    alias = models.CharField(max_length=200, help_text="DOGE")
    entity = models.CharField(max_length=200, help_text="Dogecoin")
    key = models.CharField(max_length=200, unique=True, editable=False)
    is_enabled = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "entity aliases"
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="entity_alias_has_a_word")]

    def __str__(self) -> str:
        return f"{self.alias} = {self.entity}"
