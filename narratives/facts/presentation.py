"""The backfill's result in the words of the deployment guide, and for machines. Pure."""

from collections.abc import Mapping
from typing import Any

from narratives.facts.backfill import BackfillResult
from narratives.facts.backfill_stage import BotTally, total
from narratives.facts.messages import as_written

TITLE = "=== NTRL Fact Timestamp Backfill ==="
LIVE, DRY, BACK = "LIVE (will update database)", "DRY RUN (no changes will be made)", "ROLLBACK (will update database)"
# Lines on facts that failed; the JSON has them all.
FAILURES_SHOWN = 20


def found_line(found: Mapping[str, int]) -> str:
    """How many facts lack their mark."""
    return f"Found {_facts(sum(found.values()))} missing timestamps across {len(found)} bots"


def dry_lines(result: BackfillResult) -> list[str]:
    """What a run would do."""
    sums = total(result.by_bot)
    return [
        "",
        "Breakdown by bot:",
        *(f"  {bot}: {_facts(result.found[bot])}{_aside(tally)}" for bot, tally in result.by_bot.items()),
        "",
        "DRY RUN COMPLETE - No changes made",
        f"Would update {_facts(sums['planned'])}",
        f"Would skip {_facts(sums['no_messages'])} (no messages found)",
        *([f"Would fail {_facts(sums['failed'])}"] if sums["failed"] else []),
        *_failures(result),
    ]


def end_lines(result: BackfillResult) -> list[str]:
    """What a run has done."""
    sums = total(result.by_bot)
    ended = result.report.stopped or result.report.error
    return [
        "",
        "Breakdown by bot:",
        *(
            f"  {bot}: {_facts(tally.updated)} updated, {tally.failed:,} failed, "
            f"{tally.no_messages:,} with no messages found{_latest(tally)}"
            for bot, tally in result.by_bot.items()
        ),
        "",
        "Backfill Summary:",
        f"Successfully updated: {_facts(sums['updated'])}",
        f"Failed: {_facts(sums['failed'])}",
        f"Skipped (no messages): {_facts(sums['no_messages'])}",
        *([f"Marked by another run meanwhile: {_facts(sums['unchanged'])}"] if sums["unchanged"] else []),
        *_failures(result),
        "",
        f"BACKFILL STOPPED: {ended}. Run it again: it goes on." if ended else _verdict(sums["failed"]),
    ]


def rollback_lines(result: BackfillResult, *, is_dry: bool) -> list[str]:
    """What an undoing has done, or would do."""
    sums = total(result.by_bot)
    if is_dry:
        return [
            f"Would restore {_facts(sums['planned'])}",
            f"Would leave alone (marked anew since the backfill): {_facts(sums['unchanged'])}",
            "DRY RUN COMPLETE - No changes made",
        ]
    return [
        f"Restored: {_facts(sums['updated'])}",
        f"Failed: {_facts(sums['failed'])}",
        f"Left alone (marked anew since the backfill): {_facts(sums['unchanged'])}",
        *_failures(result),
        "ROLLBACK COMPLETE" if not sums["failed"] else "ROLLBACK ENDED WITH FAILURES",
    ]


def as_dict(result: BackfillResult) -> dict[str, Any]:
    """The result for machines."""
    return {
        "dry_run": result.report.dry_run,
        "found": sum(result.found.values()),
        **dict(sorted(total(result.by_bot).items())),
        "bots": {bot: _bot(tally, result.found[bot]) for bot, tally in result.by_bot.items()},
        "stages": [result.report.as_dict()],
    }


def _bot(tally: BotTally, found: int) -> dict[str, Any]:
    return {
        "found": found,
        "updated": tally.updated,
        "planned": tally.planned,
        "failed": tally.failed,
        "no_messages": tally.no_messages,
        "unchanged": tally.unchanged,
        "failures": tally.reasons,
        "latest": {user: as_written(at) for user, at in tally.latest.items()},
    }


def _facts(number: int) -> str:
    return f"{number:,} fact{'' if number == 1 else 's'}"


def _aside(tally: BotTally) -> str:
    parts = [f"{tally.no_messages:,} with no messages found"] * bool(tally.no_messages)
    parts += [f"{tally.failed:,} would fail"] * bool(tally.failed)
    return f" ({', '.join(parts)})" if parts else ""


def _latest(tally: BotTally) -> str:
    return f" (latest: {as_written(max(tally.latest.values()))})" if tally.latest else ""


def _failures(result: BackfillResult) -> list[str]:
    failed = [(bot, fact, why) for bot, tally in result.by_bot.items() for fact, why in tally.reasons.items()]
    shown = [f"  failed: {bot} {fact}: {why}" for bot, fact, why in failed[:FAILURES_SHOWN]]
    left = len(failed) - len(shown)
    return [*shown, *([f"  … and {left:,} more; --json names them all"] if left else [])]


def _verdict(failed: int) -> str:
    return "BACKFILL COMPLETE" if not failed else "BACKFILL ENDED WITH FAILURES: see above, then run it again"
