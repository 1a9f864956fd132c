"""Words that the lexicon flags: readers see whom a narrative is about and what happens, and never such a word."""

from dataclasses import replace

from narratives.fingerprints import BadFingerprint
from narratives.focus import FocusRules, fold_words
from narratives.identity import Fingerprint
from narratives.stems import stem
from neutralization.lexicon import FalsePositives, Lexicon
from neutralization.rules_in_force import false_positives_of, lexicon_of
from neutralization.spans import detect
from ntrl.rules.loader import load_rules


class LoadedWords:
    """The lexicon, as names and foci are held to it.

    Args:
        lexicon: of neutralization.
        false_positives: of neutralization.
        focus: its tables name events ("price surge"): their words are no judgement in a focus.
    """

    def __init__(self, lexicon: Lexicon, false_positives: FalsePositives, focus: FocusRules) -> None:
        self._lexicon = lexicon
        self._false_positives = false_positives
        self._focus = focus

    @classmethod
    def in_force(cls, focus: FocusRules) -> "LoadedWords":
        """By the lexicon as it is now, with editors' rows; two queries."""
        lexicon, false_positives = load_rules("lexicon"), load_rules("false_positives")
        return cls(lexicon_of(lexicon), false_positives_of(false_positives), focus)

    def masked(self, text: str) -> str:
        """The text, as long as before, with an ellipsis for each character of a flagged phrase."""
        for span in detect(text, self._lexicon, self._false_positives).spans:
            text = text[: span.start] + "…" * (span.end - span.start) + text[span.end :]
        return text

    def check_focus(self, focus: str) -> None:
        """Refuse a focus with a flagged word. Raises BadFingerprint `focus_loaded`."""
        flagged = [word for word in self._flagged(focus) if not self._is_event(word)]
        if flagged:
            raise BadFingerprint("focus_loaded", f"{flagged[0]!r} in {focus!r} is a judgement; a calm word is needed")

    def calmed(self, fingerprint: Fingerprint) -> Fingerprint:
        """The fingerprint without actors whose names are flagged ("radical left").

        Raises:
            BadFingerprint: `focus_loaded` or `nucleus_loaded`.
        """
        self.check_focus(fingerprint.narrative_focus)
        if flagged := self._flagged(fingerprint.nucleus_entity):
            raise BadFingerprint("nucleus_loaded", f"{flagged[0]!r} in the nucleus is a judgement, not a name")
        return replace(
            fingerprint, top_actors=tuple(name for name in fingerprint.top_actors if not self._flagged(name))
        )

    def _flagged(self, text: str) -> list[str]:
        return [span.original_text for span in detect(text, self._lexicon, self._false_positives).spans]

    def _is_event(self, phrase: str) -> bool:
        return tuple(map(stem, fold_words(phrase))) in self._focus.classes
