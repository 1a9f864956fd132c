"""Form: what belongs to a model's chatter or to shouting, and not to a news text."""

import re
import unicodedata
from collections.abc import Iterator

from neutralization.audit.form import TITLES
from neutralization.audit.ranges import Range
from neutralization.audit.subject import Subject
from neutralization.audit.texts import STRAIGHT
from neutralization.types import Output
from ntrl.text import common_words
from ntrl.text.names import name_key

# What a model is asked to do, and declines.
_TASKS = (
    "assist|help|comply|provide|fulfil|fulfill|rewrite|summari[sz]e|generate|process|create|complete|access|continue|"
    "answer|produce|write|neutrali[sz]e|engage|discuss|offer|browse|verify|edit|browse|open|read|respond"
)
# Every repeat below is bounded, so that no reply can make a search slow.
_MARKUP = re.compile(
    r"</?[A-Za-z][^<>\n]{0,200}>|<!--|&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});|```|`[^`\n]{1,80}`"
    r"|\*\*[^*\n]{1,200}\*\*|(?<![\w_])__[^_\n]{1,100}__|(?<![\w*])\*[^*\s][^*\n]{0,80}\*(?![\w*])"
    r"|^[ ]{0,3}#{1,6}[ ]|^[ ]{0,3}[*•][ ]|\[[^\]\n]{1,200}\]\([^)\n]{1,300}\)",
    re.MULTILINE,
)
_FIELDS = "feed_title|feed_summary|detail_title|detail_brief|detail_full|transparency_spans|original_text"
_TAG_NAMES = "article|body|system|user|assistant|instructions?|document|story|text|output|input|title|summary|source"
_KINDS = "version|summary|rewrite|article|brief|headline|title|text|output|response|paragraphs?|result|json|translation"
_LABELS = (
    "headline|title|summary|brief|output|answer|response|rewrite|rewritten|revised|note|feed title|feed summary|"
    "detail title|neutrali[sz]ed|neutral version|neutral headline|neutral summary|paragraph [1-5]"
)
_PROMPT_TEXT = re.compile(
    rf"</?(?:{_TAG_NAMES})\b[^<>]{{0,80}}>|\b(?:{_FIELDS})\b|<\|[a-z_]{{1,20}}\|>|\[/?inst\]"
    r"|\A\W{0,3}(?:sure|certainly|of course|absolutely|okay|ok|understood|got it)(?:[,!.:] )"
    rf"|\bhere(?:'s| is| are) (?:the|a|an|your|my) (?:[a-z-]{{1,20}} ){{0,4}}(?:{_KINDS})\b"
    rf"|(?:\A|(?<=\n))[ *#(\[]{{0,4}}(?:{_LABELS})[ *]{{0,3}}:"
    r"|\bas (?:requested|instructed|you (?:asked|requested))\b|\b(?:system|user) prompt\b"
    r"|\b(?:rewritten|neutrali[sz]ed) (?:article|text|version|headline|summary)\b|\b(?:word|character) count\b"
    r"|\b(?:source|original|input) text\b|\b(?:loaded|biased|manipulative) (?:words?|language|phrases?|terms?)\b"
    r"|\bignore (?:all |any )?(?:the )?(?:previous|above|prior) instructions\b|\b(?:let me know if|i hope this helps)\b"
    r"|\b(?:i have|i've|i) (?:rewritten|removed|neutrali[sz]ed|summari[sz]ed|replaced|rewrote)\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bi(?:'m| am) (?:sorry|unable|not able|afraid)\b"
    rf"|\bi (?:cannot|can't|can not|won't|will not|could not|couldn't) (?:{_TASKS})\b|\b(?:i|we) apologi[sz]e\b"
    r"|\A\W{0,3}i (?:cannot|can't|can not|won't)\b"
    r"|\b(?:against|violates?|within) my (?:guidelines|programming|polic(?:y|ies)|training)\b"
    r"|\bi (?:must|have to) (?:decline|refuse)\b|\bmy (?:training data|knowledge cutoff|guidelines)\b"
    r"|\bunable to (?:assist|comply|fulfil|fulfill|process this|process your|summari[sz]e|rewrite)\b"
    r"|\bno (?:article|content|text|body) (?:was |has been )?(?:provided|given|supplied|found)\b"
    r"|\bas a language model\b",
    re.IGNORECASE,
)
_JSON = re.compile(
    r"\A\s{0,9}[\[{]\s{0,9}[\"'{\[]|[\"'}\]]\s{0,9}[}\]]\s{0,9}\Z|\"[A-Za-z_]{1,40}\"[ ]{0,3}:[ ]{0,3}[\"\[{\dtfn]"
    r"|\\[nrt\"]|\\u[0-9A-Fa-f]{4}|```json"
)
_PLACEHOLDER = re.compile(
    r"\[[^\[\]\n]{1,60}\]|\$?\{{1,2}[^{}\n]{0,60}\}{1,2}|<[A-Z_ ]{3,30}>|(?i:lorem ipsum)|\b(?:TODO|TBD|FIXME|X{3,9})\b"
    r"|%[sd]\b|(?<!\w)_{3,40}|\bINSERT [A-Z]{2,20}\b|(?<!\w)#[A-Z_]{3,30}#"
)
_NO_ANSWER = frozenset(
    "n/a na none null undefined nan untitled placeholder example string title headline summary text output unknown tbd "
    "no title|no headline|no summary|not available|not applicable".replace("|", " ").split()
)

