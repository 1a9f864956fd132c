"""The narratives that may tell a fingerprint's story, by the index: as much work however many an entity has."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Case, IntegerField, Max, OuterRef, Q, Subquery, When

from narratives import word_groups
from narratives.identity import Candidate, Fingerprint
from narratives.models import Narrative, NarrativeKey, NarrativeMembership
from narratives.rules_in_force import IdentityRules

# Of those that an entity has with nearly the same words, so many are compared: equal foci first, then the latest.
COMPARED_AT_MOST = 200
# Shown to an editor who asks why a story is where it is, of those that share a word.
EXPLAINED_AT_MOST = 50
_READ = ("pk", "nucleus_entity", "narrative_focus", "top_actors", "key_actions", "last_article_at")


def alike(fingerprint: Fingerprint, rules: IdentityRules) -> Iterator[Candidate]:
    """The narratives that the decision table may call the same as a fingerprint. Two queries.

    Those of its nucleus whose focus has enough of its words, and those of its actors whose focus has all of them.
    """
    last = NarrativeMembership.objects.filter(narrative=OuterRef("pk")).order_by("-published_at")
    found = Narrative.objects.filter(pk__in=alike_ids(fingerprint, rules), merged_into=None)
    for row in found.annotate(last_at=Subquery(last.values("published_at")[:1])).values_list(*_READ, "last_at"):
        yield _candidate(*row)


def alike_ids(fingerprint: Fingerprint, rules: IdentityRules, *, of_actors: bool = True) -> list[UUID]:
    """The ids of the narratives that `alike` reads, equal foci first, then the latest. One query, or none."""
    identity = rules.identity
    variants = word_groups.variants(fingerprint, identity)
    nucleus = identity.aliases.key(fingerprint.nucleus_entity)
    if not variants or not nucleus:
        return []
    equal = sorted({word_groups.whole(words) for words in variants})
    asked = sorted({group for words in variants for group in word_groups.asked(words)})
    wanted = Q(nucleus=nucleus, word__in=asked)
    actors = identity.aliases.keys(fingerprint.top_actors) - {nucleus}
    if of_actors and actors:
        wanted |= Q(nucleus__in=sorted(actors), word__in=equal)
    is_equal = Max(Case(When(word__in=equal, then=1), default=0, output_field=IntegerField()))
    # From the index to the narratives: a database that begins with the narratives would go through all of them.
    found = NarrativeKey.objects.filter(wanted).values("narrative").annotate(is_equal=is_equal)
    latest = found.order_by("-is_equal", "-narrative__last_article_at", "narrative")
    return [row["narrative"] for row in latest[:COMPARED_AT_MOST]]


def sharing_a_word(fingerprint: Fingerprint, rules: IdentityRules) -> Iterator[Candidate]:
    """The latest narratives of a fingerprint's names whose focus shares a word with it, for people. One query."""
    names = rules.identity.aliases.keys((fingerprint.nucleus_entity, *fingerprint.top_actors))
    words = rules.identity.focus.tokens(fingerprint.narrative_focus)
    keys = NarrativeKey.objects.filter(nucleus__in=sorted(names), word__in=sorted(words)).values("narrative")
    found = Narrative.objects.filter(pk__in=keys, merged_into=None).order_by("-last_article_at", "pk")
    for row in found.values_list(*_READ)[:EXPLAINED_AT_MOST]:
        yield _candidate(*row)


def _candidate(
    pk: UUID,
    nucleus: str,
    focus: str,
    actors: list[str],
    actions: list[str],
    written_at: datetime,
    last_at: datetime | None = None,
) -> Candidate:
    return Candidate(pk, Fingerprint(nucleus, focus, tuple(actors), tuple(actions)), last_at or written_at)
