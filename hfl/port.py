"""What the daemon offers its control sockets: latch, inbox, snapshot; nothing here waits."""

import time
from collections.abc import Mapping
from typing import Final

from hfl_core.control.desk import Snapshot, SnapshotBox
from hfl_core.domain.errors import ControlError
from hfl_core.domain.events import CommandReceived
from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.runtime.inbox import Inbox

ENDING_VERBS: Final = frozenset({"kill", "stop"})


class DaemonPort:
    """Implements hfl_core.control.desk.ControlPort for the emergency thread and the API's.

    is_ending: a command that ends the run was taken; whoever waits for the outside gives up.
    """

    def __init__(self, *, latch: MemoryLatch, latch_dir: str, inbox: Inbox) -> None:
        self._latch = latch
        self._latch_dir = latch_dir
        self._inbox = inbox
        self._box = SnapshotBox()
        self._metrics: dict[str, float] = {}
        self.is_ending = False

    def engage(self, level: str, request_id: str) -> tuple[str, ...]:
        """Engage the memory latch at once; return the exposure-increasing calls that had begun."""
        self._latch.engage(level, request_id)
        return self._latch.acknowledge()

    def write_stop(self, level: str, request_id: str, *, reason: str, actor: str) -> str:
        """Write the latch file; return a remark. Raises OSError."""
        written = latch_files.set_stop(
            self._latch_dir, level, request_id, reason=reason, actor=actor
        )
        return written.detail

    def latched(self) -> tuple[str, tuple[str, ...]]:
        """Return (level, ids) in force, without touching the disk."""
        state = self._latch.state()
        return state.level, state.ids

    def submit_command(
        self, request_id: str, verb: str, *, actor: str, arguments: Mapping[str, str]
    ) -> None:
        """Put a command into the inbox. Raises ControlError when it is full."""
        event = CommandReceived(
            request_id=request_id,
            verb=verb,
            actor=actor,
            arguments=tuple(sorted(arguments.items())),
        )
        if not self._inbox.put_command(event, actor=actor):
            raise ControlError("expected room for a command, found the inbox full: try again")
        self.is_ending = self.is_ending or verb in ENDING_VERBS

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot of the engine's thread."""
        return self._box.get()

    def metrics(self) -> Mapping[str, float]:
        """Return the newest gauges and counters."""
        return self._metrics

    def publish(self, body: bytes, metrics: dict[str, float]) -> None:
        """Replace snapshot and metrics; called on the engine's thread."""
        self._box.put(body, now_s=time.monotonic())
        self._metrics = metrics
