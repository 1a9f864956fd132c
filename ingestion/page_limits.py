"""Refuse markup that would cost parsers minutes: too many elements, nested too deep, too many attributes.

Everything here takes linear time, also for a page that was made to cost more.
"""

import re
from itertools import chain

from ingestion.errors import ExtractionError

# Trafilatura needs 2.5 s for 20,000 elements side by side, and time grows with their square; of 268 real pages the
# largest has 4,000.
MAX_ELEMENTS = 20_000

# Resiliparse needs time for every element times its depth: 1.5 s for this sum, which no honest page comes near.
MAX_SUM_OF_DEPTHS = 50_000_000

# Parsers compare each attribute of a tag with all others before it: a page full of such tags needs 5 s, one tag with
# 40,000 needs 8 s, and a page that is one tag, hours. Not fewer: a script's text may look like a tag to us.
MAX_ATTRIBUTES = 3_000
# So many attributes with names of their own need at least so much room.
_MANY_ATTRIBUTES_CHARS = 3 * MAX_ATTRIBUTES
# Looking for attributes may go over a stretch again from another start, but not over and over.
_MAX_REREADING = 10

_ELEMENT = re.compile(r"<[a-zA-Z]")
_NESTING_TAG = re.compile(r"<(/?)(?!/|!|\?|(?:p|li|td|th|tr|br|hr|img|input|meta|link|source|option|dt|dd)\b)[a-zA-Z]")
# The name of a tag with room for many attributes, whatever stands in them. XML's names begin with more than letters.
_LONG_TAG = re.compile(rf"<(?:[^\W\d]|:)[^\s/>]*+(?=[^>]{{{_MANY_ATTRIBUTES_CHARS}}})")
# A value in which a tag seems to end.
_END_IN_VALUE = re.compile(r"""=\s*+(?:"[^">]*+>[^"]*+"|'[^'>]*+>[^']*+')""")
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|))?+"""
_ATTRIBUTES = re.compile(rf"(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+")
_ONE_MORE = re.compile(_ATTRIBUTE)


def check_page(html: str) -> None:
    """Let a page pass whose elements an extractor can go through in a few seconds.

    Raises:
        ExtractionError: `page_too_complex`.
    """
    tags = html.count("<")
    if tags > MAX_ELEMENTS and sum(1 for _ in _ELEMENT.finditer(html)) > MAX_ELEMENTS:
        raise ExtractionError("page_too_complex", f"more than {MAX_ELEMENTS:,} elements")
    if tags**2 / 2 > MAX_SUM_OF_DEPTHS and _sum_of_depths(html) > MAX_SUM_OF_DEPTHS:
        raise ExtractionError("page_too_complex", "elements nested too deep")
    if has_many_attributes(html):
        raise ExtractionError("page_too_complex", f"a tag with more than {MAX_ATTRIBUTES:,} attributes")


def _sum_of_depths(html: str) -> int:
    depth = total = 0
    for tag in _NESTING_TAG.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        total += depth
    return total


def has_many_attributes(html: str) -> bool:
    """Tell whether a tag of HTML or XML has too many attributes, in whatever way a parser got to where it begins.

    Comments and scripts can hide a tag's beginning from us or feign one. So attributes are counted wherever there is
    room for many before a ">", and after every value with a ">" in it.
    """
    closed = html + "\"'"  # else each search for the end of an open value would go on to the end of the page
    budget = _MAX_REREADING * len(closed)
    for start in chain(_LONG_TAG.finditer(closed), _END_IN_VALUE.finditer(closed)):
        counted = _ATTRIBUTES.match(closed, start.end())
        end = counted.end() if counted else start.end()
        budget -= end - start.end()
        if budget < 0 or _ONE_MORE.match(closed, end):
            return True
    return False
