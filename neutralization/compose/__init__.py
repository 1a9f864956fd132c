"""Make the short texts of a story without a model, by choosing and shortening its own sentences."""

from dataclasses import dataclass

from neutralization.compose.brief import brief
from neutralization.compose.errors import ComposeError
from neutralization.compose.headlines import summary, titles
from neutralization.compose.passages import passages
from neutralization.compose.salience import salience

__all__ = ["ComposeError", "Composed", "compose"]


@dataclass(frozen=True, slots=True)
class Composed:
    """The four short texts, within the limits of `neutralization.limits`."""

    feed_title: str
    feed_summary: str
    detail_title: str
    detail_brief: str


def compose(text: str) -> Composed:
    """Compose titles, summary and brief from a neutralized text.

    Every word stands in `text`, in the same order within a sentence; the same text gives the same outputs.

    Args:
        text: The full text after its edits; blank lines part its paragraphs.

    Raises:
        ComposeError: the text has too few whole sentences, or none that can be made short enough.
    """
    found = passages(text)
    weights = salience(found)
    detail_brief = brief(found, weights)
    feed_title, detail_title = titles(found, weights)
    return Composed(feed_title, summary(found, weights, feed_title), detail_title, detail_brief)
