"""What a run raises and clears, each once; a message for every channel is written in the same transaction."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from ntrl.pipeline.alerts import is_over
from ntrl.pipeline.models import Alert, AlertEvent, AlertMessage, Channel, PipelineRunSummary
from ntrl.stages.claims import owner_is_gone
from ntrl.stages.locks import hold_until_commit
from ntrl.stages.models import RunStatus, StageRun

# The stages that come after the run has been judged.
NARRATIVES = {"fingerprint"}


@transaction.atomic
def note_alerts(summary: PipelineRunSummary, now: datetime, *, got_through_narratives: bool = True) -> None:
    """Open the alerts that a finished run raises, and close those that it has found to be over.

    Those of stages that it did not get to, or through, stay open. Done again, it changes nothing.
    """
    hold_until_commit("alerts")
    if not PipelineRunSummary.objects.filter(pk=summary.pk, alerts_noted=False).update(alerts_noted=True):
        return
    summary.alerts_noted = True
    is_open = {alert.code: alert for alert in Alert.objects.filter(cleared_at=None)}
    for code in summary.alerts:
        if code not in is_open:
            _tell(Alert.objects.create(code=code, raised_at=now, raised_by=summary.trace_id), AlertEvent.RAISED, now)
    stages = _stages_done(summary) - (set() if got_through_narratives else NARRATIVES)
    for code, alert in is_open.items():
        if is_over(code, summary.alerts, stages):
            alert.cleared_at, alert.cleared_by = now, summary.trace_id
            alert.save(update_fields=["cleared_at", "cleared_by"])
            _tell(alert, AlertEvent.CLEARED, now)


def note_left_behind(now: datetime) -> int:
    """Note what finished runs have raised whose process died before it could; returns how many runs there were."""
    left = PipelineRunSummary.objects.filter(alerts_noted=False, finished_at__isnull=False).order_by("started_at")
    gone = [run for run in left if owner_is_gone(run.owner, run.heartbeat_at, now)]
    for run in gone:
        note_alerts(run, now, got_through_narratives=False)
    return len(gone)


def channels() -> list[Channel]:
    """The channels that settings name."""
    named = {Channel.MAIL: bool(settings.NTRL_ALERT_EMAILS), Channel.WEBHOOK: bool(settings.NTRL_ALERT_WEBHOOK_URL)}
    return [channel for channel in Channel if named[channel]]


def _stages_done(summary: PipelineRunSummary) -> set[str]:
    """Name the stages that the run's leader has ended, but for those that it stopped before it had done anything."""
    ended = StageRun.objects.filter(trace_id=summary.trace_id, owner=summary.owner)
    rows = ended.filter(status__in=(RunStatus.COMPLETED, RunStatus.PARTIAL)).values_list("stage", "status", "counts")
    return {stage for stage, status, counts in rows if status == RunStatus.COMPLETED or counts.get("total")}


def _tell(alert: Alert, event: AlertEvent, now: datetime) -> None:
    AlertMessage.objects.bulk_create(
        AlertMessage(alert=alert, event=event, channel=channel, created_at=now, next_attempt_at=now)
        for channel in channels()
    )
