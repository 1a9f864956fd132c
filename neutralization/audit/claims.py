"""What is claimed in a sentence and by whom: "X said that …", "…, according to X", "X is accused of …"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from neutralization.audit import cues
from neutralization.audit.ranges import Range
from neutralization.audit.words import POSSESSIVE, Token, is_past

# So far behind an accusing verb its "of" may stand: "accused the former head of the agency of …".
_MAX_ACCUSED_TOKENS = 12
# A charge is told in so many words; then the sentence goes on to something else.
_MAX_CHARGE_TOKENS = 14
# A headline's speaker is named in fewer words.
_MAX_HEAD_TOKENS = 7
_DOUBLE_MARKS = frozenset('“”«»"')


@dataclass(frozen=True, slots=True)
class Claim:
    """Tokens `start` to `end` are somebody's word; his description is tokens `speaker` (first, end), empty if none."""

    start: int
    end: int
    speaker: Range


def claims_in(tokens: Sequence[Token]) -> Iterator[Claim]:
    """Yield the claims of a sentence, in order."""
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


def asides(tokens: Sequence[Token]) -> Iterator[Range]:
    """Yield what between a subject and its verb only describes it: "The war, now in its seventh year, has killed"."""
    commas = [at for at, token in enumerate(tokens) if token.low == ","]
    for start, end in pairwise(commas):
        follows = tokens[end + 1].low if end + 1 < len(tokens) else ""
        inside = tokens[start + 1 : end]
        if follows in cues.AUXILIARIES - {"to"} and not any(token.low in cues.AUXILIARIES for token in inside):
            yield start, end


