"""Tell whether a sentence gives the words it quotes to someone: whether somebody said, found or felt them."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from ntrl.text.fold import fold
from ntrl.text.sentences import sentences
from ntrl.text.tokens import words

_VERB_FORMS = """
    according accuse accused accuses accusing acknowledged acknowledges add added adds admits admitted allege alleged
    alleges announced answered apologise apologised apologises apologising apologize apologized apologizes apologizing
    argue argued argues argues ask asked asks believe believed believes blasted brand branded branding brands call
    called calling calls characterised characterized chant chanted chanting chants cite cited cites citing claim claimed
    claiming claims commented complain complained complains conceded concluded concludes condemned condemning condemns
    considered considers criticised criticising criticized criticizing declare declared declares decried deemed denied
    denounced denounces denouncing derided describe described describes describing dismiss dismissed dismisses
    dismissing dub dubbed dubbing dubs exclaimed explain explained explains feel feels felt find finds found hailed
    hailing hear heard hears insist insisted insists joked label labeled labeling labelled labelling labels lambasted
    lamented likened maintain maintained maintains mocked noted panned posted praised praises predicted promised quipped
    quote quoted quotes quoting recall recalled recalls recorded referred regarded remarked replied replies reported
    reports responded ridiculed ruled ruling say saying says shout shouted shouts slammed slamming spoke spoken speak
    speaking speaks state stated states suggest suggested suggests said tell tells termed terms testified testifies
    testify testifying told tweeted urged vowed warn warned warning warns whispered write writes wrote yelled yells
"""
# Verbs that give the words beside them to someone, folded.
SPEECH_VERBS = frozenset(_VERB_FORMS.split())
# "“No,” the old man shouted": so few words lie between a quotation that ends with a mark and its verb.
_WORDS_TO_VERB = 4
_MARKS_OF_SPEECH = frozenset(",?!.…—")
_CLOSING_MARKS = "”\"»’'“‘«＂"
_NEAR_CHARS = 160
# A clause that ends a sentence: ", the inquiry heard." It is short, whoever it names.
_LAST_CLAUSE = re.compile(r"[,;—–][^,;—–]*\Z")
_LAST_CLAUSE_CHARS = 120


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Where a sentence's first verb of speech stands, and where the clause begins that closes it with one."""

    first_verb: int
    closing_clause: int


class Speech:
    """A text's attributions. Each sentence is read once, when it is first asked for."""

    def __init__(self, text: str) -> None:
        """Take `text`; nothing is read yet."""
        self._text = text
        self._read: dict[int, _Sentence] = {}

    def gives(self, start: int, end: int) -> bool:
        """Tell whether the sentence that holds a quotation gives it to someone.

        A verb of speech stands before it, right after it, or in a clause that closes the sentence.

        Args:
            start: Where the quotation begins.
            end: Where it ends, with its marks.
        """
        found = self._sentence(start)
        if found is not None and (found.first_verb < start or found.closing_clause >= end):
            return True
        quoted = self._text[start:end].rstrip(_CLOSING_MARKS)
        if not quoted or quoted[-1] not in _MARKS_OF_SPEECH:
            return False
        after = re.split(r"[.!?\n]", fold(self._text[end : end + _NEAR_CHARS]))[0]
        return any(word.text in SPEECH_VERBS for word in words(after)[:_WORDS_TO_VERB])

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        return sentences(self._text)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._sentences]

    def _sentence(self, at: int) -> _Sentence | None:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return None
        if index not in self._read:
            self._read[index] = self._reading(*self._sentences[index])
        return self._read[index]

    def _reading(self, start: int, end: int) -> _Sentence:
        folded = fold(self._text[start:end])
        verbs = [start + word.start for word in words(folded) if word.text in SPEECH_VERBS]
        tail_at = max(0, len(folded) - _LAST_CLAUSE_CHARS)
        clause = _LAST_CLAUSE.search(folded[tail_at:])
        closes = clause is not None and bool(verbs) and verbs[-1] > start + tail_at + clause.start()
        closing = start + tail_at + clause.start() if clause and closes else -1
        return _Sentence(verbs[0] if verbs else end, closing)
