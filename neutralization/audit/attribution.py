"""Attribution: who says what is not lost, and nobody is given another's words or deeds."""

from collections.abc import Iterator, Sequence

from neutralization.audit import cues
from neutralization.audit.alignment import Range
from neutralization.audit.origins import Match, Origins
from neutralization.audit.reading import Claim, Sentence, Token, clauses, is_verb, speakers_in, described
from neutralization.audit.subject import Subject
from neutralization.types import Output

# So much of a clause's words stands in the claim that it tells again, and so much less in any bare statement.
_MIN_SHARE = 0.5
_MAX_BARE_SHARE = 0.75
# Fewer words than these are shared by chance.
_MIN_SHARED = 3
_MIN_SHARED_NO_NAMES = 2
# A speaker is held against the body's only where the words are surely these.
_MIN_SPOKEN_SHARE = 0.6


def sources(subject: Subject, output: Output) -> Iterator[str]:
    """What the body tells as somebody's word stands as somebody's word."""
    origins = subject.origins
    known = speakers_in(subject.read(output))
    for index, sentence in subject.own_sentences(output):
        before = known[index - 1][-1] if index and known[index - 1] else None
        for first, last, words in _bare_clauses(sentence):
            claimed = _claimed_alone(origins, origins.telling(words))
            if claimed is None or not _tells(sentence.tokens, first, last) or _is_free(origins, sentence, claimed) or _is_carried(origins, before, claimed):
                continue
            yield subject[output].text[sentence.tokens[first].start : sentence.tokens[last - 1].end]


def speakers(subject: Subject, output: Output) -> Iterator[str]:
    """What the body has from one speaker is not told as another's."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        for claim in sentence.claims:
            if _is_anothers(origins, sentence, claim):
                place = sentence.tokens[claim.speaker[0]].start, sentence.tokens[claim.speaker[1] - 1].end
                yield subject[output].text[slice(*place)]


def roles(subject: Subject, output: Output) -> Iterator[str]:
    """Who does something to whom is not turned round."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        matches = origins.matches(origins.telling(sentence.tokens))
        best = sorted(matches, key=lambda index: -matches[index].share)[:2]
        if any(_is_turned(origins, sentence.tokens, origins.sentences[index].tokens) for index in best):
            yield subject[output].text[sentence.tokens[0].start : sentence.tokens[-1].end]


def _bare_clauses(sentence: Sentence) -> Iterator[tuple[int, int, list[Token]]]:
    """The clauses that no speaker answers for, and their words; the whole, where nothing in it names a speaker."""
    tokens = sentence.tokens
    if not sentence.is_marked:
        yield 0, len(tokens), list(tokens)
    if sentence.claims or not sentence.is_marked:
        for first, last in clauses(tokens):
            if (first, last) != (0, len(tokens)):
                yield first, last, [tokens[at] for at in range(first, last) if at not in sentence.claimed]


def _tells(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the clause has a verb: "a fire at a warehouse" tells nothing of who did what."""
    return any(tokens[at].low in cues.AUXILIARIES or is_verb(tokens, at) for at in range(first, last))


def _claimed_alone(origins: Origins, words: Sequence[Token]) -> int | None:
    """The body's sentence of which these words tell the claim again, when nothing in the body tells it barely."""
    matches = origins.matches(words) if len(words) >= _MIN_SHARED else {}
    if not matches:
        return None
    best = max(matches, key=lambda index: matches[index].claimed)
    names = {token.stem for token in words if origins.is_name(token)}
    match = matches[best]
    shared = {stem for stem in match.shared if _is_claimed(origins, best, stem)}
    enough = len(shared) >= _MIN_SHARED and len(shared - names) >= _MIN_SHARED_NO_NAMES
    bare = max(each.bare for each in matches.values())
    return best if enough and match.claimed >= _MIN_SHARE and bare <= _MAX_BARE_SHARE * match.claimed else None


def _is_claimed(origins: Origins, index: int, stem: str) -> bool:
    claimed = origins.sentences[index].claimed
    return all(at in claimed for sentence, at in origins.places[stem] if sentence == index)


def _is_carried(origins: Origins, said: frozenset[str] | None, index: int) -> bool:
    """Whether the sentence before, in the output, is the same speaker's: "He said …. He also …"."""
    if said is None:
        return False
    known = frozenset().union(*origins.speakers[index])
    return not known or not said or origins.may_be_same(said, known)


def _is_free(origins: Origins, sentence: Sentence, index: int) -> bool:
    """Whether the claim may stand without its source: what an institution will do, a record, what "officials" say.

    Never when the body has it from a person, doubts it, or tells that somebody denies it.
    """
    source = origins.sentences[index]
    known = frozenset().union(*origins.speakers[index])
    following = origins.sentences[index + 1 : index + 2]
    if _words_of(source) & cues.CONTESTED or any(_words_of(each) & cues.DENYING for each in following):
        return False
    if any(_opens_plan(source, claim) for claim in source.claims) and known & _stems_of(sentence):
        return True
    if any(origins.is_name_stem(stem) for stem in known):
        return False
    has_plan = any(token.low in cues.FUTURE for token in source.tokens)
    return has_plan or bool(known) and known <= cues.NAMELESS


def _words_of(sentence: Sentence) -> frozenset[str]:
    return frozenset(token.low for token in sentence.tokens)


def _stems_of(sentence: Sentence) -> frozenset[str]:
    return described(sentence, (0, len(sentence.tokens)))


def _opens_plan(source: Sentence, claim: Claim) -> bool:
    """Whether somebody tells what he himself will do: "said it would …"."""
    opening = [token.low for token in source.tokens[claim.start : claim.end] if token.low != "that"][:2]
    return len(opening) == 2 and opening[0] in cues.PRONOUNS and opening[1] in cues.FUTURE | cues.INTENDED


def _is_anothers(origins: Origins, sentence: Sentence, claim: Claim) -> bool:
    """Whether the body gives these words to a speaker who can't be this one."""
    mine = described(sentence, claim.speaker)
    names = frozenset(stem for stem in mine if origins.is_name_stem(stem) and stem in origins.places)
    if not names:
        return False
    head = next(token for token in reversed(sentence.tokens[slice(*claim.speaker)]) if token.tells)
    words = origins.telling(sentence.tokens[claim.start : claim.end])
    matches = origins.matches(words) if len(words) >= _MIN_SHARED else {}
    best = max(matches, key=lambda index: matches[index].claimed, default=None)
    if best is None or matches[best].claimed < _MIN_SPOKEN_SHARE or not _is_unique(matches, best):
        return False
    known = frozenset().union(*origins.speakers[best])
    if not known - cues.ANYBODY:
        return False
    return not (origins.may_be_same(names, known) if head.stem in names else mine & known)


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
    left = frozenset(token.stem for token in tokens[first:verb] if origins.is_name(token))
    right = frozenset(token.stem for token in tokens[verb + 1 : last] if origins.is_name(token))
    is_passive = any(token.low == "by" for token in tokens[verb + 1 : verb + 3])
    return (right, left) if is_passive else (left, right)


_PARTING = frozenset(";.!?—–“”\"") | {"but", "while", "after", "before", "who", "which", "and"}
