"""Tell an article's text from the furniture of its page: "Read more", share bars, sign-up boxes, captions, bylines.

Extractors find the block in which the article stands; what stands in it beside the article is found here, by lines.
Rules look at short lines only, and many only at the ends of a text, so that a long paragraph about cookies stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingestion import furniture_rules as rules
from ingestion.paragraphs import paragraph_key
from ingestion.titles import normalize_title

# Longer paragraphs are prose, not furniture.
FURNITURE_MAX_CHARS = 400

# Where titles, bylines and dates stand, and where biographies and lists of links do, in paragraphs.
HEAD_PARAGRAPHS = 5
TAIL_PARAGRAPHS = 8

# A page's title holds the headline beside the site's name; a shorter part of it may be a heading of the text's own.
TITLE_PART_MIN_CHARS = 20

# A heading that ends the article stands in its last part, and no prose longer than a teaser follows it.
END_AFTER_SHARE = 0.5
END_PROSE_MAX_CHARS = 300

# A caption or a section's name between title and text: short, and no sentence.
LABEL_MAX_CHARS = 120

# Fewer labels in a row may be the article's: a heading and its kicker, the lines of a score.
LABEL_RUN_MIN_LINES = 3

_DATE_LINE_MAX_CHARS = 100


@dataclass(frozen=True, slots=True)
class PageLines:
    """What the page itself marks as no part of the text: its headlines, captions, and texts of links."""

    headlines: Collection[str] = ()
    captions: Collection[str] = ()
    links: Collection[str] = ()


def drop_furniture(paragraphs: Sequence[str], page: PageLines) -> list[str]:
    """Return the paragraphs that are the article's, in order and unchanged.

    Args:
        paragraphs: as an extractor found them, one line each.
        page: what the page marks.

    Returns:
        Without title, byline, captions, pointers, invitations, notices and tags; possibly nothing.
    """
    headlines = [words for words in map(normalize_title, page.headlines) if words]
    marked = {paragraph_key(caption) for caption in page.captions}
    tail_marked = {"- " + paragraph_key(link) for link in page.links}
    lines = _cut_end(paragraphs)
    tail_start = len(lines) - TAIL_PARAGRAPHS
    kept: list[str] = []
    before = ""
    for at, line in enumerate(lines):
        key = paragraph_key(line)
        is_marked = key in marked or (at >= tail_start and key in tail_marked)
        if not (is_marked or _is_furniture(line) or _is_tag_list(line, before)):
            kept.append(line)
        before = line
    return _trim_tail(_trim_head(kept, headlines))


def trim_labels(paragraphs: list[str]) -> list[str]:
    """Cut menus and polls, runs of lines that are no sentences, from both ends of what a generous extractor took in."""
    start, end = 0, len(paragraphs)
    while start < end and _is_label(paragraphs[start]):
        start += 1
    while end > start and _is_label_or_question(paragraphs[end - 1]):
        end -= 1
    if start < LABEL_RUN_MIN_LINES:
        start = 0
    if len(paragraphs) - end < LABEL_RUN_MIN_LINES:
        end = len(paragraphs)
    return paragraphs[start:end] or paragraphs


def _cut_end(paragraphs: Sequence[str]) -> Sequence[str]:
    """Cut from the heading, in the last part of the text, after which only teasers of other articles come."""
    rest = sum(map(len, paragraphs))
    most = (1 - END_AFTER_SHARE) * rest
    for at, paragraph in enumerate(paragraphs):
        if rest <= most and _is_end(paragraph) and _are_teasers(paragraphs[at + 1 :]):
            return paragraphs[:at]
        rest -= len(paragraph)
    return paragraphs


def _are_teasers(paragraphs: Sequence[str]) -> bool:
    """Tell whether lines are titles of other articles, each with a sentence at most, and not the article going on."""
    titles = sum(map(_is_label, paragraphs))
    return 2 * titles >= len(paragraphs) and all(len(line) <= END_PROSE_MAX_CHARS for line in paragraphs)


def _is_end(paragraph: str) -> bool:
    return len(paragraph) <= FURNITURE_MAX_CHARS and rules.START_END.match(paragraph) is not None


def _is_furniture(paragraph: str) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    line = paragraph.removeprefix("- ")
    if rules.WHOLE_CONTROL.fullmatch(line):
        return True
    return any(rule.match(line) for rule in (rules.START_POINTER, rules.START_INVITATION, rules.START_TAGS)) or any(
        rule.search(line) for rule in (rules.IN_COOKIE_NOTICE, rules.IN_RIGHTS_NOTICE, rules.IN_CAPTION)
    )


def _is_tag_list(paragraph: str, before: str) -> bool:
    """Tell whether a line is the list under a heading "Tags"."""
    is_list = "," in paragraph and not paragraph.endswith((".", "!", "?"))
    return is_list and len(paragraph) <= FURNITURE_MAX_CHARS and rules.START_TAGS.fullmatch(before) is not None


def _trim_head(paragraphs: list[str], headlines: Sequence[str]) -> list[str]:
    """Drop the title, bylines, dates and a biography above the text."""
    above = [
        at
        for at, paragraph in enumerate(paragraphs[:HEAD_PARAGRAPHS])
        if _is_headline(paragraph, headlines) or _is_byline(paragraph)
    ]
    rest = [paragraph for at, paragraph in enumerate(paragraphs) if at not in above]
    if above and len(rest) > 1 and _is_label(rest[0]):
        # Where the title was taken in, the photograph's caption or the section's name was too.
        del rest[0]
    return rest[1:] if len(rest) > 1 and _is_about_author(rest[0]) else rest


def _trim_tail(paragraphs: list[str]) -> list[str]:
    """Drop biographies and addresses below the text; a text is never emptied by it."""
    start = max(len(paragraphs) - TAIL_PARAGRAPHS, 1)
    return paragraphs[:start] + [paragraph for paragraph in paragraphs[start:] if not _is_about_author(paragraph)]


def _is_headline(paragraph: str, headlines: Sequence[str]) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    words = normalize_title(paragraph)
    return any(
        words == headline or (len(words) >= TITLE_PART_MIN_CHARS and f" {words} " in f" {headline} ")
        for headline in headlines
    )


def _is_label(paragraph: str) -> bool:
    return len(paragraph) <= LABEL_MAX_CHARS and (paragraph[-1:].isalnum() or paragraph.endswith(("%", ")", "|")))


def _is_label_or_question(paragraph: str) -> bool:
    return _is_label(paragraph.rstrip("?") or paragraph)


def _is_byline(paragraph: str) -> bool:
    if len(paragraph) > _DATE_LINE_MAX_CHARS:
        return False
    if rules.START_BYLINE.match(paragraph):
        return True
    has_time = rules.IN_DATE_YEAR.search(paragraph) and rules.IN_DATE_CLOCK.search(paragraph)
    return bool(has_time) and not paragraph.endswith((".", "!", "?", "…"))


def _is_about_author(paragraph: str) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    return bool(rules.IN_BIOGRAPHY.search(paragraph) or rules.START_CONTACT.match(paragraph))
