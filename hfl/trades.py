"""A fold over rows to orders, positions, trades and stops, in plain values.

What the reading verbs list.

It says the same as the engine's book, at a tenth of its start-up; a test holds the two equal on
real journals. Numbers are exact.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from hfl.glance import Data, Glance, Row

ZERO: Final = Decimal(0)
# Ended orders that a fold over everything keeps none of, as the book keeps the last ones for
# late fills.
ENDED_KEPT: Final = 256
OPEN_STATES: Final = frozenset({"intended", "sending", "working", "cancelling", "unknown"})

ORDER_KINDS: Final = (
    "OrderIntended", "SendAttempted", "SendRefused",
    "OrderAccepted", "OrderRejected", "OrderUnknown", "OrderResolved",
    "CancelIntended", "CancelAnswered", "OrderEnded", "Filled",
)  # fmt: skip
POSITION_KINDS: Final = ("ExitDecided", "ProtectionObliged", "PositionAdjusted")
STOP_KINDS: Final = ("StopLatched", "LimitTripped", "LatchFound", "Resumed")
MONEY_KINDS: Final = ("AccountOpened", "CashMoved", "PositionMismatched")
ALL_KINDS: Final = (*ORDER_KINDS, *POSITION_KINDS, *STOP_KINDS, *MONEY_KINDS)


class Order:
    """One order: what was intended, where it stands, what it traded."""

    __slots__ = (
        "cancels",
        "data",
        "fees",
        "fill_ids",
        "filled",
        "note",
        "seq",
        "status",
        "time_ns",
        "value",
    )

    def __init__(self, data: Data, *, seq: int, time_ns: int) -> None:
        self.data = data
        self.seq = seq
        self.time_ns = time_ns
        self.status = "intended"
        self.filled = self.fees = self.value = ZERO
        self.fill_ids: set[str] = set()
        self.cancels = 0
        self.note = ""

    @property
    def is_live(self) -> bool:
        """Tell whether it may still trade."""
        return self.status in OPEN_STATES


class Trade:
    """One position from flat to flat."""

    __slots__ = (
        "closed_ns", "closed_quantity", "closed_value", "decision", "exit_reason", "fees",
        "first_seq", "last_seq", "number", "opened_ns",
        "opened_quantity", "opened_value", "orders", "price", "quantity",
        "realised", "stop_price", "symbol",
    )  # fmt: skip

    def __init__(
        self, *, number: int, symbol: str, decision: int, opened_ns: int, seq: int
    ) -> None:
        self.number = number
        self.symbol = symbol
        self.decision = decision
        self.opened_ns = opened_ns
        self.closed_ns = 0
        self.first_seq = self.last_seq = seq
        self.quantity = self.price = ZERO
        self.opened_quantity = self.opened_value = ZERO
        self.closed_quantity = self.closed_value = ZERO
        self.fees = self.realised = ZERO
        self.stop_price: Decimal | None = None
        self.exit_reason = ""
        self.orders: list[str] = []

    @property
    def is_long(self) -> bool:
        """Tell on which side it was opened."""
        return self.opened_quantity > 0

    @property
    def profit(self) -> Decimal:
        """Return what was realised less all fees of it so far."""
        return self.realised - self.fees


class Ledger:
    """The fold. `trades` holds every closed and open trade it saw, oldest first."""

    def __init__(self, *, keeps_all: bool = True) -> None:
        self._keeps_all = keeps_all
        self.orders: dict[str, Order] = {}
        self.ended: list[str] = []
        self.positions: dict[str, Trade] = {}
        self.trades: list[Trade] = []
        self.count = 0
        self.cash = ZERO
        self.opened_cash = ZERO
        self.fees = ZERO
        self.stops: dict[str, dict[str, Any]] = {}
        self.halted: dict[str, str] = {}

    def live(self) -> list[Order]:
        """Return the orders that may still trade, oldest first."""
        return [order for order in self.orders.values() if order.is_live]

    def fold(self, rows: Iterable[Row]) -> "Ledger":
        """Take rows in, in order; kinds that say nothing here are passed over."""
        for row in rows:
            self.apply(row)
        return self

    def apply(self, row: Row) -> None:
        """Take one row in."""
        data = row.data
        match row.kind:
            case "OrderIntended":
                self.orders[data["client_id"]] = Order(data, seq=row.seq, time_ns=row.time_ns)
            case "Filled":
                self._filled(row, data["fill"])
            case "AccountOpened":
                self.cash = self.opened_cash = Decimal(data["cash"])
            case "CashMoved":
                self.cash += Decimal(data["amount"])
            case "PositionMismatched":
                self.halted[data["symbol"]] = f"ours {data['ours']}, venue {data['theirs']}"
            case "PositionAdjusted":
                self._adjusted(row)
            case "ExitDecided" if data["symbol"] in self.positions:
                self.positions[data["symbol"]].exit_reason = data["reason"]
            case "ProtectionObliged" if data["symbol"] in self.positions:
                self.positions[data["symbol"]].stop_price = Decimal(data["stop_price"])
            case "StopLatched" | "LimitTripped" | "LatchFound" | "Resumed":
                self._stopped(row)
            case _:
                order = self.orders.get(data.get("client_id", ""))
                if order is not None and order.is_live:
                    self._moved(order, row.kind, data)

    # --- orders -----------------------------------------------------------------------------------

    def _moved(self, order: Order, kind: str, data: Data) -> None:  # noqa: C901 - a line a kind
        match kind:
            case "SendAttempted":
                order.status = "sending"
            case "OrderAccepted":
                order.status = "cancelling" if order.cancels else "working"
            case "OrderUnknown":
                order.status, order.note = "unknown", data["why"]
            case "CancelIntended":
                order.cancels += 1
                if order.status == "working":
                    order.status = "cancelling"
            case "SendRefused":
                self._end(order, "refused", f"{data['check']}: {data['detail']}")
            case "OrderRejected":
                self._end(order, "rejected", f"{data['code']}: {data['text']}")
            case "CancelAnswered" if data["answer"] == "cancelled":
                self._end(order, "cancelled", data["text"])
            case "CancelAnswered":
                order.status = "unknown"
                order.note = f"cancel: {data['answer']} {data['text']}".strip()
            case "OrderEnded" if order.filled < Decimal(data["filled"]):
                order.status = "unknown"
                order.note = f"ended with {data['filled']} filled, seen {order.filled}"
            case "OrderEnded":
                self._end(order, data["status"], data["text"])
            case "OrderResolved" if data["status"] == "working":
                order.status, order.note, order.cancels = "working", data["evidence"], 0
            case "OrderResolved":
                self._end(order, data["status"], data["evidence"])
            case _:
                pass

    def _end(self, order: Order, status: str, note: str) -> None:
        order.status, order.note = status, note
        self.ended.append(order.data["client_id"])
        if not self._keeps_all and len(self.ended) > ENDED_KEPT:
            self.orders.pop(self.ended.pop(0), None)

    # --- fills and positions ----------------------------------------------------------------------

    def _filled(self, row: Row, fill: Data) -> None:
        order = self.orders.get(fill["client_id"])
        if order is None or fill["fill_id"] in order.fill_ids:
            return
        quantity, price, fee = (
            Decimal(fill["quantity"]),
            Decimal(fill["price"]),
            Decimal(fill["fee"]),
        )
        if quantity > Decimal(order.data["quantity"]) - order.filled:
            self.halted[order.data["symbol"]] = f"overfill of {fill['client_id']}"
        order.fill_ids.add(fill["fill_id"])
        order.filled += quantity
        order.value += quantity * price
        order.fees += fee
        if order.is_live and order.filled >= Decimal(order.data["quantity"]):
            self._end(order, "filled", order.note)
        signed = quantity if fill["side"] == "buy" else -quantity
        self.cash -= signed * price + fee
        self.fees += fee
        self._move(row, order, signed=signed, price=price, fee=fee)

    def _move(
        self, row: Row, order: Order, *, signed: Decimal, price: Decimal, fee: Decimal
    ) -> None:
        symbol = order.data["symbol"]
        trade = self.positions.get(symbol) or self._open(row, order)
        trade.fees += fee
        trade.last_seq = row.seq
        if order.data["client_id"] not in trade.orders:
            trade.orders.append(order.data["client_id"])
        held = trade.quantity
        if held * signed >= 0:
            total = held + signed
            trade.price = (trade.price * held + price * signed) / total
            trade.quantity = total
            trade.opened_quantity += signed
            trade.opened_value += signed * price
            return
        closed = min(abs(signed), abs(held))
        trade.realised += (price - trade.price) * closed * (1 if held > 0 else -1)
        trade.closed_quantity += closed
        trade.closed_value += closed * price
        trade.quantity = held + signed
        if trade.quantity == 0 or trade.quantity * held < 0:
            rest, trade.quantity = trade.quantity, ZERO
            trade.closed_ns = row.time_ns
            del self.positions[symbol]
            if rest:
                turned = self._open(row, order)
                turned.quantity = turned.opened_quantity = rest
                turned.price, turned.opened_value = price, rest * price
                turned.orders.append(order.data["client_id"])

    def _open(self, row: Row, order: Order) -> Trade:
        self.count += 1
        data = order.data
        trade = Trade(
            number=self.count,
            symbol=data["symbol"],
            decision=data["decision"],
            opened_ns=row.time_ns,
            seq=row.seq,
        )
        if data["risk_stop_price"] is not None:
            trade.stop_price = Decimal(data["risk_stop_price"])
        self.positions[trade.symbol] = trade
        self.trades.append(trade)
        return trade

    def _adjusted(self, row: Row) -> None:
        """Take over what a human accepted as true."""
        data = row.data
        symbol, quantity, price = data["symbol"], Decimal(data["quantity"]), Decimal(data["price"])
        old = self.positions.pop(symbol, None)
        self.cash -= (quantity - (old.quantity if old is not None else ZERO)) * price
        self.halted.pop(symbol, None)
        if old is not None:
            old.exit_reason = f"adjusted: {data['reason']}"
            old.last_seq = row.seq
            old.quantity, old.closed_ns = (old.quantity, 0) if quantity else (ZERO, row.time_ns)
        if not quantity:
            return
        number = old.number if old is not None else self.count + 1
        self.count = max(self.count, number)
        trade = Trade(
            number=number,
            symbol=symbol,
            decision=old.decision if old is not None else 0,
            opened_ns=row.time_ns,
            seq=row.seq,
        )
        trade.quantity = trade.opened_quantity = quantity
        trade.price, trade.opened_value = price, quantity * price
        self.positions[symbol] = trade
        if old is not None and old in self.trades:
            self.trades.remove(old)
        self.trades.append(trade)

    # --- stops ------------------------------------------------------------------------------------

    def _stopped(self, row: Row) -> None:
        data = row.data
        if row.kind == "Resumed":
            for latch_id in data["latch_ids"]:
                self.stops.pop(latch_id, None)
            return
        reason = data.get("reason") or data.get("text") or ""
        if row.kind == "LimitTripped":
            reason = f"{data['limit']}: {data['value']} beyond {data['threshold']}"
        self.stops[data["latch_id"]] = {
            "id": data["latch_id"],
            "level": data.get("level", "reduce_only"),
            "reason": reason,
            "actor": data.get("actor", "engine" if row.kind == "LimitTripped" else "latch file"),
            "since_ns": row.time_ns,
            "limit": data.get("limit", ""),
            "period_end_ns": data.get("period_end_ns", 0),
        }

    # --- snapshots --------------------------------------------------------------------------------

    def restore(self, book: Data) -> None:
        """Go on behind a snapshot's book.

        Fills of ended orders before it are not told apart any more.
        """
        self.count, self.cash = book["trades"], Decimal(book["cash"])
        self.opened_cash, self.fees = Decimal(book["opened_cash"]), Decimal(book["fees"])
        self.halted = dict(book["halted_symbols"])
        self.ended = list(book["ended"])
        for saved in book["orders"]:
            order = Order(saved, seq=0, time_ns=saved["intended_ns"])
            order.status, order.note, order.cancels = (
                saved["status"],
                saved["note"],
                saved["cancels"],
            )
            order.filled, order.fill_ids = Decimal(saved["filled"]), set(saved["fill_keys"])
            self.orders[saved["client_id"]] = order
        for saved in book["positions"]:
            trade = Trade(
                number=saved["trade"],
                symbol=saved["symbol"],
                decision=saved["decision"],
                opened_ns=saved["opened_ns"],
                seq=0,
            )
            trade.quantity = trade.opened_quantity = Decimal(saved["quantity"])
            trade.price = Decimal(saved["price"])
            trade.opened_value = trade.price * trade.quantity
            trade.fees, trade.realised = Decimal(saved["fees"]), Decimal(saved["realised"])
            trade.exit_reason = saved["exit_reason"]
            trade.stop_price = None if saved["stop_price"] is None else Decimal(saved["stop_price"])
            self.positions[trade.symbol] = trade
            self.trades.append(trade)
        for latch in book["latches"]:
            self.stops[latch["latch_id"]] = {
                "id": latch["latch_id"],
                **{
                    name: latch[name]
                    for name in ("level", "reason", "actor", "since_ns", "limit", "period_end_ns")
                },
            }


def at_end(journal: Glance) -> tuple[Ledger, Data | None]:
    """Return the ledger at the newest row and the snapshot's book it started from.

    If there was one.
    """
    return before(journal, None)


def before(journal: Glance, seq: int | None) -> tuple[Ledger, Data | None]:
    """Return the ledger right before a row (None: at the end).

    Folded from the nearest snapshot in front of it.
    """
    ledger = Ledger(keeps_all=False)
    snapshot = journal.newest("SnapshotTaken", seq)
    book: Data | None = None
    start = 0
    if snapshot is not None:
        book = json.loads(journal.blob(snapshot.data["blob"]))["book"]
        assert book is not None
        ledger.restore(book)
        start = snapshot.seq
    ledger.fold(journal.of(ALL_KINDS, after=start, to=None if seq is None else seq - 1))
    return ledger, book
