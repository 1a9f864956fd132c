"""Two workers whose cycles meet on one stream, interleaved by hand: whoever comes second does not go by an old mark."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from narratives.facts.enrichment_stage import EnrichmentStage, News
from narratives.facts.messages import Mark, Message
from narratives.facts.models import UserFactRelationship
from ntrl.stages.errors import RetryLater
from tests.support.enrichment import NOW, cycle, mark_of, shown
from tests.support.facts import ListMessages, ScriptedExtractor, spoken

pytestmark = pytest.mark.django_db

STREAM = ("elena", "user_123")
SAID = [spoken(n, NOW - timedelta(minutes=60 - n)) for n in range(30)]
# What is stored while both are at work: behind the others, and late among them.
LATE = spoken(99, SAID[25].at)
ARRIVING = [*(spoken(n, NOW - timedelta(minutes=60 - n)) for n in range(30, 36)), LATE]


class Meeting(ListMessages):
    """Messages whose reader is overtaken: once, when they have been read, `meanwhile` happens."""

    meanwhile: Callable[[], object] | None = None

    def after(self, bot: str, user: str, mark: Mark, **options: Any) -> Iterator[Message]:
        read = list(super().after(bot, user, mark, **options))
        self.meet()
        yield from read

    def meet(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()


def holds(store: ListMessages, extractor: ScriptedExtractor) -> None:
    """The mark passes nothing that was not processed, but what came late, which the overlap finds."""
    done, mark = set(shown(extractor)), mark_of().progress.mark
    behind = [message for message in store.lists[STREAM] if message.mark.key <= mark.key and message.id != LATE.id]
    assert {message.id for message in behind} <= done


@pytest.mark.parametrize("moment", ["read", "claimed"])
@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("arriving", [[], ARRIVING])
def test_two_workers_meet(
    moment: str, fails: bool, arriving: Sequence[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, failures = Meeting({STREAM: SAID}), iter([fails])

    def second_chunk_fails(chunk: Sequence[Message]) -> None:
        if chunk[0].id == "20" and next(failures, False):
            raise RetryLater("http_500", "ill")

    extractor = ScriptedExtractor(second_chunk_fails)

    def other_worker() -> None:
        store.lists[STREAM] += arriving
        cycle(store, extractor, now=NOW + timedelta(minutes=1))

    if moment == "read":
        store.meanwhile = other_worker
    else:
        is_pending, meeting = EnrichmentStage.is_pending, Meeting({})
        meeting.meanwhile = other_worker

        def then_meet(stage: EnrichmentStage, item: News) -> bool:
            answer = is_pending(stage, item)
            meeting.meet()
            return answer

        monkeypatch.setattr(EnrichmentStage, "is_pending", then_meet)
    for minutes in (0, 11, 22, 60 * 25):
        cycle(store, extractor, now=NOW + timedelta(minutes=minutes))
        holds(store, extractor)
    everything = [message.id for message in store.lists[STREAM]]
    assert Counter(shown(extractor)) == Counter(everything)
    facts = UserFactRelationship.objects.values_list("source_conversation_id", flat=True)
    assert sorted(facts) == sorted(everything)
    assert mark_of().message_id == max(store.lists[STREAM], key=lambda message: message.mark.key).id
