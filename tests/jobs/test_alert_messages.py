"""People hear of an alert when it is raised and when it is cleared, once each, even if sending fails at first."""

import io
import json
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from ntrl.pipeline import outbox
from ntrl.pipeline.alerting import note_alerts, note_left_behind
from ntrl.pipeline.alerts import ALERTS, CHECKED_IN
from ntrl.pipeline.lock import NOT_TAKEN_UP, QUEUED_AT_MOST, close_dead_run
from ntrl.pipeline.models import Alert, AlertMessage, PipelineRunSummary, Trigger
from ntrl.stages.models import StageRun
from ntrl.stages.owner import Owner, this_host, this_process

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEAD = str(Owner(this_host(), 2**22 + 1, 1.0))
PATIENCE_SECONDS = 30
ALL_STAGES = frozenset().union(*CHECKED_IN.values())


class Hook(ThreadingHTTPServer):
    """Takes webhooks, and answers as told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.status = 204
        self.promised = 0
        self.held = threading.Event()
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/s3cret"


class _Taking(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.ids.append(self.headers["Idempotency-Key"])
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.promised))
        self.end_headers()
        self.server.held.wait(self.server.promised * PATIENCE_SECONDS)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def hook(settings: Settings) -> Iterator[Hook]:
    settings.NTRL_ALERT_EMAILS = ["desk@paper.example"]
    with Hook() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.NTRL_ALERT_WEBHOOK_URL = server.url
        yield server
        server.shutdown()


def a_run(
    *codes: str, owner: str = "", at: datetime = NOON, stages: Collection[str] = ALL_STAGES, **fields: object
) -> PipelineRunSummary:
    """Make a run that has ended, and these of its stages."""
    run = PipelineRunSummary.objects.create(
        trace_id=f"{PipelineRunSummary.objects.count():032x}",
        trigger=Trigger.SCHEDULED,
        status="completed",
        owner=owner or str(this_process()),
        started_at=at,
        heartbeat_at=at,
        finished_at=at,
        alerts=list(codes),
    )
    for stage in stages:
        values = {"status": "completed", **fields}
        StageRun.objects.create(
            trace_id=run.trace_id, stage=stage, owner=run.owner, started_at=at, heartbeat_at=at, **values
        )
    return run


def note(*codes: str) -> None:
    note_alerts(a_run(*codes), NOON)


def told() -> list[tuple[str, str]]:
    return list(
        AlertMessage.objects.filter(channel="webhook")
        .order_by("created_at", "alert_id", "-event")
        .values_list("alert__code", "event")
    )


def test_flapping_is_told_at_each_turn_and_only_there(hook: Hook) -> None:
    for codes in (["ingestion_zero"], ["ingestion_zero"], [], [], ["ingestion_zero", "pipeline_failed"], []):
        note(*codes)

    assert told() == [
        ("ingestion_zero", "raised"),
        ("ingestion_zero", "cleared"),
        ("ingestion_zero", "raised"),
        ("ingestion_zero", "cleared"),
        ("pipeline_failed", "raised"),
        ("pipeline_failed", "cleared"),
    ]
    assert not Alert.objects.filter(cleared_at=None).exists()


def test_a_run_is_noted_once(hook: Hook) -> None:
    first = a_run("ingestion_zero")
    note_alerts(first, NOON)
    note()
    note_alerts(first, NOON)
    note_alerts(PipelineRunSummary.objects.get(pk=first.pk), NOON)

    assert told() == [("ingestion_zero", "raised"), ("ingestion_zero", "cleared")]


def test_a_run_whose_process_died_before_it_could_is_noted_by_the_watch(hook: Hook) -> None:
    a_run("ingestion_zero", owner=DEAD)
    a_run("pipeline_failed")  # still at its narratives

    assert note_left_behind(timezone.now()) == 1

    assert told() == [("ingestion_zero", "raised")]


def open_codes() -> set[str]:
    return set(Alert.objects.filter(cleared_at=None).values_list("code", flat=True))


@pytest.mark.parametrize(("status", "reason"), [("queued", NOT_TAKEN_UP), ("running", "its process died")])
def test_a_run_that_looked_at_nothing_clears_nothing(hook: Hook, status: str, reason: str) -> None:
    note(*ALERTS)
    long_ago = timezone.now() - 2 * QUEUED_AT_MOST
    owner = DEAD if status == "running" else ""
    PipelineRunSummary.objects.create(
        trace_id="a", trigger=Trigger.API, status=status, owner=owner, started_at=long_ago, heartbeat_at=long_ago
    )

    assert close_dead_run(timezone.now()) == 1

    assert reason in PipelineRunSummary.objects.get(trace_id="a").reason
    assert open_codes() == set(ALERTS)


@pytest.mark.parametrize("code", ALERTS)
@pytest.mark.parametrize(
    ("fields", "clears"),
    [
        ({"status": "completed"}, True),
        ({"status": "partial", "counts": {"total": 1}}, True),
        ({"status": "partial"}, False),
        ({"status": "failed", "counts": {"total": 1}}, False),
    ],
)
def test_an_alert_is_over_when_the_run_got_through_its_stages(code: str, fields: dict[str, Any], clears: bool) -> None:
    note(code)
    run = a_run(stages=CHECKED_IN[code], **fields)

    note_alerts(run, NOON)

    assert open_codes() == (set() if clears or not CHECKED_IN[code] else {code})


def test_a_run_that_died_at_its_narratives_does_not_clear_theirs(hook: Hook) -> None:
    note("narratives_failed", "ingestion_zero")
    a_run(owner=DEAD)

    assert note_left_behind(timezone.now()) == 1

    assert open_codes() == {"narratives_failed"}


def events(hook: Hook) -> list[tuple[str, str]]:
    return [(document["event"], document["trace_id"][-1]) for document in hook.got]


def test_people_hear_in_the_order_in_which_it_was_said(hook: Hook) -> None:
    hook.status = 500
    note("ingestion_zero")
    assert outbox.send_waiting(NOON)["failed"] == 1
    hook.status = 204
    for codes in ([], ["ingestion_zero", "pipeline_failed"]):
        note(*codes)
    hook.got.clear()

    assert outbox.send_waiting(NOON + timedelta(seconds=1))["sent"] == 4, "three by mail; another code waits for nobody"
    assert [document["code"] for document in hook.got] == ["pipeline_failed"]
    outbox.send_waiting(NOON + timedelta(minutes=2))

    assert events(hook)[1:] == [("raised", "0"), ("cleared", "1"), ("raised", "2")]


def test_what_was_given_up_holds_nobody_up(hook: Hook) -> None:
    note("ingestion_zero")
    AlertMessage.objects.update(status="given_up")
    note()

    assert outbox.send_waiting(NOON)["sent"] == 2
    assert [event for event, _ in events(hook)] == ["cleared"]


def test_mail_and_webhook_carry_what_is_known_and_one_id(hook: Hook) -> None:
    note("ingestion_zero")

    assert outbox.send_waiting(NOON) == {"sent": 2, "failed": 0, "given_up": 0}
    assert outbox.send_waiting(NOON + timedelta(days=1)) == {"sent": 0, "failed": 0, "given_up": 0}

    by_hook, by_mail = (AlertMessage.objects.get(channel=channel) for channel in ("webhook", "mail"))
    assert hook.got == [
        {
            "id": str(by_hook.id),
            "event": "raised",
            "code": "ingestion_zero",
            "meaning": "no article was ingested",
            "raised_at": "2026-11-21T12:00:00Z",
            "cleared_at": None,
            "trace_id": f"{0:032x}",
        }
    ]
    assert hook.ids == [str(by_hook.id)]
    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("[NTRL] raised: ingestion_zero", ["desk@paper.example"])
    assert letter.extra_headers["Message-ID"] == f"<{by_mail.id}@ntrl>"
    assert "no article was ingested" in letter.body


def test_what_fails_is_tried_again_later_and_told_nowhere_with_its_address(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    hook.status = 500
    note("ingestion_zero")

    assert outbox.send_waiting(NOON)["failed"] == 1
    message = AlertMessage.objects.get(channel="webhook")
    assert (message.status, message.error, message.attempts) == ("waiting", "answered 500", 1)
    assert outbox.send_waiting(NOON + timedelta(seconds=59))["sent"] == 0
    hook.status = 200
    assert outbox.send_waiting(NOON + timedelta(seconds=61))["sent"] == 1

    assert hook.ids == [str(message.id)] * 2, "the receiver can tell that it is the same"
    assert "s3cret" not in caplog.text


def test_an_answer_is_not_waited_for_to_its_end(hook: Hook) -> None:
    hook.status, hook.promised = 200, 1
    note("ingestion_zero")
    assert outbox.send_waiting(NOON)["sent"] == 2
    hook.held.set()


def test_nobody_there_and_no_address_are_failures_without_the_address(hook: Hook, settings: Settings) -> None:
    for url in ("http://127.0.0.1:1/s3cret", "s3cret://[", "http://s3cret.invalid:99999/"):
        settings.NTRL_ALERT_WEBHOOK_URL = url
        note("ingestion_zero")
        outbox.send_waiting(NOON)
        error = AlertMessage.objects.get(channel="webhook").error
        assert error
        assert "s3cret" not in error
        Alert.objects.all().delete()


def test_after_many_tries_it_is_given_up_and_stays_visible(hook: Hook) -> None:
    hook.status = 404
    note("ingestion_zero")
    for day in range(outbox.MAX_ATTEMPTS + 3):
        outbox.send_waiting(NOON + timedelta(days=day))

    message = AlertMessage.objects.get(channel="webhook")
    assert (message.status, message.attempts) == ("given_up", outbox.MAX_ATTEMPTS)
    assert len(hook.got) == outbox.MAX_ATTEMPTS


def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_id(hook: Hook) -> None:
    note("ingestion_zero")

    class Killed(BaseException):
        pass

    def sent_and_killed(document: Any) -> None:
        outbox._post(document)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_SENDERS", dict.fromkeys(outbox._SENDERS, sent_and_killed))
        with pytest.raises(Killed):
            outbox.send_waiting(NOON)
    first = hook.ids[0]
    assert AlertMessage.objects.get(pk=first).status == "waiting"
    for message in AlertMessage.objects.exclude(pk=first):
        message.delete()

    assert outbox.send_waiting(NOON)["sent"] == 0, "whoever comes at once takes it to be in work"
    AlertMessage.objects.update(channel="webhook")
    assert outbox.send_waiting(NOON + timedelta(minutes=2))["sent"] == 1
    assert hook.ids == [first, first]


def test_without_a_channel_alerts_are_kept_and_nobody_is_told() -> None:
    note("ingestion_zero")
    assert (Alert.objects.count(), AlertMessage.objects.count()) == (1, 0)


def test_the_command_sends_what_waits_and_tries_the_channels(hook: Hook, settings: Settings) -> None:
    note("ingestion_zero")
    out = io.StringIO()
    call_command("send_alerts", "--json", stdout=out)
    assert json.loads(out.getvalue())["sent"] == 2

    call_command("send_alerts", "--test", stdout=io.StringIO())
    assert hook.got[-1]["event"] == "test"
    hook.status = 403
    with pytest.raises(SystemExit) as ended:
        call_command("send_alerts", "--test", stdout=io.StringIO())
    assert ended.value.code == 1

    settings.NTRL_ALERT_EMAILS, settings.NTRL_ALERT_WEBHOOK_URL = [], ""
    with pytest.raises(CommandError, match="NTRL_ALERT_EMAILS"):
        call_command("send_alerts", "--test")
