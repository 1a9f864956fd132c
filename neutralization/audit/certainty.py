"""Certainty: what the body holds possible, intended or untrue is not told as true."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from neutralization.audit import cues
from neutralization.audit.origins import Match, Origins
from neutralization.audit.ranges import Range
from neutralization.audit.reading import Sentence, telling
from neutralization.audit.scopes import (
    IsCue,
    is_future,
    is_intended,
    is_negation,
    is_planned,
    is_possible,
    may_depend,
)
from neutralization.audit.subject import Subject
from neutralization.audit.words import Token, clauses, has_verb, is_month
from neutralization.types import Output

# So far before a word without a subject of its own, a "may" or a "not" still holds for it.
_MAX_HOLD = 8
# So far before its "that" a verb may hold for a clause: "rejected the idea that".
_MAX_HOLD_OF_VERB = 4
# So much of a clause comes from a sentence of the body whose doubts it has to keep.
_MIN_SHARE = 0.5
# So much of it, that a "not" is no other wording of the body's words.
_MIN_SAME_SHARE = 0.8
# Another sentence that tells nearly as much of it, without the doubt, is as good a source.
_NEARLY = 0.85
_MIN_SHARED = 2
# A word that more sentences of the body have is asked for by its sentence alone.
_MAX_HOMES = 5

_PLANNING = cues.PLANS | cues.DOUBTS | {"would"}
_UNLESS = frozenset({"unless"})

IsKept = Callable[[Sequence[Token], int, Range], bool]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A kind of doubt: what shows it in the body, and whether an output's word is still under it, in its clause."""

    is_cue: IsCue
    is_kept: IsKept


def doubts(subject: Subject, output: Output) -> Iterator[str]:
    """What may be, or is meant to be, is not told as what is."""
    for doubt in (_POSSIBLE, _INTENDED, _FUTURE, _PLANNED):
        yield from _lost(subject, output, doubt)
    yield from _told_as_done(subject, output)
    for gap in subject.gaps(output):
        has_past = any(token.low in cues.PAST_AUXILIARIES for token in gap.new)
        if (
            gap.loses(cues.POSSIBLE, cues.DOUBTS)
            or gap.loses(cues.EXPECTED, cues.DOUBTS | {"would"})
            or (has_past and gap.loses(cues.FUTURE, cues.DOUBTS | cues.FUTURE))
        ):
            yield subject[output].text[slice(*gap.evidence)]


