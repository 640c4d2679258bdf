"""Seeded leaks of joins: rows of several tables, each known at its own time."""

import numpy as np

from hfl_core.validation.look_ahead import World
from hfl_core.validation.tables import Table, table_of
from tests.validation.leaks import DAY, HOURS, Array, hourly_bars, on_world

# --- corporate actions ---------------------------------------------------------------------------

SPLITS = {
    "bars": hourly_bars(),
    "splits": table_of([60, 110, 170], factor=np.array([0.5, 0.25, 0.5])),
    "rolls": table_of([50, 120, 150], gap=np.array([1.5, -2.0, 0.7])),
}


def adjusted(world: World, *, later: bool) -> Table:
    """Scale prices by the splits that came later, or undo those that came before."""
    bars, splits = world["bars"], world["splits"]
    factor = np.ones(len(bars.known_at))
    for at, one in zip(splits.known_at, splits.columns["factor"], strict=True):
        if later:
            factor[bars.known_at < at] *= one
        else:
            factor[bars.known_at >= at] /= one
    return Table(bars.known_at, {"price_level": bars.columns["close"] * factor})


def rolled(world: World, *, later: bool) -> Table:
    """Join futures contracts by shifting all earlier prices, or all later ones."""
    bars, rolls = world["bars"], world["rolls"]
    shift = np.zeros(len(bars.known_at))
    for at, gap in zip(rolls.known_at, rolls.columns["gap"], strict=True):
        if later:
            shift[bars.known_at < at] += gap
        else:
            shift[bars.known_at >= at] -= gap
    return Table(bars.known_at, {"joined_price": bars.columns["close"] + shift})


# --- universes -----------------------------------------------------------------------------------


