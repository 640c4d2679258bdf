"""The daemon's pulse: four times a second the board, the control snapshot, metrics and the head.

Once a second it also looks for stops that somebody wrote without telling us.
"""

import contextlib
import json
import os
import time
from typing import Final

from hfl.port import DaemonPort
from hfl_core.control.board import Board, BoardState
from hfl_core.domain.money import money_text, plain
from hfl_core.engine.decider import Decider
from hfl_core.ports import Clock
from hfl_core.runtime.conductor import Conductor
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_journal.writer import JournalWriter

INTERVAL_S: Final = 0.25
CHECKPOINT_S: Final = 60.0
# A stop's file is written before the daemon is called: only one that stays unannounced is news.
LATCH_LOOK_S: Final = 1.0
ORDERS_SHOWN_MAX: Final = 200
UNITS: Final = 1e12


class LatchWatch:
    """Finds stops that stand on disk, were there at the last look too, and no command announced."""

    def __init__(self, session: Conductor, keeper: LatchKeeper, inbox: Inbox) -> None:
        self._session = session
        self._keeper = keeper
        self._inbox = inbox
        self._seen: frozenset[str] = frozenset()

    def look(self) -> None:
        """Hand what is new to the engine."""
        found = self._keeper.unknown_files(self._session.runner.engine.core.book)
        for event in found:
            if event.latch_id in self._seen:
                self._inbox.put_command(event, actor="latch file")
        self._seen = frozenset(event.latch_id for event in found)


class Pulse:
    """Called often on the engine's thread; does something four times a second."""

    def __init__(
        self,
        *,
        session: Conductor,
        journal: JournalWriter,
        port: DaemonPort,
        board_file: str,
        watch: LatchWatch,
        clock: Clock,
    ) -> None:
        self._session = session
        self._journal = journal
        self._port = port
        self._board = Board(board_file)
        self._watch = watch
        self._clock = clock
        self._next_s = 0.0
        self._look_s = time.monotonic() + LATCH_LOOK_S
        self._checkpoint_s = time.monotonic() + CHECKPOINT_S

    def beat(self) -> None:
        """Refresh what is due."""
        now_s = time.monotonic()
        if self._journal.head_due():
            self._journal.write_head()
        if now_s < self._next_s:
            return
        self._next_s = now_s + INTERVAL_S
        self.refresh(now_s)
        if now_s >= self._look_s:
            self._look_s = now_s + LATCH_LOOK_S
            self._watch.look()
        if now_s >= self._checkpoint_s and not self._journal.pending:
            self._checkpoint_s = now_s + CHECKPOINT_S
            self._journal.checkpoint_passive()

    def refresh(self, now_s: float, *, is_last: bool = False) -> None:
        """Write the board and hand the snapshot over."""
        core = self._session.runner.engine.core
        book, decider = core.book, core.decider
        marks = {
            str(lane.instrument.symbol): plain(lane.mark * lane.instrument.tick)
            for lane in decider.lanes
            if lane.mark
        }
        gauges = {
            "equity": decider.equity / UNITS,
            "high_water_mark": decider.high_water_mark / UNITS,
            "scans": float(book.scans + core.group_scans),
            "orders_live": float(len(book.live)),
            "positions": float(len(book.positions)),
        }
        with contextlib.suppress(OSError):
            self._board.write(
                BoardState(
                    pid=0 if is_last else os.getpid(),
                    run=book.run_id,
                    seq=self._journal.seq - self._journal.pending,
                    phase=book.state,
                    wall_ns=self._clock.wall_ns(),
                    time_ns=core.time_ns,
                    marks=marks,
                    money=_money(decider) if core.time_ns else {},
                    gauges=gauges,
                ),
                now_s=now_s,
                is_last=is_last,
            )
        self._port.publish(self._snapshot(marks), _metrics(self._session, self._journal))

    def _snapshot(self, marks: dict[str, str]) -> bytes:
        core = self._session.runner.engine.core
        book, decider = core.book, core.decider
        anchors = {name: plain(amount) for name, amount in decider.anchors_named()}
        body = {
            "state": book.state,
            "halt_reason": book.halt_reason,
            "engine_time_ns": core.time_ns,
            "equity": money_text(decider.equity),
            "high_water_mark": money_text(decider.high_water_mark),
            "cash": plain(book.cash),
            "period_starts": anchors,
            "marks": marks,
            "positions": {
                symbol: {
                    "quantity": plain(position.quantity),
                    "price": plain(position.price),
                    "stop": None if position.stop_price is None else plain(position.stop_price),
                    "exit": position.exit_reason,
                }
                for symbol, position in book.positions.items()
            },
            "orders": {
                order.client_id: [order.symbol, order.purpose.value, order.status.value]
                for order in list(book.live.values())[:ORDERS_SHOWN_MAX]
            },
            "stops": {
                latch.latch_id: [latch.level, latch.reason] for latch in book.latches.values()
            },
            "stop_details": {
                latch.latch_id: {
                    "actor": latch.actor,
                    "since_ns": latch.since_ns,
                    "limit": latch.limit,
                    "period_end_ns": latch.period_end_ns,
                }
                for latch in book.latches.values()
            },
            "halted_instruments": book.halted_symbols,
        }
        return json.dumps(body, separators=(",", ":")).encode()


def _money(decider: Decider) -> dict[str, str]:
    """Return equity and what the limits compare it with, by name."""
    starts = {name: plain(amount) for name, amount in decider.anchors_named()}
    return {
        "equity": money_text(decider.equity),
        "high_water_mark": money_text(decider.high_water_mark),
        **starts,
    }


def _metrics(session: Conductor, journal: JournalWriter) -> dict[str, float]:
    core = session.runner.engine.core
    book, decider = core.book, core.decider
    return {
        "hfl_equity": decider.equity / UNITS,
        "hfl_high_water_mark": decider.high_water_mark / UNITS,
        "hfl_journal_seq": float(journal.seq),
        "hfl_journal_wal_bytes": float(journal.wal_bytes),
        "hfl_scans_total": float(book.scans + core.group_scans),
        "hfl_orders_total": float(book.numbers),
        "hfl_fills_total": float(book.fills),
        "hfl_orders_live": float(len(book.live)),
        "hfl_positions": float(len(book.positions)),
        "hfl_stops": float(len(book.latches)),
        "hfl_limit_trips_total": float(book.trips),
        "hfl_rejected_rows_total": float(book.rejected_rows),
        f'hfl_state{{state="{book.state}"}}': 1.0,
    }
