"""What a reader types, read into what is wanted, and written for either database. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Beyond so many a search only takes longer.
MAX_CLAUSES = 32
# Between what is wanted and what else would do; in small letters it is a word like others.
OR = "OR"
# The combining marks that both indexes leave out, so that "café" is found by "cafe".
MARKS = "\u0300-\u036f"
_MARKS = re.compile(f"[{MARKS}]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"\0": " "})
_PART = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Clause:
    """A word, or words that stand together; without a quotation mark in it."""

    text: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story is found by any of the groups, all of whose clauses hold. Each group wants at least one word."""

    groups: tuple[tuple[Clause, ...], ...] = ()


def parse(query: str) -> Wanted:
    """Read a query: words, "words that stand together", -without, this OR that. Nothing in it is an error."""
    # Half of a surrogate pair is no character that a database could be asked for.
    plain = without_marks(query.encode(errors="replace").decode()).translate(_QUOTES)
    groups: list[dict[Clause, None]] = [{}]
    for found, _ in zip(_PART.finditer(plain), range(MAX_CLAUSES), strict=False):
        minus, phrase, word = found.groups()
        text = " ".join((word if phrase is None else phrase).split())
        if found.group() == OR:
            groups.append({})
        elif any(map(str.isalnum, text)):
            groups[-1][Clause(text, bool(minus))] = None
    return Wanted(tuple(tuple(group) for group in groups if any(not clause.is_excluded for clause in group)))


def without_marks(text: str) -> str:
    """Take accents off letters."""
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def as_websearch(wanted: Wanted) -> str:
    """Write it for PostgreSQL's websearch_to_tsquery; in quotation marks nothing is an operator."""
    return " or ".join(
        " ".join(("-" if clause.is_excluded else "") + _quoted(clause) for clause in group) for group in wanted.groups
    )


def as_fts5(wanted: Wanted) -> str:
    """Write it for SQLite's FTS5, which knows "not" only between what is wanted and what is not."""
    return " OR ".join(map(_fts5_group, wanted.groups))


def _fts5_group(group: Iterable[Clause]) -> str:
    wanted = " AND ".join(_quoted(clause) for clause in group if not clause.is_excluded)
    excluded = " OR ".join(_quoted(clause) for clause in group if clause.is_excluded)
    return f"(({wanted}) NOT ({excluded}))" if excluded else f"({wanted})"


def _quoted(clause: Clause) -> str:
    return f'"{clause.text}"'
