"""Titles and the feed summary: the best short forms of the first sentences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from neutralization import limits
from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import tail_of
from neutralization.compose.clauses import clause_start
from neutralization.compose.compression import Form, forms
from neutralization.compose.errors import ComposeError
from neutralization.compose.passages import Passage
from neutralization.compose.salience import Salience, content
from neutralization.compose.tokens import Kind, Tokens

# The lead tells what happened. Later sentences are looked at only when the earlier ones have no sound form that fits.
_REACHES = (3, 8, 24)
# What a candidate scores at least to be taken before later sentences are looked at.
_SOUND = 0.5
# What a form loses by the distance of its sentence from the lead, and by each sentence further.
_DISTANCE_COSTS = (0.0, 2.6, 4.6)
_FURTHER_COST = 0.6
# "The exercise …", "The results …": whoever has not read the lead can't know which.
_DEFINITE_COST = 1.8
# The brief has its date; a title needs no day.
_DAY_COST = 0.2
_MIN_TITLE_WORDS = 4
_MIN_SUMMARY_CHARS = 50


# Openings that ask for the sentences before: "When they came back, …", "Several officials …".
_VAGUE_OPENINGS = v.PREPOSITIONS | v.SUBORDINATORS | {"several", "some", "other", "others", "many", "most"}
_POINTING = v.PRONOUNS - {"one", "others", "nobody", "everyone"} | {"all", "neither"}
_PERSONS = {"he", "she", "they", "him", "his", "her", "their", "it's", "he's", "she's", "they're"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form of a sentence, or of two, ready to be judged. `place` counts usable sentences from the first;
    `is_sourced` says that it has the attribution of its sentence, if there is one.
    """

    text: str
    place: int
    cost: float
    faults: float
    is_sourced: bool


def titles(found: Sequence[Passage], weights: Salience) -> tuple[str, str]:
    """Return feed_title and detail_title.

    Raises:
        ComposeError: no sentence has a form that fits.
    """
    shaped = _Shaped(found)
    feed = shaped.best(_fits_feed, lambda one: _title_score(one, weights, _feed_length_penalty))
    if feed is None:
        raise ComposeError("no sentence has a short form that fits a title")
    detail = shaped.best(
        _fits_detail, lambda one: _title_score(one, weights, _detail_length_penalty) - _unsourced_cost(one)
    )
    return feed.text, (detail or feed).text


def summary(found: Sequence[Passage], weights: Salience, title: str) -> str:
    """Return feed_summary: one or two whole sentences, if possible not those of `title`.

    Raises:
        ComposeError: no sentence has a form that fits.
    """
    best = _Shaped(found, final=".").best(_fits_summary, lambda one: _summary_score(one, weights, title))
    if best is None:
        raise ComposeError("no sentence has a short form that fits a summary")
    return best.text


class _Shaped:
    """The short forms of a text's sentences, made as far down as they are asked for."""

    def __init__(self, found: Sequence[Passage], final: str = "") -> None:
        self._found = found
        self._final = final
        self._made: list[Candidate] = []
        self._reach = 0

    def best(self, fits: Callable[[str], bool], score: Callable[[Candidate], float]) -> Candidate | None:
        """The best candidate that fits, from as near the lead as possible."""
        best: Candidate | None = None
        for reach in _REACHES:
            fitting = [one for one in self._within(reach) if fits(one.text)]
            best = max(fitting, key=lambda one: (score(one), -one.place, one.text), default=None)
            if best is not None and score(best) >= _SOUND:
                break
        return best

    def _within(self, reach: int) -> list[Candidate]:
        while self._reach < min(reach, len(self._found)):
            self._made += _shaped(self._found[self._reach], self._reach, self._final)
            self._reach += 1
        singles = [one for one in self._made if one.place < reach]
        return [*singles, *_pairs(self._found[:reach], singles)] if self._final else singles


def _shaped(passage: Passage, place: int, final: str) -> Iterator[Candidate]:
    if passage.tokens[0].kind is Kind.QUOTE:
        return
    has_source = bool(_source(passage.tokens))
    for form in forms(passage.tokens):
        text = form.sentence if final else form.title
        yield Candidate(text, place, form.cost, _faults(form, passage), not has_source or bool(_source(form.tokens)))


def _source(tokens: Tokens) -> Tokens:
    return tokens[tail_of(tokens).start :]