def market(seed: int = 5) -> Table:
    """Return prices of eight names; every second one ends before the history does."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[int, int, float, float]] = []
    for symbol in range(8):
        price = 50.0
        end = 80 if symbol % 2 == 0 else 25 + 6 * symbol
        for at in range(1, end + 1):
            price *= float(np.exp(0.02 * chance.standard_normal()))
            rows.append((at, symbol, price, float(chance.integers(1, 99) * (1 + symbol))))
    rows.sort()
    table = np.array(rows)
    return table_of(
        table[:, 0].astype(np.int64), symbol=table[:, 1], close=table[:, 2], volume=table[:, 3]
    )


MARKET = {"market": market()}


def by_time(table: Table) -> dict[int, dict[int, tuple[float, float]]]:
    found: dict[int, dict[int, tuple[float, float]]] = {}
    columns = (table.columns[name] for name in ("symbol", "close", "volume"))
    for at, symbol, close, volume in zip(table.known_at.tolist(), *columns, strict=True):
        found.setdefault(at, {})[int(symbol)] = (float(close), float(volume))
    return found


def average_price(world: World, *, survivors: bool) -> Table:
    """Average over the names that are there at the end, or over those that are there now."""
    days = by_time(world["market"])
    last = set(days[max(days)])
    values = []
    for names in days.values():
        chosen = [close for name, (close, _) in names.items() if not survivors or name in last]
        values.append(sum(chosen) / len(chosen) if chosen else np.nan)
    return Table(np.array(list(days), dtype=np.int64), {"universe": np.array(values)})


def most_traded(world: World, *, overall: bool) -> Table:
    """Follow the name with the largest volume of the whole history, or of the history so far."""
    days = by_time(world["market"])
    total: dict[int, float] = {}
    for names in days.values():
        for name, (_, volume) in names.items():
            total[name] = total.get(name, 0.0) + volume
    known: dict[int, float] = {}
    values = []
    for names in days.values():
        for name, (_, volume) in names.items():
            known[name] = known.get(name, 0.0) + volume
        sums = total if overall else known
        leader = max(sums, key=lambda name: (sums[name], name))
        values.append(names[leader][0] if leader in names else -1.0)
    return Table(np.array(list(days), dtype=np.int64), {"leader": np.array(values)})


# --- published figures ---------------------------------------------------------------------------


def figures() -> Table:
    """Return figures of periods ending every 24 hours, published 10 later, revised 40 later."""
    ends = np.arange(DAY, HOURS, DAY)
    first = 100.0 + np.arange(len(ends))
    known = np.concatenate([ends + 10, ends + 40])
    order = np.argsort(known, kind="stable")
    period = np.concatenate([ends, ends]).astype(np.float64)
    value = np.concatenate([first, first * 1.1])
    return table_of(known[order], period=period[order], value=value[order])


FACTS = {"bars": hourly_bars(), "facts": figures()}


def as_of(times: Array, values: Array, at: Array) -> Array:
    """Return for each time the last value that carries that time or an earlier one."""
    order = np.argsort(times, kind="stable")
    place = np.searchsorted(times[order], at, side="right") - 1
    found = np.full(len(at), np.nan)
    found[place >= 0] = values[order][place[place >= 0]]
    return found


def fundamentals(world: World, *, rule: str) -> Table:
    """Join by when it was known; or by the end of the period; or the last revision from the first.

    All read the figure of the newest period that they think is out.
    """
    bars, facts = world["bars"], world["facts"]
    at = bars.known_at.astype(np.float64)
    known = facts.known_at.astype(np.float64)
    period, value = facts.columns["period"], facts.columns["value"]
    if rule == "period end":
        times, values = period, value
    elif rule == "last revision":
        latest = dict(zip(period.tolist(), value.tolist(), strict=True))
        is_first = np.array([one not in period[:row] for row, one in enumerate(period)], dtype=bool)
        times = known[is_first]
        values = np.array([latest[one] for one in period[is_first].tolist()])
    else:
        times, values = known, value
    return Table(bars.known_at, {"fundamental": as_of(times, values, at)})


# --- clocks --------------------------------------------------------------------------------------

_HOURS = np.arange(1, HOURS + 1)
_DAYS = np.arange(DAY, HOURS + 1, DAY)
CLOCKS = {
    "bars": hourly_bars(),
    # Stamps of a venue one hour behind ours, without a zone beside them.
    "abroad": table_of(
        _HOURS,
        local_stamp=(_HOURS - 1).astype(np.float64),
        close=50.0 + np.cumsum(np.random.default_rng(8).standard_normal(HOURS)),
    ),
    # Daily bars carry the time at which they opened.
    "daily": table_of(
        _DAYS,
        opened=(_DAYS - DAY).astype(np.float64),
        close=80.0 + np.cumsum(np.random.default_rng(9).standard_normal(len(_DAYS))),
    ),
}


def from_abroad(world: World, *, offset: int) -> Table:
    bars, abroad = world["bars"], world["abroad"]
    at = bars.known_at.astype(np.float64)
    stamps = abroad.columns["local_stamp"] + offset
    return Table(bars.known_at, {"abroad": as_of(stamps, abroad.columns["close"], at)})


def from_daily(world: World, *, length: int) -> Table:
    bars, daily = world["bars"], world["daily"]
    at = bars.known_at.astype(np.float64)
    stamps = daily.columns["opened"] + length
    return Table(bars.known_at, {"daily": as_of(stamps, daily.columns["close"], at)})


def nearest(world: World, *, backward: bool) -> Table:
    """Join the slower series by the nearest time, or by the last one."""
    bars, daily = world["bars"], world["daily"]
    at, times = bars.known_at.astype(np.float64), daily.known_at.astype(np.float64)
    if backward:
        return Table(bars.known_at, {"slow": as_of(times, daily.columns["close"], at)})
    place = np.abs(times[None, :] - at[:, None]).argmin(axis=1)
    return Table(bars.known_at, {"slow": daily.columns["close"][place]})


def slow(world: World, *, backward: bool) -> Table:
    if not len(world["daily"].known_at):
        return Table(world["bars"].known_at, {"slow": np.full(len(world["bars"].known_at), np.nan)})
    return nearest(world, backward=backward)


LEAKS = [
    on_world(
        "adjusted_with_later_splits",
        "price_level",
        SPLITS,
        lambda world: adjusted(world, later=True),
        lambda world: adjusted(world, later=False),
    ),
    on_world(
        "contracts_joined_from_the_end",
        "joined_price",
        SPLITS,
        lambda world: rolled(world, later=True),
        lambda world: rolled(world, later=False),
    ),
    on_world(
        "survivors_only",
        "universe",
        MARKET,
        lambda world: average_price(world, survivors=True),
        lambda world: average_price(world, survivors=False),
        keys="symbol",
    ),
    on_world(
        "most_traded_of_all_time",
        "leader",
        MARKET,
        lambda world: most_traded(world, overall=True),
        lambda world: most_traded(world, overall=False),
        keys="symbol",
    ),
    on_world(
        "restated_read_as_first_known",
        "fundamental",
        FACTS,
        lambda world: fundamentals(world, rule="last revision"),
        lambda world: fundamentals(world, rule="as known"),
        keys="period",
    ),
    on_world(
        "dated_by_the_end_of_its_period",
        "fundamental",
        FACTS,
        lambda world: fundamentals(world, rule="period end"),
        lambda world: fundamentals(world, rule="as known"),
        keys="period",
    ),
    on_world(
        "time_zone_off_by_one_bar",
        "abroad",
        CLOCKS,
        lambda world: from_abroad(world, offset=0),
        lambda world: from_abroad(world, offset=1),
        keys="local_stamp",
    ),
    on_world(
        "opening_stamp_read_as_closing_stamp",
        "daily",
        CLOCKS,
        lambda world: from_daily(world, length=0),
        lambda world: from_daily(world, length=DAY),
        keys="opened",
    ),
    on_world(
        "joined_by_the_nearest_time",
        "slow",
        CLOCKS,
        lambda world: slow(world, backward=False),
        lambda world: slow(world, backward=True),
    ),
]
