"""Where paragraphs and sentences begin and end: half-open ranges of code points, found in linear time."""

import re
from collections.abc import Iterator
from itertools import pairwise


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Abbreviations that stand before the thing they belong to, so that they never end a sentence.
_LEADING_SMALL = _set("cf. e.g. i.e. v. viz. vs.")
# The same, written with a capital: "Rev." is a title, "rev." is the end of a sentence.
_LEADING = _set(
    "adm. atty. brig. capt. cmdr. col. cpl. dr. ft. gen. gov. hon. lt. maj. messrs. mme. "
    "mr. mrs. ms. mt. mx. pfc. pres. prof. pvt. rep. reps. rev. sen. sens. sgt. st. supt."
)
# Abbreviations that stand before a number, and are otherwise ordinary words or ends of sentences.
_BEFORE_NUMBER = _set(
    "apr. approx. art. aug. c. ca. ch. dec. eq. feb. fig. figs. jan. jul. jun. mar. no. nos. nov. oct. p. "
    "par. pp. sec. sept. sep. vol. vols."
)
# Abbreviations that may end a sentence: the next word decides.
_TRAILING_SMALL = _set("al. est. etc. lb. lbs. mph. oz. sq. yr. yrs.")
# The same, written with a capital: "Miss." is a state, "a mass." is the end of a sentence.
_TRAILING = _set(
    "apt. assn. ave. blvd. bros. co. corp. dept. dist. hwy. inc. jr. llc. ltd. min. mfg. "
    "sr. univ. ala. ariz. ark. calif. colo. conn. del. fla. ga. ill. ind. kan. ky. la. mass. md. mich. "
    "minn. miss. mo. mont. neb. nev. okla. ore. pa. tenn. tex. va. vt. wash. wis. wyo. ph.d."
)
# Words that open a sentence far more often than they follow an abbreviation within one.
_STARTERS = _set(
    "a about according after again all also although among an and another any as asked at because before "
    "but by despite during each earlier even every finally first following for from given he her here his "
    "how however i if in instead it its just last later like many meanwhile more most moreover my neither "
    "nevertheless no nobody none nor not nothing now on once one only or other others our overall perhaps "
    "she should similarly since so some such than that the their then there therefore these they this "
    "those though thus to today together under unlike until we what when whenever where whether which "
    "while who why with without yesterday yet you your"
)
# The longest word looked at before a full stop: an abbreviation is never longer.
_MAX_ABBREVIATION_CHARS = 12

_OPENERS = "“‘\"'«„‚([¿¡»"
_CLOSERS = "”’\"'»)]“‘«"
_END = re.compile(rf"(?<![.!?…।۔؟])[.!?…।۔؟]++[{re.escape(_CLOSERS)}]*+(?=\s|\Z)|[。！？]++[」』”’）]*+")
# “Is it done?” Ann Lee asked: the name has a capital, and still the sentence goes on.
_SPEAKER = re.compile(
    r"\s+(?:[A-Z][\w.’'-]{0,30} ){1,4}"
    r"(?:said|says|asked|asks|added|wrote|writes|tweeted|posted|told|replied|shouted|joked|recalled|exclaimed)\b"
)
_MARK = re.compile(r"[“”«»„‘’\"()\[\]]")
# A quotation in a quotation in brackets, and one mark that was never closed.
_MAX_NESTING = 4
_PAIRS = {'"': '"', "“": "”", "«": "»", "„": "“", "‘": "’", "(": ")", "[": "]"}


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Ranges of the paragraphs of `text`, which blank lines part, without white space at their ends."""
    found: list[tuple[int, int]] = []
    start = end = position = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            left = position + line.index(stripped[0])
            start = start if end else left
            end = left + len(stripped)
        elif end:
            found.append((start, end))
            end = 0
        position += len(line)
    if end:
        found.append((start, end))
    return found


def sentences(text: str) -> list[tuple[int, int]]:
    """Ranges of the sentences of `text`, in order, without white space between them.

    A sentence never crosses a paragraph, and holds its closing quotation mark or bracket. A quotation or a
    bracket that closes within its paragraph is never split. What follows a paragraph's last full stop is a
    sentence too.
    """
    return [found for start, end in paragraphs(text) for found in _in_paragraph(text, start, end)]


def _in_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    paragraph = text[start:end]
    enclosed = _enclosed(paragraph)
    cuts = [0]
    current = 0
    for match in _END.finditer(paragraph):
        cut = match.end()
        while current < len(enclosed) and enclosed[current][1] <= cut:
            current += 1
        inside = current < len(enclosed) and enclosed[current][0] < cut
        if not inside and _ends_sentence(paragraph, cuts[-1], match.start(), cut):
            cuts.append(cut)
    if cuts[-1] < len(paragraph):
        cuts.append(len(paragraph))
    for left, right in pairwise(cuts):
        indent = _skip_space(paragraph, left) - left
        yield start + left + indent, start + right


def _enclosed(paragraph: str) -> list[tuple[int, int]]:
    """Outermost ranges between marks that close within the paragraph, sorted; unbalanced ones are ignored."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    last_single = 0  # where the last ‘ … ’ began that seemed to close
    for match in _MARK.finditer(paragraph):
        mark, position = match[0], match.start()
        before, after = paragraph[position - 1 : position], paragraph[position + 1 : position + 2]
        # An apostrophe stands within a word; a closing mark does not.
        depth = 0 if mark == "’" and after.isalnum() else _depth(opened, mark)
        if depth:
            last_single = opened[-depth][1] if mark == "’" else last_single
            found.append((opened[-depth][1], position + 1))
            del opened[-depth:]
        elif mark == "’" and before and before in ".,!?…" and paragraph[last_single] == "‘":
            found.append((last_single, position + 1))  # what seemed to close it was a possessive
        elif mark in _PAIRS and not before.isalnum() and not after.isspace():
            opened.append((_PAIRS[mark], position))
    return _outermost(sorted(found, key=lambda pair: (pair[0], -pair[1])))


