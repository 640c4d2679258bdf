"""The limits that bind every trade, as one value with one hash.

Knows nothing of how rules apply them, or of configuration.

Definitions: loss limits compare with equity at the period's start (day, ISO week, calendar month in
`period_zone`), open P&L included, deposits and withdrawals neutralised; drawdown compares equity
including open positions with its high-water mark.
"""

import hashlib
from decimal import Decimal
from typing import Final

from hfl_core.domain.hours import parse_hours
from hfl_core.domain.money import plain
from hfl_core.domain.values import Value, field_names

EXPOSURE_FRACTION_MAX: Final = Decimal(1000)
ATR_MULTIPLE_MAX: Final = Decimal(100)
POSITIONS_MAX: Final = 1000
# The profile without limits, for benchmarks and truth runs in backtests; `run` refuses it.
UNLIMITED: Final = "unlimited"
_ONE: Final = Decimal(1)
RATIO_MAX: Final = Decimal(1000)
VOLUME_RATIO_MAX: Final = Decimal(100_000)
HOURS_MAX: Final = 8_760
MINUTES_MAX: Final = 10_080
ORDERS_MAX: Final = 1000
# So many closed days are kept of every instrument.
DAYS_MAX: Final = 120
# field -> the largest value that makes sense; every one of them must also be above zero. For the
# fields with a default the largest value means that nothing is bounded.
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
    "correlation_max": _ONE,
    "sector_fraction_max": EXPOSURE_FRACTION_MAX,
    "net_exposure_fraction_max": EXPOSURE_FRACTION_MAX,
    "bar_volume_fraction_max": RATIO_MAX,
    "spread_fraction_max": _ONE,
    "gap_loss_fraction_max": _ONE,
    "volatility_ratio_max": RATIO_MAX,
    "breaker_move_atr_max": RATIO_MAX,
    "breaker_move_fraction_max": _ONE,
    "breaker_volume_ratio_max": VOLUME_RATIO_MAX,
    "breaker_volatility_ratio_max": RATIO_MAX,
    "breaker_market_fraction_max": _ONE,
    "rapid_loss_fraction_max": _ONE,
    "reject_fraction_max": _ONE,
}
# field -> the largest value; zero is allowed.
UPPER_BOUNDS_FROM_ZERO: Final[dict[str, Decimal]] = {
    "traded_value_min": Decimal(10**12),
    "crisis_size_fraction": _ONE,
    "gap_fraction_stocks": _ONE,
    "gap_fraction_forex": _ONE,
    "gap_fraction_crypto": _ONE,
    "gap_fraction_indices": _ONE,
}
# field -> (smallest, largest) of the whole numbers.
WHOLE_BOUNDS: Final[dict[str, tuple[int, int]]] = {
    "positions_max": (1, POSITIONS_MAX),
    "correlation_days": (2, DAYS_MAX),
    "correlation_days_min": (2, DAYS_MAX),
    "history_days_min": (0, DAYS_MAX),
    "orders_per_hour_max": (1, ORDERS_MAX),
    "repeat_pause_s": (0, 86_400),
    "losing_trades_max": (1, 1000),
    "loss_pause_hours": (0, HOURS_MAX),
    "stop_out_pause_hours": (0, HOURS_MAX),
    "mark_age_hours_max": (1, HOURS_MAX),
    "breaker_calm_bars": (1, 10_000),
    "rapid_loss_minutes": (1, MINUTES_MAX),
    "reject_pause_minutes": (1, MINUTES_MAX),
}


