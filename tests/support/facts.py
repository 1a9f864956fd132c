"""Facts and messages made with few words, stores that count, and a deployment as the guide describes one."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from narratives.facts.errors import StoreError, UnknownBot
from narratives.facts.messages import Mark, Message, as_written
from narratives.facts.models import FactEntity, UniversalUser, UserFactRelationship
from narratives.facts.ports import ExtractedFact, Extraction, Stream

NAMESPACE = UUID("3d1c0c57-7c36-4b8e-9d0e-6c1f1b0a9f01")
# The guide's own conversation.
OCTOBER = datetime(2025, 10, 18, 23, 20, tzinfo=UTC)
# Facts of each bot of the guide's deployment, and how many of them have no messages: 1,706 and 52 in all.
DEPLOYMENT = {
    "elena": (375, 14),
    "marcus": (58, 0),
    "jake": (95, 2),
    "gabriel": (210, 6),
    "sophia": (188, 5),
    "ryan": (150, 4),
    "dream": (162, 7),
    "aethys": (204, 8),
    "aetheris": (141, 3),
    "dotty": (123, 3),
}
SEVEN_VECTORS = ("elena", "marcus", "jake", "gabriel", "sophia", "ryan", "dream")
FACTS_OF_A_USER = 12


def message_id(name: str) -> str:
    """An id of a message, the same whenever it is made."""
    return str(uuid5(NAMESPACE, name))


def payload(user: str, at: datetime, content: str = "I love tide pools.", **fields: Any) -> dict[str, Any]:
    """A message as deployments store it: a naive time that means UTC, and the same in seconds."""
    return {
        "user_id": user,
        "content": content,
        "role": "user",
        "memory_type": "conversation",
        "timestamp": as_written(at),
        "timestamp_unix": at.timestamp(),
        **fields,
    }


def guides_messages(user: str = "user_123") -> list[tuple[str, dict[str, Any]]]:
    """The guide's 26 messages from 23:20:00 to 23:23:30: 15 up to 23:23:04, and 11 behind it."""
    before = [OCTOBER + timedelta(seconds=13 * number) for number in range(15)]
    behind = [datetime(2025, 10, 18, 23, 23, 5, tzinfo=UTC) + timedelta(seconds=2.5 * number) for number in range(11)]
    times = [*before, *behind]
    return [(message_id(f"{user} {number}"), payload(user, at)) for number, at in enumerate(times)]


def a_fact(
    user: str = "user_123", bot: str | None = "elena", *, at: datetime, using: str = "default", **fields: Any
) -> UserFactRelationship:
    """A fact in the table; without marks unless told."""
    UniversalUser.objects.using(using).get_or_create(pk=user, defaults={"primary_username": user})
    name = f"thing {FactEntity.objects.using(using).count()}"
    entity = fields.pop("entity", None) or FactEntity.objects.using(using).create(entity_type="hobby", entity_name=name)
    values = {"relationship_type": "likes", "context_metadata": {}, "created_at": at, "updated_at": at, **fields}
    row = UserFactRelationship(user_id=user, entity=entity, mentioned_by_character=bot, **values)
    row.save(using=using, force_insert=True)
    return row


def deployment() -> tuple[dict[str, list[tuple[str, dict[str, Any]]]], list[dict[str, Any]]]:
    """The messages of each bot, and the facts of all, as rows; those of users called `gone…` have no messages."""
    messages: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    facts: list[dict[str, Any]] = []
    for bot, (total, gone) in DEPLOYMENT.items():
        messages[bot] = []
        for number in range(total):
            is_gone = number < gone
            user = f"gone_{bot}" if is_gone else f"user_{bot}_{(number - gone) // FACTS_OF_A_USER}"
            at = OCTOBER + timedelta(hours=number, seconds=4)
            facts.append({"bot": bot, "user": user, "at": at, "name": f"{bot} {number}"})
            if not is_gone:
                told = [at - timedelta(seconds=each) for each in (4, -26)]
                messages[bot] += [(message_id(f"{bot} {number} {each}"), payload(user, each)) for each in told]
    return messages, facts


