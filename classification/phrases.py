"""Finds many phrases in a text in one pass: whole words, letter case where it matters, the longest phrase first."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# Words keep inner apostrophes. Marks that end a clause are tokens too, so that no phrase runs across them.
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?()\[\]\"“”\n]")
_POSSESSIVES = ("'s", "’s")

# How many tokens on either side `not_near` and `only_near` look at: about one clause.
NEAR_TOKENS = 10
# A name this short may be another word in capitals ("US", "WHO"), so capitals are no second spelling of it.
_CAPITALS_MIN_CHARS = 4


@dataclass(frozen=True, slots=True)
class Token:
    """A word as written, and lower-cased for look-up. A possessive ending is cut off."""

    text: str
    lower: str


# Stands between title and body; no phrase holds it.
_BREAK = Token("\n", "\n")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One spelling of a rule's form. `exact_words` are its words as written, or empty when case is free."""

    key: str
    form: str
    words: tuple[str, ...]
    exact_words: tuple[str, ...] = ()
    not_near: frozenset[str] = frozenset()
    only_near: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """Phrases by their first word, the longest first."""

    by_first_word: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule, by one of its forms, found at tokens [start, end) of a text."""

    key: str
    form: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Split a text into words and clause marks.

    A text all in capitals tells nothing by its case, and is read as if in title case ("TELL US" is not the US).
    """
    if text.isupper() and len(text) > _CAPITALS_MIN_CHARS and " " in text:
        text = text.title()
    return [Token(word, word.lower()) for word in map(_without_possessive, _TOKEN.findall(text))]


@dataclass(frozen=True, slots=True)
class Story:
    """A story's words: its title, then its body, between which no phrase runs but neighbours are seen."""

    tokens: tuple[Token, ...]
    title_length: int

    def hits(self, index: PhraseIndex, *, title_weight: float) -> Iterator[tuple[Hit, float]]:
        """Yield each hit and its weight: `title_weight` in the title, 1 in the body."""
        for hit in find(self.tokens, index):
            yield hit, title_weight if hit.start < self.title_length else 1.0


def read_story(title: str, body: str) -> Story:
    """Split a title and a body into words."""
    head = tokenize(title)
    return Story((*head, _BREAK, *tokenize(body)), len(head))


def _without_possessive(word: str) -> str:
    return word[:-2] if len(word) > 2 and word[-2:].lower() in _POSSESSIVES else word


def spellings(
    key: str,
    forms: Iterable[str],
    *,
    exact: bool = False,
    not_near: Collection[str] = (),
    only_near: Collection[str] = (),
) -> Iterator[Phrase]:
    """Yield a rule's phrases: each form, its plural and, where case matters, the form in capitals.

    Args:
        key: the rule's, carried by every hit.
        forms: the phrase and its irregular inflections or synonyms.
        exact: the case of the forms matters.
        not_near: single words that rule a hit out when one stands within `NEAR_TOKENS`.
        only_near: single words of which one must stand within `NEAR_TOKENS`; empty when none is needed.

    Raises:
        ValueError: a form holds no word.
    """
    seen: set[tuple[str, ...]] = set()
    for form in forms:
        for words in _variants(form, exact=exact):
            if words in seen:
                continue
            seen.add(words)
            lower = tuple(word.lower() for word in words)
            yield Phrase(
                key,
                form,
                lower,
                words if exact else (),
                frozenset(word.lower() for word in not_near),
                frozenset(word.lower() for word in only_near),
            )


def _variants(form: str, *, exact: bool) -> Iterator[tuple[str, ...]]:
    words = [_without_possessive(word) for word in _TOKEN.findall(form)]
    while words and not words[-1][0].isalnum():
        words.pop()
    if not words:
        raise ValueError(f"no word in {form!r}")
    for last in (words[-1], plural(words[-1])):
        variant = (*words[:-1], last) if exact else (*(w.lower() for w in words[:-1]), last.lower())
        yield variant
        if exact and len(form) >= _CAPITALS_MIN_CHARS:
            yield tuple(word.upper() for word in variant)


def plural(word: str) -> str:
    """Return the regular plural of a noun, which is also a verb's third person."""
    lower = word.lower()
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if lower.endswith("y") and not lower.endswith(("ay", "ey", "oy", "uy")):
        return word[:-1] + "ies"
    return word + "s"


def build_index(phrases: Iterable[Phrase]) -> PhraseIndex:
    """Index phrases by first word."""
    by_first: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        by_first.setdefault(phrase.words[0], []).append(phrase)
    return PhraseIndex({first: tuple(sorted(group, key=lambda p: -len(p.words))) for first, group in by_first.items()})


def find(tokens: Sequence[Token], index: PhraseIndex) -> Iterator[Hit]:
    """Yield hits from left to right without overlap: where a phrase begins, the longest that fits is taken.

    Rules that share a phrase ("settlement" of two domains) are all hit by it.
    """
    position = 0
    while position < len(tokens):
        length = 0
        for phrase in index.by_first_word.get(tokens[position].lower, ()):
            if len(phrase.words) < length:
                break
            if _fits(phrase, tokens, position):
                length = len(phrase.words)
                yield Hit(phrase.key, phrase.form, position, position + length)
        position += length or 1


def _fits(phrase: Phrase, tokens: Sequence[Token], start: int) -> bool:
    window = tokens[start : start + len(phrase.words)]
    if tuple(token.lower for token in window) != phrase.words:
        return False
    if phrase.exact_words and tuple(token.text for token in window) != phrase.exact_words:
        return False
    if not phrase.not_near and not phrase.only_near:
        return True
    around = {t.lower for t in tokens[max(0, start - NEAR_TOKENS) : start + len(phrase.words) + NEAR_TOKENS]}
    return around.isdisjoint(phrase.not_near) and (not phrase.only_near or not around.isdisjoint(phrase.only_near))
