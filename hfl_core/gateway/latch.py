"""The latch that the gateway reads last.

Which broker calls may still begin, and which had begun when a stop came.

Three flags block: the memory here, the files of `latch_files` and the journal's fold (which
engages the memory at start). The order of the two checks carries the guarantee: files first,
without the lock, so that a hung disk can never delay `engage`; then memory and the registration of
the call under one lock. Whoever engages and then acknowledges therefore either refuses a call or
lists it.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from hfl_core.gateway.latch_files import (
    BLOCKED,
    KILL,
    LEVELS,
    NONE,
    READY,
    REDUCE_ONLY,
    LatchState,
    StopWritten,
    check_stop,
    clear,
    prepare,
    read,
    set_stop,
    stricter,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ALLOWED",
    "BLOCKED",
    "KILL",
    "LEVELS",
    "NONE",
    "READY",
    "REDUCE_ONLY",
    "CallKind",
    "LatchState",
    "MemoryLatch",
    "StopWritten",
    "clear",
    "prepare",
    "read",
    "set_stop",
]


class CallKind(StrEnum):
    """What a broker call is for.

    Only ENTRY may raise exposure; the two last are what `kill` still lets through as orders.
    """

    ENTRY = "entry"
    EXIT = "exit"
    PROTECTION = "protection"
    CANCEL = "cancel"
    READ = "read"
    LATE_PROTECTION = "late_protection"
    TYPED_CLOSE = "typed_close"

    @property
    def is_exposure_increasing(self) -> bool:
        """Tell whether the call may raise exposure."""
        return self is CallKind.ENTRY


# Asked without looking at the disk: they never raise exposure, and a cancel must not wait for a
# hung disk.
ALWAYS: Final = frozenset({CallKind.CANCEL, CallKind.READ})
_CLOSING: Final = ALWAYS | {CallKind.LATE_PROTECTION, CallKind.TYPED_CLOSE}
ALLOWED: Final = {
    NONE: frozenset(CallKind),
    REDUCE_ONLY: _CLOSING | {CallKind.EXIT, CallKind.PROTECTION},
    KILL: _CLOSING,
    BLOCKED: _CLOSING,
}


class MemoryLatch:
    """The latch of one process, for any number of threads.

    directory None (backtests only) means memory alone.
    """

    __slots__ = ("_begun", "_directory", "_lock", "_stops")

    def __init__(self, directory: str | None) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._stops: dict[tuple[str, str], None] = {}
        # client id -> kind of every call in flight that is not a mere read or cancel.
        self._begun: dict[str, CallKind] = {}

    def engage(self, level: str, latch_id: str) -> None:
        """Put a stop in force in memory, at once; again changes nothing.

        Raises ValueError for a bad level or id.
        """
        check_stop(level, latch_id)
        with self._lock:
            self._stops[(level, latch_id)] = None

    def acknowledge(self) -> tuple[str, ...]:
        """Return the client ids of exposure-increasing calls that had begun and not ended.

        They become unknown.

        With a stop engaged before, no exposure-increasing call begins after this returned.
        """
        with self._lock:
            return tuple(
                sorted(
                    client_id
                    for client_id, kind in self._begun.items()
                    if kind.is_exposure_increasing
                )
            )

    def release(self, ids: Iterable[str]) -> None:
        """Lift exactly these stops from memory (a human resumed, and their files are gone)."""
        lifted = frozenset(ids)
        with self._lock:
            self._stops = {stop: None for stop in self._stops if stop[1] not in lifted}

    def begin_call(self, client_id: str, kind: CallKind) -> str | None:
        """Register a broker call that begins right now, or return why it may not begin.

        Every call that began must be ended with `end_call`, whatever came of it.
        """
        if kind in ALWAYS:
            return None
        on_disk = LatchState(level=NONE) if self._directory is None else read(self._directory)
        with self._lock:
            in_memory = self._level()
            level = stricter(on_disk.level, in_memory)
            if kind not in ALLOWED[level]:
                return self._sentence(kind, level, on_disk)
            if client_id in self._begun:
                return (
                    f"expected one call at a time for {client_id}, found one already "
                    "begun: wait for its outcome"
                )
            self._begun[client_id] = kind
        return None

    def end_call(self, client_id: str) -> None:
        """Say that a call is over and its outcome on its way to the engine."""
        with self._lock:
            self._begun.pop(client_id, None)

    def state(self) -> LatchState:
        """Return what is in force in memory, without touching the disk."""
        with self._lock:
            return LatchState(level=self._level(), stops=tuple(sorted(self._stops)))

    def _level(self) -> str:
        level = NONE
        for found, _ in self._stops:
            level = stricter(level, found)
        return level

    def _sentence(self, kind: CallKind, level: str, on_disk: LatchState) -> str:
        if level == BLOCKED:
            return on_disk.detail
        ids = sorted({latch_id for _, latch_id in (*on_disk.stops, *self._stops)})
        return (
            f"expected no stop for a call of kind {kind.value}, found {level} "
            f"({', '.join(ids)}): a human must resume"
        )
