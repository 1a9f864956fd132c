"""Neutrality: what was accepted as manipulative is gone from the texts. What is quoted stays."""

from bisect import bisect_left
from collections.abc import Iterator

from neutralization.audit.alignment import Range
from neutralization.audit.subject import Subject
from neutralization.types import Output, Span


def left_spans(subject: Subject, output: Output) -> Iterator[str]:
    """Accepted spans that detail_full still has in their places, all their words."""
    if subject[output] is subject.body:
        yield from (span.original_text for span in subject.spans)
        return
    kept = [old for old, _ in subject.alignment.kept]
    for span in subject.spans:
        if _is_covered(subject.body.text, span, kept):
            yield span.original_text


def repeated_spans(subject: Subject, output: Output) -> Iterator[Range]:
    """Words of accepted spans in a short text, when the body has them nowhere but in accepted spans."""
    text = subject[output].lowered
    for words in sorted(subject.only_in_spans):
        at = text.find(words)
        while at >= 0:
            end = at + len(words)
            if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
                yield at, end
            at = text.find(words, end)


def manipulation(subject: Subject, output: Output) -> Iterator[Range]:
    """What the detector finds in a short text, unless the body has it where the detection let it stand."""
    if subject.detect is None:
        return
    text = subject[output]
    for start, end in subject.detect(text.text):
        if not subject.in_unmarked.holds(text.lowered[start:end]):
            yield start, end


def _is_covered(body: str, span: Span, kept: list[Range]) -> bool:
    """Whether the kept words inside the span are all its letters and digits."""
    at = bisect_left(kept, (span.start, span.start))
    inside = []
    while at < len(kept) and kept[at][1] <= span.end:
        inside.append(body[slice(*kept[at])])
        at += 1
    left = "".join(char for char in "".join(inside) if char.isalnum())
    return bool(left) and left == "".join(char for char in body[span.start : span.end] if char.isalnum())
