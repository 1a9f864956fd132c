"""Bodies with phrases marked in them, and what the redline tells of their changes."""

import re

from hypothesis import strategies as st

from neutralization.differences import apply_changes
from neutralization.redline import redline
from neutralization.taxonomy import Action, Category
from neutralization.types import Span


def span(start: int, words: str, replacement: str = "") -> Span:
    action = Action.REPLACED if replacement else Action.REMOVED
    return Span(start, start + len(words), words, Category.LOADED_VERBS, action, replacement, "key")


def case(marked: str) -> tuple[str, list[Span]]:
    """Read "They {slammed|criticized} it": a body, and its spans with what was planned for them."""
    body, spans, end = "", [], 0
    for found in re.finditer(r"\{([^|}]*)\|?([^}]*)\}", marked):
        body += marked[end : found.start()]
        spans.append(span(len(body), found[1], found[2]))
        body, end = body + found[1], found.end()
    return body + marked[end:], spans


def told(body: str, full: str, spans: list[Span]) -> list[tuple[str, str, tuple[int, ...]]]:
    """The changes as (old, new, spans), after a check that they are the whole truth."""
    found = redline(body, full, spans)
    assert apply_changes(body, found.changes) == full
    for change in found.changes:
        assert body[change.start : change.end] == change.old
        assert full[change.full_start : change.full_end] == change.new
    return [(change.old, change.new, change.spans) for change in found.changes]


WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty", "knoll", "larch"]


@st.composite
def edited_articles(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A body of different words in sentences and paragraphs, some of them spans."""
    pieces = []
    for number in range(draw(st.integers(1, 40))):
        word = f"{draw(st.sampled_from(WORDS))}{number}"
        if draw(st.integers(0, 4)) == 0:
            word = f"{{{word}|{draw(st.sampled_from(['', '', 'plain', 'an even plainer']))}}}"
            after = draw(st.sampled_from([" ", " ", ", ", ". ", ".\n\n"]))
        else:
            after = draw(st.sampled_from([" ", " ", ", ", ". ", ".\n\n", " a ", " truly ", " a truly "]))
        pieces.append(word + after)
    return case("".join(pieces))
