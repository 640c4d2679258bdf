"""Small durable file operations: write-temporary, fsync, rename.

And space kept back on the disk.
"""

import os
from pathlib import Path


def replace_durably(path: Path, data: bytes, *, with_directory: bool = False) -> None:
    """Replace a file's content (mode 0600) so that a crash leaves the old or the new one whole.

    with_directory: make the rename itself durable, too. Raises OSError; then the old file stands.
    """
    partial = path.with_name(f".{path.name}.partial")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(partial, flags, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    partial.replace(path)
    if with_directory:
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames and new names in a directory durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reserve_space(path: Path, size: int) -> bool:
    """Hold size bytes of the disk back in a file; return whether they could be had."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        os.ftruncate(descriptor, 0)
        return False
    finally:
        os.close(descriptor)
    return True


def free_space(path: Path) -> bool:
    """Give the space of a reserve file back; return whether there was any."""
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return False
    return size > 0
