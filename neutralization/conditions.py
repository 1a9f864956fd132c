"""Find a lexicon's forms in a body, and say which condition of their entry forbids an occurrence."""

import re
from collections.abc import Iterator
from dataclasses import replace

from neutralization.context import Context
from neutralization.grammar import agreeing_replacement, is_attributive, is_function_word, is_standalone, is_verb
from neutralization.lexicon import BARE_NUMBER, NUMBER, Form, Lexicon
from neutralization.matching import Match, Token, tokenize
from neutralization.statements import own_statement
from neutralization.taxonomy import Action, Category
from ntrl.text.fold import fold

# How far a condition looks: longer than any listed neighbour.
_NEIGHBOUR_CHARS = 60
# A longer sentence says more than its hype.
_WHOLE_SENTENCE_MAX_CHARS = 100

# A number as far as its currency and its "million".
_AMOUNT = re.compile(
    r"(?:us|au?|ca?|nz)?[$£€¥~]?\d+(?:[.,]\d+)*\s?(?:(?:hundred|thousand|million|billion|trillion|[mbkt]n?)\b)?"
)
_CURRENCY = re.compile(r"(?:us|au?|ca?|nz)?[$£€¥]")
_SHARE = re.compile(r"\s?(?:%|percent\b|per cent\b)")
# Labels that partisans like to write with capitals: "the Deep State", "Fake News".
_CAPITALIZED = frozenset({Category.AGENDA_SIGNALING, Category.AGENDA_FRAMING})
# A phrase of several words whose last one is written as a name is, and a capital after a phrase.
_LAST_CAPITAL = re.compile(r"\s[A-Z][a-z]\w*\Z")
_CAPITAL_NEXT = re.compile(r" [A-Z]")
# A phrase with its scare quotes.
_QUOTED = re.compile(r"[“‘\"'][^“”\"\n]{0,80}[”’\"']")
_FOLLOWING_WORD = re.compile(r" ?([^\W\d_]+)")


def matches(context: Context, lexicon: Lexicon) -> Iterator[tuple[Match[Form], str]]:
    """Yield each occurrence of a form with the condition that forbids it; an empty one when all hold."""
    text, folded, tokens = context.text, fold(context.text), tokenize(context.text)
    found = list(lexicon.index.find(text, tokens))
    removing = (match for match in found if match.value.entry.action is Action.REMOVED)
    taken_out = {at for match in removing for at in range(match.first, match.last + 1)}
    for match in found:
        broken = _broken_condition(context, folded, tokens, match) or own_statement(tokens, match, taken_out)
        yield _agreed(tokens, match), broken


def _agreed(tokens: list[Token], match: Match[Form]) -> Match[Form]:
    replacement = agreeing_replacement(tokens, match)
    if replacement == match.value.replacement:
        return match
    return replace(match, value=replace(match.value, replacement=replacement))


def _broken_condition(context: Context, folded: str, tokens: list[Token], match: Match[Form]) -> str:
    entry = match.value.entry
    if entry.upper_only and not context.text[match.start : match.end].isupper():
        return "not in capitals"
    if match.value.text.islower() and _is_name(context, match):
        return "a name"
    if entry.action is not Action.REMOVED and _QUOTED.fullmatch(context.text, match.start - 1, match.end + 1):
        return "somebody's own word for it"
    neighbours = _neighbour_condition(folded, match)
    if neighbours:
        return neighbours
    grammar = _grammar_condition(context.text, tokens, match)
    if grammar:
        return grammar
    if entry.not_with and not entry.not_with.isdisjoint(context.sentence_words(match.start)):
        return "in a sentence that gives it another sense"
    if entry.without_figure and context.holds_number(match.start):
        return "in a sentence with a figure"
    if entry.sentence_start and not context.starts_sentence(match.start):
        return "not at a sentence's start"
    return _sentence_condition(context, match.start) if entry.whole_sentence else ""


def _is_name(context: Context, match: Match[Form]) -> bool:
    """Tell a name of one word, or of several that no name follows ("Talking Heads", but "Border Czar Tom Homan")."""
    if context.is_lone_name(match.start, match.end):
        return True
    if match.value.entry.category in _CAPITALIZED:
        return False
    last = _LAST_CAPITAL.search(context.text, match.start, match.end)
    if last is None or context.starts_sentence(match.start) or _CAPITAL_NEXT.match(context.text, match.end):
        return False
    return not context.is_headline(match.start)


def _grammar_condition(text: str, tokens: list[Token], match: Match[Form]) -> str:
    entry = match.value.entry
    if entry.attributive_only and not is_attributive(text, tokens, match, entry.action is Action.REMOVED):
        return "not an adjective before its noun"
    if entry.standalone and not is_standalone(tokens, match):
        return "before a noun that it describes"
    return "not a verb" if entry.verb_only and not is_verb(tokens, match) else ""


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
    if phrase in (NUMBER, BARE_NUMBER):
        amount = _AMOUNT.match(text)
        return amount is not None and (phrase == NUMBER or _is_bare(text, amount.end()))
    return text.startswith(phrase) and not (phrase[-1].isalnum() and text[len(phrase) :][:1].isalnum())


def _ends(text: str, phrase: str) -> bool:
    if phrase == NUMBER:
        return text[-1:].isdigit()
    return text.endswith(phrase) and not (phrase[0].isalnum() and text[: -len(phrase)][-1:].isalnum())


def _is_bare(text: str, end: int) -> bool:
    """Tell whether the number that ends at `end` needs no article: no singular noun follows ("a $5 million fine")."""
    if text.startswith("-", end):
        return False
    share = _SHARE.match(text, end)
    if share is None and not _CURRENCY.match(text):
        return True
    word = _FOLLOWING_WORD.match(text, share.end() if share else end)
    return word is None or is_function_word(word.group(1))
