"""Certainty: what the body holds possible, intended or untrue is not told as true."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from neutralization.audit import cues
from neutralization.audit.alignment import Range
from neutralization.audit.origins import Match, Origins
from neutralization.audit.reading import Sentence, Token, clauses
from neutralization.audit.subject import Subject
from neutralization.types import Output
from ntrl.text.common_words import OPENERS

# So far behind its "may" or "not" a word can be what that is about.
_MAX_REACH = 7
# So far before a word, within its clause or the one before it, a "may" or a "not" still holds for it.
_MAX_HOLD = 8
# So far before its "that" a verb may hold for a clause: "estimate that".
_MAX_HOLD_OF_VERB = 3
# So much of a clause comes from a sentence of the body whose doubts it has to keep.
_MIN_SHARE = 0.5
# Another sentence that tells nearly as much of it, without the doubt, is as good a source.
_NEARLY = 0.85
_MIN_SHARED = 2


@dataclass(frozen=True, slots=True)
class Loss:
    """A kind of doubt: the places in a sentence that depend on it, and whether an output's word there still does."""

    heads: Callable[[Sequence[Token]], frozenset[int]]
    is_kept: Callable[[Sequence[Token], int, Range], bool]


def doubts(subject: Subject, output: Output) -> Iterator[str]:
    """What may be, or is meant to be, is not told as what is."""
    for loss in (_POSSIBLE, _INTENDED, _FUTURE):
        yield from _lost(subject, output, loss)
    yield from _bounds(subject, output)


def negations(subject: Subject, output: Output) -> Iterator[str]:
    """What is not so is not told as so, nor the reverse."""
    yield from _lost(subject, output, _NEGATED)
    yield from _gained(subject, output)


def _lost(subject: Subject, output: Output, loss: Loss) -> Iterator[str]:
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for first, last in clauses(sentence.tokens):
            matches = _sources(origins, sentence, (first, last))
            for at in range(first, last) if matches else ():
                stem = sentence.tokens[at].stem
                if not _depends(origins, matches, stem, loss) or loss.is_kept(sentence.tokens, at, (first, last)):
                    continue
                yield subject[output].text[sentence.tokens[first].start : sentence.tokens[last - 1].end]
                break


def _sources(origins: Origins, sentence: Sentence, clause: Range) -> dict[int, Match]:
    """The sentences of the body that tell most of a clause; of a short clause, where they tell its sentence too."""
    matches = origins.matches(origins.telling(sentence.tokens[slice(*clause)]))
    best = max((match.share for match in matches.values()), default=0.0)
    found = {index: match for index, match in matches.items() if match.share >= max(_MIN_SHARE, _NEARLY * best)}
    if all(len(match.shared) >= _MIN_SHARED for match in found.values()):
        return found
    around = origins.matches(origins.telling(sentence.tokens))
    return found if all(len(around[index].shared) > _MIN_SHARED for index in found) else {}


def _depends(origins: Origins, matches: dict[int, Match], stem: str, loss: Loss) -> bool:
    """Whether the body has the word, wherever it tells of this, only as what the doubt is about."""
    places = [(index, at) for index, at in origins.places.get(stem, ()) if index in matches]
    return bool(places) and all(at in loss.heads(origins.sentences[index].tokens) for index, at in places)


def _heads(is_cue: Callable[[Sequence[Token], int], bool], count: int = 1) -> Callable[..., frozenset[int]]:
    """Find the first `count` telling words behind each cue, in its clause."""

    def heads(tokens: Sequence[Token]) -> frozenset[int]:
        found: set[int] = set()
        for cue in range(len(tokens)):
            if is_cue(tokens, cue):
                found.update(_behind(tokens, cue, 2 if tokens[cue].low in cues.NONE_OF else count))
        return frozenset(found)

    return heads


def _behind(tokens: Sequence[Token], cue: int, count: int) -> Iterator[int]:
    for at in range(cue + 1, min(len(tokens), cue + 1 + _MAX_REACH)):
        if tokens[at].low in cues.BREAKS or count == 0:
            return
        if _may_be_head(tokens[at]):
            count -= 1
            yield at


