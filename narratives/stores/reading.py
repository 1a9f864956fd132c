"""All documents of a MongoDB collection of narratives, streamed."""

from collections.abc import Iterator

from pymongo import MongoClient

from narratives.stores.connection import Document, errors_in_words

# So many come in one reply; whoever takes them must ask for the next within ten minutes.
PAGE = 500
FIELDS = (
    "title",
    "summary",
    "theme",
    "narrative_focus",
    "nucleus_entity",
    "fingerprint",
    "entities",
    "article_count",
    "lifecycle_state",
    "timeline_data",
    "first_detected_at",
    "first_seen",
    "last_article_at",
    "last_updated",
)


def documents(client: "MongoClient[Document]", *, host: str, database: str, collection: str) -> Iterator[Document]:
    """Yield the fields of narratives of every document, by id.

    Raises:
        StoreError: the server can't be read.
    """
    with errors_in_words(host, f"{database}.{collection}"):
        found = client[database][collection].find({}, dict.fromkeys(FIELDS, 1), sort=[("_id", 1)])
        yield from found.batch_size(PAGE)
