"""The engine's state as plain JSON values, and back. A snapshot is a cache: a full fold must give the same.

Knows nothing of files. Decimals become text, floats stay floats (their shortest text reads back exactly).
"""

import dataclasses
import heapq
from decimal import Decimal
from typing import Final

from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import LatchRecord, OrderRecord, PositionRecord
from hfl_core.engine.core import Core

State = dict[str, object]

_PLAIN: Final = (
    "run_id runs mode account currency config_blob operator_policy state halt_reason is_open trips decisions "
    "numbers trades fills fill_cursor dataset_id cursor scans slot_ns digest rejected_rows"
).split()
_MONEY: Final = "opened_cash cash cash_moved realised fees equity high_water_mark".split()
_ENUMS: Final = {"side": Side, "type": OrderType, "purpose": Purpose, "status": OrderStatus}
_DECIMAL_FIELDS: Final = frozenset(
    "quantity limit_price stop_price risk_stop_price reference_price filled price fees realised".split()
)


def core_state(core: Core) -> State:
    """Return everything later steps depend on; only while nothing is awaited."""
    assert not core.awaited and not core.group_scans
    return {
        "time_ns": core.time_ns,
        "book": book_state(core.book),
        "decider": core.decider.state(),
        "timers": sorted([list(timer) for timer in core.timers]),
        "vetoes": dict(sorted(core.vetoes.items())),
    }


def restore_core(core: Core, state: State) -> None:
    """Put a state back, in place."""
    core.time_ns = state["time_ns"]  # type: ignore[assignment]
    restore_book(core.book, state["book"])  # type: ignore[arg-type]
    core.decider.restore(state["decider"])  # type: ignore[arg-type]
    core.decider.refresh(core.book)
    core.timers = [tuple(timer) for timer in state["timers"]]  # type: ignore[attr-defined]
    heapq.heapify(core.timers)
    core.vetoes = dict(state["vetoes"])  # type: ignore[call-overload]
    core.floor_mark = -1


def book_state(book: Book) -> State:
    """Return the book as plain JSON values: what projections are compared by."""
    return {
        **{name: getattr(book, name) for name in _PLAIN},
        **{name: plain(getattr(book, name)) for name in _MONEY},
        "hashes": [list(pair) for pair in book.hashes],
        "anchors": [[name, plain(value)] for name, value in book.anchors],
        "counts": dict(sorted(book.counts.items())),
        "requests": [list(pair) for pair in book.requests.items()],
        "halted_symbols": dict(sorted(book.halted_symbols.items())),
        "orders": [_record(order) for order in book.orders.values()],
        "ended": list(book._ended),
        "positions": [_record(book.positions[symbol]) for symbol in sorted(book.positions)],
        "latches": [_record(latch) for latch in book.latches.values()],
    }


def restore_book(book: Book, state: State) -> None:
    """Put a book back, in place."""
    for name in _PLAIN:
        setattr(book, name, state[name])
    for name in _MONEY:
        setattr(book, name, Decimal(state[name]))  # type: ignore[arg-type]
    book.hashes = tuple(tuple(pair) for pair in state["hashes"])  # type: ignore[attr-defined]
    book.anchors = tuple((n, Decimal(v)) for n, v in state["anchors"])  # type: ignore[attr-defined]
    book.counts = dict(state["counts"])  # type: ignore[call-overload]
    book.requests = {key: verb for key, verb in state["requests"]}  # type: ignore[attr-defined]
    book.halted_symbols = dict(state["halted_symbols"])  # type: ignore[call-overload]
    orders = [OrderRecord(**_fields(o)) for o in state["orders"]]  # type: ignore[attr-defined]
    book.orders = {order.client_id: order for order in orders}
    book.live = {order.client_id: order for order in orders if order.is_live}
    book._ended = list(state["ended"])  # type: ignore[call-overload]
    positions = [PositionRecord(**_fields(p)) for p in state["positions"]]  # type: ignore[attr-defined]
    book.positions = {position.symbol: position for position in positions}
    latches = [LatchRecord(**latch) for latch in state["latches"]]  # type: ignore[attr-defined]
    book.latches = {latch.latch_id: latch for latch in latches}


def _record(record: OrderRecord | PositionRecord | LatchRecord) -> State:
    """Return a record's fields; Decimals as canonical text, enums as their values."""
    found: State = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, Decimal):
            found[field.name] = plain(value)
        elif field.name in _ENUMS and not isinstance(record, LatchRecord):
            found[field.name] = value.value
        else:
            found[field.name] = list(value) if isinstance(value, list) else value
    return found


def _fields(saved: State) -> dict[str, object]:
    """Return a record's constructor arguments."""
    found: dict[str, object] = {}
    for name, value in saved.items():
        if name in _DECIMAL_FIELDS and isinstance(value, str):
            found[name] = Decimal(value)
        elif name in _ENUMS:
            found[name] = _ENUMS[name](value)
        else:
            found[name] = value
    return found
