"""The prompts of neutralization, filled for one story; and the version of all of them together."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from neutralization.audit import describe
from neutralization.types import Mode, Output, Span, Verdict
from ntrl.llm.prompts import PromptFile, load_prompts
from ntrl.llm.types import Prompt

FOLDER = Path(__file__).resolve().parent.parent / "prompts"
# The words around a phrase by which a model finds its place.
_AROUND_CHARS = 40
# Of what a checker found wrong; enough to mend it, and no more than is read.
_MAX_FINDINGS = 12
# Of a text that is shown again; a brief has half of it.
_MAX_SHOWN_CHARS = 4_000
_VERSION_CHARS = 12
_FULL = {Mode.SPAN_GUIDED: "neutralize_full", Mode.SYNTHESIS: "synthesize_full"}


def prompts_of_stage() -> Mapping[str, PromptFile]:
    """The files by name."""
    return load_prompts(FOLDER)


def family_version() -> str:
    """One version for all files: what a story's texts were made by."""
    versions = "|".join(f"{name}@{file.version}" for name, file in sorted(prompts_of_stage().items()))
    return hashlib.sha256(versions.encode()).hexdigest()[:_VERSION_CHARS]


def detect_prompt(text: str) -> Prompt:
    """Ask for the phrases of a body, or of a piece of one."""
    return prompts_of_stage()["detect_spans"].fill(article=text)


def full_prompt(body: str, spans: Sequence[Span], mode: Mode, review: str) -> Prompt:
    """Ask for detail_full."""
    places = "\n".join(f"{number}. {_place(body, span)}" for number, span in enumerate(spans, start=1))
    return prompts_of_stage()[_FULL[mode]].fill(article=body, places=_inert(places) or "none", review=review)


def brief_prompt(body: str, review: str) -> Prompt:
    """Ask for detail_brief."""
    return prompts_of_stage()["synthesize_brief"].fill(article=body, review=review)


def feed_prompt(body: str, brief: str, review: str) -> Prompt:
    """Ask for feed_title, feed_summary and detail_title."""
    return prompts_of_stage()["compress_feed"].fill(article=body, brief=_inert(brief), review=review)


def review_of(failed: Sequence[Verdict], texts: Mapping[Output, str], *, attempt: int, attempts: int) -> str:
    """Tell a model what a checker found wrong with its last reply.

    Args:
        failed: The verdicts that say no.
        texts: The texts to show again, those that are short enough.
        attempt: Which attempt this is, from 2; it also keeps a second review from being the first one again.
        attempts: How many there are.
    """
    lines = [_finding(verdict) for verdict in failed[:_MAX_FINDINGS]]
    lines += [f"Your last {name}: {_inert(text[:_MAX_SHOWN_CHARS])}" for name, text in texts.items() if text.strip()]
    return (
        f"A checker refused your last reply (attempt {attempt} of {attempts}). Do the task again and mend what it "
        "names, without anything new going wrong.\n<review>\n" + "\n".join(lines) + "\n</review>"
    )


def _finding(verdict: Verdict) -> str:
    words = "; ".join(f'"{_inert(evidence)}"' for evidence in verdict.evidence)
    return f"- {verdict.output}: {describe(verdict.rule_id)} Not so: {words}"


def _place(body: str, span: Span) -> str:
    before = body[max(0, span.start - _AROUND_CHARS) : span.start].rpartition("\n")[2]
    after = body[span.end : span.end + _AROUND_CHARS].partition("\n")[0]
    done = f"{span.action}, suggested: [{span.replacement}]" if span.replacement else span.action.value
    return f"{before}[{span.original_text}]{after} => {span.category}, {done}"


def _inert(text: str) -> str:
    """Return a text that can't end the place it stands in."""
    return text.replace("<", "(").replace(">", ")")
