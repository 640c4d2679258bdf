"""How much of every limit is used, and what prices would have to do to reach it.

Pure arithmetic over what journal and board say; nothing here decides. Money is exact, in the
account currency, before costs: fills may be worse than stops, and gaps go past them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl.glance import Data
from hfl.limits import HeldLimits

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
MONEY: Final = "money"
COUNT: Final = "count"
USABLE: Final = Decimal("0.99")
# limit -> whose start is its base
PERIODS: Final = {"daily_loss": "day", "weekly_loss": "week", "monthly_loss": "month"}
HALTS: Final = (*PERIODS, "drawdown")
REFUSE: Final = "refuse"
HALT: Final = "halt"
REDUCE: Final = "reduce only"
# What happens at the limit, and what ends it.
ACTIONS: Final = {
    "daily_loss": "halt to the day's end, and you resume",
    "weekly_loss": "halt to the week's end, and you resume",
    "monthly_loss": "halt to the month's end, you resume",
    "drawdown": "halt to the month's end, you resume",
    REFUSE: "refused or made smaller",
    REDUCE: "entries refused and cancelled until it calms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One position, or one entry on its way, with its last price.

    quantity: signed; stop: None where there is none; mark: the entry's price where no price is
    known; way: "" when held, else the order's status.
    """

    symbol: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    stop: Decimal | None
    asset_class: str = ""
    group: str = ""
    sector: str = ""
    margin: Decimal = ONE
    way: str = ""

    @property
    def value(self) -> Decimal:
        """Return the signed value at the last price."""
        return self.quantity * self.mark

    @property
    def risk(self) -> Decimal:
        """Return what is lost from the last price to the stop: everything without a stop."""
        if self.stop is None:
            return abs(self.value)
        return max(ZERO, self.quantity * (self.mark - self.stop))

    @property
    def stop_loss(self) -> Decimal:
        """Return what equity loses when the stop is hit at its price; negative is a gain."""
        return abs(self.value) if self.stop is None else self.quantity * (self.mark - self.stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Equity, its high-water mark and the periods' starts."""

    equity: Decimal
    high_water_mark: Decimal
    starts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One limit: now and limit in its unit; action: a key of ACTIONS."""

    name: str
    now: Decimal
    limit: Decimal
    unit: str
    action: str
    note: str = ""

    @property
    def used(self) -> Decimal:
        """Return the used share; 1 for a limit of zero."""
        return self.now / self.limit if self.limit > 0 else ONE

    @property
    def left(self) -> Decimal:
        """Return what is left, never below zero."""
        return max(ZERO, self.limit - self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsHit:
    """What remains when every stop is hit at its price, entries on their way filled before."""

    loss: Decimal
    equity: Decimal
    fraction: Decimal
    trips: tuple[str, ...]
    unstopped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a halt is, in money and in moves of prices.

    alone: symbol -> the move of its price that alone reaches the halt, negative for a fall, None
    where no move can; together: the same for all prices at once, None likewise.
    """

    halt: str
    left: Decimal
    alone: Mapping[str, Decimal | None]
    together: Decimal | None


def held_of(
    symbol: str,
    terms: Mapping[str, Data],
    *,
    quantity: Decimal,
    entry: Decimal,
    mark: Decimal,
    stop: Decimal | None,
    way: str = "",
) -> Held:
    """Return a position or an entry on its way.

    terms: those of the instruments by symbol, as the run recorded them.
    """
    own = terms.get(symbol, {})
    return Held(
        symbol=symbol,
        quantity=quantity,
        entry=entry,
        mark=mark,
        stop=stop,
        asset_class=own.get("asset_class", ""),
        group=own.get("group", ""),
        sector=own.get("sector", ""),
        margin=Decimal(own.get("margin_fraction", 1)),
        way=way,
    )


def losses(account: Account, limits: HeldLimits) -> list[Gauge]:
    """Return the gauges of the four halts, by equity with open positions."""
    found = []
    for name in HALTS:
        base = _base(account, name)
        found.append(
            Gauge(
                name=name,
                now=max(ZERO, base - account.equity),
                limit=base * limits.number(f"{name}_fraction_max", "1"),
                unit=MONEY,
                action=name,
            )
        )
    return found


def exposures(account: Account, limits: HeldLimits, held: Sequence[Held]) -> list[Gauge]:
    """Return the gauges of what is held and on its way."""
    equity = max(account.equity, ZERO)
    budget = equity * limits.number("risk_per_trade_fraction_max", "1")

    def gauge(name: str, now: Decimal, limit: Decimal, *, note: str = "") -> Gauge:
        return Gauge(name=name, now=now, limit=limit, unit=MONEY, action=REFUSE, note=note)

    def of(name: str, default: str = "1000") -> Decimal:
        return equity * limits.number(name, default)

    by_symbol = _sums(held, "symbol", risk=True)
    values = _sums(held, "symbol", risk=False)
    top, top_risk = _largest(by_symbol)
    widest, widest_value = _largest(values)
    found = [
        gauge("trade risk", top_risk, budget, note=top),
        gauge("open risk", sum(by_symbol.values(), ZERO), of("open_risk_fraction_max", "1")),
        gauge("position", widest_value, of("position_fraction_max"), note=widest),
        gauge("gross", sum(values.values(), ZERO), of("gross_exposure_fraction_max")),
        gauge("net", abs(sum((o.value for o in held), ZERO)), of("net_exposure_fraction_max")),
    ]
    for group, risk in sorted(_sums(held, "group", risk=True).items()):
        found.append(gauge(f"bet {group}", risk, budget, note="one bet, one budget"))
    for sector, value in sorted(_sums(held, "sector", risk=False).items()):
        found.append(gauge(f"sector {sector}", value, of("sector_fraction_max")))
    found.append(gauge("gap scenario", gap_loss(limits, held), of("gap_loss_fraction_max", "1")))
    margin = sum((abs(one.value) * one.margin for one in held), ZERO)
    found.append(gauge("buying power", margin, equity * USABLE))
    bets = {one.group or one.symbol for one in held}
    positions = Decimal(limits.texts.get("positions_max", "0"))
    found.append(
        Gauge(name="positions", now=Decimal(len(bets)), limit=positions, unit=COUNT, action=REFUSE)
    )
    return found


def gap_loss(limits: HeldLimits, held: Sequence[Held]) -> Decimal:
    """Return what the gap scenario costs: every market opens against us by its class's gap."""
    return sum((abs(one.value) * gap_fraction(limits, one) for one in held), ZERO)


def gap_fraction(limits: HeldLimits, one: Held) -> Decimal:
    """Return the gap that is assumed for one instrument."""
    return limits.number(f"gap_fraction_{one.asset_class}")


def if_stops_hit(account: Account, limits: HeldLimits, held: Sequence[Held]) -> StopsHit:
    """Return what remains when every stop is hit at its price now."""
    loss = sum((one.stop_loss for one in held), ZERO)
    after = Account(
        equity=account.equity - loss,
        high_water_mark=account.high_water_mark,
        starts=account.starts,
    )
    return StopsHit(
        loss=loss,
        equity=after.equity,
        fraction=loss / account.equity if account.equity > 0 else ZERO,
        trips=tuple(one.name for one in losses(after, limits) if one.now >= one.limit > 0),
        unstopped=tuple(one.symbol for one in held if one.stop is None),
    )


def distances(account: Account, limits: HeldLimits, held: Sequence[Held]) -> list[Distance]:
    """Return how far every halt is in moves of prices; what is on its way is not held yet."""
    positions = [one for one in held if not one.way]
    net = sum((one.value for one in positions), ZERO)
    return [
        Distance(
            halt=gauge.name,
            left=gauge.left,
            alone={one.symbol: _move(gauge.left, one.value) for one in positions},
            together=_move(gauge.left, net),
        )
        for gauge in losses(account, limits)
    ]


def _move(left: Decimal, value: Decimal) -> Decimal | None:
    """Return the move that loses `left` on a signed value; no price falls by more than all."""
    if not value:
        return None
    move = -left / value
    return move if move >= -ONE else None


def _base(account: Account, name: str) -> Decimal:
    if name == "drawdown":
        return account.high_water_mark
    return account.starts.get(PERIODS[name], ZERO)


def _sums(held: Sequence[Held], key: str, *, risk: bool) -> dict[str, Decimal]:
    """Return the sum of risk or value by a field; what has none of it is left out."""
    found: dict[str, Decimal] = {}
    for one in held:
        name: str = getattr(one, key)
        if name:
            found[name] = found.get(name, ZERO) + (one.risk if risk else abs(one.value))
    return found


def _largest(sums: Mapping[str, Decimal]) -> tuple[str, Decimal]:
    return max(sums.items(), key=lambda item: item[1], default=("", ZERO))
