"""Narratives that the publishers' archive kept before, as documents of another system, dated back from a moment."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ARCHIVE_FILE = Path(__file__).parent / "archive.toml"


def load_archive(now: datetime) -> list[dict[str, Any]]:
    """The archive's documents, as `import_narratives` finds them in a collection."""
    rows = tomllib.loads(ARCHIVE_FILE.read_text(encoding="utf-8"))["narratives"]
    return [_document(row, now) for row in rows]


def _document(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    counts: Mapping[str, int] = row.pop("articles_by_days_ago")
    days = sorted((now - timedelta(days=int(ago)), count) for ago, count in counts.items())
    return {
        **row,
        "_id": row["id"],
        "article_count": sum(counts.values()),
        "timeline_data": [{"date": day.date().isoformat(), "article_count": count} for day, count in days],
        "first_detected_at": days[0][0],
        "last_updated": days[-1][0],
    }
