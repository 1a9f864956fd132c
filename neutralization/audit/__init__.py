"""The audit: deterministic rules that an output must pass before anyone sees it, whoever wrote it.

The audit knows nothing of how outputs are made. It reads a body and its outputs as hostile text: it never raises, and
its time grows with their length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from neutralization.audit import (
    amounts,
    attribution,
    certainty,
    converses,
    form,
    fragments,
    grounding,
    guilt,
    neutrality,
    places,
    preservation,
    wording,
)
from neutralization.audit.ranges import Range, united, within
from neutralization.audit.subject import Detector, Subject
from neutralization.audit.texts import Readings
from neutralization.types import Edit, Output, Outputs, Span, Verdict

__all__ = ["RULES", "Detector", "Readings", "Rule", "audit", "describe", "passed"]

# What a prompt for a second try can use, and an editor can read.
MAX_EVIDENCE = 10
MAX_EVIDENCE_CHARS = 120

_ALL = tuple(Output)
_FULL = (Output.DETAIL_FULL,)
_SHORT = (Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_TITLE, Output.DETAIL_BRIEF)

Evidence = Callable[[Subject, Output], Iterable[str]]
Finder = Callable[[Subject, Output], Iterable[Range]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its stable id, what it asks for, the outputs it judges, and how it finds what offends."""

    id: str
    description: str
    outputs: tuple[Output, ...]
    evidence: Evidence


def audit(
    body: str,
    outputs: Outputs,
    *,
    spans: Sequence[Span],
    edits: Sequence[Edit] = (),
    detect: Detector | None = None,
    readings: Readings | None = None,
) -> tuple[Verdict, ...]:
    """Judge `outputs` made from `body` by every rule.

    Args:
        body: The article's text as stored.
        outputs: The five texts.
        spans: The accepted spans. Form judges their places in detail_full, and what else is not the body's own.
        edits: The changes made at the spans; without them, what spans removed is reckoned from the spans.
        detect: Finds manipulative words in a text, for what a short text has that the body had not.
        readings: Keeps what is read of the texts, for the next audit of the same body.

    Returns:
        One verdict for each rule and output that it judges, passed or not, in the order of `RULES`.
    """
    subject = Subject(body, outputs, spans, edits, detect, readings)
    return tuple(_verdict(rule, subject, output) for rule in RULES for output in rule.outputs)


