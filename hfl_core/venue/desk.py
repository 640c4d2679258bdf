"""The venue's front desk: reads a request, lets the fault plan interfere, carries it out.

And says what goes on the wire.

Knows nothing of sockets or storage: the server sends what a Reply says, after the store made the
new state durable.
"""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain.bars import BarRow
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.money import exact, is_multiple
from hfl_core.venue.faults import Fault, FaultPlan
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import MarketBar, MarketOpen, Rejected
from hfl_core.venue.protocol import (
    ANSWER_BYTES_MAX,
    ROLES,
    BadRequestError,
    Record,
    account_record,
    event_record,
    frame,
    list_of,
    order_record,
    read_bar,
    read_instrument,
    read_open,
    read_order,
    text_of,
    unframe,
    whole_of,
)

UNCLEAR_CODE: Final = "internal_error"
_REFUSALS: Final = {
    "reject": Rejected("venue_reject", "the venue does not want this order"),
    "rate_limit": Rejected("rate_limited", "too many calls: not looked at"),
    "maintenance": Rejected("maintenance", "down for maintenance: not looked at"),
}


class Reply(NamedTuple):
    """What to do with a connection: send line (None.

    Stay silent) after delay_s or over drip_s, or end the process.
    """

    line: bytes | None
    delay_s: float = 0.0
    drip_s: float = 0.0
    ends_process: bool = False
    role: str = ""


