"""Streaming a table in pages, so that a million pending rows cost constant memory and no open cursor."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

PAGE_ROWS = 100


Row = TypeVar("Row", bound=Model)


def newest_first(rows: "QuerySet[Row]", *, at: str = "ingested_at", key: str = "id") -> Iterator[Row]:
    """Yield rows by (`at` descending, `key` ascending), one query a page, each page read when it is reached.

    Rows that leave the queryset meanwhile (because they were done) shift nothing: the next page starts behind the
    last row yielded, not at a number.
    """
    ordered = rows.order_by(f"-{at}", key)
    page = list(ordered[:PAGE_ROWS])
    while page:
        # Noted before the rows are given away: whoever gets them may change or delete them.
        last_at, last_key = getattr(page[-1], at), getattr(page[-1], key)
        yield from page
        behind = Q(**{f"{at}__lt": last_at}) | Q(**{at: last_at, f"{key}__gt": last_key})
        page = list(ordered.filter(behind)[:PAGE_ROWS]) if len(page) == PAGE_ROWS else []
