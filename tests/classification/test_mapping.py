"""The mapping of domain and geography to a section: all 80 cells, as the specification's tables have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.mapping import feed_category
from classification.taxonomy import Domain, FeedCategory, Geography

# domain: sections for us, local, international, mixed.
CELLS = {
    "global_affairs": "world world world world",
    "governance_politics": "us us world us",
    "law_justice": "us us world us",
    "security_defense": "us us world us",
    "crime_public_safety": "us local world us",
    "economy_macroeconomics": "business business business business",
    "finance_markets": "business business business business",
    "business_industry": "business business business business",
    "labor_demographics": "business business business business",
    "infrastructure_systems": "business business business business",
    "energy": "environment environment environment environment",
    "environment_climate": "environment environment environment environment",
    "science_research": "science science science science",
    "health_medicine": "health health health health",
    "technology": "technology technology technology technology",
    "media_information": "technology technology technology technology",
    "sports_competition": "sports sports sports sports",
    "society_culture": "culture culture culture culture",
    "lifestyle_personal": "culture culture culture culture",
    "incidents_disasters": "us local world us",
}
SECTIONS = ["World", "U.S.", "Local", "Business", "Technology", "Science", "Health", "Environment", "Sports", "Culture"]


@pytest.mark.parametrize(
    ("domain", "geography", "category"),
    [
        (domain, geography, category)
        for domain, row in CELLS.items()
        for geography, category in zip(("us", "local", "international", "mixed"), row.split(), strict=True)
    ],
)
def test_every_cell(domain: str, geography: str, category: str) -> None:
    assert feed_category(Domain(domain), Geography(geography)) is FeedCategory(category)


def test_the_table_is_whole() -> None:
    assert list(CELLS) == [domain.value for domain in Domain]


@given(st.sampled_from(Domain), st.one_of(st.none(), st.text()))
def test_what_is_no_geography_routes_as_us(domain: Domain, geography: str | None) -> None:
    known = geography in tuple(Geography)
    expected = feed_category(domain, geography if known else Geography.US)
    assert feed_category(domain, geography) is expected
    assert expected in FeedCategory


def test_sections_have_their_names_and_order() -> None:
    assert [category.display_name for category in FeedCategory] == SECTIONS
    assert [category.order for category in FeedCategory] == list(range(10))
