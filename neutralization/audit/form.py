"""Form: lengths, paragraphs and whole sentences, without repetition and never cut off."""

import re
from collections import Counter
from collections.abc import Iterator

from neutralization import limits
from neutralization.audit.fragments import fragments
from neutralization.audit.ranges import Range
from neutralization.audit.subject import Subject
from neutralization.audit.texts import Text, plain
from neutralization.types import Output
from ntrl.text import common_words
from ntrl.text.tokens import Word, words

TITLES = (Output.FEED_TITLE, Output.DETAIL_TITLE)

_ELLIPSIS = re.compile(r"…|\.{3,}|\.(?: \.){2,}")
_BULLET = re.compile(r"^[ \t]{0,8}(?:[-*•‣◦▪·–—+][ \t]|\d{1,2}[.)][ \t]|#{1,6}[ \t]?\S)", re.MULTILINE)
_TERMINAL = ".!?…。！？۔؟"
_CLOSERS = "\"'”’»)]*"
# Words that cannot end a sentence, nor, with the second list, a headline; unless the body's sentence ends with them.
_DANGLING = common_words.word_set(
    "the a an and or but nor of for with from into onto because although though while whether if which whose who whom "
    "my your our their its than as at by"
)
_DANGLING_IN_TITLE = _DANGLING.union(
    common_words.word_set(
        "in on to is are was were be been will would could should may might must has have had that when where "
        "after before amid about against between during without"
    )
)
_BROKEN = re.compile(
    r"(?<=\w)[ \t]+[,;.](?=\s|$)|[,;:][ \t]*[,;](?!\d)|[,;:][ \t]*\.(?![.\d])"
    r"|\([ \t]*\)|\b(?:[Tt]he|an?)[ \t]*[.,;](?=\s|$)"
)
_ARTICLE = re.compile(r"\b(an?) ([A-Za-z]+)", re.IGNORECASE)
# Vowel letters that sound as consonants, and the reverse.
_SOUNDS_CONSONANT = re.compile(r"u(?:ni|s[aeiu]|ti|k|r[aeiou]|b[iu])|eu|ewe|one|once|ouija", re.IGNORECASE)
_SOUNDS_VOWEL = re.compile(r"hour|honou?r|honest|heir|herb|h[ao]bit|histor|hotel|homage", re.IGNORECASE)
# Behind one of the first a sentence may end with one of the second.
_STRANDING = common_words.word_set("how what who whom which where whether")
_STRANDED = common_words.word_set("for with from of at by")
# Words that may rightly follow themselves.
_MAY_DOUBLE = common_words.word_set(
    "had that is very so no ha bye long many far blah tut knock yes again now never really"
)
_MAX_REPEATED_WORDS = 8
_MIN_SENTENCE_WORDS = 4
_MAX_HEADING_WORDS = 12
# As much before a slip as shows that the body has the same slip.
_CONTEXT_CHARS = 10


def not_empty(subject: Subject, output: Output) -> Iterator[str]:
    """There is at least one word."""
    if not any(char.isalnum() for char in subject[output].text):
        yield "empty"


def length(subject: Subject, output: Output) -> Iterator[str]:
    """The hard maxima of the length table; targets and soft maxima do not fail. Nor does what was not read pass."""
    if output in subject.unread:
        yield f"{subject.unread[output]} characters"
        return
    text = subject[output]
    size = len(text.text)
    if output is Output.FEED_TITLE and len(text.text.split()) > limits.FEED_TITLE_MAX_WORDS:
        yield f"{len(text.text.split())} words"
    if output is Output.FEED_SUMMARY and size > limits.FEED_SUMMARY_MAX_CHARS:
        yield f"{size} characters"
    if output is Output.FEED_SUMMARY and len(text.sentences) > limits.FEED_SUMMARY_MAX_SENTENCES:
        yield f"{len(text.sentences)} sentences"
    if output is Output.DETAIL_TITLE and size > limits.DETAIL_TITLE_MAX_CHARS:
        yield f"{size} characters"


