"""Signatures of texts: what counts as the same text, and that bands find it."""

import hashlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.near_duplicates import (
    BAND_ROWS,
    BANDS,
    MIN_CHARS,
    SAME_TEXT_SIMILARITY,
    band_keys,
    signature_of,
    similarity,
)
from ntrl.newsroom.articles import load_articles
from tests.support.fetching import PARAGRAPHS

TEXT = "\n\n".join(PARAGRAPHS)


def a_text(words: int, seed: int = 1) -> str:
    chance = Random(seed)
    return " ".join("".join(chance.choices("abcdefghijklmnop", k=chance.randint(2, 9))) for _ in range(words))


def jaccard(first: str, second: str) -> float:
    one, other = (
        {tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (first.split(), second.split())
    )
    return len(one & other) / len(one | other)


def share_a_band(first: str, second: str) -> bool:
    return not set(band_keys(signature_of(first), "en")).isdisjoint(band_keys(signature_of(second), "en"))


def test_a_signature_never_changes_because_databases_hold_it() -> None:
    signature = signature_of(TEXT)

    assert len(signature) == 4 * BANDS * BAND_ROWS == 500
    assert hashlib.sha256(signature).hexdigest().startswith("46e294a60e03dffa46829a8d")
    assert band_keys(signature, "en")[:2] == [-4246917866255624175, 4223138032820590873]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT.upper(), id="case"),
        pytest.param(TEXT.replace("'", "’").replace(".", " …"), id="punctuation"),
        pytest.param(" ".join(TEXT.split()), id="paragraphs"),
        pytest.param(f"{TEXT}\n\n{TEXT}", id="everything twice, but for the seam"),
    ],
)
def test_what_a_reader_would_call_the_same_text_is_the_same(other: str) -> None:
    assert similarity(signature_of(TEXT), signature_of(other)) > 0.9


@pytest.mark.parametrize(
    "text", ["", "word", "x" * (MIN_CHARS - 1), "!" * 2000, "one two three four" + " " * MIN_CHARS]
)
def test_a_text_that_is_too_short_has_no_signature_and_is_like_no_other(text: str) -> None:
    assert signature_of(text) == b""
    assert band_keys(b"", "en") == []
    assert similarity(b"", b"") == 0.0


@pytest.mark.parametrize(
    ("kept", "same"), [(1.0, True), (0.95, True), (0.88, True), (0.6, False), (0.3, False), (0.0, False)]
)
def test_so_much_of_a_text_in_another_makes_them_the_same(kept: float, same: bool) -> None:
    text = a_text(600)
    other = " ".join([*text.split()[: round(600 * kept)], *a_text(round(600 * (1 - kept)), seed=2).split()])

    assert (similarity(signature_of(text), signature_of(other)) >= SAME_TEXT_SIMILARITY) is same
    assert share_a_band(text, other) or not same


@pytest.mark.parametrize(("every", "same"), [(60, True), (10, False)])
def test_so_many_changed_words_are_still_the_same_text(every: int, same: bool) -> None:
    words = a_text(600).split()
    other = " ".join("changed" if at % every == 0 else word for at, word in enumerate(words))

    assert (similarity(signature_of(" ".join(words)), signature_of(other)) >= SAME_TEXT_SIMILARITY) is same


@settings(max_examples=30)
@given(st.integers(50, 300), st.integers(0, 300), st.integers(0, 10_000))
def test_the_estimate_is_near_the_truth(common: int, own: int, seed: int) -> None:
    shared = a_text(common + 100, seed)
    first, second = f"{shared} {a_text(own, seed + 1)}", f"{shared} {a_text(own // 2, seed + 2)}"

    # Five standard errors.
    assert abs(similarity(signature_of(first), signature_of(second)) - jaccard(first, second)) < 0.23


@given(st.text(max_size=3000))
def test_any_text_has_one_signature(text: str) -> None:
    signature = signature_of(text)

    assert len(signature) in (0, 500)
    assert signature_of(text) == signature
    keys = band_keys(signature, "en")
    assert len(keys) == (BANDS if signature else 0)
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_a_huge_text_costs_no_more_than_its_beginning() -> None:
    text = a_text(60_000)

    assert signature_of(text * 20) == signature_of(text)


def test_languages_and_places_of_bands_keep_keys_apart() -> None:
    signature = signature_of(TEXT)
    twice = signature[: 4 * BAND_ROWS] * BANDS

    assert set(band_keys(signature, "en")).isdisjoint(band_keys(signature, "de"))
    assert len(set(band_keys(twice, "en"))) == BANDS


def test_of_the_newsrooms_articles_only_the_planted_pairs_are_near_each_other() -> None:
    signatures = {article.slug: signature_of("\n\n".join(article.paragraphs)) for article in load_articles()}
    near = {
        frozenset((one, other))
        for one, mine in signatures.items()
        for other, its in signatures.items()
        if one < other and similarity(mine, its) > 0.2
    }

    assert frozenset(("black-sea-grain-inspections", "grain-ships-single-check")) in near
    assert len(near) == 2  # and the title duplicate, of which one is a little edited
