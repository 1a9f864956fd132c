"""Sentences as the rules of attribution read them: words with their stems, what is claimed in them and by whom."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from neutralization.audit import cues
from ntrl.text.common_words import stem
from ntrl.text.numerals import BELOW_HUNDRED
from ntrl.text.tokens import WORD_CHARS

_TOKEN = re.compile(
    # The apostrophe of "the players' union" is the word's; one behind a full stop closes a quotation.
    rf"[{WORD_CHARS}]+(?:['’ʼ.,:&\-‐‑][{WORD_CHARS}]+)*(?:(?<=s)['’](?=\s[^\W\d_]))?|[^\w\s]"
)
# Longer than any sentence that somebody means to be read; what lies behind is not looked at.
MAX_TOKENS = 150
# So far behind an accusing verb its "of" may stand: "accused the former head of the agency of …".
_MAX_ACCUSED_TOKENS = 12
# A charge is told in so many words; then the sentence goes on to something else.
_MAX_CHARGE_TOKENS = 14
# Of so many words before its verb consists a sentence's subject at most.
_MAX_SUBJECT_TOKENS = 12
_NUMERALS = {word: str(value) for word, value in BELOW_HUNDRED.items() if value}
_POSSESSIVE = ("'s", "s'")
_DOUBLE_MARKS = frozenset("“”«»\"")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark at `start` to `end` of its text.

    `low` is the word in small letters with a straight apostrophe; `stem` is what words are compared by: "stole" and
    "stealing" are "steal", "six" is "6". `tells` is False for marks and for words that any sentence may have.
    """

    start: int
    end: int
    low: str
    stem: str
    has_capital: bool
    tells: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """Tokens `start` to `end` are somebody's word; his description is tokens `speaker` (first, end), empty if none."""

    start: int
    end: int
    speaker: tuple[int, int]


@dataclass(frozen=True)
class Sentence:
    """One sentence, read."""

    tokens: tuple[Token, ...]

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What is claimed in it."""
        return tuple(_claims(self.tokens))

    @cached_property
    def claimed(self) -> frozenset[int]:
        """The places of the tokens that are somebody's word."""
        return frozenset(at for claim in self.claims for at in range(claim.start, claim.end))

    @cached_property
    def is_marked(self) -> bool:
        """Whether anything in it says that it tells what somebody says."""
        return bool(self.claims) or any(
            token.low in cues.ANY_SAYING or token.low in cues.CLAIM_MARKS for token in self.tokens
        )


def read(text: str, start: int, end: int) -> Sentence:
    """Read the sentence at `text[start:end]`. Linear, and bounded by `MAX_TOKENS`."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        found.append(_token(match))
        if len(found) == MAX_TOKENS:
            break
    return Sentence(tuple(found))


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of tokens between marks and words that join clauses."""
    start = 0
    for at, token in enumerate(tokens):
        if token.low in cues.BREAKS or token.low in cues.CLAUSE_WORDS:
            if at > start:
                yield start, at
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)


def _token(match: re.Match[str]) -> Token:
    text = match.group().replace("’", "'").replace("ʼ", "'")
    low = text.lower()
    base = low.removesuffix("'s").removesuffix("s'") if low.endswith(_POSSESSIVE) else low
    tells = base[:1].isalnum() and base not in cues.EMPTY
    has_capital = text != low
    return Token(match.start(), match.end(), low, _stem(base), has_capital, tells or base in _NUMERALS)


def _stem(word: str) -> str:
    if word in _NUMERALS:
        return _NUMERALS[word]
    if word[:1].isdecimal():
        return word.replace(",", "")
    return stem(cues.IRREGULAR.get(word, word))


def _claims(tokens: Sequence[Token]) -> Iterator[Claim]:
    first = 0
    quoted = _in_quotation(tokens)
    for at in range(len(tokens) + 1):
        if at == len(tokens) or tokens[at].low == ";":
            yield from _Part(tokens, first, at, quoted).claims()
            first = at + 1


def _in_quotation(tokens: Sequence[Token]) -> frozenset[int]:
    """The places between double marks: what a quotation says of its saying is not the article's."""
    inside: set[int] = set()
    is_open = False
    for at, token in enumerate(tokens):
        if token.low in _DOUBLE_MARKS:
            is_open = token.low in "“«" or (token.low == '"' and not is_open)
        elif is_open:
            inside.add(at)
    return frozenset(inside)


