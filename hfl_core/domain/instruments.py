"""What can be traded and in which steps. Knows nothing of prices."""

from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from hfl_core.domain.ids import Symbol
from hfl_core.domain.money import MONEY_DIGITS, money_units
from hfl_core.domain.values import Value

NANOSECONDS = 1_000_000_000


class AssetClass(StrEnum):
    """The classes of instruments; the folder names of the data store."""

    STOCKS = "stocks"
    FOREX = "forex"
    CRYPTO = "crypto"
    INDICES = "indices"


class VolumeKind(StrEnum):
    """Whether the feed's volume is traded volume, or there is none to judge by."""

    TRADED = "traded"
    NONE = "none"


class Instrument(Value, frozen=True, kw_only=True):
    """One tradable thing.

    Prices are whole ticks, quantities whole lots, all in the account currency.

    tick, lot: step of price and of quantity; notional_min: smallest order value; margin_fraction: 1
    means fully paid; depth_lots: quantity one bar can fill where volume is `none`; group:
    instruments of one group are one bet; sector: what the issuer does, empty where nobody said;
    spread_fraction: the usual spread, of the price, None where nobody said.
    """

    symbol: Symbol
    asset_class: AssetClass
    tick: Decimal
    lot: Decimal
    notional_min: Decimal
    currency: str
    volume: VolumeKind = VolumeKind.TRADED
    may_short: bool = False
    margin_fraction: Decimal = Decimal(1)
    depth_lots: int = 0
    group: str = ""
    sector: str = ""
    spread_fraction: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("tick", "lot"):
            value = getattr(self, name)
            if not value.is_finite() or value <= 0:
                raise ValueError(f"{self.symbol}: expected {name} above zero, found {value}")
        if not self.notional_min.is_finite() or self.notional_min < 0:
            raise ValueError(
                f"{self.symbol}: expected notional_min of zero or more, found {self.notional_min}"
            )
        if not 0 < self.margin_fraction <= 1:
            raise ValueError(
                f"{self.symbol}: expected margin_fraction above 0 and at most 1, "
                f"found {self.margin_fraction}"
            )
        spread = self.spread_fraction
        if spread is not None and not (spread.is_finite() and 0 <= spread < 1):
            raise ValueError(
                f"{self.symbol}: expected spread_fraction from 0 to below 1, found {spread}"
            )
        try:
            money_units(self.tick * self.lot)
        except ValueError as error:
            raise ValueError(
                f"{self.symbol}: expected tick x lot of at least 10^-{MONEY_DIGITS}, "
                f"found {self.tick * self.lot}"
            ) from error

    @property
    def value_units(self) -> int:
        """Return what one lot gains per tick, in money units (10^-12 of the account currency)."""
        return _value_units(self.tick, self.lot)


@lru_cache(maxsize=1_024)
def _value_units(tick: Decimal, lot: Decimal) -> int:
    return money_units(tick * lot)


class Timeframe(Value, frozen=True, kw_only=True):
    """The length of a bar."""

    name: str
    seconds: int

    @property
    def nanoseconds(self) -> int:
        """Return the length in nanoseconds."""
        return self.seconds * NANOSECONDS


_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
MONTH_SECONDS_NOMINAL = 30 * 86_400


def timeframe(name: str) -> Timeframe:
    """Read a timeframe such as 1m, 5m, 1h, 4h, 1d, 1w, 1mo.

    Raises ValueError with one sentence otherwise.
    """
    if name.endswith("mo") and name[:-2].isdigit() and int(name[:-2]) > 0:
        return Timeframe(name=name, seconds=int(name[:-2]) * MONTH_SECONDS_NOMINAL)
    if name[-1:] in _UNITS and name[:-1].isdigit() and int(name[:-1]) > 0:
        return Timeframe(name=name, seconds=int(name[:-1]) * _UNITS[name[-1]])
    raise ValueError(f"expected a timeframe such as 1m, 5m, 1h, 4h, 1d or 1mo, found {name!r}")