def paragraphs(subject: Subject, output: Output) -> Iterator[str]:
    """A brief has 3-5 paragraphs of prose without headings or bullets; titles and summary have one line."""
    text = subject[output]
    if output is not Output.DETAIL_BRIEF:
        if len(text.text.splitlines()) > 1:
            yield f"{len(text.text.splitlines())} lines"
        return
    count = len(text.paragraphs)
    if not limits.DETAIL_BRIEF_MIN_PARAGRAPHS <= count <= limits.DETAIL_BRIEF_MAX_PARAGRAPHS:
        yield f"{count} paragraphs"
    yield from (found.group().strip() for found in _BULLET.finditer(text.text))
    for start, end in text.paragraphs:
        paragraph = text.text[start:end]
        if not _ends(paragraph) and len(paragraph.split()) <= _MAX_HEADING_WORDS:
            yield paragraph


def ellipses(subject: Subject, output: Output) -> Iterator[Range]:
    """Three dots; allowed within a sentence that the body has so too, never at its end."""
    text, known = subject[output].text, subject.body.plain_sentences
    found = [match.span() for match in _ELLIPSIS.finditer(text)]
    if not found or output is not Output.DETAIL_BRIEF:
        yield from found
        return
    for start, end in subject[output].sentences:
        is_known = plain(text[start:end]) in known
        for match in _ELLIPSIS.finditer(text, start, end):
            if not is_known or not text[match.end() : end].strip(_CLOSERS):
                yield match.span()


def cut_sentences(subject: Subject, output: Output) -> Iterator[Range]:
    """Sentences without an end or a beginning, broken off at a word like "the", or with broken grammar."""
    text, known = subject[output], subject.body.plain_sentences
    is_title = output in TITLES
    is_cut_possible = not is_title and (output is not Output.DETAIL_FULL or _open_ends(text) > _open_ends(subject.body))
    for start, end in [(0, len(text.text.rstrip()))] if is_title else text.sentences:
        sentence = text.text[start:end]
        is_known = plain(sentence) in known
        if is_cut_possible and not _ends(sentence) and not (is_known and output is Output.DETAIL_FULL):
            yield _last_word(text.text, start, end)
        if is_known or not sentence:
            continue
        if is_title and sentence[-1] in ",;:-–—(/&":
            yield end - 1, end
        yield from ((start + left, start + right) for left, right in _broken(subject, sentence, is_title=is_title))


def repetitions(subject: Subject, output: Output) -> Iterator[Range]:
    """Words, phrases or sentences said twice in succession, or a sentence more often than in the body."""
    text = subject[output]
    yield from _doubled_words(subject, text.text)
    counts: Counter[str] = Counter()
    for start, end in text.sentences:
        sentence = plain(text.text[start:end])
        if len(sentence.split()) >= _MIN_SENTENCE_WORDS:
            counts[sentence] += 1
            is_own = output is Output.DETAIL_FULL and subject.is_mostly_kept((start, end))
            if counts[sentence] > max(1, subject.body.sentence_counts[sentence]) and not is_own:
                yield start, end


def _ends(sentence: str) -> bool:
    return sentence.rstrip(_CLOSERS + " ")[-1:] in _TERMINAL and bool(sentence.strip(_CLOSERS + " "))


def _open_ends(text: Text) -> int:
    """How many sentences have no end: headings, captions, and what was cut."""
    return sum(not _ends(text.text[start:end]) for start, end in text.sentences)


def _last_word(text: str, start: int, end: int) -> Range:
    """The last word and what follows it, one place further, so that a seam behind it counts."""
    at = max(text.rfind(" ", start, end), text.rfind("\n", start, end)) + 1
    return max(at, start), end + 1


