r"""The venue's wire: JSON lines over a Unix socket, each proven whole by a checksum.

Encoding here, decoding of answers at the client.

A line is `<first 16 hex digits of SHA-256(body)> <body>\n`, the body one JSON object without raw
newlines; a request is at most 1 MiB long, an answer 16 MiB.

A request is `{"id": text, "verb": text, ...}`; the answer echoes `id` and holds `"ok": true` with
the verb's fields, or `"ok": false` with `code` and `text`. An order's answers echo `client_id` too.
Numbers that count money, price or quantity are decimal text; times are integer nanoseconds. Each
verb belongs to one role, and a connection keeps the role of its first request:

    market  hello        instruments: [instrument] -> venue, account, currency, pid, clock_ns,
                         events_pending, closes: {symbol: close_ns}
            publish      now_ns, bars: [[symbol, open_ns, close_ns, open, high, low, close, volume]]
                         -> clock_ns, events_pending, taken
            publish_open opens: [[symbol, open_ns, close_ns, open, volume]]
                         -> clock_ns, events_pending, taken
    broker  submit       account, client_id, symbol, side, type, quantity, reduce_only,
                         limit_price, stop_price, time_in_force -> venue_id
            cancel       account, client_id -> outcome: cancelled | already_filled | not_found
            query        account, client_id -> order: object | null
            poll         account, cursor -> venue, account, events: [fill or ended, with cursor]
            open_orders  account -> orders: [object]
            account      account -> cash, positions: [object], fill_cursor, now_ns
            move_cash    account, request_id, amount -> request_id
    audit   counts       -> seen: {client_id: [submits, accepted, cancels]}, calls: {verb: n},
                         fired: {fault: n}, orders, events

The objects are what the `*_record` functions below write.

A bar is known by its symbol and close. It may be told at once by `publish`, or first its open by
`publish_open` and then the whole of it by `publish`; either may be sent again. An open carries no
other price of its bar, because nobody could know one; its volume is the basis of the bar's budget,
a convention of the simulation that matching.py states.

Only `now_ns` and the times of opens and bars move the venue's clock, so only the market link has
one. Reject codes:
hfl_core/venue/model.py. `bad_request` means that the request could not be read; it is no statement
about an order.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.money import exact, plain
from hfl_core.domain.orders import AccountReport, Fill, OrderReport, OrderType, Side, TimeInForce
from hfl_core.venue.model import MarketBar, MarketOpen, NewOrder

LINE_BYTES_MAX: Final = 1024 * 1024
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
SUM_DIGITS: Final = 16
ROLES: Final = {
    "hello": "market",
    "publish": "market",
    "publish_open": "market",
    "submit": "broker",
    "cancel": "broker",
    "query": "broker",
    "poll": "broker",
    "open_orders": "broker",
    "account": "broker",
    "move_cash": "broker",
    "counts": "audit",
}
BROKER_VERBS: Final = tuple(verb for verb, role in ROLES.items() if role == "broker")

Record = dict[str, object]


class BadRequestError(Exception):
    """Say what in a request could not be read."""


def frame(body: Mapping[str, object]) -> bytes:
    """Return the line of one message."""
    text = json.dumps(body, allow_nan=False, separators=(",", ":"), ensure_ascii=True).encode()
    return hashlib.sha256(text).hexdigest()[:SUM_DIGITS].encode() + b" " + text + b"\n"


def unframe(line: bytes) -> Record:
    """Read one line without its newline.

    Raises BadRequestError when it is cut, changed, or no JSON object.
    """
    total, _, text = line.partition(b" ")
    if hashlib.sha256(text).hexdigest()[:SUM_DIGITS].encode() != total:
        raise BadRequestError(
            "expected a line whose checksum holds, found another: send it again whole"
        )
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"expected a JSON object, found {text[:80]!r}") from error
    if not isinstance(body, dict):
        raise BadRequestError(f"expected a JSON object, found {text[:80]!r}")
    return body


def text_of(request: Mapping[str, object], name: str) -> str:
    """Return a text field. Raises BadRequestError."""
    value = request.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"expected {name} as text, found {value!r}")
    return value


def whole_of(request: Mapping[str, object], name: str) -> int:
    """Return an integer field of zero or more. Raises BadRequestError."""
    value = request.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequestError(f"expected {name} as an integer of zero or more, found {value!r}")
    return value


def list_of(request: Mapping[str, object], name: str) -> list[object]:
    """Return a list field. Raises BadRequestError."""
    value = request.get(name)
    if not isinstance(value, list):
        raise BadRequestError(f"expected {name} as a list, found {value!r}")
    return value


def instrument_record(instrument: Instrument) -> Record:
    """Return what the venue is told of an instrument."""
    return {
        "symbol": instrument.symbol,
        "asset_class": instrument.asset_class.value,
        "tick": plain(instrument.tick),
        "lot": plain(instrument.lot),
        "notional_min": plain(instrument.notional_min),
        "currency": instrument.currency,
        "volume": instrument.volume.value,
        "may_short": instrument.may_short,
        "margin_fraction": plain(instrument.margin_fraction),
        "depth_lots": instrument.depth_lots,
    }


def fill_record(fill: Fill) -> Record:
    """Return one execution."""
    return {
        "client_id": fill.client_id,
        "fill_id": fill.fill_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "at_ns": fill.at_ns,
    }


def event_record(event: Filled | OrderEnded) -> Record:
    """Return one entry of the log."""
    if isinstance(event, Filled):
        return {"kind": "fill", "cursor": event.cursor, **fill_record(event.fill)}
    return {
        "kind": "ended",
        "cursor": event.cursor,
        "client_id": event.client_id,
        "status": event.status.value,
        "filled": plain(event.filled),
        "text": event.text,
    }


def order_record(order: OrderReport) -> Record:
    """Return one order with its fills."""
    return {
        "client_id": order.client_id,
        "venue_id": order.venue_id,
        "symbol": order.symbol,
        "side": order.side.value,
        "status": order.status.value,
        "quantity": plain(order.quantity),
        "filled": plain(order.filled),
        "fills": [fill_record(fill) for fill in order.fills],
        "text": order.text,
    }


def account_record(account: AccountReport) -> Record:
    """Return cash and positions."""
    return {
        "cash": plain(account.cash),
        "positions": [
            {"symbol": each.symbol, "quantity": plain(each.quantity), "price": plain(each.price)}
            for each in account.positions
        ],
        "fill_cursor": account.fill_cursor,
        "now_ns": account.now_ns,
    }


def read_instrument(record: object) -> Instrument:
    """Read what `instrument_record` wrote.

    Raises BadRequestError with the sentence of what is wrong.
    """
    if not isinstance(record, dict):
        raise BadRequestError(f"expected an instrument as an object, found {record!r}")
    try:
        return Instrument(
            symbol=Symbol(text_of(record, "symbol")),
            asset_class=AssetClass(text_of(record, "asset_class")),
            tick=exact(text_of(record, "tick")),
            lot=exact(text_of(record, "lot")),
            notional_min=exact(text_of(record, "notional_min")),
            currency=text_of(record, "currency"),
            volume=VolumeKind(text_of(record, "volume")),
            may_short=record.get("may_short") is True,
            margin_fraction=exact(text_of(record, "margin_fraction")),
            depth_lots=whole_of(record, "depth_lots"),
        )
    except ValueError as error:
        raise BadRequestError(f"expected a usable instrument: {error}") from error


def read_order(request: Mapping[str, object]) -> NewOrder:
    """Read a submit request. Raises BadRequestError."""

    def price(name: str) -> Decimal | None:
        return None if request.get(name) is None else exact(text_of(request, name))

    reduce_only = request.get("reduce_only")
    if not isinstance(reduce_only, bool):
        raise BadRequestError(f"expected reduce_only as true or false, found {reduce_only!r}")
    try:
        return NewOrder(
            client_id=ClientOrderId(text_of(request, "client_id")),
            symbol=Symbol(text_of(request, "symbol")),
            side=Side(text_of(request, "side")),
            type=OrderType(text_of(request, "type")),
            quantity=exact(text_of(request, "quantity")),
            is_reduce_only=reduce_only,
            limit_price=price("limit_price"),
            stop_price=price("stop_price"),
            time_in_force=TimeInForce(text_of(request, "time_in_force")),
        )
    except ValueError as error:
        raise BadRequestError(f"expected a readable order: {error}") from error


def read_bar(record: object) -> MarketBar:
    """Read one published bar. Raises BadRequestError."""
    symbol, open_ns, close_ns, prices, volume = _bar_fields(record, MarketBar._fields)
    opened, high, low, close = prices
    return MarketBar(symbol, open_ns, close_ns, opened, high, low, close, volume)


def bar_record(bar: MarketBar) -> list[object]:
    """Return one bar as it is published."""
    prices = (plain(bar.open), plain(bar.high), plain(bar.low), plain(bar.close))
    return [bar.symbol, bar.open_ns, bar.close_ns, *prices, bar.volume]


def read_open(record: object) -> MarketOpen:
    """Read one published open. Raises BadRequestError."""
    symbol, open_ns, close_ns, (opened,), volume = _bar_fields(record, MarketOpen._fields)
    return MarketOpen(symbol, open_ns, close_ns, opened, volume)


def open_record(opened: MarketOpen) -> list[object]:
    """Return one open as it is published."""
    return [opened.symbol, opened.open_ns, opened.close_ns, plain(opened.open), opened.volume]


def _bar_fields(
    record: object, names: tuple[str, ...]
) -> tuple[Symbol, int, int, list[Decimal], float]:
    if not isinstance(record, list) or len(record) != len(names):
        raise BadRequestError(
            f"expected a list of {len(names)} ({', '.join(names)}), found {record!r}"
        )
    symbol, open_ns, close_ns, *prices, volume = record
    if (
        not isinstance(symbol, str)
        or type(open_ns) is not int
        or type(close_ns) is not int
        or not open_ns < close_ns
    ):
        raise BadRequestError(f"expected a symbol and two times in order, found {record[:3]!r}")
    if (
        isinstance(volume, bool)
        or not isinstance(volume, int | float)
        or not 0 <= volume < math.inf
    ):
        raise BadRequestError(f"expected a volume of zero or more, found {volume!r}")
    try:
        exact_prices = [exact(str(price)) for price in prices]
    except ValueError as error:
        raise BadRequestError(f"expected prices as decimal text, found {prices!r}") from error
    return Symbol(symbol), open_ns, close_ns, exact_prices, float(volume)
