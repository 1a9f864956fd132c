"""The stages: `fingerprint` reads stories, side by side; `assign` puts them into narratives, one holder at a time."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from ingestion.models import StoryRaw
from ingestion.story_stage import StoryStage
from narratives.continuation import terms_of
from narratives.extractor import READ_CHARS, Extraction, extract
from narratives.fingerprints import BadFingerprint
from narratives.models import FingerprintMethod, FingerprintStatus, StoryFingerprint
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.services.assigning import Assigned, assign_batch, unassigned
from neutralization.rules_in_force import false_positives_of, lexicon_of
from neutralization.spans import detect
from ntrl.stages.errors import Quarantined
from ntrl.stages.stage import Failure, Saved, Stage

FINGERPRINT_STAGE = "fingerprint"
ASSIGN_STAGE = "assign"
# The rules and the lists of words are for English.
LANGUAGE = "en"


class FingerprintStage(StoryStage[tuple[Extraction, dict[str, int]]]):
    """Reads stories that have a body and no fingerprint yet, or whose reading failed on other input."""

    name = FINGERPRINT_STAGE
    deadline_seconds = 60
    rule_sets = ("focus", "aliases", "lexicon", "false_positives")

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._identity = load_identity().identity
        self._lexicon = lexicon_of(self.rules["lexicon"])
        self._false_positives = false_positives_of(self.rules["false_positives"])

    def open_stories(self) -> QuerySet[StoryRaw]:
        """Stories with a body in our language that have no fingerprint, or only the reason why not."""
        stories = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True, language=LANGUAGE)
        failed = Q(fingerprint__status=FingerprintStatus.FAILED)
        return stories.filter(Q(fingerprint=None) | failed).select_related("fingerprint")

    def has_new_input(self, story: StoryRaw) -> bool:
        """One not read yet, or one that failed on other input."""
        read: StoryFingerprint | None = getattr(story, "fingerprint", None)
        return read is None or read.input_hash != self.input_hash(story)

    def input_hash(self, item: StoryRaw) -> str:
        """The title, the body and the rules."""
        return self.hash_of(item.title_hash, item.raw_content_hash)

    def plan(self, item: StoryRaw) -> str:
        """Name the story that would be read."""
        return f"would fingerprint {item.id} ({item.original_title[:60]!r})"

    def compute(self, item: StoryRaw) -> tuple[Extraction, dict[str, int]]:
        """Read the body; words that the lexicon flags never come into a focus, which readers see."""
        body = self.body_of(item)
        title, lead = self._masked(item.original_title), self._masked(body[:READ_CHARS])
        aliases, focus = self._identity.aliases, self._identity.focus
        try:
            return extract(title, lead, aliases=aliases, focus=focus), terms_of(item.original_title, body)
        except BadFingerprint as refusal:
            raise Quarantined(refusal.reason, refusal.detail) from refusal

    def save(self, item: StoryRaw, result: tuple[Extraction, dict[str, int]]) -> Saved:
        """Write the fingerprint."""
        extraction, terms = result
        fingerprint = extraction.fingerprint
        self._write(
            item,
            status=FingerprintStatus.EXTRACTED,
            nucleus_entity=fingerprint.nucleus_entity,
            narrative_focus=fingerprint.narrative_focus,
            top_actors=list(fingerprint.top_actors),
            key_actions=list(fingerprint.key_actions),
            names=list(extraction.names),
            terms=terms,
            input_hash=self.input_hash(item),
        )
        return Saved(counts={"rules": 1})

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Say why the story has no fingerprint; when to try again is the claim's to say."""
        input_hash = self.input_hash(item) if failure.retry_at is None else ""
        self._write(item, status=FingerprintStatus.FAILED, failure_reason=failure.reason[:80], input_hash=input_hash)
        return {"failed": 1}

    def _masked(self, text: str) -> str:
        for span in detect(text, self._lexicon, self._false_positives).spans:
            text = text[: span.start] + "…" * (span.end - span.start) + text[span.end :]
        return text

    def _write(self, item: StoryRaw, **fields: object) -> None:
        values = {
            "failure_reason": "",
            "timestamp": item.published_at,
            "method": FingerprintMethod.RULES,
            "body_version": item.body_version,
            "rule_hashes": self.rule_hashes,
            "created_at": timezone.now(),
            **fields,
        }
        StoryFingerprint.objects.update_or_create(story=item, defaults=values)


class AssignStage(Stage[IdentityRules, None]):
    """Its one item is the assignment of what waits, so that its claim has one holder. `assigned` is what it did."""

    name = ASSIGN_STAGE
    deadline_seconds = 120

    def __init__(self, rules: IdentityRules) -> None:
        self._rules = rules
        self.assigned = Assigned()

    def pending(self) -> Iterator[IdentityRules]:
        """The one item, when a story waits."""
        if unassigned().exists():
            yield self._rules

    def total(self) -> int:
        """How many stories wait."""
        waiting: int = unassigned().count()
        return waiting

    def key(self, item: IdentityRules) -> str:
        """There is one assignment for everybody, so one claim."""
        return "all"

    def input_hash(self, item: IdentityRules) -> str:
        """Each run is new: what broke is tried again by the next."""
        return timezone.now().isoformat()

    def plan(self, item: IdentityRules) -> str:
        """Say how many stories wait."""
        return f"would put {self.total()} stories into narratives"

    def compute(self, item: IdentityRules) -> None:
        """Nothing is slow here: the whole work is one transaction."""

    def save(self, item: IdentityRules, result: None) -> Saved:
        """Assign a batch."""
        self.assigned = assign_batch(item, timezone.now())
        counts = {name: getattr(self.assigned, name) for name in ("stories", "created", "reactivated")}
        return Saved(counts=counts)
