"""`manage.py debug_spans`: how one story's neutral texts come about, step by step."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from neutralization.management import span_lines as lines
from neutralization.tracing import ModelTrace, NotTraceable, StoryTrace, trace_story
from neutralization.versions import NewVersion
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Trace a story."""

    help = (
        "Find one story's phrases by the very code and model that runs use, and show each step: phrases named, what "
        "each filter dropped and why. Without a provider of language models also edits, the redline with what no "
        "phrase explains, texts, and the audit's verdicts with their evidence. Nothing is saved but the row of a paid "
        "call."
    )
    epilog = "Exit status: 0 traced (whatever the audit says), 1 the story can't be traced."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the story."""
        super().add_arguments(parser)
        parser.add_argument("story", type=UUID, metavar="STORY", help="the story's id")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Trace it and print."""
        try:
            trace = trace_story(story_id=options["story"])
        except NotTraceable as problem:
            raise CommandError(str(problem)) from problem
        self.print_json(_document(trace))
        self._say_head(trace)
        self._say_model(trace)
        self._say_spans(trace)
        if trace.outcome is not None:
            self._say_redline(trace)
        self._say_outputs(trace)
        return RunStatus.COMPLETED

    def _head(self, text: str) -> None:
        self.say("\n" + self.style.MIGRATE_HEADING(text))

    def _say_head(self, trace: StoryTrace) -> None:
        self._head(lines.one_line(trace.title) or str(trace.story_id))
        self.say(f"story {trace.story_id}, body version {trace.body_version}, {len(trace.body)} characters")
        self.say(f"phrases from: {trace.phrase_source}")
        for name, rules in trace.rule_hashes.items():
            self.say(f"rules {name}: {rules[:12]}")

    def _say_model(self, trace: StoryTrace) -> None:
        if trace.model is None:
            return
        self._head(f"{trace.model.names} named {trace.model.named} phrases")
        for phrase, why in trace.model.unusable:
            self.say(lines.one_line(f"  - can't be looked for: [{phrase}] {why}"))

    def _say_spans(self, trace: StoryTrace) -> None:
        self._head("Steps")
        for step in trace.made.detection:
            for line in lines.step_lines(trace.body, step):
                self.say(line)
        self._head(f"Spans and edits ({len(trace.made.spans)})")
        edits = {edit.span_index: edit for edit in trace.made.edits}
        for index, span in enumerate(trace.made.spans):
            self.say(f"  {index}: {lines.place_line(trace.body, span)}")
            self.say(f"      {lines.rule_line(span)}")
            if index in edits:
                self.say(f"      edit {lines.edit_line(trace.body, edits[index])}")

    def _say_redline(self, trace: StoryTrace) -> None:
        redline = trace.made.redline
        self._head("Redline: " + lines.redline_count(redline))
        for change in redline.changes if redline else ():
            line = lines.change_line(change)
            self.say(line if change.spans else self.style.ERROR(line))

    def _say_outputs(self, trace: StoryTrace) -> None:
        if trace.outcome is None:
            self.say("\nIts texts would be further calls: manage.py neutralize --story ID --force makes them.")
            return
        for name, text in asdict(trace.made.outputs).items():
            self._head(name)
            self.say("\n".join(lines.one_line(line) for line in text.splitlines()) or "(none)")
        failed = trace.made.failed_rules
        self._head(f"Audit: {len(trace.made.verdicts) - len(failed)} passed, {len(failed)} failed")
        for verdict in trace.made.verdicts:
            line = lines.verdict_line(verdict)
            self.say(line if verdict.passed else self.style.ERROR(line))
        self._head("A run would store")
        self.say(_stored(trace, trace.outcome))


def _stored(trace: StoryTrace, outcome: NewVersion) -> str:
    if trace.is_locked:
        return "nothing: an editor's version is current, and only neutralize --force takes its place"
    reason = f" ({outcome.failure_reason}): {outcome.failure_detail}" if outcome.failure_reason else ""
    return lines.one_line(f"a version with status {outcome.status}{reason}")


def _model_document(model: ModelTrace) -> dict[str, Any]:
    return asdict(model) | {"phrases": [phrase.model_dump() for phrase in model.phrases]}


def _document(trace: StoryTrace) -> dict[str, Any]:
    made, body, outcome = trace.made, trace.body, trace.outcome
    return {
        "story_id": trace.story_id,
        "title": trace.title,
        "body_version": trace.body_version,
        "body_length": len(body),
        "phrase_source": trace.phrase_source,
        "rule_hashes": trace.rule_hashes,
        "steps": [lines.step_document(body, step) for step in made.detection],
        "spans": [lines.span_document(body, span) for span in made.spans],
        "edits": [asdict(edit) for edit in made.edits],
        "redline": lines.redline_document(made.redline),
        "outputs": asdict(made.outputs),
        "verdicts": lines.verdict_documents(made.verdicts),
        "model": trace.model and _model_document(trace.model),
        "would_store": outcome
        and {
            "status": outcome.status,
            "failure_reason": outcome.failure_reason,
            "failure_detail": outcome.failure_detail,
            "is_locked": trace.is_locked,
        },
    }
