"""Showing a person that work goes on: a bar on a terminal, plain lines elsewhere, nothing for machines."""

import sys
import time
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PLAIN_SECONDS_BETWEEN_LINES = 5.0


class ProgressSink(Protocol):
    """Told when a stage starts, after each item, and when it ends."""

    def start(self, stage: str, total: int | None) -> None:
        """A stage starts; `total` is None when nobody knows."""

    def advance(self, item: str) -> None:
        """One more item came out."""

    def finish(self) -> None:
        """The stage has ended."""


class Silent:
    """Shows nothing."""

    def start(self, stage: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, item: str) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""


class Bar:
    """A moving bar on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None

    def start(self, stage: str, total: int | None) -> None:
        """Draw the bar."""
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=self._console)
        self._task = self._bar.add_task(stage, total=total)
        self._bar.start()

    def advance(self, item: str) -> None:
        """Move on by one."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def finish(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.stop()


class Lines:
    """A plain line now and then, where there is no terminal (a log file, CI)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = ""

    def start(self, stage: str, total: int | None) -> None:
        """Say what starts."""
        self._stage, self._total, self._done = stage, total, 0
        self._said_at = time.monotonic()
        self._say("starting" if total is None else f"starting, {total} pending")

    def advance(self, item: str) -> None:
        """Say how far it is, when the last line is long enough ago."""
        self._done += 1
        if time.monotonic() - self._said_at >= PLAIN_SECONDS_BETWEEN_LINES:
            self._said_at = time.monotonic()
            self._say(f"{self._done} of {self._total if self._total is not None else '?'} done")

    def finish(self) -> None:
        """Say how many there were, unless the stage broke before it began."""
        if not self._stage:
            return
        self._say(f"{self._done} done")

    def _say(self, text: str) -> None:
        self._stream.write(f"{self._stage}: {text}\n")
        self._stream.flush()


def progress_for(stream: TextIO | None = None) -> ProgressSink:
    """Choose a sink for a stream (standard error unless told)."""
    stream = stream or sys.stderr
    console = Console(file=stream)
    return Bar(console) if console.is_terminal else Lines(stream)
