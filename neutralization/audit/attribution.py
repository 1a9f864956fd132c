"""Attribution: who says what is not lost, and nobody is given another's words or deeds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from neutralization.audit import cues
from neutralization.audit.claims import Claim
from neutralization.audit.origins import Match, Origins
from neutralization.audit.ranges import Range
from neutralization.audit.reading import Sentence, described, speakers_in, telling
from neutralization.audit.subject import Subject
from neutralization.audit.words import Token, clauses, has_verb, is_verb, stem_of
from neutralization.types import Output
from neutralization.undisputed import AUTHORITIES, PLAIN_EVENTS, RECORDS

# So much of a clause's words stands in the claim that it tells again, and so much less in any bare statement.
_MIN_SHARE = 0.5
_MAX_BARE_SHARE = 0.75
# Fewer words than these are shared by chance.
_MIN_SHARED = 3
_MIN_SHARE_OF_FEW = 0.7
_MIN_SHARED_NO_NAMES = 2
# A speaker is held against the body's only where the words are surely these.
_MIN_SPOKEN_SHARE = 0.6
# Two sentences of the body may tell of the same deed.
_HOMES = 2
_TELLING = cues.ACCUSING | cues.SAYING | cues.NAMING
_EVENTS = frozenset(stem_of(word) for word in PLAIN_EVENTS)
# These are events where they have no object: whether one thing stopped another may be disputed.
_STANDSTILLS = frozenset({"stopped", "halted", "failed"})
_MODALS = frozenset({"may", "might", "could"})
_MARKS = cues.MARKING | cues.CLAIM_MARKS
_STUDIES = frozenset({"study", "research", "report"})
# What an organisation's own books show.
_BOOKS = frozenset({"profit", "profits", "sales", "revenue", "revenues", "turnover", "earnings", "loss", "losses"})


def sources(subject: Subject, output: Output) -> Iterator[str]:
    """What the body tells as somebody's word stands as somebody's word."""
    origins = subject.origins
    known = speakers_in(subject.read(output)) if subject.own_sentences(output) else []
    for index, sentence in subject.own_sentences(output):
        before = known[index - 1][-1] if index and known[index - 1] else None
        for first, last, words in _bare_clauses(sentence):
            claimed = _claimed_alone(origins, telling(words))
            if claimed is None or _is_marked(origins, sentence, claimed, last):
                continue
            if not _asserts(sentence, origins.sentences[claimed], first, last):
                continue
            if _is_free(origins, sentence, claimed, (first, last)) or _is_carried(origins, before, claimed):
                continue
            yield subject[output].text[sentence.tokens[first].start : sentence.tokens[last - 1].end]
    for gap in subject.gaps(output) if output is Output.DETAIL_FULL else ():
        if gap.loses(cues.SAYING | cues.ACCUSING, cues.ANY_SAYING | cues.ACCUSING | {"according"}):
            yield subject[output].text[slice(*gap.evidence)]


def speakers(subject: Subject, output: Output) -> Iterator[str]:
    """What the body has from one speaker is not told as another's."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for claim in sentence.claims:
            # Whoever denies a claim is rightly another than who makes it.
            verb = sentence.tokens[min(claim.speaker[1], len(sentence.tokens) - 1)]
            if verb.low not in cues.DENYING and _is_anothers(origins, sentence, claim):
                place = sentence.tokens[claim.speaker[0]].start, sentence.tokens[claim.speaker[1] - 1].end
                yield subject[output].text[slice(*place)]


