"""A body and outputs that pass the audit, for tests that change one thing."""

from dataclasses import replace

from neutralization.audit import audit
from neutralization.taxonomy import Action, Category
from neutralization.types import Edit, Output, Outputs, Span

BODY = (
    "LONDON (AP) — The British government said on Tuesday "
    "that it would spend $2 billion on hospitals by March 3, 2025.\n\n"
    "“We will build five new hospitals in the north,” Health Secretary Ann Lee told reporters. "
    "The plan, which shocking critics called late, covers 1,200 beds.\n\n"
    "The NHS Confederation welcomed the plan. "
    "Its director, Tom O'Brien, said that 20 percent of wards were closed in 2019.\n\n"
    "A vote is expected in April. Wow! Two members of Parliament from Leeds declined to comment. "
    "The opposition has asked the minister for the figures, and the ministry has promised them by the end of the month."
)
FULL = BODY.replace("shocking critics", "critics")
GOOD = Outputs(
    feed_title="Government to spend $2 billion on hospitals",
    feed_summary="The government said it would spend $2 billion on hospitals. A vote is expected in April.",
    detail_title="British government to spend $2 billion on hospitals by March 3",
    detail_brief=(
        "The British government said on Tuesday that it would spend $2 billion on hospitals.\n\n"
        "“We will build five new hospitals in the north,” Health Secretary Ann Lee told reporters.\n\n"
        "A vote is expected in April."
    ),
    detail_full=FULL,
)
_AT = BODY.index("shocking")
SPAN = Span(_AT, _AT + 8, "shocking", Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "shocking")
EDIT = Edit(_AT, _AT + 9, "", 0)


def broken(output: Output, text: str, *, body: str = BODY) -> set[str]:
    """The ids of the rules that `text` breaks as `output`."""
    outputs = replace(GOOD, **{output.value: text})
    verdicts = audit(body, outputs, spans=[SPAN], edits=[EDIT])
    return {verdict.rule_id for verdict in verdicts if verdict.output is output and not verdict.passed}
