"""The venue's process: one thread, one Unix socket, one store.

Every answer leaves after its state is durable.

Crash-only: it can be killed at any instant and started again; ending by itself after `idle_s`
without connections is no different.
"""

import fcntl
import os
import selectors
import socket
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from hfl_core.domain.errors import DataError
from hfl_core.venue.desk import Desk, Reply
from hfl_core.venue.protocol import LINE_BYTES_MAX
from hfl_core.venue.store import Store

EXIT_RESTART: Final = 75  # a planned restart: start me again
SOCKET_PATH_BYTES_MAX: Final = 107
CONNECTIONS_MAX: Final = 64
DRIP_PIECES: Final = 8
_RECEIVE_BYTES: Final = 65_536
_GROUP_AND_OTHERS: Final = 0o077


class AlreadyRunningError(Exception):
    """Say that another venue process serves this directory or socket."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Connection:
    sock: socket.socket
    role: str = ""
    received: bytearray = field(default_factory=bytearray)
    # (when due on the monotonic clock, bytes; empty bytes close the connection), in order of time
    outgoing: list[tuple[float, bytes]] = field(default_factory=list)


def take_lock(directory: Path) -> int:
    """Lock the directory for this process until it ends and return the descriptor.

    Raises AlreadyRunningError.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise AlreadyRunningError(
            f"expected no venue at work in {directory}, found one: use it"
        ) from error
    return descriptor


class Door(NamedTuple):
    """A bound socket and the file that is its own: another process may bind the same path later."""

    listener: socket.socket
    path: Path
    file: tuple[int, int]

    def close(self) -> None:
        """Remove the socket's file if it is still this one's, then stop listening.

        In this order: as long as the socket is open no other file can get its number.
        """
        with suppress(OSError):
            if _file_of(self.path) == self.file:
                self.path.unlink()
        self.listener.close()


def _file_of(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino


def listen(path: Path) -> Door:
    """Bind the socket, 0600 in a 0700 directory.

    Raises DataError, or AlreadyRunningError when somebody answers there.
    """
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
        raise DataError(
            f"expected a socket path of at most {SOCKET_PATH_BYTES_MAX} bytes, found {path}: "
            "choose a shorter directory"
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.parent.stat().st_mode)
    if mode & _GROUP_AND_OTHERS:
        raise DataError(
            f"expected {path.parent} closed to others (0700), found {mode:04o}: chmod 700 it"
        )
    if path.exists():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise AlreadyRunningError(
                    f"expected nobody at {path}, found a venue that answers: use it"
                )
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(CONNECTIONS_MAX)
    listener.settimeout(0.0)
    return Door(listener, path, _file_of(path))


class Server:
    """Serves one desk until it has been idle for idle_s seconds."""

    def __init__(self, desk: Desk, store: Store, listener: socket.socket, *, idle_s: float) -> None:
        self._desk = desk
        self._store = store
        self._listener = listener
        self._idle_s = idle_s
        self._selector = selectors.DefaultSelector()
        self._connections: dict[int, _Connection] = {}

    def run(self) -> None:
        """Serve; return after the idle time."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        idle_since = time.monotonic()
        while self._connections or time.monotonic() - idle_since < self._idle_s:
            for key, events in self._selector.select(self._wait_s()):
                if key.fileobj is self._listener:
                    self._accept()
                    continue
                connection = self._connections.get(key.fd)
                if connection is not None and events & selectors.EVENT_READ:
                    self._receive(connection)
            now = time.monotonic()
            for connection in list(self._connections.values()):
                self._send_due(connection, now)
            if self._connections:
                idle_since = now

    def _wait_s(self) -> float:
        due = [
            connection.outgoing[0][0]
            for connection in self._connections.values()
            if connection.outgoing
        ]
        return min(max(0.0, min(due, default=float("inf")) - time.monotonic()), self._idle_s, 1.0)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        if len(self._connections) >= CONNECTIONS_MAX:
            sock.close()
            return
        sock.settimeout(0.0)
        self._connections[sock.fileno()] = _Connection(sock=sock)
        self._selector.register(sock, selectors.EVENT_READ)

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.sock.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.received += data
        while b"\n" in connection.received:
            line, _, rest = connection.received.partition(b"\n")
            connection.received = rest
            self._answer(connection, bytes(line))
        if not data or len(connection.received) > LINE_BYTES_MAX:
            self._drop(connection)

    def _answer(self, connection: _Connection, line: bytes) -> None:
        reply = self._desk.handle(line, role=connection.role)
        self._store.save(self._desk)
        connection.role = reply.role
        if reply.ends_process:
            os._exit(EXIT_RESTART)
        connection.outgoing += _schedule(reply, time.monotonic())
        connection.outgoing.sort(key=_due)

    def _send_due(self, connection: _Connection, now: float) -> None:
        while connection.outgoing and connection.outgoing[0][0] <= now:
            due, data = connection.outgoing.pop(0)
            try:
                sent = connection.sock.send(data) if data else 0
            except BlockingIOError:
                connection.outgoing.insert(
                    0, (now + 0.005, data)
                )  # its reader is slow: try again soon
                return
            except OSError:
                self._drop(connection)
                return
            if not data:
                self._drop(connection)
                return
            if sent < len(data):
                connection.outgoing.insert(0, (due, data[sent:]))

    def _drop(self, connection: _Connection) -> None:
        if self._connections.pop(connection.sock.fileno(), None) is not None:
            self._selector.unregister(connection.sock)
            connection.sock.close()


def _due(item: tuple[float, bytes]) -> float:
    return item[0]


def _schedule(reply: Reply, now: float) -> list[tuple[float, bytes]]:
    if reply.line is None:
        return []
    if reply.drip_s:
        size = -(-len(reply.line) // DRIP_PIECES)
        pieces = [reply.line[start : start + size] for start in range(0, len(reply.line), size)]
        return [
            (now + reply.drip_s * (number + 1) / len(pieces), piece)
            for number, piece in enumerate(pieces)
        ]
    closing = [] if reply.line.endswith(b"\n") else [(now + reply.delay_s, b"")]
    return [(now + reply.delay_s, reply.line), *closing]
