"""Reading stories: names and words of real-looking articles, failures with their reasons, nothing loaded in a focus."""

import pytest

from ingestion.models import StoryRaw
from narratives.models import FingerprintStatus, Narrative, StoryFingerprint
from narratives.rules_in_force import load_identity
from narratives.services.detection import DetectResult, detect_narratives
from ntrl.stages.models import Claim
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions
from tests.narratives.make import days, narrative_of
from tests.support.factories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]

STRIKE = (
    "Machinists at Boeing walked out on Monday after they rejected a contract offer. Boeing said the strike by members "
    "of the IAM Union stops work on two jets. The IAM Union said Boeing had offered too little."
)


def a_told_story(title: str, body: str, number: float = 0) -> StoryRaw:
    return a_story(original_title=title, body=body, published_at=days(number), ingested_at=days(number))


def detect(**options: object) -> DetectResult:
    return detect_narratives(trace_id=new_trace_id(), options=RunOptions(workers=1, **options))  # type: ignore[arg-type]


def test_a_story_is_read_and_put_into_a_narrative() -> None:
    story = a_told_story("Boeing machinists strike after rejecting contract", STRIKE)
    result = detect()
    read = StoryFingerprint.objects.get()
    assert (result.fingerprinted, result.assigned, result.created, result.failed) == (1, 1, 1, 0)
    assert (read.nucleus_entity, read.narrative_focus) == ("Boeing", "machinists strike rejecting contract")
    assert read.top_actors == ["IAM Union"]
    assert read.key_actions == ["walked", "rejected", "said"]
    assert narrative_of(story).shown_title == "Boeing: machinists strike rejecting contract"
    assert detect().fingerprinted == 0


def test_a_loaded_word_of_the_headline_does_not_come_into_a_focus() -> None:
    a_told_story("Boeing slammed over shocking machinists strike", STRIKE)
    detect()
    words = StoryFingerprint.objects.get().narrative_focus.split()
    assert "shocking" not in words
    assert "slammed" not in words


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("SEC approves ETF", "The SEC approved an ETF on Monday. The SEC approved it after a long review of the fund."),
        ("Idaho plans planned burns", "Idaho planned burns for May. Idaho plans the burns with crews of the state."),
    ],
)
def test_a_focus_says_two_things(title: str, body: str) -> None:
    a_told_story(title, body)
    detect()
    focus = load_identity().identity.focus
    words = StoryFingerprint.objects.get().narrative_focus.split()
    assert len(words) >= 2
    assert len(focus.tokens(" ".join(words))) == len(words)


def test_an_article_that_names_nobody_is_quarantined_with_its_reason() -> None:
    a_told_story("a walk by the sea", "it was a calm day. nobody came. the sea was flat and grey.")
    assert detect().failed == 1
    read = StoryFingerprint.objects.get()
    assert (read.status, read.failure_reason) == (FingerprintStatus.FAILED, "no_entity")
    assert Claim.objects.get().failure_kind == "quarantine"
    assert detect().reports[0].counts["total"] == 0, "its input has not changed"
    assert Narrative.objects.count() == 0


def test_a_dry_run_writes_nothing() -> None:
    a_told_story("Boeing machinists strike", STRIKE)
    (report,) = detect(dry_run=True).reports
    assert report.counts["planned"] == 1
    assert not StoryFingerprint.objects.exists()


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("", ""),
        ("\u202e\u0000", "\ud7ff" * 50),
        ("A" * 20_000, "B" * 20_000),
        ("İ" * 500, "ß " * 5_000),
        ("日本の首相", "日本の首相は会見した。"),
        ("’s ’s", "The’s Fed’s Fed’s of of of The"),
        ("Of The Of The", "Of Of. The The. " * 300),
    ],
)
def test_no_text_breaks_the_reading(title: str, body: str) -> None:
    a_told_story(title.replace("\0", ""), body.replace("\0", "") or " ")
    result = detect()
    assert result.reports[0].counts["bug"] == 0
    assert result.fingerprinted + result.failed == 1
