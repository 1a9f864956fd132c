"""Every real English article, neutralized by rules: nothing is lost, every phrase is gone, every change has its reason.

What is checked here is checked by plain means of this file's own, which know nothing of the audit.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from ingestion.language import detect_language
from neutralization.audit import audit
from neutralization.differences import apply_changes
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import FalsePositives, Lexicon, compile_false_positives, compile_lexicon
from neutralization.lexicon_neutralizer import detector
from neutralization.redline import Redline, redline
from neutralization.spans import detect
from neutralization.types import Edit, Output, Outputs, Span

ROOT = Path(__file__).parents[2]
FOLDERS = ["benchmark", "fundus", "wcxb"]
MIN_SPANS = 200
# A quotation of so many words is somebody's; a shorter one may be a scare quote, which is the reporter's.
QUOTATION_MIN_WORDS = 3
# How many words from a phrase a change has nothing to do with it.
FAR_WORDS = 3
# In few articles the phrases stand so close that no word is far from all of them.
MIN_PLANTED_SHARE = 0.9
PLANTED = "zarquon"

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTATION = re.compile(r"“[^“”\n]*”|(?<!\w)\"[^\"\n]*\"")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Article:
    """A real body, and the full text that was made of it."""

    body: str
    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    full: str
    redline: Redline


@cache
def lexicon() -> Lexicon:
    return compile_lexicon(shipped("lexicon"))


@cache
def terms() -> FalsePositives:
    return compile_false_positives(shipped("false_positives"))


@cache
def articles(folder: Path) -> tuple[Article, ...]:
    entries = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8")).values()
    return tuple(neutral(entry["articleBody"]) for entry in entries if detect_language(entry["articleBody"]) == "en")


def neutral(body: str) -> Article:
    spans = detect(body, lexicon(), terms()).spans
    edits = make_edits(body, spans)
    full = apply_edits(body, edits)
    return Article(body, spans, edits, full, redline(body, full, spans))


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((ROOT / "neutralization" / "rules" / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


@pytest.fixture(scope="module", params=FOLDERS)
def real(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Article, ...]:
    return articles(shared_data / "extraction" / request.param)


def test_there_is_much_to_change(shared_data: Path) -> None:
    everything = [article for name in FOLDERS for article in articles(shared_data / "extraction" / name)]
    assert sum(len(article.spans) for article in everything) >= MIN_SPANS


def test_spans_are_the_bodys_own_words_outside_quotations(real: tuple[Article, ...]) -> None:
    for article in real:
        spans = article.spans
        assert all(article.body[span.start : span.end] == span.original_text != "" for span in spans)
        assert all(span.end <= following.start for span, following in pairwise(spans))
        quoted = [found.span() for found in quotations(article.body)]
        assert [s for s in spans if any(start < s.end and s.start < end for start, end in quoted)] == []


def test_every_phrase_is_gone_from_its_place(real: tuple[Article, ...]) -> None:
    for article in real:
        places = [(span.start, span.end) for span in article.spans]
        put_in = [span.replacement for span in article.spans]
        for phrase in {span.original_text for span in article.spans}:
            elsewhere = [start for start in occurrences(phrase, article.body) if not covers(places, start)]
            planned = sum(len(list(occurrences(phrase, words))) for words in put_in)
            assert len(list(occurrences(phrase, article.full))) <= len(elsewhere) + planned, phrase
        for start, end in places:
            around = article.body[max(0, start - 15) : end + 15]
            assert article.full.count(around) < article.body.count(around), around


def test_every_number_stands(real: tuple[Article, ...]) -> None:
    for article in real:
        assert Counter(_NUMBER.findall(article.body)) == Counter(_NUMBER.findall(article.full))


def test_every_quotation_stands(real: tuple[Article, ...]) -> None:
    for article in real:
        before = Counter(found.group() for found in quotations(article.body))
        assert before == Counter(found.group() for found in quotations(article.full))


def test_the_full_text_passes_its_audit(real: tuple[Article, ...]) -> None:
    detect_in = detector(lexicon(), terms())
    for article in real:
        outputs = Outputs(feed_title="", feed_summary="", detail_title="", detail_brief="", detail_full=article.full)
        verdicts = audit(article.body, outputs, spans=article.spans, edits=article.edits, detect=detect_in)
        full = [verdict for verdict in verdicts if verdict.output is Output.DETAIL_FULL]
        assert full
        assert [verdict for verdict in full if not verdict.passed] == []


def test_the_redline_is_the_whole_truth_and_every_change_has_its_phrase(real: tuple[Article, ...]) -> None:
    for article in real:
        found = article.redline
        assert apply_changes(article.body, found.changes) == article.full
        assert [change for change in found.changes if not change.spans] == []
        assert {index for change in found.changes for index in change.spans} == set(range(len(article.spans)))


def test_a_change_three_words_from_any_phrase_has_no_reason(real: tuple[Article, ...]) -> None:
    planted = 0
    for article in real:
        places = list(far_words(article))
        if not places:
            continue
        start, end = places[planted % len(places)]
        instead = (PLANTED, "", f"{article.full[start:end]} {PLANTED}")[planted % 3]
        full = article.full[:start] + instead + article.full[end:]
        found = redline(article.body, full, article.spans)
        assert apply_changes(article.body, found.changes) == full
        assert found.unattributed == 1, (article.full[start - 40 : end + 40], instead)
        planted += 1
    assert planted >= MIN_PLANTED_SHARE * len(real)


def quotations(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _QUOTATION.finditer(text) if len(_WORD.findall(found.group())) >= QUOTATION_MIN_WORDS)


def occurrences(phrase: str, text: str) -> Iterator[int]:
    """Where a phrase stands as whole words."""
    return (found.start() for found in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text))


def covers(places: list[tuple[int, int]], at: int) -> bool:
    return any(start <= at < end for start, end in places)


def far_words(article: Article) -> Iterator[tuple[int, int]]:
    """Give words of detail_full, with digits or not, that stand as near to a phrase as a word far from it can.

    One is the third word after a phrase, one the third before: two words that stay are between. Of an article
    without phrases it is the word in its middle.
    """
    words = [found.span() for found in _WORD.finditer(article.body)]
    spans = article.spans
    near = {i for i, (start, end) in enumerate(words) for s in spans if start < s.end and s.start < end}
    changes = article.redline.changes
    free = [
        i
        for i, (start, end) in enumerate(words)
        if not any(c.start < end and start < c.end for c in changes)
        and not near & set(range(i - FAR_WORDS + 1, i + FAR_WORDS))
    ]
    wanted = {i + step for i in near for step in (-FAR_WORDS, FAR_WORDS)} or {len(words) // 2}
    for i in sorted(wanted.intersection(free)):
        shift = sum(len(c.new) - len(c.old) for c in changes if c.end <= words[i][0])
        yield words[i][0] + shift, words[i][1] + shift
