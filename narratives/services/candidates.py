"""The narratives that a story may go on with, found before it is read, for a model to repeat their wording."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from ingestion.models import StoryRaw
from narratives import word_groups
from narratives.known import Known, possible_names
from narratives.models import Narrative, NarrativeKey
from narratives.rules_in_force import IdentityRules

# The design's number: more would cost, and tempt.
KNOWN_SHOWN = 10
# Index entries read at most; an entity with more, under a word of the title, is looked up by several words together.
ENTRIES_READ = 300
# Words of a title that are looked up together: a headline has hardly more.
TITLE_WORDS = 10


def known_to(story: StoryRaw, rules: IdentityRules) -> tuple[Known, ...]:
    """The live narratives whose nucleus stands in the story's title or description, at any age. Four queries at most.

    Those come first whose focus shares more words with the title, then those with the latest article.
    """
    texts = (story.original_title, story.original_description)
    names = rules.identity.aliases.keys(name for text in texts for name in possible_names(text))
    words = rules.identity.focus.tokens(story.original_title)
    narratives = _found(names, words)
    read = Narrative.objects.filter(pk__in=narratives, merged_into=None)
    rows = [
        (-len(words & rules.identity.focus.tokens(focus)), -last_at.timestamp(), str(pk), Known(nucleus, focus))
        for pk, nucleus, focus, last_at in read.values_list(
            "pk", "nucleus_entity", "narrative_focus", "last_article_at"
        )
    ]
    return tuple(known for *_, known in sorted(rows, key=lambda row: row[:3])[:KNOWN_SHOWN])


def _found(names: Collection[str], words: Collection[str]) -> set[UUID]:
    of_names = NarrativeKey.objects.filter(nucleus__in=sorted(names))
    entries = _read(of_names.filter(word__in=sorted(words)))
    found = set(entries)
    if len(entries) == ENTRIES_READ:
        told = word_groups.told_by(sorted(words)[:TITLE_WORDS])
        found.update(_read(of_names.filter(word__in=sorted(told))))
    if len(found) < KNOWN_SHOWN:
        found.update(_read(of_names))
    return found


def _read(keys: QuerySet[NarrativeKey]) -> list[UUID]:
    return list(keys.values_list("narrative", flat=True)[:ENTRIES_READ])
