"""The limits that bind every trade, as one value with one hash.

Knows nothing of how rules apply them, or of configuration.

Definitions: loss limits compare with equity at the period's start (day, ISO week, calendar month in
`period_zone`), open P&L included, deposits and withdrawals neutralised; drawdown compares equity
including open positions with its high-water mark.
"""

import hashlib
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from hfl_core.domain.money import plain

EXPOSURE_FRACTION_MAX: Final = Decimal(1000)
ATR_MULTIPLE_MAX: Final = Decimal(100)
POSITIONS_MAX: Final = 1000
# The profile without limits, for benchmarks and truth runs in backtests; `run` refuses it.
UNLIMITED: Final = "unlimited"
_ONE: Final = Decimal(1)
# field -> the largest value that makes sense; every one of them must also be above zero.
UPPER_BOUNDS: Final[dict[str, Decimal]] = {
    "risk_per_trade_fraction": _ONE,
    "risk_per_trade_fraction_max": _ONE,
    "open_risk_fraction_max": _ONE,
    "drawdown_fraction_max": _ONE,
    "daily_loss_fraction_max": _ONE,
    "weekly_loss_fraction_max": _ONE,
    "monthly_loss_fraction_max": _ONE,
    "position_fraction_max": EXPOSURE_FRACTION_MAX,
    "gross_exposure_fraction_max": EXPOSURE_FRACTION_MAX,
    "atr_stop_multiple": ATR_MULTIPLE_MAX,
    "order_notional_max_fraction": EXPOSURE_FRACTION_MAX,
    "price_collar_fraction": _ONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """Everything the gate compares with.

    Fractions are of equity unless said otherwise, 0.01 is one per cent.

    risk_per_trade_fraction: what sizing aims at, never above risk_per_trade_fraction_max;
    open_risk_fraction_max: risk to the stops of all open positions together; position_fraction_max:
    notional of one position; gross_exposure_fraction_max: notional of all;
    order_notional_max_fraction: notional of one order; price_collar_fraction: distance of an
    order's price from the last price, of that price; atr_stop_multiple: distance of the protective
    stop in ATRs; period_zone: where a day begins. Raises ValueError with one sentence for NaN,
    infinity, and values outside their range.
    """

    profile: str
    risk_per_trade_fraction: Decimal
    risk_per_trade_fraction_max: Decimal
    open_risk_fraction_max: Decimal
    drawdown_fraction_max: Decimal
    daily_loss_fraction_max: Decimal
    weekly_loss_fraction_max: Decimal
    monthly_loss_fraction_max: Decimal
    position_fraction_max: Decimal
    gross_exposure_fraction_max: Decimal
    positions_max: int
    atr_stop_multiple: Decimal
    order_notional_max_fraction: Decimal
    price_collar_fraction: Decimal
    period_zone: str

    def __post_init__(self) -> None:
        for name, highest in UPPER_BOUNDS.items():
            _check_range(name, getattr(self, name), highest)
        if type(self.positions_max) is not int or not 1 <= self.positions_max <= POSITIONS_MAX:
            raise ValueError(
                f"expected positions_max from 1 to {POSITIONS_MAX}, found {self.positions_max}"
            )
        if self.risk_per_trade_fraction > self.risk_per_trade_fraction_max:
            raise ValueError(
                f"expected risk_per_trade_fraction of at most risk_per_trade_fraction_max "
                f"{self.risk_per_trade_fraction_max}, found {self.risk_per_trade_fraction}"
            )
        if self.risk_per_trade_fraction_max > self.open_risk_fraction_max:
            raise ValueError(
                f"expected risk_per_trade_fraction_max of at most open_risk_fraction_max "
                f"{self.open_risk_fraction_max}, found {self.risk_per_trade_fraction_max}"
            )
        if not self.profile or not self.period_zone:
            raise ValueError("expected a name for profile and period_zone, found an empty text")


def limits_hash(limits: RiskLimits) -> str:
    """Return the SHA-256 of the limits' canonical text, hexadecimal: equal limits, equal hash."""
    lines = (f"{field.name}={_text(getattr(limits, field.name))}" for field in fields(limits))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _check_range(name: str, value: Decimal, highest: Decimal) -> None:
    if not isinstance(value, Decimal):
        raise ValueError(
            f"expected {name} as an exact Decimal, found {type(value).__name__} {value!r}"
        )
    if not value.is_finite() or not 0 < value <= highest:
        raise ValueError(f"expected {name} above 0 and at most {highest}, found {value}")


def _text(value: Decimal | int | str) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
