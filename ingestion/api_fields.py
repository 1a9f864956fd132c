"""Choices of stories in the bodies of requests, for every stage."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from ingestion.models import StoryRaw
from ntrl.rest.fields import MAX_IDS
from ntrl.rest.problems import UnknownId


class StoryIds(serializers.ListField):
    """Ids of stories, none by default; each must be there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"child": serializers.UUIDField(), "default": list, "max_length": MAX_IDS, **kwargs})

    def to_internal_value(self, data: Any) -> list[UUID]:
        """Read them.

        Raises:
            ValidationError: one is no id.
            UnknownId: no story has it.
        """
        story_ids: list[UUID] = super().to_internal_value(data)
        unknown = set(story_ids) - set(StoryRaw.objects.filter(id__in=story_ids).values_list("id", flat=True))
        if unknown:
            raise UnknownId(str(self.field_name), f"There is no story {', '.join(sorted(map(str, unknown)))}.")
        return story_ids
