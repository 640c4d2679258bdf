"""The control API on this machine's loopback, for whom a Unix socket does not do: off unless asked.

Any program of any user here may connect, and so may a web page by its reader's browser: therefore
every request must carry the token of a file that only we can read, and name this very host (a page
that lets its own name point here names another one). Standard library only.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import stat
from typing import TYPE_CHECKING, Final

from hfl_core.domain.errors import ControlError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS: Final = ("127.0.0.1", "::1")
TOKEN_BYTES: Final = 32
TOKEN_LENGTH_MIN: Final = 32
TOKEN_FILE_BYTES_MAX: Final = 4096
BACKLOG: Final = 64


class LoopbackSocket(socket.socket):
    """A listening socket on the loopback; it leaves nothing behind."""

    def release(self) -> None:
        """Stop listening."""
        self.close()


def bind_loopback(host: str, port: int) -> LoopbackSocket:
    """Bind and listen; port 0 takes a free one.

    Raises ControlError for any address but the loopback's, and when the port is taken.
    """
    if host not in HOSTS:
        raise ControlError(
            f"expected the address {' or '.join(HOSTS)} for the API, found {host!r}: nobody but "
            "this machine may reach it"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = LoopbackSocket(family, socket.SOCK_STREAM)
    try:
        # Connections of an earlier run that are still closing must not keep the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.settimeout(0)
    except OSError as error:
        listener.close()
        raise ControlError(
            f"expected to listen at {host} port {port}, found {error.strerror}: choose another "
            "api.port"
        ) from error
    return listener


def obtain_token(path: str) -> str:
    """Return the token in a file, made at its first use (0600).

    Raises ControlError when the file is not ours alone, or holds no token.
    """
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return _read_token(path)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{token}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ControlError(
            f"expected to read or write the API's token {path}, found {error.strerror}: make its "
            "folder writable for this user, or set api.tcp = false"
        ) from error
    return token


def _read_token(path: str) -> str:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        text = file.read(TOKEN_FILE_BYTES_MAX).decode("ascii", errors="replace").strip()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.getuid() or mode & 0o077 or not stat.S_ISREG(found.st_mode):
        raise ControlError(
            f"expected the API's token {path} to be a file of ours alone (0600), found {mode:04o} "
            f"of user {found.st_uid}: others may know it, so delete it and start again"
        )
    if " " in text or len(text) < TOKEN_LENGTH_MIN or not text.isascii() or not text.isprintable():
        raise ControlError(
            f"expected a token of at least {TOKEN_LENGTH_MIN} characters in {path}, found none: "
            "delete it and start again"
        )
    return text


class TokenGuard:
    """Stands before an application: without this host's name and the token nothing gets to it."""

    def __init__(self, app: ASGIApp, *, token: str, host: str, port: int) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        shown = f"[{host}]" if ":" in host else host
        self._hosts = frozenset({f"{shown}:{port}".encode(), f"localhost:{port}".encode()})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or answer it with a refusal."""
        if scope["type"] != "http":
            raise RuntimeError("expected an HTTP request on the API's port")
        headers = scope["headers"]
        hosts = [value.lower() for name, value in headers if name == b"host"]
        given = [value for name, value in headers if name == b"authorization"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            await _refuse(send, 421, "expected this machine's own name in Host: use 127.0.0.1")
        elif len(given) != 1 or not hmac.compare_digest(given[0], self._expected):
            await _refuse(send, 401, "expected Authorization: Bearer and the token of api.token")
        else:
            await self._app(scope, receive, send)


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"ok": False, "detail": sentence}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
