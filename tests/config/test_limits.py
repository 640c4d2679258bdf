"""Limits refuse what cannot be a limit, and their hash tells any two apart."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from hfl_config.load import load
from hfl_core.domain.limits import UPPER_BOUNDS, RiskLimits, limits_hash


@pytest.fixture(scope="module")
def limits() -> RiskLimits:
    return load().limits


@pytest.mark.parametrize("name", UPPER_BOUNDS)
@pytest.mark.parametrize("bad", ["NaN", "-0.1", "0", "Infinity", "1000000"])
def test_values_outside_the_range_are_refused(limits: RiskLimits, name: str, bad: str):
    with pytest.raises(ValueError, match=f"expected {name} above 0 and at most .*, found"):
        replace(limits, **{name: Decimal(bad)})  # type: ignore[arg-type]


def test_floats_are_refused(limits: RiskLimits):
    with pytest.raises(ValueError, match="exact Decimal, found float"):
        replace(limits, daily_loss_fraction_max=0.02)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [0, -1, 1001, True])
def test_position_counts_are_bounded(limits: RiskLimits, bad: int):
    with pytest.raises(ValueError, match="positions_max from 1 to 1000"):
        replace(limits, positions_max=bad)


def test_risk_limits_must_not_contradict_each_other(limits: RiskLimits):
    with pytest.raises(ValueError, match="at most risk_per_trade_fraction_max"):
        replace(limits, risk_per_trade_fraction=Decimal("0.02"))
    with pytest.raises(ValueError, match="at most open_risk_fraction_max"):
        replace(limits, open_risk_fraction_max=Decimal("0.001"))


def test_every_field_counts_in_the_hash(limits: RiskLimits):
    hashes = {limits_hash(limits)}
    for field in fields(limits):
        value = getattr(limits, field.name)
        other: object
        if isinstance(value, str):
            other = value + "x"
        elif isinstance(value, int):
            other = value + 1
        else:
            shrinks = field.name.startswith("risk_per_trade_fraction") and not field.name.endswith(
                "max"
            )
            other = value / 2 if shrinks else value + Decimal("0.0001")
        hashes.add(limits_hash(replace(limits, **{field.name: other})))  # type: ignore[arg-type]

    assert len(hashes) == len(fields(limits)) + 1


def test_equal_limits_have_one_hash(limits: RiskLimits):
    same = replace(limits, daily_loss_fraction_max=Decimal("0.0200"))

    assert limits_hash(same) == limits_hash(limits)
