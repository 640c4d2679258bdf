"""The emergency socket.

JSON lines on a thread of its own, alive while the engine, the journal or the API hang.

One thread serves every connection with a selector, so no client can hold another up: a line is at
most 16 KiB, a silent connection is closed after 5 s, and when all places are taken the oldest
silent one makes room, because a stop must always get in. Raw bytes of any kind end at worst in one
sentence and a closed connection. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

from hfl_core.control.client import peer
from hfl_core.control.desk import ControlRequest, Desk
from hfl_core.control.sockets import bind_private
from hfl_core.domain.errors import ControlError

if TYPE_CHECKING:
    from hfl_core.control.sockets import PrivateSocket

LINE_BYTES_MAX: Final = 16 * 1024
OUTPUT_BYTES_MAX: Final = 512 * 1024
CONNECTIONS_MAX: Final = 16
SILENCE_S: Final = 5.0
LOOP_S: Final = 0.25
CHUNK_BYTES: Final = 4096
STOP_WAIT_S: Final = 5.0
_KEYS: Final = frozenset({"verb", "request_id", "reason", "actor", "arguments"})


class _Connection:
    __slots__ = ("is_closing", "pid", "received", "sending", "socket", "spoke_s", "uid")

    def __init__(self, connection: socket.socket, now_s: float) -> None:
        self.socket = connection
        self.received = b""
        self.sending = b""
        self.spoke_s = now_s
        self.is_closing = False
        self.pid, self.uid = peer(connection)


class EmergencyListener:
    """Binds at once when made (ControlError if it cannot).

    `start` begins to answer, `stop` ends it.
    """

    def __init__(
        self, path: str, desk: Desk, *, allowed_uids: frozenset[int] | None = None
    ) -> None:
        self._desk = desk
        self._listener: PrivateSocket = bind_private(path, allowed_uids=allowed_uids)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._waker, self._wakened = socket.socketpair()
        self._selector.register(self._wakened, selectors.EVENT_READ)
        self._connections: dict[int, _Connection] = {}
        self._is_ending = False
        self._thread = threading.Thread(target=self._serve, name="hfl-emergency", daemon=True)

    @property
    def is_serving(self) -> bool:
        """Tell whether the thread lives."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, close everything and remove the socket file."""
        self._is_ending = True
        with contextlib.suppress(OSError):
            self._waker.send(b".")
        if self._thread.ident is not None:
            self._thread.join(STOP_WAIT_S)
        for connection in tuple(self._connections.values()):
            self._close(connection)
        self._selector.close()
        self._listener.release()
        for one in (self._waker, self._wakened):
            one.close()

    def _serve(self) -> None:
        while not self._is_ending:
            try:
                self._turn()
            except Exception:  # noqa: BLE001 - whatever it was (no descriptors, no memory), the next stop must still be heard
                time.sleep(0.01)

    def _turn(self) -> None:
        for key, mask in self._selector.select(LOOP_S):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is not self._wakened:
                self._serve_one(key.fd, mask)
        now_s = time.monotonic()
        for connection in tuple(self._connections.values()):
            if now_s - connection.spoke_s > SILENCE_S:
                self._close(connection)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            # Out of descriptors: give the oldest one's back, the connection waits in the backlog.
            self._make_room(0)
            return
        self._make_room(CONNECTIONS_MAX - 1)
        accepted.settimeout(0)
        connection = _Connection(accepted, time.monotonic())
        self._connections[accepted.fileno()] = connection
        self._selector.register(accepted, selectors.EVENT_READ)

    def _make_room(self, kept: int) -> None:
        oldest_first = sorted(self._connections.values(), key=lambda one: one.spoke_s)
        for connection in oldest_first[: max(0, len(oldest_first) - kept) if kept else 1]:
            self._close(connection)

    def _serve_one(self, descriptor: int, mask: int) -> None:
        connection = self._connections.get(descriptor)
        if connection is None:
            return
        try:
            if mask & selectors.EVENT_READ and not connection.is_closing:
                self._receive(connection)
            if connection.sending:
                self._send(connection)
            if connection.is_closing and not connection.sending:
                self._close(connection)
        except OSError:
            self._close(connection)

    def _receive(self, connection: _Connection) -> None:
        try:
            chunk = connection.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        if not chunk:
            connection.is_closing = True
            return
        connection.spoke_s = time.monotonic()
        connection.received += chunk
        while b"\n" in connection.received and not connection.is_closing:
            line, _, connection.received = connection.received.partition(b"\n")
            self._answer(connection, line)
        if len(connection.received) > LINE_BYTES_MAX:
            self._refuse(
                connection, f"expected a line of at most {LINE_BYTES_MAX} bytes, found more"
            )

    def _answer(self, connection: _Connection, line: bytes) -> None:
        try:
            request = read_request(line, peer_name=f"uid {connection.uid} pid {connection.pid}")
            body = self._desk.handle(request).body
        except ControlError as error:
            self._refuse(connection, str(error))
            return
        except Exception as error:  # noqa: BLE001 - a bug in one request must not silence the listener
            self._refuse(connection, f"the request failed: {type(error).__name__}")
            return
        self._put(connection, body)

    def _refuse(self, connection: _Connection, sentence: str) -> None:
        self._put(connection, json.dumps({"ok": False, "detail": sentence}).encode())
        connection.received = b""
        connection.is_closing = True

    def _put(self, connection: _Connection, body: bytes) -> None:
        connection.sending += body + b"\n"
        if len(connection.sending) > OUTPUT_BYTES_MAX:
            raise BrokenPipeError("the peer asks, and does not read the answers")

    def _send(self, connection: _Connection) -> None:
        with contextlib.suppress(BlockingIOError):
            sent = connection.socket.send(connection.sending)
            connection.sending = connection.sending[sent:]
        # Whoever is being closed is not read any more: its bytes would wake the loop for nothing.
        wanted = 0 if connection.is_closing else selectors.EVENT_READ
        wanted |= selectors.EVENT_WRITE if connection.sending else 0
        if wanted:
            self._selector.modify(connection.socket, wanted)

    def _close(self, connection: _Connection) -> None:
        descriptor = connection.socket.fileno()
        self._connections.pop(descriptor, None)
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(connection.socket)
        connection.socket.close()


