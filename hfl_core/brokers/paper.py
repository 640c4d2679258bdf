"""The paper venue's process as a broker: one fresh connection a call.

One deadline for all of it, no retries.

Standard library only. A success needs proof: a whole line, our request id and client id echoed, the
venue's id present, every number readable; anything else is BrokerError(UNKNOWN). Only a connection
refused before the first byte was sent is a certain NO. The wire is documented in
hfl_core/venue/protocol.py.
"""

import itertools
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from hfl_core.brokers._answers import (
    Answer,
    UnprovenError,
    frame,
    list_of,
    open_line,
    read_account,
    read_event,
    read_order,
    text_of,
)
from hfl_core.brokers._certainty import CHANGING_VERBS, PAPER_TRAITS, refusal
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, VenueOrderId
from hfl_core.domain.money import plain
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.ports import BrokerTraits

T = TypeVar("T")

CANCEL_OUTCOMES: Final = frozenset({"cancelled", "already_filled", "not_found"})
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
_RECEIVE_BYTES: Final = 65_536
_REQUEST_NUMBERS: Final = itertools.count(1)


class Broker:
    """Implements hfl_core.ports.Broker over the venue's socket. Safe for many threads.

    Calls share nothing but a counter.
    """

    def __init__(self, socket_path: Path, *, account: str = "paper") -> None:
        self._path = str(socket_path)
        self._account = account

    @property
    def traits(self) -> BrokerTraits:
        """Return the paper venue's traits."""
        return PAPER_TRAITS

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Send one order once. Raises BrokerError.

        NO for a definite rejection, YES when the id exists, else UNKNOWN.
        """
        fields = {
            "client_id": client_id,
            "symbol": intent.symbol,
            "side": intent.side.value,
            "type": intent.type.value,
            "quantity": _wire_number(intent.quantity),
            "reduce_only": intent.is_reduce_only,
            "limit_price": None if intent.limit_price is None else _wire_number(intent.limit_price),
            "stop_price": None if intent.stop_price is None else _wire_number(intent.stop_price),
            "time_in_force": intent.time_in_force.value,
        }
        return self._call(
            "submit",
            fields,
            lambda answer: VenueOrderId(text_of(answer, "venue_id")),
            deadline_s=deadline_s,
        )

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel by our id; return cancelled, already_filled or not_found."""

        def read(answer: Answer) -> str:
            outcome = text_of(answer, "outcome")
            if outcome not in CANCEL_OUTCOMES:
                raise UnprovenError(
                    f"expected one of {', '.join(sorted(CANCEL_OUTCOMES))}, found {outcome!r}"
                )
            return outcome

        return self._call("cancel", {"client_id": client_id}, read, deadline_s=deadline_s)

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Return what the venue knows of our order, or None when it says that it has none."""

        def read(answer: Answer) -> OrderReport | None:
            if "order" not in answer:
                raise UnprovenError("expected order, found none in the answer")
            record = answer["order"]
            if record is None:
                return None
            if not isinstance(record, dict):
                raise UnprovenError(f"expected order as an object, found {record!r}")
            order = read_order(record)
            if order.client_id != client_id:
                raise UnprovenError(f"expected the order {client_id}, found {order.client_id}")
            return order

        return self._call("query", {"client_id": client_id}, read, deadline_s=deadline_s)

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return a bounded number of fills and endings behind the cursor.

        What is left comes with the next poll.
        """

        def read(answer: Answer) -> tuple[Filled | OrderEnded, ...]:
            venue, account = text_of(answer, "venue"), text_of(answer, "account")
            if account != self._account:
                raise UnprovenError(f"expected the account {self._account}, found {account}")
            return tuple(
                read_event(each, venue=venue, account=account) for each in list_of(answer, "events")
            )

        return self._call("poll", {"cursor": cursor}, read, deadline_s=deadline_s)

    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]:
        """Return every working order of the account, ours and foreign."""

        def read(answer: Answer) -> tuple[OrderReport, ...]:
            return tuple(read_order(each) for each in list_of(answer, "orders"))

        return self._call("open_orders", {}, read, deadline_s=deadline_s)

    def account(self, *, deadline_s: float) -> AccountReport:
        """Return cash, positions and the newest cursor."""
        return self._call("account", {}, read_account, deadline_s=deadline_s)

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Deposit or withdraw, idempotent by request id."""

        def read(answer: Answer) -> None:
            if text_of(answer, "request_id") != request_id:
                raise UnprovenError(
                    f"expected the request {request_id} echoed, found {answer.get('request_id')!r}"
                )

        fields = {"request_id": request_id, "amount": _wire_number(amount)}
        self._call("move_cash", fields, read, deadline_s=deadline_s)

    def _call(
        self,
        verb: str,
        fields: Mapping[str, object],
        read: Callable[[Answer], T],
        *,
        deadline_s: float,
    ) -> T:
        request_id = f"{os.getpid()}.{next(_REQUEST_NUMBERS)}"
        line = frame({"id": request_id, "verb": verb, "account": self._account, **fields})
        raw = _round_trip(self._path, line, verb=verb, ends_at=time.monotonic() + deadline_s)
        try:
            answer = _proven(raw, request_id, fields.get("client_id"))
            if answer["ok"] is False:
                raise refusal(verb, text_of(answer, "code"), text_of(answer, "text"))
            return read(answer)
        except UnprovenError as error:
            raise BrokerError(
                f"expected proof in the answer to {verb}: {error}",
                reached=Reached.UNKNOWN,
                code="bad_answer",
            ) from error


def _proven(raw: bytes, request_id: str, client_id: object) -> Answer:
    answer = open_line(raw)
    if answer.get("id") != request_id:
        raise UnprovenError(
            f"expected the answer to {request_id}, found one to {answer.get('id')!r}"
        )
    if client_id is not None and answer.get("client_id") != client_id:
        raise UnprovenError(f"expected {client_id} echoed, found {answer.get('client_id')!r}")
    if not isinstance(answer.get("ok"), bool):
        raise UnprovenError(f"expected ok as true or false, found {answer.get('ok')!r}")
    return answer


def _round_trip(path: str, line: bytes, *, verb: str, ends_at: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        try:
            sock.settimeout(_left_s(ends_at))
            sock.connect(path)
        except OSError as error:
            # Nothing was sent. For a read that is no news about any order.
            reached = Reached.NO if verb in CHANGING_VERBS else Reached.UNKNOWN
            raise BrokerError(
                f"expected the paper venue at {path}, found {error}: start it",
                reached=reached,
                code="unreachable",
            ) from error
        try:
            sock.settimeout(_left_s(ends_at))
            sock.sendall(line)
            return _receive_line(sock, ends_at)
        except OSError as error:
            raise BrokerError(
                f"expected an answer to {verb} in time, found {error}",
                reached=Reached.UNKNOWN,
                code="no_answer",
            ) from error


def _receive_line(sock: socket.socket, ends_at: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        sock.settimeout(_left_s(ends_at))
        data = sock.recv(_RECEIVE_BYTES)
        if not data or len(received) > ANSWER_BYTES_MAX:
            raise ConnectionError(f"the connection ended after {len(received)} bytes of an answer")
        received += data
    return bytes(received[:-1])


def _left_s(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline passed")
    return left


def _wire_number(value: Decimal) -> str:
    if not value.is_finite():
        raise BrokerError(
            f"expected a finite number to send, found {value}",
            reached=Reached.NO,
            code="bad_quantity",
        )
    return plain(value)
