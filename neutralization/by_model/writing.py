"""One story by a language model: its calls in two waves, the audit, and the repair of what failed.

Detection and the brief begin at once; detail_full follows the first, titles and summary follow the second. So a story
takes as long as two calls, and never has more than two under way. Nothing here uses the database.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TypeVar

from neutralization.audit import Readings, audit
from neutralization.by_model.calls import StoryCalls
from neutralization.by_model.changes import Rewritten, at_phrases_alone, compare, untouched, with_own_marks
from neutralization.by_model.legibility import is_garbled
from neutralization.by_model.modes import choose_mode
from neutralization.by_model.prompts import review_of
from neutralization.by_model.replies import read_phrases
from neutralization.detection_log import log_unusable
from neutralization.lexicon import FalsePositives, Lexicon
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.spans import Detection, accept, detect, find_phrase_positions
from neutralization.types import Mode, Output, Outputs, Verdict

# The first, and two repairs: beyond that a model does not understand what is wrong.
ATTEMPTS = 3
GARBLED = "garbled"
_FEED = (Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_TITLE)
# Python runs one thread at a time: audits side by side are all done only when the last is, and the next calls of their
# stories begin together, late. In turn, the first story's calls go out while the second is judged.
_IN_TURN = threading.Lock()

First = TypeVar("First")
Second = TypeVar("Second")


@dataclass(frozen=True, slots=True)
class Found:
    """What detection found: accepted spans with the steps to them, and phrases that could not even be looked for."""

    detection: Detection
    named: int
    unusable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MadeByModel:
    """What models made of a body.

    Attributes:
        made: texts, spans and verdicts, as of the last attempt.
        mode: how detail_full was asked for.
        garbled: the texts that nobody can read.
        attempts: of the calls, repairs included.
        found: how the spans were found.
        model_names: who answered.
    """

    made: Neutralized
    mode: Mode
    garbled: tuple[Output, ...]
    attempts: int
    found: Found
    model_names: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """The texts so far."""

    full: Rewritten
    brief: str
    feed: Mapping[Output, str]

    @property
    def outputs(self) -> Outputs:
        feed = {name.value: text for name, text in self.feed.items()}
        return Outputs(**feed, detail_brief=self.brief, detail_full=self.full.text)


def find_by_model(body: str, calls: StoryCalls, false_positives: FalsePositives) -> Found:
    """Ask for phrases, and pass them through the very filters that the lexicon's pass."""
    named = calls.phrases(body)
    read = read_phrases(named)
    log_unusable(calls.story_id, [why for _, why in read.unusable])
    detection = accept(body, find_phrase_positions(body, read.phrases), false_positives)
    return Found(detection, len(named), read.unusable)


def neutralize_by_model(
    body: str, *, calls: StoryCalls, lexicon: Lexicon, false_positives: FalsePositives
) -> MadeByModel:
    """Make all texts of a body, audit them, and have those that fail made again, at most twice.

    Raises:
        ItemError: no model gave a usable reply.
        OutOfMoney: the budget is spent.
    """
    writer = _Writer(body, calls, lexicon, false_positives)
    return writer.write()


