"""The 20 internal domains, the four geographies and the ten feed categories that readers see.

Source: the pipeline specification, stage 2. The order of members is the specification's: domains in it settle ties,
feed categories in it are a brief's sections.
"""

from enum import StrEnum


class Domain(StrEnum):
    """What a story is about, as classifiers name it."""

    GLOBAL_AFFAIRS = "global_affairs"
    GOVERNANCE_POLITICS = "governance_politics"
    LAW_JUSTICE = "law_justice"
    SECURITY_DEFENSE = "security_defense"
    CRIME_PUBLIC_SAFETY = "crime_public_safety"
    ECONOMY_MACROECONOMICS = "economy_macroeconomics"
    FINANCE_MARKETS = "finance_markets"
    BUSINESS_INDUSTRY = "business_industry"
    LABOR_DEMOGRAPHICS = "labor_demographics"
    INFRASTRUCTURE_SYSTEMS = "infrastructure_systems"
    ENERGY = "energy"
    ENVIRONMENT_CLIMATE = "environment_climate"
    SCIENCE_RESEARCH = "science_research"
    HEALTH_MEDICINE = "health_medicine"
    TECHNOLOGY = "technology"
    MEDIA_INFORMATION = "media_information"
    SPORTS_COMPETITION = "sports_competition"
    SOCIETY_CULTURE = "society_culture"
    LIFESTYLE_PERSONAL = "lifestyle_personal"
    INCIDENTS_DISASTERS = "incidents_disasters"


class Geography(StrEnum):
    """Where a story plays, seen from a reader in the United States."""

    US = "us"
    LOCAL = "local"
    INTERNATIONAL = "international"
    MIXED = "mixed"


class FeedCategory(StrEnum):
    """A section of the brief, in the order of the brief."""

    WORLD = "world"
    US = "us"
    LOCAL = "local"
    BUSINESS = "business"
    TECHNOLOGY = "technology"
    SCIENCE = "science"
    HEALTH = "health"
    ENVIRONMENT = "environment"
    SPORTS = "sports"
    CULTURE = "culture"

    @property
    def display_name(self) -> str:
        """The section's heading, as readers see it."""
        return "U.S." if self is FeedCategory.US else self.value.capitalize()

    @property
    def order(self) -> int:
        """The section's place in the brief, from 0."""
        return tuple(FeedCategory).index(self)
