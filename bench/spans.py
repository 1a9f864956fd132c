"""Measure the lexicon: its entries, its scores on labelled sentences beside a baseline, and what detection costs.

Usage: python bench/spans.py [FOLDER]

FOLDER holds babe_dev.jsonl and basil_dev.jsonl (one object a line: id, text, spans as [start, end) pairs);
by default ../shared/data/spans beside the project. The data is not part of the project.

The baseline marks words by their ending. A public opinion lexicon would be a better one, but the project ships none.
"""

import json
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neutralization.lexicon import FalsePositives, Lexicon, compile_false_positives, compile_lexicon  # noqa: E402
from neutralization.spans import detect  # noqa: E402
from ntrl.text.tokens import words  # noqa: E402

Ranges = list[tuple[int, int]]
# Bodies of usual length, of the longest, and between: the cost of a thousand characters should be the same.
SPEED_CHARS = (4_800, 20_000, 50_000, 200_000)
# A median of so many rounds: one is slow when the machine does something else.
ROUNDS = 11
# The baseline marks words with the endings and marks of strong feeling.
BASELINE_ENDINGS = ("ing", "ous", "ist", "ists", "istic")


@dataclass(frozen=True)
class Score:
    """Word-level counts of one detector on one set."""

    words: int
    flagged: int
    labelled: int
    hits: int

    @property
    def precision(self) -> float:
        return self.hits / self.flagged if self.flagged else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        per_thousand = 1000 * self.flagged / self.words
        return (
            f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}  "
            f"flagged words per 1,000: {per_thousand:.2f}"
        )


def rules(name: str) -> dict[str, Mapping[str, object]]:
    """Read a shipped rule file: key "group/name" to payload."""
    document = tomllib.loads((ROOT / "neutralization" / "rules" / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


def score(rows: Iterable[Mapping[str, object]], find: Callable[[str], Ranges]) -> Score:
    """Count words that touch a found and a labelled range."""
    total = flagged = labelled = hits = 0
    for row in rows:
        text = str(row["text"])
        found, gold = find(text), [tuple(span) for span in row["spans"]]  # type: ignore[attr-defined]
        for word in words(text):
            is_found = any(start < word.end and word.start < end for start, end in found)
            is_gold = any(start < word.end and word.start < end for start, end in gold)
            total, flagged, labelled = total + 1, flagged + is_found, labelled + is_gold
            hits += is_found and is_gold
    return Score(total, flagged, labelled, hits)


def baseline(text: str) -> Ranges:
    """Mark every word with an ending of strong feeling."""
    return [(word.start, word.end) for word in words(text) if word.text.endswith(BASELINE_ENDINGS)]


def print_entries(lexicon: Lexicon) -> None:
    """Print how many entries and forms each category has."""
    entries = Counter(entry.category for entry in lexicon.entries)
    forms = Counter(entry.category for entry in lexicon.entries for _ in entry.forms)
    print(f"lexicon: {entries.total():,} entries, {forms.total():,} forms")
    for category, count in entries.items():
        print(f"  {category:30}{count:5,} entries{forms[category]:7,} forms")


def print_speed(text: str, lexicon: Lexicon, terms: FalsePositives) -> None:
    """Print what detection costs at each size, by the clock and by the processor, and per thousand characters."""
    for size in SPEED_CHARS:
        body = (text * (1 + size // len(text)))[:size]
        clock, processor = [], []
        for _ in range(ROUNDS):
            began, used = time.perf_counter(), time.process_time()
            detect(body, lexicon, terms)
            clock.append(1000 * (time.perf_counter() - began))
            processor.append(1000 * (time.process_time() - used))
        cpu = median(processor)
        print(
            f"  {size:>7,} characters: {median(clock):7.1f} ms, processor {cpu:7.1f} ms,"
            f" per 1,000 characters {1000 * cpu / size:.2f} ms"
        )


def main() -> int:
    """Print the figures; 1 when the data is absent."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "spans"
    lexicon, terms = compile_lexicon(rules("lexicon")), compile_false_positives(rules("false_positives"))
    print_entries(lexicon)

    def by_lexicon(text: str) -> Ranges:
        return [(span.start, span.end) for span in detect(text, lexicon, terms).spans]

    if not folder.is_dir():
        print(f"No data at {folder}: nothing measured.")
        return 1
    texts = []
    for name in ("babe_dev", "basil_dev"):
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        texts += [row["text"] for row in rows]
        print(f"{name}: {len(rows):,} sentences")
        print(f"  baseline  {score(rows, baseline)}")
        print(f"  lexicon   {score(rows, by_lexicon)}")
    print(f"detection, median of {ROUNDS}:")
    print_speed("\n\n".join(texts), lexicon, terms)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
