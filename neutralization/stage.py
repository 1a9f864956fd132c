"""The stage `neutralize`: make, audit and keep a story's neutral texts, or the reason why there are none."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ingestion.models import StoryRaw
from ingestion.story_stage import StoryStage
from neutralization import kept_replies
from neutralization.by_model import calls as models
from neutralization.by_model import costs
from neutralization.by_model.calls import StoryCalls
from neutralization.by_model.outcome import (
    UNREADABLE,
    Fallback,
    evidence_of,
    is_models_failure,
    judge_by_model,
    why_failed,
)
from neutralization.by_model.writing import Found, MadeByModel, find_by_model, neutralize_by_model
from neutralization.corrections import WRITABLE
from neutralization.detection_log import log_detection
from neutralization.lexicon_neutralizer import Neutralized, neutralize_by_lexicon
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.rules_in_force import false_positives_of, lexicon_of
from neutralization.types import Mode, Output
from neutralization.versions import NewVersion, add_version, is_locked
from ntrl.llm.errors import CHAIN_FAILED
from ntrl.llm.gateway import Gateway
from ntrl.stages.errors import ItemError
from ntrl.stages.models import FailureKind
from ntrl.stages.stage import Failure, Outcome, Saved

# The rules and prompts are for English.
LANGUAGE = "en"
NO_BODY = "no_body"
# What the reason of a version begins with that our own fault left without texts.
BUG = "bug"
# Why reading a body failed: it is missing or damaged, or the storage can't be reached now.
NO_BODY_TO_READ = {"body_unreadable", "body_unavailable"}
# A story's calls one after the other are two; repairs have what these leave of their time.
CALLS_IN_A_ROW = 2
# Tries at a story while providers fail: the waits between them double from five minutes, and make ten hours, a night.
MODEL_ATTEMPTS = 8
# What reading the body, the audit and the rest take beside the calls.
SECONDS_BESIDE_MODELS = 30


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a story is not neutralized."""

    reason: str
    detail: str


Result = Neutralized | MadeByModel | Fallback | Skip


