"""Where pictures come from: the replica, the board of fast marks, and who holds the daemon's lock.

One thread calls it. A journal that is missing, foreign or damaged is a picture, too.
"""

import time
from collections import deque
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from hfl_core.control import board, client, lock
from hfl_core.domain.errors import HflError
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import OrderRecord, PositionRecord
from hfl_tui.formats import SECOND_NS
from hfl_tui.link.picture import (
    AT_VENUE,
    IN_ENGINE,
    NO_STOP,
    BarAge,
    BoardShown,
    Held,
    OrderShown,
    Picture,
    StopShown,
)
from hfl_tui.link.replica import Replica
from hfl_tui.link.watched import LatchRow, usual_gap
from hfl_tui.ports import Cost, CostsOf, Forgetful, GaugesOf, Memory, Place, Worth, no_costs

# A board this old makes one ask whether the daemon's emergency socket still answers.
ASKS_BEHIND_NS: Final = 3 * SECOND_NS
ANSWER_S: Final = 0.25
MOVES_KEPT: Final = 9
ENDED_SHOWN: Final = 200


class Source:
    """Makes pictures. wall_ns is passed in, so that a test may say when it is."""

    def __init__(
        self,
        place: Place,
        gauges: GaugesOf,
        costs: CostsOf = no_costs,
        memory: Memory | None = None,
    ) -> None:
        self._place = place
        self._gauges = gauges
        self._costs = costs
        self._memory = memory if memory is not None else Forgetful()
        self._replica = Replica(place.journal)
        self._moves: deque[int] = deque(maxlen=MOVES_KEPT)
        self._board_time_ns = 0

    def picture(self, wall_ns: int) -> Picture:
        """Look once more and return what is shown now."""
        place = self._place
        holder = lock.holder(place.lock_file)
        shown = self._board(wall_ns)
        if not place.journal.exists():
            return Picture(
                name=place.name,
                mode=place.mode,
                made_ns=wall_ns,
                is_running=holder is not None,
                pid=0 if holder is None else holder.pid,
            )
        trouble, is_whole = "", False
        try:
            is_whole = self._replica.poll()
        except HflError as error:
            trouble = str(error)
            self._replica.close()
        except (AssertionError, KeyError, TypeError, ValueError, ArithmeticError) as error:
            # A row that no fold of ours would have written.
            trouble = f"expected a journal that adds up, found {type(error).__name__}: verify it"
            self._replica.close()
        return self._picture(wall_ns, holder, shown, trouble=trouble, is_whole=is_whole)

    def close(self) -> None:
        """Close the journal."""
        self._replica.close()

    def _picture(
        self,
        wall_ns: int,
        holder: lock.Holder | None,
        shown: BoardShown | None,
        *,
        trouble: str,
        is_whole: bool,
    ) -> Picture:
        replica, book = self._replica, self._replica.book
        own = shown if shown is not None and shown.run == book.run_id else None
        watched = replica.watched
        marks = self._marks(own)
        worth = self._worth(own)
        return Picture(
            name=self._place.name,
            mode=self._place.mode,
            made_ns=wall_ns,
            exists=True,
            trouble=trouble,
            loaded=Decimal(1) if is_whole else min(replica.loaded, Decimal("0.99")),
            is_copy=replica.is_copy,
            seq=replica.seq,
            row_wall_ns=replica.row_wall_ns,
            time_ns=max(replica.time_ns, 0 if own is None else own.time_ns),
            run_id=book.run_id,
            run_ended=replica.run_ended,
            is_running=holder is not None,
            pid=0 if holder is None else holder.pid,
            is_answering=self._asked(wall_ns, own, is_running=holder is not None),
            board=own,
            state=book.state if book.runs else "",
            state_since_ns=replica.state_since_ns,
            halt_reason=book.halt_reason,
            stops=stops_of(book, watched.latches),
            halted_symbols=tuple(book.halted_symbols.items()),
            currency=book.currency,
            cash=book.cash,
            fees=book.fees,
            worth=worth,
            held=self._positions(marks, own),
            orders=orders_of(book),
            trades=book.trades,
            scans=book.scans,
            gauges=() if worth is None or not is_whole else self._gauges(book, worth, marks),
            decision=replica.decision,
            happenings=tuple(replica.happenings),
            entries_wall_ns=tuple(watched.entries.values()),
            reducing_wall_ns=tuple(watched.reducing.values()),
            desks=tuple(watched.desks.values()),
            bars=tuple(
                BarAge(symbol=symbol, wall_ns=bar.wall_ns, step_ns=bar.step_ns)
                for symbol, bar in watched.bars.items()
            ),
            seen_seq=self._memory.seen(),
        )

    def _marks(self, own: BoardShown | None) -> Mapping[str, Decimal]:
        """Return the last prices: the board's, and those of rows where it has none."""
        bars = self._replica.watched.bars
        return {symbol: bar.close for symbol, bar in bars.items()} | (
            {} if own is None else dict(own.marks)
        )

    def _positions(self, marks: Mapping[str, Decimal], own: BoardShown | None) -> tuple[Held, ...]:
        book, bars = self._replica.book, self._replica.watched.bars
        costs = self._costs(book, marks)
        # Prices of a data set come all at once, with the slot.
        slot_ns = 0 if own is None else own.moved_ns
        return tuple(
            held_of(
                one,
                book,
                mark=marks.get(one.symbol),
                mark_wall_ns=bars[one.symbol].wall_ns if one.symbol in bars else slot_ns,
                cost=costs.get(one.symbol),
            )
            for one in book.positions.values()
        )

    def _worth(self, own: BoardShown | None) -> Worth | None:
        """Return the board's word, where it is newer than the last row of scans; else that row."""
        replica, book = self._replica, self._replica.book
        if own is not None and self._money and own.time_ns >= book.slot_ns:
            money = self._money
            return Worth(
                equity=money["equity"],
                high_water_mark=money["high_water_mark"],
                starts={name: money[name] for name in ("day", "week", "month") if name in money},
                time_ns=own.time_ns,
                wall_ns=own.wall_ns,
            )
        if not book.slot_ns:
            return None
        return Worth(
            equity=book.equity,
            high_water_mark=book.high_water_mark,
            starts=dict(book.anchors),
            time_ns=book.slot_ns,
            wall_ns=replica.scans_wall_ns or replica.row_wall_ns,
        )

    def _board(self, wall_ns: int) -> BoardShown | None:
        found = board.read(self._place.board_file)
        self._money: dict[str, Decimal] = {}
        if found is None:
            return None
        if found.time_ns != self._board_time_ns:
            if self._board_time_ns:
                self._moves.append(wall_ns)
            self._board_time_ns = found.time_ns
        self._money = _amounts(found.money)
        if not {"equity", "high_water_mark"} <= self._money.keys():
            self._money = {}
        return BoardShown(
            pid=found.pid,
            run=found.run,
            phase=found.phase,
            wall_ns=found.wall_ns,
            time_ns=found.time_ns,
            marks=_amounts(found.marks),
            moved_ns=self._moves[-1] if self._moves else 0,
            step_ns=usual_gap(list(self._moves)),
        )

    def _asked(self, wall_ns: int, own: BoardShown | None, *, is_running: bool) -> bool | None:
        """Ask the emergency socket, but only when the engine's thread has been silent."""
        if not is_running or (own is not None and wall_ns - own.wall_ns < ASKS_BEHIND_NS):
            return None
        request = {"verb": "status", "request_id": client.request_id()}
        try:
            return client.call(self._place.emergency_socket, request, timeout_s=ANSWER_S).is_ok
        except (OSError, ValueError):
            return False


