"""Languages: texts of several, mixed ones, and texts too short for a guess."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.language import SAMPLE_CHARS, detect_language

ENGLISH = (
    "The council of the harbour town voted on Tuesday to repair the sea wall before winter. "
    "Engineers said that the work would take nine months and cost 4.2 million pounds.\n\n"
)
FRENCH = "Le conseil municipal a voté mardi la réparation de la digue. Les travaux doivent durer neuf mois. "


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        ("Council votes on the harbour budget", "en"),
        (FRENCH, "fr"),
        ("Der Gemeinderat hat am Dienstag beschlossen, die Ufermauer vor dem Winter zu reparieren.", "de"),
        ("El ayuntamiento decidió el martes reparar el muro antes del invierno, dijeron los ingenieros.", "es"),
        ("Городской совет во вторник решил отремонтировать набережную до наступления зимы.", "ru"),
        ("港町の議会は火曜日、冬の前に防波堤を修理することを決めた。工事は九か月かかる見込みだ。", "ja"),
        ("قرر مجلس المدينة يوم الثلاثاء إصلاح الجدار البحري قبل حلول فصل الشتاء", "ar"),
        # mixed: the greater part decides
        (ENGLISH * 3 + FRENCH, "en"),
        (ENGLISH + FRENCH * 6, "fr"),
        (ENGLISH + "“On verra bien,” he said. “C’est la vie.”\n\n" + ENGLISH, "en"),
        # too short
        ("", ""),
        ("Lakers 112, Thunder 107", ""),
        ("2024-01-02 03:04:05 1234567890 12345", ""),
        ("https://example.com/some/long/address/in/english @somebody a@b.example", ""),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_long_text_is_judged_by_its_beginning() -> None:
    assert detect_language(ENGLISH * (SAMPLE_CHARS // len(ENGLISH) + 1) + FRENCH * 10_000) == "en"


@settings(deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_text_has_a_code_or_none(text: str) -> None:
    assert len(detect_language(text)) in (0, 2)


@pytest.mark.parametrize("part", ["@", "a@", "https://", "a" * 100 + " ", "\n", "\ud800"])
def test_hostile_text_takes_no_time(part: str) -> None:
    detect_language(part * 1_000_000)


def test_threads_agree() -> None:
    texts = [ENGLISH, FRENCH] * 20
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(detect_language, texts)) == ["en", "fr"] * 20


def test_real_articles(shared_data: Path) -> None:
    gold = json.loads((shared_data / "extraction/benchmark/ground-truth.json").read_text())
    found = Counter(detect_language(page["articleBody"]) for page in gold.values())
    assert found == {"en": 72, "pt": 3, "ru": 3, "ja": 2}
