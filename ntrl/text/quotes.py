"""Find quotations: where they begin and end, over paragraphs too, and whether they are someone's speech."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from ntrl.text.fold import fold
from ntrl.text.sentences import paragraphs
from ntrl.text.tokens import words

# A quoted piece of at most this many words is a scare quote, unless somebody near it is said to have said it.
SCARE_QUOTE_MAX_WORDS = 2
# How far from its quotation an attribution is looked for: a subordinate clause before, a few words after.
_ATTRIBUTION_CHARS = 160
_ATTRIBUTION_WORDS_BEFORE = 20
_ATTRIBUTION_WORDS_AFTER = 4

_DOUBLE = re.compile(r"[“”„‟\"＂]")
_GUILLEMET = re.compile(r"[«»]")
_SINGLE = re.compile(r"[‘’‚‛']")
_OPENING_MARKS = frozenset("“„‟«")
_CLOSING_MARKS = frozenset("”»")
# What may stand directly before an opening mark.
_BEFORE_OPENING = frozenset("([{<—–-/“‘„‚«\"'¿¡:…")
_SENTENCE_PUNCTUATION = frozenset(".,;:!?…)]}—–”»\"'’")
# Words that begin with an apostrophe.
_ELISIONS = frozenset({"em", "tis", "twas", "til", "till", "cause", "cos", "bout", "round", "n", "twere"})
_SPEECH_VERB_FORMS = """
    according accuse accused accuses accusing acknowledged add added adds admitted allege alleged alleges announced
    answered argue argued argues ask asked asks blasted brand branded branding brands call called calling calls
    characterised characterized chant chanted chanting chants claim claimed claiming claims commented complain
    complained complains conceded concluded condemned condemning condemns criticised criticising criticized
    criticizing declare declared declares decried deemed denied denounced denounces denouncing derided describe
    described describes describing dismiss dismissed dismisses dismissing dub dubbed dubbing dubs exclaimed explain
    explained explains hailed hailing insist insisted insists joked label labeled labeling labelled labelling labels
    lambasted lamented likened maintain maintained maintains mocked noted panned posted praised praises predicted
    promised quipped quote quoted quotes quoting recall recalled recalls referred remarked replied replies responded
    ridiculed say saying says shout shouted shouts slammed slamming state stated states suggest suggested suggests
    said tell tells termed terms testified told tweeted urged vowed warn warned warns whispered write writes wrote
    yelled yells
"""
# Verbs that give the words beside them to someone, folded.
SPEECH_VERBS = frozenset(_SPEECH_VERB_FORMS.split())


class _Kind(Enum):
    OPEN = "open"
    CLOSE = "close"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation's range with its marks; `is_speech` is False for a scare quote."""

    start: int
    end: int
    is_speech: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    at: int
    kind: _Kind


def quotations(text: str) -> list[Quotation]:
    """Return the outermost quotations of `text`, sorted and disjoint.

    Known are “ ”, " ", « », » «, „ “, ‚ ‘, ‘ ’ and ' ', also when the two marks are of different make.
    Apostrophes and plural possessives are not marks. A quotation whose paragraphs each open and of which only
    the last closes is one; a mark without its partner ends with its paragraph.

    Args:
        text: The body; paragraphs are divided by blank lines.
    """
    blocks = paragraphs(text)
    ranges = _pair(text, blocks, (_mark(text, found.start()) for found in _DOUBLE.finditer(text)))
    ranges += _pair(text, blocks, (_mark(text, found.start()) for found in _GUILLEMET.finditer(text)))
    outer = _union(ranges)
    outer = _union(outer + _pair(text, blocks, _single_marks(text, blocks, outer)))
    return [Quotation(start, end, _is_speech(text, start, end)) for start, end in outer]


def _opens_here(text: str, at: int) -> bool:
    """Tell whether a mark at `at` stands as an opening one: space or a bracket before it, none after it."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (not before or before.isspace() or before in _BEFORE_OPENING) and bool(after) and not after.isspace()


def _closes_here(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    ends_word = not after or after.isspace() or after in _SENTENCE_PUNCTUATION
    return bool(before) and not before.isspace() and ends_word


def _mark(text: str, at: int) -> _Mark:
    """Read a double mark. Many texts hold the wrong one of a pair, so its place can overrule its shape."""
    opens, closes = _opens_here(text, at), _closes_here(text, at)
    if text[at] in _OPENING_MARKS:
        return _Mark(at, _Kind.EITHER if closes and not opens else _Kind.OPEN)
    if text[at] in _CLOSING_MARKS:
        return _Mark(at, _Kind.EITHER if opens and not closes else _Kind.CLOSE)
    if opens and not closes:
        return _Mark(at, _Kind.OPEN)
    before = text[at - 1 : at]
    return _Mark(at, _Kind.EITHER if not before or before.isspace() or opens else _Kind.CLOSE)


def _pair(text: str, blocks: list[tuple[int, int]], marks: Iterable[_Mark]) -> list[tuple[int, int]]:
    """Pair one family's marks into outermost ranges; what stays open ends with its paragraph or runs on."""
    by_block = _by_block(blocks, marks)
    ranges: list[tuple[int, int]] = []
    start = depth = last_end = 0
    for (block_start, block_end), inside in zip(blocks, by_block, strict=True):
        if depth and not (inside and inside[0].at == block_start and inside[0].kind is not _Kind.CLOSE):
            ranges.append((start, last_end))
            depth = 0
        elif depth:
            depth, inside = 1, inside[1:]
        for mark in inside:
            if mark.kind is _Kind.OPEN or (mark.kind is _Kind.EITHER and not depth):
                start = start if depth else mark.at
                depth += 1
            elif depth:
                depth -= 1
                if not depth:
                    ranges.append((start, mark.at + 1))
        last_end = block_end
    return [*ranges, (start, last_end)] if depth else ranges