class Desk:
    """One account's requests, and the counts a judge asks for.

    seen: client id -> submits, accepted, cancels.
    """

    def __init__(self, matching: Matching, plan: FaultPlan, *, currency: str) -> None:
        self.matching = matching
        self.plan = plan
        self.currency = currency
        self.seen: dict[str, list[int]] = {}
        self.seen_changed: set[str] = set()
        self._verbs: dict[str, Callable[[Mapping[str, object]], Record | Rejected]] = {
            "hello": self._hello,
            "publish": self._publish,
            "publish_open": self._publish_open,
            "submit": self._submit,
            "cancel": self._cancel,
            "query": self._query,
            "poll": self._poll,
            "open_orders": self._open_orders,
            "account": self._account,
            "move_cash": self._move_cash,
            "counts": self._counts,
        }

    def handle(self, line: bytes, *, role: str) -> Reply:
        """Answer one line of a connection.

        Role is what its earlier requests made it, empty at first.
        """
        request: Record = {}
        try:
            request = unframe(line)
            text_of(request, "id")
            verb = text_of(request, "verb")
            _check_role(verb, role)
            if ROLES[verb] == "broker":
                reply = self._struck(verb, request)
            else:
                reply = Reply(self._answer(verb, request))
            return reply._replace(role=ROLES[verb])
        except BadRequestError as error:
            return Reply(_framed(request, Rejected("bad_request", str(error))), role=role)

    def _struck(self, verb: str, request: Record) -> Reply:
        if verb in ("submit", "cancel"):
            self._see(text_of(request, "client_id"), 0 if verb == "submit" else 2)
        fault = self.plan.next_call(verb)
        name = "" if fault is None else fault.name
        if name in ("timeout_before", "silence", "restart_before"):
            return Reply(None, ends_process=name == "restart_before")
        if name in _REFUSALS:
            return Reply(_framed(request, _REFUSALS[name]))
        line = self._answer(verb, request)
        if fault is None:
            return Reply(line)
        return _spoilt(request, line, fault)

    def _answer(self, verb: str, request: Record) -> bytes:
        try:
            return _framed(request, self._verbs[verb](request))
        except ValueError as error:
            raise BadRequestError(str(error)) from error

    def _see(self, client_id: str, column: int) -> None:
        self.seen.setdefault(client_id, [0, 0, 0])[column] += 1
        self.seen_changed.add(client_id)

    # --- market -----------------------------------------------------------------------------------
    # ------------------

    def _hello(self, request: Mapping[str, object]) -> Record:
        instruments = [read_instrument(record) for record in list_of(request, "instruments")]
        for instrument in instruments:
            self.matching.list_instrument(instrument)
        return {
            "venue": self.matching.venue,
            "account": self.matching.account_name,
            "currency": self.currency,
            "pid": os.getpid(),
            "clock_ns": self.matching.clock_ns,
            "events_pending": len(self.matching.log),
            "closes": {
                symbol: self.matching.close_ns[index]
                for symbol, index in self.matching.indexes.items()
            },
        }

    def _publish(self, request: Mapping[str, object]) -> Record:
        now_ns = whole_of(request, "now_ns")
        rows = [self._bar_row(read_bar(record)) for record in list_of(request, "bars")]
        taken = sum(self.matching.on_bar(row, open_ns, close_ns) for row, open_ns, close_ns in rows)
        self.matching.tell_time(now_ns)
        return self._published(taken)

    def _publish_open(self, request: Mapping[str, object]) -> Record:
        opens = [read_open(record) for record in list_of(request, "opens")]
        rows = [(open_row(self.matching, each), each.open_ns, each.close_ns) for each in opens]
        taken = sum(
            self.matching.on_open(row, open_ns, close_ns) for row, open_ns, close_ns in rows
        )
        return self._published(taken)

    def _published(self, taken: int) -> Record:
        return {
            "clock_ns": self.matching.clock_ns,
            "events_pending": len(self.matching.log),
            "taken": taken,
        }

    def _bar_row(self, bar: MarketBar) -> tuple[BarRow, int, int]:
        return bar_row(self.matching, bar), bar.open_ns, bar.close_ns

    # --- broker -----------------------------------------------------------------------------------
    # ------------------

    def _submit(self, request: Mapping[str, object]) -> Record | Rejected:
        order = read_order(request)
        if (refusal := self._foreign_account(request)) is not None:
            return refusal
        if (refusal := self._foreign_currency(order.symbol)) is not None:
            return refusal
        outcome = self.matching.submit(order)
        if isinstance(outcome, Rejected):
            return outcome
        self._see(order.client_id, 1)
        return {"venue_id": outcome}

    def _foreign_currency(self, symbol: Symbol) -> Rejected | None:
        """Refuse an order that the account's money cannot pay; watching such a market is free."""
        index = self.matching.indexes.get(symbol)
        if index is None:
            return None
        found = self.matching.ledger.listings[index].instrument.currency
        if found == self.currency:
            return None
        return Rejected(
            "wrong_currency", f"expected {symbol} priced in {self.currency}, found {found}"
        )

    def _cancel(self, request: Mapping[str, object]) -> Record | Rejected:
        client_id = ClientOrderId(text_of(request, "client_id"))
        return self._foreign_account(request) or {"outcome": self.matching.cancel(client_id)}

    def _query(self, request: Mapping[str, object]) -> Record | Rejected:
        client_id = ClientOrderId(text_of(request, "client_id"))
        if (refusal := self._foreign_account(request)) is not None:
            return refusal
        order = self.matching.query(client_id)
        if order is None or self.plan.is_hidden(
            order, age_ns=self.matching.age_ns(client_id), is_query=True
        ):
            return {"order": None}
        return {"order": order_record(self.plan.shown(order))}

    def _poll(self, request: Mapping[str, object]) -> Record | Rejected:
        cursor = whole_of(request, "cursor")
        if (refusal := self._foreign_account(request)) is not None:
            return refusal
        events = self.plan.polled(self.matching.log, cursor, self.matching.poll(cursor))
        return {
            "venue": self.matching.venue,
            "account": self.matching.account_name,
            "events": [event_record(event) for event in events],
        }

    def _open_orders(self, request: Mapping[str, object]) -> Record | Rejected:
        if (refusal := self._foreign_account(request)) is not None:
            return refusal
        age_ns = self.matching.age_ns
        shown = [
            order
            for order in self.matching.open_orders()
            if not self.plan.is_hidden(order, age_ns=age_ns(order.client_id), is_query=False)
        ]
        return {"orders": [order_record(self.plan.shown(order)) for order in shown]}

    def _account(self, request: Mapping[str, object]) -> Record | Rejected:
        return self._foreign_account(request) or account_record(self.matching.account())

    def _move_cash(self, request: Mapping[str, object]) -> Record | Rejected:
        request_id = text_of(request, "request_id")
        amount = exact(text_of(request, "amount"))
        refusal = self._foreign_account(request) or self.matching.move_cash(request_id, amount)
        return refusal or {"request_id": request_id}

    def _foreign_account(self, request: Mapping[str, object]) -> Rejected | None:
        account = text_of(request, "account")
        if account != self.matching.account_name:
            return Rejected(
                "wrong_account",
                f"expected the account {self.matching.account_name}, found {account}",
            )
        return None

    # --- audit ------------------------------------------------------------------------------------
    # ------------------

    def _counts(self, _request: Mapping[str, object]) -> Record:
        return {
            "seen": self.seen,
            "calls": self.plan.calls,
            "fired": self.plan.fired,
            "orders": len(self.matching.orders),
            "events": len(self.matching.log),
        }


