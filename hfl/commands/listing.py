"""Open positions, orders, trades, or equity over time: from the journal, with no daemon needed.

  positions  what is held, with the last mark of the board and how old it is
  orders     every order, newest first
  trades     every position from flat to flat, newest first
  equity     one line a row of scans: equity, high-water mark, drawdown

Times are UTC. Money and quantities are exact text. Exit codes: 0, 2 arguments, 4 journal, 7
unknown instrument.
"""

import argparse
import sys
from collections.abc import Iterator
from decimal import Decimal

from hfl.commands.explain import trade_json
from hfl.glance import Data, Glance
from hfl.story import OPENINGS
from hfl.tables import Record, show, write_csv
from hfl.trades import ALL_KINDS, Ledger, Order, Trade, at_end
from hfl.verb import DONE, NOT_FOUND, USAGE, add_account, add_json
from hfl.whereabouts import Whereabouts, find
from hfl.words import SECOND_NS, instant, plain, time_of, write_json

LIMIT_SHOWN = 40
COLUMNS = {
    "positions": (
        "symbol", "side", "quantity", "entry_price", "mark",
        "mark_age_s", "unrealised", "stop_price", "opened", "trade",
        "exit_reason",
    ),
    "orders": (
        "number", "time", "symbol", "purpose", "side",
        "type", "quantity", "price", "status", "filled", "average_price",
        "fees", "client_id", "note",
    ),
    "trades": (
        "trade", "symbol", "side", "state", "opened",
        "closed", "held_s", "quantity", "entry_price", "exit_price",
        "realised", "fees", "profit", "exit_reason",
    ),
    "equity": ("time", "equity", "high_water_mark", "drawdown", "drawdown_fraction", "row"),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add filters and forms."""
    if verb != "equity":
        parser.add_argument("--symbol", metavar="NAME", help="only this instrument")
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="only from this time on, ISO 8601, UTC unless it names a zone",
    )
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"the newest N (a table shows {LIMIT_SHOWN} unless set)",
    )
    parser.add_argument("--csv", metavar="FILE", help="write CSV to a new file, - for stdout")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """List."""
    try:
        since_ns = 0 if arguments.since is None else time_of(arguments.since)
        if arguments.limit is not None and arguments.limit < 1:
            raise ValueError(f"expected --limit of at least 1, found {arguments.limit}: correct it")  # noqa: TRY301 - one way out for all of them
    except ValueError as error:
        sys.stderr.write(f"hfl: {error}\n")
        return USAGE
    home = find(arguments.home, arguments.account, arguments.mode)
    symbol = getattr(arguments, "symbol", None)
    with Glance.open(home.journal) as journal:
        known = watched(journal)
        if symbol is not None and symbol not in known:
            names = ", ".join(sorted(known)) or "none yet"
            sys.stderr.write(
                f"hfl: expected an instrument out of {names}, found {symbol!r}: correct it\n"
            )
            return NOT_FOUND
        is_whole = arguments.is_json or arguments.csv is not None
        limit = arguments.limit or (None if is_whole else LIMIT_SHOWN)
        records, total = _records(
            journal, home, verb, symbol=symbol, since_ns=since_ns, limit=limit
        )
    if arguments.csv is not None:
        write_csv(records, COLUMNS[verb], arguments.csv)
    elif arguments.is_json:
        write_json(records)
    else:
        show(records, COLUMNS[verb], title=verb)
        if total > len(records):
            sys.stdout.write(
                f"{len(records)} of {total}; --limit N, --json or --csv FILE for more\n"
            )
    return DONE


def watched(journal: Glance) -> set[str]:
    """Return every instrument that any data set or stream of the journal held."""
    return {symbol for row in journal.of(OPENINGS) for symbol in row.data["symbols"]}


def _records(
    journal: Glance,
    home: Whereabouts,
    verb: str,
    *,
    symbol: str | None,
    since_ns: int,
    limit: int | None,
) -> tuple[list[Record], int]:
    if verb == "equity":
        found = list(_equity(journal, since_ns))
        return (found if limit is None else found[-limit:]), len(found)
    if verb == "positions":
        ledger, _ = at_end(journal)
        held = [trade for trade in ledger.positions.values() if trade.opened_ns >= since_ns]
        found = [_position(trade, home) for trade in held if symbol in {None, trade.symbol}]
    else:
        ledger = Ledger().fold(journal.of(ALL_KINDS))
        if verb == "orders":
            orders = [
                o
                for o in ledger.orders.values()
                if o.time_ns >= since_ns and symbol in {None, o.data["symbol"]}
            ]
            found = [order_record(order) for order in reversed(orders)]
        else:
            trades = [
                t for t in ledger.trades if t.opened_ns >= since_ns and symbol in {None, t.symbol}
            ]
            found = [_trade(trade) for trade in reversed(trades)]
    return (found if limit is None else found[:limit]), len(found)


def _trade(trade: Trade) -> Record:
    return {name: value for name, value in trade_json(trade).items() if name in COLUMNS["trades"]}


def order_record(order: Order) -> dict[str, str | int | float | None]:
    """Return one order as plain values."""
    data = order.data
    price = next(
        (data[name] for name in ("stop_price", "limit_price") if data[name] is not None), None
    )
    return {
        "number": data["number"],
        "time": instant(order.time_ns),
        "symbol": data["symbol"],
        "purpose": data["purpose"],
        "side": data["side"],
        "type": data["type"],
        "quantity": data["quantity"],
        "price": price,
        "status": order.status,
        "filled": plain(order.filled),
        "average_price": plain(order.value / order.filled, 8)
        if order.filled and order.value
        else None,
        "fees": plain(order.fees, 8),
        "client_id": data["client_id"],
        "note": order.note,
    }


def _position(trade: Trade, home: Whereabouts) -> Record:
    mark, age_s = mark_of(home, trade.symbol)
    return position_record(trade, mark=mark, age_s=age_s)


def position_record(
    trade: Trade, *, mark: Decimal | None, age_s: float | None
) -> dict[str, str | int | float | None]:
    """Return one position as plain values; unrealised is before fees."""
    return {
        "symbol": trade.symbol,
        "side": "long" if trade.quantity > 0 else "short",
        "quantity": plain(trade.quantity),
        "entry_price": plain(trade.price, 8),
        "mark": None if mark is None else plain(mark),
        "mark_age_s": age_s,
        "unrealised": None if mark is None else plain((mark - trade.price) * trade.quantity, 8),
        "stop_price": None if trade.stop_price is None else plain(trade.stop_price),
        "opened": instant(trade.opened_ns),
        "trade": trade.number,
        "exit_reason": trade.exit_reason,
    }


def mark_of(home: Whereabouts, symbol: str) -> tuple[Decimal | None, float | None]:
    """Return the board's last price and the board's age in seconds, None when there is none."""
    import time

    from hfl.board import read_board

    board = read_board(home.board_file)
    if board is None or symbol not in board["marks"]:
        return None, None
    now_ns = time.time_ns()  # noqa: TID251 - an age for a person, MachineClock is too dear
    age_s = (now_ns - board["wall_ns"]) / SECOND_NS
    return Decimal(board["marks"][symbol]), round(age_s, 1)


def _equity(journal: Glance, since_ns: int) -> Iterator[Record]:
    for row in journal.of(("ScansCoalesced",)):
        if row.time_ns >= since_ns:
            yield equity_record(row.data, seq=row.seq)


def equity_record(data: Data, *, seq: int) -> Record:
    """Return equity, high-water mark and drawdown at a row of scans.

    The fraction is of the high-water mark.
    """
    equity, mark = Decimal(data["equity"]), Decimal(data["high_water_mark"])
    fraction = (mark - equity) / mark if mark else Decimal(0)
    return {
        "time": instant(data["slot_last_ns"]),
        "equity": plain(equity, 8),
        "high_water_mark": plain(mark, 8),
        "drawdown": plain(mark - equity, 8),
        "drawdown_fraction": plain(fraction, 6),
        "row": seq,
    }