def _faults(form: Form, passage: Passage) -> float:
    """What makes a sentence a poor title: it points elsewhere, speaks to the reader, or leans on another."""
    words = [token.low for token in form.tokens if token.is_word]
    opening = set(words[:3])
    faults = 3.0 * (words[0].split("'")[0] in _POINTING | {"his", "her", "its", "their"})
    faults += 2.5 * any(word in v.FIRST_PERSON for word in words)
    faults += 0.8 * passage.leans
    faults += 0.8 * bool(opening & {"this", "these", "those", "such"})
    faults += 1.0 * bool(opening & _PERSONS)
    faults += 1.0 * (words[-1] in {"him", "her", "it", "them", "this", "that"} or words[0] in v.HEDGES)
    faults += 0.8 * (words[0] in v.CONNECTORS) + 3.0 * ("comment" in words)
    faults += 0.5 * (words[-1] in {"here", "there", "however", "too"})
    faults += 0.3 * bool({"however", "also", "meanwhile"} & set(words))
    faults += 0.6 * (len(form.tokens) > 1 and form.tokens[1].is_mark(","))
    faults += 0.4 * bool(clause_start(form.tokens))
    faults += 0.8 * (passage.index > 0 and words[0] in _VAGUE_OPENINGS)
    return faults + _DEFINITE_COST * (
        words[0] in {"the", "both"} and not form.tokens[1].is_capital and passage.index > 0
    )


def _fits_feed(text: str) -> bool:
    words = len(text.split())
    return _MIN_TITLE_WORDS <= words <= limits.FEED_TITLE_MAX_WORDS and len(text) <= limits.DETAIL_TITLE_MAX_CHARS


def _fits_detail(text: str) -> bool:
    return len(text.split()) >= _MIN_TITLE_WORDS and len(text) <= limits.DETAIL_TITLE_MAX_CHARS


def _fits_summary(text: str) -> bool:
    return _MIN_SUMMARY_CHARS <= len(text) <= limits.FEED_SUMMARY_MAX_CHARS


def _title_score(one: Candidate, weights: Salience, length_penalty: Callable[[int], float]) -> float:
    told = 2.2 * weights.of(one.text) + 0.5 * _names_something(one.text)
    dated = _DAY_COST * any(word.lower() in v.DAYS for word in one.text.split())
    worse = 0.45 * one.cost + one.faults + dated + length_penalty(len(one.text))
    return told - _distance_cost(one.place) - worse


def _unsourced_cost(one: Candidate) -> float:
    """Where there is room for it, the source stays."""
    return 0.0 if one.is_sourced else 0.5


def _distance_cost(place: int) -> float:
    near = min(place, len(_DISTANCE_COSTS) - 1)
    return _DISTANCE_COSTS[near] + _FURTHER_COST * (place - near)


def _names_something(text: str) -> bool:
    """Whether a name or a number tells this story from others."""
    words = [word for word in text.split()[1:] if word.lower() not in v.DAYS]
    return any(word[0].isupper() or word[0].isdecimal() for word in words)


def _feed_length_penalty(chars: int) -> float:
    short = max(0, 35 - chars) * 0.03
    over = max(0, chars - limits.FEED_TITLE_TARGET_CHARS) * 0.006
    return short + over + max(0, chars - limits.FEED_TITLE_SOFT_MAX_CHARS) * 0.03


def _detail_length_penalty(chars: int) -> float:
    return max(0, 50 - chars) * 0.03


def _summary_score(one: Candidate, weights: Salience, title: str) -> float:
    length = len(one.text)
    off = abs(limits.FEED_SUMMARY_TARGET_CHARS - length) * 0.008
    over = max(0, length - limits.FEED_SUMMARY_SOFT_MAX_CHARS) * 0.02
    new = content(one.text) - content(title)
    repeats = 2.0 if len(new) < 2 else 0.0
    told = 2.4 * weights.of(one.text) + 0.5 * _names_something(one.text)
    worse = 0.45 * one.cost + one.faults + off + over + repeats + 5.0 * _unsourced_cost(one)
    return told - _distance_cost(one.place) - worse


def _pairs(found: Sequence[Passage], singles: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two neighbouring sentences, when both are short; the second may lean on the first."""
    for place in range(len(found) - 1):
        if found[place + 1].index != found[place].index + 1:
            continue
        firsts = [one for one in singles if one.place == place and len(one.text) < 90]
        seconds = [one for one in singles if one.place == place + 1 and len(one.text) < 90]
        for first in firsts[:12]:
            for second in seconds[:12]:
                cost = first.cost + second.cost + 0.3
                faults = first.faults + 0.3 * second.faults
                is_sourced = first.is_sourced and second.is_sourced
                yield Candidate(f"{first.text} {second.text}", place, cost, faults, is_sourced)