def bar_row(matching: Matching, bar: MarketBar) -> BarRow:
    """Turn a published bar into ticks. Raises ValueError for a bar that no market can have made."""
    index = matching.indexes.get(bar.symbol)
    if index is None:
        raise ValueError(f"expected a listed symbol, found {bar.symbol}: say hello with it first")
    tick = matching.ledger.listings[index].instrument.tick
    prices: tuple[Decimal, ...] = bar[3:7]
    if min(prices) <= 0 or max(prices) != bar.high or min(prices) != bar.low:
        raise ValueError(
            f"{bar.symbol}: expected positive prices between low and high, found "
            f"{', '.join(map(str, prices))}"
        )
    if not all(is_multiple(price, tick) for price in prices):
        raise ValueError(
            f"{bar.symbol}: expected prices in multiples of {tick}, found "
            f"{', '.join(map(str, prices))}"
        )
    opened, high, low, close = (int(price / tick) for price in prices)
    return BarRow(index, opened, high, low, close, bar.volume, 0)


def open_row(matching: Matching, opened: MarketOpen) -> BarRow:
    """Turn a published open into a bar that is nothing but its open. Raises ValueError."""
    symbol, open_ns, close_ns, price, volume = opened
    return bar_row(
        matching, MarketBar(symbol, open_ns, close_ns, price, price, price, price, volume)
    )


def _check_role(verb: str, role: str) -> None:
    if verb not in ROLES or role not in ("", ROLES[verb]):
        wanted = role or "market, broker or audit"
        raise BadRequestError(f"expected a verb of the role {wanted}, found {verb!r}")


def _framed(request: Mapping[str, object], outcome: Record | Rejected) -> bytes:
    echoed = {
        name: request[name] for name in ("id", "client_id") if isinstance(request.get(name), str)
    }
    if isinstance(outcome, Rejected):
        return frame({**echoed, "ok": False, "code": outcome.code, "text": outcome.text})
    line = frame({**echoed, "ok": True, **outcome})
    assert len(line) <= ANSWER_BYTES_MAX, f"an answer of {len(line)} bytes: answers are bounded"
    return line


def _spoilt(request: Record, line: bytes, fault: Fault) -> Reply:
    match fault.name:
        case "delay":
            return Reply(line, delay_s=fault.duration_s)
        case "slow":
            return Reply(line, drip_s=fault.duration_s)
        case "garbage":
            return Reply(garbage(line, fault.kind))
        case "unclear":
            return Reply(
                _framed(
                    request, Rejected(UNCLEAR_CODE, "something went wrong; the status is unknown")
                )
            )
    return Reply(None, ends_process=fault.name == "restart_after")


def garbage(line: bytes, kind: str) -> bytes:
    """Spoil an answer in one of GARBAGE_KINDS."""
    body = unframe(line.rstrip(b"\n"))
    match kind:
        case "cut":
            return line[: len(line) // 2]
        case "empty":
            return b"\n"
        case "html":
            return b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"
        case "null":
            return b"null\n"
        case "wrong_id":
            spoilt = {
                name: f"{value}x" if name in ("id", "client_id") else value
                for name, value in body.items()
            }
            return frame(spoilt)
        case "no_proof":
            return frame({name: body[name] for name in ("id", "ok") if name in body})
    raise ValueError(f"expected a kind of garbage, found {kind!r}")
