"""Which sentences of a text may be shown to readers by themselves, and on what they lean."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from neutralization.compose import vocabulary as v
from neutralization.compose.clauses import main_verb
from neutralization.compose.tokens import Kind, Token, Tokens, tokenize
from ntrl.text import common_words
from ntrl.text.quotes import Quotation, quotations
from ntrl.text.sentences import paragraphs, sentences

# What is further down adds little to a brief, and costs time.
MAX_SENTENCES = 60
# A longer "sentence" is a list or a table that lost its marks.
MAX_SENTENCE_CHARS = 420
MIN_SENTENCE_WORDS = 4

_FURNITURE = re.compile(
    r"\b(?:read more|click here|sign up|subscrib|newsletter|story continues|advertis|all rights reserved|copyright|"
    r"getty images|follow us|share this|more details|see also|related article|editor.s note|this article was|"
    r"originally (?:published|appeared)|photo(?:graph)? by|image credit|watch below|scroll down|privacy policy|"
    r"check out|contributed to this report|reporting by|editing by|updated? (?:at|on)|last updated|breaking news alert|"
    r"affiliate|opinions are|compensated by|headlines for|promo code|buy now|download this)",
    re.IGNORECASE,
)
_STRANGE = re.compile(r"https?:|&#?\w{2,8};|www\.|@\w|#\w|[|{}<>*•·→_=\\^~]|\.\.\.|…|\[|\]|[\U0001F000-\U0001FAFF☀-➿]")
_WELL_ENDED = re.compile(r"\.[”’\"'»)]*$")
_QUOTE_ENDS = "”’\"'»“‘«"
_REPEATED = re.compile(r"\b(\w{2,30}) \1\b", re.IGNORECASE)
_AGENCY = r"AP|AFP|CNN|CNN Business|Reuters|UPI|ANI|PTI|IANS|Xinhua|dpa|Bloomberg|CBS News|NBC News|Kyodo|ANSA|TASS|PA"
_PLACE = r"[A-Z][A-Z.’' ]{2,30}(?:, [A-Z][\w.]{1,14}(?: [A-Z]\w{1,14})?)?"
_DATELINE = (
    re.compile(rf"[^()—–]{{0,50}}\((?:{_AGENCY})\)\s*(?:[—–-]{{1,2}}\s+)?(?=\S)"),
    re.compile(rf"{_PLACE}\s*(?:\([^()]{{2,30}}\)\s*)?(?:[—–]\s*|-{{1,2}} )(?=\S)"),
    re.compile(r"\w{3,30}\.\w{2,4} [—–-] (?=\S)"),
)
# A shout before the lead's first word.
_LABEL = re.compile(r"(?:BREAKING|BREAKING NEWS|JUST IN|UPDATED?|EXCLUSIVE|DEVELOPING|WATCH|NEW|LATEST): +(?=[A-Z\d])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A usable sentence.

    `index` counts all sentences of the text, so that neighbours differ by one. `leans` says that it needs the
    sentence before it ("He also …").
    """

    index: int
    paragraph: int
    text: str
    tokens: Tokens
    leans: bool


def passages(text: str) -> list[Passage]:
    """Return the usable ones of the first `MAX_SENTENCES` sentences of `text`, in order, none twice."""
    ranges = sentences(text)[:MAX_SENTENCES]
    end = ranges[-1][1] if ranges else 0
    quotes = quotations(text[:end])
    blocks = paragraphs(text[:end])
    small = frozenset(word.lower() for word in re.findall(r"\w+", text[:end]) if not word.isupper())
    found: list[Passage] = []
    seen: set[str] = set()
    block = 0
    for index, (start, stop) in enumerate(ranges):
        while blocks[block][1] <= start:
            block += 1
        if block and text[slice(*blocks[block - 1])].lower().strip(" :") in v.CLAIM_HEADINGS:
            continue
        passage = _passage(text, index, block, (start, stop), quotes, small)
        if passage is not None and passage.text.lower() not in seen:
            seen.add(passage.text.lower())
            found.append(passage)
    return found


