"""Exact numbers: what is refused, what rounds where, and one text for one number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import money

D = Decimal
NUMBERS = st.decimals("-1E12", "1E12", places=8, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "", "ten", "1,5", "0x1", None])
def test_what_is_no_finite_number_is_refused(bad):
    with pytest.raises(ValueError, match="expected a"):
        money.exact(bad)


@pytest.mark.parametrize("bad", [0.1, 1.0, True, False])
def test_floats_and_truths_do_not_cross_over_by_accident(bad):
    with pytest.raises(ValueError, match="expected an exact number"):
        money.exact(bad)


@pytest.mark.parametrize("good", ["1.50", 7, D("0.1"), "-0.000001", "1E+3"])
def test_exact_keeps_the_value(good):
    assert money.exact(good) == D(good)


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        (0.1 + 0.2, "0.01", "0.30"),
        (100.005, "0.01", "100.00"),
        (100.015, "0.01", "100.02"),
        (-1.26, "0.5", "-1.5"),
    ],
)
def test_a_float_crosses_over_to_the_nearest_step(value: float, step: str, expected: str):
    assert money.exact_from_float(value, D(step)) == D(expected)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_no_odd_float_crosses_over(bad: float):
    with pytest.raises(ValueError, match="expected a finite number"):
        money.exact_from_float(bad, D("0.01"))


@pytest.mark.parametrize(
    ("value", "nearest", "down", "floor", "ceiling"),
    [("2.5", 2, 2, 2, 3), ("3.5", 4, 3, 3, 4), ("-2.5", -2, -2, -3, -2), ("2", 2, 2, 2, 2)],
)
def test_each_rounding_goes_its_own_way(value, nearest, down, floor, ceiling):
    one = D(1)

    assert money.steps_nearest(D(value), one) == nearest
    assert money.steps_down(D(value), one) == down
    assert money.steps_floor(D(value), one) == floor
    assert money.steps_ceiling(D(value), one) == ceiling


@given(NUMBERS, st.sampled_from([D("0.01"), D("0.25"), D(5)]))
def test_steps_bracket_their_value(value, step):
    floor, ceiling = money.steps_floor(value, step), money.steps_ceiling(value, step)

    assert floor * step <= value <= ceiling * step
    assert 0 <= ceiling - floor <= 1
    assert money.is_multiple(value, step) == (floor == ceiling)


@given(NUMBERS)
def test_money_units_and_back_is_the_same_number(value):
    units = money.money_units(value)

    assert money.money_from_units(units) == value
    assert money.money_units_nearest(value) == units
    assert money.money_text(units) == money.plain(value)


def test_money_finer_than_a_unit_is_refused_or_rounded_by_name():
    fine = D("1.0000000000005")
    with pytest.raises(ValueError, match="expected money in whole units of 10"):
        money.money_units(fine)

    assert money.money_units_nearest(fine) == 10**12
    assert money.money_units_nearest(D("1.0000000000006")) == 10**12 + 1


@given(NUMBERS, st.integers(0, 6))
def test_equal_numbers_have_equal_text(value, zeros):
    written = D(f"{value:f}" + ("" if "." in f"{value:f}" else ".") + "0" * zeros)

    assert money.plain(written) == money.plain(value)
    assert money.canonical(written).as_tuple() == money.canonical(value).as_tuple()
    assert D(money.plain(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("-0.00", "0"), ("1E+3", "1000"), ("1E-9", "0.000000001"), ("10.50", "10.5")],
)
def test_plain_text_has_no_exponent_and_no_idle_zero(value: str, text: str):
    assert money.plain(D(value)) == text