class RiskLimits(Value, frozen=True, kw_only=True):
    """Everything the gate compares with.

    Fractions are of equity unless said otherwise, 0.01 is one per cent.

    risk_per_trade_fraction: what sizing aims at, never above risk_per_trade_fraction_max;
    open_risk_fraction_max: risk to the stops of all open positions together; position_fraction_max:
    notional of one position; gross_exposure_fraction_max: notional of all;
    order_notional_max_fraction: notional of one order; price_collar_fraction: distance of an
    order's price from the last price, of that price; atr_stop_multiple: distance of the protective
    stop in ATRs; period_zone: where a day begins.

    correlation_max: |correlation| with anything open, over correlation_days days of which at least
    correlation_days_min must overlap; sector_fraction_max: notional of one sector;
    net_exposure_fraction_max: longs less shorts; traded_value_min: traded value of an average day,
    in account currency; bar_volume_fraction_max: an order's share of an average bar's volume;
    spread_fraction_max: of the price; bad_hours: see `hours.parse_hours`; gap_loss_fraction_max:
    loss if every market opened against us by its gap_fraction_<class>, of the price;
    history_days_min: days without which regime and volatility refuse, 0: they wait until they know;
    volatility_ratio_max: ATR against its median, above it sizes shrink; crisis_size_fraction: what
    is left of a size in a crisis; orders_per_hour_max: entries; repeat_pause_s: between two entries
    of one symbol and side; losing_trades_max in a row, then loss_pause_hours;
    stop_out_pause_hours: of one instrument; mark_age_hours_max: of the price of anything held;
    breaker_*: see hfl_core.risk.breakers; rapid_loss_fraction_max within rapid_loss_minutes;
    reject_fraction_max of the last orders, then reject_pause_minutes.

    Raises ValueError with one sentence for NaN, infinity, and values outside their range.
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
    correlation_max: Decimal = _ONE
    correlation_days: int = 60
    correlation_days_min: int = 20
    sector_fraction_max: Decimal = EXPOSURE_FRACTION_MAX
    net_exposure_fraction_max: Decimal = EXPOSURE_FRACTION_MAX
    traded_value_min: Decimal = Decimal(0)
    bar_volume_fraction_max: Decimal = RATIO_MAX
    spread_fraction_max: Decimal = _ONE
    bad_hours: str = ""
    gap_loss_fraction_max: Decimal = _ONE
    gap_fraction_stocks: Decimal = Decimal(0)
    gap_fraction_forex: Decimal = Decimal(0)
    gap_fraction_crypto: Decimal = Decimal(0)
    gap_fraction_indices: Decimal = Decimal(0)
    history_days_min: int = 0
    volatility_ratio_max: Decimal = RATIO_MAX
    crisis_size_fraction: Decimal = _ONE
    orders_per_hour_max: int = ORDERS_MAX
    repeat_pause_s: int = 0
    losing_trades_max: int = 1000
    loss_pause_hours: int = 0
    stop_out_pause_hours: int = 0
    mark_age_hours_max: int = HOURS_MAX
    breaker_move_atr_max: Decimal = RATIO_MAX
    breaker_move_fraction_max: Decimal = _ONE
    breaker_volume_ratio_max: Decimal = VOLUME_RATIO_MAX
    breaker_volatility_ratio_max: Decimal = RATIO_MAX
    breaker_calm_bars: int = 20
    breaker_market_fraction_max: Decimal = _ONE
    rapid_loss_fraction_max: Decimal = _ONE
    rapid_loss_minutes: int = 60
    reject_fraction_max: Decimal = _ONE
    reject_pause_minutes: int = 60

    def __post_init__(self) -> None:
        for name, highest in UPPER_BOUNDS.items():
            _check_range(name, getattr(self, name), highest)
        for name, highest in UPPER_BOUNDS_FROM_ZERO.items():
            _check_range(name, getattr(self, name), highest, is_zero_allowed=True)
        for name, (lowest, most) in WHOLE_BOUNDS.items():
            number = getattr(self, name)
            if type(number) is not int or not lowest <= number <= most:
                raise ValueError(f"expected {name} from {lowest} to {most}, found {number}")
        if self.correlation_days_min > self.correlation_days:
            raise ValueError(
                f"expected correlation_days_min of at most correlation_days "
                f"{self.correlation_days}, found {self.correlation_days_min}"
            )
        parse_hours(self.bad_hours)
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
    lines = (f"{name}={_text(getattr(limits, name))}" for name in field_names(RiskLimits))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_bounding(limits: RiskLimits, name: str) -> bool:
    """Tell whether a fraction or ratio bounds anything: its largest value does not."""
    value: Decimal = getattr(limits, name)
    return value < UPPER_BOUNDS[name]


def _check_range(
    name: str, value: Decimal, highest: Decimal, *, is_zero_allowed: bool = False
) -> None:
    if not isinstance(value, Decimal):
        raise ValueError(
            f"expected {name} as an exact Decimal, found {type(value).__name__} {value!r}"
        )
    if is_zero_allowed and value.is_finite() and value == 0:
        return
    if not value.is_finite() or not 0 < value <= highest:
        least = "from 0 to" if is_zero_allowed else "above 0 and at most"
        raise ValueError(f"expected {name} {least} {highest}, found {value}")


def _text(value: Decimal | int | str) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