def read_request(line: bytes, *, peer_name: str) -> ControlRequest:
    """Read one line.

    Raises ControlError with one sentence for anything that is not a request; a missing id is made
    up.
    """
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ControlError("expected one JSON object a line, found something else") from error
    if not isinstance(fields, dict):
        raise ControlError("expected one JSON object a line, found another kind of value")
    unknown = sorted(str(key)[:40] for key in fields.keys() - _KEYS)
    if unknown:
        raise ControlError(
            f"expected only {', '.join(sorted(_KEYS))}, found {', '.join(unknown[:5])}"
        )
    arguments = fields.pop("arguments", {})
    if not isinstance(arguments, dict) or not all(isinstance(v, str) for v in arguments.values()):
        raise ControlError("expected arguments as an object of texts, found something else")
    if not all(isinstance(value, str) for value in fields.values()):
        raise ControlError(
            "expected verb, request_id, reason and actor as texts, found something else"
        )
    actor = fields.get("actor", "")
    return ControlRequest(
        verb=_clean(fields.get("verb", "")),
        request_id=fields.get("request_id") or os.urandom(8).hex(),
        reason=_clean(fields.get("reason", "")),
        actor=f"{_clean(actor)} ({peer_name})" if actor else peer_name,
        arguments={_clean(name): _clean(value) for name, value in arguments.items()},
    )


def _clean(text: str) -> str:
    # A lone surrogate is valid in JSON and fatal in UTF-8.
    return text.encode("utf-8", "replace").decode()
