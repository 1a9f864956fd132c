"""The article that a version was made from, as published, or the reason why it can't be shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingestion.models import StoryBody
from neutralization.models import StoryNeutralized
from ntrl.bodies import BodyError, BodyMissing, BodyUnavailable, get_body


class OriginalState(StrEnum):
    """Whether the original can be shown; `unreachable` may change by itself."""

    KEPT = "kept"
    GONE = "gone"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class OriginalText:
    """A body as published, "" when it can't be shown; `expired_at` is when it was removed, where that is known."""

    text: str = ""
    state: OriginalState = OriginalState.KEPT
    expired_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it stays so; what the storage alone does not give may be there again tomorrow."""
        return self.state is OriginalState.KEPT or self.expired_at is not None


def original_text(version: StoryNeutralized) -> OriginalText:
    """The body that a version was made from, which need not be the story's newest. One query."""
    body = StoryBody.objects.filter(story_id=version.story_id, version=version.body_version).first()
    if body is None:
        return OriginalText(state=OriginalState.GONE)
    if body.expired_at is not None:
        return OriginalText(state=OriginalState.GONE, expired_at=body.expired_at)
    try:
        return OriginalText(get_body(body.uri, body.content_hash))
    except BodyMissing:
        return OriginalText(state=OriginalState.GONE)
    except BodyUnavailable:
        return OriginalText(state=OriginalState.UNREACHABLE)
    except BodyError:
        return OriginalText(state=OriginalState.DAMAGED)
