"""The runner: one input, one transaction.

It feeds the engine, journals what came of it, then has the effects carried out.

Nothing derived from an uncommitted input leaves the process. A batch with effects is committed at
once and carries every earlier quiet one with it; quiet ones alone are committed in groups. If a
commit fails the exception ends the process.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.effects import Effect
from hfl_core.engine.core import StepResult
from hfl_core.engine.machine import LiveMachine, Machine
from hfl_core.engine.step import Engine
from hfl_core.engine.table import IDLE
from hfl_core.ports import Clock, Journal
from hfl_core.runtime.clock import ClockFinding
from hfl_core.runtime.recovery import state_bytes

GROUP_NS: Final = 50_000_000
SNAPSHOT_INPUTS: Final = 10_000
SNAPSHOT_KIND: Final = "engine_state"
EVIDENCE_KIND: Final = "evidence"


class Runner:
    """Owns engine and journal; lives on the engine's thread.

    machine: what executes the table, LiveMachine or for backtests TableMachine.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        clock: Clock,
        *,
        machine: Callable[[str, Callable[[], None]], Machine] = LiveMachine,
    ) -> None:
        self.engine = engine
        self._core = engine.core
        self.journal = journal
        self.clock = clock
        self.machine = machine(engine.core.book.state, self._commit_if_due)
        self.perform: Callable[[Effect], None] = _refuse_effect
        self.on_commit: Callable[[], None] = _nothing
        self.evidence_of: Callable[[str], bytes | None] = _no_evidence
        self.on_result: Callable[[ev.Event, StepResult], None] | None = None
        self.snapshot_inputs = SNAPSHOT_INPUTS
        self._effects: deque[Effect] = deque()
        self._is_performing = False
        self._must_commit = False
        self._pending_since_ns = 0
        self._snapshot_from = engine.core.decider.inputs

    # --- inputs -----------------------------------------------------------------------------------

    def scan(self, slot: Slot) -> None:
        """Take one slot of bars in."""
        engine = self.engine
        engine.core.anchor = self.journal.head_hash
        result = engine.scan(slot)
        if result is None:
            is_full = engine.core.group_scans >= engine.core.settings.scans_per_group_max
            if is_full or self._is_snapshot_due():
                self.flush()
            return
        self.record_scan(result)

    def quiet_scans_left(self) -> int:
        """Return how many more quiet scans the open group takes before it must be flushed."""
        core = self.engine.core
        room = core.settings.scans_per_group_max - core.group_scans
        return max(1, min(room, self._snapshot_from + self.snapshot_inputs - core.decider.inputs))

    def record_scan(self, result: StepResult) -> None:
        """Journal a scan that was more than quiet, with the quiet ones before it, then act."""
        group = self.engine.close_group()
        assert group is not None
        self._record(group, result, actor="feed", must_commit=False)
        if self._effects:
            self._drain()

    def submit(
        self, event: ev.Event, *, time_ns: int, actor: str, must_commit: bool = False
    ) -> None:
        """Take any other input in; answers that say nothing new leave no trace."""
        if not self.engine.is_news(event):
            return
        core = self._core
        if core.group_scans:
            self._close_group()
        if type(event) is ev.OpinionReceived:
            self._keep_evidence(event)
        core.anchor = self.journal.head_hash
        result = self.engine.step(event, time_ns)
        self._record(event, result, actor=actor, must_commit=must_commit)
        if self._effects:
            self._drain()

    def note_clock(self, finding: ClockFinding) -> None:
        """Journal that the machine's clocks stepped: rows behind it carry the wall as it is now."""
        time_ns = self.engine.core.time_ns
        anomaly = ev.ClockAnomaly(kind=finding.kind, wall_jump_ns=finding.wall_jump_ns)
        self.submit(anomaly, time_ns=time_ns, actor="clock", must_commit=True)
        degraded = ev.Degraded(component="clock", detail=finding.text)
        self.submit(degraded, time_ns=time_ns, actor="clock", must_commit=True)

    def refuse(self, refused: RefusedRows, *, time_ns: int = 0) -> None:
        """Journal a run of refused rows; time_ns: when it came, for a stream."""
        event = ev.BarsRejected(
            symbol=refused.symbol,
            reasons=tuple(reason.value for reason in refused.reasons),
            first_row=refused.first_row,
            last_row=refused.last_row,
            count=refused.count,
            first_time_ns=refused.first_time_ns,
            last_time_ns=refused.last_time_ns,
            sample=refused.sample,
        )
        self.submit(event, time_ns=max(time_ns, self.engine.core.time_ns), actor="quality")

    def flush(self) -> None:
        """Journal the open group of quiet scans and make everything durable."""
        self._close_group()
        if self.journal.pending:
            self._commit()
        self._snapshot_if_due()

    def flush_if_due(self) -> None:
        """Commit what has waited for the group's time."""
        if self.journal.pending and self.clock.monotonic_ns() - self._pending_since_ns > GROUP_NS:
            self._commit()

    def rest(self) -> None:
        """Between two bars of a stream: commit what waited, keep the state when it is time."""
        if self._is_snapshot_due() and self.engine.is_resting():
            self.flush()
        elif self.journal.pending >= self.engine.core.settings.scans_per_group_max:
            self._commit()
        else:
            self.flush_if_due()

    # --- rows -------------------------------------------------------------------------------------

    def _close_group(self) -> None:
        group = self.engine.close_group()
        if group is not None:
            self._append(group, time_ns=group.slot_last_ns, cause_seq=0, actor="feed")

    def _append(self, event: ev.Event, *, time_ns: int, cause_seq: int, actor: str) -> int:
        if not self.journal.pending:
            self._pending_since_ns = self.clock.monotonic_ns()
        return self.journal.append(event, time_ns=time_ns, cause_seq=cause_seq, actor=actor)

    def _record(
        self, event: ev.Event, result: StepResult, *, actor: str, must_commit: bool
    ) -> None:
        """Append an input and all that came of it.

        The machine follows, and its last transition commits.
        """
        core, journal = self._core, self.journal
        if not journal.pending:
            self._pending_since_ns = self.clock.monotonic_ns()
        journal.append_step(event, result.events, time_ns=core.time_ns, actor=actor)
        self._must_commit = must_commit or bool(result.effects)
        self.machine.carry_out(result.transitions)
        assert self.machine.state == core.book.state
        self._effects.extend(result.effects)
        if self.on_result is not None:
            self.on_result(event, result)

    def _keep_evidence(self, opinion: ev.OpinionReceived) -> None:
        """Put what an opinion rests on into the batch that names it."""
        for sha in opinion.evidence:
            data = self.evidence_of(sha)
            if data is not None:
                self.journal.put_blob(data, kind=EVIDENCE_KIND)

    def _commit_if_due(self) -> None:
        if self._must_commit:
            self._commit()

    def _commit(self) -> None:
        self.journal.commit()
        self.on_commit()

    def _is_snapshot_due(self) -> bool:
        core = self.engine.core
        if core.decider.inputs - self._snapshot_from < self.snapshot_inputs:
            return False
        return core.book.state == IDLE and not core.awaited

    def _snapshot_if_due(self) -> None:
        """Keep the folded state every so many inputs, while nothing waits inside the engine."""
        engine = self.engine
        if not self._is_snapshot_due() or not engine.is_resting():
            return
        self._snapshot_from = engine.core.decider.inputs
        blob = self.journal.put_blob(state_bytes(engine), kind=SNAPSHOT_KIND)
        event = ev.SnapshotTaken(
            blob=blob, dataset_cursor=engine.core.book.cursor, inputs=engine.core.decider.inputs
        )
        self._append(event, time_ns=engine.core.time_ns, cause_seq=0, actor="runtime")
        self._commit()

    # --- effects ----------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Carry effects out in order; those that a nested input adds come after."""
        if self._is_performing:
            return
        self._is_performing = True
        try:
            while self._effects:
                self.perform(self._effects.popleft())
        finally:
            self._is_performing = False


def _refuse_effect(effect: Effect) -> None:
    raise AssertionError(f"expected a performer before the first effect, found {effect!r}")


def _nothing() -> None:
    return


def _no_evidence(sha: str) -> bytes | None:
    del sha
    return None
