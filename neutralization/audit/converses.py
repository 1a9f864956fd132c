"""Attribution: a deed is not told by its converse: who sells does not buy, what rises does not fall."""

from collections.abc import Iterator, Sequence

from neutralization.audit import cues
from neutralization.audit.subject import Subject
from neutralization.audit.words import Token
from neutralization.types import Output
from ntrl.text.common_words import stem

# So much of a sentence's words another has, for which it may be that one turned round.
_MIN_SHARE = 0.4
# So far before its verb a subject is looked for.
_MAX_SUBJECT_TOKENS = 8
_PAIRS = (
    ("buy", "sell"),
    ("win", "lose"),
    ("lend", "borrow"),
    ("rise", "fall"),
    ("increase", "decrease"),
    ("gain", "lose"),
    ("grow", "shrink"),
    ("accept", "reject"),
    ("approve", "reject"),
    ("support", "oppose"),
    ("back", "oppose"),
    ("hire", "fire"),
    ("open", "close"),
    ("import", "export"),
    ("allow", "ban"),
    ("raise", "cut"),
    ("raise", "lower"),
    ("arrive", "leave"),
    ("begin", "end"),
    ("start", "end"),
    ("confirm", "deny"),
    ("strengthen", "weaken"),
    ("free", "jail"),
    ("convict", "acquit"),
)
_CONVERSES = {
    one: frozenset(stem(right if one == left else left) for left, right in stems if one in (left, right))
    for stems in [[(stem(left), stem(right)) for left, right in _PAIRS]]
    for one in {each for pair in stems for each in pair}
}
_SUBJECT_ENDS = cues.BREAKS | cues.CLAUSE_WORDS


def turned(subject: Subject, output: Output) -> Iterator[str]:
    """Sentences in which a subject does the converse of what the body has it do."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        if not any(token.stem in _CONVERSES for token in sentence.tokens):
            continue
        best = origins.source(sentence.telling, _MIN_SHARE)
        if best is None or sentence.lows & cues.UNTRUE:
            continue
        known = origins.sentences[best]
        if not known.lows & cues.UNTRUE and _is_converse(known.tokens, sentence.tokens):
            yield subject[output].text[sentence.tokens[0].start : sentence.tokens[-1].end]


def _is_converse(known: Sequence[Token], mine: Sequence[Token]) -> bool:
    stems, known_stems = ({token.stem for token in tokens} for tokens in (mine, known))
    for at, token in enumerate(mine):
        converses = _CONVERSES.get(token.stem, frozenset()) & known_stems - stems
        if not converses or token.stem in known_stems or token.has_capital:
            continue
        others = [place for place, other in enumerate(known) if other.stem in converses]
        if any(_subject(mine, at) & _subject(known, other) for other in others):
            return True
    return False


def _subject(tokens: Sequence[Token], verb: int) -> set[str]:
    """The telling words before a verb, up to its clause's beginning."""
    first = verb
    while first > max(verb - _MAX_SUBJECT_TOKENS, 0) and tokens[first - 1].low not in _SUBJECT_ENDS:
        first -= 1
    return {token.stem for token in tokens[first:verb] if token.tells}
