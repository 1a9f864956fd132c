"""Whether a model's text can be read at all. Pure."""

from ntrl.text.common_words import OPENERS
from ntrl.text.tokens import words

# Of a text made from an article most words are the article's or common ones; of noise, or another language, few are.
_MIN_KNOWN_SHARE = 0.4
# A title is too short to judge so.
_MIN_WORDS = 8
# "Approves" is known where the article has "approved".
_STEM_CHARS = 4
_MAX_ODD_SHARE = 0.05
# As much of a text as tells; a longer one fails by its length.
_CHARS_READ = 50_000


def is_garbled(text: str, body: str) -> bool:
    """Tell whether `text`, made from `body`, is noise: odd characters, or words that neither it nor English has."""
    text = text[:_CHARS_READ]
    if not text.strip():
        return False  # nothing is not noise
    odd = sum(not (char.isprintable() or char in "\n\t") or char == "\ufffd" for char in text)
    if odd > _MAX_ODD_SHARE * len(text):
        return True
    found = [word.text.casefold()[:_STEM_CHARS] for word in words(text)]
    if len(found) < _MIN_WORDS:
        return not found
    known = {word.text.casefold()[:_STEM_CHARS] for word in words(body)} | {word[:_STEM_CHARS] for word in OPENERS}
    return sum(word in known for word in found) < _MIN_KNOWN_SHARE * len(found)
