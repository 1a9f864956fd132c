"""Which article goes before a word is told by its sound."""

import pytest

from neutralization.articles import agreeing_article, counts_several, trailing_article

AN = """
    attack hour honest honour heir honorary only onerous oath unidentified unidentifiable unimportant unintended
    uninsured unirrigated unissued unanswered unannounced unaware unusual uncle under unlit urgent urban usher utter
    umbrella ugly uproar Uzbek Umbrian 8 80 800 8th 11 11th 18 18-year-old 8-0 X-ray x-ray F-16 HIV HIV-positive
    FBI FBI-led MP MP's MPs NHS-funded SUV LGBTQ HMRC AI-driven e-mail A-level L-shaped S-bend NBC RAF IRA XL MRI
    American Irish Indian Olympic apple-growing
"""
A = """
    bomb house hotel historic humble uniform union unit united unique unilateral university unicorn universal unanimous
    Ukrainian Ukraine ukulele UK US UN UN-backed US-led UK-based UFO ufologist use useful usual user usurper utility
    utopian Utah uterine uranium Uruguayan urologist urine Ugandan Uighur Uyghur ubiquitous uvula European euphoric
    ewe once-great one one-off one-time 1 10 100 110 180 12 7 T-shirt U-turn u-turn B-52 K-pop BBC BBC's UEFA-run NATO
    NASA-led FIFA PhD Ph.D CIA D-Day year yellow woman well-known NEW BIG MAY
"""


@pytest.mark.parametrize(("article", "listed"), [("an", AN), ("a", A)])
def test_an_article_fits_the_sound_of_the_next_word(article: str, listed: str) -> None:
    assert [word for word in listed.split() if agreeing_article("a", word) != article] == []
    assert [word for word in listed.split() if agreeing_article("an", word) != article] == []


@pytest.mark.parametrize(
    ("article", "word", "expected"),
    [("A", "attack", "An"), ("An", "bomb", "A"), ("AN", "attack", "AN"), ("AN", "bomb", "A"), ("a", "", "a")],
)
def test_it_keeps_its_case(article: str, word: str, expected: str) -> None:
    assert agreeing_article(article, word) == expected


@pytest.mark.parametrize(
    ("body", "floor", "article"),
    [
        ("in a ", 0, "a"),
        ("An ", 0, "An"),
        ("in a", 0, "a"),
        ("idea ", 0, ""),
        ("in a ", 4, ""),
        ("plan-a ", 0, ""),
        ("the ", 0, ""),
        ("", 0, ""),
    ],
)
def test_the_article_before_a_place_is_found(body: str, floor: int, article: str) -> None:
    found = trailing_article(body, floor, len(body))
    assert (body[found[0] : found[1]] if found else "") == article


@pytest.mark.parametrize(
    ("following", "several"),
    [
        ("five goals", True),
        ("5 first-half goals", True),
        ("five-goal lead", False),
        ("one goal", False),
        ("1990 film", False),
        ("30 percent of people", False),
        ("", False),
    ],
)
def test_no_article_stands_before_several(following: str, several: bool) -> None:
    assert counts_several(following.split()) is several
