"""Form: sentences that lost a part of themselves when a phrase or a clause was taken out."""

import re
from collections.abc import Iterator

from neutralization.audit.ranges import Range
from neutralization.audit.subject import Subject
from neutralization.types import Output

# Words that lean on what follows them: "It was hot, enough." has lost its clause.
_LEANING = (
    "about|also|approximately|as|at|because|both|by|enough|especially|even|from|further|including|in|just|"
    "least|less|mainly|more|most|namely|not|on|only|particularly|quite|roughly|since|so|"
    "such|to|until|very|when|where|which|who|with"
)
_COMMA_TAIL = re.compile(rf",[ ](?:{_LEANING})(?=[.!?]|$)", re.IGNORECASE)
_CLAUSE_VERBS = (
    "said|says|argued|argues|judged|estimated|estimates|warned|warns|announced|concluded|ruled|stated|insisted|"
    "predicted|decided|reported|suggested|suggests|acknowledged|testified|maintained"
)
_AFTER_THAT = (
    "too|much|himself|herself|themselves|myself|itself|again|already|before|day|week|month|year|morning|afternoon|"
    "evening|night|time|summer|winter|spring|autumn|season|way|one|alone|first|here|there|then|now|ever|often|"
    "publicly|privately|explicitly|clearly|directly|yesterday|today|later|earlier|recently|about"
)
# "The minutes said that inflation." has a subject and no verb.
_THAT_TAIL = re.compile(rf"\b(?:{_CLAUSE_VERBS})[ ]that[ ](?!(?:{_AFTER_THAT})\b)[A-Za-z]{{2,30}}(?=[.!?]?$)")
# "A staggering 14 million devices" without its adjective. Years count nothing: "a 2019 crisis".
_COUNTED = re.compile(
    r"\b(?:an?[ ](?!(?:1\d|20)\d\d[ ])\d[\d,.]{0,15}|[Aa]n?[ ]\d[\d,.]{0,15}[ ](?:thousand|million|billion|trillion))"
    r"[ ][a-z]{2,20}[a-hj-rtv-z]s\b(?!['’-])"
)
# An article that has lost its noun.
_BARE_ARTICLE = re.compile(
    r"\b(?:the[ ](?:of|and|is|was|are|were|has|had|by|for|with|from|which|the|an?)"
    r"|an?[ ](?:of|is|was|are|were|by|for|with|from|which|the|an?))\b(?!['’-])"
)
_AND_THAT = re.compile(r",?[ ]and that (?:the|an?|it|he|she|they|we|his|her|its|their|our|there)\b")
# What a clause with "that" may depend on; in good prose one of these has come before its "and that".
_TAKES_THAT = re.compile(
    r"\b(?:that|sa(?:id|ys?|ying)|t(?:old|ells?|elling)|kn[eo]ws?n?|th(?:inks?|ought|inking)|bel(?:ieve|ief)\w{0,2}"
    r"|hop(?:e|ing)\w?|f(?:ou|i)nd\w{0,3}|sh[oe]w\w{0,3}|mean\w?|meant|claim\w{0,3}|argu\w{1,3}|warn\w{0,3}|add\w{0,3}"
    r"|not\w{1,3}|agree\w{0,2}|insist\w{0,3}|announc\w{1,3}|confirm\w{0,3}|suggest\w{0,3}|report\w{0,3}|wr[io]te\w?"
    r"|estimat\w{1,3}|expect\w{0,3}|fear\w{0,3}|admit\w{0,4}|den(?:y|ied|ies)|decid\w{1,3}|ensur\w{1,3}|fact|rul\w{1,3}"
    r"|learn\w{0,3}|glad|sure|clear|true|aware|what|how|why|promis\w{1,3}|vow\w{0,3}|stat\w{1,3}|explain\w{0,3})\b",
    re.IGNORECASE,
)
# What points back at a sentence before, where none is. "Her Majesty" and "And Just Like That" go on with a capital.
_POINTS_BACK = re.compile(
    r"\A\W{0,3}(?i:but|and|nor|or|yet|he|she|they|his|her|their|its|these|those"
    r"|it(?! (?:is|was|will|would|takes|took|may|might|could|can|has|had|does|did|seems|appears|remains)\b))"
    r"[ ](?=[a-z])"
)
# As much before a slip as shows that the body has the same slip.
_CONTEXT_CHARS = 10


def fragments(subject: Subject, sentence: str) -> Iterator[Range]:
    """What shows that `sentence` is no longer whole; what the body itself has is not blamed."""
    for pattern in (_COMMA_TAIL, _THAT_TAIL, _COUNTED, _BARE_ARTICLE):
        for match in pattern.finditer(sentence):
            if sentence[max(match.start() - _CONTEXT_CHARS, 0) : match.end()] not in subject.body.in_text:
                yield match.span()
    clause = _AND_THAT.search(sentence)
    if clause and not _TAKES_THAT.search(sentence, 0, clause.start()):
        yield clause.span()


def points_back(subject: Subject, output: Output) -> Iterator[Range]:
    """A text of one line that opens with a pronoun or a conjunction, though nothing stands before it."""
    match = _POINTS_BACK.match(subject[output].text)
    if match:
        yield match.span()
