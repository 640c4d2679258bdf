"""What is open, where its stops rest, and what closing it would cost: said before any stop."""

from decimal import Decimal
from typing import Final

from hfl_tui.emergency.box import WIDTH
from hfl_tui.formats import clock, money, quantity, signed
from hfl_tui.lines import Line, Span, line, wrap
from hfl_tui.link.picture import AT_VENUE, IN_ENGINE, Held, Picture

SHOWN_MAX: Final = 5
MARKS: Final = {AT_VENUE: "good", IN_ENGINE: "bad"}


def standing_lines(picture: Picture) -> list[Line]:
    """Return what is open and where its stops rest: what one must know before a kill."""
    held, live = picture.held, picture.live_orders
    state = (picture.board.phase if picture.board is not None else picture.state) or "unknown"
    day = ""
    if picture.worth is not None and picture.worth.starts.get("day"):
        day = f"   day {signed(picture.worth.equity - picture.worth.starts['day'])}"
    who = f"engine {state.upper()}" if picture.is_running else "NO DAEMON RUNS"
    parts = f"   {count(len(held), 'position')}   {count(len(live), 'open order')}{day}"
    rows = [line((who, "bold"), parts)]
    if held:
        rows.append(line(*_stops(held)))
    for stop in picture.stops[-2:]:
        told = f"{stop.level} since {clock(stop.since_ns)} by {stop.actor}: {stop.reason}"
        rows.append(line((told[:WIDTH], "warn")))
    if len(picture.stops) > 2:
        rows.append(line((f"and {len(picture.stops) - 2} earlier stops in force", "warn")))
    return rows


def _stops(held: tuple[Held, ...]) -> list[Span]:
    at_venue = sum(one.stop_place == AT_VENUE for one in held)
    told: list[Span] = [(f"stops: {at_venue} at broker", "")]
    for place, words in ((IN_ENGINE, "engine only"), ("-", "WITHOUT ANY STOP")):
        names = [one.symbol for one in held if one.stop_place == place]
        if names:
            told.append((f", {len(names)} {words} ({listed(names)})", "bad"))
    return told


def left_open_lines(picture: Picture) -> list[Line]:
    """Return what a kill leaves open, each with the letter of where its stop rests."""
    if not picture.held:
        return [line("nothing is open")]
    parts: list[Span] = [("left open: ", "")]
    for one in picture.held[:SHOWN_MAX]:
        parts += [(f"{one.symbol} ", ""), (one.stop_place, MARKS.get(one.stop_place, "bad"))]
        parts.append(("   ", ""))
    if len(picture.held) > SHOWN_MAX:
        parts.append((f"and {len(picture.held) - SHOWN_MAX} more", ""))
    bare = [one.symbol for one in picture.held if one.stop_place != AT_VENUE]
    rows = [line(*parts)]
    if bare:
        has = "has" if len(bare) == 1 else "have"
        told = f"! {listed(bare)} {has} no stop at the broker: CLOSE ALL first."
        rows += [line((text, "bad")) for text in wrap(told, WIDTH)]
    return rows


def closing_lines(picture: Picture) -> list[Line]:
    """Return what closing everything would realise and cost, as the venue's own model says."""
    rows = [_closing(one) for one in picture.held[:SHOWN_MAX]]
    if len(picture.held) > SHOWN_MAX:
        rows.append(line(f"and {len(picture.held) - SHOWN_MAX} more"))
    known = [one for one in picture.held if one.cost is not None and one.profit is not None]
    if not known:
        return [*rows, line(("cost not known: no price of this run", "warn"))]
    spread = sum((one.cost.spread for one in known if one.cost), Decimal(0))
    slippage = sum((one.cost.slippage for one in known if one.cost), Decimal(0))
    fee = sum((one.cost.fee for one in known if one.cost), Decimal(0))
    total = spread + slippage + fee
    rows.append(
        line(
            ("estimated cost ", "bold"),
            (money(total), "bold"),
            f" = spread {money(spread)} + slippage {money(slippage)} + fee {money(fee)}",
        )
    )
    gain = sum((one.profit for one in known if one.profit is not None), Decimal(0)) - total
    parts: list[Span] = [("realises ", "bold"), (signed(gain), "bold"), (" after costs", "")]
    worth = picture.worth
    if worth is not None and worth.starts.get("day"):
        parts.append((f"; the day would end at {signed(_day_after(picture, total))}", ""))
    rows.append(line(*parts))
    if len(known) < len(picture.held):
        rows.append(line((f"{len(picture.held) - len(known)} without a price not counted", "warn")))
    return rows


def _day_after(picture: Picture, cost: Decimal) -> Decimal:
    assert picture.worth is not None
    return picture.worth.equity - picture.worth.starts["day"] - cost


def _closing(one: Held) -> Line:
    profit = "-" if one.profit is None else signed(one.profit)
    cost = "?" if one.cost is None else money(one.cost.total)
    return line(
        f"  {one.symbol:<10} {one.side} {quantity(one.quantity):>9}",
        f"  P&L {profit:>9}  cost {cost:>7}  ",
        (one.stop_place, MARKS.get(one.stop_place, "bad")),
    )


def count(number: int, noun: str) -> str:
    """Return a number of things, in words that fit it."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: list[str]) -> str:
    """Return names, the first few of them."""
    more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
    return ", ".join(names[:SHOWN_MAX]) + more
