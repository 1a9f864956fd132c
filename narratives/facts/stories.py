"""This project's own news as messages: a stream is a narrative, a message a story, its content what readers see.

A message's time is when the story came to stand in its narrative with the text that it has: the order of arrival, in
which nothing comes in behind what was read. When it was published is shown beside its facts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Greatest

from narratives.facts.errors import UnknownBot
from narratives.facts.messages import NEWS_ROLE, Mark, Message
from narratives.facts.ports import Stream
from neutralization.models import StoryNeutralized

# Whose messages stories are, beside the bots of conversations.
STORIES_BOT = "ntrl-stories"
PAGE = 100
_NARRATIVE = "story__membership__narrative"


class StoryMessages:
    """The stories of all narratives that have a neutral text."""

    name = "this project's stories"

    def bots(self) -> list[str]:
        """There is one."""
        return [STORIES_BOT]

    def streams(self, bot: str, until: datetime) -> list[Stream]:
        """Name the narratives that have stories; one query. A story that comes, goes or changes makes a new version.

        One of a time to come makes none as yet: what is read to its end up to now has not been read to that one.
        """
        _require(bot)
        rows = (
            _shown().filter(at__lte=until).values_list(_NARRATIVE).annotate(Count("pk"), Max("at")).order_by(_NARRATIVE)
        )
        return [Stream(str(narrative), f"{number} {at.isoformat()}") for narrative, number, at in rows]

    def with_news(
        self, bot: str, behind: Mapping[str, tuple[Mark, Collection[Mark]]], until: datetime
    ) -> Collection[str]:
        """All of them: narratives without news are known by their versions already."""
        return behind.keys()

    def latest_at(self, bot: str, user: str, moments: Sequence[datetime]) -> Mapping[datetime, datetime]:
        """Go through the narrative's times once."""
        _require(bot)
        times = list(_shown().filter(**{_NARRATIVE: UUID(user)}).order_by("at").values_list("at", flat=True))
        found = {moment: [at for at in times if at <= moment][-1:] for moment in moments}
        return {moment: last[0] for moment, last in found.items() if last}

    def after(
        self, bot: str, user: str, mark: Mark, *, until: datetime, known: Collection[Mark] = ()
    ) -> Iterator[Message]:
        """Read forwards from the mark, a query a page."""
        _require(bot)
        rows = _shown().filter(**{_NARRATIVE: UUID(user)}, at__lte=until).order_by("at", "story_id")
        while True:
            behind = Q(at__gt=mark.at)
            behind |= Q(at=mark.at, story_id__gt=UUID(mark.message_id)) if mark.message_id else Q(at=mark.at)
            page = list(rows.filter(behind).values_list("story_id", "at", "detail_brief")[:PAGE])
            for story_id, at, brief in page:
                mark = Mark(at, str(story_id))
                if mark not in known:
                    yield Message(mark.message_id, at, brief, NEWS_ROLE)
            if len(page) < PAGE:
                return


def _shown() -> "QuerySet[Any]":
    """The current neutral versions of stories in narratives, with the time since when they are there."""
    at = Greatest(F("story__membership__assigned_at"), F("created_at"))
    return StoryNeutralized.objects.filter(is_current=True, **{f"{_NARRATIVE}__isnull": False}).annotate(at=at)


def _require(bot: str) -> None:
    if bot != STORIES_BOT:
        raise UnknownBot(f"Stories are the messages of {STORIES_BOT}, not of {bot!r}.")
