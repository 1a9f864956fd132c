"""The extraction without a model: names weighted by place and frequency, and the words of the title. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from narratives.entities import Aliases
from narratives.fingerprints import (
    FOCUS_MAX_WORDS,
    FOCUS_MIN_WORDS,
    MAX_ACTIONS,
    BadFingerprint,
    check_focus,
    check_nucleus,
)
from narratives.fingerprints import MAX_ACTORS as MOST_ACTORS
from narratives.focus import FocusRules, fold_words
from narratives.identity import Fingerprint, Identity
from narratives.stems import stem
from ntrl.text import common_words
from ntrl.text.names import NameToken, Vocabulary, is_in_title_case, name_tokens, unknown_names
from ntrl.text.sentences import sentences

# A name in the title says more than four in the text; one in the lead more than one behind it.
TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 4.0, 2.0, 1.0
LEAD_CHARS = 400
# News is told in its first paragraphs; what comes later is background that many stories share.
READ_CHARS = 3_000
# A focus of more words is hardly met again, one of fewer is met too often.
FOCUS_WORDS = 4
MAX_NAMES = 40
MAX_NAME_WORDS = 5
# A full stop within a name stands behind "Sen." or "J."; behind a longer word it ends the sentence.
_MAX_TITLE_CHARS = 4
# Where a report was filed is not whom it is about.
_DATELINE = re.compile(r"\A\s*[A-Z][A-Z.’' ]{2,30}(?:, [A-Z][\w. ]{1,20})?(?: \([^()]{2,30}\))? ?(?:[—–]|--?) ?(?=\S)")
_WITHIN = common_words.word_set("of for de du la van von")
# Who is named once or twice is seldom whom an article is about.
MENTIONS_OF_NUCLEUS = 3
# "British" goes with what it describes; as a nucleus it counts half.
_ADJECTIVES = ("ish", "ese", "ian", "ean", "ican", "aeli", "aqi", "ench", "utch")
ADJECTIVE_WEIGHT = 0.5
# Bylines, agencies and words of the page, which are not in the story.
_OF_THE_PAGE = common_words.word_set(
    "reuters ap afp associated getty images bloomberg advertisement opinion editorial analysis exclusive enlarge photo "
    "video image caption listen read watch share updated update breaking live newsletter"
)


@dataclass(frozen=True, slots=True)
class Extraction:
    """A fingerprint, and all names of the article, the weightiest first."""

    fingerprint: Fingerprint
    names: tuple[str, ...]


@dataclass(slots=True)
class _Name:
    written: str
    order: int
    weight: float = 0.0
    mentions: int = 0
    # A single word that has a capital only once, where a sentence opens, may be any word.
    is_sure: bool = False

    @property
    def as_nucleus(self) -> tuple[bool, float, int]:
        is_adjective = self.written.lower().endswith(_ADJECTIVES)
        weight = self.weight * (ADJECTIVE_WEIGHT if is_adjective else 1.0)
        return self.mentions < MENTIONS_OF_NUCLEUS, -weight, self.order


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    tokens: list[NameToken]
    weight_until: tuple[tuple[int, float], ...]

    def weight(self, position: int) -> float:
        return next(weight for end, weight in self.weight_until if position < end)


def extract(title: str, body: str, *, aliases: Aliases, focus: FocusRules) -> Extraction:
    """Read an article.

    Raises:
        BadFingerprint: it names nobody whom its body names too, or its title and lead say nothing of an event.
    """
    title, body = title[:READ_CHARS], _DATELINE.sub("", body[:READ_CHARS])
    texts = _texts(title, body)
    weighed = weighed_names(texts)
    nucleus = _nucleus(weighed, body, aliases)
    names = [name.written for name in weighed]
    phrase = _focus(texts, set(names), focus)
    check_focus(phrase, nucleus, aliases)
    actors = _others(names, nucleus, aliases)
    return Extraction(Fingerprint(nucleus, phrase, actors, _actions(texts)), tuple(names[:MAX_NAMES]))


def focus_of_summary(summary: str, nucleus: str, rules: Identity) -> str:
    """The focus of a narrative that has but a summary, whose first sentence is read as a title would be.

    Raises:
        BadFingerprint: the summary says nothing of an event.
    """
    summary = summary[:READ_CHARS]
    start, end = next(iter(sentences(summary)), (0, 0))
    texts = _texts(summary[start:end], summary)
    names = {nucleus, *(name.written for name in weighed_names(texts))}
    phrase = _focus(texts, names, rules.focus)
    check_focus(phrase, nucleus, rules.aliases)
    return phrase


def weighed_names(texts: Iterable[_Text]) -> list[_Name]:
    """The names of an article, heaviest first; a surname that stands alone counts with its full names."""
    every = list(texts)
    smalls = frozenset(token.key for text in every for token in text.tokens if not token.has_capital)
    found: dict[str, _Name] = {}
    for text in every:
        for written, start, is_opening in _runs(text, Vocabulary(frozenset(), smalls, frozenset())):
            name = found.setdefault(written.lower(), _Name(written, len(found)))
            name.weight += text.weight(start)
            name.mentions += 1
            name.is_sure |= not is_opening or (name.mentions > 1 and written.lower() not in common_words.OPENERS)
    for key, name in found.items():
        surname = found.get(key.rpartition(" ")[2])
        if surname is not None and surname is not name:
            surname.weight += name.weight
            surname.mentions += name.mentions
    return sorted(filter(lambda name: name.is_sure, found.values()), key=lambda name: (-name.weight, name.order))


def _texts(title: str, body: str) -> tuple[_Text, _Text]:
    return (
        _Text(title, name_tokens(title), ((READ_CHARS + 1, TITLE_WEIGHT),)),
        _Text(body, name_tokens(body), ((LEAD_CHARS, LEAD_WEIGHT), (READ_CHARS + 1, BODY_WEIGHT))),
    )


def _runs(text: _Text, known: Vocabulary) -> Iterator[tuple[str, int, bool]]:
    """Yield each run of names, where it starts, and whether it is one word that opens a sentence."""
    run: list[NameToken] = []
    for token in [*_names_in(text.tokens, known), None]:
        if run and (token is None or len(run) == MAX_NAME_WORDS or not _joins(text.text, run[-1], token)):
            yield _name(text.text[run[0].start : run[-1].end]), run[0].start, len(run) == 1 and run[0].opens
            run = []
        if token is not None:
            run.append(token)


def _names_in(tokens: list[NameToken], known: Vocabulary) -> Iterator[NameToken]:
    """The names, with the ordinary words that end one: "Treasury Department", "Trump Tower"."""
    names = {token.start for token in unknown_names(tokens, known)}
    is_title_case = is_in_title_case(tokens)
    after_name = False
    for token in tokens:
        ends_name = after_name and token.has_capital and not token.opens and not is_title_case
        after_name = _may_be_name(token) and (token.start in names or ends_name)
        if after_name:
            yield token


def _may_be_name(token: NameToken) -> bool:
    return len(token.key) > 1 and token.key not in _OF_THE_PAGE


def _joins(text: str, before: NameToken, token: NameToken) -> bool:
    gap = text[before.end : token.start]
    if gap == ". " and len(before.text) > _MAX_TITLE_CHARS:
        return False
    if before.text.endswith(("'s", "’s")) or len(gap) > 8:
        return False
    between = gap.split()
    return gap in {" ", ". ", "-", "-\u2010"} or (len(between) == 1 and between[0] in _WITHIN and "\n" not in gap)


def _name(run: str) -> str:
    return " ".join(run.removesuffix("'s").removesuffix("’s").split())


def _nucleus(names: list[_Name], body: str, aliases: Aliases) -> str:
    for name in sorted(names, key=lambda name: name.as_nucleus):
        try:
            check_nucleus(name.written, body, aliases)
        except BadFingerprint:
            continue
        return name.written
    raise BadFingerprint("no_entity", "no name of the article stands in its body")


def _others(names: list[str], nucleus: str, aliases: Aliases) -> tuple[str, ...]:
    seen, others = {aliases.key(nucleus), ""}, []
    for name in names:
        key = aliases.key(name)
        if not any(f" {key} " in f" {other} " or f" {other} " in f" {key} " for other in seen if other):
            seen.add(key)
            others.append(name)
    return tuple(others[:MOST_ACTORS])


def _focus(texts: tuple[_Text, _Text], names: set[str], rules: FocusRules) -> str:
    """The title's words that name no one and are told again below, in the title's order; then others, if too few.

    What a title says and its article does not is mostly there to be clicked on.
    """
    parts = {word for name in names for word in fold_words(name)}
    title, lead = (fold_words(text) for text in (texts[0].text, texts[1].text[:LEAD_CHARS]))
    told = Counter(map(stem, fold_words(texts[1].text[:READ_CHARS])))
    # One word in two forms, or two of one meaning, say one thing: "plans planned", "approves approval".
    open_words = _each_once((word for word in title if _says_something(word, parts, rules)), rules)
    told_again = [word for word in open_words if told[stem(word)] or word in rules.negation]
    rest = [word for word in open_words if word not in told_again]
    chosen = {*told_again[:FOCUS_WORDS], *rest[: max(0, FOCUS_MIN_WORDS - len(told_again))]}
    words = [word for word in open_words if word in chosen]
    for word in sorted(dict.fromkeys(lead), key=lambda word: -told[stem(word)]):
        if len(words) >= FOCUS_MIN_WORDS:
            break
        if _says_something(word, parts, rules):
            words = _each_once([*words, word], rules)
    return " ".join(words[:FOCUS_MAX_WORDS])


def _each_once(words: Iterable[str], rules: FocusRules) -> list[str]:
    once: dict[frozenset[str], str] = {}
    for word in words:
        once.setdefault(rules.tokens(word), word)
    return list(once.values())


def _says_something(word: str, parts: set[str], rules: FocusRules) -> bool:
    if word in parts or word.isdecimal() or len(word) < 2:
        return False
    if word in rules.negation:
        return True
    return word not in common_words.OPENERS and bool(rules.tokens(word))


def _actions(texts: tuple[_Text, _Text]) -> tuple[str, ...]:
    """The past forms of the title and lead, which mostly tell what was done."""
    lead = [token for token in texts[1].tokens if token.start < LEAD_CHARS]
    verbs = [
        token.key
        for before, token in pairwise([None, *texts[0].tokens, *lead])
        if token is not None and not token.has_capital and _is_past(token.key) and not _is_article(before)
    ]
    return tuple(dict.fromkeys(verbs))[:MAX_ACTIONS]


def _is_past(word: str) -> bool:
    return (word.endswith("ed") and len(word) > 4) or word in _STRONG_PAST


def _is_article(token: NameToken | None) -> bool:
    return token is not None and token.key in {"a", "an", "the"}


_STRONG_PAST = common_words.word_set(
    "rose fell won lost met made led began said saw held went came got gave took left paid sold told broke built "
    "bought brought caught fought sought struck shot cut quit sued hit won froze drew grew threw withdrew spoke"
)
