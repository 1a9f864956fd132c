"""A backfill's result, for people and for machines. Pure."""

from typing import Any

from narratives.backfill.service import BackfillResult
from narratives.backfill.sources import Estimate, FocusSource
from narratives.stores.base import FocusStore
from ntrl.llm.spending import Used

TITLE_CHARS = 80


def dry_lines(result: BackfillResult, source: FocusSource | None) -> list[str]:
    """What a run would do and take."""
    tally = result.tally
    lines = [f"Dry run: {tally.planned} narratives would be done, nothing is written. The first {len(tally.first)}:"]
    lines += [f"  - {narrative.label}: {shown(narrative.title) or '(no title)'}" for narrative in tally.first]
    if tally.without_summary:
        lines.append(f"{tally.without_summary} of them have no summary and would fail")
    if source is None or result.estimate is None:
        lines.append("Nobody is there to find foci: a run needs a language model, or --by rules")
    else:
        lines.append(f"Estimate ({source.name}): {costs(result.estimate)}")
    return lines + left_alone(result)


def end_lines(result: BackfillResult, store: FocusStore) -> list[str]:
    """What a run has done."""
    tally = result.tally
    lines = [
        f"Backfill {'stopped: ' + result.report.stopped if result.report.stopped else 'complete'}: "
        f"{tally.processed} processed, {tally.filled} filled, {tally.filled_by_others} filled by others meanwhile, "
        f"{len(tally.failed)} failed; {result.missing} still without a focus",
        f"{costs(result.used)}, {result.duration_seconds:.1f} s",
        *(f"  failed: {label}: {shown(reason, most=len(reason))}" for label, reason in tally.failed.items()),
        *left_alone(result),
    ]
    if result.missing:
        lines.append("Next: run it again for those that are still without; look at the failures above first")
    else:
        lines.append(f"Next: {store.next_step}")
    return lines


def left_alone(result: BackfillResult) -> list[str]:
    """What is not to be filled."""
    return [f"Left alone: {line}" for line in result.left_alone]


def costs(of: Estimate | Used) -> str:
    """Tokens and dollars."""
    dollars = "cost unknown: the model has no price" if of.cost_usd is None else f"{of.cost_usd:.4f} USD"
    return f"{of.tokens_input} tokens in, {of.tokens_output} out, {dollars}"


def as_dict(result: BackfillResult) -> dict[str, Any]:
    """The result for machines."""
    tally, cost = result.tally, result.estimate if result.report.dry_run else result.used
    return {
        "dry_run": result.report.dry_run,
        "found": result.found,
        "missing": result.missing,
        "processed": tally.processed,
        "filled": tally.filled,
        "filled_by_others": tally.filled_by_others,
        "failed": len(tally.failed),
        "planned": tally.planned,
        "without_summary": tally.without_summary,
        "failures": [{"id": label, "reason": reason} for label, reason in tally.failed.items()],
        "first": [{"id": narrative.label, "title": narrative.title} for narrative in tally.first],
        "left_alone": result.left_alone,
        "tokens_input": cost and cost.tokens_input,
        "tokens_output": cost and cost.tokens_output,
        "cost_usd": cost and cost.cost_usd,
        "duration_seconds": round(result.duration_seconds, 3),
        "stages": [result.report.as_dict()],
    }


def shown(text: str, most: int = TITLE_CHARS) -> str:
    """Text of strangers for a terminal: one line, nothing that steers it."""
    line = " ".join(text.split())[:most]
    return "".join(char if char.isprintable() else "\ufffd" for char in line)
