"""What every command shares: exit codes, one JSON document, options, and words for people."""

import io
import json
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ntrl.stages.command import MAX_WORKERS, NtrlCommand, StageCommand, StoryStageCommand, positive
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.models import Claim, RunStatus
from ntrl.stages.progress import Lines, Silent, progress_for
from ntrl.stages.runner import run_stage
from tests.support.stages import FakeStage, saved_keys

pytestmark = pytest.mark.django_db


class FakeCommand(StoryStageCommand):
    """A command over fake stages."""

    help = "Do fake things."
    default_limit = 3
    next_step = "python manage.py something"

    def __init__(self, *stages: FakeStage) -> None:
        super().__init__()
        self.stages = stages

    def work(self, options: dict[str, Any]) -> RunStatus:
        run_options = self.run_options(options, self.stop)
        reports = [
            run_stage(stage, trace_id="t" * 32, options=run_options, progress=self.progress()) for stage in self.stages
        ]
        return self.present(reports, total=sum(report.counts["total"] for report in reports))


def call(*stages: FakeStage, command: NtrlCommand | None = None, args: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Call a command as a shell would; returns its exit status, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            call_command(command or FakeCommand(*stages), *args, stdout=out, stderr=err)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, out.getvalue(), err.getvalue()


class Unanswered(RetryLater):
    """A provider outside gave nothing."""

    is_unanswered = True


BUGGY = {"a": [ValueError("odd")]}


@pytest.mark.parametrize(
    ("replies", "status"),
    [
        ({}, 0),
        ({"a": [Quarantined("gone")]}, 0),
        ({"a": [RetryLater("http_500")]}, 0),
        ({"a": [Unanswered("llm_http_401")]}, 3),
        (BUGGY, 3),
    ],
)
def test_how_a_command_exits(replies: dict[str, Any], status: int) -> None:
    assert call(FakeStage("ab", replies))[0] == status


@pytest.mark.parametrize(("worst", "status"), [(RunStatus.COMPLETED, 0), (RunStatus.PARTIAL, 3), (RunStatus.FAILED, 1)])
def test_each_status_has_its_exit(worst: RunStatus, status: int) -> None:
    class Ending(NtrlCommand):
        def work(self, options: dict[str, Any]) -> RunStatus:
            return worst

    assert call(command=Ending())[0] == status


def test_the_worst_stage_counts() -> None:
    assert call(FakeStage("b"), FakeStage("a", BUGGY), FakeStage("c"))[0] == 3


def test_json_is_one_document_and_nothing_else() -> None:
    status, out, err = call(FakeStage("ab", BUGGY), FakeStage("c"), args=("--json",))

    document = json.loads(out)
    assert status == 3
    assert document["total"] == 3
    assert [stage["status"] for stage in document["stages"]] == ["partial", "completed"]
    assert document["stages"][0]["counts"] == {"bug": 1, "success": 1, "total": 2}
    assert document["stages"][0]["failures"] == ["a: ValueError: odd"]
    assert err == ""


def test_people_read_what_was_done_and_what_to_do_next_and_progress_goes_to_standard_error() -> None:
    status, out, err = call(FakeStage("ab", {"a": [Quarantined("gone", "a menu")]}))

    assert status == 0
    assert "fake: completed, quarantine 1, success 1, total 2 (" in out
    assert "failed: a: gone: a menu" in out
    assert out.rstrip().endswith("Next: python manage.py something")
    assert "fake: starting, 2 pending" in err
    assert "fake: 2 done" in err


def test_a_dry_run_is_shown_line_by_line_and_leaves_nothing() -> None:
    status, out, _ = call(FakeStage("ab"), args=("--dry-run",))

    assert status == 0
    assert "fake: would do 2 (dry run, nothing written)" in out
    assert "  would do a\n" in out
    assert "Next:" not in out
    assert (saved_keys(), Claim.objects.count()) == ([], 0)


def test_nothing_to_do_is_said() -> None:
    assert "fake: completed, nothing to do" in call(FakeStage())[1]


def test_the_limit_is_the_commands_own_unless_told() -> None:
    assert call(FakeStage("abcde"), args=("--json",))[1].count('"success": 3')
    assert saved_keys() == ["a", "b", "c"]

    call(FakeStage("vwxyz"), args=("--limit", "1", "--workers", "1"))
    assert saved_keys() == ["a", "b", "c", "v"]


def test_force_reaches_the_runner() -> None:
    stage = FakeStage("a", {"a": [Quarantined("gone"), "fine"]})
    call(stage)
    call(stage)
    assert saved_keys() == []

    call(stage, args=("--force",))

    assert saved_keys() == ["a"]


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", "", "١", "1_0", "²"])
@pytest.mark.parametrize("option", ["--limit", "--workers"])
def test_a_number_that_is_none_is_refused(option: str, number: str) -> None:
    with pytest.raises(CommandError, match="not a whole number of 1 or more"):
        call(FakeStage("a"), args=(f"{option}={number}",))

    assert saved_keys() == []


def test_more_workers_than_any_machine_can_use_are_refused() -> None:
    assert call(FakeStage("a"), args=(f"--workers={MAX_WORKERS}",))[0] == 0
    with pytest.raises(CommandError, match=f"{MAX_WORKERS + 1} is more than {MAX_WORKERS}"):
        call(FakeStage("b"), args=(f"--workers={MAX_WORKERS + 1}",))

    assert saved_keys() == ["a"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "nan", "inf", "1e9"])
