"""Grounding: a number measures, counts and is compared as in the body."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from neutralization.audit import cues
from neutralization.audit.measures import MEASURES, Measure
from neutralization.audit.origins import Origins
from neutralization.audit.ranges import Range
from neutralization.audit.reading import Sentence
from neutralization.audit.subject import Subject
from neutralization.audit.words import Token, clauses
from neutralization.types import Output

# So much of a sentence's words another has, for which it may be that one with a unit exchanged.
_MIN_SHARE = 0.4
# More tokens than these in one place are another wording.
_MAX_EXCHANGED_TOKENS = 12
# So far from a word a number may stand and still be its number: "23 separate and serious reports".
_NEAR_TOKENS = 4
# A number of more sentences than these, as in a table, tells nothing.
_MAX_HOMES = 60
# Between a word and the number behind it: "sentenced to 14 months".
_LINKING = frozenset({"to", "for", "of", "at", "by", *cues.CURRENCY_SIGNS})


def units(subject: Subject, output: Output) -> Iterator[str]:
    """Units and periods are not exchanged for others of their kind: acres for hectares, "a week" for "a day"."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        mine = _measures(sentence.tokens)
        best = origins.source(sentence.telling, _MIN_SHARE) if mine else None
        if best is None:
            continue
        known = origins.sentences[best].tokens
        if any(
            _is_exchanged(known[old], sentence.tokens[new], _measures(known), mine)
            for old, new in _gaps(known, sentence)
        ):
            yield _shown(subject, output, sentence)


def owners(subject: Subject, output: Output) -> Iterator[str]:
    """A word keeps its own number: "40 centimetres above" does not become "1.9 metres above"."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for number, word in _owned(sentence.tokens):
            if _is_anothers(origins, sentence, number, word):
                yield _shown(subject, output, sentence)
                break


def parts(subject: Subject, output: Output) -> Iterator[str]:
    """What holds for one or some of a number is not told of all: "seven children, one of whom broke an arm"."""
    own = subject.own_sentences(output)
    wholes = _wholes(subject.origins) if own else {}
    for _, sentence in own:
        for number in sorted(_numbers(sentence.tokens)):
            if any(_tells_of_all(subject.origins, sentence, known, part) for known, part in wholes.get(number, ())):
                yield _shown(subject, output, sentence)
                break


def _wholes(origins: Origins) -> dict[str, list[tuple[Sentence, Range]]]:
    """For each number of the body, the sentences that tell something of a part of it, with where they do."""
    found: defaultdict[str, list[tuple[Sentence, Range]]] = defaultdict(list)
    for sentence in origins.sentences:
        for part in _some_of(sentence.tokens) if sentence.lows & cues.RELATIVES else ():
            for number in _numbers(sentence.tokens[: part[0]]):
                if len(found[number]) < _MAX_HOMES:
                    found[number].append((sentence, part))
    return found


def _shown(subject: Subject, output: Output, sentence: Sentence) -> str:
    return subject[output].text[sentence.tokens[0].start : sentence.tokens[-1].end]


def _measures(tokens: Sequence[Token]) -> set[Measure]:
    # A half year may be told as six months.
    return {
        MEASURES[token.low]
        for at, token in enumerate(tokens)
        if token.low in MEASURES and not (at and tokens[at - 1].low == "half")
    }


def _gaps(known: Sequence[Token], mine: Sentence) -> Iterator[tuple[slice, slice]]:
    matcher = SequenceMatcher(None, [each.stem for each in known], [each.stem for each in mine.tokens], autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "replace" and max(high - low, end - start) <= _MAX_EXCHANGED_TOKENS:
            yield slice(low, high), slice(start, end)


def _is_exchanged(old: Sequence[Token], new: Sequence[Token], known: set[Measure], mine: set[Measure]) -> bool:
    """Whether a unit stands for another of its kind, with no other number beside it, as a conversion has."""
    gone, come = _measures(old) - mine, _measures(new) - known
    is_same_kind = {measure.kind for measure in gone} & {measure.kind for measure in come}
    return bool(is_same_kind) and _numbers(new) <= _numbers(old)


def _numbers(tokens: Sequence[Token]) -> set[str]:
    return {number for token in tokens if (number := _number(token))}


def _number(token: Token) -> str:
    """The number that a word is or begins with, "five-year" too; nothing for a year or a word without one."""
    first = token.stem.partition("-")[0]
    first = cues.NUMERALS.get(first, first)
    is_year = len(first) == len("2025") and first.isdecimal() and first[0] in "12"
    return first if first[:1].isdecimal() and not is_year else ""


def _owned(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the places of numbers with those of the words to which they belong.

    These are what is counted, "23 reports"; what an amount is linked to, "sentenced to 14 months"; and a comparison
    behind a unit, "1.9 metres above".
    """
    for at, token in enumerate(tokens):
        if not _number(token):
            continue
        behind = tokens[at + 1 : at + 3]
        has_unit = bool(behind) and behind[0].low in MEASURES
        if has_unit and len(behind) > 1 and behind[1].low in cues.COMPARING:
            yield at, at + 2
        elif behind and behind[0].tells and not has_unit and not _number(behind[0]):
            yield at, at + 1
        before = at - 1
        while before > 0 and tokens[before].low in _LINKING:
            before -= 1
        if before < at - 1 and tokens[before].tells and not _number(tokens[before]):
            yield at, before


