"""The embedded neutralizer: everything a reader is shown, made from the body by rules, and audited. Pure."""

from dataclasses import dataclass

from neutralization.audit import audit
from neutralization.compose import Composed, ComposeError, compose
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import FalsePositives, Lexicon
from neutralization.redline import Redline, redline
from neutralization.spans import Step, detect
from neutralization.types import Edit, Outputs, Span, Verdict


@dataclass(frozen=True, slots=True)
class Neutralized:
    """What was made of a body. `problem` says why there are no texts; then `outputs` holds detail_full alone.

    `detection` is how the spans were found, step by step; `redline` is None where nobody has aligned the texts.
    """

    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    outputs: Outputs
    verdicts: tuple[Verdict, ...]
    problem: str = ""
    detection: tuple[Step, ...] = ()
    redline: Redline | None = None

    @property
    def failed_rules(self) -> tuple[Verdict, ...]:
        """The verdicts that say no."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)


def neutralize_by_lexicon(body: str, *, lexicon: Lexicon, false_positives: FalsePositives) -> Neutralized:
    """Find manipulative phrases, edit just those places, compose brief, titles and summary, and audit it all."""
    detection = detect(body, lexicon, false_positives)
    spans = detection.spans
    edits = make_edits(body, spans)
    full = apply_edits(body, edits)
    try:
        short = compose(full)
    except ComposeError as error:
        short, problem = Composed("", "", "", ""), str(error)
    else:
        problem = ""
    outputs = Outputs(
        feed_title=short.feed_title,
        feed_summary=short.feed_summary,
        detail_title=short.detail_title,
        detail_brief=short.detail_brief,
        detail_full=full,
    )
    verdicts = audit(body, outputs, spans=spans, edits=edits)
    return Neutralized(spans, edits, outputs, verdicts, problem, detection.trace, redline(body, full, spans))
