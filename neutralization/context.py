"""What surrounds a phrase: the sentence it stands in, capitals that mean a name, facts that must not be lost."""

import re
from bisect import bisect_right
from functools import cached_property
from itertools import pairwise

from ntrl.text.fold import fold
from ntrl.text.sentences import sentences
from ntrl.text.tokens import Word, words

# A headline capitalizes its long words, and has no full stop; prose hardly ever has this share of capitals.
HEADLINE_SHARE = 0.75
HEADLINE_MIN_LONG_WORDS = 5
_LONG_WORD_CHARS = 4

_OPENING = frozenset("“‘\"'«„‚([—–-•*")
_SPACE = re.compile(r"\s*")
_QUOTE_MARK = re.compile(r"[“”\"«»„]")
_NUMBER_FORMS = """
    two three four five six seven eight nine ten eleven twelve dozen dozens hundred hundreds thousand thousands
    million millions billion billions trillion half twice first second third
"""
_NUMBER_WORDS = frozenset(_NUMBER_FORMS.split())
# Capitalized at a sentence's start, these are no part of a name.
_OPENER_FORMS = """
    a an and as at but by for from her his how if in its my no of on one our so some such that the their these this
    those to with your
"""
_OPENERS = frozenset(_OPENER_FORMS.split())
# A heading or a label ends so, not a name that a sentence goes on about.
_ENDS_LABEL = re.compile(r"[^\S\n]*(?:[:!?|–—]|\n|\Z)")
# What somebody is, told after the name and closed by a comma: "Havoc, the rapper, …".
_WHAT_IT_IS = re.compile(r",\s(?:an?|the|who|whose|which)\s[^,.;:!?\n]{1,60},")
# A place, a country and an agency.
_DATELINE_MAX_CHARS = 60
# How far from a phrase its neighbours are looked for: names and adverbs are never longer.
_NEIGHBOUR_CHARS = 60


