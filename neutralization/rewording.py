"""What may become of the words at a phrase when it is edited, and what is more than grammar. Pure."""

from collections.abc import Collection, Iterable, Sequence

from neutralization.removability import NEGATIONS
from ntrl.text import common_words
from ntrl.text.fold import fold
from ntrl.text.numbers import numbers
from ntrl.text.tokens import Word, words

# Verbs and pronouns agree with what a phrase leaves; "is" for "was" would be another time.
_AGREEING = ("a an", "am is are", "was were", "has have", "do does", "this these", "that those")
_AGREED = {form: group.split()[0] for group in _AGREEING for form in group.split()}
_BASE_MIN_CHARS = 3


def key(word: str) -> str:
    """Return what words are aligned by: the same for all forms of one word, and for a few words more."""
    plain = _without_possessive(fold(word))
    return _AGREED.get(plain) or common_words.stem(plain)


def is_same_word(old: str, new: str) -> bool:
    """Tell whether `new` is `old` in another form: a capital, "a" or "an", an ending, agreement.

    A word with a capital may be a name and keeps all its letters: "Adams" is not "Adam", but "Adam's" is.
    """
    left, right = _without_possessive(old), _without_possessive(new)
    folded, other = fold(left), fold(right)
    if folded == other:
        return left[1:] == right[1:]
    if folded in _AGREED and _AGREED[folded] == _AGREED.get(other):
        return True
    return old.islower() and new.islower() and not _bases(folded).isdisjoint(_bases(other))


def adds_fact(
    come: Sequence[Word], text: str, phrases: Iterable[str], smalls: Collection[str], excused: Sequence[Word]
) -> bool:
    """Tell whether words that came in a phrase's place bring a name, a number or a negation that it lacks.

    Args:
        come: The words, at their places in `text`; one or more.
        text: What they stand in.
        phrases: The phrase itself, and what was to take its place.
        smalls: The words that the body writes in small letters.
        excused: Those of the words that have a capital because of where they stand; they may be names all the same.
    """
    held = {fold(word.text) for phrase in phrases for word in words(phrase)}
    fresh = [word for word in come if fold(word.text) not in held]
    if any(_is_name(word.text, smalls, may_be_ordinary=word in excused) for word in fresh):
        return True
    if any(_is_negation(fold(word.text)) or any(map(str.isdigit, word.text)) for word in fresh):
        return True
    piece = text[come[0].start : come[-1].end]
    figures = (words(piece[number.start : number.end]) for number in numbers(piece))
    return any(fold(word.text) not in held for figure in figures for word in figure)


def _is_name(word: str, smalls: Collection[str], *, may_be_ordinary: bool) -> bool:
    if word == word.lower():
        return False
    folded = fold(word)
    is_ordinary = folded in smalls or folded in common_words.OPENERS or common_words.stem(folded) in common_words.STEMS
    return not (may_be_ordinary and is_ordinary and word[1:] == word[1:].lower())


def _is_negation(folded: str) -> bool:
    return folded in NEGATIONS or folded.endswith("n't")


def _without_possessive(word: str) -> str:
    """Leave out the ending of "Adam's", but not the verb of "it's"."""
    base = word.removesuffix("'s").removesuffix("’s")
    return word if fold(base) in common_words.OPENERS else base


def _bases(word: str) -> set[str]:
    """The words that `word` may be a form of, itself among them, as far as endings tell."""
    found = {word}
    for ending, instead in (("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", "")):
        if word.endswith(ending) and not (ending == "s" and word.endswith("ss")):
            found.add(word.removesuffix(ending) + instead)
    if word.endswith("ing"):
        found.add(word.removesuffix("ing") + "e")
    doubled = {base[:-1] for base in found if base != word and len(base) > 1 and base[-1] == base[-2]}
    return {base for base in found | doubled if len(base) >= _BASE_MIN_CHARS} | {word}
