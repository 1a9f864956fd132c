"""What the demo shows of narratives beside those of its articles: an editor's alias, and an archive taken over."""

from dataclasses import dataclass
from datetime import datetime

from narratives.entities import fold_name
from narratives.models import EntityAlias, Narrative
from narratives.services.consolidation import consolidate_narratives
from narratives.services.importing import import_documents
from ntrl.newsroom.archive import load_archive

# One carrier under two names, of which each of two papers keeps to its own.
ALIAS, ENTITY = "Merrow Airlines", "Merrow Air"


@dataclass(frozen=True, slots=True)
class ToldNarratives:
    """How many narratives the demo has, how many were merged after the alias, and how many still lack their focus."""

    narratives: int
    merged: int
    without_focus: int


def tell_narratives(now: datetime) -> ToldNarratives:
    """Add the alias as an editor would, consolidate as an hour later would, and take over the archive."""
    note = "The Clarion's name for the carrier."
    EntityAlias.objects.create(alias=ALIAS, entity=ENTITY, key=fold_name(ALIAS), note=note)
    merged = consolidate_narratives().merged
    import_documents(load_archive(now))
    live = Narrative.objects.filter(merged_into=None)
    return ToldNarratives(live.count(), merged, live.filter(narrative_focus="").count())
