"""What the Risk screen says below its gauges: what uses the day's loss and would end it, breakers.

The figures are those of `hfl risk`; this only puts together what is asked at once.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from hfl.glance import Data, Glance
from hfl.trades import at_end
from hfl.words import SECOND_NS
from hfl_tui.ports import Section

DAY: Final = "daily_loss"
# Each breaker with the limits that trip it, and in what they are said.
BREAKERS: Final = (
    ("price", (("breaker_move_fraction_max", "%"), ("breaker_move_atr_max", " ATR"))),
    ("volatility", (("breaker_volatility_ratio_max", "x"),)),
    ("volume", (("breaker_volume_ratio_max", "x"),)),
    ("market", (("breaker_market_fraction_max", "%"),)),
    ("rejects", (("reject_fraction_max", "%"),)),
    ("rapid_loss", (("rapid_loss_fraction_max", "%"),)),
)


def day_section(found: Data, journal: Glance) -> Section | None:
    """Return what uses the day's loss limit and what would end it; None before the first bar."""
    gauge = next((one for one in found.get("gauges", ()) if one["limit"] == DAY), None)
    if gauge is None:
        return None
    limit, left = Decimal(gauge["limit_value"]), Decimal(gauge["left"])
    equity, base = Decimal(found["equity"]), _base(found)
    gain = equity - base
    positions = [one for one in found["positions"] if one["status"] == "held"]
    rows = [f"day {gain:+,.2f}: {_opened(found, positions, journal)}"]
    hit = found["if_every_stop_is_hit"]
    after = gain - Decimal(hit["loss"])
    used = max(Decimal(0), -after) / limit if limit > 0 else Decimal(1)
    trips = ", ".join(name.replace("_", " ") for name in hit["halts"])
    rows.append(
        f"if every stop is hit now: day {after:+,.2f} = {used:.0%} of limit "
        f"({_places(positions, journal)}){'; trips ' + trips if trips else ''}"
    )
    rows.append(f"distance: {left:,.2f} more = {_distance(found)}")
    return Section(title="Day loss: what uses it, what would end it", rows=tuple(rows))


def _base(found: Data) -> Decimal:
    """Return equity at the day's start: the limit's gauge counts from there."""
    return Decimal(found["day_start"])


def _profit(one: Data) -> Decimal:
    mark = Decimal(one["mark"] or one["entry"])
    return (mark - Decimal(one["entry"])) * Decimal(one["quantity"])


def _opened(found: Data, positions: list[Data], journal: Glance) -> str:
    """Say what of the day's result is open; what is older than today is not all of the day."""
    if any(one["mark"] is None for one in positions):
        return "no price of this run yet, so nobody knows where open positions stand"
    opened = sum((_profit(one) for one in positions), Decimal(0))
    today = _day(int(found["time_ns"]))
    held = at_end(journal)[0].positions.values()
    older = sum(_day(one.opened_ns) < today for one in held)
    if older:
        noun = "position" if older == 1 else "positions"
        return f"unrealised {opened:+,.2f} since entry ({older} {noun} older than today)"
    rest = Decimal(found["equity"]) - _base(found) - opened
    return f"realised {rest:+,.2f} (costs inside)   unrealised {opened:+,.2f}"


def _day(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // SECOND_NS, UTC):%Y-%m-%d}"


def _places(positions: list[Data], journal: Glance) -> str:
    """Say where the stops rest."""
    if not positions:
        return "nothing is held"
    at_venue = resting(journal)
    broker = sum(one["symbol"] in at_venue for one in positions)
    none = sum(one["stop"] is None for one in positions)
    engine = len(positions) - broker - none
    told = [f"{broker} broker", f"{engine} engine"]
    return ", ".join([*told, f"{none} WITHOUT"] if none else told)


def resting(journal: Glance) -> set[str]:
    """Return the instruments of which a protective stop works at the broker, by the journal."""
    return {
        order.data["symbol"]
        for order in at_end(journal)[0].live()
        if order.data["purpose"] == "protection" and order.status == "working"
    }


def _distance(found: Data) -> str:
    """Say which move of which price alone, or of all together, reaches the day's limit."""
    one = next((row for row in found["distances"] if row["halt"] == DAY), None)
    if one is None or not one["alone"]:
        return "no price can do it: nothing is held"
    moves = [f"{symbol} {_move(move)}" for symbol, move in one["alone"].items() if move is not None]
    together = "" if one["together"] is None else f"; all together {_move(one['together'])}"
    return (" alone or ".join(moves[:3]) + " alone" if moves else "no price alone") + together


def _move(text: str) -> str:
    return f"{Decimal(text):+.1%}"


def breakers_section(found: Data, limits: Data) -> Section:
    """Return every breaker: where it trips, and whether it is armed."""
    rows = []
    for name, parts in BREAKERS:
        at = [f"{_limit(limits[field], unit)}" for field, unit in parts if field in limits]
        tripped = [one for one in found["breakers"] if one["breaker"] == name]
        halted = [one for one in found["stops"] if name in one["id"]]
        state = "armed"
        if tripped:
            state = "TRIPPED " + ", ".join(one["symbol"] or "account" for one in tripped)
        elif halted:
            state = "TRIPPED account"
        rows.append(f"{name.replace('_', ' '):<12} trips at {' or '.join(at) or '?':<18} {state}")
    rows += [
        f"  {one['breaker']} {one['symbol'] or 'account'}: {one['reason']}; since {one['since']}, "
        f"armed again {one['rearms']}"
        for one in found["breakers"]
    ]
    return Section(title="Breakers", rows=tuple(rows))


def _limit(text: str, unit: str) -> str:
    value = Decimal(text)
    if unit == "%":
        return "never" if value >= 1 else f"{value * 100:f}".rstrip("0").rstrip(".") + "%"
    return f"{value:f}".rstrip("0").rstrip(".") + unit if "." in f"{value:f}" else f"{value}{unit}"
