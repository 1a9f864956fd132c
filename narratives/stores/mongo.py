"""Narratives in a MongoDB collection, as the ticket of the backfill has them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar

from bson import ObjectId
from pymongo import MongoClient, UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError

from narratives.stores.base import BLANK, START, SUMMARY_MAX_CHARS, Found, Spent, StoreError, Unfocused, Written
from narratives.stores.connection import Document, errors_in_words

DATABASE, COLLECTION, COSTS = "backdrop", "narratives", "api_costs"
FOCUS = "narrative_focus"
# A null in the list finds absent fields too; neither finds blanks.
MISSING: list[Document] = [{FOCUS: {"$in": [None, ""]}}, {FOCUS: {"$regex": BLANK}}]
MISSING_INSIDE: list[Document] = [{f"fingerprint.{name}": test for name, test in each.items()} for each in MISSING]
FIELDS = ("title", "summary", "nucleus_entity", "fingerprint")
SYSTEM_DATABASES = {"admin", "config", "local"}
# Collections looked into for narratives, when they are not where they were looked for.
MOST_COLLECTIONS = 200


class MongoStore:
    """The documents of one collection that were first seen at `since` or later.

    Args:
        client: connects when it is first asked.
        host: how the server is called in messages.
        since: aware.
        database: the name of the database.
        collection: the name of the collection in it.
    """

    is_foreign: ClassVar[bool] = True
    next_step: ClassVar[str] = "python manage.py import_narratives"

    def __init__(
        self,
        client: "MongoClient[Document]",
        *,
        host: str,
        since: datetime,
        database: str = DATABASE,
        collection: str = COLLECTION,
    ) -> None:
        self._client = client
        self._host = host
        self._where = f"{database}.{collection}"
        with self._errors():
            self._database = client[database]
            self._narratives = self._database[collection]
        # A document without the first date counts by the second; what is no BSON date matches neither.
        by_date = [{"first_detected_at": {"$gte": since}}, {"first_detected_at": None, "first_seen": {"$gte": since}}]
        # Named at the top, beside the id, so that the server finds the id in its index.
        self._open: Document = {"$or": MISSING, "$and": [{"$or": by_date}]}

    @property
    def name(self) -> str:
        """Where the documents are."""
        return f"mongo: {self._where} at {self._host}"

    def require_narratives(self) -> None:
        """Refuse an empty collection, or one that is not there, and say where narratives are."""
        with self._errors():
            if self._narratives.find_one({}, {"_id": 1}) is not None:
                return
        raise StoreError(f"{self._where} at {self._host} holds no documents. {self._elsewhere()}")

    def count(self) -> int:
        """How many documents lack their focus."""
        with self._errors():
            return self._narratives.count_documents(self._open)

    def left_alone(self) -> Sequence[str]:
        """Documents whose dates are none: nobody can say whether they are old."""
        dates: list[Document] = [
            {"first_detected_at": {"$type": "date"}},
            {"first_detected_at": None, "first_seen": {"$type": "date"}},
        ]
        undated: Document = {"$or": MISSING, "$nor": dates}
        with self._errors():
            if self._narratives.find_one(undated, {"_id": 1}) is None:  # counting costs more, and mostly there is none
                return []
            number = self._narratives.count_documents(undated)
        return [f"{number} without a focus have no date (first_detected_at, first_seen)"]

    def page(self, after: Any, size: int) -> list[Unfocused]:
        """Read the documents behind an id; then those whose ids are of another type, which `$gt` never finds."""
        if after is START:
            return self._read({}, size)
        # Of the type null there is one id, and nothing behind it.
        of_type = [] if after is None else self._read({"_id": {"$gt": after}}, size)
        return of_type or self._next_type(after, size)

    def write(self, found: Sequence[Found]) -> Written:
        """Set the foci, in one call, where they still lack; also that inside a fingerprint that lacks it too."""
        updates = [UpdateOne(self._still_open(each), {"$set": self._values(each)}) for each in found]
        if not updates:
            return Written(0)
        with self._errors():
            try:
                return Written(self._narratives.bulk_write(updates, ordered=False).matched_count)
            except BulkWriteError as error:
                details = error.details
        refused = {
            found[each["index"]].narrative.key: f"MongoDB refuses the update (code {each['code']})"
            for each in details["writeErrors"]
        }
        if not refused:
            raise StoreError(f"MongoDB at {self._host} did not confirm what was written to {self._where}.")
        return Written(details["nMatched"], refused)

    def note_cost(self, spent: Spent) -> None:
        """Add a row to the database's own record of costs."""
        row = {
            "timestamp": spent.at,
            "operation": spent.operation,
            "model": spent.model,
            "input_tokens": spent.tokens_input,
            "output_tokens": spent.tokens_output,
            "cost": None if spent.cost_usd is None else float(spent.cost_usd),
            "cached": False,
        }
        with self._errors():
            self._database[COSTS].insert_one(row)

    def _errors(self) -> AbstractContextManager[None]:
        return errors_in_words(self._host, self._where)

    def _read(self, ids: Document, size: int) -> list[Unfocused]:
        with self._errors():
            cursor = self._narratives.find({**ids, **self._open}, dict.fromkeys(FIELDS, 1), sort=[("_id", 1)])
            return [_unfocused(document) for document in cursor.limit(size).batch_size(size)]

    def _next_type(self, after: Any, size: int) -> list[Unfocused]:
        """Comparisons stay within one type, so an ordered walk over ids of several types goes on with the next type."""
        kinds = ["null", "number", "string", "object", "binData", "objectId", "bool", "date"]  # in MongoDB's order
        for kind in kinds[kinds.index(_kind(after)) + 1 :]:
            if page := self._read({"_id": {"$type": kind}}, size):
                return page
        return []

    @staticmethod
    def _still_open(found: Found) -> Document:
        """Nobody has set the focus since it was read, nor the one inside the fingerprint, if that is to be set too."""
        missing: Document = {"_id": found.narrative.key, "$or": MISSING}
        return {**missing, "$and": [{"$or": MISSING_INSIDE}]} if found.narrative.fills_fingerprint else missing

    @staticmethod
    def _values(found: Found) -> Document:
        values = {FOCUS: found.focus}
        return {**values, f"fingerprint.{FOCUS}": found.focus} if found.narrative.fills_fingerprint else values

    def _elsewhere(self) -> str:
        try:
            found = list(self._collections_with_narratives())
        except PyMongoError as error:
            return f"Other databases can't be listed ({type(error).__name__}); name one with --database, --collection."
        if not found:
            return "No other collection of the server has narratives either."
        return f"Narratives are in: {', '.join(sorted(found))}. Choose with --database and --collection."

    def _collections_with_narratives(self) -> list[str]:
        found: list[str] = []
        looked_into = 0
        for database in sorted(set(self._client.list_database_names()) - SYSTEM_DATABASES):
            for collection in sorted(self._client[database].list_collection_names()):
                looked_into += 1
                if looked_into > MOST_COLLECTIONS:
                    return found
                first = self._client[database][collection].find_one({})
                if first is not None and _is_narrative(first, collection):
                    found.append(f"{database}.{collection}")
        return found


