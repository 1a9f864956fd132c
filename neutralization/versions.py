"""Adding a version of a story's neutral texts: the only place that writes them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from ingestion.models import StoryRaw
from neutralization.disclosure import disclose
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import (
    AuditVerdict,
    Method,
    NeutralEdit,
    Status,
    StoryNeutralized,
    TransparencySpan,
)
from neutralization.types import Mode, Output


@dataclass(frozen=True, slots=True)
class NewVersion:
    """How an attempt came out, and what it made, if anything."""

    status: Status
    failure_reason: str = ""
    failure_detail: str = ""
    made: Neutralized | None = None


def is_locked(story: StoryRaw, *, but: UUID | None = None) -> bool:
    """Whether an editor's version, other than `but`, is current. Until the transaction ends nobody else can add one."""
    hold(story)
    locked = StoryNeutralized.objects.filter(story=story, is_current=True, is_locked=True)
    return (locked.exclude(pk=but) if but else locked).exists()


@transaction.atomic
def add_version(
    *,
    story: StoryRaw,
    version: NewVersion,
    method: Method,
    mode: Mode,
    input_hash: str,
    rule_hashes: Mapping[str, str],
    is_locked: bool = False,
    body_version: int | None = None,
    written_outputs: Collection[Output] = (),
    model_name: str = "",
    prompt_version: str = "",
) -> StoryNeutralized:
    """Write the next version with its spans, edits and verdicts. A success becomes current; nothing else does.

    `body_version` is the story's newest unless told.
    """
    hold(story)
    versions = StoryNeutralized.objects.filter(story=story)
    number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    is_current = version.status == Status.SUCCESS
    if is_current:
        versions.filter(is_current=True).update(is_current=False)
    made = version.made
    redline = made.redline if made else None
    texts = {name: getattr(made.outputs, name) for name in made.outputs.__slots__} if made else {}
    row = StoryNeutralized.objects.create(
        story=story,
        version=number,
        is_current=is_current,
        is_locked=is_locked,
        status=version.status,
        failure_reason=version.failure_reason,
        failure_detail=version.failure_detail,
        body_version=story.body_version if body_version is None else body_version,
        method=method,
        mode=mode,
        input_hash=input_hash,
        rule_hashes=dict(rule_hashes),
        model_name=model_name,
        prompt_version=prompt_version,
        written_outputs=sorted(written_outputs),
        disclosure=disclose(made.spans, method=method, mode=mode) if made else "",
        has_manipulative_content=bool(made and made.spans),
        redline=None if redline is None else redline.as_rows(),
        unattributed_changes=None if redline is None else redline.unattributed,
        **texts,
    )
    if made is not None:
        _add_details(row, made)
    return row


def show_again(row: StoryNeutralized) -> None:
    """Make an earlier version current; nothing of it changes but that."""
    StoryNeutralized.objects.filter(story=row.story_id, is_current=True).update(is_current=False)
    row.is_current = True
    row.save(update_fields=["is_current"])


def hold(story: StoryRaw) -> None:
    """Let nobody else add a version of this story until the transaction ends."""
    StoryRaw.objects.select_for_update().only("pk").get(pk=story.pk)


def _add_details(row: StoryNeutralized, made: Neutralized) -> None:
    spans = TransparencySpan.objects.bulk_create(
        TransparencySpan(
            neutralized=row,
            position=position,
            start=span.start,
            end=span.end,
            original_text=span.original_text,
            category=span.category,
            action=span.action,
            replacement_text=span.replacement,
            rule_key=span.rule_key,
        )
        for position, span in enumerate(made.spans)
    )
    NeutralEdit.objects.bulk_create(
        NeutralEdit(
            neutralized=row,
            span=spans[edit.span_index],
            position=position,
            start=edit.start,
            end=edit.end,
            replacement=edit.replacement,
        )
        for position, edit in enumerate(made.edits)
    )
    AuditVerdict.objects.bulk_create(
        AuditVerdict(
            neutralized=row,
            output=verdict.output,
            rule_id=verdict.rule_id,
            passed=verdict.passed,
            evidence=list(verdict.evidence),
        )
        for verdict in made.verdicts
    )