def store_deployment(facts: Sequence[Mapping[str, Any]], *, using: str = "default") -> None:
    """Put the deployment's facts into the tables; every third has no metadata at all, the others some of their own."""
    users = sorted({fact["user"] for fact in facts})
    UniversalUser.objects.using(using).bulk_create(UniversalUser(pk=user, primary_username=user) for user in users)
    entities = [
        FactEntity(id=message_id(fact["name"]), entity_type="hobby", entity_name=fact["name"]) for fact in facts
    ]
    FactEntity.objects.using(using).bulk_create(entities)
    UserFactRelationship.objects.using(using).bulk_create(
        UserFactRelationship(
            id=message_id(f"fact {fact['name']}"),
            user_id=fact["user"],
            entity=entity,
            relationship_type="likes",
            mentioned_by_character=fact["bot"],
            context_metadata={"weight": 1.5, "of": fact["name"]} if number % 3 else None,
            created_at=fact["at"],
            updated_at=fact["at"] + timedelta(days=1),
        )
        for number, (fact, entity) in enumerate(zip(facts, entities, strict=True))
    )


def collection_of(bot: str) -> str:
    """Where the deployment keeps a bot's messages."""
    return f"whisperengine_memory_{bot}{'_7d' if bot in SEVEN_VECTORS else ''}"


class ListMessages:
    """Messages in lists, by bot and user; counts what is read, and fails as told.

    Attributes:
        reads: ordered reads of streams.
        looked_up: how often each stream was looked up for news.
        listed: how often each bot's streams were listed.
        down: what is asked for fails with these words.
    """

    name = "lists"

    def __init__(self, streams: Mapping[tuple[str, str], Sequence[Message]], page: int = 50) -> None:
        self.lists = {key: list(messages) for key, messages in streams.items()}
        self.reads: Counter[tuple[str, str]] = Counter()
        self.looked_up: Counter[tuple[str, str]] = Counter()
        self.listed: Counter[str] = Counter()
        self.down = ""
        self._page = page

    def bots(self) -> list[str]:
        self._require()
        return sorted({bot for bot, _ in self.lists})

    def streams(self, bot: str, until: datetime) -> list[Stream]:
        self._require()
        self.listed[bot] += 1
        return [Stream(user) for each, user in sorted(self.lists) if each == bot]

    def with_news(
        self, bot: str, behind: Mapping[str, tuple[Mark, Collection[Mark]]], until: datetime
    ) -> Collection[str]:
        self._require()
        self.looked_up.update((bot, user) for user in behind)
        return [
            user for user, (mark, known) in behind.items() if self._behind(bot, user, mark, until=until, known=known)
        ]

    def latest_at(self, bot: str, user: str, moments: Sequence[datetime]) -> Mapping[datetime, datetime]:
        self._require()
        if bot not in self.bots():
            raise UnknownBot(f"no bot {bot}")
        self.reads[bot, user] += 1
        times = [message.at for message in self.lists.get((bot, user), [])]
        found = {moment: max((at for at in times if at <= moment), default=None) for moment in moments}
        return {moment: at for moment, at in found.items() if at is not None}

    def after(
        self, bot: str, user: str, mark: Mark, *, until: datetime, known: Collection[Mark] = ()
    ) -> Iterator[Message]:
        behind = self._behind(bot, user, mark, until=until, known=known)
        for begin in range(0, max(len(behind), 1), self._page):
            self._require()
            self.reads[bot, user] += 1
            yield from behind[begin : begin + self._page]

    def _behind(self, bot: str, user: str, mark: Mark, *, until: datetime, known: Collection[Mark]) -> list[Message]:
        messages = sorted(self.lists.get((bot, user), []), key=lambda message: message.mark.key)
        return [each for each in messages if each.mark.key > mark.key and each.at <= until and each.mark not in known]

    def _require(self) -> None:
        if self.down:
            raise StoreError(self.down)


class ScriptedExtractor:
    """Finds a fact in each message, or in one of so many; fails as told, and remembers what it was shown."""

    name = "as told"
    identity = ("as told",)

    def __init__(self, fails: Any = None, *, of: int = 1) -> None:
        self.shown: list[list[str]] = []
        self._fails = fails
        self._of = of

    def extract(self, messages: Sequence[Message]) -> Extraction:
        if self._fails is not None:
            self._fails(messages)
        self.shown.append([message.id for message in messages])
        facts = [
            ExtractedFact("thing", f"thing {each.id}", "says", 0.9, each.content, each)
            for each in messages[:: self._of]
        ]
        return Extraction(tuple(facts), "llm", "model-1", "p1")

    def worst_case_usd(self, messages: Sequence[Message]) -> Decimal:
        return Decimal(0)


def spoken(number: int, at: datetime, content: str = "I love tide pools.") -> Message:
    """A message with a number for its id."""
    return Message(str(number), at, content, "user")
