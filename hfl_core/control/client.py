"""A small client of the emergency socket: one request, one line back, within a deadline.

Standard library only.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

REPLY_BYTES_MAX = 256 * 1024
CHUNK_BYTES = 65_536
_CREDENTIALS = struct.Struct("3i")


class Reply:
    """What the listener answered.

    text: the line as it came; pid: the process behind the socket, 0 when the system does not say.
    """

    __slots__ = ("fields", "pid", "text")

    def __init__(self, *, text: str, fields: Mapping[str, object], pid: int) -> None:
        self.text = text
        self.fields = fields
        self.pid = pid

    @property
    def is_ok(self) -> bool:
        """Tell whether the listener took the request."""
        return self.fields.get("ok") is True

    @property
    def calls_begun(self) -> tuple[str, ...]:
        """Return the exposure-increasing calls that had begun when the stop came.

        Their outcome is unknown.
        """
        calls = self.fields.get("calls_begun")
        return tuple(str(call) for call in calls) if isinstance(calls, list) else ()

    @property
    def detail(self) -> str:
        """Return the sentence that came along, or nothing."""
        return str(self.fields.get("detail", ""))


def call(path: str, request: Mapping[str, object], *, timeout_s: float) -> Reply:
    """Send one request and return the answer.

    Raises OSError when nobody listens, TimeoutError (one of them) when no whole line came in time,
    ValueError when the line is not an answer.
    """
    deadline = time.monotonic() + timeout_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(max(timeout_s, 0.001))
        connection.connect(path)
        pid = peer(connection)[0]
        connection.sendall(json.dumps(dict(request)).encode() + b"\n")
        line = _line(connection, deadline)
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError(
            f"expected a JSON object from {path}, found {line[:40]!r}: is it another "
            "program's socket?"
        )
    return Reply(text=line.decode(), fields=fields, pid=pid)


def peer(connection: socket.socket) -> tuple[int, int]:
    """Return (pid, uid) of the other end of a Unix socket.

    (0, -1) where the system does not tell, which is everywhere but on Linux.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return 0, -1
    pid, uid, _ = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    )
    return pid, uid


def request_id() -> str:
    """Return a fresh request id: 16 hexadecimal digits."""
    return os.urandom(8).hex()


def _line(connection: socket.socket, deadline: float) -> bytes:
    received = b""
    while b"\n" not in received:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("expected an answer in time, found none: the daemon may hang")
        connection.settimeout(left)
        chunk = connection.recv(CHUNK_BYTES)
        if not chunk:
            raise ConnectionResetError(
                "expected an answer, found the connection closed: the daemon may be ending"
            )
        received += chunk
        if len(received) > REPLY_BYTES_MAX:
            raise ValueError(f"expected an answer of at most {REPLY_BYTES_MAX} bytes, found more")
    return received.partition(b"\n")[0]
