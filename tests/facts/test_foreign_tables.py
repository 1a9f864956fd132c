"""Somebody else's tables on PostgreSQL: used as they stand, never migrated; their times mean UTC."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections, router
from pytest_django.fixtures import Settings

from narratives.facts import services
from narratives.facts.backfill import BackfillOptions, backfill_timestamps, rollback_timestamps
from narratives.facts.errors import StoreError
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.management.commands.run_enrichment import Command
from narratives.facts.messages import Message, as_utc
from narratives.facts.models import EnrichmentMark, NarrativeFact, UniversalUser, UserFactRelationship
from narratives.facts.ports import ExtractedFact, Extraction
from narratives.facts.qdrant.connection import connect
from narratives.facts.qdrant.store import QdrantMessages
from narratives.facts.services import enrich_once
from narratives.facts.sources import Source
from narratives.facts.tables import facts_alias, is_foreign
from ntrl.environment import read_database
from ntrl.stages.models import RunStatus
from tests.support.facts import OCTOBER, ListMessages, a_fact, deployment, guides_messages, spoken, store_deployment
from tests.support.qdrant_server import QdrantServer

EVERYTHING = "SELECT * FROM user_fact_relationships ORDER BY id"


@pytest.fixture
def foreign(foreign_url: str, db: None, settings: Settings) -> Iterator[str]:
    """The alias `facts`, as FACTS_DATABASE_URL would make it; returns the address."""
    with pytest.warns(UserWarning, match="DATABASES"):
        settings.DATABASES = {**settings.DATABASES, "facts": read_database("FACTS_DATABASE_URL", foreign_url)}
    held = connections.settings
    connections.settings = connections.configure_settings({**held, "facts": settings.DATABASES["facts"]})
    connections["facts"].connect()  # by itself it would be refused: it is not among the tests' own databases
    yield foreign_url
    connections["facts"].close()
    del connections["facts"]
    connections.settings = held


def all_rows(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(EVERYTHING).fetchall()


def talk(facts: list[dict[str, Any]]) -> ListMessages:
    streams: dict[tuple[str, str], list[Any]] = {}
    for number, fact in enumerate(facts):
        if not fact["user"].startswith("gone"):
            said = spoken(number, fact["at"] - timedelta(seconds=4))
            streams.setdefault((fact["bot"], fact["user"]), []).append(said)
    return ListMessages(streams)


def test_the_whole_deployment_and_back(foreign: str) -> None:
    _, facts = deployment()
    store_deployment(facts, using="facts")
    held, store, there = all_rows(foreign), talk(facts), DjangoFacts(facts_alias())
    run = {"facts": there, "options": BackfillOptions(), "trace_id": "t" * 32}
    result = backfill_timestamps(messages=lambda: store, **run)  # type: ignore[arg-type]
    assert sum(tally.updated for tally in result.by_bot.values()) == 1_654
    assert sum(tally.no_messages for tally in result.by_bot.values()) == 52
    marked = all_rows(foreign)
    assert [row[-2:] for row in marked] == [row[-2:] for row in held], (
        "created_at and updated_at, in spite of the trigger"
    )
    for row in UserFactRelationship.objects.exclude(user__universal_id__startswith="gone"):
        latest = as_utc(datetime.fromisoformat(row.context_metadata["latest_message_timestamp"]))
        assert row.created_at is not None
        assert row.created_at - latest == timedelta(seconds=4)
    assert sum(t.updated for t in backfill_timestamps(messages=lambda: store, **run).by_bot.values()) == 0  # type: ignore[arg-type]
    assert all_rows(foreign) == marked
    rollback_timestamps(**run)  # type: ignore[arg-type]
    assert all_rows(foreign) == held
    assert UserFactRelationship.objects.using("default").count() == 0


def test_times_are_utc_in_any_session(foreign: str) -> None:
    at = datetime(2025, 10, 18, 23, 23, 4, 655569, tzinfo=UTC)
    fact = a_fact(at=at, using="facts")
    with psycopg.connect(foreign) as connection:
        row = connection.execute(
            "SELECT created_at, current_setting('timezone') FROM user_fact_relationships"
        ).fetchone()
    assert row == (at.replace(tzinfo=None), "Asia/Tokyo")
    with connections["facts"].cursor() as cursor:
        cursor.execute("SET timezone TO 'America/Los_Angeles'")
    fact.refresh_from_db(using="facts")
    assert fact.created_at == at
    assert UserFactRelationship.objects.filter(created_at__lte=at).count() == 1
    assert UserFactRelationship.objects.filter(created_at__lt=at).count() == 0


def test_host_time_zones_make_no_difference(foreign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2025, 10, 18, 23, 23, 4, 655569, tzinfo=UTC)
    fact = a_fact(at=at, using="facts")
    found = []
    with QdrantServer(tmp_path) as server:
        server.collection("whisperengine_memory_elena", guides_messages())
        for zone in ("America/Los_Angeles", "UTC"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            client = connect(url=server.url, api_key="", path=tmp_path)
            run = {"facts": DjangoFacts("facts"), "options": BackfillOptions(), "trace_id": "t" * 32}
            backfill_timestamps(messages=lambda: QdrantMessages(client, where="here"), **run)  # type: ignore[arg-type] # noqa: B023
            fact.refresh_from_db(using="facts")
            found.append(fact.context_metadata["latest_message_timestamp"])
            rollback_timestamps(**run)  # type: ignore[arg-type]
    monkeypatch.undo()
    time.tzset()
    assert found == ["2025-10-18T23:23:02"] * 2


def test_no_migration_runs_there(foreign: str) -> None:
    assert is_foreign("facts")
    assert not is_foreign("default")
    with pytest.raises(CommandError, match="nothing is migrated there"):
        call_command("migrate", database="facts", verbosity=0)
    tables = set(connections["facts"].introspection.table_names())
    assert tables == {"universal_users", "fact_entities", "user_fact_relationships"}
    for model in (UniversalUser, UserFactRelationship, EnrichmentMark):
        assert not router.allow_migrate_model("facts", model)
        assert router.allow_migrate_model("default", model)


def test_an_empty_database_gets_tables_of_ours(foreign: str) -> None:
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute("DROP TABLE user_fact_relationships, fact_entities, universal_users")
    with pytest.raises(StoreError, match=r"does not exist.*migrate --database facts"):
        DjangoFacts("facts").count_unmarked()
    call_command("migrate", "facts", database="facts", verbosity=0)
    tables = set(connections["facts"].introspection.table_names())
    assert tables == {"universal_users", "fact_entities", "user_fact_relationships", "django_migrations"}
    assert not is_foreign("facts")
    at = datetime(2025, 10, 18, tzinfo=UTC)
    assert a_fact(at=at, using="facts").created_at == at


def test_each_kind_of_rows_stands_where_it_belongs(foreign: str) -> None:
    assert facts_alias() == "facts"
    assert router.db_for_read(UserFactRelationship) == router.db_for_write(NarrativeFact) == "facts"
    assert router.db_for_read(EnrichmentMark) == "default"
    assert router.db_for_read(UniversalUser, instance=UniversalUser()) == "facts"


def test_facts_are_added_and_confirmed(foreign: str) -> None:
    there, now = DjangoFacts("facts"), OCTOBER + timedelta(hours=1)
    message = spoken(1, OCTOBER, "I love tide pools.")
    fact = ExtractedFact("place", "tide pools", "loves", 0.7, "I love tide pools", message)
    bad = ExtractedFact("place", "x", "y" * 51, 0.7, "I love tide pools", message)
    for confidence, marked in ((0.7, OCTOBER), (0.4, OCTOBER + timedelta(minutes=1))):
        told = ExtractedFact("place", "tide pools", "loves", confidence, fact.evidence, message)
        written = there.add(
            bot="elena", user="new one", extractions=[Extraction((bad, told), "llm")], marked=marked, now=now
        )
        assert (written.changed, len(written.refused)) == (1, 1)
    there.add(bot="marcus", user="new one", extractions=[Extraction((fact,), "llm")], marked=now, now=now)
    row = UserFactRelationship.objects.get()
    assert (row.user_id, row.confidence, row.mentioned_by_character) == ("new one", 0.7, "elena")
    assert there.newest_marks("elena", now) == {"new one": OCTOBER + timedelta(minutes=1)}
    assert there.newest_marks("marcus", now) == {}


def stops_before_messages_are_read() -> None:
    """Both ways of a run over `facts`, dry and not."""
    store, there = ListMessages({("elena", "user_123"): [spoken(1, OCTOBER)]}), DjangoFacts("facts")
    for is_dry in (True, False):
        run = {"facts": there, "options": BackfillOptions(dry_run=is_dry), "trace_id": "t" * 32}
        with pytest.raises(StoreError, match="has a trigger"):
            backfill_timestamps(messages=lambda: store, **run)  # type: ignore[arg-type]
        with pytest.raises(StoreError, match="has a trigger"):
            rollback_timestamps(**run)  # type: ignore[arg-type]
    assert not store.reads


def test_a_trigger_that_may_not_be_passed_by_is_an_error(foreign: str) -> None:
    a_fact(at=OCTOBER + timedelta(seconds=1), using="facts")
    done = a_fact(at=OCTOBER + timedelta(seconds=1), using="facts")
    DjangoFacts("facts").mark({done.pk: OCTOBER}, OCTOBER)
    held = all_rows(foreign)
    name = f"helper_{connections['facts'].settings_dict['NAME']}"
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
    connections["facts"].close()
    connections["facts"].settings_dict["USER"] = name
    connections["facts"].connect()
    try:
        there = DjangoFacts("facts")
        with pytest.raises(StoreError, match="update_user_fact_relationships_updated_at"):
            there.mark({held[0][0]: OCTOBER}, OCTOBER)
        stops_before_messages_are_read()
        assert all_rows(foreign) == held
    finally:
        connections["facts"].close()
        with psycopg.connect(foreign, autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {name}")
            connection.execute(f"DROP ROLE {name}")


def test_one_row_that_the_database_refuses_fails_alone(foreign: str) -> None:
    rows = [a_fact(f"user_{n}", at=OCTOBER + timedelta(seconds=1), using="facts") for n in range(3)]
    check = "CHECK (user_id <> 'user_1' OR NOT context_metadata ? 'backfilled_at')"
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE user_fact_relationships ADD CONSTRAINT odd {check}")
    written = DjangoFacts("facts").mark(dict.fromkeys((row.pk for row in rows), OCTOBER), OCTOBER)
    assert (written.changed, list(written.refused)) == (2, [rows[1].pk])
    assert "odd" in written.refused[rows[1].pk]


def test_a_trigger_that_fires_always_is_an_error(foreign: str) -> None:
    fact, done = (a_fact(at=OCTOBER, using="facts") for _ in range(2))
    DjangoFacts("facts").mark({done.pk: OCTOBER}, OCTOBER)
    held = all_rows(foreign)
    with psycopg.connect(foreign, autocommit=True) as connection:
        name = "update_user_fact_relationships_updated_at"
        connection.execute(f"ALTER TABLE user_fact_relationships ENABLE ALWAYS TRIGGER {name}")
    with pytest.raises(StoreError, match="enabled ALWAYS"):
        DjangoFacts("facts").mark({fact.pk: OCTOBER}, OCTOBER)
    stops_before_messages_are_read()
    assert all_rows(foreign) == held


def test_a_date_that_is_none_fails_alone(foreign: str) -> None:
    facts = [a_fact(f"user_{n}", at=OCTOBER + timedelta(seconds=n), using="facts") for n in range(4)]
    odd = ("created_at = 'infinity'", "created_at = '10000-01-01'", "updated_at = 'infinity'")
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute("ALTER TABLE user_fact_relationships DISABLE TRIGGER USER")
        for change, fact in zip(odd, facts, strict=False):
            connection.execute(f"UPDATE user_fact_relationships SET {change} WHERE id = %s", [fact.pk])
    store = ListMessages({("elena", f"user_{n}"): [spoken(n, OCTOBER)] for n in range(4)})
    run = {"facts": DjangoFacts("facts"), "options": BackfillOptions(), "trace_id": "t" * 32}
    elena = backfill_timestamps(messages=lambda: store, **run).by_bot["elena"]  # type: ignore[arg-type]
    assert (elena.updated, elena.failed) == (2, 2)
    assert set(elena.reasons) == {str(fact.pk) for fact in facts[:2]}


def test_users_that_are_not_taken_cost_no_model_and_hinder_nobody(foreign: str) -> None:
    UniversalUser.objects.using("facts").create(pk="known", primary_username="known")
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute("ALTER TABLE universal_users ADD COLUMN tier text NOT NULL DEFAULT 'a'")
        connection.execute("ALTER TABLE universal_users ALTER COLUMN tier DROP DEFAULT")
    users = ("known", "new", "x" * 256, "null\0")
    said = [spoken(n, OCTOBER) for n in range(5)]
    store, asked = ListMessages({("elena", user): said for user in users}), []

    def find(message: Message) -> Iterator[ExtractedFact]:
        asked.append(message.id)
        yield ExtractedFact("place", f"pool {message.id}", "likes", 0.7, message.content, message)

    for turn in range(2):
        source = Source(store, DjangoFacts("facts"), find)
        now = OCTOBER + timedelta(hours=1 + turn)
        result = enrich_once(trace_id="t" * 32, sources=[source], now=now)
        assert len(asked) == 5
        assert len(result.troubles) == 3
        assert "takes no new user" in result.troubles["elena/new"]
    assert UserFactRelationship.objects.filter(user="known").count() == 5
    assert UniversalUser.objects.using("facts").count() == 1


def restart(url: str) -> None:
    """End all connections, as a server does that is restarted."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
            "datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_the_worker_outlives_a_restart_of_the_facts_database(
    foreign: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[RunStatus] = []
    there, one_cycle = connections["facts"], Command.cycle
    monkeypatch.setattr(services, "CYCLE_SECONDS", 0)
    # Django's tests refuse to open it again.
    monkeypatch.setattr(there, "ensure_connection", lambda: there.connection is None and there.connect())

    def cycle(command: Command, options: dict[str, Any]) -> RunStatus:
        statuses.append(one_cycle(command, options))
        if len(statuses) == 1:
            restart(foreign)
        if len(statuses) == 4:
            command.stop.set()
        return statuses[-1]

    monkeypatch.setattr(Command, "cycle", cycle)
    with QdrantServer(tmp_path) as server:
        server.collection("whisperengine_memory_elena", guides_messages())
        settings.QDRANT_URL = server.url
        call_command("run_enrichment")
    assert statuses[0] == RunStatus.COMPLETED
    assert statuses[2:] == [RunStatus.COMPLETED] * 2


def test_a_database_that_is_down_is_told_in_words(foreign: str) -> None:
    restart(foreign)
    with pytest.raises(StoreError, match="can't be used"):
        DjangoFacts("facts").count_unmarked()
