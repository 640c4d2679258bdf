"""The table executed by the `transitions` library, with one commit before the last state change.

Knows nothing of what is committed. `LiveMachine` is what the daemon uses; `TableMachine` walks the
same table without the library, for backtests: a trigger costs a look-up instead of 7 us, and a test
holds the two equal. The rules it is used by were found by experiment
(docs/architecture.md, the state machine): synchronous, not queued, no automatic transitions, no
per-state callbacks, no `on_exception` and no `finalize_event`, which swallow errors. If the commit
raises, the state stays and nothing has happened.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from transitions import EventData
from transitions import Machine as Library

from hfl_core.domain.events import Transitioned
from hfl_core.engine.table import HALTED, STATES, TABLE, target_of


class Machine(Protocol):
    """Fires the transitions of one step, with one commit before the last change of state."""

    @property
    def state(self) -> str: ...
    def carry_out(self, path: Sequence[Transitioned]) -> None: ...


class _Model:
    """Holds the state for the library; only the machine may set it."""

    __slots__ = ("__dict__", "_state", "is_open")

    def __init__(self) -> None:
        self.is_open = True
        self._state = HALTED

    @property
    def state(self) -> str:
        """Return the present state."""
        return self._state

    @state.setter
    def state(self, value: str) -> None:
        if not self.is_open:
            raise AssertionError(f"expected only the machine to set the state, found {value}")
        self._state = value


class LiveMachine:
    """Fire the transitions of one step; the last one commits the batch before the state changes.

    Raises whatever the commit raises; the process must then stop.
    """

    def __init__(self, state: str, commit: Callable[[], None]) -> None:
        self._model = _Model()
        self._commit = commit
        self._left = 0
        self._is_firing = False
        self._machine = Library(
            model=self._model,
            states=list(STATES),
            initial=state,
            transitions=[
                {"trigger": trigger, "source": source, "dest": target}
                for source, row in TABLE.items()
                for trigger, target in row.items()
            ],
            send_event=True,
            queued=False,
            auto_transitions=False,
            ignore_invalid_triggers=False,
            before_state_change=self._before,
        )
        self._model.is_open = False

    @property
    def state(self) -> str:
        """Return the present state."""
        return self._model.state

    def carry_out(self, path: Sequence[Transitioned]) -> None:
        """Fire every transition in order.

        Commit in front of the last one, or at once when there is none.
        """
        if self._is_firing:
            raise AssertionError("expected no trigger inside a trigger, found one")
        if not path:
            self._commit()
            return
        self._is_firing = True
        self._left = len(path)
        try:
            for transition in path:
                if self.state != transition.source:
                    raise AssertionError(f"expected {transition.source}, found {self.state}")
                self._fire(transition.trigger)
                if self.state != transition.target:
                    raise AssertionError(f"expected {transition.target}, found {self.state}")
        finally:
            self._is_firing = False

    def _fire(self, trigger: str) -> None:
        self._model.is_open = True
        try:
            done = self._machine.events[trigger].trigger(self._model)
        finally:
            self._model.is_open = False
        if done is not True:
            raise AssertionError(f"expected the trigger {trigger} to end in True, found {done!r}")

    def _before(self, event: EventData) -> None:
        del event
        self._left -= 1
        if self._left == 0:
            self._commit()


class TableMachine:
    """The same rules read from the table itself."""

    __slots__ = ("_commit", "_is_firing", "_state")

    def __init__(self, state: str, commit: Callable[[], None]) -> None:
        if state not in TABLE:
            raise AssertionError(f"expected a state of the table, found {state}")
        self._state = state
        self._commit = commit
        self._is_firing = False

    @property
    def state(self) -> str:
        """Return the present state."""
        return self._state

    def carry_out(self, path: Sequence[Transitioned]) -> None:
        """Fire every transition in order.

        Commit in front of the last one, or at once when there is none.
        """
        if self._is_firing:
            raise AssertionError("expected no trigger inside a trigger, found one")
        if not path:
            self._commit()
            return
        self._is_firing = True
        left = len(path)
        try:
            for transition in path:
                if self._state != transition.source:
                    raise AssertionError(f"expected {transition.source}, found {self._state}")
                target = TABLE[transition.source].get(transition.trigger)
                if target is None:
                    target = target_of(self._state, transition.trigger)
                left -= 1
                if not left:
                    self._commit()
                self._state = target
                if target != transition.target:
                    raise AssertionError(f"expected {transition.target}, found {target}")
        finally:
            self._is_firing = False
