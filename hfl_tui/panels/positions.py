"""Positions and orders as rows of a table."""

from decimal import Decimal
from typing import Final

from hfl_tui.formats import age, clock, price, quantity, signed, signed_percent, stamp
from hfl_tui.lines import Line, Span, line, rule
from hfl_tui.link.picture import AT_VENUE, IN_ENGINE, Held, OrderShown, Picture
from hfl_tui.table import Column, Row

NARROW: Final = (
    Column(title="sym", width=9),
    Column(title="side", width=4),
    Column(title="qty", width=7, is_right=True),
    Column(title="entry", width=8, is_right=True),
    Column(title="last", width=8, is_right=True),
    Column(title="P&L", width=6, is_right=True),
    Column(title="S", width=1),
)
WIDE: Final = (
    Column(title="sym", width=10),
    Column(title="side", width=4),
    Column(title="qty", width=9, is_right=True),
    Column(title="entry", width=10, is_right=True),
    Column(title="last", width=10, is_right=True),
    Column(title="P&L", width=8, is_right=True),
    Column(title="P&L%", width=7, is_right=True),
    Column(title="stop", width=10, is_right=True),
    Column(title="S", width=1),
    Column(title="age", width=4, is_right=True),
    Column(title="trade", width=5, is_right=True),
)
WIDE_FROM: Final = 84
ORDERS_SHORT: Final = (
    Column(title="sym", width=9),
    Column(title="side", width=4),
    Column(title="type", width=6),
    Column(title="qty", width=7, is_right=True),
    Column(title="price", width=8, is_right=True),
    Column(title="state", width=0),
)
LEGEND: Final = "S: b stop at broker  ! in the engine only"
LEAVING: Final = "x"


def columns_for(width: int) -> tuple[Column, ...]:
    """Return the columns that fit."""
    return WIDE if width >= WIDE_FROM else NARROW


def position_rows(
    picture: Picture,
    *,
    now_ns: int,
    width: int,
    is_old: bool,
    old_symbols: frozenset[str] = frozenset(),
) -> list[Row]:
    """Return one row a position; values that are old carry a ~ in front, each for itself."""
    is_wide = width >= WIDE_FROM
    rows = []
    for one in picture.held:
        doubted = is_old or one.symbol in old_symbols
        cells = _wide(one, is_old=doubted) if is_wide else _narrow(one, is_old=doubted)
        if is_wide:
            cells = (*cells, age(one.mark_wall_ns, now_ns), f"T-{one.trade}")
        rows.append(Row(key=str(one.trade), cells=cells, mark=LEAVING if one.leaving else " "))
    return rows


def _narrow(one: Held, *, is_old: bool) -> tuple[Span | str, ...]:
    return (
        one.symbol,
        one.side,
        quantity(one.quantity, width=7),
        price(one.entry, width=8),
        _old(price(one.mark, width=7 if is_old else 8), is_old=is_old),
        _profit(one.profit, is_old=is_old, width=6),
        _place(one),
    )


def _wide(one: Held, *, is_old: bool) -> tuple[Span | str, ...]:
    worth = one.entry * abs(one.quantity)
    share = "-" if one.profit is None or not worth else signed_percent(one.profit / worth)
    return (
        one.symbol,
        one.side,
        quantity(one.quantity),
        price(one.entry, width=10),
        _old(price(one.mark, width=9 if is_old else 10), is_old=is_old),
        _profit(one.profit, is_old=is_old, width=8),
        (share, _style(one.profit)),
        price(one.stop, width=10),
        _place(one),
    )


def _old(text: str, *, is_old: bool) -> Span:
    return (f"~{text}", "dim") if is_old and text != "-" else (text, "")


def _profit(profit: Decimal | None, *, is_old: bool, width: int) -> Span:
    if profit is None:
        return ("-", "dim")
    text = signed(profit)
    return (f"~{text}" if is_old and len(text) < width else text, _style(profit))


def _style(profit: Decimal | None) -> str:
    if not profit:
        return ""
    return "good" if profit > 0 else "bad"


def _place(one: Held) -> Span:
    style = {AT_VENUE: "good", IN_ENGINE: "bad"}.get(one.stop_place, "bad")
    return (one.stop_place, style)


def positions_title(picture: Picture, width: int) -> Line:
    """Return the pane's title with how many positions there may be."""
    gauge = next((one for one in picture.gauges if one.name == "positions"), None)
    most = "" if gauge is None else f"/{gauge.limit:f}"
    gross = next((one for one in picture.gauges if one.name == "gross"), None)
    more = "" if gross is None else f"gross {gross.used:.0%} of limit"
    return rule(f"Positions {len(picture.held)}{most}", width, more=more)


def legend(picture: Picture) -> list[Line]:
    """Return what the last column means; worth a line only where something is held."""
    if not picture.held:
        return []
    return [line((f" {LEGEND}", "dim"))]


def order_rows(orders: tuple[OrderShown, ...]) -> list[Row]:
    """Return live orders in short."""
    return [
        Row(
            key=order.client_id,
            cells=(
                order.symbol,
                order.side,
                order.type,
                quantity(order.quantity, width=7),
                price(order.price, width=8),
                (order.status, _status_style(order.status)),
            ),
        )
        for order in orders
    ]


def _status_style(status: str) -> str:
    return {"unknown": "alarm", "rejected": "bad", "refused": "warn", "filled": "good"}.get(
        status, ""
    )


ORDERS_LONG: Final = (
    Column(title="no", width=5, is_right=True),
    Column(title="UTC", width=16),
    Column(title="sym", width=10),
    Column(title="side", width=4),
    Column(title="type", width=6),
    Column(title="for", width=10),
    Column(title="qty", width=9, is_right=True),
    Column(title="filled", width=9, is_right=True),
    Column(title="price", width=10, is_right=True),
    Column(title="state", width=11),
    Column(title="note", width=0),
)
ORDERS_MIDDLE: Final = (
    Column(title="no", width=4, is_right=True),
    Column(title="UTC", width=8),
    Column(title="sym", width=9),
    Column(title="side", width=4),
    Column(title="type", width=6),
    Column(title="for", width=10),
    Column(title="qty", width=7, is_right=True),
    Column(title="price", width=8, is_right=True),
    Column(title="state", width=0),
)
LONG_FROM: Final = 110


def order_table(orders: tuple[OrderShown, ...], width: int) -> tuple[tuple[Column, ...], list[Row]]:
    """Return the table of all orders known, live ones first."""
    is_long = width >= LONG_FROM
    rows = []
    for order in orders:
        state: Span = (
            order.status,
            _status_style(order.status) or ("bold" if order.is_live else ""),
        )
        when = stamp(order.intended_ns) if is_long else clock(order.intended_ns)
        head = (str(order.number), when, order.symbol, order.side, order.type, order.purpose)
        size = quantity(order.quantity, width=9 if is_long else 7)
        at = price(order.price, width=10 if is_long else 8)
        if is_long:
            cells: tuple[Span | str, ...] = (
                *head, size, quantity(order.filled), at, state, (order.note, "dim"),
            )  # fmt: skip
        else:
            cells = (*head, size, at, state)
        rows.append(
            Row(
                key=order.client_id,
                cells=cells,
                style="" if order.is_live else "dim",
                mark="*" if order.is_live else " ",
            )
        )
    return (ORDERS_LONG if is_long else ORDERS_MIDDLE), rows
