"""Adding sources. A source that is there already, by its slug or its feed's address, is left as it is."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from ingestion.models import Source

STARTER_FILE = Path(__file__).parent / "starter_sources.toml"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Slugs added, and slugs that were there before."""

    added: tuple[str, ...]
    kept: tuple[str, ...]


def starter_sources() -> list[dict[str, Any]]:
    """Read the list of sources that ships with the project."""
    entries = tomllib.loads(STARTER_FILE.read_text(encoding="utf-8"))
    return [{"slug": slug, **fields} for slug, fields in entries.items()]


@transaction.atomic
def load_sources(wanted: Iterable[Mapping[str, Any]]) -> LoadResult:
    """Add the sources that are not there yet: all of them, or, when one is refused, none.

    Raises:
        ValidationError: a field's value is not allowed; names the field.
    """
    added, kept = [], []
    for fields in wanted:
        if Source.objects.filter(Q(slug=fields["slug"]) | Q(rss_url=fields["rss_url"])).exists():
            kept.append(fields["slug"])
            continue
        source = Source(**fields)
        source.full_clean()
        source.save()
        added.append(source.slug)
    return LoadResult(tuple(added), tuple(kept))
