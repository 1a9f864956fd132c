"""Sharing a stage: one limit for all, nobody begins too late, and the leader waits for those who came."""

import threading
from collections.abc import Callable

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from ntrl.pipeline import team
from ntrl.pipeline.models import Cluster, PipelineRunSummary
from ntrl.pipeline.models import Trigger as By
from ntrl.pipeline.services import PipelineOptions, run_pipeline
from ntrl.stages.models import Claim, RunStatus, StageRun
from ntrl.stages.owner import Owner, this_host, this_process
from ntrl.stages.records import DIED, RunRecord
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage
from tests.support.fetching import FakeFetcher
from tests.support.stages import FakeStage

pytestmark = pytest.mark.django_db
TRACE = "f" * 32
ELSEWHERE, DEAD = "elsewhere|1|1.00", str(Owner(this_host(), 2**22 + 1, 1.0))


@pytest.fixture
def run() -> PipelineRunSummary:
    now = timezone.now()
    return PipelineRunSummary.objects.create(
        trace_id=TRACE, trigger=By.API, owner=str(this_process()), started_at=now, heartbeat_at=now
    )


def another_cluster(owner: str = ELSEWHERE) -> None:
    now = timezone.now()
    Cluster.objects.create(key=f"ntrl-{owner}"[:40], owner=owner, started_at=now, heartbeat_at=now)


def a_worker(owner: str, **fields: object) -> StageRun:
    now = timezone.now()
    values = {"trace_id": TRACE, "stage": "classify", "started_at": now, "heartbeat_at": now, **fields}
    return StageRun.objects.create(owner=owner, **values)


def lead(work: Callable[[RunOptions], StageReport], **options: object) -> list[StageReport]:
    return team.lead(trace_id=TRACE, stage="classify", options=RunOptions(**options), work=work)


def report(options: RunOptions) -> StageReport:
    return StageReport("classify", TRACE)


@pytest.mark.parametrize("others", [[], [DEAD]])
def test_alone_it_is_the_work_alone(run: PipelineRunSummary, others: list[str]) -> None:
    for owner in others:
        another_cluster(owner)
    seen: list[RunOptions] = []

    lead(lambda options: (seen.append(options), report(options))[1])

    assert [options.is_shared for options in seen] == [False]
    assert not OrmQ.objects.exists()


def test_other_clusters_are_asked_each_by_name_while_the_stage_is_open(run: PipelineRunSummary) -> None:
    another_cluster()
    seen: list[object] = []

    def work(options: RunOptions) -> StageReport:
        run.refresh_from_db()
        seen.extend([options.is_shared, run.open_stage])
        return report(options)

    lead(work)

    run.refresh_from_db()
    assert seen == [True, "classify"]
    assert run.open_stage == ""
    assert [task.key for task in OrmQ.objects.all()] == [Cluster.objects.get().key]


def test_what_a_helper_that_died_had_in_hand_is_done_again(run: PipelineRunSummary) -> None:
    another_cluster()
    times: list[int] = []

    def work(options: RunOptions) -> StageReport:
        if not times:
            a_worker(DEAD, counts={"total": 2})
        times.append(1)
        return report(options)

    reports = lead(work)

    assert (len(times), len(reports)) == (2, 2)
    assert StageRun.objects.get().reason == DIED


def test_the_leader_waits_for_a_helper_and_asks_it_to_stop_when_it_is_asked_itself(run: PipelineRunSummary) -> None:
    another_cluster()
    helper = a_worker(ELSEWHERE)
    stop = threading.Event()
    stop.set()
    looks: list[str] = []

    def sleep(seconds: float) -> None:
        run.refresh_from_db()
        looks.append(run.open_stage)
        StageRun.objects.filter(pk=helper.pk).update(status=RunStatus.PARTIAL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team.time, "sleep", sleep)
        lead(report, stop=stop)

    assert looks == [team.STOPPING]


def test_a_stage_that_breaks_closes_it_for_all(run: PipelineRunSummary) -> None:
    another_cluster()

    def work(options: RunOptions) -> StageReport:
        raise KeyError("odd")

    with pytest.raises(KeyError):
        lead(work)

    run.refresh_from_db()
    assert run.open_stage == team.STOPPING


@pytest.mark.parametrize("fields", [{"open_stage": ""}, {"open_stage": "neutralize"}, {"status": "completed"}])
def test_help_that_comes_too_late_does_nothing(run: PipelineRunSummary, fields: dict[str, str]) -> None:
    PipelineRunSummary.objects.update(**{"open_stage": "classify", **fields})

    assert team.help_stage(trace_id=TRACE, stage="classify", stop=threading.Event()) is None
    assert team.help_stage(trace_id="0" * 32, stage="classify", stop=threading.Event()) is None
    assert not StageRun.objects.exists()


def test_who_finds_the_stage_closed_once_it_stands_in_the_list_begins_nothing() -> None:
    stage = FakeStage(list("abc"))

    done = run_stage(stage, trace_id=TRACE, options=RunOptions(may_begin=lambda: False))

    assert (done.counts.total(), done.status) == (0, RunStatus.COMPLETED)
    assert StageRun.objects.get().status == "completed"


def test_help_does_what_is_pending_under_the_runs_trace_id(run: PipelineRunSummary) -> None:
    PipelineRunSummary.objects.update(open_stage="classify", parameters={"classify_limit": 3, "max_workers": 1})

    done = team.help_stage(trace_id=TRACE, stage="classify", stop=threading.Event())

    assert done is not None
    assert list(StageRun.objects.values_list("trace_id", "stage", "status")) == [(TRACE, "classify", "completed")]


def test_a_limit_is_of_all_workers_together() -> None:
    a_worker(ELSEWHERE, taken=2)  # at work: what it has taken counts
    a_worker(ELSEWHERE, taken=9, counts={"total": 1}, status="completed")  # over: what it has done
    a_worker(DEAD, taken=9, counts={"total": 1}, status="failed")
    mine = RunRecord.begin("classify", TRACE)

    assert [mine.take_share(7) for _ in range(5)] == [True, True, True, False, False]
    assert StageRun.objects.get(owner=str(this_process())).taken == 3


def test_a_stage_ends_when_the_shared_limit_is_used_up_and_gives_back_what_it_may_not_do() -> None:
    a_worker(ELSEWHERE, stage=FakeStage.name, taken=2)
    stage = FakeStage(list("abcdefghi"))

    done = run_stage(stage, trace_id=TRACE, options=RunOptions(limit=5, is_shared=True, workers=2))

    assert done.counts["success"] == 3
    assert not Claim.objects.exists()
    assert done.status == RunStatus.COMPLETED


def test_a_helper_that_died_or_was_stopped_does_not_make_the_run_partial() -> None:
    class Sink:
        def start(self, stage: str, total: int | None) -> None:
            if stage == "classify":
                trace_id = PipelineRunSummary.objects.get(status="running").trace_id
                for reason in (DIED, "asked to stop"):
                    a_worker(ELSEWHERE, trace_id=trace_id, status="failed", reason=reason)

        def advance(self, item: str) -> None: ...

        def finish(self) -> None: ...

    result = run_pipeline(
        trigger=By.API, options=PipelineOptions(allow_empty=True), fetcher=FakeFetcher(), progress=Sink()
    )

    assert (result.summary.status, result.summary.reason) == ("completed", "")
