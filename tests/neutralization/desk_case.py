"""An article for the desk's tests: a phrase that stands twice, one in and out of a quotation, and who corrects it."""

from functools import cache
from typing import Any
from uuid import UUID

from ingestion.models import StoryRaw
from neutralization.corrections import Corrections
from neutralization.editing import Corrected, correct_story
from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.lexicon_neutralizer import Neutralized, neutralize_by_lexicon
from neutralization.models import Method, StoryNeutralized
from neutralization.selectors import version_to_correct
from neutralization.services import neutralize_pending
from neutralization.stage import judge
from neutralization.types import Mode, Output
from neutralization.versions import add_version
from ntrl.accounts.models import User
from ntrl.rules.loader import shipped_entries
from ntrl.rules.registry import rule_sets
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_story

BODY = "\n\n".join(
    [
        "The city council slammed its critics on Tuesday and voted to repair the old bridge over the river.",
        "Engineers had found shocking cracks in three of the pillars during an inspection last autumn, they said.",
        "Work begins in May and is expected to end in the autumn. Traffic will be led over the northern bridge.",
        "The repair costs 4 million dollars, half of which the state pays. Two of nine members slammed the plan.",
        "“This is a shocking waste of public money,” said Ann Lee, one of the two. Residents had asked for a footpath.",
    ]
)
SLAMMED, SHOCKING, SLAMMED_AGAIN = 0, 1, 2
A_TITLE = Corrections(texts={Output.FEED_TITLE: "City council votes to repair the old bridge"})


def neutralize(*stories: StoryRaw, **options: Any) -> None:
    """Run the stage over some stories."""
    neutralize_pending(trace_id="t", options=RunOptions(**options), story_ids=[story.id for story in stories])


def on_the_desk(story: StoryRaw | UUID) -> StoryNeutralized:
    """The version that an editor would correct now."""
    version = version_to_correct(story if isinstance(story, UUID) else story.id)
    assert version is not None
    return version


def a_neutralized_story(body: str = BODY, **fields: Any) -> StoryNeutralized:
    """A story's first version, as a run makes it."""
    story = a_story(body=body, **fields)
    add_version(
        story=story,
        version=judge(_made(body)),
        method=Method.LEXICON,
        mode=Mode.SPAN_GUIDED,
        input_hash="i" * 64,
        rule_hashes={},
    )
    return on_the_desk(story)


@cache
def _made(body: str) -> Neutralized:
    lexicon, false_positives = (rule_sets()[name] for name in ("lexicon", "false_positives"))
    return neutralize_by_lexicon(
        body,
        lexicon=compile_lexicon(shipped_entries(lexicon.path)),
        false_positives=compile_false_positives(shipped_entries(false_positives.path)),
    )


def an_editor(name: str = "ed") -> User:
    """Somebody who may do everything; the same one each time."""
    editor, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True, "is_superuser": True})
    return editor


def correct(base: StoryNeutralized, corrections: Corrections | None = None, **parts: Any) -> Corrected:
    """Correct a version as an editor does."""
    return correct_story(base=base, corrections=corrections or Corrections(**parts), editor=an_editor())


def phrases(version: StoryNeutralized) -> list[str]:
    """Its accepted phrases."""
    return [span.original_text for span in version.spans.order_by("position")]


def numbers(story: StoryRaw) -> list[tuple[int, bool]]:
    """A story's versions, and which is current."""
    versions = StoryNeutralized.objects.filter(story=story).order_by("version")
    return list(versions.values_list("version", "is_current"))
