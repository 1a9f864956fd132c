"""Body extraction: shingle F1 and time per page, beside trafilatura as shipped, in one run.

    python -m bench.extraction [--data FOLDER] [--set NAME] [--json]

Data: `extraction/NAME` in the folder of development data: gold texts in ground-truth.json, pages in html/. The score is
that of the article extraction benchmark: precision and recall over shingles of four words, averaged over pages (an
empty prediction is left out of the mean precision), and F1 of the two means.
"""

import argparse
import gzip
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import trafilatura

from ingestion.errors import ExtractionError
from ingestion.extraction import extract

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SHINGLE_WORDS = 4

_WORD = re.compile(r"\w+")

Extract = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the benchmark with its gold text."""

    url: str
    html: str
    gold: str


@dataclass(frozen=True, slots=True)
class Score:
    """One system over all pages; `empty` counts pages in which it found nothing."""

    f1: float
    precision: float
    recall: float
    empty: int
    median_ms: float


def load_pages(folder: Path) -> Iterator[Page]:
    """Yield the pages of one set, in the order of their ids."""
    gold = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for key, page in sorted(gold.items()):
        html = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")
        yield Page(page["url"], html, page["articleBody"])


def measure(system: Extract, pages: Iterable[Page]) -> Score:
    """Run one system over the pages and score it."""
    precisions: list[float] = []
    recalls: list[float] = []
    seconds: list[float] = []
    for page in pages:
        started = perf_counter()
        found = system(page.html, page.url)
        seconds.append(perf_counter() - started)
        precision, recall = compare(page.gold, found)
        recalls.append(recall)
        if precision is not None:
            precisions.append(precision)
    p, r = mean(precisions), mean(recalls)
    return Score(2 * p * r / (p + r), p, r, len(recalls) - len(precisions), 1_000 * median(seconds))


def compare(gold: str, found: str) -> tuple[float | None, float]:
    """Return precision (None for an empty text) and recall of one page's shingles."""
    wanted, got = shingles(gold), shingles(found)
    common = (wanted & got).total()
    return (common / got.total() if got else None), (common / wanted.total() if wanted else 1.0)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Count the runs of four words; a shorter text is one shingle."""
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - SHINGLE_WORDS + 1)) if words else ()
    return Counter(tuple(words[at : at + SHINGLE_WORDS]) for at in starts)


def ours(html: str, url: str) -> str:
    """Our extraction; "" where it finds no article."""
    try:
        return extract(html, url=url).text
    except ExtractionError:
        return ""


def baseline(html: str, url: str) -> str:
    """Trafilatura with its default settings."""
    return trafilatura.extract(html) or ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both systems' scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", default="benchmark", help="benchmark (default), fundus or wcxb")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    folder = options.data / "extraction" / options.set
    if not folder.is_dir():
        print(f"no {folder.name} in {folder.parent}: nothing to measure", file=sys.stderr)
        return 1
    logging.disable(logging.CRITICAL)
    pages = list(load_pages(folder))
    scores = {"ours": measure(ours, pages), "trafilatura as shipped": measure(baseline, pages)}
    if options.json:
        print(json.dumps({name: asdict(score) for name, score in scores.items()}))
        return 0
    print(f"{options.set}: {len(pages)} pages")
    print(f"{'system':24}{'F1':>8}{'precision':>12}{'recall':>9}{'empty':>7}{'ms':>7}")
    for name, score in scores.items():
        print(
            f"{name:24}{score.f1:8.4f}{score.precision:12.4f}{score.recall:9.4f}{score.empty:7}{score.median_ms:7.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