def test_a_rate_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match="is not a number from"):
        call(FakeStage("a"), args=(f"--max-per-second={number}",))


def test_a_rate_reaches_the_runner() -> None:
    parser = FakeCommand().create_parser("manage.py", "fake")

    options = FakeCommand().run_options(vars(parser.parse_args(["--max-per-second", "0.5"])), threading.Event())

    assert options.max_per_second == 0.5


def test_a_stage_that_cannot_be_counted_says_so_and_not_that_its_progress_broke() -> None:
    class Uncountable(FakeStage):
        def total(self) -> int:
            raise LookupError("no such table")

    with pytest.raises(LookupError, match="no such table"):
        call(Uncountable("a"))


def test_a_story_that_is_no_id_is_refused() -> None:
    with pytest.raises(CommandError, match="--story"):
        call(FakeStage("a"), args=("--story", "not-an-id"))


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), ("250000", 250_000)])
def test_whole_numbers_are_read(text: str, number: int) -> None:
    assert positive(text) == number


def test_help_names_every_option_and_the_exit_codes() -> None:
    parser = FakeCommand().create_parser("manage.py", "fake")
    text = parser.format_help()

    for word in (
        "--json",
        "--limit",
        "--workers",
        "--max-per-second",
        "--dry-run",
        "--story",
        "--force",
        "Exit status: 0 completed",
    ):
        assert word in text
    assert all(action.help for action in parser._actions)


def test_a_stage_that_breaks_is_no_quiet_success() -> None:
    class Breaking(StageCommand):
        def work(self, options: dict[str, Any]) -> RunStatus:
            raise LookupError("no such table")

    with pytest.raises(LookupError):
        call(command=Breaking())


def test_progress_is_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    sink = progress_for(stream)
    assert isinstance(sink, Lines)

    sink.start("fake", None)
    sink.advance("a")
    sink.finish()

    assert stream.getvalue() == "fake: starting\nfake: 1 done\n"


def test_lines_come_now_and_then_not_for_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    sink = Lines(stream)
    sink.start("fake", 100)
    for _ in range(50):
        sink.advance("a")
    assert stream.getvalue().count("\n") == 1

    monkeypatch.setattr("ntrl.stages.progress.PLAIN_SECONDS_BETWEEN_LINES", 0.0)
    sink.advance("a")

    assert stream.getvalue().endswith("fake: 51 of 100 done\n")


def test_silence_is_silent() -> None:
    sink = Silent()
    sink.start("fake", 1)
    sink.advance("a")
    sink.finish()
