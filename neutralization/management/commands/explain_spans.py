"""`manage.py explain_spans`: why the rules found or dropped each phrase of a text."""

import sys
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from neutralization.explaining import Explanation, Hit
from neutralization.management import span_lines as lines
from neutralization.tracing import NotTraceable, body_to_trace, explain_spans
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus

# An article's text is hardly ever a tenth of this; what is larger is no text for reading.
MAX_FILE_BYTES = 5_000_000


class Command(NtrlCommand):
    """Explain spans."""

    help = (
        "Show every phrase of a text that a rule names: accepted or dropped, why, and the rule's key, category, action "
        "and example. The text is a file, standard input, or a story's body. Nothing is saved."
    )
    epilog = "Exit status: 0 explained, 1 there is no text to explain."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the text and the question."""
        super().add_arguments(parser)
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="a UTF-8 text; - or none: standard input"
        )
        parser.add_argument("--story", type=UUID, metavar="ID", help="the present body of this story")
        parser.add_argument("--phrase", default="", metavar="WORDS", help="only what has to do with these words")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Explain it and print."""
        if options["story"] and options["file"]:
            raise CommandError("Give either FILE or --story, not both.")
        text = _body(options["story"]) if options["story"] else _text(options["file"])
        explained = explain_spans(text=text, phrase=options["phrase"])
        self.print_json(_document(explained))
        if explained.answer:
            self.say(lines.one_line(explained.answer))
        if explained.similar:
            self.say(f"Written like it: {', '.join(explained.similar)}")
        for _, hits in groupby(explained.hits, key=lambda hit: (hit.span.start, hit.span.end)):
            self._say_place(explained.text, list(hits))
        accepted = sum(hit.is_accepted for hit in explained.hits)
        self.say(f"{accepted} accepted, {len(explained.hits) - accepted} dropped.")
        return RunStatus.COMPLETED

    def _say_place(self, text: str, hits: list[Hit]) -> None:
        self.say(self.style.MIGRATE_LABEL(lines.place_line(text, hits[0].span)))
        for hit in hits:
            verdict = "accepted" if hit.is_accepted else f"dropped by {hit.step}: {hit.why}"
            self.say(f"  {'+' if hit.is_accepted else '-'} {lines.one_line(verdict)}")
            self.say(f"      {lines.rule_line(hit.span)}")
            if hit.example:
                self.say(f"      example: {lines.one_line(hit.example)}")


def _body(story_id: UUID) -> str:
    try:
        return body_to_trace(story_id=story_id)
    except NotTraceable as problem:
        raise CommandError(str(problem)) from problem


def _text(file: Path | None) -> str:
    """Read the file, or standard input."""
    is_file = file is not None and str(file) != "-"
    try:
        if is_file:
            with file.open("rb") as source:  # type: ignore[union-attr]  # is_file says that there is one
                content = source.read(MAX_FILE_BYTES + 1)
        else:
            content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as problem:  # a ValueError: not UTF-8, or a name that no file can have
        raise CommandError(f"The text can't be read: {problem}") from problem
    if len(content) > MAX_FILE_BYTES:
        raise CommandError(f"The text has more than {MAX_FILE_BYTES:,} bytes.")
    if not text.strip():
        raise CommandError("There is no text.")
    return text


def _document(explained: Explanation) -> dict[str, Any]:
    return {
        "phrase": explained.phrase,
        "answer": explained.answer,
        "similar": explained.similar,
        "hits": [
            {
                **lines.span_document(explained.text, hit.span),
                "accepted": hit.is_accepted,
                "step": hit.step,
                "why": hit.why,
                "example": hit.example,
            }
            for hit in explained.hits
        ],
    }
