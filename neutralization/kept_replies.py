"""Replies of models that the next attempt at a story need not pay for: keeping, reading and dropping them."""

from collections.abc import Mapping, Sequence

from ingestion.models import StoryRaw
from neutralization.by_model.paid import PaidReply
from neutralization.by_model.replies import storable_text
from neutralization.models import KeptReply

# What to prefetch with stories, so that `of_story` asks no database.
RELATED = "kept_replies"


def of_story(story: StoryRaw) -> Mapping[str, PaidReply]:
    """A story's kept replies by the keys of their calls; of a story that was read with `RELATED`, without a query."""
    return {row.key: PaidReply(row.key, row.text, row.model_name) for row in story.kept_replies.all()}


def keep(story: StoryRaw, paid: Sequence[PaidReply]) -> None:
    """Keep what an attempt has paid for, in place of what was kept and could not be used any more."""
    rows = {  # a key once: PostgreSQL updates no row twice
        each.key: KeptReply(story=story, key=each.key, text=storable_text(each.text), model_name=each.model)
        for each in paid
    }
    KeptReply.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["story", "key"], update_fields=["text", "model_name"]
    )


def drop(story: StoryRaw) -> None:
    """Keep nothing of a story any longer."""
    KeptReply.objects.filter(story=story).delete()
