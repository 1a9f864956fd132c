"""Which feed category a domain and a geography lead to. Source: the pipeline specification, stage 2."""

from collections.abc import Mapping
from types import MappingProxyType

from classification.taxonomy import Domain, FeedCategory, Geography

_DIRECT: Mapping[Domain, FeedCategory] = MappingProxyType(
    {
        Domain.GLOBAL_AFFAIRS: FeedCategory.WORLD,
        Domain.ECONOMY_MACROECONOMICS: FeedCategory.BUSINESS,
        Domain.FINANCE_MARKETS: FeedCategory.BUSINESS,
        Domain.BUSINESS_INDUSTRY: FeedCategory.BUSINESS,
        Domain.LABOR_DEMOGRAPHICS: FeedCategory.BUSINESS,
        Domain.INFRASTRUCTURE_SYSTEMS: FeedCategory.BUSINESS,
        Domain.ENERGY: FeedCategory.ENVIRONMENT,
        Domain.ENVIRONMENT_CLIMATE: FeedCategory.ENVIRONMENT,
        Domain.SCIENCE_RESEARCH: FeedCategory.SCIENCE,
        Domain.HEALTH_MEDICINE: FeedCategory.HEALTH,
        Domain.TECHNOLOGY: FeedCategory.TECHNOLOGY,
        Domain.MEDIA_INFORMATION: FeedCategory.TECHNOLOGY,
        Domain.SPORTS_COMPETITION: FeedCategory.SPORTS,
        Domain.SOCIETY_CULTURE: FeedCategory.CULTURE,
        Domain.LIFESTYLE_PERSONAL: FeedCategory.CULTURE,
    }
)

_NATIONAL: Mapping[Geography, FeedCategory] = MappingProxyType(
    {
        Geography.US: FeedCategory.US,
        Geography.LOCAL: FeedCategory.US,
        Geography.INTERNATIONAL: FeedCategory.WORLD,
        Geography.MIXED: FeedCategory.US,
    }
)
_COMMUNITY: Mapping[Geography, FeedCategory] = MappingProxyType({**_NATIONAL, Geography.LOCAL: FeedCategory.LOCAL})

_BY_GEOGRAPHY: Mapping[Domain, Mapping[Geography, FeedCategory]] = MappingProxyType(
    {
        Domain.GOVERNANCE_POLITICS: _NATIONAL,
        Domain.LAW_JUSTICE: _NATIONAL,
        Domain.SECURITY_DEFENSE: _NATIONAL,
        Domain.CRIME_PUBLIC_SAFETY: _COMMUNITY,
        Domain.INCIDENTS_DISASTERS: _COMMUNITY,
    }
)


def feed_category(domain: Domain, geography: Geography | str | None) -> FeedCategory:
    """Return the section of a story.

    Args:
        domain: one of the 20. An unknown domain has no section, so callers validate it first.
        geography: one of the four; anything else (a model's invention, none at all) routes as `us`.
    """
    by_geography = _BY_GEOGRAPHY.get(domain)
    if by_geography is None:
        return _DIRECT[domain]
    try:
        return by_geography[Geography(geography or Geography.US)]
    except ValueError:
        return by_geography[Geography.US]