class _Part:
    """A part of a sentence that may hold claims: all of it, or what a semicolon ends."""

    def __init__(self, tokens: Sequence[Token], first: int, end: int, quoted: frozenset[int]) -> None:
        self._tokens = tokens
        self._first = first
        self._end = end
        self._quoted = quoted

    def claims(self) -> list[Claim]:
        """Its claims, each ending where the next one's speaker begins, and with the speaker before when it has none."""
        found = [claim for at in range(self._first, self._end) if at not in self._quoted for claim in self._at(at)]
        ended: list[Claim] = []
        for place, claim in enumerate(found):
            speaker = claim.speaker
            if speaker[0] == speaker[1] and ended:
                speaker = ended[-1].speaker
            following = found[place + 1].speaker if place + 1 < len(found) else (claim.end, claim.end)
            is_followed = claim.start < following[0] < min(claim.end, following[1])
            is_followed = is_followed and self._low(following[0] - 1) in cues.BEFORE_OTHERS
            ended.append(Claim(claim.start, following[0] if is_followed else claim.end, speaker))
        return ended

    def _at(self, at: int) -> Iterator[Claim]:
        """The claim that the word at `at` makes one."""
        low = self._tokens[at].low
        following = self._low(at + 1)
        if low == "according" and following == "to":
            yield self._according(at)
        elif low in cues.SAYING and self._is_verb(at):
            yield from self._said(at)
        elif low in cues.ACCUSING and (opened := self._charge(at)):
            yield Claim(opened, self._charge_end(opened), (self._speaker_start(at), at))
        elif low in cues.PLEADING:
            yield Claim(at + 1, self._charge_end(at + 1), (self._speaker_start(at), at))
        elif (low in cues.CHARGE_NOUNS and following == "of") or (low in cues.CLAIM_NOUNS and following == "that"):
            yield Claim(at + 2, self._charge_end(at + 2), (at, at))
        elif low in cues.CLAIM_MARKS:
            yield Claim(self._first, self._end, (at, at))

    def _low(self, at: int) -> str:
        return self._tokens[at].low if self._first <= at < self._end else ""

    def _is_verb(self, at: int) -> bool:
        """Whether the word says, and is no noun ("the claim", "Crane's claims") or adjective ("the alleged theft")."""
        before = self._low(at - 1)
        return not (before in cues.BEFORE_NOUNS or before.endswith(_POSSESSIVE) or self._low(at + 1) == "of")

    def _according(self, at: int) -> Claim:
        """ "According to X, …" and "…, according to X"."""
        if any(token.tells for token in self._tokens[self._first : at]):
            return Claim(self._first, at, (at + 2, self._speaker_end(at + 2)))
        stop = next((place for place in range(at + 2, self._end) if self._low(place) in ",:"), self._end)
        return Claim(stop, self._end, (at + 2, stop))

    def _said(self, at: int) -> Iterator[Claim]:
        """The claim of a verb of saying: behind it, before it, or on both sides of it."""
        before = self._low(at - 1)
        if before in cues.QUOTES or (before == "," and self._is_inverted(at)):
            yield Claim(self._first, at, (at + 1, self._speaker_end(at + 1)))  # "…," said X
            return
        comma = self._comma_before(at)
        start = at if before in cues.HEARING else comma + 1
        after = self._after_aside(at + 1)
        is_last = after >= self._end or self._low(after) in cues.FULL_STOPS
        if comma > self._first and (is_last or (self._is_told_before(comma) and not self._has_verb(at + 1, self._end))):
            yield Claim(self._first, comma, (start, at))  # "…, X said"
        elif self._low(after) == "," and comma > self._first:
            yield Claim(self._first, self._end, (start, at))  # "…, X said, …"
        elif not is_last and not (self._low(at) in cues.WRITING and self._low(after) not in cues.QUOTES | {"that", ":"}):
            start = at if before in cues.HEARING else self._speaker_start(at)
            yield Claim(after, self._claim_end(after), (start, at))

    def _is_inverted(self, at: int) -> bool:
        following = self._low(at + 1)
        if not self._tokens[at + 1 : at + 2] or following in cues.NO_SPEAKERS or not self._is_told_before(at - 1):
            return False
        return not self._has_verb(at + 1, self._speaker_end(at + 1))

    def _comma_before(self, at: int) -> int:
        """The comma or quotation mark that opens a speaker's description, before the part when there is none.

        Of "…, the mediator, Judge Lee, said" it is the first.
        """
        marks = [place for place in range(self._first, at) if self._low(place) in cues.QUOTES | {","}]
        is_apposed = len(marks) > 2 and marks[-1] == at - 1 and all(self._low(mark) == "," for mark in marks[-3:])
        return marks[-3] if is_apposed else marks[-1] if marks else self._first - 1

    def _after_aside(self, at: int) -> int:
        """Where the claim may begin behind its verb, when and to whom it was said left out."""
        place = at
        while place < self._end and (self._low(place) in cues.ASIDE or self._low(place)[:1].isdecimal()):
            place += 1
        # What seemed an aside may be the claim's own subject: "said the judge had …".
        is_aside = place >= self._end or self._low(place) in cues.BREAKS | cues.FULL_STOPS | {"that"}
        return place if is_aside else at

    def _speaker_start(self, at: int) -> int:
        """Where the description of who says it begins: behind a clause, for a description has no verb of its own."""
        start = at
        while start > self._first:
            low = self._low(start - 1)
            if low in cues.QUOTES or low in cues.BEFORE_SPEAKERS:
                break
            if low == "that" and self._low(start - 2) in cues.ANY_SAYING:
                break
            if low == "," and start < at and self._is_told_before(start - 1):
                break
            start -= 1
        return start

    def _speaker_end(self, at: int) -> int:
        ends = (place for place in range(at, self._end) if self._low(place) in cues.AFTER_SPEAKERS)
        return next(ends, self._end)

    def _is_told_before(self, end: int) -> bool:
        """Whether what stands before a comma can be a clause, and no part of a description."""
        lows = {token.low for token in self._tokens[self._first : end]}
        return not lows & {"who", "which"} and self._has_verb(self._first, end)

    def _has_verb(self, start: int, end: int) -> bool:
        return any(token.low in cues.AUXILIARIES or _is_past(token) for token in self._tokens[start:end])

    def _claim_end(self, start: int) -> int:
        """A claim ends where another clause goes against it, or tells what somebody else said."""
        for at in range(start, self._end - 1):
            if self._low(at) != ",":
                continue
            following = self._low(at + 1)
            if following in cues.TURNS or (following == "and" and not self._goes_on(at + 2)):
                return at
            if following in {"who", "which"} and self._low(at + 2) in cues.SAYING:
                return at
        return self._end

    def _goes_on(self, at: int) -> bool:
        """Whether the claim goes on behind its ", and": with "that", or with a verb that has no subject of its own."""
        low = self._low(at)
        return low == "that" or low in cues.AUXILIARIES or low.endswith("ed") or low in cues.IRREGULAR

    def _charge(self, at: int) -> int:
        """Where the charge begins behind an accusing verb; 0 when there is none."""
        places = range(at + 1, min(self._end, at + _MAX_ACCUSED_TOKENS))
        return next((place + 1 for place in places if self._low(place) in cues.AFTER_ACCUSING), 0)

    def _charge_end(self, start: int) -> int:
        """A charge ends with its clause: "of setting fire to a shop | where two guards were hurt"."""
        last = min(self._end, start + _MAX_CHARGE_TOKENS)
        return next((at for at in range(start + 1, last) if self._low(at) in cues.AFTER_CHARGES), last)


