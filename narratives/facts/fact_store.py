"""Facts in the tables of the deployment guide, of this project or of somebody else."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction
from django.db.models import BooleanField, Case, Count, ExpressionWrapper, F, Q, QuerySet, When
from django.db.models.fields.json import KT

from narratives.facts import metadata
from narratives.facts.errors import StoreError
from narratives.facts.json_sql import Merged, Without, json_null
from narratives.facts.messages import as_written, read_time
from narratives.facts.metadata import Before, Reason
from narratives.facts.models import FactEntity, UniversalUser, UserFactRelationship
from narratives.facts.ports import ExtractedFact, Extraction, UnmarkedFact, Written
from narratives.facts.triggers import without_triggers

COLUMN = "context_metadata"
PLATFORM = "ntrl"
# What others keep in these tables beside facts begins so; it is no fact, and its time no mark of ours.
NOT_A_FACT = "_"
DEFAULT_PORT = "5432"
NO_OBJECT = f"its {COLUMN} is no object"
# PostgreSQL's code of a table that is not there, and SQLite's words.
UNDEFINED_TABLE, NO_SUCH_TABLE = "42P01", "no such table"
MIGRATE = " (an empty database gets its tables by `manage.py migrate --database {alias}`)"


class DjangoFacts:
    """The facts of one database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    @property
    def name(self) -> str:
        """Host, port and database; the file's name for SQLite."""
        settings = connections[self.alias].settings_dict
        if connections[self.alias].vendor == "sqlite":
            return f"SQLite {str(settings['NAME']).rpartition('/')[2]}"
        return f"{settings['HOST'] or 'localhost'}:{settings['PORT'] or DEFAULT_PORT}/{settings['NAME']}"

    def require_right(self) -> None:
        """See whether rows could be changed without their triggers; nothing is written."""
        with self._errors(), transaction.atomic(using=self.alias), without_triggers(self.alias):
            pass

    # --- marks that are missing ----------------------------------------------------------------------------------

    def count_unmarked(self, bot: str = "") -> Mapping[str, int]:
        """How many facts lack their mark, by bot."""
        return self._by_bot(self._unmarked(bot))

    def unmarked_users(self, bot: str) -> list[str]:
        """Name the users about whom a bot has facts that lack their mark, in order."""
        with self._errors():
            return list(self._unmarked(bot).order_by("user_id").values_list("user_id", flat=True).distinct())

    def unmarked(self, bot: str, user: str) -> list[UnmarkedFact]:
        """A bot's facts about a user that lack their mark, by time and id."""
        with self._errors():
            rows = self._unmarked(bot).filter(user_id=user).order_by("created_at", "pk")
            values = rows.values_list("pk", _date("created_at"), COLUMN)
            return [UnmarkedFact(pk, bot, user, at, _trouble(at, held)) for pk, at, held in values]

    def mark(self, latest: Mapping[UUID, datetime], now: datetime) -> Written:
        """Mark the facts that still lack it; each row is locked, looked at again, and changed in the database."""

        def change(row: UserFactRelationship) -> bool:
            if (row.context_metadata or {}).get(metadata.LATEST):
                return False
            added = metadata.marking(
                row.context_metadata,
                is_column_null=row.is_column_null,  # type: ignore[attr-defined]
                latest=latest[row.pk],
                bot=row.mentioned_by_character or "",
                now=now,
            )
            self._rows().filter(pk=row.pk).update(**{COLUMN: Merged(COLUMN, **added)})
            return True

        return self._change(list(latest), change)

    # --- and their removal ---------------------------------------------------------------------------------------

    def count_backfilled(self, bot: str = "") -> Mapping[str, int]:
        """How many facts carry what `mark` has added, by bot."""
        return self._by_bot(self._backfilled(bot))

    def backfilled(self, bot: str) -> list[UUID]:
        """A bot's facts that carry what `mark` has added."""
        with self._errors():
            return list(self._backfilled(bot).order_by("pk").values_list("pk", flat=True))

    def count_restorable(self, ids: Sequence[UUID]) -> int:
        """How many of these facts `unmark` would change as they stand now."""
        with self._errors():
            held = self._rows().filter(pk__in=list(ids)).values_list(COLUMN, flat=True)
            return sum(metadata.reason_to_undo(each) is not None for each in held if isinstance(each, dict))

    def unmark(self, ids: Sequence[UUID]) -> Written:
        """Remove exactly what `mark` has added; a fact that was marked anew since then stays."""

        def change(row: UserFactRelationship) -> bool:
            held = row.context_metadata or {}
            reason = metadata.reason_to_undo(held)
            if reason is None:
                return False
            self._restore(row.pk, reason, held)
            return True

        return self._change(ids, change)

    def _restore(self, pk: UUID, reason: Reason, held: Mapping[str, Any]) -> None:
        """Take away what was added, and put back what stood there; what anybody has added since stays."""
        row, is_left = self._rows().filter(pk=pk), bool(held.keys() - set(reason.added))
        if reason.before == Before.NO_METADATA and not is_left:
            row.update(**{COLUMN: None})
        elif reason.before == Before.NULL_METADATA and not is_left:
            row.update(**{COLUMN: json_null()})
        else:
            row.update(**{COLUMN: Without(COLUMN, reason.added)})
            if back := reason.put_back(held):
                row.update(**{COLUMN: Merged(COLUMN, **back)})

    # --- the worker ----------------------------------------------------------------------------------------------

    def newest_marks(self, bot: str, until: datetime, users: Collection[str] | None = None) -> Mapping[str, datetime]:
        """The newest mark among a bot's facts, by user; a fact that two bots lay claim to tells of neither."""
        named, marked = KT(f"{COLUMN}__{metadata.BOT}"), KT(f"{COLUMN}__{metadata.LATEST}")
        rows = self._rows().filter(Q(mentioned_by_character=bot) | Q(**{f"{COLUMN}__{metadata.BOT}": bot}))
        rows = rows.exclude(relationship_type__startswith=NOT_A_FACT)
        rows = rows if users is None else rows.filter(user_id__in=users)
        newest: dict[str, datetime] = {}
        with self._errors():
            values = rows.values_list("user_id", "mentioned_by_character", named, marked).order_by().distinct()
            for user, mentioned, written, text in values:
                at = read_time(text)
                if at is not None and at <= until and {mentioned, written} <= {bot, None}:
                    newest[user] = max(at, newest.get(user, at))
        return newest

    def require_user(self, user: str) -> None:
        """See whether facts about a user could be stored; nothing is left behind."""
        with self._errors(), transaction.atomic(using=self.alias):
            self._put_user(user)
            transaction.set_rollback(True, using=self.alias)

    def add(
        self, *, bot: str, user: str, extractions: Sequence[Extraction], marked: datetime, now: datetime
    ) -> Written:
        """Store facts; one that is there already is confirmed, and one that the database refuses is left out."""
        changed, refused = 0, {}
        facts = [(fact, extraction) for extraction in extractions for fact in extraction.facts]
        with self._errors(), transaction.atomic(using=self.alias):
            if facts:
                self._put_user(user)
            for fact, extraction in facts:
                row = self._new(bot, user, fact, extraction, marked, now)
                try:
                    with transaction.atomic(using=self.alias):
                        self._put(row, fact)
                        changed += 1
                except (DatabaseError, ValueError) as error:
                    if isinstance(error, OperationalError):
                        raise
                    refused[row.pk] = _why(error)
        return Written(changed, refused)

    def _put_user(self, user: str) -> None:
        users = UniversalUser.objects.using(self.alias)
        try:
            users.only("pk").get_or_create(pk=user, defaults={"primary_username": f"user_{user[-8:]}"})
        except IntegrityError as error:
            raise StoreError(f"universal_users of {self.name} takes no new user: {_why(error)}") from error

    def _new(
        self, bot: str, user: str, fact: ExtractedFact, extraction: Extraction, marked: datetime, now: datetime
    ) -> UserFactRelationship:
        how = {"model": extraction.model, "prompt_version": extraction.prompt_version}
        return UserFactRelationship(
            user_id=user,
            relationship_type=fact.relationship_type,
            confidence=fact.confidence,
            context_metadata={
                metadata.LATEST: as_written(marked),
                metadata.BOT: bot,
                "evidence": fact.evidence,
                "message_id": fact.message.id,
                "message_timestamp": as_written(fact.message.at),
                "extraction_method": extraction.method,
                **{name: value for name, value in how.items() if value},
            },
            source_conversation_id=fact.message.id,
            mentioned_by_character=bot,
            source_platform=PLATFORM,
            created_at=now,
            updated_at=now,
        )

    def _put(self, row: UserFactRelationship, fact: ExtractedFact) -> None:
        entities = FactEntity.objects.using(self.alias)
        entity, _ = entities.get_or_create(
            entity_type=fact.entity_type, entity_name=fact.entity_name, defaults={"category": fact.entity_type}
        )
        row.entity = entity
        same = {"user_id": row.user_id, "entity": entity, "relationship_type": row.relationship_type}
        held = (
            self._rows().select_for_update().only("mentioned_by_character", "confidence", COLUMN).filter(**same).first()
        )
        if held is None:
            row.save(using=self.alias, force_insert=True)
        else:
            self._confirm(held, row)

    def _confirm(self, held: UserFactRelationship, row: UserFactRelationship) -> None:
        """Say again what is known. A fact of another bot keeps its bot, and with it whose messages its mark is of."""
        values: dict[str, Any] = {
            "confidence": max(held.confidence or 0.0, row.confidence or 0.0),
            "updated_at": row.updated_at,
        }
        if not _holds_keys(held.context_metadata):
            raise ValueError(NO_OBJECT)
        owner = (held.context_metadata or {}).get(metadata.BOT) or held.mentioned_by_character
        if owner in (None, row.mentioned_by_character):
            fresh = dict(row.context_metadata or {})
            told = [read_time((each.context_metadata or {}).get(metadata.LATEST)) for each in (held, row)]
            fresh[metadata.LATEST] = as_written(max(at for at in told if at is not None))
            values |= {"source_conversation_id": row.source_conversation_id, COLUMN: Merged(COLUMN, **fresh)}
        self._rows().filter(pk=held.pk).update(**values)

    # --- what they share -----------------------------------------------------------------------------------------

    def _rows(self) -> "QuerySet[UserFactRelationship]":
        return UserFactRelationship.objects.using(self.alias)

    def _of(self, bot: str) -> "QuerySet[UserFactRelationship]":
        rows = self._rows().exclude(mentioned_by_character=None).exclude(mentioned_by_character="")
        return rows.filter(mentioned_by_character=bot) if bot else rows

    def _unmarked(self, bot: str) -> "QuerySet[UserFactRelationship]":
        """Facts of bots whose mark is absent, null or empty."""
        mark = f"{COLUMN}__{metadata.LATEST}"
        absent = Q(**{f"{COLUMN}__isnull": True}) | ~Q(**{f"{COLUMN}__has_key": metadata.LATEST})
        return self._of(bot).filter(absent | Q(**{mark: None}) | Q(**{mark: ""}))

    def _backfilled(self, bot: str) -> "QuerySet[UserFactRelationship]":
        """Facts whose reason begins as ours do; whether it is one, is seen when the row is in hand."""
        begins = f"{metadata.LATEST} was "
        return self._of(bot).filter(
            **{f"{COLUMN}__has_key": metadata.BACKFILLED_AT, f"{COLUMN}__{metadata.REASON}__startswith": begins}
        )

    def _by_bot(self, rows: "QuerySet[UserFactRelationship]") -> Mapping[str, int]:
        with self._errors():
            counted = rows.order_by().values_list("mentioned_by_character").annotate(Count("pk"))
            return Counter({str(bot): number for bot, number in counted})

    def _change(self, ids: Sequence[UUID], change: Callable[[UserFactRelationship], bool]) -> Written:
        """Change rows in one transaction; when the database refuses one of them, all others."""
        with self._errors(), transaction.atomic(using=self.alias), without_triggers(self.alias):
            rows, refused = self._locked(ids)
            try:
                with transaction.atomic(using=self.alias):
                    return Written(sum(map(change, rows)), refused)
            except OperationalError:
                raise
            except DatabaseError:
                return self._change_apart(rows, change, refused)

    def _change_apart(
        self,
        rows: Sequence[UserFactRelationship],
        change: Callable[[UserFactRelationship], bool],
        refused: dict[UUID, str],
    ) -> Written:
        changed = 0
        for row in rows:
            try:
                with transaction.atomic(using=self.alias):
                    changed += change(row)
            except OperationalError:
                raise
            except DatabaseError as error:
                refused[row.pk] = f"the database refuses it: {_why(error)}"
        return Written(changed, refused)

    def _locked(self, ids: Sequence[UUID]) -> tuple[list[UserFactRelationship], dict[UUID, str]]:
        """Lock rows in one order, so that two runs wait for each other; metadata that hold no keys are refused."""
        is_null = ExpressionWrapper(Q(**{f"{COLUMN}__isnull": True}), output_field=BooleanField())
        rows = self._rows().select_for_update().filter(pk__in=list(ids)).order_by("pk")
        found = list(rows.only("mentioned_by_character", COLUMN).annotate(is_column_null=is_null))
        refused = {row.pk: NO_OBJECT for row in found if not _holds_keys(row.context_metadata)}
        return [row for row in found if row.pk not in refused], refused

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say that the database can't be reached, or is not what it should be, in words of ours."""
        try:
            yield
        except IntegrityError:
            raise
        except DatabaseError as error:
            cure = MIGRATE.format(alias=self.alias) if _is_table_missing(error) else ""
            raise StoreError(f"The facts' database {self.name} can't be used: {_why(error)}{cure}") from error


def _holds_keys(held: Any) -> bool:
    """Whether metadata are what everybody takes them for: an object, or nothing."""
    return held is None or isinstance(held, dict)


def _date(name: str) -> Case:
    """A time that Python can hold; "infinity" and years of five digits are none."""
    bounds = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    return Case(When(**{f"{name}__range": bounds}, then=F(name)))


def _trouble(at: datetime | None, held: Any) -> str:
    if not _holds_keys(held):
        return NO_OBJECT
    return "" if at is not None else "it does not say when it was created"


def _is_table_missing(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == UNDEFINED_TABLE or NO_SUCH_TABLE in str(error)


def _why(error: Exception) -> str:
    """What an error says first."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
