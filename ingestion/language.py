"""Name the language of a text, so that rules and prompts for English meet English only."""

import re
import threading
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Fewer letters are a name or a score, in any language.
MIN_LETTERS = 20

# Enough to be sure: of 268 real articles none is judged otherwise by its first 6,000, which take seven times as long.
SAMPLE_CHARS = 800

# Under this probability the whole text is mixed or made of names, and its paragraphs are asked one by one.
SURE_PROBABILITY = 0.9

# A cache does not keep threads from filling it side by side, 100 MB each.
_loading = threading.Lock()

_ADDRESS = re.compile(r"https?://\S+|[^\s@]{0,64}@\S+")


def detect_language(text: str) -> str:
    """Name the language that most of a text is written in.

    Args:
        text: a body or a title.

    Returns:
        An ISO 639-1 code, "en"; "" for a text of fewer than 20 letters.
    """
    sample = _sample(text)
    if _letters(sample) < MIN_LETTERS:
        return ""
    language, probability = _identifier().classify(sample)
    if probability >= SURE_PROBABILITY:
        return str(language)
    return _majority(sample) or str(language)


def _majority(sample: str) -> str:
    """Let paragraphs vote, each with its letters times its probability; "" when all are too short to."""
    weight: dict[str, float] = {}
    for paragraph in sample.split("\n"):
        letters = _letters(paragraph)
        if letters >= MIN_LETTERS:
            language, probability = _identifier().classify(paragraph)
            weight[language] = weight.get(language, 0.0) + letters * float(probability)
    return max(weight, key=lambda language: weight[language], default="")


def _sample(text: str) -> str:
    # A lone surrogate can't be encoded, and the model reads UTF-8.
    text = text[:SAMPLE_CHARS].encode("utf-8", "ignore").decode("utf-8")
    return _ADDRESS.sub(" ", text)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _identifier() -> LanguageIdentifier:
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> LanguageIdentifier:
    """Load the model, once (0.7 s), with the languages that ISO 639-1 has a code for."""
    full = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    full.set_languages([label for label in full.labels if len(label) == 2])
    # An identifier keeps the table of all languages; one made of the smaller table lets go of it, 28 MB.
    return LanguageIdentifier(
        full.nb_ptc, full.nb_pc, full.nb_classes, full.tk_nextmove, full.tk_output, norm_probs=True, tk_row=full.tk_row
    )
