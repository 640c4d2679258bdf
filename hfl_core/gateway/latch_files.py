"""The stops on disk.

One file per stop in `run/latch`, only ever added until a human resumes (no engine, no daemon
needed).

Imports nothing but `os`: `hfl kill` goes through here and a dataclass alone costs 22 ms of
start-up (measured, two cores busy), a third of what the whole command may take. Therefore plain
slots classes instead of dataclasses.
"""

# Paths are text: stops go through here, and pathlib would cost 18 ms of start-up.
# ruff: noqa: PTH100, PTH102, PTH103, PTH108, PTH118, PTH120

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

READY = "ready"
NONE = "none"
REDUCE_ONLY = "reduce_only"
KILL = "kill"
BLOCKED = "blocked"
# What can be set, mildest first.
LEVELS = (REDUCE_ONLY, KILL)
STRICTNESS = {NONE: 0, REDUCE_ONLY: 1, KILL: 2, BLOCKED: 3}
ID_LENGTH_MAX = 100
STOPS_MAX = 4096
TEXT_LENGTH_MAX = 1000
_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class LatchState:
    """What the latch directory says: the strictest level, and every stop as (level, id), sorted.

    level is `blocked` when the directory cannot be trusted (detail says why); that is at least as
    strict as `kill`.
    """

    __slots__ = ("detail", "level", "stops")

    def __init__(
        self, *, level: str, stops: tuple[tuple[str, str], ...] = (), detail: str = ""
    ) -> None:
        self.level = level
        self.stops = stops
        self.detail = detail

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the request id of every stop in force."""
        return tuple(latch_id for _, latch_id in self.stops)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LatchState):
            return NotImplemented
        return (self.level, self.stops, self.detail) == (
            other.level,
            other.stops,
            other.detail,
        )

    def __hash__(self) -> int:
        return hash((self.level, self.stops, self.detail))

    def __repr__(self) -> str:
        return f"LatchState(level={self.level!r}, stops={self.stops!r}, detail={self.detail!r})"


class StopWritten:
    """What came of setting a stop: it is in force in any case.

    Detail says what is missing when it is not durable.
    """

    __slots__ = ("detail", "is_durable", "is_new")

    def __init__(self, *, is_new: bool, is_durable: bool, detail: str = "") -> None:
        self.is_new = is_new
        self.is_durable = is_durable
        self.detail = detail


def stricter(first: str, second: str) -> str:
    """Return the stricter of two levels."""
    return first if STRICTNESS[first] >= STRICTNESS[second] else second


def prepare(directory: str) -> None:
    """Make the latch directory (0700) and its `ready` file, once, at init. Raises OSError."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    handle = os.open(os.path.join(directory, READY), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_directory(directory)
    _sync_directory(os.path.dirname(os.path.abspath(directory)))


def read(directory: str) -> LatchState:
    """Return which stops are in force.

    Anything missing, unreadable or not understood is `blocked`, never `none`.
    """
    stops: list[tuple[str, str]] = []
    is_ready = False
    trouble = ""
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name == READY:
                    is_ready = entry.is_file(follow_symlinks=False)
                    continue
                stop = _stop_of(entry.name)
                if stop is None:
                    trouble = trouble or (
                        f"expected only stops in {directory}, found "
                        f"{entry.name[:ID_LENGTH_MAX]!r}: remove it"
                    )
                elif len(stops) < STOPS_MAX:
                    stops.append(stop)
                else:
                    trouble = (
                        f"expected at most {STOPS_MAX} stops in {directory}, found more: resume"
                    )
    except OSError as error:
        trouble = (
            f"expected a readable latch directory {directory}, found "
            f"{error.strerror or error}: run `hfl init`"
        )
    else:
        if not is_ready:
            trouble = f"expected the file {READY} in {directory}, found none: run `hfl init`"
    stops.sort()
    level = BLOCKED if trouble else NONE
    for found, _ in stops:
        level = stricter(level, found)
    return LatchState(level=level, stops=tuple(stops), detail=trouble)


