"""The engine's state as plain JSON values, and back. A snapshot is a cache: a fold gives the same.

Knows nothing of files. Decimals become text, floats stay floats (their shortest text reads back
exactly).
"""

import dataclasses
import heapq
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import LatchRecord, OrderRecord, PositionRecord
from hfl_core.engine.core import Core
from hfl_core.engine.saved import State, part

_PLAIN: Final = (
    "run_id",
    "runs",
    "mode",
    "account",
    "currency",
    "config_blob",
    "operator_policy",
    "state",
    "halt_reason",
    "is_open",
    "trips",
    "decisions",
    "numbers",
    "trades",
    "fills",
    "fill_cursor",
    "dataset_id",
    "cursor",
    "scans",
    "slot_ns",
    "digest",
    "rejected_rows",
    "limits_hash",
)
_MONEY: Final = (
    "opened_cash",
    "cash",
    "cash_moved",
    "realised",
    "fees",
    "equity",
    "high_water_mark",
)
_ENUMS: Final = {"side": Side, "type": OrderType, "purpose": Purpose, "status": OrderStatus}
_DECIMAL_FIELDS: Final = frozenset(
    {
        "quantity",
        "limit_price",
        "stop_price",
        "risk_stop_price",
        "reference_price",
        "filled",
        "price",
        "fees",
        "realised",
    }
)


_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_READ: Final = {
    cls: (
        tuple(field.name for field in dataclasses.fields(cls)),
        attrgetter(*(field.name for field in dataclasses.fields(cls))),
    )
    for cls in (OrderRecord, PositionRecord, LatchRecord)
}


def core_state(core: Core) -> State:
    """Return everything later steps depend on; only while nothing is awaited."""
    if core.awaited or core.group_scans or core.gathering.open:
        raise AssertionError("expected the engine at rest, found opinions or scans outstanding")
    return {
        "time_ns": core.time_ns,
        "book": book_state(core.book),
        "decider": core.decider.state(),
        "timers": sorted([list(timer) for timer in core.timers]),
        "vetoes": dict(sorted(core.vetoes.items())),
    }


def restore_core(core: Core, state: State) -> None:
    """Put a state back, in place. Raises ValueError when a part is missing or of another type."""
    core.time_ns = part(state, "time_ns", int)
    restore_book(core.book, part(state, "book", dict))
    core.adopt_limits()
    core.decider.restore(part(state, "decider", dict))
    core.decider.refresh(core.book)
    core.decider.watch.is_watching = core.book.pace.needs_watching
    core.timers = [(due_ns, kind, key) for due_ns, kind, key in part(state, "timers", list)]
    heapq.heapify(core.timers)
    core.vetoes = dict(part(state, "vetoes", dict))
    core.gathering.open.clear()
    core.floor_mark = -1


def book_state(book: Book) -> State:
    """Return the book as plain JSON values: what projections are compared by."""
    return {
        **{name: getattr(book, name) for name in _PLAIN},
        **{name: plain(getattr(book, name)) for name in _MONEY},
        "hashes": [list(pair) for pair in book.hashes],
        "anchors": [[name, plain(value)] for name, value in book.anchors],
        "counts": dict(sorted(book.counts.items())),
        "rejected": dict(sorted(book.rejected.items())),
        "limits": dict(sorted(book.limits.items())),
        "limits_waiting": {n: list(v) for n, v in sorted(book.limits_waiting.items())},
        "pace": book.pace.state(),
        "requests": [list(pair) for pair in book.requests.items()],
        "cash_asked": [list(pair) for pair in book.cash_asked.items()],
        "foreign": dict(sorted(book.foreign.items())),
        "halted_symbols": dict(sorted(book.halted_symbols.items())),
        "orders": [_record(order) for order in book.orders.values()],
        "ended": list(book.ended),
        "positions": [_record(book.positions[symbol]) for symbol in sorted(book.positions)],
        "latches": [_record(latch) for latch in book.latches.values()],
    }


def restore_book(book: Book, state: State) -> None:
    """Put a book back, in place."""
    for name in _PLAIN:
        setattr(book, name, state[name])
    for name in _MONEY:
        setattr(book, name, Decimal(part(state, name, str)))
    book.hashes = tuple((name, digest) for name, digest in part(state, "hashes", list))
    book.anchors = tuple((name, Decimal(value)) for name, value in part(state, "anchors", list))
    book.counts = dict(part(state, "counts", dict))
    book.rejected = dict(part(state, "rejected", dict))
    book.requests = dict(part(state, "requests", list))
    book.limits = dict(part(state, "limits", dict))
    waiting = part(state, "limits_waiting", dict)
    book.limits_waiting = {name: (value, due_ns) for name, (value, due_ns) in waiting.items()}
    book.cash_asked = dict(part(state, "cash_asked", list))
    book.foreign = dict(part(state, "foreign", dict)) if "foreign" in state else {}
    book.halted_symbols = dict(part(state, "halted_symbols", dict))
    # Missing in what an older version wrote.
    book.pace.restore(part({"pace": {}, **state}, "pace", dict))
    orders = [OrderRecord(**_fields(saved)) for saved in part(state, "orders", list)]
    book.orders = {order.client_id: order for order in orders}
    book.live = {order.client_id: order for order in orders if order.is_live}
    book.ended = list(part(state, "ended", list))
    positions = [PositionRecord(**_fields(saved)) for saved in part(state, "positions", list)]
    book.positions = {position.symbol: position for position in positions}
    latches = [LatchRecord(**saved) for saved in part(state, "latches", list)]
    book.latches = {latch.latch_id: latch for latch in latches}


def _record(record: OrderRecord | PositionRecord | LatchRecord) -> State:
    """Return a record's fields; Decimals as canonical text, enums as their values."""
    names, values_of = _READ[type(record)]
    found: State = {}
    # A snapshot holds hundreds of ended orders: by far most fields are plain.
    for name, value in zip(names, values_of(record), strict=True):
        cls = type(value)
        if cls is Decimal:
            found[name] = plain(value)
        elif cls in _AS_THEY_ARE:
            found[name] = value
        else:
            found[name] = list(value) if cls is list else value.value
    return found


def _fields(saved: State) -> dict[str, Any]:
    """Return a record's constructor arguments."""
    found: dict[str, Any] = {}
    for name, value in saved.items():
        if name in _DECIMAL_FIELDS and isinstance(value, str):
            found[name] = Decimal(value)
        elif name in _ENUMS:
            found[name] = _ENUMS[name](str(value))
        elif isinstance(value, list):
            found[name] = list(value)
        else:
            found[name] = value
    return found
