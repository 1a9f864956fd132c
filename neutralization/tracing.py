"""Traces for people: how a story's texts come about, step by step, and why a phrase was found or dropped.

Both run what production runs and save nothing. Every door that explains (commands, pages, REST) asks here.
"""

from dataclasses import dataclass, field
from uuid import UUID

from ingestion.models import StoryRaw
from neutralization.by_model.calls import has_models
from neutralization.by_model.replies import NamedPhrase, PhrasesReply
from neutralization.explaining import Explanation, explain_text
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import StoryNeutralized
from neutralization.stage import NeutralizeStage, judge, skip_of
from neutralization.types import Outputs
from neutralization.versions import NewVersion
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.llm.replies import read_reply
from ntrl.llm.types import Ending, Reply
from ntrl.rules.loader import load_rules
from ntrl.stages.errors import ItemError
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.records import new_trace_id

# What the calls of a trace stand under in the rows of reservations.
TRACE_STAGE = "debug_spans"


class NotTraceable(Exception):
    """A story has no trace: it is unknown, or would not be neutralized; `reason` is a code that can be counted."""

    def __init__(self, story_id: UUID, reason: str, detail: str) -> None:
        super().__init__(f"Story {story_id} can't be traced: {detail} ({reason}).")
        self.story_id = story_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StoryTrace:
    """What a run would make of a story now.

    Attributes:
        story_id: The story.
        title: Its publisher's title.
        body_version: Which of its bodies was read.
        body: That body; the offsets of spans and edits are of this text.
        phrase_source: Where the phrases came from: the lexicon, or models.
        rule_hashes: The rules in force, by set.
        made: Spans, the steps that led to them, edits, texts, verdicts and redline.
        outcome: The version that a run would store; None when models were asked for the phrases alone.
        is_locked: Whether an editor's version is current, so that only a forced run would store it.
        model: What models named, when they were asked.
    """

    story_id: UUID
    title: str
    body_version: int
    body: str
    phrase_source: str
    rule_hashes: dict[str, str]
    made: Neutralized
    outcome: NewVersion | None
    is_locked: bool
    model: "ModelTrace | None" = None


@dataclass(frozen=True, slots=True)
class ModelTrace:
    """What models replied when they were asked for phrases.

    Attributes:
        names: Who replied.
        raw: The replies as they came.
        phrases: The phrases in them, as they named them.
        unusable: Phrases that could not be looked for, each with the reason.
    """

    names: str
    raw: tuple[str, ...] = field(repr=False)
    phrases: tuple[NamedPhrase, ...]
    unusable: tuple[tuple[str, str], ...]

    @property
    def named(self) -> int:
        """How many phrases they named."""
        return len(self.phrases)


def trace_story(*, story_id: UUID, gateway: Gateway | None = None) -> StoryTrace:
    """Find the phrases of a story's present body by the stage's own code, and keep nothing of it but the trace.

    Without a model its texts are made as well. With models only the phrases are asked for: a call that is paid, and has
    its row as every call has.

    Args:
        story_id: The story.
        gateway: The way to models; the settings' own when it is not given.

    Raises:
        NotTraceable: there is no such story, no English body of it to be neutralized, or no answer of a model.
        RuleFileError: the rules can't be used.
    """
    gateway = gateway or open_gateway(new_trace_id())
    models = gateway if has_models(gateway) else None
    stage = NeutralizeStage(gateway=models)
    story = _traceable(story_id)
    try:
        body = stage.body_of(story)
        if models is None:
            made = stage.by_lexicon(story, body)
            outcome, model = judge(made), None
        else:
            made, model = _asked(stage, models, story, body)
            outcome = None
    except ItemError as problem:
        raise NotTraceable(story_id, problem.reason, problem.detail) from problem
    except OutOfMoney as problem:
        raise NotTraceable(story_id, "llm_budget", str(problem)) from problem
    return StoryTrace(
        story_id=story_id,
        title=story.original_title,
        body_version=story.body_version,
        body=body,
        phrase_source=stage.method,
        rule_hashes=stage.rule_hashes,
        made=made,
        outcome=outcome,
        is_locked=StoryNeutralized.objects.filter(story=story, is_current=True, is_locked=True).exists(),
        model=model,
    )


def body_to_trace(*, story_id: UUID) -> str:
    """Read the present body of a story that could be traced.

    Raises:
        NotTraceable: as `trace_story`.
    """
    try:
        return NeutralizeStage().body_of(_traceable(story_id))
    except ItemError as problem:
        raise NotTraceable(story_id, problem.reason, problem.detail) from problem


def _traceable(story_id: UUID) -> StoryRaw:
    story = StoryRaw.objects.filter(pk=story_id).first()
    if story is None:
        raise NotTraceable(story_id, "unknown", "there is no such story")
    skip = skip_of(story)
    if skip is not None:
        raise NotTraceable(story_id, skip.reason, skip.detail or "nobody has read its page yet")
    return story


def _asked(stage: NeutralizeStage, gateway: Gateway, story: StoryRaw, body: str) -> tuple[Neutralized, ModelTrace]:
    with gateway.ledger.account(stage=TRACE_STAGE, item_key=str(story.id), story_id=story.id):
        found, calls = stage.find(story, body)
    detection = found.detection
    made = Neutralized(detection.spans, (), Outputs("", "", "", "", ""), (), detection=detection.trace)
    replies = [read_reply(Reply(text, Ending.COMPLETE, None), PhrasesReply) for text in calls.raw]
    named = tuple(phrase for reply in replies for phrase in reply.phrases)
    return made, ModelTrace(calls.model_names, tuple(calls.raw), named, found.unusable)


def explain_spans(*, text: str, phrase: str = "") -> Explanation:
    """Say of every phrase of `text` that a rule names whether it was accepted, and why not.

    Args:
        text: A body, or any text.
        phrase: Only what has to do with this phrase; also says when no rule names it.

    Raises:
        RuleFileError: the rules can't be used.
    """
    return explain_text(text, load_rules("lexicon").entries, load_rules("false_positives").entries, phrase=phrase)
