"""How stories are found by their words: what differs between the databases."""

from dataclasses import dataclass

from search.language import Wanted, as_fts5, as_websearch


@dataclass(frozen=True, slots=True)
class Matching:
    """Parts of a SELECT over documents; a document is called `d`.

    Attributes:
        tables: what stands behind FROM, and `condition` what holds for a match; one of them has the query as parameter.
        rank: a number, the greater the better. A word of a headline says more than one of the brief, and that more than
            one of the full text.
        without_words: holds for a document whose words are not in the index.
    """

    tables: str
    condition: str
    rank: str
    without_words: str


POSTGRESQL = Matching(
    tables="search_document d, websearch_to_tsquery('english', %s) wanted",
    condition="d.words @@ wanted",
    rank="ts_rank_cd('{0, 0.1, 0.4, 1}', d.words, wanted)",
    without_words="d.words IS NULL",
)
SQLITE = Matching(
    tables="search_words JOIN search_document d ON d.id = search_words.rowid",
    condition="search_words MATCH %s",
    rank="-bm25(search_words, 10, 4, 1)",
    without_words="NOT EXISTS (SELECT 1 FROM search_words_docsize z WHERE z.id = d.id)",
)


def matching(vendor: str) -> Matching:
    """How the database of that kind does it."""
    return POSTGRESQL if vendor == "postgresql" else SQLITE


def written(wanted: Wanted, vendor: str) -> str:
    """What is wanted, in the language of that database."""
    return as_websearch(wanted) if vendor == "postgresql" else as_fts5(wanted)
