"""Mojibake is repaired, and nothing else is touched."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.extraction import decode_page
from ingestion.mojibake import MAX_RUNS, RUN_MAX_CHARS, repair_mojibake

SENTENCE = "“Don’t,” she said – it cost £5 in a café in Košice."


def misread(text: str, charset: str, times: int = 1) -> str:
    """Read UTF-8 as another character set; what that does not have stands as Latin-1, as browsers do."""
    for _ in range(times):
        text = "".join(_one(bytes([byte]), charset) for byte in text.encode())
    return text


def _one(byte: bytes, charset: str) -> str:
    try:
        return byte.decode(charset)
    except UnicodeDecodeError:
        return byte.decode("latin-1")


@pytest.mark.parametrize("charset", ["latin-1", "cp1252"])
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(
    "text",
    [SENTENCE, "don’t", "España", "naïve", "5 € – 10 €", "Grüße", "“Yes.”", "He said it’s “fine” — really", "Žižek’s"],
)
def test_misread_sentences_are_repaired(text: str, charset: str, times: int) -> None:
    assert repair_mojibake(misread(text, charset, times)) == text


def test_runs_between_tags_and_lines_are_repaired_each_by_itself() -> None:
    broken = misread(SENTENCE, "cp1252")
    page = f"<p class=“x”>{broken}</p>\n<p>{SENTENCE}<b>{broken}</b>\n{broken}"
    assert repair_mojibake(page) == f"<p class=“x”>{SENTENCE}</p>\n<p>{SENTENCE}<b>{SENTENCE}</b>\n{SENTENCE}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        SENTENCE,
        "‘curly’ “quotes” … and ligatures ﬁ ﬂ, ｆｕｌｌ width",
        "&eacute; &amp;amp; <b>x</b>",
        "Á É Í Ó Ú à è ç ñ ö Ø Å ß",
        "São Paulo, Île-de-France, ÂGE",
        "Привет, 日本語, العربية, 😀",
        # It speaks of mojibake and has real letters too.
        "how many times I saw “Ã¤” instead of “ä”",
        "a\u00adb\u200bc\ufeff",
        "\ud800",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert repair_mojibake(text) == text


def test_controls_of_windows_are_what_they_mean() -> None:
    assert repair_mojibake("to \x93shape up\x94") == "to “shape up”"


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(repair_mojibake(text), str)


def test_the_work_is_bounded() -> None:
    long = "â€™" * RUN_MAX_CHARS
    assert repair_mojibake(long) == long
    many = "â€™\n" * (MAX_RUNS + 10)
    assert repair_mojibake(many) == "’\n" * MAX_RUNS + "â€™\n" * 10


def test_pages_are_repaired_as_they_are_decoded() -> None:
    page = f"<p>{misread(SENTENCE, 'cp1252')}</p>".encode()
    assert decode_page(page, "text/html; charset=utf-8") == f"<p>{SENTENCE}</p>"
    # UTF-8 with one bad byte, under a header that lies.
    assert "’" in decode_page("<p>It’s</p>\n".encode() + b"\xff", "text/html; charset=iso-8859-1")


def test_gold_texts_of_real_pages_stay_as_they_are(shared_data: Path) -> None:
    """They were written by people; only the few that were broken in print may change."""
    texts = [
        page["articleBody"]
        for path in sorted((shared_data / "extraction").glob("*/ground-truth.json"))
        for page in json.loads(path.read_text()).values()
    ]
    changed = [text for text in texts if repair_mojibake(text) != text]
    assert len(texts) == 268
    assert len(changed) <= 5
    for text in changed:
        assert any(broken in text for broken in ("â€", "â\x80", "Ã", "Â", "\x93", "ï¿½"))


def test_real_pages_lose_nothing(shared_data: Path) -> None:
    for path in sorted((shared_data / "extraction").glob("*/html/*.gz")):
        html = gzip.decompress(path.read_bytes()).decode()
        repaired = repair_mojibake(html)
        assert repaired.encode("ascii", "ignore") == html.encode("ascii", "ignore")
        assert repair_mojibake(repaired) == repaired
