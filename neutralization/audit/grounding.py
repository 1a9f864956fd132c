"""Grounding: every number, date, quotation and proper name in an output stands in the body."""

from collections.abc import Iterator

from neutralization.audit.subject import Subject, Text, bare, holds, plain
from neutralization.audit.swaps import is_numeral
from neutralization.types import Output
from ntrl.text.names import Vocabulary, unknown_names
from ntrl.text.quotes import Quotation


def numbers(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers by value and unit: "20%" is "twenty percent", never "20"."""
    text = subject[output]
    known = subject.body.readings
    yield from (text.text[each.start : each.end] for each in text.numbers if not each.matches(known))
    yield from (word for word in _exchanged(subject.body, text) if is_numeral(word))


def dates(subject: Subject, output: Output) -> Iterator[str]:
    """Dates by their parts together: the body's "March 3" and "April 5" do not make a "March 5"."""
    known = subject.body.known_dates
    return (each.text for each in subject[output].dates if not known.hold(each))


def quotations(subject: Subject, output: Output) -> Iterator[str]:
    """Quoted words are the body's, verbatim, and quoted there too."""
    text = subject[output]
    for each in text.quotations:
        if not _is_quoted_in(subject.body, text, each):
            yield text.text[each.start : each.end]


def names(subject: Subject, output: Output) -> Iterator[str]:
    """Names by token. A replacement's words are known as ordinary words, and give no name."""
    body = subject.body.vocabulary
    replacements = [span.replacement for span in subject.spans] + [edit.replacement for edit in subject.edits]
    replaced = " ".join(replacements).casefold().split()
    known = Vocabulary(body.capitals, body.smalls.union(replaced), body.initials)
    yield from (token.text for token in unknown_names(subject[output].name_tokens, known))
    yield from (word for word in _exchanged(subject.body, subject[output]) if not is_numeral(word))


def _exchanged(body: Text, text: Text) -> Iterator[str]:
    """Numbers and names that are the body's own, in a sentence where the body has another one in that place."""
    for sentence in sorted(text.plain_sentences - body.plain_sentences):
        yield from body.skeletons.exchanged(sentence)


def _is_quoted_in(body: Text, text: Text, each: Quotation) -> bool:
    quotation = text.text[each.start : each.end]
    words = bare(quotation)
    if not words or words in body.quoted_words:
        return True
    if holds(body.quoted if each.is_speech else body.plain, words):
        return True
    # A mark that is not closed, or not opened, makes the sentence and the body disagree on what is quoted.
    return plain(quotation) in body.plain
