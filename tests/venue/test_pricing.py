"""The price model: exact examples, and laws that hold for every bar."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.venue.pricing import (
    BUY,
    SELL,
    Execution,
    fee_units,
    limit_execution,
    market_execution,
    ratio,
    stop_execution,
    worse_ticks,
)

SIGNS = st.sampled_from([BUY, SELL])
RATIOS = st.decimals(min_value=0, max_value=Decimal("0.2"), places=5).map(ratio)


@st.composite
def bars(draw: st.DrawFn) -> BarRow:
    low, opened, close, high = sorted(draw(st.lists(st.integers(1, 10**6), min_size=4, max_size=4)))
    if draw(st.booleans()):
        opened, close = close, opened
    return BarRow(0, opened, high, low, close, 1.0, 0)


def test_worse_is_rounded_against_the_trader() -> None:
    part = ratio(Decimal("0.001"))

    assert worse_ticks(10_000, part, BUY) == 10_010
    assert worse_ticks(10_001, part, BUY) == 10_012
    assert worse_ticks(10_000, part, SELL) == 9_990
    assert worse_ticks(10_001, part, SELL) == 9_990
    assert worse_ticks(1, ratio(Decimal("0.9")), SELL) == 1


def test_fee_is_rounded_up_to_ten_thousand_units() -> None:
    part = ratio(Decimal("0.001"))

    assert fee_units(10_000_000, part) == 10_000
    assert fee_units(10_000_001, part) == 20_000
    assert fee_units(0, part) == 0
    assert fee_units(123, ratio(Decimal(0))) == 0


@given(ticks=st.integers(1, 10**9), part=RATIOS, sign=SIGNS)
def test_worse_is_never_better_and_less_than_one_tick_too_much(ticks: int, part, sign: int) -> None:
    exact = Decimal(ticks) * (1 + sign * Decimal(part.above) / Decimal(part.below))
    found = worse_ticks(ticks, part, sign)

    assert (found - ticks) * sign >= 0
    assert 0 <= (found - exact) * sign < 1 or found == 1


@given(bar=bars(), sign=SIGNS, part=RATIOS, limit=st.integers(1, 10**6))
def test_a_limit_order_never_fills_worse_than_its_limit(
    bar: BarRow, sign: int, part, limit: int
) -> None:
    execution = limit_execution(bar, sign, part, limit_ticks=limit)
    best = bar.low if sign == BUY else bar.high

    if execution is None:
        assert (worse_ticks(best, part, sign) - limit) * sign >= 0
        assert (worse_ticks(bar.open, part, sign) - limit) * sign > 0
    else:
        assert (limit - execution.ticks) * sign >= 0
        assert (execution.ticks - best) * sign >= 0


@given(bar=bars(), sign=SIGNS, part=RATIOS, stop=st.integers(1, 10**6))
def test_a_stop_never_fills_better_than_its_stop(bar: BarRow, sign: int, part, stop: int) -> None:
    execution = stop_execution(bar, sign, part, stop_ticks=stop)
    is_touched = bar.high >= stop if sign == BUY else bar.low <= stop

    assert (execution is not None) == is_touched
    if execution is not None:
        assert (execution.ticks - stop) * sign >= 0


@given(bar=bars(), sign=SIGNS, part=RATIOS)
def test_a_market_order_takes_at_the_open(bar: BarRow, sign: int, part) -> None:
    assert market_execution(bar, sign, part) == Execution(
        worse_ticks(bar.open, part, sign), is_at_open=True
    )
