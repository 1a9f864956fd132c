"""The rules in force, compiled once for as long as they are the same: compiling takes a third of a second."""

from functools import lru_cache

from neutralization.lexicon import FalsePositives, Lexicon, compile_false_positives, compile_lexicon
from ntrl.rules.loader import RuleSet


@lru_cache(maxsize=2)
def lexicon_of(rules: RuleSet) -> Lexicon:
    """Compile the set `lexicon`."""
    return compile_lexicon(rules.entries)


@lru_cache(maxsize=2)
def false_positives_of(rules: RuleSet) -> FalsePositives:
    """Compile the set `false_positives`."""
    return compile_false_positives(rules.entries)