def passed(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether no rule failed."""
    return all(verdict.passed for verdict in verdicts)


def describe(rule_id: str) -> str:
    """What a rule asks for, in one sentence; a stored verdict may name a rule that is no more."""
    return next((rule.description for rule in RULES if rule.id == rule_id), "A rule of an earlier audit.")


def _verdict(rule: Rule, subject: Subject, output: Output) -> Verdict:
    found = islice(rule.evidence(subject, output), MAX_EVIDENCE)
    evidence = tuple(" ".join(each.split())[:MAX_EVIDENCE_CHARS] for each in found)
    return Verdict(rule.id, output, not evidence, evidence)


def _everywhere(finder: Finder) -> Evidence:
    """Show what `finder` finds; in detail_full only what is not simply the body's."""

    def evidence(subject: Subject, output: Output) -> Iterator[str]:
        for start, end in finder(subject, output):
            if output is not Output.DETAIL_FULL or subject.is_judged((start, end)):
                yield subject[output].text[start:end]

    return evidence


def _outside_speech(finder: Finder) -> Evidence:
    """The same, but for what is said in quotations."""

    def outside(subject: Subject, output: Output) -> Iterator[Range]:
        speech = united(subject[output].speech)
        return (found for found in finder(subject, output) if not within(found, speech))

    return _everywhere(outside)


RULES: tuple[Rule, ...] = (
    Rule("grounding.numbers", "Every number stands in the body, by value and unit.", _ALL, grounding.numbers),
    Rule("grounding.dates", "Every date stands in the body.", _ALL, grounding.dates),
    Rule("grounding.quotations", "Quoted words are quoted in the body, verbatim.", _ALL, grounding.quotations),
    Rule("grounding.names", "Every proper name stands in the body.", _ALL, grounding.names),
    Rule("grounding.places", "Numbers, dates and names stand where the body has them.", _ALL, places.exchanged),
    Rule("grounding.units", "No unit or period is exchanged for another of its kind.", _ALL, amounts.units),
    Rule("grounding.amounts", "A word keeps the number that the body gives it.", _ALL, amounts.owners),
    Rule("grounding.parts", "What holds for some is not told of all.", _ALL, amounts.parts),
    Rule("preservation.quotations", "No quotation is lost or changed.", _FULL, preservation.quotations),
    Rule("preservation.numbers", "No number is lost or changed.", _FULL, preservation.numbers),
    Rule("preservation.sentences", "No sentence is lost.", _FULL, preservation.sentences),
    Rule("preservation.clauses", "No clause is cut out of a sentence.", _FULL, preservation.clauses),
    Rule("preservation.length", "Shorter only by what spans removed.", _FULL, preservation.length),
    Rule("preservation.order", "Paragraphs in the body's order.", _FULL, preservation.order),
    Rule("attribution.sources", "What is somebody's word stands as somebody's word.", _ALL, attribution.sources),
    Rule("attribution.speakers", "Nobody is given another's words.", _ALL, attribution.speakers),
    Rule("attribution.roles", "Who does what to whom is not turned round.", _ALL, attribution.roles),
    Rule("attribution.converses", "Who sells does not buy, what rises does not fall.", _ALL, converses.turned),
    Rule("attribution.guilt", "Who is only suspected is not called guilty.", _ALL, guilt.verdicts),
    Rule("attribution.certainty", "What may be, or is planned, is not told as what is.", _ALL, certainty.doubts),
    Rule("attribution.bounds", "A number that is only bounded stays so.", _ALL, certainty.bounds),
    Rule("attribution.negation", "What is not so is not told as so, nor the reverse.", _ALL, certainty.negations),
    Rule("neutrality.places", "Accepted spans are gone from their places.", _FULL, neutrality.left_spans),
    Rule(
        "neutrality.words",
        "No words that the body has in accepted spans alone.",
        _SHORT,
        _outside_speech(neutrality.repeated_spans),
    ),
    Rule(
        "neutrality.lexicon",
        "No manipulative words that the body does not have.",
        _SHORT,
        _outside_speech(neutrality.manipulation),
    ),
    Rule("form.not_empty", "There is a text.", _ALL, form.not_empty),
    Rule("form.length", "Within the hard maxima, and read to the end.", _ALL, form.length),
    Rule("form.paragraphs", "3-5 paragraphs of prose; one line for titles and summary.", _SHORT, form.paragraphs),
    Rule("form.no_markup", "No tags, Markdown or entities.", _ALL, _everywhere(wording.markup)),
    Rule("form.whole_sentences", "Sentences are whole.", _ALL, _outside_speech(form.cut_sentences)),
    Rule(
        "form.stands_alone",
        "Titles and summary do not point back at a sentence that is not there.",
        _SHORT[:3],
        _outside_speech(fragments.points_back),
    ),
    Rule("form.no_ellipsis", "Nothing is cut with an ellipsis.", _ALL, _outside_speech(form.ellipses)),
    Rule("form.no_prompt_text", "No words of a prompt.", _ALL, _outside_speech(wording.prompt_text)),
    Rule("form.no_refusal", "No refusal of a model.", _ALL, _outside_speech(wording.refusals)),
    Rule("form.one_script", "No letters of a script that the body does not have.", _ALL, _everywhere(wording.scripts)),
    Rule("form.no_json", "No JSON or escapes.", _ALL, _everywhere(wording.json_text)),
    Rule("form.no_placeholder", "No slot left unfilled.", _ALL, _everywhere(wording.placeholders)),
    Rule("form.no_repetition", "Nothing is said twice.", _ALL, _outside_speech(form.repetitions)),
    Rule(
        "form.no_shouting",
        "No capitals for emphasis, exclamation or question.",
        _ALL,
        _outside_speech(wording.shouting),
    ),
)