def _broken(subject: Subject, sentence: str, *, is_title: bool) -> Iterator[Range]:
    tokens = words(sentence)
    if tokens:
        yield from _small_start(subject, tokens[0], is_title=is_title)
        yield from _dangling(subject, tokens, is_title=is_title)
    for match in _BROKEN.finditer(sentence):
        if sentence[max(match.start() - _CONTEXT_CHARS, 0) : match.end()] not in subject.body.in_text:
            yield match.span()
    for match in _ARTICLE.finditer(sentence):
        if _is_wrong_article(match[1], match[2]) and match.group() not in subject.body.in_text:
            yield match.span()
    yield from _unbalanced(sentence)
    yield from fragments(subject, sentence)


def _small_start(subject: Subject, first: Word, *, is_title: bool) -> Iterator[Range]:
    """A small first letter: the beginning was cut off. "iPhone", and how the body begins its sentences, may stay."""
    opens_so = first.text in subject.body.first_words or (is_title and not first.text.isalpha())
    if first.text[0].islower() and first.text == first.text.lower() and not opens_so:
        yield first.start, first.end


def _dangling(subject: Subject, tokens: list[Word], *, is_title: bool) -> Iterator[Range]:
    last = tokens[-1].text if len(tokens[-1].text) == 1 else tokens[-1].text.lower()
    if last in (_DANGLING_IN_TITLE if is_title else _DANGLING):
        # "How they would be paid for" is whole.
        is_stranded = any(token.text.lower() in _STRANDING for token in tokens[:-2]) and last in _STRANDED
        ending = " ".join(token.text.lower() for token in tokens[-2:])
        if ending not in subject.body.last_words and not (is_stranded and not is_title):
            yield tokens[-1].start, tokens[-1].end + 1


def _unbalanced(sentence: str) -> Iterator[Range]:
    for opening, closing in ("()", "[]", "“”"):
        if sentence.count(opening) != sentence.count(closing):
            at = max(sentence.find(opening), sentence.find(closing))
            yield at, at + 1
    if sentence.count('"') % 2:
        yield sentence.rfind('"'), sentence.rfind('"') + 1


def _is_wrong_article(article: str, following: str) -> bool:
    if len(following) < 2 or following[1].isupper() or (article == "A" and following[0].isupper()):
        return False
    has_vowel_letter = following[0].lower() in "aeio" or (
        following[0].lower() == "u" and not _SOUNDS_CONSONANT.match(following)
    )
    if article.lower() == "a":
        return has_vowel_letter and not _SOUNDS_CONSONANT.match(following)
    return (not has_vowel_letter or bool(_SOUNDS_CONSONANT.match(following))) and not _SOUNDS_VOWEL.match(following)


def _doubled_words(subject: Subject, text: str) -> Iterator[Range]:
    tokens = words(text)
    keys = [token.text.casefold() for token in tokens]
    for size in range(1, _MAX_REPEATED_WORDS + 1):
        for at in range(len(keys) - 2 * size + 1):
            if keys[at] != keys[at + size] or keys[at : at + size] != keys[at + size : at + 2 * size]:
                continue
            start, end = tokens[at].start, tokens[at + 2 * size - 1].end
            if (
                not _may_repeat(text, tokens[at : at + 2 * size])
                and plain(text[start:end]) not in subject.body.in_plain
            ):
                yield start, end


def _may_repeat(text: str, tokens: list[Word]) -> bool:
    """A name ("Duran Duran"), digits ("10 10"), a word that rightly doubles; or words that punctuation parts."""
    half = len(tokens) // 2
    if any(mark in _TERMINAL for mark in text[tokens[0].end : tokens[-1].start]):
        return True
    if text[tokens[half - 1].end : tokens[half].start].strip():
        return half < _MIN_SENTENCE_WORDS
    first = tokens[0].text
    return half == 1 and (
        first.casefold() in _MAY_DOUBLE or first.isdecimal() or (first[0].isupper() and tokens[1].text[0].isupper())
    )
