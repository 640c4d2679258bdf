"""The head's secret key.

32 bytes in a file of mode 0600 in the configuration directory, never beside the journal.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_journal.files import replace_durably

KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def load_key(path: Path) -> bytes | None:
    """Return the key, or None when there is no file.

    Raises JournalError when others may read it, or when it is not a key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(
            f"expected to read the journal's key {path}, found {error.strerror}: "
            "make it readable for this user only (chmod 600)"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        text = file.read(4 * KEY_BYTES)
    if mode & _OTHERS:
        raise JournalError(
            f"expected the journal's key {path} to be private (mode 600), found mode "
            f"{stat.S_IMODE(mode):o}: run chmod 600 on it, and `hfl journal rekey` if somebody "
            "may have read it"
        )
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise JournalError(
            f"expected {2 * KEY_BYTES} hexadecimal digits in the journal's key {path}, found "
            "something else: put the key back from your backup, or run `hfl journal rekey`"
        )
    return key


def new_key() -> bytes:
    """Return fresh key bytes."""
    return secrets.token_bytes(KEY_BYTES)


def store_key(path: Path, key: bytes) -> None:
    """Write the key durably with mode 0600, replacing an older one. Raises JournalError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_durably(path, key.hex().encode() + b"\n", with_directory=True)
    except OSError as error:
        raise JournalError(
            f"expected to write the journal's key {path}, found {error.strerror}: "
            "make the configuration directory writable for this user"
        ) from error