def bounds(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers that the body only bounds: "at least 27" is not 27."""
    origins = subject.origins
    known: dict[str, bool] = {}
    for _, sentence in subject.own_sentences(output):
        for at, token in enumerate(sentence.tokens):
            near = {other.low for other in sentence.tokens[max(at - _MAX_HOLD, 0) : at + _MAX_HOLD]}
            if not token.low[0].isdecimal() or near & cues.BOUNDED:
                continue
            if token.stem not in known:
                known[token.stem] = _is_always_bounded(origins, token.stem)
            if known[token.stem]:
                yield subject[output].text[token.start : token.end]


def negations(subject: Subject, output: Output) -> Iterator[str]:
    """What is not so is not told as so, nor the reverse."""
    yield from _lost(subject, output, _NEGATED)
    yield from _gained(subject, output)
    yield from _asserted(subject, output)
    is_full = output is Output.DETAIL_FULL
    for gap in subject.gaps(output):
        turning = cues.TURNING | {"against"} if gap.is_exchange or is_full else cues.TURNING
        may_gain = is_full or not any(token.tells for token in gap.new)
        if (
            gap.loses(_UNLESS, cues.NEGATIONS | cues.EXCEPTING)
            or gap.loses(turning, cues.UNTRUE)
            or (may_gain and gap.gains(cues.NEGATIONS, cues.DENIALS))
        ):
            yield subject[output].text[slice(*gap.evidence)]


def _lost(subject: Subject, output: Output, doubt: _Doubt) -> Iterator[str]:
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        tokens = sentence.tokens
        for first, last in clauses(tokens):
            places = range(first, last)
            if not has_verb(tokens, places):
                continue
            matches = _sources(origins, sentence, (first, last))
            stems = {tokens[at].stem for at in places if may_depend(tokens[at])}
            if any(
                (_depends(origins, matches, tokens[at].stem, doubt) or _always(origins, tokens[at].stem, stems, doubt))
                and not doubt.is_kept(tokens, at, (first, last))
                for at in places
            ):
                yield subject[output].text[tokens[first].start : tokens[last - 1].end]


def _sources(origins: Origins, sentence: Sentence, clause: Range) -> dict[int, Match]:
    """The sentences of the body that tell most of a clause; of a short clause, where they tell its sentence too."""
    matches = origins.matches(telling(sentence.tokens[slice(*clause)]))
    best = max((match.share for match in matches.values()), default=0.0)
    found = {index: match for index, match in matches.items() if match.share >= max(_MIN_SHARE, _NEARLY * best)}
    if all(len(match.shared) >= _MIN_SHARED for match in found.values()):
        return found
    around = origins.matches(sentence.telling)
    return found if all(len(around[index].shared) > _MIN_SHARED for index in found) else {}


def _depends(origins: Origins, matches: dict[int, Match], stem: str, doubt: _Doubt) -> bool:
    """Whether the body has the word, wherever it tells of this, only under the doubt."""
    homes = [index for index in matches if stem in origins.sentences[index].places]
    return bool(homes) and all(_is_under(origins.sentences[index], stem, doubt) for index in homes)


def _always(origins: Origins, stem: str, stems: set[str], doubt: _Doubt) -> bool:
    """Whether the body has the word nowhere but under the doubt, in a sentence that the clause tells of.

    Of a short sentence, "No one was hurt", the word may be all that tells something.
    """
    homes = origins.homes.get(stem, ())
    if not 0 < len(homes) <= _MAX_HOMES:
        return False
    for index in homes:
        sentence = origins.sentences[index]
        if not _is_under(sentence, stem, doubt):
            return False
        others = {token.stem for token in sentence.telling if not token.stem.isdecimal()} - {stem}
        # A day fixes what is told: it counts as two words.
        shared = len(others & stems) + len(others & stems & cues.CALENDAR_STEMS)
        if shared < min(_MIN_SHARED, len(others)):
            return False
    return True


def _is_under(sentence: Sentence, stem: str, doubt: _Doubt) -> bool:
    under = sentence.under(doubt.is_cue)
    return all(at in under for at in sentence.places[stem])


def _holds(words: frozenset[str]) -> IsKept:
    """Tell whether one of `words` stands in the clause, or shortly before it where it has no subject."""

    def is_kept(tokens: Sequence[Token], at: int, clause: Range) -> bool:
        # "May suspend and expel him": the clause has the subject of the one before.
        start = clause[0] if at - clause[0] > 1 else max(at - _MAX_HOLD, 0)
        that = clause[0] - 1
        if that > 0 and tokens[that].low == "that" and tokens[that - 1].low not in cues.BEFORE_OTHERS:
            start = min(start, max(clause[0] - _MAX_HOLD_OF_VERB, 0))
        return any(
            tokens[place].low in words and not is_month(tokens[place])
            for place in range(start, clause[1])
            if place != at
        )

    return is_kept


def _is_no_past(tokens: Sequence[Token], at: int, clause: Range) -> bool:
    """Whether the word is no past, or something in the clause keeps it from having happened."""
    low = tokens[at].low
    is_past = low.endswith("ed") or (low in cues.IRREGULAR and not low.endswith("s"))
    return not is_past or _holds(cues.DOUBTS | cues.FUTURE | cues.NEGATIONS | {"to"})(tokens, at, clause)


def _is_intended_still(tokens: Sequence[Token], at: int, clause: Range) -> bool:
    is_infinitive = at > 0 and tokens[at - 1].low == "to"
    return is_infinitive or tokens[at].low.endswith("ing") or _holds(cues.DOUBTS | {"would"})(tokens, at, clause)


def _is_no_will(tokens: Sequence[Token], at: int, clause: Range) -> bool:
    """Whether no "will" stands before the word, or the sentence tells of a plan still."""
    has_will = any(token.low in cues.WILL for token in tokens[clause[0] : at])
    return not has_will or any(token.low in _PLANNING and not is_month(token) for token in tokens)


_POSSIBLE = _Doubt(is_possible, _holds(cues.DOUBTS))
_INTENDED = _Doubt(is_intended, _is_intended_still)
_FUTURE = _Doubt(is_future, _is_no_past)
_PLANNED = _Doubt(is_planned, _is_no_will)
_NEGATED = _Doubt(is_negation, _holds(cues.DENIALS))


def _gained(subject: Subject, output: Output) -> Iterator[str]:
    """Words that the output denies and the body does not."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        own = sentence.lows & cues.NEGATIONS - subject.replacing
        denied = sentence.under(is_negation) if own else frozenset()
        for first, last in clauses(sentence.tokens) if denied else ():
            stems = {sentence.tokens[at].stem for at in range(first, last) if at in denied}
            matches = _sources(origins, sentence, (first, last)) if stems else {}
            same = [origins.sentences[index] for index, match in matches.items() if match.share >= _MIN_SAME_SHARE]
            if any(stems & each.places.keys() for each in same) and not any(each.lows & cues.DENIALS for each in same):
                yield subject[output].text[sentence.tokens[first].start : sentence.tokens[last - 1].end]


def _asserted(subject: Subject, output: Output) -> Iterator[str]:
    """Verbs with their object that the body has only with a "not": "does not free her", "frees clerk"."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        tokens = sentence.tokens
        for first, last in clauses(tokens):
            if any(token.low in cues.DENIALS for token in tokens[first:last]):
                continue
            for at in range(first + 1, last - 1):
                is_verb_here = tokens[at].tells and tokens[at - 1].low not in cues.BEFORE_NOUNS and tokens[at + 1].tells
                if is_verb_here and _is_denied_of(origins, tokens[at].stem, tokens[at + 1].stem):
                    yield subject[output].text[tokens[first].start : tokens[last - 1].end]


def _is_denied_of(origins: Origins, stem: str, following: str) -> bool:
    """Whether the body has the verb only under a "not", before this object or a pronoun."""
    homes = origins.few_with(stem, _MAX_HOMES)
    for home in homes:
        behind = [home.tokens[at + 1] for at in home.places[stem] if at + 1 < len(home.tokens)]
        is_of = all(token.low in cues.OBJECTS or token.stem == following for token in behind)
        if not behind or not is_of or not _is_under(home, stem, _NEGATED):
            return False
    return bool(homes)


def _told_as_done(subject: Subject, output: Output) -> Iterator[str]:
    """Verbs with their object in the plain present that the body has under "would": "abolish duties"."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        tokens = sentence.tokens
        if sentence.lows & (cues.PLANS | cues.FUTURE | cues.DOUBTS):
            continue
        for at in range(1, len(tokens) - 1):
            before, following = tokens[at - 1], tokens[at + 1]
            has_subject = before.tells and before.low not in cues.LINKS and not before.low.endswith("ly")
            if not (has_subject and tokens[at].tells and following.tells) or tokens[at].has_capital:
                continue
            homes = origins.few_with(tokens[at].stem, _MAX_HOMES)
            if homes and all(_would(home, tokens[at].stem, following.stem) for home in homes):
                yield subject[output].text[tokens[0].start : tokens[-1].end]


def _would(home: Sentence, stem: str, following: str) -> bool:
    """Whether a sentence of the body has "would" before the verb, and the object behind it."""
    return all(
        at > 0
        and home.tokens[at - 1].low == "would"
        and following in {token.stem for token in home.tokens[at + 1 : at + 3]}
        for at in home.places[stem]
    )


def _is_always_bounded(origins: Origins, stem: str) -> bool:
    sentences = [origins.sentences[index] for index in origins.homes.get(stem, ())]
    return bool(sentences) and all(_is_bounded(each.tokens, at) for each in sentences for at in each.places[stem])


def _is_bounded(tokens: Sequence[Token], at: int) -> bool:
    lows = [token.low for token in tokens[:at] if token.low not in cues.CURRENCY_SIGNS][-3:]
    return any(tuple(lows[-len(bound) :]) == bound for bound in cues.BOUNDING)
