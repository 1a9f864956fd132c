"""Traces for people: how a story's texts come about, step by step, and why a phrase was found or dropped.

Both run what production runs and save nothing. Every door that explains (commands, pages, REST) asks here.
"""

from dataclasses import dataclass
from uuid import UUID

from ingestion.models import StoryRaw
from neutralization.explaining import Explanation, explain_text
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import Method, StoryNeutralized
from neutralization.stage import NeutralizeStage, Skip, judge
from neutralization.versions import NewVersion
from ntrl.rules.loader import load_rules
from ntrl.stages.errors import ItemError


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
        phrase_source: Where the phrases came from; the lexicon, as long as no model is asked.
        rule_hashes: The rules in force, by set.
        made: Spans, the steps that led to them, edits, texts, verdicts and redline.
        outcome: The version that a run would store.
        is_locked: Whether an editor's version is current, so that only a forced run would store it.
    """

    story_id: UUID
    title: str
    body_version: int
    body: str
    phrase_source: str
    rule_hashes: dict[str, str]
    made: Neutralized
    outcome: NewVersion
    is_locked: bool


def trace_story(*, story_id: UUID) -> StoryTrace:
    """Neutralize a story's present body by the stage's own code, and keep nothing of it but the trace.

    Raises:
        NotTraceable: there is no such story, or no English body of it to be neutralized.
        RuleFileError: the rules can't be used.
    """
    story = StoryRaw.objects.filter(pk=story_id).first()
    if story is None:
        raise NotTraceable(story_id, "unknown", "there is no such story")
    stage = NeutralizeStage()
    try:
        made = stage.compute(story)
        if isinstance(made, Skip):
            raise NotTraceable(story_id, made.reason, made.detail or "nobody has read its page yet")
        body = stage.body_of(story)
    except ItemError as problem:
        raise NotTraceable(story_id, problem.reason, problem.detail) from problem
    return StoryTrace(
        story_id=story_id,
        title=story.original_title,
        body_version=story.body_version,
        body=body,
        phrase_source=Method.LEXICON,
        rule_hashes=stage.rule_hashes,
        made=made,
        outcome=judge(made),
        is_locked=StoryNeutralized.objects.filter(story=story, is_current=True, is_locked=True).exists(),
    )


def explain_spans(*, text: str, phrase: str = "") -> Explanation:
    """Say of every phrase of `text` that a rule names whether it was accepted, and why not.

    Args:
        text: A body, or any text.
        phrase: Only what has to do with this phrase; also says when no rule names it.

    Raises:
        RuleFileError: the rules can't be used.
    """
    return explain_text(text, load_rules("lexicon").entries, load_rules("false_positives").entries, phrase=phrase)
