"""Unix sockets that only we can reach.

Bound by us, 0600 in a 0700 directory, and the peer's user checked. Standard library only.
"""

# Paths are text: every file here is opened by flags and descriptors.
# ruff: noqa: PTH100, PTH101, PTH103, PTH108, PTH116, PTH120

from __future__ import annotations

import os
import socket
import stat

from hfl_core.control.client import peer
from hfl_core.domain.errors import ControlError

BACKLOG = 64
ROOT_UID = 0


class PrivateSocket(socket.socket):
    """A listening socket that hands on only connections of allowed users.

    It works under uvicorn, whose scope names no peer.
    """

    allowed_uids: frozenset[int] = frozenset()
    path: str = ""
    file: tuple[int, int] = (0, 0)

    def accept(self) -> tuple[socket.socket, object]:
        """Return the next connection of an allowed user.

        A stranger's is closed and BlockingIOError raised, as if none had come.
        """
        connection, address = super().accept()
        if is_allowed(connection, self.allowed_uids):
            return connection, address
        connection.close()
        raise BlockingIOError("expected a connection of our own user, found another user's: closed")

    def release(self) -> None:
        """Remove the socket's file if it is still this one's, then stop listening.

        In this order: as long as the socket is open no other file can get its number.
        """
        try:
            if _file_of(self.path) == self.file:
                os.unlink(self.path)
        except OSError:
            # Gone already, or the disk is; the next start replaces it.
            pass
        finally:
            self.close()


def bind_private(path: str, *, allowed_uids: frozenset[int] | None = None) -> PrivateSocket:
    """Bind and listen at path, replacing a socket that a dead process left behind.

    Only its lock's holder may call this.

    Raises ControlError with one sentence when the directory is not ours, when something else
    stands at path, or it is too long.
    """
    directory = os.path.dirname(os.path.abspath(path))
    _make_private(directory)
    _remove_stale(path)
    listener = PrivateSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.allowed_uids = our_uids() if allowed_uids is None else allowed_uids
    try:
        listener.bind(path)
        listener.path, listener.file = path, _file_of(path)
        os.chmod(path, 0o600)
        listener.listen(BACKLOG)
        listener.settimeout(0)
    except OSError as error:
        listener.close()
        raise ControlError(
            f"expected to listen at {path}, found {error}: choose a shorter or writable home"
        ) from error
    return listener


def our_uids() -> frozenset[int]:
    """Return who may talk to us: our own user and root."""
    return frozenset({os.getuid(), ROOT_UID})


def is_allowed(connection: socket.socket, uids: frozenset[int]) -> bool:
    """Tell whether the peer's user is one of uids.

    Where the system does not tell, the directory's mode is the guard.
    """
    try:
        uid = peer(connection)[1]
    except OSError:
        return False
    return uid == -1 or uid in uids


def _file_of(path: str) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def _make_private(directory: str) -> None:
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        found = os.stat(directory)
        if found.st_uid != os.getuid():
            raise ControlError(
                f"expected {directory} to be ours, found it owned by user {found.st_uid}: "
                "choose another home"
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.chmod(directory, 0o700)
    except OSError as error:
        raise ControlError(
            f"expected a private directory {directory}, found {error}: make it writable"
        ) from error


def _remove_stale(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise ControlError(
            f"expected a socket or nothing at {path}, found another file: move it away"
        )
    os.unlink(path)
