"""The stages: `fingerprint` reads stories, side by side; `assign` puts them into narratives, one holder at a time."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from ingestion.models import StoryRaw
from ingestion.story_stage import StoryStage
from narratives.by_model import ATTEMPTS, SENT_CHARS, TITLE_MAX_CHARS, Article, ModelExtractor
from narratives.continuation import terms_of
from narratives.extractor import READ_CHARS, extract
from narratives.fingerprints import BadFingerprint
from narratives.identity import Fingerprint
from narratives.known import Known
from narratives.loaded import LoadedWords
from narratives.models import FingerprintMethod, FingerprintStatus, StoryFingerprint
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.services.assigning import Assigned, assign_batch, unassigned
from narratives.services.candidates import known_to
from neutralization.rules_in_force import false_positives_of, lexicon_of
from ntrl.llm.gateway import Gateway
from ntrl.llm.types import Operation
from ntrl.stages.errors import Quarantined
from ntrl.stages.stage import Failure, Saved, Stage

FINGERPRINT_STAGE = "fingerprint"
ASSIGN_STAGE = "assign"
# The rules and the lists of words are for English.
LANGUAGE = "en"


# Tries at a story while providers fail: the waits between them double from five minutes, and make ten hours, a night.
MODEL_ATTEMPTS = 8
# What reading the body takes beside the model's two answers.
SECONDS_BESIDE_MODELS = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a story: by rules with its names and terms, by a model with who it is and what it was asked."""

    fingerprint: Fingerprint
    names: tuple[str, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    prompt_version: str = ""


class FingerprintStage(StoryStage[Reading]):
    """Reads stories that have a body and no fingerprint yet, or whose reading failed on other input.

    Args:
        story_ids: only these; all when empty.
        force: also those whose reading failed and whose input is as it was.
        gateway: of the run; a model of its chain reads. Without any, the offline extractor does.
    """

    name = FINGERPRINT_STAGE
    deadline_seconds = 60
    rule_sets = ("focus", "aliases", "lexicon", "false_positives")

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False, gateway: Gateway | None = None) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._rules = load_identity()
        lexicon, false_positives = lexicon_of(self.rules["lexicon"]), false_positives_of(self.rules["false_positives"])
        self._loaded = LoadedWords(lexicon, false_positives, self._rules.identity.focus)
        self.model: ModelExtractor | None = None
        # Of the stories that a dry run has planned so far; None when a price is not known.
        self.planned_usd: Decimal | None = Decimal(0)
        # The narratives that stories in work may go on with.
        self._known: dict[UUID, tuple[Known, ...]] = {}
        if gateway is not None and gateway.chain(Operation.EXTRACT_NARRATIVE):
            self.model = ModelExtractor(gateway, self._rules.identity.aliases, self._loaded)
            seconds = math.ceil(ATTEMPTS * settings.LLM_DEADLINE_SECONDS) + SECONDS_BESIDE_MODELS
            self.deadline_seconds = seconds  # type: ignore[misc]
            self.max_attempts = MODEL_ATTEMPTS  # type: ignore[misc]

    def open_stories(self) -> QuerySet[StoryRaw]:
        """Stories with a body in our language that have no fingerprint, or only the reason why not."""
        stories = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True, language=LANGUAGE)
        failed = Q(fingerprint__status=FingerprintStatus.FAILED)
        return stories.filter(Q(fingerprint=None) | failed).select_related("fingerprint")

    def has_new_input(self, story: StoryRaw) -> bool:
        """One not read yet, or one that failed on other input."""
        read: StoryFingerprint | None = getattr(story, "fingerprint", None)
        return read is None or read.input_hash != self.input_hash(story)

    def is_pending(self, item: StoryRaw) -> bool:
        """Whether it is still wanted; then the narratives that a model is to be shown are read, as they are now."""
        if not super().is_pending(item):
            return False
        if self.model is not None:
            self._known[item.id] = known_to(item, self._rules)
        return True

    def input_hash(self, item: StoryRaw) -> str:
        """The title, the body, the rules, and who is asked in which words."""
        return self.hash_of(item.title_hash, item.raw_content_hash, *(self.model.identity if self.model else ()))

    def start_line(self, total: int | None) -> str:
        """The usual line, and who does it."""
        if self.model is not None:
            return f"{super().start_line(total)}, by language models"
        return f"{super().start_line(total)}, by rules, the embedded default: no provider of its chain is set up"

    def plan(self, item: StoryRaw) -> str:
        """Name the story that would be read, and what that would cost."""
        line = f"would fingerprint {item.id} ({item.original_title[:60]!r})"
        if self.model is None:
            return line
        estimate, total = self.model.estimated_usd(_chars(item)), self.planned_usd
        self.planned_usd = None if estimate is None or total is None else total + estimate
        return f"{line} for {'an unknown price' if estimate is None else f'about {estimate:.6f} USD'}"

    def worst_case_usd(self, item: StoryRaw) -> Decimal:
        """What the first call may cost."""
        return Decimal(0) if self.model is None else self.model.worst_case_usd(_chars(item))

    def compute(self, item: StoryRaw) -> Reading:
        """Read the body; words that the lexicon flags never come into a focus, which readers see."""
        body = self.body_of(item)
        if self.model is not None:
            known = self._known.pop(item.id, ())
            read = self.model.extract(Article(item.original_title, body, known), item.id)
            return Reading(read.fingerprint, model=read.model, prompt_version=read.prompt_version)
        title, lead = self._loaded.masked(item.original_title), self._loaded.masked(body[:READ_CHARS])
        identity = self._rules.identity
        try:
            extraction = extract(title, lead, aliases=identity.aliases, focus=identity.focus)
        except BadFingerprint as refusal:
            raise Quarantined(refusal.reason, refusal.detail) from refusal
        return Reading(extraction.fingerprint, extraction.names, terms_of(item.original_title, body))

    def save(self, item: StoryRaw, result: Reading) -> Saved:
        """Write the fingerprint."""
        fingerprint = result.fingerprint
        self._write(
            item,
            status=FingerprintStatus.EXTRACTED,
            nucleus_entity=fingerprint.nucleus_entity,
            narrative_focus=fingerprint.narrative_focus,
            top_actors=list(fingerprint.top_actors),
            key_actions=list(fingerprint.key_actions),
            names=list(result.names),
            terms=dict(result.terms),
            model_name=result.model[:64],
            prompt_version=result.prompt_version,
            input_hash=self.input_hash(item),
        )
        return Saved(counts={str(self._method): 1})

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Say why the story has no fingerprint; when to try again is the claim's to say."""
        input_hash = self.input_hash(item) if failure.retry_at is None else ""
        self._write(item, status=FingerprintStatus.FAILED, failure_reason=failure.reason[:80], input_hash=input_hash)
        return {"failed": 1}

    @property
    def _method(self) -> FingerprintMethod:
        return FingerprintMethod.RULES if self.model is None else FingerprintMethod.LLM

    def _write(self, item: StoryRaw, **fields: object) -> None:
        values = {
            "failure_reason": "",
            "timestamp": item.published_at,
            "method": self._method,
            "names": [],
            "terms": {},
            "model_name": "",
            "prompt_version": "",
            "body_version": item.body_version,
            "rule_hashes": self.rule_hashes,
            "created_at": timezone.now(),
            **fields,
        }
        StoryFingerprint.objects.update_or_create(story=item, defaults=values)


def _chars(item: StoryRaw) -> int:
    """How many characters of a story are sent at most."""
    return min(len(item.original_title), TITLE_MAX_CHARS) + min(item.body_length, SENT_CHARS)


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