# Letters beyond Latin with its accents and phonetic signs; ordinal signs and the like are none.
_FOREIGN = re.compile(r"[^\W\d_\u0000-\u036f\u1d00-\u1eff\u2000-\u214f\ufb00-\ufb06]{1,40}")
_CAPS = re.compile(r"(?<![\w.&'’@#/-])[^\W\d_a-z]{2,40}(?![\w&]|[-‑]\d|\.\w)")
_VOWEL = re.compile(r"[AEIOUYÀ-ÖØ-Ý]")
_EXCLAMATION = re.compile(r"[!！]+\??")
_QUESTION = re.compile(r"[?？]+|\A(?:is|are|does|did|should|could) (?=[a-z])", re.IGNORECASE)
_DATELINE_END = re.compile(r"[^\n]{0,40}?(?:\([^)\n]{2,20}\)|[—–-])\s")
# Capitals are usual in shorter words (WHO, US); of those only these plainly shout.
_SHOUTED_SHORT = common_words.word_set(
    "not all now wow big the and so very too you your why how bad off omg win must see"
)
_SHOUTED = common_words.word_set(
    "breaking shocking exclusive urgent alert watch warning update huge massive insane epic wow stunning bombshell "
    "outrage outrageous disaster scandal amazing incredible unbelievable horror horrifying chaos fury slams destroyed "
    "crushes finally revealed secret explosive viral free best worst liar lies fake evil enough wrong true real"
)
# A disease, acts and treaties that are written in capitals.
_ACRONYMS_LIKE_WORDS = common_words.word_set("aids care cares start save host stem pace rise")
_ORDINARY_ENDINGS = ("ING", "TION", "LY", "MENT", "NESS", "FUL", "LESS", "OUS", "IBLE", "ABLE", "ATED", "ALLY")
_MIN_SHOUTED_CHARS = 4
_MIN_SHOUTED_TITLE_WORDS = 3
_MAX_DATELINE_CHARS = 30
_MAX_NAME_CHARS = 20
_MIN_ENDING_WORD_CHARS = 7


def markup(subject: Subject, output: Output) -> Iterator[Range]:
    """Tags, entities, Markdown and code."""
    return (match.span() for match in _MARKUP.finditer(subject[output].text))


def prompt_text(subject: Subject, output: Output) -> Iterator[Range]:
    """A prompt's tags and field names, a model's greeting, or its talk about the task."""
    return _unless_in_body(_PROMPT_TEXT, subject, output)


def scripts(subject: Subject, output: Output) -> Iterator[Range]:
    """Runs of letters of another script than any in the body: a model that fell into another language."""
    foreign = list(_FOREIGN.finditer(subject[output].text))
    known = _scripts(subject.body.text) if foreign else set()
    for found in foreign:
        if not _scripts(found.group()) <= known:
            yield found.span()


