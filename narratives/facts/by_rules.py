"""Facts found without a model, few and sure: what people plainly say of themselves, what news states. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from narratives.facts.evidence import BOT_ROLES
from narratives.facts.messages import Message
from narratives.facts.ports import ExtractedFact, Extraction
from narratives.facts.replies import one_line
from ntrl.text.common_words import NOT_NAMES, word_set
from ntrl.text.fold import fold
from ntrl.text.names import name_tokens
from ntrl.text.numbers import numbers
from ntrl.text.sentences import sentences
from ntrl.text.tokens import words

METHOD = "rules"
VERSION = "1"
CONFIDENCE = 0.6
# How a story stands to its sentences.
STATES = "states"
# A sentence that can stand alone on a page.
SHORTEST_CHARS, LONGEST_CHARS = 40, 300
# Of one story; its page says the rest.
MOST_OF_A_STORY = 3
# Of one message that is read; people who say who they are do so briefly.
READ_CHARS = 2_000
_ATTRIBUTING = word_set("according announced announces confirmed denied reported reports ruled said says stated")
# Openings that point back at a sentence which is not shown.
_POINTING = word_set(
    "a an and another but he her his however i it its meanwhile she so such that their then there these they this "
    "those we yet you"
)
_OURS = word_set("i me my our us we you your")
_THING = r"(?P<thing>[^\W\d_][\w'’&-]{0,30}(?: [\w'’&-]{1,30}){0,4}?)"
_NAME = r"(?P<thing>[A-Z][\w'’-]{1,30}(?: [A-Z][\w'’-]{0,30}){0,2})"
# What stands behind a thing belongs to another thought.
_END = r"(?= (?:and|because|but|for|now|since|so|too|when|which|who|with)\b|[.,;:!?]|$)"


def _said(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:(?:and|but|by the way|hi|hello|so|well|yes),? )?{pattern}", re.IGNORECASE)


_OF_PEOPLE: list[tuple[re.Pattern[str], str, str]] = [
    (re.compile(rf"^(?:Hi, |Hello, )?(?:My|my) name is {_NAME}(?=[.,;:!? ]|$)"), "name", "is_called"),
    (_said(rf"i live in (?-i:{_NAME}){_END}"), "place", "lives_in"),
    (_said(rf"i(?: am|'m) from (?-i:{_NAME}){_END}"), "place", "comes_from"),
    (_said(rf"i work as an? {_THING}{_END}"), "job", "works_as"),
    (_said(rf"i (?:really |absolutely )?(?:like|love|enjoy) {_THING}{_END}"), "interest", "likes"),
    (_said(rf"i (?:really |absolutely )?(?:hate|dislike) {_THING}{_END}"), "interest", "dislikes"),
    (_said(rf"i have an? (?P<thing>dog|cat|horse|son|daughter|brother|sister){_END}"), "family", "has"),
]
# "I like it" says nothing of what.
_NO_THINGS = word_set("it that this them these those him her you how when what to the")
Finder = Callable[[Message], Iterator[ExtractedFact]]


class RuleExtractor:
    """Reads messages one by one.

    Args:
        find: `of_a_person` or `of_news`.
    """

    name = "rules (embedded default: no provider of its chain is set up)"
    identity = (METHOD, VERSION)

    def __init__(self, find: Finder) -> None:
        self._find = find

    def extract(self, messages: Sequence[Message]) -> Extraction:
        """Collect what the messages state."""
        return Extraction(tuple(fact for message in messages for fact in self._find(message)), METHOD)

    def worst_case_usd(self, messages: Sequence[Message]) -> Decimal:
        """Nothing."""
        return Decimal(0)


def of_a_person(message: Message) -> Iterator[ExtractedFact]:
    """What a person says of himself in a sentence that says nothing else."""
    if message.role.casefold() in BOT_ROLES:
        return
    for sentence in _sentences(message.content):
        plain = sentence.replace("’", "'")
        if "?" in sentence:
            continue
        for pattern, entity_type, relationship in _OF_PEOPLE:
            match = pattern.match(plain)
            if match and match["thing"].split()[0].casefold() not in _NO_THINGS:
                yield ExtractedFact(entity_type, match["thing"], relationship, CONFIDENCE, sentence, message)


def of_news(message: Message) -> Iterator[ExtractedFact]:
    """Sentences that say who says so, or that hold a figure, and that can be read by themselves."""
    found = 0
    for sentence in _sentences(message.content):
        kind = _kind(sentence) if SHORTEST_CHARS <= len(sentence) <= LONGEST_CHARS else ""
        if kind and found < MOST_OF_A_STORY:
            found += 1
            yield ExtractedFact(kind, sentence, STATES, CONFIDENCE, sentence, message)


def _sentences(content: str) -> Iterator[str]:
    text = content[:READ_CHARS]
    for start, end in sentences(text):
        # The last one may have been cut off.
        if end < READ_CHARS:
            yield one_line(text[start:end])


def _kind(sentence: str) -> str:
    said = [word.text for word in words(fold(sentence))]
    if not said or said[0] in _POINTING or _OURS & set(said) or sentence[-1] != "." or not sentence[0].isupper():
        return ""
    names = (token for token in name_tokens(sentence) if token.has_capital and not token.opens)
    if all(token.key in NOT_NAMES for token in names):
        return ""
    if _ATTRIBUTING & set(said):
        return "statement"
    return "figure" if any(not number.is_weak for number in numbers(sentence)) else ""
