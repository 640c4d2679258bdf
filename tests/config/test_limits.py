"""Limits refuse what cannot be a limit, and their hash tells any two apart."""

from decimal import Decimal

import pytest

from hfl_config.load import load
from hfl_core.domain.limits import (
    UPPER_BOUNDS,
    UPPER_BOUNDS_FROM_ZERO,
    WHOLE_BOUNDS,
    RiskLimits,
    is_bounding,
    limits_hash,
)
from hfl_core.domain.values import field_names, with_changes


@pytest.fixture(scope="module")
def limits() -> RiskLimits:
    return load().limits


@pytest.mark.parametrize("name", UPPER_BOUNDS)
@pytest.mark.parametrize("bad", ["NaN", "-0.1", "0", "Infinity", "1000000"])
def test_values_outside_the_range_are_refused(limits: RiskLimits, name: str, bad: str):
    with pytest.raises(ValueError, match=f"expected {name} above 0 and at most .*, found"):
        with_changes(limits, **{name: Decimal(bad)})


def test_floats_are_refused(limits: RiskLimits):
    with pytest.raises(ValueError, match="exact Decimal, found float"):
        with_changes(limits, daily_loss_fraction_max=0.02)


@pytest.mark.parametrize("name", UPPER_BOUNDS_FROM_ZERO)
@pytest.mark.parametrize("bad", ["NaN", "-0.1", "Infinity", "10000000000000"])
def test_amounts_from_zero_are_bounded(limits: RiskLimits, name: str, bad: str):
    assert getattr(with_changes(limits, **{name: Decimal(0)}), name) == 0
    with pytest.raises(ValueError, match=f"expected {name} from 0 to .*, found"):
        with_changes(limits, **{name: Decimal(bad)})


@pytest.mark.parametrize("name", WHOLE_BOUNDS)
def test_whole_numbers_are_bounded(limits: RiskLimits, name: str):
    lowest, most = WHOLE_BOUNDS[name]
    for bad in (lowest - 1, most + 1, True, 2.0, Decimal(2)):
        with pytest.raises(ValueError, match=f"expected {name} from {lowest} to {most}, found"):
            with_changes(limits, **{name: bad})


def test_the_days_that_must_overlap_are_among_those_looked_at(limits: RiskLimits):
    with pytest.raises(ValueError, match="at most correlation_days 10, found 11"):
        with_changes(limits, correlation_days=10, correlation_days_min=11)


@pytest.mark.parametrize("bad", ["forex", "forex 25:00-26:00", "bonds 10:00-11:00", "forex 9:0"])
def test_hours_that_are_none_are_refused(limits: RiskLimits, bad: str):
    with pytest.raises(ValueError, match="expected bad_hours such as"):
        with_changes(limits, bad_hours=bad)


def test_the_largest_value_bounds_nothing(limits: RiskLimits):
    loose = with_changes(limits, correlation_max=Decimal(1), spread_fraction_max=Decimal("0.99"))

    assert not is_bounding(loose, "correlation_max")
    assert is_bounding(loose, "spread_fraction_max")


def test_risk_limits_must_not_contradict_each_other(limits: RiskLimits):
    with pytest.raises(ValueError, match="at most risk_per_trade_fraction_max"):
        with_changes(limits, risk_per_trade_fraction=Decimal("0.02"))
    with pytest.raises(ValueError, match="at most open_risk_fraction_max"):
        with_changes(limits, open_risk_fraction_max=Decimal("0.001"))


def test_every_field_counts_in_the_hash(limits: RiskLimits):
    hashes = {limits_hash(limits)}
    for name in field_names(type(limits)):
        value = getattr(limits, name)
        other: object
        if name == "bad_hours":
            other = "forex 01:00-02:00"
        elif isinstance(value, str):
            other = value + "x"
        elif isinstance(value, int):
            other = value + 1
        else:
            shrinks = name.startswith("risk_per_trade_fraction") and not name.endswith("max")
            other = value / 2 if shrinks else value + Decimal("0.0001")
        hashes.add(limits_hash(with_changes(limits, **{name: other})))

    assert len(hashes) == len(field_names(type(limits))) + 1


def test_equal_limits_have_one_hash(limits: RiskLimits):
    same = with_changes(limits, daily_loss_fraction_max=Decimal("0.0200"))

    assert limits_hash(same) == limits_hash(limits)