def roles(subject: Subject, output: Output) -> Iterator[str]:
    """Who does something to whom is not turned round."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        best = origins.sources(sentence.telling, _HOMES)
        if any(_is_turned(origins, sentence.tokens, origins.sentences[index].tokens) for index in best):
            yield subject[output].text[sentence.tokens[0].start : sentence.tokens[-1].end]


def _bare_clauses(sentence: Sentence) -> Iterator[tuple[int, int, list[Token]]]:
    """The clauses of a sentence, and the whole, with those of their words for which no speaker answers."""
    tokens = sentence.tokens
    whole = [] if sentence.claims else [(0, len(tokens))]
    for first, last in dict.fromkeys([*whole, *clauses(tokens)]):
        yield first, last, [tokens[at] for at in range(first, last) if at not in sentence.answered]


def _is_marked(origins: Origins, sentence: Sentence, index: int, last: int) -> bool:
    """Whether a word of telling, which the claim itself does not have, shows that somebody tells it.

    What somebody asks for says nothing of what stands before it, up to `last`.
    """
    source = origins.sentences[index]
    own = {source.tokens[at].stem for at in source.claimed}
    if any(token.low in cues.ACCUSING and at not in sentence.charging for at, token in enumerate(sentence.tokens)):
        return True
    if _names_record(origins, sentence, index):
        return True
    return not sentence.claims and any(
        token.low in _MARKS and token.stem not in own and (at < last or token.low not in cues.ASKING)
        for at, token in enumerate(sentence.tokens)
        if not (at and sentence.tokens[at - 1].low == "than")  # "more than thought"
    )


def _names_record(origins: Origins, sentence: Sentence, index: int) -> bool:
    """Whether the sentence names the survey or study whose word it is: "In a survey, …"."""
    known = origins.speakers_of(index)
    return any(token.low in RECORDS | _STUDIES and token.stem in known for token in sentence.tokens)


def _asserts(sentence: Sentence, source: Sentence, first: int, last: int) -> bool:
    """Whether the clause has a verb for which no speaker answers, none of saying itself, and no "if" before it.

    What has no verb's form is one where its `source` has it so: "Lichens store" for "lichens may store".
    """
    tokens = sentence.tokens
    if {token.low for token in tokens[max(first - 2, 0) : first]} & cues.CONDITIONS:
        return False
    bare = [at for at in range(first, last) if tokens[at].low not in _TELLING and at not in sentence.answered]
    return has_verb(tokens, bare) or any(_is_possible_deed(source, tokens[at].stem) for at in bare[1:])


def _is_possible_deed(source: Sentence, stem: str) -> bool:
    """Whether a sentence has the word behind a "may"."""
    return any(source.tokens[at - 1].low in _MODALS for at in source.places.get(stem, ()) if at)


def _claimed_alone(origins: Origins, words: Sequence[Token]) -> int | None:
    """The body's sentence of which these words tell the claim again, when nothing in the body tells it barely."""
    matches = origins.matches(words) if len(words) >= _MIN_SHARED_NO_NAMES else {}
    if not matches:
        return None
    best = max(matches, key=lambda index: matches[index].claimed)
    names = {token.stem for token in words if origins.is_name(token)}
    match = matches[best]
    shared = {stem for stem in match.shared if origins.is_claimed(best, stem)}
    least = _MIN_SHARE if len(shared) >= _MIN_SHARED else _MIN_SHARE_OF_FEW
    # The names of a story, put for a "they" or a "the company", do not thin what is claimed.
    own = [token for token in words if token.stem in match.shared or token.stem not in names]
    claimed = match.claimed * sum(map(origins.weight, words)) / sum(map(origins.weight, own))
    enough = len(shared - names) >= _MIN_SHARED_NO_NAMES and claimed >= least
    bare = max(each.bare for each in matches.values())
    return best if enough and bare <= _MAX_BARE_SHARE * match.claimed else None


def _is_carried(origins: Origins, said: frozenset[str] | None, index: int) -> bool:
    """Whether the sentence before, in the output, is the same speaker's: "He said …. He also …"."""
    if said is None:
        return False
    known = origins.speakers_of(index)
    return not known or not said or origins.may_be_same(said, known)


def _is_free(origins: Origins, sentence: Sentence, index: int, clause: Range) -> bool:
    """Whether the claim may stand without its source.

    So may what an institution will do, a record, what "officials" say, and an event in sight of all that those tell
    whose task it is.

    Never when the body has it from a person, doubts it, or tells that somebody denies it.
    """
    source = origins.sentences[index]
    known = origins.speakers_of(index)
    is_of_itself = any(_opens_plan(source, claim) or _opens_books(source, claim) for claim in source.claims)
    if is_of_itself and known & sentence.places.keys():
        return True
    if any(_is_still_possible(source, claim, sentence, clause) for claim in source.claims):
        return True
    following = origins.sentences[index + 1 : index + 2]
    if source.lows & cues.CONTESTED or any(each.lows & cues.DENYING for each in following):
        return False
    is_event = any(_is_event(sentence.tokens, at) for at in range(*clause))
    if any(_is_undisputed(source, claim, is_event=is_event) for claim in source.claims):
        return True
    if any(origins.is_name_stem(stem) for stem in known):
        return False
    has_plan = any(token.low in cues.FUTURE for token in source.tokens)
    return has_plan or (bool(known) and known <= cues.NAMELESS)


