"""The guide's deployment marked and unmarked, and what idle users cost before and after.

Usage: python bench/facts.py [--users 1000] [--messages 100000] [--json]

A Qdrant's real engine answers the real client over HTTP and counts requests; facts stand in a SQLite database of the
bench's own. First the deployment: 10 bots, 1,706 facts without marks, 52 of them without messages. Then idle users, who
have talked and fallen silent, each with a fact that is not marked: all requests, the messages that they give out, and
extractions in a cycle by the rule of before (a fact's creation counts as its mark, users are found by scrolling through
the collection), and in a cycle of the worker after the backfill. Last one long stream, a fifth of it of one time, read
to its end. The goals: 1,654 updated and 52 skipped, one read a user, nothing the second time, every row restored; idle
no more requests than users, no message, no extraction, and at least 90 % fewer requests, and fewer messages, each.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

UPDATED, SKIPPED, GOAL_FEWER = 1_654, 52, 0.9
OWN = "default"
# Of the providers of models, who read in place of rules when they are set up.
MODELS = ("OPENAI_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY", "LOCAL_LLM_BASE_URL")
CREATED = datetime(2025, 10, 18, 23, 23, 4, tzinfo=UTC)
NOW = datetime(2025, 10, 20, tzinfo=UTC)
# What the worker of before scrolled through a collection by, to find its users.
OLD_PAGE = 100


def main() -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ntrl-facts-") as folder:
        os.environ |= own_environment(folder)
        import django

        django.setup()
        from django.core.management import call_command

        require_own_facts()
        call_command("migrate", verbosity=0)
        report = {
            "deployment": deployment(Path(folder)),
            "idle": idle(Path(folder), options.users),
            "stream": stream(Path(folder), options.messages),
        }
    print(json.dumps(report, indent=2) if options.json else lines(report))
    return 0 if is_met(report) else 1


def own_environment(folder: str) -> dict[str, str]:
    """What keeps the bench among what it has made: nothing of the operator's is named, in a file neither."""
    theirs = ("FACTS_DATABASE_URL", "QDRANT_URL", "QDRANT_PATH", "QDRANT_API_KEY", "MONGODB_URI", *MODELS)
    own = {
        "DATABASE_URL": f"sqlite:///{folder}/ntrl.sqlite3",
        "NTRL_DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "ntrl.settings",
    }
    # An empty value wins over one of `.env`.
    return {f"{name}_FILE": "" for name in (*own, *theirs)} | dict.fromkeys(theirs, "") | own


def require_own_facts() -> None:
    """Stop before anything is deleted when the facts are in another database all the same."""
    from narratives.facts.tables import facts_alias

    if facts_alias() != OWN:
        sys.exit("The facts would be those of FACTS_DATABASE_URL: the bench deletes its own, and touches no others.")


def deployment(folder: Path) -> dict[str, Any]:
    """Mark the guide's deployment, mark it again, and restore it."""
    from narratives.facts.backfill import BackfillOptions, backfill_timestamps, rollback_timestamps
    from narratives.facts.backfill_stage import total
    from narratives.facts.fact_store import DjangoFacts
    from narratives.facts.models import UserFactRelationship
    from narratives.facts.presentation import dry_lines
    from tests.support.facts import DEPLOYMENT, SEVEN_VECTORS, collection_of, store_deployment
    from tests.support.facts import deployment as made
    from tests.support.qdrant_server import QdrantServer

    (folder / "deployment").mkdir()
    messages, facts = made()
    store_deployment(facts)
    held = list(UserFactRelationship.objects.using(OWN).order_by("pk").values_list())
    with QdrantServer(folder / "deployment") as server:
        for bot, points in messages.items():
            server.collection(collection_of(bot), points)
        server.aliases = {f"whisperengine_memory_{bot}": collection_of(bot) for bot in SEVEN_VECTORS}
        store = connected(server.url)
        run: dict[str, Any] = {"facts": DjangoFacts(OWN), "trace_id": "b" * 32}
        dry = backfill_timestamps(messages=lambda: store, options=BackfillOptions(dry_run=True), **run)
        server.requests.clear()
        began = time.monotonic()
        first = backfill_timestamps(messages=lambda: store, options=BackfillOptions(), **run)
        seconds = time.monotonic() - began
        reads = server.requests["scroll"]
        second = backfill_timestamps(messages=lambda: store, options=BackfillOptions(), **run)
        rollback_timestamps(options=BackfillOptions(), **run)
    return {
        "bots": len(DEPLOYMENT),
        "users": len({(fact["bot"], fact["user"]) for fact in facts}),
        "reads": reads,
        "first": dict(total(first.by_bot)),
        "second": dict(total(second.by_bot)),
        "is_restored": list(UserFactRelationship.objects.using(OWN).order_by("pk").values_list()) == held,
        "seconds": seconds,
        "dry_run": dry_lines(dry),
    }


