"""Searching shown stories: a page of them, how they are spread over categories and sources, and what else to try."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from classification.taxonomy import FeedCategory
from ingestion.models import Source
from neutralization.models import StoryNeutralized
from neutralization.public import shown_versions
from search.language import parse
from search.matching import Sort
from search.models import Document
from search.statements import Found, Narrowed, counts, page
from search.suggesting import Kind, fold, like
from search.trending import trending

# The window of the topics that are suggested.
RECENT_HOURS = 24
_NOT_SHOWN = ("detail_full", "redline", "rule_hashes", "written_outputs")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked; an empty query means all stories, the newest first. No category means any, and no source."""

    query: str = ""
    categories: tuple[str, ...] = ()
    source_slugs: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of all stories found are of one category or source; `label` is what readers call it."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something else to try, and how many stories it has; see `Kind` for its value."""

    type: Kind
    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A story of the page; `rank` is the greater the better, None when nothing was looked for."""

    version: StoryNeutralized
    rank: float | None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found. Total and facets count the whole result, whatever the page."""

    total: int
    hits: tuple[Hit, ...]
    categories: tuple[Facet, ...]
    sources: tuple[Facet, ...]
    suggestions: tuple[Suggestion, ...]


def search(request: SearchRequest, *, now: datetime) -> SearchResult:
    """Search. Some ten queries at most, however much there is."""
    sources = list(Source.objects.order_by("name", "slug").only("id", "slug", "name"))
    narrowed = _narrowed(request, {source.slug: source.pk for source in sources})
    of_category, of_source = _spread(narrowed)
    total = of_category.total()
    found: list[Found] = []
    if narrowed is not None and total > request.offset:
        found = page(narrowed, sort=request.sort, limit=request.limit, offset=request.offset)
    facets = [Facet(source.slug, source.name, of_source[source.pk]) for source in sources if of_source[source.pk]]
    return SearchResult(
        total,
        tuple(_hits(found)),
        tuple(Facet(each.value, each.display_name, of_category[each]) for each in FeedCategory if of_category[each]),
        tuple(sorted(facets, key=lambda facet: -facet.count)),
        tuple(_suggestions(request.query, sources, now)),
    )


def _narrowed(request: SearchRequest, ids: Mapping[str, UUID]) -> Narrowed | None:
    """What counts; None when nothing can be found."""
    wanted = parse(request.query) if request.query.strip() else None
    source_ids = [ids[slug] for slug in request.source_slugs if slug in ids]
    if (wanted is not None and not wanted.groups) or (request.source_slugs and not source_ids):
        return None
    return Narrowed(wanted, request.categories, source_ids, request.after, request.before)


def _spread(narrowed: Narrowed | None) -> tuple[Counter[str], Counter[UUID]]:
    """How many stories each category and each source has."""
    of_category, of_source = Counter[str](), Counter[UUID]()
    for category, source_id, number in counts(narrowed) if narrowed else []:
        of_category[category] += number
        of_source[source_id] += number
    return of_category, of_source


def _hits(found: Iterable[Found]) -> Iterator[Hit]:
    ranks = {each.version_id: each.rank for each in found}
    versions = shown_versions().defer(*_NOT_SHOWN).in_bulk(list(ranks))
    # One that was withdrawn a moment ago is left out.
    return (Hit(versions[pk], rank) for pk, rank in ranks.items() if pk in versions)


def _suggestions(typed: str, sources: Iterable[Source], now: datetime) -> Iterator[Suggestion]:
    documents = Document.objects.all()
    for value, label in like(typed, ((each.value, each.display_name) for each in FeedCategory)):
        yield Suggestion(Kind.SECTION, value, label, documents.filter(feed_category=value).count())
    for value, label in like(typed, ((source.slug, source.name) for source in sources)):
        yield Suggestion(Kind.PUBLISHER, value, label, documents.filter(source__slug=value).count())
    topics = {topic.term: topic for topic in trending(window_hours=RECENT_HOURS, now=now).topics} if fold(typed) else {}
    for value, label in like(typed, ((topic.term, topic.label) for topic in topics.values())):
        if fold(value) != fold(typed):
            yield Suggestion(Kind.RECENT, value, label, topics[value].count)