def speakers_in(sentences: Sequence[Sentence]) -> list[list[frozenset[str]]]:
    """For each sentence, by its claims, the words that tell whose word it is; a pronoun's stand before it."""
    named: list[list[frozenset[str]]] = []
    last: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()
    for sentence in sentences:
        here = []
        for claim in sentence.claims:
            own = described(sentence, claim.speaker)
            here.append(own or last | subject)
            last = own or last
        named.append(here)
        subject = _subject(sentence) or subject
    return named


def described(sentence: Sentence, words: tuple[int, int]) -> frozenset[str]:
    """The stems of the telling words among the sentence's tokens `words`."""
    return frozenset(token.stem for token in sentence.tokens[slice(*words)] if token.tells and not _is_date(token))


def _is_date(token: Token) -> bool:
    return token.low[0].isdecimal() or token.low in cues.CALENDAR


def is_verb(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word has a verb's form, and no article before it."""
    token = tokens[at]
    before = tokens[at - 1].low if at else ""
    if token.has_capital or not token.low[0].isalpha() or before in cues.BEFORE_NOUNS:
        return False
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    # "Tolls" is a verb only before its object.
    takes = following is not None and (following.has_capital or following.low in cues.BEFORE_NOUNS)
    has_form = token.low.endswith(("ed", "ing")) or (takes and token.low.endswith("s"))
    has_form = has_form or token.low in cues.IRREGULAR or token.low in cues.VERBS
    return has_form or before == "to" or before in cues.AUXILIARIES


def _subject(sentence: Sentence) -> frozenset[str]:
    """The telling words before a sentence's first verb."""
    tokens = sentence.tokens[:_MAX_SUBJECT_TOKENS]
    end = next((at for at, token in enumerate(tokens) if token.low in cues.AUXILIARIES or _is_past(token)), len(tokens))
    return described(sentence, (0, end))


def _is_past(token: Token) -> bool:
    return not token.has_capital and (token.low.endswith("ed") or token.low in cues.IRREGULAR)
