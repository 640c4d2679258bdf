"""The board as plain values, for verbs that cannot afford the dataclass around it."""

import json
from pathlib import Path
from typing import Any, Final

BYTES_MAX: Final = 64 * 1024
_SHAPE: Final = {
    "pid": int,
    "run": str,
    "seq": int,
    "phase": str,
    "wall_ns": int,
    "marks": dict,
    "gauges": dict,
}


def read_board(path: str) -> dict[str, Any] | None:
    """Return the board's fields, None when it is missing, torn, too long or not a board."""
    try:
        with Path(path).open("rb") as file:
            fields = json.loads(file.read(BYTES_MAX + 1))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    is_whole = all(isinstance(fields.get(name), kind) for name, kind in _SHAPE.items())
    return fields if is_whole else None