def _is_narrative(document: Document, collection: str) -> bool:
    marks = {FOCUS, "lifecycle_state", "first_detected_at", "first_seen", "nucleus_entity"}
    return "narrative" in collection.lower() or ("summary" in document and bool(marks & document.keys()))


def _unfocused(document: Document) -> Unfocused:
    fingerprint = document.get("fingerprint")
    fingerprint = fingerprint if isinstance(fingerprint, dict) else None
    inside = (fingerprint or {}).get(FOCUS)
    kept = _text(inside)
    nuclei = [document.get("nucleus_entity"), (fingerprint or {}).get("nucleus_entity")]
    return Unfocused(
        key=document["_id"],
        title=_text(document.get("title")),
        summary=_text(document.get("summary"))[:SUMMARY_MAX_CHARS],
        nucleus=next((_text(nucleus) for nucleus in nuclei if _text(nucleus)), ""),
        fills_fingerprint=fingerprint is not None and isinstance(inside, str | None) and not kept,
        kept=kept,
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _kind(key: Any) -> str:
    """The name of an id's type among those that MongoDB compares with each other."""
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "bool"
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (ObjectId, "objectId"),
        (str, "string"),
        (dict, "object"),
        (bytes, "binData"),
        (datetime, "date"),
    ]
    return next((kind for types, kind in kinds if isinstance(key, types)), "number")
