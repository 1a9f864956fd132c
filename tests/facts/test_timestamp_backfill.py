"""The timestamp backfill over our own tables: what is marked with what, what is left, counted, undone, and said."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from narratives.facts.backfill import BackfillOptions, BackfillResult, backfill_timestamps, rollback_timestamps
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.json_sql import json_null
from narratives.facts.messages import as_utc
from narratives.facts.metadata import Before, Reason
from narratives.facts.models import UserFactRelationship
from narratives.facts.presentation import as_dict, dry_lines, end_lines, found_line, rollback_lines
from ntrl.stages.models import Claim
from tests.support.facts import DEPLOYMENT, OCTOBER, ListMessages, a_fact, deployment, spoken, store_deployment
from tests.support.qdrant_server import QdrantServer

pytestmark = pytest.mark.django_db

CREATED = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
NOW = datetime(2025, 10, 20, 9, tzinfo=UTC)
FACTS = DjangoFacts("default")


def talk(*users: str, bot: str = "elena", times: Sequence[datetime] = (OCTOBER,)) -> ListMessages:
    return ListMessages({(bot, user): [spoken(n, at) for n, at in enumerate(times)] for user in users})


def fill(messages: ListMessages, **options: Any) -> BackfillResult:
    chosen = BackfillOptions(**options)
    return backfill_timestamps(facts=FACTS, messages=lambda: messages, options=chosen, trace_id="t" * 32, now=NOW)


def undo(**options: Any) -> BackfillResult:
    return rollback_timestamps(facts=FACTS, options=BackfillOptions(**options), trace_id="t" * 32)


def rows() -> list[tuple[Any, ...]]:
    fields = [field.attname for field in UserFactRelationship._meta.concrete_fields]
    return list(UserFactRelationship.objects.order_by("pk").values_list(*fields))


def command(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("backfill_fact_message_timestamps", *args, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_fact_gets_the_last_message_at_or_before_its_creation() -> None:
    times = [OCTOBER, CREATED - timedelta(seconds=2), CREATED + timedelta(seconds=1)]
    fact = a_fact(at=CREATED, context_metadata={"source": "chat", "weight": 1.5})
    result = fill(talk("user_123", times=times))
    assert (result.found, result.by_bot["elena"].updated) == ({"elena": 1}, 1)
    fact.refresh_from_db()
    assert fact.context_metadata == {
        "source": "chat",
        "weight": 1.5,
        "bot_name": "elena",
        "latest_message_timestamp": "2025-10-18T23:23:02",
        "backfilled_at": "2025-10-20T09:00:00",
        "backfill_reason": "latest_message_timestamp was absent; set to 2025-10-18T23:23:02; bot_name added",
    }
    assert (fact.created_at, fact.updated_at) == (CREATED, CREATED)
    assert not Claim.objects.exists()


def test_a_message_of_the_very_moment_counts() -> None:
    fact = a_fact(at=CREATED)
    fill(talk("user_123", times=[OCTOBER, CREATED]))
    fact.refresh_from_db()
    assert as_utc(datetime.fromisoformat(fact.context_metadata["latest_message_timestamp"])) == CREATED


@pytest.mark.parametrize(
    ("metadata", "before"),
    [
        (None, Before.NO_METADATA),
        (json_null(), Before.NULL_METADATA),
        ({}, Before.ABSENT),
        ({"latest_message_timestamp": None, "a": [1, {"b": "ö"}]}, Before.NULL),
        ({"latest_message_timestamp": "", "bot_name": "elena"}, Before.EMPTY),
        ({"backfilled_at": "long ago", "backfill_reason": "missing_timestamp_fix_oct2025"}, Before.ABSENT),
        ({"backfilled_at": None, "latest_message_timestamp": ""}, Before.EMPTY),
        ({"backfill_reason": ["odd"], "backfill_replaced": {"of": "theirs"}}, Before.ABSENT),
    ],
)
def test_whatever_stood_there_is_marked_and_restored(metadata: Any, before: Before) -> None:
    fact = a_fact(at=CREATED, context_metadata=metadata)
    held = rows()
    assert fill(talk("user_123")).by_bot["elena"].updated == 1
    fact.refresh_from_db()
    reason = Reason.read(fact.context_metadata["backfill_reason"])
    assert reason is not None
    assert reason.before == before
    assert undo().by_bot["elena"].updated == 1
    assert rows() == held
    assert is_null_in_the_column(fact) == (metadata is None)


@pytest.mark.parametrize("metadata", [None, json_null(), {}, {"latest_message_timestamp": None}])
def test_what_was_added_since_outlives_the_rollback(metadata: Any) -> None:
    fact = a_fact(at=CREATED, context_metadata=metadata)
    fact.refresh_from_db()
    held = fact.context_metadata or {}
    fill(talk("user_123"))
    fact.refresh_from_db()
    fact.context_metadata["reviewed_by"] = "ann"
    fact.save()
    assert undo().by_bot["elena"].updated == 1
    fact.refresh_from_db()
    assert fact.context_metadata == {**held, "reviewed_by": "ann"}


def is_null_in_the_column(fact: UserFactRelationship) -> bool:
    return UserFactRelationship.objects.filter(pk=fact.pk, context_metadata__isnull=True).exists()


def test_only_facts_of_bots_that_lack_their_mark() -> None:
    marked = {"latest_message_timestamp": "2025-10-01T00:00:00"}
    for bot, metadata in (("elena", marked), (None, {}), ("", {})):
        a_fact(bot=bot, at=CREATED, context_metadata=metadata)
    held = rows()
    assert fill(talk("user_123")).found == {}
    assert rows() == held


def test_no_messages_is_no_failure_and_trouble_is_one() -> None:
    a_fact("gone", at=CREATED)
    a_fact("early", at=OCTOBER - timedelta(days=1))
    a_fact("undated", at=CREATED, created_at=None)
    a_fact("odd", at=CREATED, context_metadata=["a", "list"])
    a_fact("fine", at=CREATED)
    a_fact("fine", bot="unheard_of", at=CREATED)
    dry = fill(talk("early", "odd", "undated", "fine"), dry_run=True).by_bot["elena"]
    assert (dry.planned, dry.no_messages, dry.failed) == (1, 2, 2)
    result = fill(talk("early", "odd", "undated", "fine"))
    elena, other = result.by_bot["elena"], result.by_bot["unheard_of"]
    assert (elena.updated, elena.no_messages, elena.failed) == (1, 2, 2)
    assert sorted(elena.reasons.values()) == [
        "it does not say when it was created",
        "its context_metadata is no object",
    ]
    assert (other.failed, other.no_messages) == (1, 0)
    assert "no bot unheard_of" in next(iter(other.reasons.values()))
    assert "BACKFILL ENDED WITH FAILURES" in "\n".join(end_lines(result))


def test_a_store_that_is_down_is_never_no_messages() -> None:
    for user in ("a", "b"):
        a_fact(user, at=CREATED)
    store = talk("a", "b")
    store.down = "does not answer"
    elena = fill(store).by_bot["elena"]
    assert (elena.failed, elena.no_messages, elena.updated) == (2, 0, 0)
    assert set(elena.reasons.values()) == {"does not answer"}
    store.down = ""
    assert fill(store).by_bot["elena"].updated == 2


def test_one_ordered_read_for_a_user_however_many_facts() -> None:
    for number in range(25):
        a_fact("a", at=CREATED + timedelta(minutes=number))
        a_fact("b", at=CREATED + timedelta(minutes=number))
    store = talk("a", "b", times=[OCTOBER + timedelta(minutes=number) for number in range(30)])
    result = fill(store, batch_size=4)
    assert store.reads == {("elena", "a"): 1, ("elena", "b"): 1}
    assert result.by_bot["elena"].updated == 50
    assert fill(store).found == {}
    assert sum(store.reads.values()) == 2


def test_another_run_in_between_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [a_fact(user, at=CREATED) for user in ("a", "b")]
    store = talk("a", "b")
    mark = DjangoFacts.mark

    def late(self: DjangoFacts, latest: Any, now: datetime) -> Any:
        UserFactRelationship.objects.filter(pk=facts[0].pk).update(
            context_metadata={"latest_message_timestamp": "2025-10-19T00:00:00"}
        )
        return mark(self, latest, now)

    monkeypatch.setattr(DjangoFacts, "mark", late)
    elena = fill(store).by_bot["elena"]
    assert (elena.updated, elena.unchanged) == (1, 1)
    facts[0].refresh_from_db()
    assert facts[0].context_metadata == {"latest_message_timestamp": "2025-10-19T00:00:00"}


def test_a_mark_that_was_moved_on_is_not_taken_away() -> None:
    fact = a_fact(at=CREATED)
    fill(talk("user_123"))
    fact.refresh_from_db()
    moved = {**fact.context_metadata, "latest_message_timestamp": "2026-01-01T00:00:00"}
    UserFactRelationship.objects.update(context_metadata=moved)
    a_fact("other", at=CREATED)
    fill(talk("other"))
    dry = undo(dry_run=True)
    assert (dry.by_bot["elena"].planned, dry.by_bot["elena"].unchanged) == (1, 1)
    assert "Would restore 1 fact" in rollback_lines(dry, is_dry=True)
    tally = undo().by_bot["elena"]
    assert (tally.updated, tally.unchanged) == (1, 1)
    fact.refresh_from_db()
    assert fact.context_metadata == moved


@pytest.fixture
def guides_deployment() -> ListMessages:
    """The deployment of the guide: 10 bots, 1,706 facts, 52 of them of users without messages."""
    messages, facts = deployment()
    store_deployment(facts)
    streams: dict[tuple[str, str], list[Any]] = {}
    for bot, points in messages.items():
        for number, (_, held) in enumerate(points):
            at = as_utc(datetime.fromisoformat(held["timestamp"]))
            streams.setdefault((bot, held["user_id"]), []).append(spoken(number, at))
    return ListMessages(streams)


def test_the_guides_deployment(guides_deployment: ListMessages) -> None:
    held = rows()
    dry = fill(guides_deployment, dry_run=True)
    assert rows() == held
    assert found_line(dry.found) == "Found 1,706 facts missing timestamps across 10 bots"
    said = "\n".join(dry_lines(dry))
    assert "elena: 375 facts (14 with no messages found)" in said
    assert "marcus: 58 facts\n" in said
    assert "Would update 1,654 facts\nWould skip 52 facts (no messages found)" in said
    guides_deployment.reads.clear()
    result = fill(guides_deployment)
    assert max(guides_deployment.reads.values()) == 1
    assert {bot: (tally.updated, tally.no_messages, tally.failed) for bot, tally in result.by_bot.items()} == {
        bot: (total - gone, gone, 0) for bot, (total, gone) in DEPLOYMENT.items()
    }
    assert "Successfully updated: 1,654 facts\nFailed: 0 facts\nSkipped (no messages): 52 facts" in "\n".join(
        end_lines(result)
    )
    for fact in UserFactRelationship.objects.exclude(user__universal_id__startswith="gone"):
        marked = as_utc(datetime.fromisoformat(fact.context_metadata["latest_message_timestamp"]))
        assert marked <= fact.created_at
        assert fact.created_at - marked <= timedelta(seconds=4)
    after = rows()
    again = fill(guides_deployment)
    assert as_dict(again)["updated"] == 0
    assert again.by_bot["elena"].no_messages == 14
    assert rows() == after
    assert as_dict(undo())["updated"] == 1_654
    assert rows() == held


def test_stopped_at_any_batch_it_goes_on(guides_deployment: ListMessages, monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactRelationship.objects.exclude(mentioned_by_character__in=["marcus", "jake"]).delete()
    mark, left = DjangoFacts.mark, [0]

    def dies(self: DjangoFacts, latest: Any, now: datetime) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return mark(self, latest, now)

    monkeypatch.setattr(DjangoFacts, "mark", dies)
    done = 0
    for _ in range(30):
        left[0] = 1
        try:
            done += as_dict(fill(guides_deployment, batch_size=10))["updated"]
            break
        except KeyboardInterrupt:
            continue
    monkeypatch.undo()
    assert as_dict(fill(guides_deployment))["updated"] == 0
    marked = UserFactRelationship.objects.filter(context_metadata__has_key="latest_message_timestamp")
    assert marked.count() == 58 + 95 - 2


@pytest.fixture
def qdrant(tmp_path: Any, settings: Settings) -> Iterator[QdrantServer]:
    with QdrantServer(tmp_path) as server:
        settings.QDRANT_URL = server.url
        yield server


def test_the_command_says_what_the_guide_says(qdrant: QdrantServer) -> None:
    from tests.support.facts import guides_messages

    qdrant.collection("whisperengine_memory_elena_7d", guides_messages())
    qdrant.aliases["whisperengine_memory_elena"] = "whisperengine_memory_elena_7d"
    a_fact(at=CREATED)
    a_fact("gone", at=CREATED)
    held = rows()
    status, said = command("--dry-run")
    assert status == 0
    for line in (
        "Mode: DRY RUN (no changes will be made)",
        f"Qdrant: {qdrant.url.removeprefix('http://')}",
        "Found 2 facts missing timestamps across 1 bots",
        "  elena: 2 facts (1 with no messages found)",
        "DRY RUN COMPLETE - No changes made",
        "Would update 1 fact\nWould skip 1 fact (no messages found)",
    ):
        assert line in said
    assert rows() == held
    status, said = command("--bot", "elena", "--batch-size", "1")
    assert status == 0
    assert "Mode: LIVE" in said
    assert "elena: 1 fact updated, 0 failed, 1 with no messages found (latest: 2025-10-18T23:23:02)" in said
    assert said.rstrip().endswith("BACKFILL COMPLETE")
    document = json.loads(command("--json")[1])
    assert (document["updated"], document["no_messages"]) == (0, 1)
    status, said = command("--rollback", "--dry-run")
    assert "Would restore 1 fact" in said
    status, said = command("--rollback")
    assert (status, rows()) == (0, held)
    assert "Restored: 1 fact\n" in said


def test_the_command_fails_by_name(qdrant: QdrantServer, settings: Settings) -> None:
    qdrant.collection("whisperengine_memory_elena")
    status, said = command("--bot", "nobody")
    assert (status, "Nobody knows a bot 'nobody'" in said, "elena" in said) == (1, True, True)
    a_fact(bot="marcus", at=CREATED)
    status, said = command()
    assert status == 1
    assert "There is no collection of a bot 'marcus'" in said
    qdrant.stop()
    status, said = command()
    assert (status, "does not answer" in said) == (1, True)
    settings.QDRANT_URL = ""
    status, said = command()
    assert (status, "QDRANT_URL is not set" in said) == (1, True)
    UserFactRelationship.objects.all().delete()
    assert command()[0] == 0


@pytest.mark.parametrize("size", ["0", "-1", "1001", "many"])
def test_a_batch_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(CommandError):
        call_command("backfill_fact_message_timestamps", "--batch-size", size)
