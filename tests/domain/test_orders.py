"""Orders as values: which way they trade, what may raise exposure, and the journal's words."""

import pytest

from hfl_core.domain.ids import Symbol
from hfl_core.domain.orders import (
    TERMINAL,
    OrderIntent,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from tests.engine.kit import D

# The journal holds these words: another spelling could not read what was written with this one.
WORDS = {
    Side: "buy sell",
    OrderType: "market limit stop",
    TimeInForce: "bar day gtc",
    Purpose: "entry exit protection",
    OrderStatus: "intended sending working cancelling unknown filled cancelled expired rejected "
    "refused not_at_venue",
}


@pytest.mark.parametrize("kind", WORDS)
def test_the_words_of_the_journal_stay(kind):
    assert [member.value for member in kind] == WORDS[kind].split()


def test_a_buy_adds_and_a_sale_takes_away():
    assert {side: side.sign for side in Side} == {Side.BUY: 1, Side.SELL: -1}


def test_each_side_is_the_opposite_of_its_opposite():
    assert {side: side.opposite for side in Side} == {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


def test_an_order_that_ended_cannot_trade_and_every_other_may():
    may_trade = [status.value for status in OrderStatus if status.value not in TERMINAL]

    assert may_trade == ["intended", "sending", "working", "cancelling", "unknown"]
    assert {status.value for status in OrderStatus} >= TERMINAL


def intent(purpose: Purpose) -> OrderIntent:
    return OrderIntent(
        symbol=Symbol("AAA"), side=Side.BUY, type=OrderType.MARKET, purpose=purpose, quantity=D(1)
    )


def test_only_an_entry_may_raise_exposure():
    assert {purpose: intent(purpose).is_reduce_only for purpose in Purpose} == {
        Purpose.ENTRY: False,
        Purpose.EXIT: True,
        Purpose.PROTECTION: True,
    }


def test_an_intent_that_says_nothing_else_lives_one_bar_without_prices():
    plain = intent(Purpose.ENTRY)

    assert (plain.limit_price, plain.stop_price, plain.risk_stop_price) == (None, None, None)
    assert (plain.time_in_force, plain.reason) == (TimeInForce.BAR, "")
