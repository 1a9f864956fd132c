"""The narratives that may tell a fingerprint's story, by the index: as much work however many an entity has."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Case, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When

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
    """The narratives that the decision table may call the same as a fingerprint. One query.

    Those of its nucleus whose focus has enough of its words, and those of its actors whose focus has all of them.
    """
    found = alike_rows(fingerprint, rules)
    if found is None:
        return
    last = NarrativeMembership.objects.filter(narrative=OuterRef("pk")).order_by("-published_at")
    rows = found.annotate(last_at=Subquery(last.values("published_at")[:1])).values_list(*_READ, "last_at")
    for row in rows[:COMPARED_AT_MOST]:
        yield _candidate(*row)


def alike_rows(fingerprint: Fingerprint, rules: IdentityRules, *, of_actors: bool = True) -> QuerySet[Narrative] | None:
    """The narratives that `alike` reads, equal foci first, then the latest; None when the focus says nothing."""
    identity = rules.identity
    variants = word_groups.variants(fingerprint, identity)
    nucleus = identity.aliases.key(fingerprint.nucleus_entity)
    if not variants or not nucleus:
        return None
    equal = {word_groups.whole(words) for words in variants}
    asked = {group for words in variants for group in word_groups.asked(words)}
    wanted = Q(keys__nucleus=nucleus, keys__word__in=sorted(asked))
    actors = identity.aliases.keys(fingerprint.top_actors) - {nucleus}
    if of_actors and actors:
        wanted |= Q(keys__nucleus__in=sorted(actors), keys__word__in=sorted(equal))
    is_equal = Case(When(keys__word__in=sorted(equal), then=1), default=Value(0), output_field=IntegerField())
    found = Narrative.objects.filter(wanted, merged_into=None).annotate(is_equal=Max(is_equal))
    return found.order_by("-is_equal", "-last_article_at", "pk")


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