def _by_block(blocks: list[tuple[int, int]], marks: Iterable[_Mark]) -> list[list[_Mark]]:
    grouped: list[list[_Mark]] = [[] for _ in blocks]
    index = 0
    for mark in marks:
        while mark.at >= blocks[index][1]:
            index += 1
        grouped[index].append(mark)
    return grouped


def _union(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if united and start < united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _single_marks(text: str, blocks: list[tuple[int, int]], outer: list[tuple[int, int]]) -> Iterator[_Mark]:
    """Yield the single marks that quote. Marks inside `outer` quotations are left alone."""
    places = [_Mark(found.start(), _Kind.EITHER) for found in _SINGLE.finditer(text)]
    # A lone straight mark is an apostrophe, unless the next paragraph goes on with a mark that opens.
    goes_on = [text[start] in "‘'" and _opens_single(text, start) for start, _ in blocks[1:]] + [False]
    for inside, is_continued in zip(_by_block(blocks, _outside(places, outer)), goes_on, strict=False):
        opener: int | None = None
        closers: list[int] = []
        for mark in inside:
            if _opens_single(text, mark.at):
                yield from _single_pair(text, opener, closers)
                opener, closers = mark.at, []
            elif opener is not None and _closes_here(text, mark.at):
                closers.append(mark.at)
        yield from _single_pair(text, opener, closers, is_continued=is_continued)


def _outside(marks: list[_Mark], outer: list[tuple[int, int]]) -> Iterator[_Mark]:
    index = 0
    for mark in marks:
        while index < len(outer) and outer[index][1] <= mark.at:
            index += 1
        if index == len(outer) or mark.at < outer[index][0]:
            yield mark


def _opens_single(text: str, at: int) -> bool:
    if text[at] == "’" or not _opens_here(text, at):
        return False
    following = words(text[at + 1 : at + 12])
    if not following or following[0].start > 0:
        return True
    first = following[0].text
    # '90s is a decade; '90 percent' is not.
    return first.casefold() not in _ELISIONS and not re.fullmatch(r"\d0s", first)


def _single_pair(text: str, opener: int | None, closers: list[int], *, is_continued: bool = False) -> Iterator[_Mark]:
    """Choose the closing mark: the first that can't be a possessive; else, if nothing goes on, the last that may be."""
    if opener is None:
        return
    closer = next((at for at in closers if not _may_be_possessive(text, at)), None)
    if closer is None and not is_continued:
        if not closers and text[opener] == "'":
            return
        closer = closers[-1] if closers else None
    yield _Mark(opener, _Kind.OPEN)
    if closer is not None:
        yield _Mark(closer, _Kind.CLOSE)


def _may_be_possessive(text: str, at: int) -> bool:
    """Tell whether a single mark may be an apostrophe at a word's end: players' union, goin' home."""
    before = text[at - 2 : at].casefold() if at > 1 else ""
    goes_on = text[at + 1 : at + 2].isspace() and text[at + 1 : at + 3] != "\n\n"
    return goes_on and (before.endswith("s") or before == "in")


def _is_speech(text: str, start: int, end: int) -> bool:
    return len(words(text[start:end])) > SCARE_QUOTE_MAX_WORDS or _is_attributed(text, start, end)


def _is_attributed(text: str, start: int, end: int) -> bool:
    """Tell whether a verb of speech in the same sentence gives these words to someone."""
    before = re.split(r"[.!?\n]", fold(text[max(0, start - _ATTRIBUTION_CHARS) : start]))[-1]
    if any(word.text in SPEECH_VERBS for word in words(before)[-_ATTRIBUTION_WORDS_BEFORE:]):
        return True
    quoted = text[start:end].rstrip("”\"»’'“‘«＂")
    if not quoted or quoted[-1] not in ",?!.…—":
        return False
    after = re.split(r"[.!?\n]", fold(text[end : end + _ATTRIBUTION_CHARS]))[0]
    return any(word.text in SPEECH_VERBS for word in words(after)[:_ATTRIBUTION_WORDS_AFTER])
