"""What models reply, as values: phrases to be looked for, the three short texts, and texts without their wrapping."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, WithJsonSchema

from neutralization.spans import Phrase
from neutralization.taxonomy import Action, Category, category_named
from ntrl.stages.failures import storable

# The rule that a model's phrases are noted under.
MODEL_RULE_KEY = "model"
# A phrase is a few words; what is longer is a passage, and no model copies that without a slip.
MAX_PHRASE_CHARS = 300
# An article of 20,000 characters with a phrase in each sentence has fewer.
MAX_PHRASES = 400
_FENCE = re.compile(r"\A```[a-z]{0,12}[ \t]*\n(?P<inside>.*)\n```\Z", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"\A<article>\s*(?P<inside>.*?)\s*</article>\Z", re.DOTALL)

# Providers are held to these words; a reply with another one is read all the same, and only what has it is dropped.
_Reason = Annotated[str, WithJsonSchema({"type": "string", "enum": [category.value for category in Category]})]
_Action = Annotated[str, WithJsonSchema({"type": "string", "enum": [action.value for action in Action]})]
_Replacement = Annotated[str | None, WithJsonSchema({"type": "string"})]


class NamedPhrase(BaseModel):
    """One phrase that a model calls manipulative."""

    phrase: str
    reason: _Reason
    action: _Action = Action.REMOVED.value
    replacement: _Replacement = ""


class PhrasesReply(BaseModel):
    """The reply of detect_spans."""

    phrases: list[NamedPhrase]


class FeedReply(BaseModel):
    """The reply of compress_feed."""

    feed_title: str
    feed_summary: str
    detail_title: str


@dataclass(frozen=True, slots=True)
class ReadPhrases:
    """Phrases that can be looked for, and those that can't be used, each with the reason."""

    phrases: tuple[Phrase, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()


def read_phrases(named: list[NamedPhrase]) -> ReadPhrases:
    """Turn a model's phrases into ours: categories of its own are mapped, or the phrase is dropped."""
    phrases: list[Phrase] = []
    unusable: list[tuple[str, str]] = []
    for each in named[:MAX_PHRASES]:
        found = _phrase(each)
        if isinstance(found, Phrase):
            phrases.append(found)
        else:
            unusable.append((_one_line(each.phrase)[:MAX_PHRASE_CHARS], found))
    if len(named) > MAX_PHRASES:
        unusable.append(("", f"{len(named) - MAX_PHRASES} phrases beyond the first {MAX_PHRASES}"))
    return ReadPhrases(tuple(dict.fromkeys(phrases)), tuple(unusable))


def read_text(reply: str) -> str:
    """Return a text as it may be stored, without a code fence or tags around it, and without space at line ends."""
    text = storable_text(reply).strip()
    for wrapping in (_FENCE, _TAGS):
        wrapped = wrapping.match(text)
        text = wrapped["inside"].strip() if wrapped else text
    return "\n".join(line.rstrip() for line in text.split("\n"))


def read_line(reply: str) -> str:
    """Return a title or a summary in one line."""
    return _one_line(storable_text(reply))


def storable_text(text: str) -> str:
    """Return text as every database takes it, with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").encode(errors="replace").decode()


def _phrase(named: NamedPhrase) -> Phrase | str:
    """Return the phrase, or say why it can't be used."""
    text, replacement = _one_line(storable(named.phrase)), _one_line(storable(named.replacement or ""))
    category = category_named(named.reason)
    if not any(char.isalnum() for char in text):
        return "no words"
    if max(len(text), len(replacement)) > MAX_PHRASE_CHARS:
        return "too long"
    if category is None:
        return "a category that is none of the 14"
    action = _action(named.action, replacement)
    if action is Action.REMOVED:
        replacement = ""
    if replacement.casefold() == text.casefold():
        return "replaced by itself"
    return Phrase(text, category, action, replacement, MODEL_RULE_KEY)


def _action(name: str, replacement: str) -> Action:
    """Read the action; where it does not fit the replacement, the replacement counts."""
    known: Any = {action.value: action for action in Action}.get(name.strip().casefold())
    if not replacement:
        return Action.REMOVED
    return known if known in (Action.REPLACED, Action.SOFTENED) else Action.REPLACED


def _one_line(text: str) -> str:
    return " ".join(text.split())
