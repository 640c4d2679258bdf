"""What came of a moment: the trade that was held then, or that the step led to."""

from decimal import Decimal
from typing import Final

from hfl.commands.explain import trade_json
from hfl.glance import Glance, Row
from hfl.screen.steps import order_of, row_of, symbol_of
from hfl.trades import ALL_KINDS, Ledger, Trade, before
from hfl.words import instant, plain, span

# A trade that is held longer than so many rows is told as still open.
ROWS_MAX: Final = 100_000
RISK_MIN: Final = Decimal("1e-9")


def outcome(journal: Glance, seq: int, symbol: str) -> tuple[str, ...]:
    """Tell the outcome in a few lines. Raises JournalError for a row that is not there."""
    row = row_of(journal, seq)
    symbol = symbol or symbol_of(journal, row)
    ledger, _ = before(journal, seq + 1)
    held = ledger.positions.get(symbol)
    wanted = set() if held is not None else _entries(journal, row, symbol)
    if held is None and not wanted:
        return (f"nothing of {symbol} was held then, and this step led to no trade",)
    trade = _followed(journal, ledger, seq=seq, held=held, orders=wanted)
    if trade is None:
        return (f"the entry of {symbol} was never filled",)
    return _lines(ledger, trade)


def _entries(journal: Glance, row: Row, symbol: str) -> set[str]:
    """Return the entries that a row's step intends, or that the row is about."""
    step = journal.step(row.cause_seq or row.seq)
    intended = {
        one.data["client_id"]
        for one in step
        if one.kind == "OrderIntended" and one.data["symbol"] == symbol
    }
    return intended | ({order_of(row)} - {""})


def _followed(
    journal: Glance, ledger: Ledger, *, seq: int, held: Trade | None, orders: set[str]
) -> Trade | None:
    """Fold on until the trade is over; return it as it is then, None when it never began."""
    rows = journal.of(ALL_KINDS, after=seq)
    for _ in range(ROWS_MAX):
        if held is None:
            own = (one for one in ledger.trades if orders.intersection(one.orders))
            held = next(own, None)
        states = [ledger.orders[one] for one in orders if one in ledger.orders]
        is_over = len(states) == len(orders) and not any(order.is_live for order in states)
        if (held is None and is_over) or (held is not None and held.closed_ns):
            break
        row = next(rows, None)
        if row is None:
            break
        ledger.apply(row)
    return held


def _lines(ledger: Ledger, trade: Trade) -> tuple[str, ...]:
    told = trade_json(trade)
    side = "long" if trade.is_long else "short"
    if not trade.closed_ns:
        return (f"T-{trade.number} {trade.symbol} {side} from {told['entry_price']}: still open",)
    held = span(trade.closed_ns - trade.opened_ns)
    why = trade.exit_reason or "protective stop"
    way = f"out at {told['exit_price']} on {instant(trade.closed_ns)} after {held}, {why}"
    fees = plain(round(trade.fees, 2))
    return (
        f"T-{trade.number} {trade.symbol} {side}: {way}",
        f"result {trade.profit:+,.2f} after fees {fees}{_risked(ledger, trade)}",
    )


def _risked(ledger: Ledger, trade: Trade) -> str:
    """Return the result in units of what was risked, where the entry says what that was."""
    entry = ledger.orders.get(trade.orders[0]) if trade.orders else None
    stop = None if entry is None else entry.data.get("risk_stop_price")
    quantity = abs(trade.opened_quantity)
    if stop is None or not quantity:
        return ""
    risk = abs(abs(trade.opened_value) / quantity - Decimal(stop)) * quantity
    return f", R {trade.profit / risk:+.1f}" if risk > RISK_MIN else ""