def idle(folder: Path, users: int) -> dict[str, Any]:
    """What a cycle costs over users who have fallen silent, before and after."""
    from narratives.facts.backfill import BackfillOptions, backfill_timestamps
    from narratives.facts.by_rules import of_a_person
    from narratives.facts.fact_store import DjangoFacts
    from narratives.facts.models import UserFactRelationship
    from narratives.facts.services import enrich_once
    from narratives.facts.sources import Source
    from tests.support.facts import guides_messages, store_deployment
    from tests.support.qdrant_server import QdrantServer

    (folder / "idle").mkdir()
    UserFactRelationship.objects.using(OWN).all().delete()
    names = [f"idle_{number:05}" for number in range(users)]
    points = [point for name in names for point in guides_messages(name)]
    store_deployment([{"bot": "elena", "user": name, "at": CREATED, "name": name} for name in names])
    with QdrantServer(folder / "idle") as server:
        server.collection("whisperengine_memory_elena", points)
        facts = DjangoFacts(OWN)
        calls = old_cycle(connected(server.url), names)
        before = {**cost(server), "calls": calls}
        run: dict[str, Any] = {"facts": facts, "messages": lambda: connected(server.url), "trace_id": "b" * 32}
        backfill_timestamps(options=BackfillOptions(batch_size=1000), **run)

        def cycle(minutes: int) -> Any:
            source = Source(connected(server.url), facts, of_a_person)  # each cycle lists bots anew
            return enrich_once(trace_id="c" * 32, sources=[source], now=NOW + timedelta(minutes=minutes))

        cycle(0)  # what the backfill's marks have left to read
        cost(server)
        began = time.monotonic()
        result = cycle(11)
        seconds = time.monotonic() - began
        after = {**cost(server), "calls": result.counts["chunks"]}
    return {"users": users, "before": before, "after": after, "idle": result.idle, "seconds": seconds}


def old_cycle(store: Any, names: list[str]) -> int:
    """The cycle of before: it finds users in all points, and reads from their facts' creation on; returns the calls."""
    from narratives.facts.messages import Mark

    client, offset = store._client, None
    while True:
        _, offset = client.scroll("whisperengine_memory_elena", limit=OLD_PAGE, offset=offset)
        if offset is None:
            break
    return sum(bool(list(store.after("elena", name, Mark.behind_all_of(CREATED), until=NOW))) for name in names)


def cost(server: Any) -> dict[str, int]:
    """All requests since it was last asked, of whatever kind, and the messages that they gave out."""
    found = {"requests": server.requests.total(), "messages": server.delivered}
    server.requests.clear()
    server.delivered = 0
    return found


def stream(folder: Path, messages: int) -> dict[str, Any]:
    """Read one stream to its end, a fifth of it of one time."""
    from narratives.facts.messages import BEFORE_ALL, Mark
    from tests.support.facts import OCTOBER, payload
    from tests.support.qdrant_server import QdrantServer

    (folder / "stream").mkdir()
    equal = messages // 5
    times = [OCTOBER + timedelta(seconds=number // 3) for number in range(messages - equal)]
    times += [OCTOBER + timedelta(days=30)] * equal
    with QdrantServer(folder / "stream") as server:
        server.collection("whisperengine_memory_elena", [(n, payload("one", at, "")) for n, at in enumerate(times)])
        store = connected(server.url)
        began = time.monotonic()
        read = list(store.after("elena", "one", Mark(BEFORE_ALL), until=datetime(2030, 1, 1, tzinfo=UTC)))
        seconds = time.monotonic() - began
        reads = server.requests["scroll"]
    keys = [message.mark.key for message in read]
    return {
        "messages": messages,
        "read": len(set(keys)),
        "is_in_order": keys == sorted(keys),
        "reads": reads,
        "seconds": seconds,
    }


def connected(url: str) -> Any:
    """The messages of a server, as the commands have them."""
    from narratives.facts.qdrant.connection import connect
    from narratives.facts.qdrant.store import QdrantMessages

    return QdrantMessages(connect(url=url, api_key="", path=Path()), where="the bench")


def fewer(report: dict[str, Any], what: str) -> float:
    """The share of requests, or of messages given out, that is saved."""
    before, after = (report["idle"][when][what] for when in ("before", "after"))
    return float(1 - after / before)


def is_met(report: dict[str, Any]) -> bool:
    """Whether each goal is."""
    first, second = report["deployment"]["first"], report["deployment"]["second"]
    idle = report["idle"]
    return (
        (first["updated"], first["no_messages"], first["failed"]) == (UPDATED, SKIPPED, 0)
        and report["deployment"]["reads"] == report["deployment"]["users"]
        and second["updated"] == 0
        and report["deployment"]["is_restored"]
        and idle["after"]["requests"] <= idle["users"]
        and idle["after"]["messages"] == 0
        and idle["after"]["calls"] == 0
        and min(fewer(report, "requests"), fewer(report, "messages")) >= GOAL_FEWER
        and report["stream"]["read"] == report["stream"]["messages"]
        and report["stream"]["is_in_order"]
    )


def lines(report: dict[str, Any]) -> str:
    """The report for people."""
    made, idle, read = report["deployment"], report["idle"], report["stream"]
    before, after = idle["before"], idle["after"]
    return "\n".join(
        [
            *made["dry_run"],
            "",
            f"backfill: {made['first']['updated']:,} updated, {made['first']['no_messages']} skipped (no messages), "
            f"{made['first']['failed']} failed, over {made['bots']} bots in {made['seconds']:.1f} s; "
            f"{made['reads']} ordered reads for {made['users']} streams",
            f"a second run updates {made['second']['updated']}; after the rollback the rows are "
            f"{'as before' if made['is_restored'] else 'NOT as before'}",
            f"a cycle over {idle['users']:,} idle users: before {told(before)}; after {told(after)} in "
            f"{idle['seconds']:.1f} s: {fewer(report, 'requests'):.1%} fewer requests, "
            f"{fewer(report, 'messages'):.1%} fewer messages",
            f"one stream of {read['messages']:,} messages: {read['read']:,} read "
            f"{'in' if read['is_in_order'] else 'OUT OF'} order in {read['reads']:,} reads, {read['seconds']:.1f} s",
        ]
    )


def told(costs: dict[str, int]) -> str:
    """What a cycle has cost, in words."""
    return f"{costs['requests']:,} requests, {costs['messages']:,} messages, {costs['calls']:,} extractions"


if __name__ == "__main__":
    sys.exit(main())
