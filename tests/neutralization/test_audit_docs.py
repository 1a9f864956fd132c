"""The editors' table of the audit's rules names every rule as it stands, in its order."""

import re
from pathlib import Path

from neutralization.audit import RULES
from neutralization.types import Output

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
FULL = (Output.DETAIL_FULL,)
LINES = (Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_TITLE)
NAMED = {
    tuple(Output): "all",
    FULL: "full text",
    LINES: "titles, summary",
    (*LINES, Output.DETAIL_BRIEF): "titles, summary, brief",
}


def test_each_rule_has_its_row() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [row[:3] for row in rows] == [(rule.id, rule.description, NAMED[rule.outputs]) for rule in RULES]
    assert all(example.strip() for *_, example in rows)
