"""A version's texts rebuilt after an editor's corrections, and audited as every output is. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from neutralization.audit import audit
from neutralization.compose import ComposeError, compose
from neutralization.corrections import (
    WRITABLE,
    Corrections,
    Refused,
    Rejection,
    Scope,
    TextRefused,
    storable,
)
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.redline import Redline, redline
from neutralization.span_corrections import corrected_spans
from neutralization.taxonomy import Action
from neutralization.types import Edit, Mode, Output, Outputs, Span


@dataclass(frozen=True, slots=True)
class Basis:
    """The version that is corrected. `body` is None when it is gone; `written` are the texts that were not composed."""

    body: str | None
    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    outputs: Outputs
    written: frozenset[Output] = frozenset()
    mode: Mode = Mode.SPAN_GUIDED
    redline: Redline | None = None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The texts with their verdicts, and which of the short ones were written by somebody."""

    made: Neutralized
    written: frozenset[Output]


def rebuild(basis: Basis, corrections: Corrections) -> Rebuilt:
    """Carry out `corrections`: edits and detail_full anew if phrases change, then what was composed from it.

    A text that somebody wrote stays as it is. Without the body its phrases can't change, and the audit judges by what
    is left of it: detail_full, and the words of the accepted phrases.

    Raises:
        Refused: something that was asked for can't be done, or nothing was.
    """
    spans = _spans(basis, corrections)
    new_spans = spans != basis.spans
    edits, full = basis.edits, basis.outputs.detail_full
    if new_spans:
        edits = make_edits(basis.body or "", spans)
        full = apply_edits(basis.body or "", edits)
    given = _given_texts(basis, corrections.texts)
    written = frozenset(name for name in WRITABLE if given.get(name, name in basis.written))
    to_compose = {name for name in WRITABLE if name not in written and (new_spans or name in given)}
    texts = {name: given.get(name) or getattr(basis.outputs, name) for name in WRITABLE} | _composed(full, to_compose)
    outputs = Outputs(**{name.value: text for name, text in texts.items()}, detail_full=full)
    if not new_spans and outputs == basis.outputs and written == basis.written:
        raise Refused("Nothing was changed.")
    return Rebuilt(_audited(basis, spans, edits, outputs), written)


def describe(basis: Basis, corrections: Corrections, rebuilt: Rebuilt) -> str:
    """Say in a line what was corrected, for the record."""
    spans = basis.spans
    parts = [_told(spans[each.position], each) for each in corrections.rejections]
    parts += [
        f"changed “{spans[each.position].original_text}”: {_done(each.action, each.replacement)}"
        for each in corrections.changes
    ]
    parts += [f"added “{each.phrase}”: {_done(each.action, each.replacement)}" for each in corrections.additions]
    for name in WRITABLE:
        if name in basis.written - rebuilt.written:
            parts.append(f"had {name} composed")
        elif name in rebuilt.written and getattr(rebuilt.made.outputs, name) != getattr(basis.outputs, name):
            parts.append(f"wrote {name}")
    return "; ".join(parts)


def _audited(basis: Basis, spans: tuple[Span, ...], edits: tuple[Edit, ...], outputs: Outputs) -> Neutralized:
    full = outputs.detail_full
    if basis.body is None:
        remains, left, removed = _remains(full, spans)
        verdicts = audit(remains, outputs, spans=left, edits=removed)
        return Neutralized(spans, edits, outputs, verdicts, redline=basis.redline)
    verdicts = audit(basis.body, outputs, spans=spans, edits=edits)
    return Neutralized(spans, edits, outputs, verdicts, redline=redline(basis.body, full, spans))


def _spans(basis: Basis, corrections: Corrections) -> tuple[Span, ...]:
    if not (corrections.rejections or corrections.changes or corrections.additions):
        return basis.spans
    if basis.body is None:
        raise Refused("The article's own text is gone, so its phrases can't be changed any more.")
    if basis.mode is Mode.SYNTHESIS:
        raise Refused(
            "This text was written anew as a whole by a language model, so it can't be rebuilt from its phrases. "
            "Having it written again is not available yet."
        )
    return corrected_spans(basis.body, basis.spans, corrections)


def _given_texts(basis: Basis, texts: Mapping[Output, str]) -> dict[Output, str]:
    """The texts that differ from what there is, and the blank ones, with plain line ends."""
    given = {}
    for name, raw in texts.items():
        if name not in WRITABLE:
            raise TextRefused(name, "The full text is changed by its phrases alone.")
        try:
            text = "\n".join(storable(raw).splitlines()).strip()
        except ValueError as problem:
            raise TextRefused(name, str(problem)) from problem
        if not text or text != getattr(basis.outputs, name):
            given[name] = text
    return given


def _composed(full: str, names: Iterable[Output]) -> dict[Output, str]:
    names = tuple(names)
    if not names:
        return {}
    try:
        short = compose(full)
    except ComposeError as problem:
        listed = ", ".join(sorted(names))
        raise TextRefused(
            None, f"These can't be composed from the full text ({problem}): {listed}. Write them."
        ) from None
    return {name: getattr(short, name) for name in names}


def _remains(full: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...], tuple[Edit, ...]]:
    """What a gone body can still say: the neutral text, and the words of each phrase as a paragraph taken out."""
    pieces, end, left, edits = [full], len(full), [], []
    for index, span in enumerate(spans):
        pieces.append(f"\n\n{span.original_text}")
        start, end = end + 2, end + len(pieces[-1])
        left.append(replace(span, start=start, end=end))
        edits.append(Edit(start - 2, end, "", index))
    return "".join(pieces), tuple(left), tuple(edits)


def _told(span: Span, rejection: Rejection) -> str:
    said = f"rejected “{span.original_text}” ({rejection.scope})"
    if rejection.scope is not Scope.EVERYWHERE:
        return said
    return f"{said[:-1]}, as “{rejection.term_for(span)}”: {rejection.reason})"


def _done(action: Action, replacement: str) -> str:
    return f"{action} by “{replacement}”" if replacement else str(action)
