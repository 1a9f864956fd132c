"""Tell an article's text from the furniture of its page: "Read more", share bars, sign-up boxes, captions, bylines.

Extractors find the block in which the article stands; what stands in it beside the article is found here, by lines.
Rules look at short lines, mostly at the ends of a text, so that a long paragraph about cookies stays. Every pattern
is tried at the start of a line of bounded length, which keeps the time linear in the page's.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingestion.paragraphs import paragraph_key
from ingestion.titles import normalize_title

# Longer paragraphs are prose, not furniture.
FURNITURE_MAX_CHARS = 400

# Where titles, bylines and dates stand, and where biographies and invitations do, in paragraphs.
HEAD_PARAGRAPHS = 5
TAIL_PARAGRAPHS = 6

# A shorter opening of the title may be a heading of the article's own.
TITLE_OPENING_MIN_CHARS = 20

_NETWORKS = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|telegram|messenger|instagram|flipboard|bluesky|threads)"
)

_CONTROL = re.compile(
    rf"(?:(?:{_NETWORKS}|e-?mail|print|share|tweet|save|copy link|link copied|link|more|comments?)[\s,|/·•]*){{1,12}}"
    r"|(?:view |show |read )?(?:all )?\(?\d{0,6}\)? ?comments?\.?"
    r"|advertise?ment|ad|sponsored(?: content)?|promoted|story continues below(?: advertisement)?"
    r"|article continues (?:below|after).{0,40}|loading(?:…|\.\.\.)?|close|menu|search|skip to .{0,30}"
    r"|back to top|top|next|previous|play|pause|mute|subscribe|sign (?:up|in)|log in|register|listen|enlarge"
    r"|gift this article|view gallery|(?:image |photo |slide )?\d{1,3} (?:of|/) \d{1,3}|voltar|_{2,}|-{3,}|[*·•]{1,5}"
    r"|tap to .{0,40}|click to .{0,60}|(?:image|video) caption|getty images",
    re.IGNORECASE,
)

_POINTER = re.compile(
    r"(?:read (?:more|also|next|the full story|this)|also read|see (?:also|more)|related(?: (?:post|stor(?:y|ies)|articles?"
    r"|content|coverage|topics?|videos?|links?|news|reading))?s?|more(?: on this(?: story)?)?|watch(?: live| now| more| also)?"
    r"|listen(?: now| here)?|you (?:may|might) also (?:like|be interested in)|recommended(?: for you| stories| reading)?"
    r"|don['’]t miss|must[ -]read|trending(?: now)?|most (?:read|popular|viewed)|popular|up next|what to read next"
    r"|editor['’]?s['’]? picks?|in case you missed it|further reading|in this article|something to consider|learn more"
    r"|more (?:from|in|on|about|stories|news|coverage) [^.!?]{0,60}|more [A-Z][^.!?:]{0,30})\s*(?::|[-–—|»>→](?=\s)|$)",
    re.IGNORECASE,
)

_INVITATION = re.compile(
    r"(?:please |click here to |don['’]t forget to |to [^.]{1,60}, )?(?:sign up|subscribe|register|join|get|receive|download|want)\b"
    r".{0,250}?\b(?:newsletters?|inbox|e-?mail alerts|breaking news alerts|commenting forum|conversations?|our app|the app"
    r"|bookmark|whatsapp channel|podcasts?|free trial)\b"
    rf"|(?:please )?(?:follow|like|find|join) (?:us|@?\w.{{0,60}}) (?:on|at|@) {_NETWORKS}\b"
    r"|pick .{0,20}newsletter|.{0,40}newsletter$|if you (?:enjoyed|liked) this (?:article|story|post)\b"
    r"|there['’]s (?:plenty )?more where that came from|have a (?:news )?tip\b|do you have a (?:story|tip)\b|got a (?:news )?tip\b"
    r"|support (?:our|independent) journalism|share your (?:thoughts|views|story)\b|what do you think\?|let us know in the comments"
    r"|our standards:|more information on |this (?:article|story|post) (?:was |has been )?(?:originally |first )?(?:published|appeared|adapted)\b",
    re.IGNORECASE,
)

_COOKIES = re.compile(
    r"(?=.{0,300}\bcookies?\b).{0,300}\b(?:we use|uses? cookies|accept|consent|preferences|privacy policy|cookie policy)\b",
    re.IGNORECASE,
)

_RIGHTS = re.compile(r"(?:©|\(c\)|copyright\b).{0,200}|.{0,200}\ball rights reserved\b", re.IGNORECASE)

_CAPTION = re.compile(
    r"[(\[]?(?:image|photos?|picture|file photo|photograph|video|graphic|illustration)s?"
    r"(?: credits?| sources?| by| courtesy(?: of)?)?\s*[:/|].{0,200}"
    r"|credits?\s*:.{0,150}"
    r"|.{0,330}[(\[](?:[^()\[\]]{0,60}\b)?(?:ap photo|photo|image|picture|file|credit|getty|handout|courtesy)\b[^()\[\]]{0,90}[)\]]\.?$"
    r"|.{0,250}\b(?:getty images|ap photo|afp photo|/getty|/reuters|/afp|/ap)[.)]?$",
    re.IGNORECASE,
)

_TAGS = re.compile(r"(?:tags?|topics|filed under|categor(?:y|ies)|keywords|posted in)\s*(?::.{0,300}|$)", re.IGNORECASE)

_BYLINE = re.compile(
    r"(?:by|written by|reported by|story by|words by)\s+[^.!?]{2,70}$"
    r"|(?:published|updated|last updated|posted|first published|last modified|modified|created)\b.{0,80}\d.{0,20}$"
    r"|.{0,40}\b\d{1,2} ?min(?:ute)?s? read$|\d{1,3} (?:minutes?|hours?|days?|weeks?) ago$",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(r"(?=.{0,90}\b(?:19|20)\d\d\b)(?=.{0,90}\b\d{1,2}[:.h]\d\d\b).{0,100}[^.!?…]$")

_BIOGRAPHY = re.compile(
    r"(?=.{0,390}\b(?:writer|reporter|editor|correspondent|columnist|journalist|producer|contributor|author|covers|covering)\b)"
    r".{0,390}(?:@\w|\bfollow (?:him|her|them|me)\b|\be-?mail\b|\b(?:writer|reporter|editor|correspondent|columnist)"
    r" (?:for|at|with|based in|covering|who covers)\b|, based in\b)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:.{0,80}\b(?:can be reached|reach|contact|e-?mail|follow|write to|send tips|tips to|you can follow)\b.{0,200}"
    r"(?:@\w|\bon (?:twitter|x|facebook)\b))"
    r"|.{0,120}\bcontributed (?:to this|reporting)\b|.{0,20}\badditional reporting by\b"
    r"|[(\[]?(?:reporting|writing|editing|compiled|graphics) by\b",
    re.IGNORECASE,
)

# Lines after which nothing of the article comes, when they stand in its last part.
_END = re.compile(
    r"(?:more from|more stories|more on this|related (?:articles|stories|content|topics|coverage)|recommended|you (?:may|might) also like"
    r"|most (?:read|popular)|popular|trending|read next|up next|what to read next|comments|leave a (?:reply|comment)"
    r"|about the author|join our commenting forum|something to consider)\b[^.!?]{0,40}:?$",
    re.IGNORECASE,
)
_END_AFTER_SHARE = 0.6


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
    captions = {paragraph_key(caption) for caption in page.captions}
    links = {paragraph_key(link) for link in page.links}
    kept: list[str] = []
    before = ""
    for paragraph in _cut_end(paragraphs):
        key = paragraph_key(paragraph)
        is_link = key.startswith("- ") and key[2:] in links
        if not (key in captions or is_link or _is_furniture(paragraph) or _is_tag_list(paragraph, before)):
            kept.append(paragraph)
        before = paragraph
    return _trim_tail(_trim_head(kept, headlines))


def _cut_end(paragraphs: Sequence[str]) -> Sequence[str]:
    """Cut from the first line, in the last part of the text, that says the article is over."""
    total = sum(map(len, paragraphs))
    so_far = 0
    for at, paragraph in enumerate(paragraphs):
        if so_far >= _END_AFTER_SHARE * total and len(paragraph) <= FURNITURE_MAX_CHARS and _END.match(paragraph):
            return paragraphs[:at]
        so_far += len(paragraph)
    return paragraphs


def _is_furniture(paragraph: str) -> bool:
    line = paragraph.removeprefix("- ")
    if len(line) > FURNITURE_MAX_CHARS:
        return False
    if _CONTROL.fullmatch(line):
        return True
    return any(rule.match(line) for rule in (_POINTER, _INVITATION, _COOKIES, _RIGHTS, _CAPTION, _TAGS))


def _is_tag_list(paragraph: str, before: str) -> bool:
    is_after_heading = _TAGS.fullmatch(before) is not None and ":" not in before
    return is_after_heading and "," in paragraph and not paragraph.endswith((".", "!", "?"))


def _trim_head(paragraphs: list[str], headlines: Sequence[str]) -> list[str]:
    """Drop the title, bylines, dates and biographies above the text."""
    head = [
        paragraph
        for paragraph in paragraphs[:HEAD_PARAGRAPHS]
        if not (_is_headline(paragraph, headlines) or _is_byline(paragraph))
    ]
    rest = head + paragraphs[HEAD_PARAGRAPHS:]
    return rest[1:] if len(rest) > 1 and _is_about_author(rest[0]) else rest


def _trim_tail(paragraphs: list[str]) -> list[str]:
    """Drop biographies, addresses and credits below the text; a text is never emptied by it."""
    start = max(len(paragraphs) - TAIL_PARAGRAPHS, 1)
    return paragraphs[:start] + [paragraph for paragraph in paragraphs[start:] if not _is_about_author(paragraph)]


def _is_headline(paragraph: str, headlines: Sequence[str]) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    words = normalize_title(paragraph)
    return any(
        words == headline or (len(words) >= TITLE_OPENING_MIN_CHARS and headline.startswith(words + " "))
        for headline in headlines
    )


def _is_byline(paragraph: str) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    return bool(_BYLINE.match(paragraph) or _DATE_LINE.fullmatch(paragraph))


def _is_about_author(paragraph: str) -> bool:
    if len(paragraph) > FURNITURE_MAX_CHARS:
        return False
    return bool(_BIOGRAPHY.match(paragraph) or _CONTACT.match(paragraph))
