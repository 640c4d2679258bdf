"""The board: fast-changing marks that deserve no journal row, as one small overwritten JSON file.

Standard library only.

Written beside and renamed over, without fsync: a reader sees the old or the new one whole, and
after a power loss perhaps none. Committed data only; at most 4 a second.
"""

# Paths are text: every file here is opened by flags and descriptors.
# ruff: noqa: PTH105, PTH123

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES_MAX: Final = 64 * 1024
INTERVAL_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardState:
    """What the board says.

    seq: last committed row; time_ns: engine time of what follows; marks: last prices as text;
    money: amounts by name as text; ages: seconds; gauges: any other number shown.

    dropped: how many marks did not fit; wall_ns: when it was written.
    """

    pid: int
    run: str
    seq: int
    phase: str
    wall_ns: int
    time_ns: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)
    money: Mapping[str, str] = field(default_factory=dict)
    ages: Mapping[str, float] = field(default_factory=dict)
    gauges: Mapping[str, float] = field(default_factory=dict)
    dropped: int = 0


class Board:
    """The writing side; one process, one thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._beside = f"{path}.new"
        self._written_s: float | None = None

    def write(self, state: BoardState, *, now_s: float, is_last: bool = False) -> bool:
        """Write unless one was written less than 0.25 s ago (now_s: monotonic).

        Return whether it was. Raises OSError.

        is_last: write in any case, as the last word of a run.
        """
        if self._written_s is not None and now_s - self._written_s < INTERVAL_S and not is_last:
            return False
        body = encode(state)
        handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, body)
        finally:
            os.close(handle)
        os.replace(self._beside, self._path)
        self._written_s = now_s
        return True


def encode(state: BoardState) -> bytes:
    """Return the board as at most 64 KiB of JSON.

    Marks that do not fit are dropped, last names first, and counted.

    Raises ValueError when it does not fit even without marks, or a number is not finite.
    """
    fields = asdict(state)
    names = sorted(state.marks)
    kept = len(names)
    while True:
        fields["marks"] = {name: state.marks[name] for name in names[:kept]}
        fields["dropped"] = len(names) - kept
        body = json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()
        if len(body) <= BYTES_MAX:
            return body
        if kept == 0:
            raise ValueError(
                f"expected a board of at most {BYTES_MAX} bytes, found {len(body)} without "
                "any mark: shorten it"
            )
        kept //= 2


def read(path: str) -> BoardState | None:
    """Return the board, or None when it is missing, torn, too long or not a board."""
    try:
        with open(path, "rb") as file:
            body = file.read(BYTES_MAX + 1)
        fields = json.loads(body) if len(body) <= BYTES_MAX else None
    except (OSError, ValueError, RecursionError):
        return None
    return _state(fields) if isinstance(fields, dict) else None


def _state(fields: dict[str, object]) -> BoardState | None:
    numbers = {name: fields.get(name) for name in ("pid", "seq", "wall_ns")}
    texts = {name: fields.get(name) for name in ("run", "phase")}
    pid, seq, wall_ns = numbers.values()
    run, phase = texts.values()
    if not (_is_whole(pid) and _is_whole(seq) and _is_whole(wall_ns)):
        return None
    if not (isinstance(run, str) and isinstance(phase, str)):
        return None
    dropped, time_ns = fields.get("dropped"), fields.get("time_ns")
    return BoardState(
        pid=int(str(pid)),
        run=run,
        seq=int(str(seq)),
        phase=phase,
        wall_ns=int(str(wall_ns)),
        time_ns=int(str(time_ns)) if _is_whole(time_ns) else 0,
        marks=_texts(fields.get("marks")),
        money=_texts(fields.get("money")),
        ages=_numbers(fields.get("ages")),
        gauges=_numbers(fields.get("gauges")),
        dropped=int(str(dropped)) if _is_whole(dropped) else 0,
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): text for name, text in value.items() if isinstance(text, str)}


def _numbers(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name): float(number)
        for name, number in value.items()
        if isinstance(number, int | float) and not isinstance(number, bool)
    }
