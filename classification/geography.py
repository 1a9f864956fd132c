"""Where a story plays: places and institutions counted, seen from a reader in the United States."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from classification.payload import phrases_of, read_payload, split_key
from classification.phrases import PhraseIndex, Story, build_index
from classification.taxonomy import Geography

US_CODE = "us"
# A headline names the place that matters; a body also names those that do not.
TITLE_WEIGHT = 3.0
# What a publisher's country adds to its side: less than one place named in the body.
HOME_WEIGHT = 0.5
# A publisher names its own country also where the story plays abroad, so that abroad wins by a small lead,
ABROAD_RATIO = 1.2
# and home only when it outweighs abroad so many times. What lies between is mixed.
HOME_RATIO = 2.0
# Marks of a community's affairs that make a story local: two strong ones, or one in the title and another.
LOCAL_MIN = 4.0
DETAIL_MAX_PLACES = 2


class Kind(StrEnum):
    """The gazetteer's groups."""

    COUNTRY = "country"
    CITY = "city"
    INSTITUTION = "institution"
    US_STATE = "us_state"
    US_CITY = "us_city"
    US_INSTITUTION = "us_institution"
    LOCAL = "local"
    NO_PLACE = "no_place"


_US_KINDS = frozenset({Kind.US_STATE, Kind.US_CITY, Kind.US_INSTITUTION})
# The kinds that name a place on the map, rather than an institution or a mark.
PLACE_KINDS = frozenset({Kind.COUNTRY, Kind.CITY, Kind.US_STATE, Kind.US_CITY})


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the gazetteer. `country` is an ISO 3166 code, or empty for what belongs to no one country."""

    name: str
    kind: Kind
    country: str
    weight: float


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Compiled places and marks."""

    index: PhraseIndex
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a story plays, and the places most named."""

    geography: Geography
    detail: str


def compile_gazetteer(entries: Mapping[str, Mapping[str, object]]) -> Gazetteer:
    """Build a gazetteer from rules with keys such as "country/France".

    Raises:
        ValueError: naming the key and field that are wrong.
    """
    places: dict[str, Place] = {}
    phrases = []
    for key, fields in entries.items():
        group, name = split_key(key)
        if group not in tuple(Kind):
            raise ValueError(f"{key}: unknown group {group}")
        kind = Kind(group)
        payload = read_payload(key, fields, more_fields=("country",), exact=kind is not Kind.LOCAL)
        places[key] = Place(name, kind, _country(key, kind, fields.get("country", "")), payload.weight)
        phrases.extend(phrases_of(key, name, payload))
    return Gazetteer(build_index(phrases), places)


def _country(key: str, kind: Kind, code: object) -> str:
    if not isinstance(code, str) or (kind in (Kind.COUNTRY, Kind.CITY) and not code.strip()):
        raise ValueError(f"{key}: country must be an ISO 3166 code")
    return US_CODE if kind in _US_KINDS else code.strip().lower()


def locate(story: Story, *, source_country: str, gazetteer: Gazetteer) -> Whereabouts:
    """Weigh home against abroad.

    Args:
        story: the words of title and body.
        source_country: the publisher's ISO 3166 code; empty is read as the United States.
        gazetteer: compiled places and marks.
    """
    weights: dict[str, float] = {}
    for hit, weight in story.hits(gazetteer.index, title_weight=TITLE_WEIGHT):
        weights[hit.key] = weights.get(hit.key, 0.0) + weight * gazetteer.places[hit.key].weight
    places = [(gazetteer.places[key], weight) for key, weight in weights.items()]
    us = _total(weight for place, weight in places if place.country == US_CODE)
    local = _total(weight for place, weight in places if place.kind is Kind.LOCAL)
    abroad = _total(weight for place, weight in places if _is_abroad(place))
    if source_country.strip().lower() in ("", US_CODE):
        us += HOME_WEIGHT
    else:
        abroad += HOME_WEIGHT
    return Whereabouts(_geography(us=us, local=local, abroad=abroad), _detail(places))


def _detail(places: Iterable[tuple[Place, float]]) -> str:
    named = sorted((-weight, place.name) for place, weight in places if place.kind in PLACE_KINDS)
    return ", ".join(name for _, name in named[:DETAIL_MAX_PLACES])


def _is_abroad(place: Place) -> bool:
    return place.country != US_CODE and place.kind in (Kind.COUNTRY, Kind.CITY, Kind.INSTITUTION)


def _geography(*, us: float, local: float, abroad: float) -> Geography:
    if abroad >= us * ABROAD_RATIO:
        return Geography.INTERNATIONAL
    if abroad * HOME_RATIO > us and abroad > HOME_WEIGHT:
        return Geography.MIXED
    return Geography.LOCAL if local >= LOCAL_MIN else Geography.US


def _total(weights: Iterable[float]) -> float:
    return sum(weights, 0.0)
