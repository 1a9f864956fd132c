"""Titles as keys: what is equal, what stays apart, and hostile text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.titles import normalize_title, plain_line, title_hash

NORMALIZED = [
    ("Council Votes on Budget", "", "council votes on budget"),
    ("  Council\n votes\ton  budget ", "", "council votes on budget"),
    ("Council votes on budget!", "", "council votes on budget"),
    ("Council’s “plan” – it’s here…", "", "councils plan its here"),
    ("Council's 'plan' - it's here...", "", "councils plan its here"),
    ("AT&amp;T &#8211; profits up 5%", "", "at t profits up 5"),
    ("<b>Council</b> votes <i>no</i>", "", "council votes no"),
    ("Three < four, and I <3 you", "", "three < four and i <3 you"),
    ("U.S. and U.K. agree", "", "us and uk agree"),
    ("US and UK agree", "", "us and uk agree"),
    ("ＦＵＬＬ ｗｉｄｔｈ", "", "full width"),
    ("ﬁnal Straße", "", "final strasse"),
    ("co\N{SOFT HYPHEN}operate zero\N{ZERO WIDTH SPACE}width", "", "cooperate zerowidth"),
    ("Cafe\N{COMBINING ACUTE ACCENT} opens", "", "café opens"),
    ("Talks resume - BBC News", "BBC News", "talks resume"),
    ("Talks resume | BBC News", "BBC News", "talks resume"),
    ("Talks resume — The Guardian", "Guardian", "talks resume"),
    ("Talks resume - Guardian", "The Guardian", "talks resume"),
    ("Reuters: Talks resume", "Reuters", "talks resume"),
    ("Talks resume: an analysis | World | NPR", "NPR", "talks resume an analysis world"),
    ("Reuters to cut jobs", "Reuters", "reuters to cut jobs"),
    ("Well-known plan", "plan", "well known plan"),
    ("BBC News", "BBC News", "bbc news"),
    ("BBC News | BBC News", "BBC News", "bbc news"),
    ("Talks resume", "", "talks resume"),
    ("", "", ""),
    ("?!…", "BBC", ""),
    ("Talks resume", "...", "talks resume"),
]


@pytest.mark.parametrize(("title", "publisher", "expected"), NORMALIZED)
def test_normalizes(title: str, publisher: str, expected: str) -> None:
    assert normalize_title(title, publisher) == expected


def test_equal_titles_have_equal_hashes_and_others_not() -> None:
    assert title_hash("Talks resume - BBC News", "BBC News") == title_hash("TALKS RESUME!")
    assert title_hash("Talks resume") != title_hash("Talks resumed")
    assert len(title_hash("Talks resume")) == 64


def test_titles_without_words_equal_nothing() -> None:
    assert title_hash("…") == title_hash("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1bc", "a b c"),
        ("a\ud800b", "ab"),
        ("a\u202eb\u2066c\u2069\u200f", "abc"),
        ("a&#8238;b&#x200e;", "ab"),
        ("&lt;b&gt; &amp;amp; &nbsp;x", "<b> &amp; x"),
        ("a<br/>b", "ab"),
        ("a <!-- note --> b", "a b"),
        ("<a href='", "<a href='"),
    ],
)
def test_plain_line(text: str, expected: str) -> None:
    assert plain_line(text) == expected


@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=20))
def test_any_text_makes_a_storable_key(title: str, publisher: str) -> None:
    normalized = normalize_title(title, publisher)
    normalized.encode("utf-8")
    assert "\x00" not in normalized
    assert " ".join(normalized.split()) == normalized
    plain_line(title).encode("utf-8")


@pytest.mark.parametrize("part", ["<", "<a", "&", "'", ".", "a.", " - ", ": "])
def test_long_titles_take_no_time(part: str) -> None:
    assert len(normalize_title(part * 1_000_000, "BBC")) <= 2_000
