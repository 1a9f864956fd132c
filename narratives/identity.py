"""Whether two fingerprints tell one story: the similarity with its components, and the decision table. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from narratives.entities import Aliases
from narratives.focus import EQUAL, NEGATION, STRONG, FocusRules

# Decision record 004: focus is the primary signal, nucleus the second, actors and actions together the third.
FOCUS_WEIGHT = 0.5
NUCLEUS_WEIGHT = 0.3
ACTORS_WEIGHT = 0.1
ACTIONS_WEIGHT = 0.1
# So many words of a story's focus in an article's text say that it tells of the same thing; one may stand anywhere.
TOLD_WORDS = 2


class Row(StrEnum):
    """The rows of the decision table; the first two say "same"."""

    SAME_NUCLEUS_STRONG_FOCUS = "same_nucleus_strong_focus"
    TWO_ENDS = "two_ends_of_one_story"
    SAME_NUCLEUS_OTHER_FOCUS = "same_nucleus_other_focus"
    EQUAL_FOCUS_STRANGERS = "equal_focus_strangers"
    OTHER_NUCLEUS_OTHER_FOCUS = "other_nucleus_other_focus"
    FOCUS_MISSING = "focus_missing"


SAME = frozenset({Row.SAME_NUCLEUS_STRONG_FOCUS, Row.TWO_ENDS})


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a story, or a narrative by its founding story, is told apart by. Names and words as written."""

    nucleus_entity: str
    narrative_focus: str
    top_actors: tuple[str, ...] = ()
    key_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Components:
    """Each part of a similarity, from 0 to 1."""

    focus: float
    nucleus: float
    actors: float
    actions: float

    @property
    def score(self) -> float:
        """The weighted sum, within [0, 1]: it ranks and explains, it never decides."""
        return (
            FOCUS_WEIGHT * self.focus
            + NUCLEUS_WEIGHT * self.nucleus
            + ACTORS_WEIGHT * self.actors
            + ACTIONS_WEIGHT * self.actions
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the table says of two fingerprints, and why."""

    row: Row
    components: Components

    @property
    def is_same(self) -> bool:
        """Whether they are one story."""
        return self.row in SAME


@dataclass(frozen=True, slots=True)
class Candidate:
    """A narrative that an article may belong to."""

    narrative_id: UUID
    fingerprint: Fingerprint
    last_article_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """The candidate that was chosen."""

    candidate: Candidate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Identity:
    """The comparison under one set of rules."""

    aliases: Aliases
    focus: FocusRules

    def compare(self, one: Fingerprint, other: Fingerprint) -> Verdict:
        """Judge two fingerprints; the order of the two does not matter."""
        words = self._words(one, other)
        components = Components(
            focus=self.focus.similarity(*words),
            nucleus=float(self._have_one_nucleus(one, other)),
            actors=jaccard(self.aliases.keys(one.top_actors), self.aliases.keys(other.top_actors)),
            actions=jaccard(self._actions(one), self._actions(other)),
        )
        return Verdict(self._row(one, other, components, has_foci=all(words)), components)

    def may_go_on(self, article: Fingerprint, story: Fingerprint, terms: Iterable[str]) -> bool:
        """Whether an article that is like a story's may go on with it although it words its focus in another way.

        Never when the two foci say the contrary, and only when the two have something of who and what in common: the
        nucleus, a word of the focus, or words of the story's focus in the article's text: two, or one when the story's
        nucleus is among the article's actors.

        Args:
            article: what is told apart.
            story: what it would go on with.
            terms: the stems of the article's text.
        """
        own, known = self._words(article, story)
        # Of foci that share nothing else, "not" denies something that the other does not speak of.
        denied = frozenset() if own & known else frozenset({NEGATION})
        if not known or self.focus.are_opposed(own - denied, known - denied):
            return False
        told = {self.focus.classes.get((term,), term) for term in terms}
        needed = 1 if self._names(article, story.nucleus_entity) else TOLD_WORDS
        return bool(own & known) or len(known & told) >= needed or self._have_one_nucleus(article, story)

    def best(self, fingerprint: Fingerprint, candidates: Iterable[Candidate]) -> Match | None:
        """Choose among those that the table calls the same: higher score, then more recent, then smaller id."""
        judged = [Match(candidate, self.compare(fingerprint, candidate.fingerprint)) for candidate in candidates]
        same = [match for match in judged if match.verdict.is_same]
        return min(same, key=_rank, default=None)

    def _words(self, one: Fingerprint, other: Fingerprint) -> tuple[frozenset[str], frozenset[str]]:
        # Who both are about is not what happens: "sanctions on Russia" of two reports that both name Russia.
        shared = self._entities(one) & self._entities(other)
        names = {name for key in shared for name in self.aliases.names(key)}
        own, known = (self.focus.tokens(each.narrative_focus, without=names) for each in (one, other))
        return own, known

    def _have_one_nucleus(self, one: Fingerprint, other: Fingerprint) -> bool:
        return self.aliases.key(one.nucleus_entity) == self.aliases.key(other.nucleus_entity) != ""

    def _row(self, one: Fingerprint, other: Fingerprint, components: Components, *, has_foci: bool) -> Row:
        if not has_foci:
            return Row.FOCUS_MISSING
        if components.nucleus == 1.0:
            is_strong = components.focus >= STRONG
            return Row.SAME_NUCLEUS_STRONG_FOCUS if is_strong else Row.SAME_NUCLEUS_OTHER_FOCUS
        if components.focus < EQUAL:
            return Row.OTHER_NUCLEUS_OTHER_FOCUS
        named = self._names(one, other.nucleus_entity) and self._names(other, one.nucleus_entity)
        return Row.TWO_ENDS if named else Row.EQUAL_FOCUS_STRANGERS

    def _names(self, fingerprint: Fingerprint, entity: str) -> bool:
        return self.aliases.key(entity) in self.aliases.keys(fingerprint.top_actors)

    def _entities(self, fingerprint: Fingerprint) -> frozenset[str]:
        return self.aliases.keys((fingerprint.nucleus_entity, *fingerprint.top_actors))

    def _actions(self, fingerprint: Fingerprint) -> frozenset[str]:
        return frozenset().union(*(self.focus.tokens(action) for action in fingerprint.key_actions))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared among all; 0 when either is empty: nothing agrees with nothing."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _rank(match: Match) -> tuple[float, float, str]:
    candidate = match.candidate
    return -match.verdict.components.score, -candidate.last_article_at.timestamp(), str(candidate.narrative_id)
