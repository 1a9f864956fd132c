"""What a doubt or a denial in a sentence is about: the words that depend on its "may", "plans to" or "not"."""

from collections.abc import Callable, Iterator, Sequence

from neutralization.audit import cues
from neutralization.audit.words import Token
from ntrl.text.common_words import OPENERS

# So far behind its "may" or "not" a word can be what that is about.
_MAX_REACH = 7
# So far before its "to" stands the verb that intends it: "expects the deal to".
_MAX_BEFORE_TO = 5

IsCue = Callable[[Sequence[Token], int], bool]


def dependents(tokens: Sequence[Token], is_cue: IsCue) -> frozenset[int]:
    """The places of the first telling word behind each cue, in its clause.

    Behind "no" it is the second, if there is one: "no plant would close" is about closing.
    """
    found: set[int] = set()
    for cue in range(len(tokens)):
        if is_cue(tokens, cue):
            behind = list(_behind(tokens, cue, 2 if tokens[cue].low in cues.NONE_OF else 1))
            found.update(behind[-1:])
    return frozenset(found)


def may_depend(token: Token) -> bool:
    """Whether a doubt can be about this word: any but marks, auxiliaries, small words and adverbs."""
    is_small = token.low in cues.AUXILIARIES or token.low in OPENERS or not token.low[0].isalnum()
    return token.tells or not (is_small or token.low.endswith("ly"))


def is_possible(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at `at` makes what follows possible only: "may", "is believed to", "likely"."""
    token, following = tokens[at], _low(tokens, at + 1)
    if token.low in cues.THOUGHT and following != "to":
        return False
    return token.low in cues.POSSIBLE and not token.has_capital and following != "not"


def is_intended(tokens: Sequence[Token], at: int) -> bool:
    """Whether this is the "to" of "plans to", "expects the deal to"."""
    before = tokens[max(at - _MAX_BEFORE_TO, 0) : at]
    return tokens[at].low == "to" and any(token.low in cues.INTENDED for token in before)


def is_future(tokens: Sequence[Token], at: int) -> bool:
    """Whether this is "will" or "would"."""
    return tokens[at].low in cues.FUTURE


def is_planned(tokens: Sequence[Token], at: int) -> bool:
    """Whether this is the "would" of a plan."""
    return tokens[at].low == "would" and any(token.low in cues.PLANS for token in tokens)


def is_negation(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word denies what follows: "not", "without", "declined to", but never "not only"."""
    return tokens[at].low in cues.TURNING and _low(tokens, at + 1) not in cues.AFTER_NO_NEGATION


def _behind(tokens: Sequence[Token], cue: int, count: int) -> Iterator[int]:
    for at in range(cue + 1, min(len(tokens), cue + 1 + _MAX_REACH)):
        if tokens[at].low in cues.BREAKS or tokens[at].low in cues.JOINING or count == 0:
            return
        if may_depend(tokens[at]):
            count -= 1
            yield at


def _low(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].low if at < len(tokens) else ""