def charging(tokens: Sequence[Token]) -> frozenset[int]:
    """The places of the accusing verbs that tell of what: of "charged with", and not of "charged"."""
    part = _Part(tokens, 0, len(tokens), frozenset())
    return frozenset(at for at, token in enumerate(tokens) if token.low in cues.ACCUSING and part.charge(at))


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
        found = [*self._headed(), *found]
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

    def _headed(self) -> Iterator[Claim]:
        """The claim behind a headline's speaker: "Police: …"."""
        colons = (
            at for at in range(self._first, min(self._end, self._first + _MAX_HEAD_TOKENS)) if self._low(at) == ":"
        )
        colon = next(colons, None)
        if not colon or colon + 1 >= self._end:
            return
        head = self._tokens[self._first : colon]
        if all(token.has_capital for token in head) and not all(token.low in cues.LABELS for token in head):
            yield Claim(colon + 1, self._end, (self._first, colon))

    def _at(self, at: int) -> Iterator[Claim]:
        """The claim that the word at `at` makes one."""
        low = self._tokens[at].low
        following = self._low(at + 1)
        if low == "according" and following == "to":
            yield self._according(at)
        elif low in cues.SAYING and self._is_verb(at) and not (low == "told" and following == "to"):
            yield from self._said(at)
        elif low in cues.ACCUSING and (opened := self.charge(at)):
            yield self._charged(at, opened)
        elif low in cues.NAMING and (quoted := self._quotation_behind(at)):
            yield Claim(quoted, self._end, (self._speaker_start(at), at))
        elif low in cues.PLEADING:
            yield Claim(at + 1, self._charge_end(at + 1), (at, at))
        elif self._names_claim(at):
            yield Claim(at + 2, self._charge_end(at + 2), (at, at))
        elif low in cues.CLAIM_MARKS and (low.endswith("ly") or self._low(at - 1) in cues.BEFORE_ADJECTIVES):
            yield Claim(self._first, self._end, (at, at))

    def _low(self, at: int) -> str:
        return self._tokens[at].low if self._first <= at < self._end else ""

    def _is_verb(self, at: int) -> bool:
        """Whether the word says, and is no noun ("the claim", "Crane's claims") or adjective ("the alleged theft")."""
        before = self._low(at - 1)
        if self._low(at) not in cues.SAYING_OR_NOUN:
            return True
        if self._tokens[at].has_capital and not self._tokens[at].opens:  # "the United States"
            return False
        if self._low(at) == "claimed" and self._low(at + 1)[:1].isdecimal():  # "claimed 59 lives"
            return False
        # "The earlier estimate", but "the experts estimate".
        if self._low(at) in cues.SINGULAR_CLAIMS and self._low(at - 2) in cues.BEFORE_NOUNS and before[-1:] != "s":
            return False
        return not (before in cues.BEFORE_NOUNS or before.endswith(POSSESSIVE) or self._low(at + 1) == "of")

    def _quotation_behind(self, at: int) -> int:
        """Where a quotation opens shortly behind a verb; 0 where none does."""
        places = range(at + 1, min(self._end, at + _MAX_CHARGE_TOKENS))
        return next((place for place in places if self._low(place) in _DOUBLE_MARKS), 0)

    def _names_claim(self, at: int) -> bool:
        """Whether a noun names what is claimed: "suspicion of", "the claim that he", but not "a claim that lasted"."""
        low, following = self._low(at), self._low(at + 1)
        if low in cues.CHARGE_NOUNS and following == "of":
            return True
        is_clause = following == "that" and at + 2 < self._end and not is_past(self._tokens[at + 2])
        return low in cues.CLAIM_NOUNS and is_clause

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
        if self._low(comma + 1) == "as":  # "Keep it, as the union has suggested": the article says so too
            return
        start = at if before in cues.HEARING else comma + 1
        after = self._after_aside(at + 1)
        is_last = after >= self._end or self._low(after) in cues.FULL_STOPS
        if comma > self._first and (is_last or (self._is_told_before(comma) and not self._has_verb(at + 1, self._end))):
            yield Claim(self._first, comma, (start, at))  # "…, X said"
        elif self._low(after) == "," and comma > self._first:
            yield Claim(self._first, self._end, (start, at))  # "…, X said, …"
        elif not is_last and not (
            self._low(at) in cues.WRITING and self._low(after) not in cues.QUOTES | {"that", ":"}
        ):
            start = at if before in cues.HEARING else self._speaker_start(at)
            if at == self._first:  # "Believe it or not, …"
                return
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
        return any(token.low in cues.AUXILIARIES or is_past(token) for token in self._tokens[start:end])

    def _claim_end(self, start: int) -> int:
        """A claim ends where another clause goes against it, tells what somebody else said, or asks for something."""
        for at in range(start, self._end - 1):
            following = self._low(at + 1)
            if self._low(at) == "and" and following in cues.ASKING:
                return at
            if self._low(at) != ",":
                continue
            if following in cues.SAYING and self._is_inverted(at + 1):
                return at
            if following in cues.TURNS or (following == "and" and not self._goes_on(at + 2)):
                return at
            if following in {"who", "which"} and self._low(at + 2) in cues.SAYING:
                return at
        return self._end

    def _goes_on(self, at: int) -> bool:
        """Whether the claim goes on behind its ", and": with "that", or with a verb that has no subject of its own."""
        low = self._low(at)
        return low == "that" or low in cues.AUXILIARIES or low.endswith("ed") or low in cues.IRREGULAR

    def _charged(self, at: int, opened: int) -> Claim:
        """The charge with who is charged: before the verb in "X is accused of", behind it in "accused X of"."""
        start = self._speaker_start(at)
        end = self._charge_end(opened)
        is_passive = self._low(at - 1) in cues.HEARING or opened == at + 2  # "is accused", "accused of"
        return Claim(start, end, (at, at)) if is_passive else Claim(at + 1, end, (start, at))

    def charge(self, at: int) -> int:
        """Where the charge begins behind an accusing verb; 0 when there is none."""
        places = range(at + 1, min(self._end, at + _MAX_ACCUSED_TOKENS))
        return next((place + 1 for place in places if self._low(place) in cues.AFTER_ACCUSING), 0)

    def _charge_end(self, start: int) -> int:
        """A charge ends with its clause: "of setting fire to a shop | where two guards were hurt"."""
        last = min(self._end, start + _MAX_CHARGE_TOKENS)
        return next((at for at in range(start + 1, last) if self._low(at) in cues.AFTER_CHARGES), last)
