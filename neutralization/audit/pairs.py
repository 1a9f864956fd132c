"""Grounding: a score's two numbers stand together in the body: "7-2" is not made of "5-2" and a seven."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from neutralization.audit.texts import Text
from ntrl.text.numbers import Value

# Two numbers and what joins them; years, times, decimals and numbers with letters are none of these.
_PAIR = re.compile(r"(?<![\w.,:/$£€–-])(\d{1,3})[-–](\d{1,3})(?![\w:/%–-]|[.,]\d)")
# So far apart the body may have them: "by five votes to two, with one abstention".
_MAX_APART_CHARS = 30
# A number that a body has more often than this, as in a table, is looked at so often only.
_MAX_PLACES = 100


def strange_pairs(body: Text, text: Text) -> Iterator[str]:
    """Yield the pairs of which the body has not both numbers near each other, in either order."""
    pairs = list(_PAIR.finditer(text.text))
    if not pairs or text is body:
        return
    places: defaultdict[Value, list[int]] = defaultdict(list)
    for number in body.numbers:
        for value in {value for value, _ in number.readings}:
            places[value].append(number.start)
    for match in pairs:
        left, right = (places.get(Fraction(int(number)), []) for number in match.groups())
        if left and right and match.group() not in body.in_text and not _are_near(left, right):
            yield match.group()


def _are_near(left: list[int], right: list[int]) -> bool:
    for at in left[:_MAX_PLACES]:
        near = bisect_left(right, at - _MAX_APART_CHARS)
        # The very same number is no pair with itself.
        if any(other != at for other in right[near : near + 3] if other <= at + _MAX_APART_CHARS):
            return True
    return False
