"""Where a text goes its own way between words that it has from the body: what stood there, and what stands there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, takewhile

from neutralization.audit import cues
from neutralization.audit.alignment import Alignment
from neutralization.audit.ranges import Range, meets
from neutralization.audit.words import Token, is_month, tokens_in

# A longer gap is another wording, in which a doubt may stand anywhere.
_MAX_OLD_TOKENS = 14
_MAX_NEW_TOKENS = 8
_MAX_SHORT_TOKENS = 4
# So many kept words on each side are looked at for what a gap may have moved.
_WINDOW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Gap:
    """`old` words of the body and the `new` ones in their place.

    `around` are the words of the text in which `new` may have moved; `evidence` is the place in the text.
    """

    old: tuple[Token, ...]
    new: tuple[Token, ...]
    around: tuple[Token, ...]
    evidence: Range

    @property
    def is_exchange(self) -> bool:
        """Whether one word stands for one other."""
        return len(self.old) == len(self.new) == 1

    def loses(self, words: frozenset[str], kept_by: frozenset[str]) -> bool:
        """Whether one of `words` went, and nothing stands for it."""
        gone = any(token.low in words and not is_month(token) for token in self.old)
        return gone and not any(token.low in kept_by for token in self.around)

    def gains(self, words: frozenset[str], had_by: frozenset[str]) -> bool:
        """Whether one of `words` came, and nothing stood for it."""
        return any(token.low in words for token in self.new) and not any(token.low in had_by for token in self.old)


def gaps_in_full(body: str, text: str, alignment: Alignment, changed: Sequence[Range]) -> Iterator[Gap]:
    """The gaps of detail_full, but for those at `changed` ranges of the body."""
    kept = [((0, 0), (0, 0)), *alignment.kept, ((len(body),) * 2, (len(text),) * 2)]
    for at in range(1, len(kept)):
        old, new = ((kept[at - 1][side][1], kept[at][side][0]) for side in (0, 1))
        if not body[slice(*old)].strip() and not text[slice(*new)].strip():
            continue
        gone, come = tokens_in(body, *old), tokens_in(text, *new)
        is_long = len(gone) > _MAX_OLD_TOKENS or len(come) > _MAX_NEW_TOKENS
        # Words put in may stand behind what they replace: "illegal immigrants", "immigrants without legal status".
        if is_long or meets(old if old[0] < old[1] else (old[0] - 1, old[1] + 1), changed):
            continue
        window = kept[max(at - _WINDOW_WORDS, 1)][1][0], kept[min(at + _WINDOW_WORDS, len(kept) - 1)][1][1]
        before, after = tokens_in(text, window[0], new[0]), tokens_in(text, new[1], window[1])
        yield Gap(gone, come, (*_within_sentence(before[::-1]), *come, *_within_sentence(after)), window)


def gaps_in_sentence(known: Sequence[Token], mine: Sequence[Token]) -> Iterator[Gap]:
    """The gaps of a sentence beside that of the body from which it comes."""
    stems = [token.stem for token in known]
    matcher = SequenceMatcher(None, stems, [token.stem for token in mine], autojunk=False)
    # "Should have been heard", "unless it rains": it was not, and if it doesn't, and a text may say so.
    is_unreal = any(one.low in cues.UNREAL and other.low == "have" for one, other in pairwise(known))
    is_unreal = is_unreal or any(token.low == "unless" for token in known)
    for tag, low, high, start, end in matcher.get_opcodes():
        is_inside = start > 0 and low > 0 and end < len(mine) and high < len(known)
        if tag == "equal" or not is_inside or max(high - low, end - start) > _MAX_SHORT_TOKENS:
            continue
        if tag == "insert" and is_unreal:
            continue
        # A word that tells something and went took its doubt with it; so did what "and" joins: "and which are not".
        is_joined = known[low].low in cues.JOINING
        if tag == "delete" and (is_joined or any(token.tells for token in known[low:high])):
            continue
        yield Gap(tuple(known[low:high]), tuple(mine[start:end]), tuple(mine), (mine[0].start, mine[-1].end))


def _within_sentence(tokens: Iterable[Token]) -> Iterator[Token]:
    return takewhile(lambda token: token.low not in cues.FULL_STOPS, tokens)
