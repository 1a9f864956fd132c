"""Which pairs consolidation finds, and who stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID

from narratives.consolidation import Live, Pair, pair_of, plan, survivor_first
from tests.narratives.rules import IDENTITY, a_print

OLD = datetime(2026, 1, 1, tzinfo=UTC)


def live(number: int, focus: str, count: int = 1, days: int = 0, nucleus: str = "Dogecoin") -> Live:
    return Live(UUID(int=number), a_print(nucleus, focus, "SEC"), count, OLD + timedelta(days=days))


def pairs(group: Sequence[Live]) -> list[Pair]:
    return [pair for one, other in combinations(group, 2) if (pair := pair_of(one, other, IDENTITY))]


def test_more_stories_then_older_then_smaller_id_stays() -> None:
    many, few = live(9, "price surge", count=5, days=9), live(1, "price surge", count=4)
    assert survivor_first(few, many) == (many, few)
    older, younger = live(9, "price surge"), live(1, "price surge", days=1)
    assert survivor_first(younger, older) == (older, younger)
    assert survivor_first(live(2, "a b"), live(1, "a b"))[0].id == UUID(int=1)


def test_only_the_first_row_makes_a_pair() -> None:
    group = [live(1, "price surge"), live(2, "price rally"), live(3, "protocol upgrade"), live(4, "price fall")]
    (pair,) = pairs(group)
    assert {pair.survivor.id.int, pair.loser.id.int} == {1, 2}
    two_ends = [live(5, "enforcement action", nucleus="SEC"), live(6, "enforcement action", nucleus="Dogecoin")]
    assert pairs(two_ends) == []


def test_a_narrative_is_in_one_merge_of_a_pass_at_most() -> None:
    group = [live(number, "price surge", count=number) for number in range(1, 5)]
    planned = plan(pairs(group))
    assert len(planned) == 2
    assert len({one.id for pair in planned for one in (pair.survivor, pair.loser)}) == 4
