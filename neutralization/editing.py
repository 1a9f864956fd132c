"""What editors do to a story's neutral texts: correct them, show an earlier version again, have them made anew.

Each makes what it changes current in one transaction, with its line in the admin's record, and tells the brief.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils.text import slugify

from neutralization.audit import Detector
from neutralization.corrections import AuditRefused, Corrections, Refused, Rejection, Scope, SpanRefused
from neutralization.lexicon_neutralizer import detector
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.rebuilding import Basis, Rebuilt, describe, rebuild
from neutralization.rules_in_force import false_positives_of, lexicon_of
from neutralization.selectors import basis_of, body_of, version_to_correct
from neutralization.services import neutralize_pending
from neutralization.types import Mode, Output, Span
from neutralization.versions import NewVersion, add_version, hold, show_again
from ntrl.accounts.models import User
from ntrl.rules.loader import RuleFileError, checked_entries, load_rules
from ntrl.rules.models import Rule
from ntrl.stages.events import story_corrected
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions

# The rule set that a phrase rejected everywhere goes to.
RULE_SET = "false_positives"
# Of a term's words in its rule's key; the hash after them tells terms apart.
_KEY_WORDS_CHARS = 60


@dataclass(frozen=True, slots=True)
class Corrected:
    """The version that is current now, and the rules that keep its rejected terms from later runs."""

    version: StoryNeutralized
    rules: tuple[Rule, ...] = ()


class StaleVersion(Refused):
    """Another editor, or a run, was quicker: `newer` is the version to look at first."""

    def __init__(self, base: StoryNeutralized, newer: StoryNeutralized) -> None:
        maker = "another editor" if newer.method == Method.EDITOR else "a run"
        what = f"was made meanwhile by {maker}" if newer.version > base.version else "is shown again meanwhile"
        super().__init__(f"Version {newer.version} {what}, so nothing was saved over it.")
        self.newer = newer


def correct_story(*, base: StoryNeutralized, corrections: Corrections, editor: User) -> Corrected:
    """Make a new version of `base` with all corrections: method `editor`, audited, locked, and current at once.

    Phrases rejected everywhere become rules of `false_positives`, so that later runs leave them alone.

    Raises:
        StaleVersion: `base` is not the version to correct any more.
        AuditRefused: the audit says no to what comes of it.
        Refused: something that was asked for can't be done. In each case nothing is saved.
    """
    _require_newest(base)
    basis = _basis(base)
    rebuilt = rebuild(basis, corrections, _detector())
    failed = rebuilt.made.failed_rules
    if failed:
        raise AuditRefused(failed, {name: getattr(rebuilt.made.outputs, name) for name in Output})
    with transaction.atomic():
        hold(base.story)
        _require_newest(base)
        rules = tuple(_exempt(each, basis.spans[each.position], editor) for each in _for_all(corrections))
        row = _add(base, rebuilt)
        _announce(row, editor, describe(basis, corrections, rebuilt))
    return Corrected(row, rules)


def restore_version(*, base: StoryNeutralized, version: int, editor: User) -> Corrected:
    """Show an earlier successful version of `base`'s story again, as it was; runs leave it alone if it was locked.

    Raises:
        StaleVersion: `base` is not the version to correct any more.
        Refused: there is no such version that could be shown.
    """
    with transaction.atomic():
        hold(base.story)
        _require_newest(base)
        row = StoryNeutralized.objects.filter(story=base.story, version=version, status=Status.SUCCESS).first()
        if row is None or row.is_current:
            raise Refused("Only an earlier version that passed its audit can be shown again.")
        show_again(row)
        _announce(row, editor, f"showed it again in place of version {base.version}")
    return Corrected(row)


def make_anew(*, story_id: UUID, base: StoryNeutralized | None, editor: User) -> Corrected:
    """Have a run make the story's texts anew, over an editor's version too: `neutralize --force` for one story.

    What comes of it is no editor's, so later runs are free again. If it fails, what is shown stays.

    Raises:
        StaleVersion: `base` is not the version to correct any more.
        Refused: nothing came of the run, with the reason.
    """
    if base is not None:
        _require_newest(base)
    elif version_to_correct(story_id) is not None:
        raise Refused("A version was made meanwhile, so nothing was done: look at it first.")
    before = _last_number(story_id)
    report = neutralize_pending(
        trace_id=new_trace_id(),
        options=RunOptions(workers=1, force=base is not None),
        story_ids=[story_id],
        over=base.pk if base else None,
    ).report
    row = StoryNeutralized.objects.filter(story_id=story_id, version__gt=before).order_by("-version").first()
    if row is None:
        why = "; ".join(report.failures) or "another run has it in hand, or it is a duplicate"
        raise Refused(f"No version was made: {why}.")
    if not row.is_current:
        raise Refused(f"Version {row.version} failed, so it is not shown: {row.failure_reason}: {row.failure_detail}")
    with transaction.atomic():
        _announce(row, editor, "had it made anew")
    return Corrected(row)


def _detector() -> Detector:
    """The detector of the rules of now, as runs have it."""
    return detector(lexicon_of(load_rules("lexicon")), false_positives_of(load_rules("false_positives")))


def _basis(base: StoryNeutralized) -> Basis:
    if not base.detail_full:
        raise Refused("There is no text to correct yet.")
    body = body_of(base)
    if body.text is None and base.status != Status.SUCCESS:
        raise Refused(f"{body.problem} What has not passed its audit can't be audited anew without it.")
    return basis_of(base, body.text)


def _require_newest(base: StoryNeutralized) -> None:
    newest = version_to_correct(base.story_id)
    if newest is not None and newest.pk != base.pk:
        raise StaleVersion(base, newest)


def _last_number(story_id: UUID) -> int:
    numbers = StoryNeutralized.objects.filter(story_id=story_id).order_by("-version").values_list("version", flat=True)
    return numbers.first() or 0


def _add(base: StoryNeutralized, rebuilt: Rebuilt) -> StoryNeutralized:
    return add_version(
        story=base.story,
        version=NewVersion(Status.SUCCESS, made=rebuilt.made),
        method=Method.EDITOR,
        mode=Mode(base.mode),
        input_hash="",
        rule_hashes=base.rule_hashes,
        is_locked=True,
        body_version=base.body_version,
        written_outputs=rebuilt.written,
    )


def _for_all(corrections: Corrections) -> list[Rejection]:
    return [each for each in corrections.rejections if each.scope is Scope.EVERYWHERE]


def _exempt(rejection: Rejection, span: Span, editor: User) -> Rule:
    """Make, or switch on again, the rule that leaves a term alone."""
    term = rejection.term_for(span)
    digest = hashlib.sha256(term.casefold().encode()).hexdigest()[:12]
    key = f"editors/{slugify(term)[:_KEY_WORDS_CHARS]}-{digest}"
    reason = rejection.reason.strip()
    payload = {"forms": [term], "reason": reason}
    others = Rule.objects.filter(rule_set=RULE_SET).exclude(key=key)
    try:
        checked_entries(RULE_SET, [*others, Rule(rule_set=RULE_SET, key=key, payload=payload)])
    except RuleFileError as problem:
        raise SpanRefused(rejection.position, str(problem)) from problem
    values = {"payload": payload, "note": reason, "is_enabled": True}
    rule, _ = Rule.objects.update_or_create(
        rule_set=RULE_SET, key=key, defaults=values, create_defaults={**values, "created_by": editor}
    )
    LogEntry.objects.log_actions(editor.pk, [rule], CHANGE, "Rejected at the desk.", single_object=True)
    return rule


def _announce(row: StoryNeutralized, editor: User, message: str) -> None:
    """Keep who did what, and have the brief made again."""
    LogEntry.objects.log_actions(editor.pk, [row], CHANGE, message, single_object=True)
    story_corrected.send(sender=StoryNeutralized, story_id=row.story_id)
