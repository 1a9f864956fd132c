"""The decision table, each row in both directions, and what holds of every two fingerprints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narratives.identity import Fingerprint, Row
from tests.narratives.rules import IDENTITY, a_print

DOGE = a_print("Dogecoin", "price surge", "Robinhood, Binance", "surged, bought")

TABLE = [
    # same nucleus, strong focus: whatever the actors
    (DOGE, a_print("Dogecoin", "price surge", "Upbit", "traded"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (DOGE, a_print("DOGE", "price rally"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (DOGE, a_print("Dogecoin", "surge in prices"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (a_print("SEC", "ETF approval"), a_print("SEC", "etf approvals"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (a_print("SEC", "ETF approval"), a_print("SEC", "staking ETF approval"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (a_print("the Fed", "rate hold"), a_print("Federal Reserve", "no rate cut"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (a_print("the Fed", "rate hold"), a_print("Fed", "rates left unchanged"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    (a_print("Nestlé", "product recall"), a_print("Nestle", "recall of products"), Row.SAME_NUCLEUS_STRONG_FOCUS),
    # same nucleus, focus not strong: different, even with identical actors and actions
    (
        DOGE,
        a_print("Dogecoin", "protocol upgrade", "Robinhood, Binance", "surged, bought"),
        Row.SAME_NUCLEUS_OTHER_FOCUS,
    ),
    (DOGE, a_print("Dogecoin", "price fall", "Robinhood, Binance", "surged, bought"), Row.SAME_NUCLEUS_OTHER_FOCUS),
    (a_print("SEC", "ETF approval"), a_print("SEC", "ETF rejection"), Row.SAME_NUCLEUS_OTHER_FOCUS),
    (a_print("SEC", "platform launch"), a_print("SEC", "platform shutdown"), Row.SAME_NUCLEUS_OTHER_FOCUS),
    (a_print("Federal Reserve", "rate cut"), a_print("Federal Reserve", "no rate cut"), Row.SAME_NUCLEUS_OTHER_FOCUS),
    (a_print("SEC", "big enforcement action"), a_print("SEC", "new policy action"), Row.SAME_NUCLEUS_OTHER_FOCUS),
    # different nucleus, equal focus: only when each is among the other's actors
    (a_print("SEC", "enforcement action", "Binance"), a_print("Binance", "enforcement actions", "SEC"), Row.TWO_ENDS),
    (
        a_print("SEC", "enforcement action", "Binance"),
        a_print("Binance", "enforcement action", "U.S. Securities and Exchange Commission"),
        Row.TWO_ENDS,
    ),
    (a_print("Robinhood", "Dogecoin price surge", "DOGE"), DOGE, Row.TWO_ENDS),
    (
        a_print("SEC", "enforcement action", "Binance"),
        a_print("Binance", "enforcement action"),
        Row.EQUAL_FOCUS_STRANGERS,
    ),
    (
        a_print("Bitcoin", "price surge", "Kaiko"),
        a_print("Dogecoin", "price surge", "Kaiko"),
        Row.EQUAL_FOCUS_STRANGERS,
    ),
    (a_print("Bit", "price surge"), a_print("Bitcoin", "price surge"), Row.EQUAL_FOCUS_STRANGERS),
    # different nucleus, focus not equal
    (
        a_print("SEC", "enforcement action", "Binance"),
        a_print("Binance", "large enforcement action", "SEC"),
        Row.OTHER_NUCLEUS_OTHER_FOCUS,
    ),
    (
        a_print("SEC", "etf approval", "Fidelity"),
        a_print("Fidelity", "etf rejection", "SEC"),
        Row.OTHER_NUCLEUS_OTHER_FOCUS,
    ),
    # a focus missing on either side
    (DOGE, a_print("Dogecoin", ""), Row.FOCUS_MISSING),
    (a_print("Dogecoin", " - "), a_print("Dogecoin", ""), Row.FOCUS_MISSING),
]

words = st.sampled_from(
    "price surge rally fall etf approval rejection no rate cut hold the network upgrade SEC 日本 é İ -".split()  # noqa: SIM905
)
names = st.one_of(st.sampled_from(["SEC", "Binance", "the Fed", "DOGE", "Dogecoin", ""]), st.text(max_size=12))
prints = st.builds(
    Fingerprint,
    names,
    st.one_of(st.lists(words, max_size=6).map(" ".join), st.text(max_size=30)),
    st.lists(names, max_size=5).map(tuple),
    st.lists(words, max_size=3).map(tuple),
)


@pytest.mark.parametrize(("one", "other", "row"), TABLE)
def test_the_table_says(one: Fingerprint, other: Fingerprint, row: Row) -> None:
    assert IDENTITY.compare(one, other).row is row
    assert IDENTITY.compare(other, one).row is row


def test_the_score_ranks_and_never_decides() -> None:
    everything_but_focus = a_print("Dogecoin", "protocol upgrade", "Robinhood, Binance", "surged, bought")
    verdict = IDENTITY.compare(DOGE, everything_but_focus)
    assert verdict.components.score == pytest.approx(0.5)
    assert not verdict.is_same


def test_empty_actors_agree_on_nothing() -> None:
    components = IDENTITY.compare(a_print("Dogecoin", "price surge"), a_print("Dogecoin", "price surge")).components
    assert (components.focus, components.nucleus, components.actors, components.actions) == (1.0, 1.0, 0.0, 0.0)


@given(prints, prints)
def test_similarity_is_symmetric_and_within_bounds(one: Fingerprint, other: Fingerprint) -> None:
    verdict = IDENTITY.compare(one, other)
    assert verdict == IDENTITY.compare(other, one)
    parts = verdict.components
    assert all(0 <= part <= 1 for part in (parts.focus, parts.nucleus, parts.actors, parts.actions, parts.score))


@given(prints)
def test_a_fingerprint_is_the_same_as_itself_or_has_nothing_to_go_by(fingerprint: Fingerprint) -> None:
    verdict = IDENTITY.compare(fingerprint, fingerprint)
    assert verdict.is_same or not IDENTITY.aliases.key(fingerprint.nucleus_entity) or verdict.row is Row.FOCUS_MISSING
