"""Tell a page that asks for consent to cookies from an article: publishers serve the one in place of the other."""

import re
from collections.abc import Sequence

# A longer text has an article in it, whatever else it says.
MAX_CHARS = 6_000

# A wall's longest paragraphs list purposes; what is longer is not looked at further.
_PARAGRAPH_CHARS = 2_000

_PARTNERS = r"(?:\d{1,5} |our |trusted |advertising |selected |third[- ]party |tcf ){0,4}(?:partners|vendors|providers)"
_WE = r"(?:we|our (?:site|website|partners)|this (?:site|website))"
_CHOICES = r"(?:preferences|options|settings|choices|cookies|consent)"
_WALL = re.compile(
    "|".join(
        (
            rf"\b(?:we|us) (?:and|with) {_PARTNERS}\b|\b{_PARTNERS} (?:may )?(?:store|process|use|access)\b",
            rf"\b{_WE} (?:will |may )?(?:also )?uses? (?:\w+ ){{0,4}}cookies\b|\bstore and/or access information\b",
            r"\b(?:accept|reject|allow|decline|refuse|agree to) (?:all|our|the use of|essential|optional|necessary)?"
            r" ?(?:cookies|and continue|& continue)\b|^(?:accept|reject|agree|allow|decline) all$",
            rf"\b(?:manag(?:e|ing)|change|set|review|adjust) (?:your |my )?(?:cookie |privacy |consent ){_CHOICES}\b",
            rf"\b(?:manage|change|update|withdraw) (?:your |my ){_CHOICES}\b|^(?:manage|more) (?:preferences|options)$",
            r"\b(?:give|withdraw|manage|refuse) (?:your |my )?consent\b|\byour consent\b",
            r"\bby (?:clicking|pressing|tapping)\b|\blegitimate interests?\b|\bpersonali[sz]ed (?:ads?|advertising)\b",
            r"\bwe (?:value|care about|respect) your privacy\b|\byour privacy (?:is important|choices|matters)\b",
            r"^before you continue\b|\bcookie (?:policy|notice|settings|statement)\b",
        )
    ),
    re.IGNORECASE,
)
# The wall must say what it is about.
_SUBJECT = re.compile(r"\b(?:cookies?|consent|privacy)\b", re.IGNORECASE)


def is_consent_page(paragraphs: Sequence[str]) -> bool:
    """Tell whether most of a text, by length, asks its reader for consent. An article about cookies does not."""
    lengths = [len(paragraph) for paragraph in paragraphs]
    if not 0 < sum(lengths) <= MAX_CHARS or not any(map(_SUBJECT.search, paragraphs)):
        return False
    asking = sum(len(text) for text in paragraphs if _WALL.search(text[:_PARAGRAPH_CHARS]))
    return asking * 2 > sum(lengths)
