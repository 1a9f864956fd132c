"""Many invented articles of a few running stories, the same whenever they are written."""

import random
from datetime import timedelta

from tests.support.factories import NOON, a_story

_TOWNS = "Ashton Belford Corley Dunmore Eastleigh Farnley Garstang Helmsley Ilkley Kendal".split()  # noqa: SIM905
_EVENTS = [
    ("bridge repair vote", "voted to repair the old bridge", "bridge repair council river budget engineers"),
    ("warehouse fire inquiry", "opened an inquiry into the warehouse fire", "warehouse fire smoke inspectors canal"),
    ("hospital ward closure", "said that a hospital ward closes", "hospital ward nurses patients beds"),
    ("flood barrier delay", "delayed the flood barrier", "flood barrier river sandbags contractor"),
]


def write(number: int) -> None:
    """Store so many stories, of forty running stories, over three weeks."""
    chance = random.Random(11)
    for index in range(number):
        town = _TOWNS[index % len(_TOWNS)]
        focus, done, words = _EVENTS[index // len(_TOWNS) % len(_EVENTS)]
        extra = " ".join(chance.sample(words.split(), 4))
        body = (
            f"{town} {done} on Monday. The mayor of {town} spoke of {extra} for an hour. {town} has waited for long. "
            f"People of {town} asked about {' and '.join(chance.sample(words.split(), 3))}."
        )
        moment = NOON + timedelta(hours=2 * index + chance.random())
        a_story(
            url=f"https://herald.example/invented/{index}",
            original_title=f"{town} {focus}",
            body=body,
            published_at=moment,
            ingested_at=moment,
        )
