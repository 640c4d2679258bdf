"""Panic: latch, end the daemon, cancel and flatten, with no engine, no journal and perhaps no disk.

The latch is written first, then the daemon's lock is taken (SIGTERM, SIGKILL), so that nobody else
trades the account while we do; then the ladder of cancels and reduce-only closes goes down, each
rung bounded, and what the venue does not confirm is reported as unconfirmed. Unknown outcomes are
asked for, never sent again. A position keeps its protective stops until it is flat where the venue
itself enforces reduce-only; elsewhere a stop and a close together could turn the position round,
so the stops go first.
"""

from __future__ import annotations

import hashlib
import signal
import time
from typing import TYPE_CHECKING, Final

from hfl_core.control import lock
from hfl_core.control.panic_values import PanicOrder, PanicReport
from hfl_core.control.spool import Spool
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import ClientOrderId, base36, client_order_id, is_ours
from hfl_core.domain.orders import (
    OrderIntent,
    OrderReport,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from hfl_core.domain.ids import Symbol
    from hfl_core.domain.orders import AccountReport, PositionReport
    from hfl_core.ports import Broker

CALL_S: Final = 5.0
ROUNDS_MAX: Final = 3
TERM_WAIT_S: Final = 2.0
KILL_WAIT_S: Final = 2.0
POLL_S: Final = 0.1
# Panic counts its orders down from the last number that fits, where no journal's count will ever
# arrive.
NUMBER_LAST: Final = 36**8 - 1
_ENDED: Final = frozenset({"filled", "cancelled", "expired", "rejected"})


class Panic:
    """One panic. Blocks for a bounded time: every broker call, round and wait has its limit."""

    def __init__(self, order: PanicOrder, broker: Broker, *, say: Callable[[str], None]) -> None:
        self._order = order
        self._broker = broker
        self._tell = say
        self._troubles: list[str] = []
        self._cancelled: list[str] = []
        self._closed: list[str] = []
        # client id -> symbol of every close whose end the venue has not confirmed.
        self._unknown: dict[str, str] = {}
        self._closing_from: dict[str, Decimal] = {}
        self._filled_from: dict[str, Decimal] = {}
        self._sent = 0
        self._spool = Spool(order.spool_path, request_id=order.request_id, actor=order.actor)

    def run(self) -> PanicReport:
        """Latch, end the daemon, cancel, flatten, report."""
        is_latched = self._latch()
        held = self._take_lock()
        if self._spool.trouble:
            self._trouble(f"acting without the spool: {self._spool.trouble}")
        self._spool.add("panic_started", {"reason": self._order.reason, "latched": is_latched})
        try:
            if held is not None:
                self._act()
            report = self._report(is_latched=is_latched, is_daemon_ended=held is not None)
            self._spool.add(
                "panic_ended", {"verdict": report.verdict, "troubles": list(report.troubles)}
            )
        finally:
            self._spool.close()
            if held is not None:
                held.release()
        self._tell(report.verdict)
        return report

    # --- before the venue -------------------------------------------------------------------------

    def _latch(self) -> bool:
        try:
            remark = self._order.set_latch()
        except OSError as error:
            self._trouble(f"the latch file could not be written: {error.strerror or error}")
            return False
        self._tell(f"latched: {remark}")
        return True

    def _take_lock(self) -> lock.DaemonLock | None:
        for number, name, wait_s in (
            (0, "", 0.0),
            (signal.SIGTERM, "SIGTERM", TERM_WAIT_S),
            (signal.SIGKILL, "SIGKILL", KILL_WAIT_S),
        ):
            holder = lock.holder(self._order.lock_path)
            if holder is not None and number:
                is_sent = holder.signal(number)
                self._tell(
                    f"{name} {'sent' if is_sent else 'could not be sent'} to the daemon, "
                    f"process {holder.pid}"
                )
            try:
                held = lock.acquire(self._order.lock_path, run_id="panic", wait_s=wait_s)
            except OSError as error:
                self._trouble(
                    f"the lock {self._order.lock_path} cannot be taken "
                    f"({error.strerror or error}); acting without it"
                )
                return None if holder is not None else lock.DaemonLock(self._order.lock_path, -1)
            if held is not None:
                return held
        self._trouble(
            "the daemon could not be ended: nothing was sent, because two would trade one account"
        )
        return None

    # --- at the venue -----------------------------------------------------------------------------

    def _act(self) -> None:
        account = self._account_insisted()
        held = {one.symbol: one.quantity for one in account.positions} if account else {}
        is_enforced = self._broker.traits.is_reduce_only_enforced
        orders = self._working() or ()
        self._cancel([one for one in orders if not (is_enforced and _reduces(one, held))])
        for _ in range(ROUNDS_MAX):
            if not self._flatten():
                break
        # Protective stops last: those of positions that are flat now protect nothing.
        account = self._account_insisted()
        if account is not None:
            open_now = {one.symbol for one in account.positions if one.quantity}
            rest = [one for one in self._working() or () if one.symbol not in open_now]
            self._cancel([one for one in rest if not self._is_mine(one)])

    def _account_insisted(self) -> AccountReport | None:
        for _ in range(ROUNDS_MAX):
            account = self._account()
            if account is not None:
                return account
            time.sleep(POLL_S)
        return None

    def _cancel(self, orders: list[OrderReport]) -> None:
        left = {one.client_id: one for one in orders}
        deadline = time.monotonic() + self._order.cancel_wait_s
        for _ in range(ROUNDS_MAX):
            for client_id in tuple(left):
                self._spool.add(
                    "cancel", {"client_id": client_id, "symbol": left[client_id].symbol}
                )
                try:
                    answer = self._broker.cancel(client_id, deadline_s=CALL_S)
                except BrokerError as error:
                    self._trouble(f"cancelling {client_id} failed: {error}")
                    continue
                self._spool.add("cancel_answered", {"client_id": client_id, "answer": answer})
            working = self._working()
            if working is None:
                continue
            still = {one.client_id for one in working}
            for client_id in [one for one in left if one not in still]:
                self._cancelled.append(client_id)
                del left[client_id]
            if not left or time.monotonic() > deadline:
                return
            time.sleep(POLL_S)

    def _flatten(self) -> bool:
        """Close what is held now; return whether another round could help."""
        account = self._account()
        if account is None:
            return True
        held = [one for one in account.positions if one.quantity]
        for position in held:
            if not self._is_closing(position) and not self._is_stale(position):
                self._close(position)
        self._await_flat(held)
        account = self._account()
        if account is None:
            return False
        rest = [one for one in account.positions if one.quantity]
        # Where a stop locks what it protects, the close is refused until the stop is gone.
        stuck = {
            one.symbol for one in rest if not self._is_closing(one) and not self._is_stale(one)
        }
        working = self._working() or ()
        self._cancel([one for one in working if one.symbol in stuck and not self._is_mine(one)])
        return bool(stuck)

    def _is_closing(self, position: PositionReport) -> bool:
        """Tell whether a close of ours for this position may still be at the venue."""
        ids = [
            client_id for client_id, symbol in self._unknown.items() if symbol == position.symbol
        ]
        for client_id in ids:
            try:
                report = self._broker.query(ClientOrderId(client_id), deadline_s=CALL_S)
            except BrokerError:
                continue
            # "Not known" means nothing before the venue's settle time, which is longer than a
            # panic: then it stays unknown.
            if report is not None and report.status.value in _ENDED:
                del self._unknown[client_id]
                if report.filled:
                    self._filled_from[position.symbol] = self._closing_from[client_id]
                if report.status is OrderStatus.FILLED:
                    self._closed.append(client_id)
        return any(symbol == position.symbol for symbol in self._unknown.values())

    def _is_stale(self, position: PositionReport) -> bool:
        """Tell whether the account still shows what a filled close of ours has already reduced.

        Closing again would reverse.
        """
        return self._filled_from.get(position.symbol) == position.quantity

    def _close(self, position: PositionReport) -> None:
        intent = OrderIntent(
            symbol=position.symbol,
            side=Side.SELL if position.quantity > 0 else Side.BUY,
            type=OrderType.MARKET,
            purpose=Purpose.EXIT,
            quantity=abs(position.quantity),
            time_in_force=TimeInForce.DAY,
            reason="panic",
        )
        client_id = self._client_id(intent)
        self._spool.add(
            "close",
            {
                "client_id": client_id,
                "symbol": intent.symbol,
                "side": intent.side,
                "quantity": intent.quantity,
            },
        )
        self._unknown[client_id] = intent.symbol
        self._closing_from[client_id] = position.quantity
        try:
            venue_id = self._broker.submit(client_id, intent, deadline_s=CALL_S)
        except BrokerError as error:
            self._spool.add(
                "close_failed",
                {"client_id": client_id, "reached": error.reached, "text": str(error)},
            )
            self._trouble(f"closing {intent.symbol} failed: {error}")
            if error.reached is Reached.NO or error.code in self._broker.traits.definite_codes:
                del self._unknown[client_id]
            return
        self._spool.add("close_accepted", {"client_id": client_id, "venue_id": venue_id})

    def _await_flat(self, held: list[PositionReport]) -> None:
        deadline = time.monotonic() + self._order.fill_wait_s
        while True:
            closing = [one for one in held if self._is_closing(one)]
            if not closing or time.monotonic() > deadline:
                return
            time.sleep(POLL_S)

    # --- helpers ----------------------------------------------------------------------------------

    def _client_id(self, intent: OrderIntent) -> ClientOrderId:
        number = NUMBER_LAST - self._sent
        self._sent += 1
        journal_id = self._order.journal_id or base36(0, 6)
        content = f"{intent.symbol} {intent.side.value} {intent.quantity} {self._sent}".encode()
        anchor = hashlib.sha256(f"panic {self._order.request_id}".encode()).digest()
        return client_order_id(
            mode=self._order.mode,
            journal_id=journal_id,
            number=number,
            anchor=anchor,
            intent=content,
        )

    def _is_mine(self, order: OrderReport) -> bool:
        return order.client_id in self._unknown

    def _working(self) -> tuple[OrderReport, ...] | None:
        try:
            orders = self._broker.open_orders(deadline_s=CALL_S)
        except BrokerError as error:
            self._trouble(f"the venue does not list its orders: {error}")
            return None
        if not self._order.journal_id:
            return orders
        mode, journal_id = self._order.mode, self._order.journal_id
        return tuple(
            one for one in orders if is_ours(one.client_id, mode=mode, journal_id=journal_id)
        )

    def _account(self) -> AccountReport | None:
        try:
            return self._broker.account(deadline_s=CALL_S)
        except BrokerError as error:
            self._trouble(f"the venue does not show the account: {error}")
            return None

    def _trouble(self, sentence: str) -> None:
        if sentence not in self._troubles:
            self._troubles.append(sentence)
            self._tell(sentence)

    def _report(self, *, is_latched: bool, is_daemon_ended: bool) -> PanicReport:
        working = self._working() if is_daemon_ended else None
        account = self._account() if is_daemon_ended else None
        is_answered = working is not None and account is not None
        unconfirmed = {one.client_id for one in working or ()} | set(self._unknown)
        positions = account.positions if account else ()
        return PanicReport(
            is_latched=is_latched,
            is_daemon_ended=is_daemon_ended,
            is_spooled=not self._spool.trouble,
            cancelled=tuple(self._cancelled),
            closed=tuple(self._closed),
            unconfirmed=tuple(sorted(unconfirmed)),
            open_positions=tuple(
                f"{one.symbol} {one.quantity}" for one in positions if one.quantity
            )
            if is_answered
            else None,
            troubles=tuple(self._troubles),
        )


def panic(order: PanicOrder, broker: Broker, *, say: Callable[[str], None]) -> PanicReport:
    """Stop everything about one account without the daemon, and report what the venue confirms.

    Blocks for a bounded time.
    """
    return Panic(order, broker, say=say).run()


def _reduces(order: OrderReport, held: dict[Symbol, Decimal]) -> bool:
    quantity = held.get(order.symbol)
    return (
        quantity is not None
        and quantity != 0
        and order.side is (Side.SELL if quantity > 0 else Side.BUY)
    )
