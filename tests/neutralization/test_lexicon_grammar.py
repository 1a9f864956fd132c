"""Every form of the shipped lexicon beside its replacement: number, articles and verbs agree, by mechanical rules."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from neutralization.edits import apply_edits, make_edits
from neutralization.grammar import is_plural
from neutralization.lexicon import Entry, compile_false_positives, compile_lexicon
from neutralization.spans import detect
from neutralization.types import Span

RULES = Path(__file__).parents[2] / "neutralization" / "rules"
# A noun phrase's head stands before the first of these.
_AFTER_HEAD = re.compile(r" (?:of|for|in|with|from|to|on|who|that|between|over|at|by|without|against|born|later)\b")
_BE = {"was", "were", "is", "are", "has", "have", "does", "do"}
_PLURALS = {"people", "spokespeople", "children", "women", "men"}
_ARTICLES = {"a", "an", "the"}
# These begin with no article, yet stand where one can: after a preposition or a verb, never after an article.
_BRINGS_ARTICLE = {
    "agenda_signaling/big-oil-industry",
    "urgency_inflation_subtle/crunch-time",
    "hyperbolic_adjectives/filthy-rich",
    "hyperbolic_adjectives/seething-mass",
    "loaded_idioms/tip-of-the-iceberg",
    "loaded_idioms/battle-lines",
    "loaded_idioms/a-drop-in-the-bucket",
    "loaded_idioms/cost-an-arm-and-a-leg",
}
# "The elite" takes a plural verb; evidence and harm have no plural; "matters" is none.
_ONE_FOR_BOTH = re.compile(r"elite|smoking gun|salt in|our freedom|toward|eco-loon|shot across")


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


LEXICON = compile_lexicon(shipped("lexicon"))
FALSE_POSITIVES = compile_false_positives(shipped("false_positives"))


def spans(body: str) -> tuple[Span, ...]:
    return detect(body, LEXICON, FALSE_POSITIVES).spans


def neutral(body: str) -> str:
    return apply_edits(body, make_edits(body, spans(body)))


def replaced() -> Iterator[tuple[Entry, str, str]]:
    for entry in LEXICON.entries:
        for form, replacement in zip(entry.forms, entry.replacements, strict=True):
            if replacement:
                yield entry, form, replacement


def head(phrase: str) -> str:
    return _AFTER_HEAD.split(phrase, maxsplit=1)[0].split()[-1]


def number_is_plural(phrase: str) -> bool:
    return head(phrase) in _PLURALS or is_plural(head(phrase))


def test_no_verb_of_being_comes_where_the_form_shows_no_number() -> None:
    """ "Donors called the shots" would become "donors was in control"."""
    wrong = []
    for entry, form, replacement in replaced():
        first, verb = form.lower().split()[0], replacement.split()[0]
        if verb not in _BE or first in _BE | {"it's", "be"}:
            continue
        shows_one = any(word.endswith("s") and not word.endswith("ss") for word in form.split()[:2])
        if verb in {"was", "were"} or (verb in {"is", "has", "does"}) != shows_one:
            wrong.append((entry.key, form, replacement))
    assert wrong == []


def test_a_plural_form_has_a_plural_in_its_place() -> None:
    wrong = []
    for entry in LEXICON.entries:
        pairs = dict(zip(entry.forms, entry.replacements, strict=True))
        if entry.verb_only or entry.category == "loaded_verbs" or "" in pairs.values():
            continue
        for form, replacement in pairs.items():
            plural = next((f for f in (f"{form}s", f"{form}es", f"{form[:-1]}ies") if f in pairs and f != form), "")
            if not plural or _ONE_FOR_BOTH.search(form):
                continue
            if number_is_plural(replacement) or not number_is_plural(pairs[plural]):
                wrong.append((entry.key, form, replacement, plural, pairs[plural]))
    assert wrong == []


def test_no_replacement_brings_an_article_of_its_own() -> None:
    """ "No snake oil" would become "no a false remedy"."""
    own = {*_ARTICLES, "another", "our", "this", "as", "it", "it's"}
    wrong = [
        (entry.key, form, replacement)
        for entry, form, replacement in replaced()
        if replacement.split()[0] in _ARTICLES
        and form.lower().split()[0] not in own
        and entry.key not in _BRINGS_ARTICLE
    ]
    assert wrong == []


def test_a_form_in_ing_stays_one() -> None:
    wrong = [
        (entry.key, form, replacement)
        for entry, form, replacement in replaced()
        if entry.verb_only and re.match(r"\w{3,}ing\b", form) and not re.search(r"ing\b|^eager ", replacement)
    ]
    assert wrong == []


def count_nouns() -> Iterator[tuple[str, str]]:
    """Forms that are one thing beside the form for several."""
    for entry in LEXICON.entries:
        if entry.verb_only or entry.category == "loaded_verbs" or entry.attributive_only:
            continue
        for form in entry.forms:
            plural = next(
                (f for f in (f"{form}s", f"{form[:-1]}ies") if f in entry.forms and head(f) != head(form)), ""
            )
            if plural and not (number_is_plural(form) or _ONE_FOR_BOTH.search(form) or form.split()[0] in _ARTICLES):
                yield form, plural


def put_in(body: str, form: str) -> list[str]:
    return [span.replacement for span in spans(body) if span.original_text == form]


def test_number_agrees_with_articles_and_verbs_around() -> None:
    """One thing after "a", several before "were": "a warnings" and "labor unions is" are no English."""
    wrong = {}
    for one, several in count_nouns():
        for body in (f"Critics saw a {one} who left.", f"The {one} was seen in May."):
            if any(number_is_plural(words) for words in put_in(body, one)):
                wrong[body] = neutral(body)
        body = f"The {several} were seen in May."
        if any(not number_is_plural(words) and words != "conclusive evidence" for words in put_in(body, several)):
            wrong[body] = neutral(body)
    assert wrong == {}


def test_no_bare_article_or_doubled_word_is_left() -> None:
    """Adjectives before a noun and things after an article: nothing stands twice, or without its noun."""
    broken = re.compile(r"\b(\w+) \1\b|\b(?:a|an|the) (?:and|was|were|of|in|a|an|the)\b", re.IGNORECASE)
    bodies = [f"They saw a {one} in the town, and the {several} met." for one, several in count_nouns()]
    for entry in LEXICON.entries:
        if entry.attributive_only:
            nouns = entry.only_before[:2] or ("report", "ideas")
            bodies += [f"They saw the {form} {noun} in May." for form in entry.forms for noun in nouns]
    after = {body: neutral(body) for body in bodies}
    assert {body: text for body, text in after.items() if broken.search(text)} == {}
