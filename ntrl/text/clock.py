"""Times of day in minutes since midnight, so that "4.15pm", "4:15 p.m." and "16:15" compare as equal."""

import re
from fractions import Fraction

from ntrl.text import common_words

_HOUR = 60
_HALF_DAY = 12 * _HOUR
_WRITTEN = re.compile(r"(\d{1,2})(?:[:.](\d\d))?")
_DOTTED = re.compile(r"\d{1,2}\.\d\d")
_HALF = re.compile(r"[ \u00a0]?([ap])\.?m\b", re.IGNORECASE)
_ZONE = re.compile(r"[ \u00a0](?:gmt|bst|cet|cest|utc|local time)\b", re.IGNORECASE)
# As far behind a number as those two can reach.
_REACH_CHARS = 12
# Before "11.40" these let it be a time; whether it is one, only the text that it is held against can tell.
BEFORE_TIME = common_words.word_set("at from until till by before after since around about between to and")


def at_hour(written: str, text: str, end: int) -> Fraction | None:
    """The time that `written` is by the word behind it, at `text[end]`: "a.m.", "p.m." or a zone of time.

    Returns:
        Minutes since midnight; None when no such word follows, or `written` is no time.
    """
    half = _HALF.match(text, end, end + _REACH_CHARS)
    if half:
        return _minutes(written, half[1].lower())
    return _minutes(written, "") if _ZONE.match(text, end, end + _REACH_CHARS) and is_dotted(written) else None


def unmarked(written: str) -> Fraction | None:
    """The time that "18:30" or "18.30" is by itself, on the clock of 24 hours."""
    return _minutes(written, "")


def is_dotted(written: str) -> bool:
    """Whether a decimal may be a time too: "11.40", never "11.4" or "11.75"."""
    return bool(_DOTTED.fullmatch(written)) and _minutes(written, "") is not None


def until(moment: Fraction, end: Fraction) -> Fraction:
    """The half of the day that `moment` takes from the end of its range: in "2 to 5 p.m." two is 14:00."""
    halves = (moment % _HALF_DAY, moment % _HALF_DAY + _HALF_DAY)
    return max((half for half in halves if half <= end), default=halves[1])


def _minutes(written: str, half: str) -> Fraction | None:
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if minute >= _HOUR or hour > 24 or (half == "a" and hour > 12):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Fraction(hour * _HOUR + minute)