def set_stop(
    directory: str, level: str, request_id: str, *, reason: str, actor: str
) -> StopWritten:
    """Add one stop durably; setting it again changes nothing.

    The name alone is the stop, so that a full disk which takes the name but not the content still
    stops. A missing directory is made (without `ready`: it stays `blocked`). Raises OSError if the
    name could not be made, ValueError for a bad level or id.
    """
    check_stop(level, request_id)
    path = os.path.join(directory, f"{level}-{request_id}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            _make_private(directory)
            handle = os.open(path, flags, 0o600)
    except FileExistsError:
        # Lifted just now by a resume: then it is not in force.
        if not os.path.lexists(path):
            raise
        return _finished(directory, is_new=False, trouble="")
    wall_ns = time.time_ns()  # noqa: TID251 - there is no runtime here
    text = f'{{"reason":{json_text(reason)},"actor":{json_text(actor)},"wall_ns":{wall_ns}}}\n'
    trouble = ""
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    except OSError as error:
        trouble = f"its content could not be written ({error.strerror or error})"
    finally:
        os.close(handle)
    return _finished(directory, is_new=True, trouble=trouble)


def clear(directory: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Remove exactly the stops with these ids, at either level, durably.

    Return the file names removed. Raises OSError.
    """
    removed = []
    for latch_id in ids:
        for level in LEVELS:
            check_stop(level, latch_id)
            name = f"{level}-{latch_id}"
            try:
                os.unlink(os.path.join(directory, name))
            except FileNotFoundError:
                continue
            removed.append(name)
    _sync_directory(directory)
    return tuple(removed)


def check_stop(level: str, request_id: str) -> None:
    """Raise ValueError unless level can be set and request_id can be part of a file name."""
    if level not in LEVELS:
        raise ValueError(
            f"expected the level {' or '.join(LEVELS)}, found {level!r}: choose one of them"
        )
    if not is_request_id(request_id):
        raise ValueError(
            f"expected a request id of 1 to {ID_LENGTH_MAX} letters, digits, '.', '_' or "
            "'-', beginning with a letter or digit, "
            f"found {request_id[:ID_LENGTH_MAX]!r}: choose another one"
        )


def is_request_id(text: str) -> bool:
    """Tell whether text can name a request.

    1 to 100 of [A-Za-z0-9._-], the first a letter or digit.
    """
    return (
        0 < len(text) <= ID_LENGTH_MAX and text[0] not in "._-" and _ID_CHARACTERS.issuperset(text)
    )


def json_text(text: str) -> str:
    """Return text as a JSON string in ASCII, cut to 1,000 characters.

    Importing json would cost 12 ms.
    """
    pieces = []
    for character in text[:TEXT_LENGTH_MAX]:
        code = ord(character)
        if character in '"\\':
            pieces.append("\\" + character)
        elif 0x20 <= code < 0x7F:
            pieces.append(character)
        elif code < 0x10000:
            pieces.append(f"\\u{code:04x}")
        else:
            high, low = divmod(code - 0x10000, 0x400)
            pieces.append(f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}")
    return '"' + "".join(pieces) + '"'


def _stop_of(name: str) -> tuple[str, str] | None:
    for level in LEVELS:
        prefix = level + "-"
        if name.startswith(prefix) and is_request_id(name[len(prefix) :]):
            return level, name[len(prefix) :]
    return None


def _finished(directory: str, *, is_new: bool, trouble: str) -> StopWritten:
    try:
        _sync_directory(directory)
    except OSError as error:
        trouble = trouble or f"the directory could not be synced ({error.strerror or error})"
    detail = f"in force, but may not survive a power loss: {trouble}" if trouble else ""
    return StopWritten(is_new=is_new, is_durable=not trouble, detail=detail)


def _make_private(directory: str) -> None:
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        # Another stop made it a moment ago; what is no directory fails at the next step.
        return


def _sync_directory(directory: str) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
