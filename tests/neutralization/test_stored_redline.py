"""A version keeps its redline, so that its changes can be shown when the article's body is gone."""

import pytest

from briefs.selectors import redline_of
from neutralization.differences import Difference
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.redline import Redline
from neutralization.taxonomy import Action, Category
from neutralization.types import Mode, Outputs, Span
from neutralization.versions import NewVersion, add_version
from tests.support.factories import a_story

pytestmark = pytest.mark.django_db

REDLINE = Redline((Difference(5, "slammed", 5, "criticized", (0,)), Difference(16, "badly", 19, "")))
MADE = Neutralized(
    spans=(Span(5, 12, "slammed", Category.LOADED_VERBS, Action.REPLACED, "criticized", "verbs/slam"),),
    edits=(),
    outputs=Outputs("Title", "Summary.", "Detail title", "Brief.", "They criticized it ."),
    verdicts=(),
    redline=REDLINE,
)


def stored(version: NewVersion) -> StoryNeutralized:
    row = add_version(
        story=a_story(),
        version=version,
        method=Method.LEXICON,
        mode=Mode.SPAN_GUIDED,
        input_hash="i" * 64,
        rule_hashes={},
    )
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    "version",
    [NewVersion(Status.SUCCESS, made=MADE), NewVersion(Status.FAILED_AUDIT, "form.length", "too long", made=MADE)],
)
def test_a_redline_is_kept_with_its_text(version: NewVersion) -> None:
    row = stored(version)
    assert redline_of(row) == REDLINE
    assert row.unattributed_changes == 1


def test_without_a_text_there_is_none() -> None:
    row = stored(NewVersion(Status.SKIPPED, "no_body", "http_404"))
    assert redline_of(row) is None
    assert row.unattributed_changes is None