def _is_event(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word tells an event in sight of all, one that stands still too: "payments stopped for an hour"."""
    following = tokens[at + 1].low if at + 1 < len(tokens) else "."
    is_standstill = tokens[at].low in _STANDSTILLS and following in cues.LINKS | cues.FULL_STOPS | cues.BREAKS
    return tokens[at].stem in _EVENTS or is_standstill


def _is_undisputed(source: Sentence, claim: Claim, *, is_event: bool) -> bool:
    """Whether a claim is a count's, "according to a survey", or an authority's on an event."""
    start, end = claim.speaker
    speaker = [token.low for token in source.tokens[start:end] if token.tells]
    if not speaker:
        return False
    is_counted = source.tokens[start - 1].low == "to" and RECORDS & set(speaker[:3])
    return bool(is_counted) or (is_event and bool({speaker[0], speaker[-1]} & AUTHORITIES))


def _opens_plan(source: Sentence, claim: Claim) -> bool:
    """Whether somebody tells what he himself will do: "said it would …"."""
    opening = [token.low for token in source.tokens[claim.start : claim.end] if token.low != "that"][:2]
    return len(opening) == 2 and opening[0] in cues.PRONOUNS and opening[1] in cues.FUTURE | cues.INTENDED


def _opens_books(source: Sentence, claim: Claim) -> bool:
    """Whether an organisation tells what its own books show: "said that its profit …"."""
    opening = [token.low for token in source.tokens[claim.start : claim.end] if token.low != "that"][:2]
    return len(opening) == 2 and opening[0] == "its" and opening[1] in _BOOKS


def _is_still_possible(source: Sentence, claim: Claim, sentence: Sentence, clause: Range) -> bool:
    """Whether a study's finding that is only possible is told as possible: "may store more carbon"."""
    speaker = [token.low for token in source.tokens[slice(*claim.speaker)] if token.tells]
    if not _STUDIES & set(speaker[:2]):
        return False
    mine, known = (
        {tokens[at + 1].stem for at in range(first, last - 1) if tokens[at].low in _MODALS}
        for tokens, (first, last) in ((sentence.tokens, clause), (source.tokens, (claim.start, claim.end)))
    )
    return bool(mine & known)


def _is_anothers(origins: Origins, sentence: Sentence, claim: Claim) -> bool:
    """Whether the body gives these words to a speaker who can't be this one."""
    mine = described(sentence, claim.speaker)
    pronouns = _pronouns(sentence, claim)
    if pronouns and not mine:
        best = _spoken_in(origins, sentence, claim)
        known_by = (
            [_pronouns(origins.sentences[best], each) for each in origins.sentences[best].claims]
            if best is not None
            else []
        )
        return len(known_by) == 1 and bool(known_by[0]) and known_by[0] != pronouns
    names = frozenset(stem for stem in mine if origins.is_name_stem(stem) and stem in origins.homes)
    if not names:
        return False
    head = next(token for token in reversed(sentence.tokens[slice(*claim.speaker)]) if token.tells)
    best = _spoken_in(origins, sentence, claim)
    if best is None:
        return False
    known = origins.speakers_of(best)
    if not known - cues.ANYBODY:
        return False
    if mine & known and not any(origins.is_name_stem(stem) for stem in known):
        return False
    if names & origins.introduced_after(best):
        return False
    return not (origins.may_be_same(names, known) if head.stem in names else mine & known)


def _spoken_in(origins: Origins, sentence: Sentence, claim: Claim) -> int | None:
    """The one sentence of the body that has these words as somebody's."""
    words = telling(sentence.tokens[claim.start : claim.end])
    matches = origins.matches(words) if len(words) >= _MIN_SHARED_NO_NAMES else {}
    best = max(matches, key=lambda index: matches[index].claimed, default=None)
    least = _MIN_SPOKEN_SHARE if len(words) >= _MIN_SHARED else _MIN_SHARE_OF_FEW
    return best if best is not None and matches[best].claimed >= least and _is_unique(matches, best) else None


def _pronouns(sentence: Sentence, claim: Claim) -> frozenset[str]:
    """The "he" or "she" that a claim has for its speaker."""
    return cues.HE_OR_SHE & {token.low for token in sentence.tokens[slice(*claim.speaker)]}


def _is_unique(matches: dict[int, Match], best: int) -> bool:
    return all(match.share < _MAX_BARE_SHARE * matches[best].share for index, match in matches.items() if index != best)


def _is_turned(origins: Origins, mine: Sequence[Token], known: Sequence[Token]) -> bool:
    """Whether a verb has names on the other sides of it than it has in the body."""
    theirs = {token.stem: at for at, token in enumerate(known) if is_verb(known, at)}
    for at, token in enumerate(mine):
        other = theirs.get(token.stem)
        if other is None or not is_verb(mine, at):
            continue
        left, right = _sides(origins, mine, at)
        known_left, known_right = _sides(origins, known, other)
        if left & known_right and right & known_left and not (left & known_left or right & known_right):
            return True
    return False


def _sides(origins: Origins, tokens: Sequence[Token], verb: int) -> tuple[frozenset[str], frozenset[str]]:
    """The names before and behind a verb in its part of the sentence; of a passive, the other way about."""
    first = max((at + 1 for at in range(verb) if tokens[at].low in _PARTING), default=0)
    last = min((at for at in range(verb + 1, len(tokens)) if tokens[at].low in _PARTING), default=len(tokens))
    left, right = (
        frozenset(token.stem for token in side if origins.is_name(token) and token.low not in cues.CALENDAR)
        for side in (tokens[first:verb], tokens[verb + 1 : last])
    )
    # "Voted by 14 to nine" names no doer.
    near = pairwise(tokens[verb + 1 : verb + 4])
    is_passive = any(each.low == "by" and not following.stem[0].isdecimal() for each, following in near)
    return (right, left) if is_passive else (left, right)


_PARTING = frozenset(';.!?—–“”"') | {"but", "while", "after", "before", "who", "which", "and"}
