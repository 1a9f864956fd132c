"""Every category is described, and names from outside become categories or nothing."""

import pytest

from neutralization.taxonomy import ALIASES, DESCRIPTIONS, EXAMPLES, REASONS, Category, Reason, category_named


def test_every_category_has_its_reason_description_and_examples() -> None:
    assert set(REASONS) == set(DESCRIPTIONS) == set(EXAMPLES) == set(Category)
    assert set(REASONS.values()) == set(Reason)
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("category", Category)
def test_a_slug_names_its_category(category: Category) -> None:
    assert category_named(category.value) is category
    assert category_named(category.value.replace("_", " ").title()) is category


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("emotional_trigger", Category.EMOTIONAL_TRIGGERS),
        ("Hyperbole", Category.HYPERBOLIC_ADJECTIVES),
        ("sports/event hype", Category.SPORTS_EVENT_HYPE),
        (" Loaded-Verbs ", Category.LOADED_VERBS),
        ("violence", None),
        ("", None),
    ],
)
def test_names_from_outside(name: str, category: Category | None) -> None:
    assert category_named(name) is category


def test_no_alias_hides_a_slug() -> None:
    assert not set(ALIASES) & set(Category)