def _depth(opened: list[tuple[str, int]], mark: str) -> int:
    """How deep in `opened` stands what `mark` closes; 0 when nothing does, or it is too deep to be meant."""
    near = opened[-_MAX_NESTING:]
    return next((depth for depth, (closer, _) in enumerate(reversed(near), 1) if closer == mark), 0)


def _outermost(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in ranges:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _ends_sentence(paragraph: str, sentence_start: int, mark_start: int, cut: int) -> bool:
    following = _skip_space(paragraph, cut)
    if following == len(paragraph):
        return True
    if not _can_open(paragraph, following):
        return False
    mark = paragraph[mark_start:cut]
    if mark != ".":
        return mark[0] not in "!?" or len(mark) == 1 or not _SPEAKER.match(paragraph, cut)
    word = _word_before(paragraph, max(sentence_start, mark_start - _MAX_ABBREVIATION_CHARS), mark_start) + "."
    if paragraph[sentence_start:mark_start].strip().isdecimal():  # the number of a list's item
        return False
    return not _is_abbreviation(word, paragraph, following)


def _is_abbreviation(word: str, paragraph: str, following: int) -> bool:
    """Whether `word`, with its full stop, abbreviates within a sentence that goes on at `following`."""
    lowered = word.lower()
    has_capital = word[0].isupper()
    if lowered in _LEADING_SMALL or (has_capital and lowered in _LEADING):
        return True
    if lowered in _BEFORE_NUMBER:
        return paragraph[following].isdecimal()
    is_initial = len(word) == 2 and has_capital
    is_listed = lowered in _TRAILING_SMALL or (has_capital and lowered in _TRAILING)
    if is_initial or "." in word[:-1] or is_listed:
        return _next_word(paragraph, following).lower() not in _STARTERS
    return False


def _can_open(paragraph: str, position: int) -> bool:
    while position < len(paragraph) and paragraph[position] in _OPENERS:
        position += 1
    word = _next_word(paragraph, position)
    if word:
        # "iPhone" opens a sentence, "phone" does not.
        return not word[0].islower() or any(letter.isupper() for letter in word[1:])
    return position < len(paragraph) and paragraph[position] not in ".,;:!?…-–—"


def _next_word(paragraph: str, position: int) -> str:
    """The word at `position`, at most twenty letters of it; with its full stop when it is an initial."""
    end = position
    while end < min(len(paragraph), position + 20) and paragraph[end].isalnum():
        end += 1
    if end == position + 1 and paragraph[end : end + 1] == ".":
        end += 1
    return paragraph[position:end]


def _word_before(paragraph: str, lowest: int, end: int) -> str:
    start = end
    while start > lowest and (paragraph[start - 1].isalnum() or paragraph[start - 1] == "."):
        start -= 1
    return paragraph[start:end]


def _skip_space(paragraph: str, position: int) -> int:
    while position < len(paragraph) and paragraph[position].isspace():
        position += 1
    return position
