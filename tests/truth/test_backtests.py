"""The truth strategies on a small market of their own, traded by the engine and counted by hand."""

from decimal import Decimal

import numpy as np
import pytest

from tests.truth.backtests import slots_of, slots_with_opens, traded
from tests.truth.figures import equity_of, figures
from tests.truth.files import Columns
from tests.truth.strategies import LongOnlyCross, TurnOver, cross

HOUR_NS = 3_600_000_000_000


def table(opens, closes):
    found = Columns(
        open=np.array(opens),
        high=np.maximum(opens, closes) + 0.5,
        low=np.minimum(opens, closes) - 0.5,
        close=np.array(closes),
    )
    found.ts = np.arange(len(closes), dtype=np.int64) * HOUR_NS + 1_600_002_000_000_000_000
    assert (found.ts % HOUR_NS == 0).all()
    return found


@pytest.mark.parametrize(
    ("closes", "side"),
    [
        ((10, 10, 8, 12), 1),
        ((10, 10, 12, 8), -1),
        ((10, 10, 10, 12), 0),
        ((10, 8, 8, 12), 1),
        ((10, 8, 10, 12), 0),
        ((8, 12), 0),
        ((), 0),
    ],
)
def test_a_cross_needs_a_difference_of_the_other_sign_before_it(closes, side):
    assert cross(tuple(map(float, closes)), 1, 2) == side


def test_everything_is_invested_at_the_price_of_the_fill_and_sold_at_the_last_open():
    market = table([10, 10, 8, 9, 14, 15, 16], [10, 10, 8, 12, 14, 15, 16])
    ends_ns = int(market.ts[-2]) + HOUR_NS

    fills = traded(
        slots_of(market, HOUR_NS),
        LongOnlyCross(fast=1, slow=2, ends_ns=ends_ns),
        cash=Decimal(1000),
        commission=Decimal("0.01"),
        step_ns=HOUR_NS,
    )

    # Signal at the close of row 3 (12), fill at the open of row 4 (14): floor(1000 / 14.14) = 70.
    entry, last = fills
    assert (entry.quantity, entry.price, entry.fee) == (70, 14, Decimal("9.8"))
    assert (last.quantity, last.price, last.at_ns) == (70, 16, int(market.ts[-1]))
    equity = equity_of(market, fills, start=1000.0)
    assert list(equity[:4]) == [1000.0] * 4
    assert equity[4] == pytest.approx(1000 - 9.8)
    assert equity[6] == pytest.approx(1000 + 2 * 70 - 9.8 - 11.2)


def test_an_open_below_the_close_buys_more_than_the_close_would_have():
    market = table([10, 10, 8, 9, 5, 5, 5], [10, 10, 8, 12, 5, 5, 5])
    fills = traded(
        slots_of(market, HOUR_NS),
        LongOnlyCross(fast=1, slow=2, ends_ns=int(market.ts[-2]) + HOUR_NS),
        cash=Decimal(1000),
        commission=Decimal(0),
        step_ns=HOUR_NS,
    )

    assert fills[0].quantity == 200


def test_a_position_is_turned_over_at_one_open():
    market = table([10, 10, 8, 9, 14, 13, 9, 9, 9], [10, 10, 8, 12, 14, 9, 9, 9, 9])
    fills = traded(
        slots_with_opens(market, HOUR_NS),
        TurnOver(fast=1, slow=2, step_ns=HOUR_NS, ends_ns=int(market.ts[-2]) + HOUR_NS),
        cash=Decimal(1000),
        commission=Decimal(0),
        step_ns=1_000_000_000,
    )

    told = [(fill.side.value, int(fill.quantity), float(fill.price)) for fill in fills]
    # Up at row 3: in at 14. Down at row 5: out and short at the open of row 6. Out at the end.
    assert told == [("buy", 71, 14.0), ("sell", 71, 9.0), ("sell", 71, 9.0), ("buy", 71, 9.0)]
    found = figures(market, fills, start=1000.0, slowest=2)
    assert found["trades"] == 2
    assert found["final_equity"] == pytest.approx(1000 - 71 * 5)
    assert found["win_rate_pct"] == 0.0
    assert found["exposure_pct"] == pytest.approx(100 * 5 / 9)
