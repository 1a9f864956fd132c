"""Adding sources, one by one or as lists, and writing them out. A source that is there already is left as it is."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from ingestion.errors import UrlError
from ingestion.links import check_link
from ingestion.models import UNRANKED_PRIORITY, Source
from ingestion.opml import Outline, parse_opml, write_opml

STARTER_FILE = Path(__file__).parent / "starter_sources.toml"
_OFF_IN_LIST = "It was switched off in the list from which it was loaded."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A source of a list that was not added: its title or address, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Slugs added, slugs that were there before, and what was refused."""

    added: tuple[str, ...]
    kept: tuple[str, ...]
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A list of sources: the document, and how many it holds."""

    document: str
    sources: int


def starter_sources() -> list[dict[str, Any]]:
    """Read the list of sources that ships with the project."""
    entries = tomllib.loads(STARTER_FILE.read_text(encoding="utf-8"))
    return [{"slug": slug, **fields} for slug, fields in entries.items()]


@transaction.atomic
def load_sources(wanted: Iterable[Mapping[str, Any]]) -> LoadResult:
    """Add the sources that are not there yet, by slug or feed: all of them, or, when one is refused, none.

    Raises:
        ValidationError: a field's value is not allowed; names the field.
    """
    added, kept = [], []
    for fields in wanted:
        if Source.objects.filter(Q(slug=fields["slug"]) | Q(rss_url=fields["rss_url"])).exists():
            kept.append(fields["slug"])
        else:
            added.append(_add(fields).slug)
    return LoadResult(tuple(added), tuple(kept))


@transaction.atomic
def load_opml(document: bytes) -> LoadResult:
    """Add the feeds of an OPML list that are not there yet; each that can't be a source is refused with its reason.

    A feed without a slug of its own gets one made from its title; without a title, its host's name is the title.

    Raises:
        OpmlError: the file is no list of feeds; nothing is added.
    """
    added, kept, refused = [], [], []
    for outline in parse_opml(document):
        known = Source.objects.filter(_same_as(outline)).first()
        if known is not None:
            kept.append(known.slug)
            continue
        try:
            added.append(_add(_fields_of(outline)).slug)
        except (UrlError, ValidationError) as error:
            refused.append(Refusal(outline.text or outline.xml_url or "(untitled)", _reason(error)))
    return LoadResult(tuple(added), tuple(kept), tuple(refused))


def export_opml() -> Export:
    """Write all sources as an OPML list, from which `load_opml` makes the same sources again."""
    outlines = [_outline_of(source) for source in Source.objects.order_by("priority", "slug")]
    return Export(write_opml(outlines, title="NTRL sources"), len(outlines))


def forget_health(source: Source) -> None:
    """Let a source begin anew, without saving it: another address says nothing of the old one's health."""
    source.etag = source.last_modified = source.health_reason = ""
    source.consecutive_failures, source.next_attempt_at, source.closed_at = 0, None, None


def free_slug(name: str) -> str:
    """Make a slug of a name: the first of `name`, `name-2`, `name-3`, … that no source has."""
    longest = _max_length("slug")
    wanted = slugify(name)[:longest] or "feed"
    taken = set(Source.objects.filter(slug__startswith=wanted[: longest - 6]).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted[: longest - len(str(number)) - 1]}-{number}"
    return slug


def _add(fields: Mapping[str, Any]) -> Source:
    source = Source(**fields)
    source.full_clean()
    source.save()
    return source


def _same_as(outline: Outline) -> Q:
    same = Q(rss_url=outline.xml_url)
    return same | Q(slug=outline.own["slug"]) if outline.own.get("slug") else same


def _fields_of(outline: Outline) -> dict[str, Any]:
    if not outline.xml_url:
        raise UrlError("none is given (xmlUrl)")
    check_link(outline.xml_url, settings.NTRL_FETCH_ALLOW_NETWORKS)
    host = urlsplit(outline.xml_url).hostname or ""
    name = (outline.text or host)[: _max_length("name")].strip()
    is_on = outline.own.get("active", "true").lower() != "false"
    return {
        "name": name,
        "slug": outline.own.get("slug") or free_slug(slugify(outline.text) or host.replace(".", "-")),
        "rss_url": outline.xml_url,
        "homepage_url": outline.html_url if _is_site(outline.html_url) else "",
        "home_country": outline.own.get("home-country", "").lower(),
        "default_section": outline.own.get("section") or outline.category[: _max_length("default_section")].strip(),
        "priority": outline.own.get("priority", UNRANKED_PRIORITY),
        "is_active": is_on,
        "health_reason": "" if is_on else _OFF_IN_LIST,
    }


def _outline_of(source: Source) -> Outline:
    own = {
        "slug": source.slug,
        "priority": str(source.priority),
        "home-country": source.home_country,
        "section": source.default_section,
        "active": "" if source.is_active else "false",
    }
    return Outline(source.name, source.rss_url, source.homepage_url, source.default_section, own)


def _max_length(name: str) -> int:
    field: Any = Source._meta.get_field(name)
    return int(field.max_length)


def _is_site(url: str) -> bool:
    """Whether a list's word for a feed's site can be shown as a link; lists are careless with it."""
    try:
        check_link(url, settings.NTRL_FETCH_ALLOW_NETWORKS)
        URLValidator(schemes=["http", "https"])(url)
    except (UrlError, ValidationError):
        return False
    return len(url) <= _max_length("homepage_url")


def _reason(error: UrlError | ValidationError) -> str:
    if isinstance(error, UrlError):
        return f"the address of its feed cannot be used: {error.detail}"
    return " ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
