"""What readers type, and what either database is asked."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language import MAX_CLAUSES, Wanted, as_fts5, as_websearch, parse

FTS5 = sqlite3.connect(":memory:")
FTS5.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61')")


@pytest.mark.parametrize(
    ("query", "websearch", "fts5"),
    [
        ("bridge", '"bridge"', '("bridge")'),
        ("bridge council", '"bridge" "council"', '("bridge" AND "council")'),
        ("bridge bridge", '"bridge"', '("bridge")'),
        ('"city council" bridge', '"city council" "bridge"', '("city council" AND "bridge")'),
        ("“city council”", '"city council"', '("city council")'),
        ('"city council', '"city council"', '("city council")'),
        ("bridge -council", '"bridge" -"council"', '(("bridge") NOT ("council"))'),
        ('bridge -"city council"', '"bridge" -"city council"', '(("bridge") NOT ("city council"))'),
        ("bridge OR tunnel", '"bridge" or "tunnel"', '("bridge") OR ("tunnel")'),
        ("bridge or tunnel", '"bridge" "or" "tunnel"', '("bridge" AND "or" AND "tunnel")'),
        ("a b OR c -d", '"a" "b" or "c" -"d"', '("a" AND "b") OR (("c") NOT ("d"))'),
        ("Café Zürich", '"Cafe" "Zurich"', '("Cafe" AND "Zurich")'),
        ("U.S. full-time", '"U.S." "full-time"', '("U.S." AND "full-time")'),
        ("title:x* NEAR(a) ^b", '"title:x*" "NEAR(a)" "^b"', '("title:x*" AND "NEAR(a)" AND "^b")'),
        ("'; DROP TABLE x; --", '"DROP" "TABLE" "x;"', '("DROP" AND "TABLE" AND "x;")'),
        ("bridge\0council", '"bridge" "council"', '("bridge" AND "council")'),
        ("", "", ""),
        ("-council", "", ""),
        ("OR OR", "", ""),
        ('- "" " !? 🙂', "", ""),
    ],
)
def test_a_query_is_read_the_same_for_both(query: str, websearch: str, fts5: str) -> None:
    wanted = parse(query)
    assert as_websearch(wanted) == websearch
    assert as_fts5(wanted) == fts5


def test_of_a_long_query_only_the_beginning_counts() -> None:
    wanted = parse("word " * 10_000 + "last")
    assert len(wanted.groups) == 1
    distinct = parse(" ".join(f"w{number}" for number in range(10_000)))
    assert len(distinct.groups[0]) == MAX_CLAUSES


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('"-OR*:()^+ {}'))))
def test_fts5_takes_whatever_anybody_types(query: str) -> None:
    wanted = parse(query)
    if wanted == Wanted():
        return
    FTS5.execute("SELECT * FROM words WHERE words MATCH ?", [as_fts5(wanted)]).fetchall()