def after_space(text: str, at: int) -> int:
    """Return where the white space that begins at `at` ends."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def before_space(text: str, at: int, floor: int = 0) -> int:
    """Return where the white space that ends at `at` begins, not before `floor`."""
    while at > floor and text[at - 1].isspace():
        at -= 1
    return at


class Context:
    """A text with its sentences, found when first asked for."""

    def __init__(self, text: str) -> None:
        """Take `text`; nothing is computed yet."""
        self.text = text
        self._headlines: dict[tuple[int, int], bool] = {}
        self._words: dict[tuple[int, int], frozenset[str]] = {}

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        return sentences(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._sentences]

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the range of the sentence that holds `at`; the whole text when none does."""
        index = bisect_right(self._starts, at) - 1
        return self._sentences[index] if index >= 0 else (0, len(self.text))

    def sentence_words(self, at: int) -> frozenset[str]:
        """Return the folded words of the sentence around `at`."""
        found = self.sentence(at)
        if found not in self._words:
            folded = fold(self.text[found[0] : found[1]])
            self._words[found] = frozenset(word.text for word in words(folded))
        return self._words[found]

    def holds_number(self, at: int) -> bool:
        """Tell whether the sentence around `at` holds a number, in digits or words."""
        return any(word in _NUMBER_WORDS or any(map(str.isdigit, word)) for word in self.sentence_words(at))

    def starts_sentence(self, at: int) -> bool:
        """Tell whether nothing but opening marks or a dateline stands between a sentence's start and `at`."""
        start, _ = self.sentence(at)
        end = at
        while at > start and (self.text[at - 1] in _OPENING or self.text[at - 1].isspace()):
            at -= 1
        return at <= start or _is_dateline(self.text[start:at], self.text[at:end])

    def is_headline(self, at: int) -> bool:
        """Tell whether the sentence around `at` Capitalizes Its Words, so that a capital means nothing in it."""
        found = self.sentence(at)
        if found not in self._headlines:
            self._headlines[found] = _is_headline(self.text[found[0] : found[1]])
        return self._headlines[found]

    def in_proper_name(self, start: int, end: int) -> bool:
        """Tell whether the phrase is part of a longer capitalized name ("Dirty" in "Dirty Dancing"), or one itself.

        Within a sentence a phrase of several words is part of a name only when a capitalized word stands before it
        ("The Perfect Storm"): names follow titles ("Border Czar Tom Homan"). A sentence's first word has a capital
        anyway: there it takes more to be a name.
        """
        inner = [word.text for word in words(self.text[start:end])]
        telling = [word for word in inner if word not in _OPENERS]
        if not telling or not all(map(_is_capitalized, [inner[0], *telling])):
            return False
        if self.starts_sentence(start):
            return self._opens_with_name(telling, start, end)
        neighbours = [self._word_before(start)] if len(inner) > 1 else [self._word_before(start), self._word_after(end)]
        if not any(word and _is_capitalized(word) for word in neighbours):
            return False
        return not self.is_headline(start)

    def _opens_with_name(self, inner: list[str], start: int, end: int) -> bool:
        """Tell a name by its later capitals ("House of Cards returned"), by the word after it, or by what it is."""
        if inner[-1].endswith("ly") or not self._has_small_letters(start, end) or self.is_headline(start):
            return False
        following = self._word_after(end)
        if len(inner) > 1:
            return not (following and _is_capitalized(following)) and not _ENDS_LABEL.match(self.text, end)
        if following and _is_capitalized(following):
            return self._words_before_name.get(following, set()) <= {inner[0]}
        return bool(_WHAT_IT_IS.match(self.text, end))

    def _has_small_letters(self, start: int, end: int) -> bool:
        """Tell whether the rest of the sentence is prose: some word in it that means something has no capital."""
        first, last = self.sentence(start)
        rest = (*words(self.text[first:start]), *words(self.text[end:last][:_NEIGHBOUR_CHARS]))
        return any(word.text.islower() and word.text not in _OPENERS for word in rest)

    @cached_property
    def _words_before_name(self) -> dict[str, set[str]]:
        """The words that stand directly before each capitalized word, wherever it is."""
        found: dict[str, set[str]] = {}
        for before, word in pairwise([Word(0, 0, ""), *words(self.text)]):
            if _is_capitalized(word.text):
                is_beside = before.text and self.text[before.end : word.start].isspace()
                found.setdefault(word.text, set()).add(before.text if is_beside else "")
        return found

    def is_lone_name(self, start: int, end: int) -> bool:
        """Tell whether a single word has a capital that neither a mark before it nor a headline explains ("Mayhem")."""
        inner = words(self.text[start:end])
        if len(inner) != 1 or not _is_capitalized(inner[0].text) or self.starts_sentence(start):
            return False
        before = self.text[before_space(self.text, start, max(0, start - _NEIGHBOUR_CHARS)) - 1]
        return before not in _OPENING and before not in ":;.!?…" and not self.is_headline(start)

    def holds_facts(self, start: int, end: int) -> bool:
        """Tell whether a range holds a number, a quotation mark or a proper name."""
        piece = self.text[start:end]
        if any(char.isdigit() for char in piece) or _QUOTE_MARK.search(piece):
            return True
        return any(word.text.casefold() in _NUMBER_WORDS or self._may_be_name(start, word) for word in words(piece))

    def _may_be_name(self, offset: int, word: Word) -> bool:
        if not word.text[0].isupper() or re.split("['’]", word.text)[0] == "I":
            return False
        return not self.starts_sentence(offset + word.start)

    def _word_before(self, at: int) -> str:
        head = self.text[max(0, at - _NEIGHBOUR_CHARS) : at]
        found = words(head)
        if not found or head[found[-1].end :].strip():
            return ""
        word = found[-1].text
        opens = self.starts_sentence(at - len(head) + found[-1].start)
        return "" if opens and word.casefold() in _OPENERS else word

    def _word_after(self, at: int) -> str:
        tail = self.text[at : at + _NEIGHBOUR_CHARS]
        found = words(tail)
        return found[0].text if found and not tail[: found[0].start].strip() else ""


def _is_dateline(head: str, marks: str) -> bool:
    """Tell whether a sentence opens with a place and a dash ("MILLBROOK, Ohio (AP) — ")."""
    if len(head) > _DATELINE_MAX_CHARS or not any(mark in "—–-" for mark in marks):
        return False
    places = words(head)
    return bool(places) and places[0].text.isupper() and all(word.text[0].isupper() for word in places)


def _is_capitalized(word: str) -> bool:
    """Tell whether a word is written as a name is: a capital and small letters after it ("I" is no name)."""
    return word[0].isupper() and any(char.islower() for char in word)


def _is_headline(sentence: str) -> bool:
    long = [word.text for word in words(sentence) if len(word.text) >= _LONG_WORD_CHARS]
    capitals = sum(word[0].isupper() for word in long)
    enough = len(long) >= HEADLINE_MIN_LONG_WORDS and capitals >= HEADLINE_SHARE * len(long)
    return enough and not sentence.endswith(".")
