"""The schema gate of the paper broker: reads answers into domain values.

Or says that they prove nothing.

Nothing is repaired or guessed: a missing, superfluous-typed or contradictory field makes the whole
answer worthless.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, FillId, Symbol, VenueOrderId
from hfl_core.domain.money import exact
from hfl_core.domain.orders import (
    AccountReport,
    Fill,
    OrderReport,
    OrderStatus,
    PositionReport,
    Side,
)

SUM_DIGITS: Final = 16
_REPORTABLE: Final = frozenset(
    {
        OrderStatus.WORKING,
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
    }
)
_ENDINGS: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})

Answer = Mapping[str, object]


class UnprovenError(ValueError):
    """Say why an answer proves nothing."""


def frame(body: Answer) -> bytes:
    """Return a request's line: checksum, JSON, newline."""
    text = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest()[:SUM_DIGITS].encode() + b" " + text + b"\n"


def open_line(line: bytes) -> Answer:
    """Read an answer's line without its newline. Raises UnprovenError."""
    total, _, text = line.partition(b" ")
    if hashlib.sha256(text).hexdigest()[:SUM_DIGITS].encode() != total:
        raise UnprovenError(f"expected an answer whose checksum holds, found {line[:60]!r}")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnprovenError(f"expected JSON, found {text[:60]!r}") from error
    return _table(body)


def _table(value: object) -> Answer:
    if not isinstance(value, dict):
        raise UnprovenError(f"expected an object, found {str(value)[:60]!r}")
    return value


def text_of(answer: Answer, name: str) -> str:
    """Return a text that is not empty. Raises UnprovenError."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise UnprovenError(f"expected {name} as text, found {value!r}")
    return value


def _note_of(answer: Answer, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise UnprovenError(f"expected {name} as text, found {value!r}")
    return value


def whole_of(answer: Answer, name: str) -> int:
    """Return an integer of zero or more. Raises UnprovenError."""
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnprovenError(f"expected {name} as an integer, found {value!r}")
    return value


def list_of(answer: Answer, name: str) -> list[Answer]:
    """Return a list of objects. Raises UnprovenError."""
    value = answer.get(name)
    if not isinstance(value, list):
        raise UnprovenError(f"expected {name} as a list, found {value!r}")
    return [_table(each) for each in value]


def _number(answer: Answer, name: str) -> Decimal:
    try:
        return exact(text_of(answer, name))
    except ValueError as error:
        raise UnprovenError(
            f"expected {name} as a decimal number, found {answer.get(name)!r}"
        ) from error


def _positive(answer: Answer, name: str) -> Decimal:
    value = _number(answer, name)
    if value <= 0:
        raise UnprovenError(f"expected {name} above zero, found {value}")
    return value


def _at_least_zero(answer: Answer, name: str) -> Decimal:
    value = _number(answer, name)
    if value < 0:
        raise UnprovenError(f"expected {name} of zero or more, found {value}")
    return value


def _side(answer: Answer) -> Side:
    try:
        return Side(text_of(answer, "side"))
    except ValueError as error:
        raise UnprovenError(
            f"expected side as buy or sell, found {answer.get('side')!r}"
        ) from error


def _status(answer: Answer, allowed: frozenset[OrderStatus]) -> OrderStatus:
    try:
        status = OrderStatus(text_of(answer, "status"))
    except ValueError as error:
        raise UnprovenError(f"expected a known status, found {answer.get('status')!r}") from error
    if status not in allowed:
        raise UnprovenError(f"expected a status a venue may report, found {status.value}")
    return status


def read_fill(answer: Answer) -> Fill:
    """Read one execution. Raises UnprovenError."""
    return Fill(
        client_id=ClientOrderId(text_of(answer, "client_id")),
        fill_id=FillId(text_of(answer, "fill_id")),
        symbol=Symbol(text_of(answer, "symbol")),
        side=_side(answer),
        price=_positive(answer, "price"),
        quantity=_positive(answer, "quantity"),
        fee=_at_least_zero(answer, "fee"),
        at_ns=whole_of(answer, "at_ns"),
    )


def read_order(answer: Answer) -> OrderReport:
    """Read one order; its fills must be its own and add up. Raises UnprovenError."""
    order = OrderReport(
        client_id=ClientOrderId(text_of(answer, "client_id")),
        venue_id=VenueOrderId(text_of(answer, "venue_id")),
        symbol=Symbol(text_of(answer, "symbol")),
        side=_side(answer),
        status=_status(answer, _REPORTABLE),
        quantity=_positive(answer, "quantity"),
        filled=_at_least_zero(answer, "filled"),
        fills=tuple(read_fill(each) for each in list_of(answer, "fills")),
        text=_note_of(answer, "text"),
    )
    own = {(order.client_id, order.symbol, order.side)}
    if any((fill.client_id, fill.symbol, fill.side) not in own for fill in order.fills):
        raise UnprovenError(f"expected fills of {order.client_id} only, found others among them")
    is_full = order.filled == order.quantity
    if sum(fill.quantity for fill in order.fills) != order.filled or order.filled > order.quantity:
        raise UnprovenError(
            f"expected fills of {order.client_id} that add up to {order.filled} of "
            f"{order.quantity}, found others"
        )
    if is_full != (order.status is OrderStatus.FILLED):
        raise UnprovenError(
            f"expected {order.client_id} filled exactly when nothing remains, found "
            f"{order.status.value} at {order.filled}"
        )
    return order


def read_event(answer: Answer, *, venue: str, account: str) -> Filled | OrderEnded:
    """Read one entry of a poll. Raises UnprovenError."""
    kind = text_of(answer, "kind")
    cursor = whole_of(answer, "cursor")
    if cursor == 0:
        raise UnprovenError("expected a cursor above zero, found 0")
    if kind == "fill":
        return Filled(venue=venue, account=account, cursor=cursor, fill=read_fill(answer))
    if kind != "ended":
        raise UnprovenError(f"expected fill or ended, found {kind!r}")
    return OrderEnded(
        client_id=text_of(answer, "client_id"),
        status=_status(answer, _ENDINGS),
        filled=_at_least_zero(answer, "filled"),
        text=_note_of(answer, "text"),
        cursor=cursor,
    )


def read_account(answer: Answer) -> AccountReport:
    """Read cash and positions. Raises UnprovenError."""
    positions = []
    for each in list_of(answer, "positions"):
        quantity = _number(each, "quantity")
        if not quantity:
            raise UnprovenError(
                f"expected positions that are not flat, found {each.get('symbol')!r} at zero"
            )
        positions.append(
            PositionReport(
                symbol=Symbol(text_of(each, "symbol")),
                quantity=quantity,
                price=_positive(each, "price"),
            )
        )
    if len({position.symbol for position in positions}) != len(positions):
        raise UnprovenError("expected each position once, found a symbol twice")
    return AccountReport(
        cash=_number(answer, "cash"),
        positions=tuple(positions),
        fill_cursor=whole_of(answer, "fill_cursor"),
        now_ns=whole_of(answer, "now_ns"),
    )
