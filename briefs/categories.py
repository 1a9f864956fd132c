"""What readers are told of each category of manipulation: its name, and what it is, with examples."""

from dataclasses import dataclass

from neutralization.taxonomy import DESCRIPTIONS, EXAMPLES, NAMES, Category


@dataclass(frozen=True, slots=True)
class Told:
    """A category in readers' words; `slug` is its place on the page about NTRL."""

    slug: Category
    name: str
    description: str


def _tell(category: Category) -> Told:
    examples = ", ".join(f"“{example}”" for example in EXAMPLES[category])
    return Told(category, NAMES[category], f"{DESCRIPTIONS[category]} For example: {examples}.")


TOLD = {category: _tell(category) for category in Category}
