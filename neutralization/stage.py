"""The stage `neutralize`: make, audit and keep a story's neutral texts, or the reason why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ingestion.models import StoryRaw
from ingestion.story_stage import StoryStage
from neutralization.detection_log import log_detection
from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.lexicon_neutralizer import Neutralized, neutralize_by_lexicon
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.types import Mode
from neutralization.versions import NewVersion, add_version, is_locked
from ntrl.stages.models import FailureKind
from ntrl.stages.stage import Failure, Outcome, Saved

# The rules and prompts are for English.
LANGUAGE = "en"
NO_BODY = "no_body"
# What the reason of a version begins with that our own fault left without texts.
BUG = "bug"
# Why reading a body failed: it is missing or damaged, or the storage can't be reached now.
NO_BODY_TO_READ = {"body_unreadable", "body_unavailable"}


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a story is not neutralized."""

    reason: str
    detail: str


class NeutralizeStage(StoryStage[Neutralized | Skip]):
    """Neutralizes stories without a version, with a newer body, or whose last version failed on other input."""

    name = "neutralize"
    deadline_seconds = 120
    rule_sets = ("lexicon", "false_positives")

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._lexicon = compile_lexicon(self.rules["lexicon"].entries)
        self._false_positives = compile_false_positives(self.rules["false_positives"].entries)

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
        """The body's version and text, the rules and the method."""
        return self.hash_of(str(item.body_version), item.raw_content_hash, Method.LEXICON)

    def plan(self, item: StoryRaw) -> str:
        """Say what would be made of the story, or why nothing."""
        skip = _skip(item)
        return f"would skip {item.id} ({skip.reason})" if skip else f"would neutralize {item.id} by the lexicon"

    def compute(self, item: StoryRaw) -> Neutralized | Skip:
        """Read the body and make the texts."""
        skip = _skip(item)
        if skip is not None:
            return skip
        made = neutralize_by_lexicon(self.body_of(item), lexicon=self._lexicon, false_positives=self._false_positives)
        log_detection(item.id, made.detection)
        return made

    def save(self, item: StoryRaw, result: Neutralized | Skip) -> Saved:
        """Write a new version with its spans, edits and verdicts; it becomes current only when it passed."""
        # A forced run may take the place of the locked version that it saw, not of one made while it computed.
        if is_locked(item, but=item.locked_version):  # type: ignore[attr-defined]  # annotated by open_stories
            return Saved(Outcome.SKIPPED, "locked", "an editor has made a version meanwhile")
        version = judge(result)
        self._add(item, version)
        if isinstance(result, Skip):
            counts = {"skipped_no_body": 1} if result.reason == NO_BODY else {}
            return Saved(Outcome.SKIPPED, result.reason, result.detail, counts)
        if version.status == Status.SUCCESS:
            return Saved(counts={"spans": len(result.spans)})
        return Saved(Outcome.FAILED, version.failure_reason, version.failure_detail)

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Keep a final failure as a version, so that its story has a row.

        When to try again is the claim's to say, and a failure that will be tried again is the claim's alone: a database
        or storage that is out of reach for a while leaves no versions behind.
        """
        if failure.kind == FailureKind.RETRY:
            return {"failed": 1}
        if failure.reason in NO_BODY_TO_READ:
            self._add(item, NewVersion(Status.SKIPPED, failure.reason, failure.detail), input_hash="")
            return {"skipped": 1, "skipped_no_body": 1}
        reason = f"{BUG}: {failure.reason}" if failure.kind == FailureKind.BUG else failure.reason
        self._add(item, NewVersion(Status.FAILED_LLM, reason[:80], failure.detail), input_hash="")
        return {"failed": 1}

    def _add(self, item: StoryRaw, version: NewVersion, *, input_hash: str | None = None) -> None:
        add_version(
            story=item,
            version=version,
            method=Method.LEXICON,
            mode=Mode.SPAN_GUIDED,
            input_hash=self.input_hash(item) if input_hash is None else input_hash,
            rule_hashes=self.rule_hashes,
        )


def _skip(story: StoryRaw) -> Skip | None:
    if not story.raw_content_available:
        return Skip(NO_BODY, story.body_failure_reason)
    if story.body_is_truncated:
        return Skip("truncated", "the body is cut off, or too short to be an article")
    if story.language != LANGUAGE:
        return Skip(
            "language", f"the article is in {story.language or 'an unknown language'}; the rules are for English"
        )
    return None


def judge(result: Neutralized | Skip) -> NewVersion:
    """Say how an attempt came out: a success only when every text is there and the audit passed all of them."""
    if isinstance(result, Skip):
        return NewVersion(Status.SKIPPED, result.reason, result.detail)
    failed = result.failed_rules
    if result.problem:
        return NewVersion(Status.FAILED_AUDIT, "not_composed", result.problem, result)
    if failed:
        evidence = "; ".join(f"{v.rule_id} on {v.output}: {', '.join(v.evidence)}" for v in failed)
        return NewVersion(Status.FAILED_AUDIT, failed[0].rule_id, evidence, result)
    return NewVersion(Status.SUCCESS, made=result)
