"""Find a lexicon's forms in a body, and say which condition of their entry forbids an occurrence."""

from collections.abc import Iterator

from neutralization.context import Context
from neutralization.lexicon import NUMBER, Form, Lexicon
from neutralization.matching import Match, Token, tokenize
from ntrl.text.fold import fold

# How far a condition looks: longer than any listed neighbour.
_NEIGHBOUR_CHARS = 60
# A longer sentence says more than its hype.
_WHOLE_SENTENCE_MAX_CHARS = 100

# What can't follow an adjective that stands before its noun.
_NO_NOUN_FORMS = """
    a about across added after against all along although am an and are around as asked at away be because been
    before being but by can could did do does down during for from had has have he her his how i if in into is it
    its may might must nor of off on or our out over past said says she should since so than that the their them
    then there these they this those though through to told too toward towards under until up upon was we were what
    when where which while who whose why will with without would wrote yet you your
"""
_NO_NOUN = frozenset(_NO_NOUN_FORMS.split())
# What can't stand before an adjective that is taken out: it would be left without the word it belongs to.
_HOLDS_ADJECTIVE_FORMS = """
    and as be been being become becomes became but equally even feel feels felt how however less look looked looks
    more most nor not or seem seemed seems so sound sounded sounds than too
"""
_HOLDS_ADJECTIVE = frozenset(_HOLDS_ADJECTIVE_FORMS.split())
# Adverbs of degree go together with their adjective. Other words in -ly may be anything.
INTENSIFIERS = frozenset(
    {"absolutely", "completely", "deeply", "extremely", "incredibly", "particularly", "really", "truly"}
    | {"highly", "quite", "totally", "utterly", "very"}
)


def matches(context: Context, lexicon: Lexicon) -> Iterator[tuple[Match[Form], str]]:
    """Yield each occurrence of a form with the condition that forbids it; an empty one when all hold."""
    text, folded, tokens = context.text, fold(context.text), tokenize(context.text)
    for match in lexicon.index.find(text, tokens):
        yield match, _broken_condition(context, folded, tokens, match)


def _broken_condition(context: Context, folded: str, tokens: list[Token], match: Match[Form]) -> str:
    entry = match.value.entry
    if entry.upper_only and not context.text[match.start : match.end].isupper():
        return "not in capitals"
    neighbours = _neighbour_condition(folded, match)
    if neighbours:
        return neighbours
    if entry.attributive_only and not _is_attributive(tokens, match):
        return "not an adjective before its noun"
    if entry.not_with and not entry.not_with.isdisjoint(context.sentence_words(match.start)):
        return "in a sentence that gives it another sense"
    if entry.sentence_start and not context.starts_sentence(match.start):
        return "not at a sentence's start"
    return _sentence_condition(context, match.start) if entry.whole_sentence else ""


def _sentence_condition(context: Context, at: int) -> str:
    start, end = context.sentence(at)
    if end - start > _WHOLE_SENTENCE_MAX_CHARS:
        return "its sentence is too long to go whole"
    return "its sentence holds a fact" if context.holds_facts(start, end) else ""


def _neighbour_condition(folded: str, match: Match[Form]) -> str:
    entry = match.value.entry
    after = folded[match.end : match.end + _NEIGHBOUR_CHARS].lstrip()
    before = folded[max(0, match.start - _NEIGHBOUR_CHARS) : match.start].rstrip()
    if any(_begins(after, phrase) for phrase in entry.not_before):
        return "before a word that excludes it"
    if any(_ends(before, phrase) for phrase in entry.not_after):
        return "after a word that excludes it"
    if entry.only_before and not any(_begins(after, phrase) for phrase in entry.only_before):
        return "not before a word that it needs"
    if entry.only_after and not any(_ends(before, phrase) for phrase in entry.only_after):
        return "not after a word that it needs"
    return ""


def _begins(text: str, phrase: str) -> bool:
    if phrase == NUMBER:
        return text.lstrip("$£€¥~").strip()[:1].isdigit()
    return text.startswith(phrase) and not (phrase[-1].isalnum() and text[len(phrase) :][:1].isalnum())


def _ends(text: str, phrase: str) -> bool:
    if phrase == NUMBER:
        return text[-1:].isdigit()
    return text.endswith(phrase) and not (phrase[0].isalnum() and text[: -len(phrase)][-1:].isalnum())


def _is_attributive(tokens: list[Token], match: Match[Form]) -> bool:
    if match.last + 1 >= len(tokens):
        return False
    following = tokens[match.last + 1]
    if following.gap != " " or not following.is_word or following.text in _NO_NOUN:
        return False
    before = tokens[match.first - 1] if match.first else None
    if before is None or not before.is_word:
        return before is None or before.text != ","
    is_adverb = before.text.endswith("ly") and before.text not in INTENSIFIERS
    return before.text not in _HOLDS_ADJECTIVE and not is_adverb
