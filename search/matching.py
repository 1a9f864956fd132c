"""How stories are found by their words: what differs between the databases."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from search.language import Wanted, as_fts5, as_websearch


class Sort(StrEnum):
    """What comes first: what matches best, or what is newest."""

    RELEVANCE = "relevance"
    RECENCY = "recency"


@dataclass(frozen=True, slots=True)
class Matching:
    """SQL over documents; a document is called `d`, and `{condition}` holds all conditions.

    Attributes:
        tables: what stands behind FROM, and `condition` what holds for a match; one of them has the query as parameter.
        pages: for each order, a SELECT of version and rank. A rank is the greater the better: a word of the headline
            says more than one of the brief, and that more than one of the full text. Parameters: limit, offset; by
            relevance where only blocks are ranked the block's size and offset before them.
        block: how many stories are ranked together; None for all.
        without_words: holds for a document whose words are not in the index.
    """

    tables: str
    condition: str
    pages: Mapping[Sort, str]
    block: int | None
    without_words: str


# Reading a story's words and ranking them takes PostgreSQL a fiftieth of a millisecond, and a common word is in tens of
# thousands of stories. So those whose headline has it all come first, then the newest, and so many are ranked at once.
_POSTGRESQL_TABLES = "search_document d, websearch_to_tsquery('english', %s) wanted"
_POSTGRESQL_PAGE = """
    SELECT d.version_id, ts_rank_cd(ARRAY[0, 0.1, 0.4, 1]::real[], d.words, d.wanted) AS rank
    FROM (SELECT d.*, wanted FROM {{tables}} WHERE {{condition}} ORDER BY {closeness}d.published_at DESC, d.id DESC
        LIMIT %s OFFSET %s) d
    ORDER BY {rank}d.published_at DESC, d.id DESC
"""
POSTGRESQL = Matching(
    tables=_POSTGRESQL_TABLES,
    condition="d.words @@ wanted",
    pages={
        Sort.RELEVANCE: _POSTGRESQL_PAGE.format(closeness="d.headline @@ wanted DESC, ", rank="rank DESC, ")
        + " LIMIT %s OFFSET %s",
        Sort.RECENCY: _POSTGRESQL_PAGE.format(closeness="", rank=""),
    },
    block=500,
    without_words="d.words IS NULL",
)
_SQLITE_PAGE = """
    SELECT d.version_id, -bm25(search_words, 10, 4, 1) AS rank FROM {{tables}} WHERE {{condition}}
    ORDER BY {rank}d.published_at DESC, d.id DESC LIMIT %s OFFSET %s
"""
SQLITE = Matching(
    tables="search_words JOIN search_document d ON d.id = search_words.rowid",
    condition="search_words MATCH %s",
    pages={Sort.RELEVANCE: _SQLITE_PAGE.format(rank="rank DESC, "), Sort.RECENCY: _SQLITE_PAGE.format(rank="")},
    block=None,
    without_words="NOT EXISTS (SELECT 1 FROM search_words_docsize z WHERE z.id = d.id)",
)


def matching(vendor: str) -> Matching:
    """How the database of that kind does it."""
    return POSTGRESQL if vendor == "postgresql" else SQLITE


def written(wanted: Wanted, vendor: str) -> str:
    """What is wanted, in the language of that database."""
    return as_websearch(wanted) if vendor == "postgresql" else as_fts5(wanted)