def _passage(
    text: str, index: int, block: int, place: tuple[int, int], quotes: Sequence[Quotation], small: Set[str]
) -> Passage | None:
    start, stop = place
    start += _dateline_length(text[start:stop])
    label = _LABEL.match(text, start, stop)
    start = label.end() if label else start
    inside = [(quote.start - start, quote.end - start) for quote in quotes if quote.start < stop and quote.end > start]
    sentence = text[start:stop]
    if any(left < 0 or right > len(sentence) for left, right in inside) or len(sentence) > MAX_SENTENCE_CHARS:
        return None
    if any(sentence[right - 1] not in _QUOTE_ENDS for _, right in inside):
        return None  # a quotation that nobody closed
    plain = _outside(sentence, inside)
    if not _is_presentable(sentence, plain) or _shouts(plain, small):
        return None
    tokens = tokenize(sentence, inside)
    if sum(token.is_word for token in tokens) < MIN_SENTENCE_WORDS or main_verb(tokens) is None:
        return None
    return Passage(index, block, " ".join(sentence.split()), tokens, _leans(tokens))


def _dateline_length(sentence: str) -> int:
    for pattern in _DATELINE:
        found = pattern.match(sentence)
        if found:
            return found.end()
    return 0


def _outside(sentence: str, quotes: Sequence[tuple[int, int]]) -> str:
    """The sentence with each quotation made a letter x."""
    parts, position = [], 0
    for start, end in quotes:
        parts += [sentence[position:start], "x"]
        position = end
    return "".join([*parts, sentence[position:]])


def _is_presentable(sentence: str, plain: str) -> bool:
    opens_well = sentence[:1].isupper() or sentence[:1].isdecimal() or sentence[:1] in "“\"'‘«$£€"
    broken = any(len(line.strip()) < 40 for line in plain.split("\n")[:-1])
    if not opens_well or broken or not _WELL_ENDED.search(sentence) or _STRANGE.search(plain):
        return False
    if any(mark in plain for mark in '!?"“”«»') or plain.count("(") != plain.count(")"):
        return False
    labelled = re.match(r"[A-Z][\w ]{0,30}: |\d{1,2}[.)] ", plain)
    return not (_FURNITURE.search(plain) or _REPEATED.search(plain) or labelled)


def _shouts(plain: str, small: Set[str]) -> bool:
    """Whether words stand in capitals that are ordinary, or that the text has in `small` letters too."""
    loud = [word for word in re.findall(r"\w+", plain) if len(word) > 3 and word.isupper() and word.isalpha()]
    return len(loud) > 2 or any(word.lower() in small or is_ordinary(word.lower()) for word in loud)


def is_ordinary(low: str) -> bool:
    """Whether a word in lower case is an ordinary one, and no name or acronym."""
    return low in common_words.OPENERS or common_words.stem(low) in common_words.STEMS


def _leans(tokens: Tokens) -> bool:
    """Whether the sentence's first words point back to another, or quote a speaker named elsewhere."""
    first = tokens[0]
    if first.low in v.LEANING or first.low.split("'")[0] in v.SUBJECT_PRONOUNS - {"we", "i", "you"}:
        return first.low not in v.OPENING_NEW and not first.low.startswith("there")
    if (first.low, tokens[1].low) in v.LEANING_PAIRS:
        return True
    return first.kind is Kind.QUOTE and not _has_speaker(tokens)


def _has_speaker(tokens: Sequence[Token]) -> bool:
    """Whether a named speaker stands beside the quotation."""
    plain = [token for token in tokens if token.is_word]
    says = any(token.low in v.ATTRIBUTION | v.REPORTING for token in plain)
    named = any(token.is_capital and token.low not in v.PRONOUNS for token in plain)
    noun = any(token.low in {"the", "a", "an"} for token in plain)
    pronoun = any(token.low in {"he", "she", "they", "it"} for token in plain[:3])
    return says and (named or noun) and not pronoun