def _amounts(texts: object) -> dict[str, Decimal]:
    found = {}
    if isinstance(texts, dict):
        for name, text in texts.items():
            try:
                amount = Decimal(text)
            except InvalidOperation:
                continue
            if amount.is_finite():
                found[str(name)] = amount
    return found


def stops_of(book: Book, latches: Mapping[str, LatchRow]) -> tuple[StopShown, ...]:
    """Return the stops in force, oldest first, with the rows that set them where they are known."""
    unknown = LatchRow(seq=0, wall_ns=0)
    rows = {key: latches.get(key, unknown) for key in book.latches}
    return tuple(
        StopShown(
            latch_id=latch.latch_id,
            level=latch.level,
            reason=latch.reason,
            actor=latch.actor,
            since_ns=latch.since_ns,
            limit=latch.limit,
            period_end_ns=latch.period_end_ns,
            seq=rows[latch.latch_id].seq,
            wall_ns=rows[latch.latch_id].wall_ns,
            value=rows[latch.latch_id].value,
            threshold=rows[latch.latch_id].threshold,
        )
        for latch in book.latches.values()
    )


def held_of(
    one: PositionRecord,
    book: Book,
    *,
    mark: Decimal | None,
    mark_wall_ns: int = 0,
    cost: Cost | None = None,
) -> Held:
    """Return one position with where its stop is and what it is worth at its mark."""
    is_guarded = any(
        order.purpose is Purpose.PROTECTION and order.status is OrderStatus.WORKING
        for order in book.live_orders(one.symbol)
    )
    place = AT_VENUE if is_guarded else (IN_ENGINE if one.stop_price is not None else NO_STOP)
    return Held(
        symbol=one.symbol,
        quantity=one.quantity,
        entry=one.price,
        mark=mark,
        stop=one.stop_price,
        stop_place=place,
        trade=one.trade,
        opened_ns=one.opened_ns,
        leaving=one.exit_reason,
        mark_wall_ns=mark_wall_ns,
        cost=cost,
    )


def orders_of(book: Book, *, ended_max: int = ENDED_SHOWN) -> tuple[OrderShown, ...]:
    """Return live orders, then the newest ended ones, newest first in each."""
    live = [order for order in book.orders.values() if order.is_live]
    ended = [order for order in book.orders.values() if not order.is_live]
    return tuple(map(_order, [*reversed(live), *list(reversed(ended))[:ended_max]]))


def _order(order: OrderRecord) -> OrderShown:
    price = order.stop_price if order.stop_price is not None else order.limit_price
    return OrderShown(
        number=order.number,
        client_id=order.client_id,
        symbol=order.symbol,
        side=order.side.value,
        type=order.type.value,
        purpose=order.purpose.value,
        quantity=order.quantity,
        filled=order.filled,
        price=price,
        status=order.status.value,
        is_live=order.is_live,
        intended_ns=order.intended_ns,
        note=order.note,
    )


def wall_now_ns() -> int:
    """Return the wall clock, for ages that a person reads."""
    return time.time_ns()  # noqa: TID251 - an age for a person; nothing is decided by it
