"""The quick crossing from floats to ticks is the exact one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfl_data.normalise import TickScale, ticks_exact

TICKS = [Decimal(text) for text in ("0.01", "0.00001", "0.00000001", "1", "0.25", "0.05", "12.5")]
any_tick = st.sampled_from(TICKS)
prices = st.floats(min_value=1e-9, max_value=1e15, allow_nan=False)


@given(price=prices, tick=any_tick)
@example(price=123.455, tick=Decimal("0.01"))
@example(price=1.3226499999999999, tick=Decimal("0.00001"))
def test_quick_ticks_are_the_exact_ticks(price, tick):
    assert ticks_exact(price, tick) == TickScale(tick).ticks(price)


@given(halves=st.integers(-(10**15), 10**15), tick=any_tick)
def test_ticks_at_and_beside_a_tie_are_the_exact_ticks(halves, tick):
    """Middles of bid and ask are ties as often as not."""
    price = float(tick / 2 * halves)

    assert ticks_exact(price, tick) == TickScale(tick).ticks(price)


@given(number=st.integers(1, 10**12), tick=any_tick)
def test_a_price_on_the_grid_keeps_its_tick(number, tick):
    assert TickScale(tick).ticks(float(tick * number)) == number


@given(price=prices, tick=any_tick)
def test_no_tick_is_nearer(price, tick):
    ticks = TickScale(tick).ticks(price)

    assert abs(Fraction(repr(price)) - ticks * Fraction(tick)) <= Fraction(tick) / 2


@given(bar=st.lists(prices, min_size=4, max_size=4), tick=any_tick)
def test_a_bar_is_its_four_prices(bar, tick):
    open_, high, low, close = sorted(bar)[1], max(bar), min(bar), sorted(bar)[2]
    scale = TickScale(tick)

    assert scale.bar(open_, high, low, close) == tuple(
        ticks_exact(price, tick) for price in (open_, high, low, close)
    )


@pytest.mark.parametrize("price", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_does_not_cross(price):
    with pytest.raises(ValueError, match="finite"):
        TickScale(Decimal("0.01")).ticks(price)
