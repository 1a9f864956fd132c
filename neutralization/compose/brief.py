"""The extractive brief: three to five paragraphs of whole sentences, in the order of the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from neutralization import limits
from neutralization.compose import vocabulary as v
from neutralization.compose.errors import ComposeError
from neutralization.compose.passages import Passage, is_ordinary
from neutralization.compose.salience import Salience, content

# A brief is read in under a minute.
_TARGET_CHARS = 750
_MAX_PARAGRAPH_CHARS = 420
_MAX_PARAGRAPH_SENTENCES = 2
_FIRST_PERSON_COST = 0.6
# What a sentence costs that opens with a surname nobody has introduced.
_STRANGER_COST = 0.5


@dataclass(frozen=True, slots=True)
class _Unit:
    """Neighbouring sentences that are shown together: the first leans on nothing."""

    sentences: tuple[Passage, ...]

    @property
    def text(self) -> str:
        return " ".join(passage.text for passage in self.sentences)

    @property
    def start(self) -> int:
        return self.sentences[0].index


def brief(found: Sequence[Passage], weights: Salience) -> str:
    """Choose the sentences that tell what happened, what is known and what is open, and set them in paragraphs.

    Raises:
        ComposeError: the text has fewer usable sentences than a brief has paragraphs.
    """
    least = limits.DETAIL_BRIEF_MIN_PARAGRAPHS
    if len(found) < least:
        raise ComposeError(f"only {len(found)} usable sentences; a brief needs {least}")
    units = _units(found)
    chosen = _choose(units, weights) if len(units) >= least else []
    if len(chosen) < least:
        chosen = [_Unit((passage,)) for passage in found[: limits.DETAIL_BRIEF_MAX_PARAGRAPHS]]
    return "\n\n".join(unit.text for unit in chosen)


def _units(found: Sequence[Passage]) -> list[_Unit]:
    units: list[list[Passage]] = []
    for passage in found:
        if not passage.leans:
            units.append([passage])
        elif units and _continues(units[-1], passage):
            units[-1].append(passage)
    return [_Unit(tuple(unit)) for unit in units]


def _continues(unit: Sequence[Passage], passage: Passage) -> bool:
    length = sum(len(part.text) for part in unit) + len(passage.text)
    neighbours = unit[-1].index + 1 == passage.index
    return neighbours and len(unit) < _MAX_PARAGRAPH_SENTENCES and length <= _MAX_PARAGRAPH_CHARS


def _choose(units: Sequence[_Unit], weights: Salience) -> list[_Unit]:
    """Take the lead, then what adds most, until the brief is long enough; then restore the text's order."""
    chosen = [units[0]]
    rest = list(units[1:])
    while rest and len(chosen) < limits.DETAIL_BRIEF_MAX_PARAGRAPHS and not _is_enough(chosen):
        said = set().union(*(content(unit.text) for unit in chosen))
        best = max(rest, key=lambda unit: (_gain(unit, said, weights, chosen), -unit.start))
        rest.remove(best)
        chosen.append(best)
    return sorted(chosen, key=lambda unit: unit.start)


def _is_enough(chosen: Sequence[_Unit]) -> bool:
    length = sum(len(unit.text) for unit in chosen)
    return len(chosen) >= limits.DETAIL_BRIEF_MIN_PARAGRAPHS and length >= _TARGET_CHARS


def _gain(unit: _Unit, said: set[str], weights: Salience, chosen: Sequence[_Unit]) -> float:
    words = content(unit.text)
    new = sum(weights.weights.get(word, 0.0) for word in words - said) / weights.total
    low = {word.strip('.,;:“”"').lower() for word in unit.text.split()}
    role = 0.3 * bool(low & v.KNOWLEDGE) + _open_question(low, chosen)
    early = 0.9 * 0.93**unit.start
    personal = _FIRST_PERSON_COST * bool(low & {"i", "we", "my", "our", "you", "your", "i’m", "i'm", "you’re"})
    stranger = _STRANGER_COST * _names_stranger(unit, said)
    return min(new, 1.2) + early + role - personal - stranger - max(0, len(unit.text) - 300) * 0.003


def _names_stranger(unit: _Unit, said: set[str]) -> bool:
    first, second = unit.sentences[0].tokens[:2]
    is_name = first.is_capital and second.text.islower() and not is_ordinary(first.low)
    return is_name and bool(content(first.text) - said)


def _open_question(low: set[str], chosen: Sequence[_Unit]) -> float:
    """What is still open is told once, near the end."""
    return 0.35 * bool(low & v.OPEN_QUESTIONS) if len(chosen) >= 2 else 0.0
