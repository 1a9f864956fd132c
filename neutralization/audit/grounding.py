"""Grounding: every number, date, quotation and proper name in an output stands in the body."""

import re
from collections.abc import Iterator

from neutralization.audit.pairs import strange_pairs
from neutralization.audit.retold import is_retold
from neutralization.audit.subject import Subject
from neutralization.audit.swaps import is_numeral
from neutralization.audit.texts import Text, bare, plain
from neutralization.types import Output
from ntrl.text.names import Vocabulary, name_key, unknown_names
from ntrl.text.quotes import Quotation

# "No. 14" is the number fourteen.
_NUMERO = re.compile(r"Nos?\. ?\d")


def numbers(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers by value and unit: "20%" is "twenty percent", never "20"."""
    text = subject[output]
    known = subject.body.readings
    for each in text.numbers:
        if not each.matches(known) and not is_retold(subject.body, text, each):
            yield text.text[each.start : each.end]
    yield from strange_pairs(subject.body, text)
    yield from (word for word in subject.exchanged(output) if is_numeral(word))


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
    """Names by token."""
    body = subject.body.vocabulary
    # A replacement's words are ordinary ones, though a heading gives them capitals; a name it must not bring.
    words = " ".join(span.replacement for span in subject.spans).split()
    ordinary = {name_key(word) for word in words if word == word.lower()}
    known = Vocabulary(body.capitals.union(ordinary), body.smalls.union(ordinary), body.initials)
    text = subject[output].text
    for token in unknown_names(subject[output].name_tokens, known):
        if not _NUMERO.match(text, token.start):
            yield token.text
    for word in subject.exchanged(output):
        # The replacement that opens a sentence has a capital, as a name has.
        is_replacement = any(name_key(part) in ordinary for part in word.split())
        if not is_numeral(word) and not is_replacement:
            yield word


def _is_quoted_in(body: Text, text: Text, each: Quotation) -> bool:
    quotation = text.text[each.start : each.end]
    words = bare(quotation)
    if not words or words in body.quoted_words:
        return True
    if (body.in_quoted if each.is_speech else body.in_plain).holds(words):
        return True
    # A mark that is not closed, or not opened, makes the sentence and the body disagree on what is quoted.
    return plain(quotation) in body.in_plain