def _scripts(text: str) -> set[str]:
    """The scripts beyond Latin, by the first words of their letters' names: "CJK", "CYRILLIC"."""
    letters = {char for found in _FOREIGN.finditer(text) for char in found.group()}
    return {unicodedata.name(char, "").partition(" ")[0] for char in letters}


def refusals(subject: Subject, output: Output) -> Iterator[Range]:
    """A model that declines, in words that the body does not have."""
    return _unless_in_body(_REFUSAL, subject, output)


def json_text(subject: Subject, output: Output) -> Iterator[Range]:
    """Objects, keys and escapes."""
    return (match.span() for match in _JSON.finditer(subject[output].text))


def placeholders(subject: Subject, output: Output) -> Iterator[Range]:
    """Slots that nobody filled, in brackets that the body does not have, and words that stand for no answer."""
    text = subject[output].text
    if text.strip(" .\n\"'").casefold() in _NO_ANSWER:
        yield 0, len(text)
    for match in _PLACEHOLDER.finditer(text):
        is_own = output is Output.DETAIL_FULL and not subject.is_judged((match.start(), match.start() + 1))
        if not is_own and match.group() not in subject.body.in_text:
            yield match.span()


def shouting(subject: Subject, output: Output) -> Iterator[Range]:
    """Words in capitals for emphasis, exclamation marks and, in titles, questions."""
    text = subject[output].text
    yield from _capitals(subject, output)
    for match in _EXCLAMATION.finditer(text):
        if not _belongs_to_name(subject, text, match.start()):
            yield match.start(), match.end()
    if output in TITLES:
        yield from (match.span() for match in _QUESTION.finditer(text))


def _unless_in_body(pattern: re.Pattern[str], subject: Subject, output: Output) -> Iterator[Range]:
    text = subject[output].text.translate(STRAIGHT)
    return (
        match.span() for match in pattern.finditer(text) if match.group().strip().lower() not in subject.body.in_lowered
    )


def _capitals(subject: Subject, output: Output) -> Iterator[Range]:
    text = subject[output].text
    is_title = output in TITLES
    if is_title and text.isupper() and len(text.split()) >= _MIN_SHOUTED_TITLE_WORDS:
        yield 0, len(text)
        return
    for match in _CAPS.finditer(text):
        if _is_shouted(subject, match.group()) and (is_title or not _is_dateline(text, match)):
            yield match.span()


def _is_shouted(subject: Subject, word: str) -> bool:
    """Whether `word` has capitals for emphasis: an ordinary word, or one that the body writes otherwise."""
    key = name_key(word)
    if not word.isupper() or not _VOWEL.search(word) or key in _ACRONYMS_LIKE_WORDS:
        return False
    if len(word) < _MIN_SHOUTED_CHARS:
        return key in _SHOUTED_SHORT
    if key in _SHOUTED or key in common_words.OPENERS or common_words.stem(key) in common_words.STEMS:
        return True
    has_ending = len(word) >= _MIN_ENDING_WORD_CHARS and word.endswith(_ORDINARY_ENDINGS)
    body = subject.body
    in_capitals, in_small = body.capitals[key], body.smalls[key]
    is_mostly_small = in_small >= in_capitals if in_small else not in_capitals
    return has_ending or is_mostly_small or body.otherwise[key] > in_capitals


def _is_dateline(text: str, match: re.Match[str]) -> bool:
    """Whether a place in capitals opens a paragraph: "NEW YORK (AP) —"."""
    near = max(match.start() - _MAX_DATELINE_CHARS, 0)
    line = text.rfind("\n", near, match.start()) + 1
    before = text[line : match.start()]
    opens = bool(line) or not near
    return opens and before.upper() == before and bool(_DATELINE_END.match(text, match.end()))


def _belongs_to_name(subject: Subject, text: str, at: int) -> bool:
    """Whether the mark is a name's, as in "Yahoo!"."""
    start = at
    while start > 0 and text[start - 1].isalnum() and at - start <= _MAX_NAME_CHARS:
        start -= 1
    return text[start : at + 1] in subject.body.exclaimed_names