def _may_be_head(token: Token) -> bool:
    """Whether a doubt can be about this word: any but marks, auxiliaries, small words and adverbs."""
    is_small = token.low in cues.AUXILIARIES or token.low in OPENERS or not token.low[0].isalnum()
    return token.tells or not (is_small or token.low.endswith("ly"))


def _holds(words: frozenset[str]) -> Callable[[Sequence[Token], int, Range], bool]:
    """Tell whether one of `words` stands in the clause, or shortly before the word in its sentence."""

    def is_kept(tokens: Sequence[Token], at: int, clause: Range) -> bool:
        # "May suspend and expel him": a clause without a subject has the one before it.
        start = clause[0] if at - clause[0] > 1 else max(at - _MAX_HOLD, 0)
        if clause[0] and tokens[clause[0] - 1].low == "that":
            start = min(start, max(clause[0] - _MAX_HOLD_OF_VERB, 0))
        return any(tokens[place].low in words for place in range(start, clause[1]) if place != at)

    return is_kept


def _is_possible(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    return token.low in cues.POSSIBLE and not token.has_capital and following != "not"


def _is_intended(tokens: Sequence[Token], at: int) -> bool:
    """The "to" of "plans to", "expects the deal to"."""
    before = tokens[max(at - 5, 0) : at]
    return tokens[at].low == "to" and any(token.low in cues.INTENDED for token in before)


def _is_future(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].low in cues.FUTURE


def _is_negation(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    return tokens[at].low in cues.TURNING and following not in {"only", "just", "least"}


def _is_no_past(tokens: Sequence[Token], at: int, clause: Range) -> bool:
    """Whether the word is no past, or something in the clause keeps it from having happened."""
    low = tokens[at].low
    is_past = low.endswith("ed") or (low in cues.IRREGULAR and low != cues.IRREGULAR[low] and not low.endswith("s"))
    return not is_past or _holds(cues.DOUBTS | cues.FUTURE | {"to"})(tokens, at, clause)


def _is_intended_still(tokens: Sequence[Token], at: int, clause: Range) -> bool:
    is_infinitive = at > 0 and tokens[at - 1].low == "to"
    return is_infinitive or tokens[at].low.endswith("ing") or _holds(cues.DOUBTS | {"would"})(tokens, at, clause)


_POSSIBLE = Loss(_heads(_is_possible), _holds(cues.DOUBTS))
_INTENDED = Loss(_heads(_is_intended), _is_intended_still)
_FUTURE = Loss(_heads(_is_future), _is_no_past)
_NEGATED = Loss(_heads(_is_negation), _holds(cues.DENIALS))


def _gained(subject: Subject, output: Output) -> Iterator[str]:
    """Words that the output denies and the body does not."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for first, last in clauses(sentence.tokens):
            clause = sentence.tokens[first:last]
            matches = _sources(origins, sentence, (first, last)) if any(token.low in cues.NEGATIONS for token in clause) else {}
            if matches and _is_denied_freshly(origins, sentence, matches, (first, last)):
                yield subject[output].text[sentence.tokens[first].start : sentence.tokens[last - 1].end]


def _is_denied_freshly(
    origins: Origins, sentence: Sentence, matches: dict[int, Match], clause: Range
) -> bool:
    if any(token.low in cues.DENIALS for index in matches for token in origins.sentences[index].tokens):
        return False
    heads = _NEGATED.heads(sentence.tokens)
    places = [origins.places.get(sentence.tokens[at].stem, ()) for at in range(*clause) if at in heads]
    return any(index in matches for found in places for index, _ in found)


def _bounds(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers that the body only bounds: "at least 27" is not 27."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for at, token in enumerate(sentence.tokens):
            places = origins.places.get(token.stem, ()) if token.low[0].isdecimal() else ()
            near = {other.low for other in sentence.tokens[max(at - _MAX_HOLD, 0) : at + _MAX_HOLD]}
            if near & cues.BOUNDED or not places:
                continue
            if all(_is_bounded(origins.sentences[index].tokens, place) for index, place in places):
                yield subject[output].text[token.start : token.end]


def _is_bounded(tokens: Sequence[Token], at: int) -> bool:
    lows = [token.low for token in tokens[:at] if token.low not in "$£€"][-3:]
    return any(tuple(lows[-len(bound) :]) == bound for bound in cues.BOUNDING)