def _is_anothers(origins: Origins, sentence: Sentence, number: int, word: int) -> bool:
    """Whether the body's sentences with this number all have another one, not told here, beside the word."""
    stem = sentence.tokens[number].stem
    if len(origins.homes.get(stem, ())) > _MAX_HOMES:
        return False
    mine = _numbers(sentence.tokens)
    homes = [
        origins.sentences[index]
        for index in origins.homes.get(stem, ())
        if sentence.tokens[word].stem in origins.sentences[index].places
    ]
    return bool(homes) and all(_has_other(home, stem, sentence.tokens[word], mine) for home in homes)


def _has_other(home: Sentence, stem: str, word: Token, mine: set[str]) -> bool:
    for at in home.places[word.stem]:
        near = range(max(at - _NEAR_TOKENS, 0), min(at + _NEAR_TOKENS + 1, len(home.tokens)))
        if any(place in near for place in home.places[stem]):
            return False
        # Its own number stands before it, with no more than a unit between: "40 centimetres above".
        own = next((number for each in home.tokens[max(at - 2, 0) : at][::-1] if (number := _number(each))), "")
        if own and own not in mine:
            return True
    return False


def _some_of(tokens: Sequence[Token]) -> Iterator[Range]:
    """Yield where a clause about some of those named before begins and ends: "one of whom …".

    Without a verb of its own it ends at a comma: "240 jobs, most of them in offices, by June".
    """
    for at in range(1, len(tokens) - 2):
        is_opened = tokens[at + 1].low == "of" and tokens[at + 2].low in cues.RELATIVES
        if is_opened and (_number(tokens[at]) or tokens[at].low in cues.SOME):
            marks = ";—," if tokens[at + 2].low == "them" else ";—"
            yield at, next((end for end in range(at + 4, len(tokens)) if tokens[end].low in marks), len(tokens))


def _tells_of_all(origins: Origins, sentence: Sentence, known: Sentence, part: Range) -> bool:
    """Whether a clause has the whole's number with what the body tells of the part, and nothing of the part's own."""
    some = known.tokens[part[0]]
    if sentence.lows & (cues.SOME | cues.RELATIVES | {some.low}) or some.stem in sentence.places:
        return False
    counted = _numbers(known.tokens[: part[0]])
    told = {token.stem for token in known.tokens[slice(*part)] if token.tells and not origins.is_name(token)}
    told -= {token.stem for token in known.tokens[: part[0]]}
    for first, last in clauses(sentence.tokens):
        clause = sentence.tokens[first:last]
        if counted & _numbers(clause) and len(told & {token.stem for token in clause}) >= 2:
            return True
    return False
