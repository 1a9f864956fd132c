"""Taking over the narratives of another system, which keeps its own: again and again, and never over an editor."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from narratives.fingerprints import BadFingerprint, check_focus
from narratives.imported import BadDocument, Imported, read_document
from narratives.lifecycle import State
from narratives.loaded import LoadedWords
from narratives.models import EventKind, Narrative, NarrativeEvent, narrative_id_for
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.services.keys import NARRATIVES_LOCK, write_keys
from ntrl.stages.locks import hold_until_commit

# Documents of one transaction: some tenths of a second.
TAKEN_AT_ONCE = 200
CREATED, UPDATED, UNCHANGED, LEFT_ALONE = "created", "updated", "unchanged", "left_alone"


@dataclass(slots=True)
class ImportResult:
    """What became of the documents, by outcome, and why some could not be taken over, by id."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)


def import_documents(documents: Iterable[Mapping[str, Any]], *, dry_run: bool = False) -> ImportResult:
    """Take over documents; those that are here already are brought up to date.

    A focus that is here stays; a narrative that is locked, merged or edited stays as it is but for its snapshot.
    A dry run writes nothing and counts what a run would do.
    """
    rules, result, rest = load_identity(), ImportResult(), iter(documents)
    loaded = LoadedWords.in_force(rules.identity.focus)
    while batch := list(islice(rest, TAKEN_AT_ONCE)):
        read = list(_read(batch, rules, loaded, result))
        with transaction.atomic():
            hold_until_commit(NARRATIVES_LOCK)
            _take_over(read, rules, result)
            if dry_run:
                transaction.set_rollback(True)
    return result


def _read(
    batch: list[Mapping[str, Any]], rules: IdentityRules, loaded: LoadedWords, result: ImportResult
) -> Iterator[Imported]:
    for document in batch:
        try:
            yield _calmed(read_document(document), rules, loaded)
        except BadDocument as refusal:
            result.refused[refusal.key] = refusal.reason


def _take_over(batch: list[Imported], rules: IdentityRules, result: ImportResult) -> None:
    now = timezone.now()
    rows = {row.imported_id: row for row in Narrative.objects.filter(imported_id__in=[each.key for each in batch])}
    edited = _edited([row.pk for row in rows.values()])
    for each in batch:
        row = rows.get(each.key)
        if row is None:
            rows[each.key] = _create(each, now, rules)
            result.counts[CREATED] += 1
        else:
            is_editors = row.is_locked or row.is_tombstone or row.pk in edited
            result.counts[_update(row, each, now, rules, is_editors=is_editors)] += 1


def _calmed(each: Imported, rules: IdentityRules, loaded: LoadedWords) -> Imported:
    """What readers may see of a document: names that judge nobody, and a focus; one that may not stand is missing.

    Raises:
        BadDocument: all its names hold a word that the lexicon flags.
    """
    names = loaded.calm_names((each.nucleus_entity, *each.top_actors))
    if not names:
        raise BadDocument(each.key, "the lexicon flags every name in it")
    focus = each.narrative_focus
    try:
        check_focus(focus, names[0], rules.identity.aliases)
        loaded.check_focus(focus)
    except BadFingerprint:
        focus = ""
    return replace(each, nucleus_entity=names[0], top_actors=names[1:], narrative_focus=focus)


def _edited(narrative_ids: list[Any]) -> set[Any]:
    events = NarrativeEvent.objects.filter(narrative__in=narrative_ids, kind=EventKind.EDITED)
    return set(events.values_list("narrative", flat=True))


def _create(each: Imported, now: datetime, rules: IdentityRules) -> Narrative:
    narrative = Narrative.objects.create(
        id=narrative_id_for(f"imported {each.key}"),
        imported_id=each.key,
        nucleus_entity=each.nucleus_entity,
        narrative_focus=each.narrative_focus,
        summary=each.summary,
        top_actors=list(each.top_actors),
        key_actions=list(each.key_actions),
        snapshot=dict(each.snapshot),
        # No article of ours is in it yet.
        state=State.DORMANT,
        first_detected_at=each.first_at,
        last_article_at=each.last_at,
        created_at=now,
    )
    write_keys([narrative], rules)
    detail = {"imported_id": each.key}
    NarrativeEvent.objects.create(narrative=narrative, kind=EventKind.CREATED, at=now, detail=detail)
    return narrative


def _update(row: Narrative, each: Imported, now: datetime, rules: IdentityRules, *, is_editors: bool) -> str:
    """Bring a narrative up to date; returns the outcome."""
    wanted: dict[str, Any] = {"snapshot": dict(each.snapshot)}
    if not is_editors:
        wanted["summary"] = each.summary
        if not row.narrative_focus:
            wanted["narrative_focus"] = each.narrative_focus
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.last_updated = now
        row.save(update_fields=[*changed, "last_updated"])
    if "narrative_focus" in changed:
        write_keys([row], rules)
        detail = {"focus": row.narrative_focus, "method": "import"}
        NarrativeEvent.objects.create(narrative=row, kind=EventKind.FOCUS_BACKFILLED, at=now, detail=detail)
    if is_editors:
        return LEFT_ALONE
    return UPDATED if changed else UNCHANGED
