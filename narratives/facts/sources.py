"""The places where messages are, each with the database that its facts go to and with the rules that read it."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from narratives.facts.by_rules import Finder, of_a_person, of_news
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.ports import FactStore, MessageStore
from narratives.facts.qdrant.connection import connect, where_is
from narratives.facts.qdrant.store import QdrantMessages
from narratives.facts.stories import StoryMessages
from narratives.facts.tables import facts_alias


@dataclass(frozen=True, slots=True)
class Source:
    """Messages, where their facts go, and what reads them when no model does."""

    messages: MessageStore
    facts: FactStore
    find: Finder


def stories() -> Source:
    """This project's news. Its facts stay in the default database: they are nobody else's."""
    return Source(StoryMessages(), DjangoFacts(DEFAULT_DB_ALIAS), of_news)


def has_conversations() -> bool:
    """Whether there is to be a Qdrant, by the settings: one that is named, or the folder by default, if it is there."""
    return bool(settings.QDRANT_URL or settings.QDRANT_PATH) or _folder().is_dir()


def conversations(*, may_write: bool = True) -> Source:
    """The Qdrant of the settings.

    Raises:
        StoreError: its client is not installed, or there is none.
    """
    url, path = settings.QDRANT_URL, _folder()
    client = connect(url=url, api_key=settings.QDRANT_API_KEY, path=path)
    messages = QdrantMessages(client, where=where_is(url=url, path=path), may_write=may_write)
    return Source(messages, DjangoFacts(facts_alias()), of_a_person)


def _folder() -> Path:
    """The folder of a client without a server: one that is named must be there, the one by default may be absent."""
    return settings.QDRANT_PATH or settings.NTRL_DATA_DIR / "qdrant"