class NeutralizeStage(StoryStage[Result]):
    """Neutralizes stories without a version, with a newer body, or whose last version failed on other input.

    Args:
        story_ids: only these; all when empty.
        force: also stories that have a good version.
        gateway: the way to models; without one, the lexicon does it. A model's failure does not become a lexicon's
            text, unless the setting NTRL_FALLBACK_TO_LEXICON says so.
        over: the one editor's version that a forced run may take the place of; without it, the one that is current
            when the story is read.
    """

    name = "neutralize"
    deadline_seconds = 120
    rule_sets = ("lexicon", "false_positives")

    def __init__(
        self,
        *,
        story_ids: Sequence[UUID] = (),
        force: bool = False,
        gateway: Gateway | None = None,
        over: UUID | None = None,
    ) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._over = over
        self._lexicon = lexicon_of(self.rules["lexicon"])
        self._false_positives = false_positives_of(self.rules["false_positives"])
        self._gateway = gateway
        self.method = Method.LEXICON if gateway is None else Method.LLM
        self._identity = "" if gateway is None else models.identity(gateway)
        # Of the stories that a dry run has planned so far; None when a price is not known.
        self.planned_usd: Decimal | None = Decimal(0)
        self._story_seconds = CALLS_IN_A_ROW * settings.LLM_DEADLINE_SECONDS
        # The calls of stories in work, so that what they have paid for outlives a failure.
        self._in_work: WeakKeyDictionary[StoryRaw, StoryCalls] = WeakKeyDictionary()
        if gateway is not None:
            self.deadline_seconds = math.ceil(self._story_seconds) + SECONDS_BESIDE_MODELS  # type: ignore[misc]
            self.max_attempts = MODEL_ATTEMPTS  # type: ignore[misc]

    def open_stories(self) -> QuerySet[StoryRaw]:
        """Stories whose last version is no success, or of an older body; never those an editor has locked."""
        latest = StoryNeutralized.objects.filter(story=OuterRef("pk")).order_by("-version")
        locked = StoryNeutralized.objects.filter(is_current=True, is_locked=True)
        stories = StoryRaw.objects.filter(is_duplicate=False).annotate(
            latest_status=Subquery(latest.values("status")[:1]),
            latest_input_hash=Subquery(latest.values("input_hash")[:1]),
            latest_body_version=Subquery(latest.values("body_version")[:1]),
            locked_version=Subquery(locked.filter(story=OuterRef("pk")).values("pk")[:1]),
        )
        if self._gateway is not None:
            stories = stories.prefetch_related(kept_replies.RELATED)
        if self.force:
            return stories
        # A story without any version has NULL for both, which no comparison finds.
        undone = Q(latest_status=None) | ~Q(latest_status=Status.SUCCESS) | ~Q(latest_body_version=F("body_version"))
        return stories.filter(undone, locked_version=None)

    def has_new_input(self, story: StoryRaw) -> bool:
        """One whose last version, if any, was made from other input."""
        made_from: str | None = story.latest_input_hash  # type: ignore[attr-defined]  # annotated by open_stories
        return made_from != self.input_hash(story)

    def input_hash(self, item: StoryRaw) -> str:
        """The body's version and text, the rules and the method: for models also the prompts and the chains."""
        return self.hash_of(str(item.body_version), item.raw_content_hash, self.method, self._identity)

    def start_line(self, total: int | None) -> str:
        """The usual line, and who does it."""
        if self._gateway is not None:
            return f"{super().start_line(total)}, by language models"
        return f"{super().start_line(total)}, by the lexicon, the embedded default: no provider is set up"

    def plan(self, item: StoryRaw) -> str:
        """Say what would be made of the story and what that would cost, or why nothing."""
        skip = skip_of(item)
        if skip is not None:
            return f"would skip {item.id} ({skip.reason})"
        if self._gateway is None:
            return f"would neutralize {item.id} by the lexicon"
        estimate, total = costs.estimated_usd(self._gateway, item.body_length), self.planned_usd
        self.planned_usd = None if estimate is None or total is None else total + estimate
        price = "an unknown price" if estimate is None else f"about {estimate:.6f} USD"
        return f"would neutralize {item.id} by language models for {price}"

    def worst_case_usd(self, item: StoryRaw) -> Decimal:
        """What the four calls cost at most, if each first one succeeds."""
        if self._gateway is None or skip_of(item):
            return Decimal(0)
        return costs.worst_case_usd(self._gateway, item.body_length)

    def compute(self, item: StoryRaw) -> Result:
        """Read the body and make the texts."""
        skip = skip_of(item)
        if skip is not None:
            return skip
        body = self.body_of(item)
        return self.by_lexicon(item, body) if self._gateway is None else self._by_model(item, body, self._gateway)

    def find(self, item: StoryRaw, body: str) -> tuple[Found, StoryCalls]:
        """Only ask models for the phrases of a body, as `compute` does."""
        assert self._gateway is not None
        calls = self._calls(item, self._gateway)
        return find_by_model(body, calls, self._false_positives), calls

    def save(self, item: StoryRaw, result: Result) -> Saved:
        """Write a new version with its spans, edits and verdicts; it becomes current only when it passed."""
        if self._gateway is not None:
            kept_replies.drop(item)
        # A forced run may take the place of the locked version that it saw, not of one made while it computed.
        seen = self._over or item.locked_version  # type: ignore[attr-defined]  # annotated by open_stories
        if is_locked(item, but=seen):
            return Saved(Outcome.SKIPPED, "locked", "an editor has made a version meanwhile")
        version = judge(result)
        if isinstance(result, MadeByModel):
            self._add(item, version, mode=result.mode, model_name=result.model_names, written_outputs=WRITABLE)
        else:
            self._add(item, version, method=Method.LEXICON if isinstance(result, Fallback) else self.method)
        if isinstance(result, Skip):
            counts = {"skipped_no_body": 1} if result.reason == NO_BODY else {}
            return Saved(Outcome.SKIPPED, result.reason, result.detail, counts)
        counts = _counts(result)
        if version.status == Status.SUCCESS:
            told = (result.reason, result.detail) if isinstance(result, Fallback) else ("", "")
            return Saved(Outcome.SUCCESS, *told, counts=counts)
        counts.pop("spans")
        return Saved(Outcome.FAILED, version.failure_reason, version.failure_detail, counts)

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Keep a failure as a version, so that its story has a row.

        When to try again is the claim's to say. A failure that will be tried again and is no model's is the claim's
        alone: a database or storage that is out of reach for a while leaves no versions behind. Nor do models that
        are not even asked, beyond the first.
        """
        if failure.kind != FailureKind.QUARANTINE:
            self.keep_paid(item)
        elif self._gateway is not None:
            kept_replies.drop(item)
        is_models = self._gateway is not None and is_models_failure(failure.reason)
        if failure.kind == FailureKind.RETRY and not is_models:
            return {"failed": 1}
        if failure.reason in NO_BODY_TO_READ:
            self._add(item, NewVersion(Status.SKIPPED, failure.reason, failure.detail), input_hash="")
            return {"skipped": 1, "skipped_no_body": 1}
        if not failure.was_tried and self._waits_already(item):
            return {"failed": 1}
        reason = f"{BUG}: {failure.reason}" if failure.kind == FailureKind.BUG else failure.reason
        status = Status.FAILED_GARBLED if is_models and failure.reason in UNREADABLE else Status.FAILED_LLM
        self._add(item, NewVersion(status, reason[:80], failure.detail), input_hash="")
        return {"failed": 1}

    def keep_paid(self, item: StoryRaw) -> None:
        """Keep the replies to the calls that were made; the next attempt goes on from there."""
        calls = self._in_work.get(item)
        if calls is not None:
            kept_replies.keep(item, list(calls.paid))

    def _waits_already(self, item: StoryRaw) -> bool:
        """Whether the last version says already that nobody answered about this body."""
        last = StoryNeutralized.objects.filter(story=item).order_by("-version").first()
        return (
            last is not None
            and last.status == Status.FAILED_LLM
            and last.failure_reason.startswith(CHAIN_FAILED)
            and last.body_version == item.body_version
        )

    # --- making the texts ----------------------------------------------------------------------------------------

    def by_lexicon(self, item: StoryRaw, body: str) -> Neutralized:
        """Make the texts of a body without a model."""
        made = neutralize_by_lexicon(body, lexicon=self._lexicon, false_positives=self._false_positives)
        log_detection(item.id, made.detection)
        return made

    def _by_model(self, item: StoryRaw, body: str, gateway: Gateway) -> Result:
        try:
            made = neutralize_by_model(
                body,
                calls=self._calls(item, gateway),
                lexicon=self._lexicon,
                false_positives=self._false_positives,
            )
        except ItemError as failed:
            by_lexicon = self._fallback(item, body, failed.reason, failed.detail)
            if by_lexicon is None:
                raise
            return by_lexicon
        log_detection(item.id, made.made.detection)
        reason = why_failed(made)
        by_lexicon = self._fallback(item, body, reason, "the models' texts failed") if reason else None
        return by_lexicon or made

    def _fallback(self, item: StoryRaw, body: str, reason: str, detail: str) -> Fallback | None:
        """Let the lexicon do what models could not, if the settings say so and it can."""
        if not settings.NTRL_FALLBACK_TO_LEXICON:
            return None
        by_lexicon = Fallback(reason, detail, self.by_lexicon(item, body))
        return by_lexicon if judge(by_lexicon).status == Status.SUCCESS else None

    def _calls(self, item: StoryRaw, gateway: Gateway) -> StoryCalls:
        calls = StoryCalls(
            gateway, item.id, ends_at=time.monotonic() + self._story_seconds, kept=kept_replies.of_story(item)
        )
        self._in_work[item] = calls
        return calls

    def _add(
        self,
        item: StoryRaw,
        version: NewVersion,
        *,
        method: Method | None = None,
        mode: Mode = Mode.SPAN_GUIDED,
        input_hash: str | None = None,
        model_name: str = "",
        written_outputs: Sequence[Output] = (),
    ) -> None:
        method = method or self.method
        add_version(
            story=item,
            version=version,
            method=method,
            mode=mode,
            input_hash=self.input_hash(item) if input_hash is None else input_hash,
            rule_hashes=self.rule_hashes,
            model_name=model_name,
            prompt_version=models.prompt_version() if method == Method.LLM else "",
            written_outputs=written_outputs,
        )


def skip_of(story: StoryRaw) -> Skip | None:
    """Say why a story can't be neutralized; None when it can."""
    if not story.raw_content_available:
        return Skip(NO_BODY, story.body_failure_reason)
    if story.body_is_truncated:
        return Skip("truncated", "the body is cut off, or too short to be an article")
    if story.language != LANGUAGE:
        return Skip(
            "language", f"the article is in {story.language or 'an unknown language'}; the rules are for English"
        )
    return None


def _counts(result: Neutralized | MadeByModel | Fallback) -> dict[str, int]:
    """What the report counts of a story that was made."""
    if isinstance(result, MadeByModel):
        is_anew = result.mode is Mode.SYNTHESIS
        return {"spans": len(result.made.spans), "repairs": result.attempts - 1, "synthesis": int(is_anew)}
    if isinstance(result, Fallback):
        return {"spans": len(result.made.spans), "lexicon_fallback": 1}
    return {"spans": len(result.spans)}


def judge(result: Result) -> NewVersion:
    """Say how an attempt came out: a success only when every text is there and the audit passed all of them."""
    if isinstance(result, Skip):
        return NewVersion(Status.SKIPPED, result.reason, result.detail)
    if isinstance(result, MadeByModel):
        return judge_by_model(result)
    made = result.made if isinstance(result, Fallback) else result
    if made.problem:
        return NewVersion(Status.FAILED_AUDIT, "not_composed", made.problem, made)
    if made.failed_rules:
        return NewVersion(Status.FAILED_AUDIT, made.failed_rules[0].rule_id, evidence_of(made), made)
    return NewVersion(Status.SUCCESS, made=made)
