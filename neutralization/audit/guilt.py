"""Attribution: who is only suspected is not called guilty."""

from collections.abc import Iterator

from neutralization.audit import cues
from neutralization.audit.subject import Subject
from neutralization.types import Output

# Two sentences of the body may tell of the same suspect.
_HOMES = 2


def verdicts(subject: Subject, output: Output) -> Iterator[str]:
    """A "thief" or a "killer" in a sentence on an arrest or a charge that the body tells without such a word."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        called = [
            token
            for at, token in enumerate(sentence.tokens)
            if token.low in cues.GUILTY
            and at not in sentence.answered
            and sentence.tokens[at - 1].low not in cues.DOUBTS
        ]
        if not called or not sentence.lows & cues.PROCEDURE:
            continue
        best = origins.sources(sentence.telling, _HOMES)
        homes = [origins.sentences[index] for index in best if origins.sentences[index].lows & cues.PROCEDURE]
        if homes and not any(home.lows & (cues.GUILTY | cues.CONVICTED) for home in homes):
            yield subject[output].text[called[0].start : called[-1].end]