class _Writer:
    """The work on one story."""

    def __init__(self, body: str, calls: StoryCalls, lexicon: Lexicon, false_positives: FalsePositives) -> None:
        self._body = body
        self._calls = calls
        self._lexicon = lexicon
        self._false_positives = false_positives
        self._readings = Readings()

    def write(self) -> MadeByModel:
        """Make the texts, and repair them."""
        ((found, mode, full), (brief, feed)), _ = side_by_side(
            lambda: side_by_side(self._first_full, self._first_short), self._read_ahead
        )
        draft = _Draft(full, brief, feed)
        made, garbled = self._audited(draft, mode)
        attempts = 1
        while made.failed_rules and attempts < ATTEMPTS:
            attempts += 1
            draft = self._repaired(draft, made, found, mode, attempts)
            made, garbled = self._audited(draft, mode)
        made = replace(made, detection=found.detection.trace)
        return MadeByModel(made, mode, garbled, attempts, found, self._calls.model_names)

    def _read_ahead(self) -> None:
        """Read the body while the first calls are under way."""
        self._readings.read_ahead(self._body)

    # --- the two branches ----------------------------------------------------------------------------------------

    def _first_full(self) -> tuple[Found, Mode, Rewritten]:
        found = find_by_model(self._body, self._calls, self._false_positives)
        spans = found.detection.spans
        mode = choose_mode(self._body, spans, self._detected(self._body).spans)
        return found, mode, self._full(found, mode, "")

    def _first_short(self) -> tuple[str, Mapping[Output, str]]:
        brief = self._calls.brief(self._body)
        return brief, self._calls.feed(self._body, brief)

    def _full(self, found: Found, mode: Mode, review: str) -> Rewritten:
        spans = found.detection.spans
        if mode is Mode.SPAN_GUIDED and not spans:
            return untouched(self._body)
        rewritten = compare(self._body, self._calls.full(self._body, spans, mode, review), spans)
        return with_own_marks(self._body, rewritten) if mode is Mode.SPAN_GUIDED else replace(rewritten, edits=())

    # --- audit and repair ----------------------------------------------------------------------------------------

    def _audited(self, draft: _Draft, mode: Mode) -> tuple[Neutralized, tuple[Output, ...]]:
        """Judge a draft, when it is its turn."""
        with _IN_TURN:
            return self._audited_now(draft, mode)

    def _audited_now(self, draft: _Draft, mode: Mode) -> tuple[Neutralized, tuple[Output, ...]]:
        """What a model changed without a phrase is put back, if that leaves a text that passes."""
        made = self._judged(draft)
        # Of noise nothing is worth keeping, not even what stands at the phrases.
        is_noise = is_garbled(draft.full.text, self._body)
        if mode is Mode.SPAN_GUIDED and draft.full.redline.unattributed and not is_noise:
            mended = self._judged(replace(draft, full=at_phrases_alone(self._body, draft.full)))
            is_better = _is_sound(mended, Output.DETAIL_FULL) or _is_sound(made, Output.DETAIL_FULL)
            made = mended if is_better else made  # whose own faults are what the model is to hear of
        texts = {name: getattr(made.outputs, name) for name in Output}
        garbled = tuple(name for name in _failed_outputs(made) if is_garbled(texts[name], self._body))
        return made, garbled

    def _judged(self, draft: _Draft) -> Neutralized:
        full, outputs = draft.full, draft.outputs
        verdicts = audit(
            self._body,
            outputs,
            spans=full.spans,
            edits=full.edits,
            detect=self._manipulative,
            readings=self._readings,
        )
        return Neutralized(full.spans, full.edits, outputs, verdicts, redline=full.redline)

    def _repaired(self, draft: _Draft, made: Neutralized, found: Found, mode: Mode, attempt: int) -> _Draft:
        """Ask anew for what failed, and for nothing else."""
        failed = _failed_outputs(made)

        def full() -> Rewritten:
            if Output.DETAIL_FULL not in failed:
                return draft.full
            return self._full(found, mode, _review(made, (Output.DETAIL_FULL,), attempt, show=False))

        def short() -> tuple[str, Mapping[Output, str]]:
            brief, feed = draft.brief, draft.feed
            if Output.DETAIL_BRIEF in failed:
                brief = self._calls.brief(self._body, _review(made, (Output.DETAIL_BRIEF,), attempt))
            wrong = [name for name in _FEED if name in failed]
            if wrong:
                again = self._calls.feed(self._body, brief, _review(made, wrong, attempt))
                feed = {**feed, **{name: again[name] for name in wrong}}
            return brief, feed

        new_full, (brief, feed) = side_by_side(full, short)
        return _Draft(new_full, brief, feed)

    def _detected(self, text: str) -> Detection:
        return detect(text, self._lexicon, self._false_positives)

    def _manipulative(self, text: str) -> list[tuple[int, int]]:
        """What the lexicon finds in a text: the check of models."""
        return [(span.start, span.end) for span in self._detected(text).spans]


def side_by_side(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Run both, the second in a thread of its own. Both have ended when this returns or raises; the first's error wins.

    The second sees the same context, so that its calls are paid from the same account.
    """
    context, result = copy_context(), Future[Second]()

    def run() -> None:
        try:
            result.set_result(context.run(second))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            result.set_exception(error)

    thread = threading.Thread(target=run, name=f"{threading.current_thread().name}_b", daemon=True)
    thread.start()
    try:
        mine = first()
    finally:
        thread.join()
    return mine, result.result()


def _is_sound(made: Neutralized, output: Output) -> bool:
    return output not in _failed_outputs(made)


def _failed_outputs(made: Neutralized) -> tuple[Output, ...]:
    return tuple(dict.fromkeys(verdict.output for verdict in made.failed_rules))


def _review(made: Neutralized, names: Sequence[Output], attempt: int, *, show: bool = True) -> str:
    failed: list[Verdict] = [verdict for verdict in made.failed_rules if verdict.output in names]
    texts = {name: getattr(made.outputs, name) for name in names} if show else {}
    return review_of(failed, texts, attempt=attempt, attempts=ATTEMPTS)
