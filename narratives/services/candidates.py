"""The narratives that a story may go on with, found before it is read, for a model to repeat their wording."""

from django.db.models import Count, Q

from ingestion.models import StoryRaw
from narratives.known import Known, possible_names
from narratives.models import Narrative, NarrativeKey
from narratives.rules_in_force import IdentityRules

# The design's number: more would cost, and tempt.
KNOWN_SHOWN = 10


def known_to(story: StoryRaw, rules: IdentityRules) -> tuple[Known, ...]:
    """The live narratives whose nucleus stands in the story's title or description, at any age. One query.

    Those come first whose focus shares more words with the title, then those with the latest article.
    """
    texts = (story.original_title, story.original_description)
    names = rules.identity.aliases.keys(name for text in texts for name in possible_names(text))
    # No focus has the empty word; without any, the whole query would be taken for one that finds nothing.
    words = ["", *rules.identity.focus.tokens(story.original_title)]
    of_names = NarrativeKey.objects.filter(nucleus__in=names).values("narrative")
    shared = Count("keys", filter=Q(keys__word__in=words), distinct=True)
    found = Narrative.objects.filter(pk__in=of_names, merged_into=None).annotate(shared=shared)
    rows = found.order_by("-shared", "-last_article_at", "pk").values_list("nucleus_entity", "narrative_focus")
    return tuple(Known(nucleus, focus) for nucleus, focus in rows[:KNOWN_SHOWN])
