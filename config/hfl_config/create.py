"""Make the folders and the first settings of an installation.

What is there already is never changed.
"""

# Paths are text in this room, see paths.py.
# ruff: noqa: PTH101, PTH102, PTH104, PTH112, PTH118, PTH120

import os
import stat
from typing import Final

from hfl_config.load import default_text
from hfl_config.paths import HomePaths
from hfl_core.domain.errors import ConfigError

PRIVATE_MODE: Final = 0o700
PRIVATE_FILE_MODE: Final = 0o600
SHARED_MODE: Final = 0o755
READY: Final = "ready"
_READY_TEXT: Final = "made by hfl init\n"
_DATA_FOLDERS: Final = ("market", "fundamentals", "economic", "sentiment")
_MODEL_FOLDERS: Final = ("gguf", "huggingface", "ml")


def create_home(paths: HomePaths) -> tuple[str, ...]:
    """Create what `hfl init` creates and return the new paths, empty when all was there.

    `run/latch/ready` appears only together with the latch folder: where the folder exists without
    it, somebody removed it and trading stays blocked until a human calls for `restore_ready`.
    Raises ConfigError with one sentence.
    """
    created: list[str] = []
    for folder in _private(paths):
        created.extend(_made(folder, PRIVATE_MODE))
        require_private(folder)
    for folder in _shared(paths):
        created.extend(_made(folder, SHARED_MODE))
    created.extend(_made_latch(paths))
    require_private(paths.latch)
    created.extend(_written(paths.config_file, default_text()))
    prepare_socket_dir(paths)
    return tuple(created)


def restore_ready(paths: HomePaths) -> bool:
    """Put `ready` back into the latch folder because a human asked for it.

    Return whether it was missing.
    """
    require_private(paths.latch)
    return bool(_written(os.path.join(paths.latch, READY), _READY_TEXT))


def require_private(folder: str) -> None:
    """Raise ConfigError unless folder is a real folder of this user that nobody else can enter."""
    try:
        status = os.lstat(folder)
    except OSError as error:
        raise ConfigError(
            f"expected the folder {folder}, found {error.strerror}: run `hfl init`"
        ) from error
    if not stat.S_ISDIR(status.st_mode):
        raise ConfigError(
            f"expected a folder at {folder}, found something else: move it away, run `hfl init`"
        )
    if status.st_uid != os.getuid():
        raise ConfigError(
            f"expected {folder} to belong to user {os.getuid()}, found user {status.st_uid}: "
            f"choose another home"
        )
    if status.st_mode & 0o077:
        raise ConfigError(
            f"expected {folder} to be private (0700), found {stat.S_IMODE(status.st_mode):04o}: "
            f"run chmod 700 on it"
        )


def prepare_socket_dir(paths: HomePaths) -> str:
    """Return the folder of sockets, made private if it was not there.

    Raises ConfigError when another user owns it.
    """
    folder = paths.socket_dir
    if folder != paths.run:
        _made(os.path.dirname(folder), PRIVATE_MODE)
        require_private(os.path.dirname(folder))
    _made(folder, PRIVATE_MODE)
    require_private(folder)
    return folder


def _private(paths: HomePaths) -> tuple[str, ...]:
    return (paths.config, paths.keys, paths.journal, paths.venue, paths.logs, paths.run)


def _shared(paths: HomePaths) -> tuple[str, ...]:
    data = [os.path.join(paths.data, name) for name in _DATA_FOLDERS]
    models = [os.path.join(paths.models, name) for name in _MODEL_FOLDERS]
    return (*data, *models, paths.backtests, paths.strategies, paths.cache)


def _made_latch(paths: HomePaths) -> tuple[str, ...]:
    if os.path.lexists(paths.latch):
        return ()
    # Made aside and renamed: a crash in between must not leave a latch folder that blocks for ever.
    aside = f"{paths.latch}.new"
    _made(aside, PRIVATE_MODE)
    _written(os.path.join(aside, READY), _READY_TEXT)
    try:
        os.rename(aside, paths.latch)
    except OSError as error:
        raise ConfigError(
            f"expected to create {paths.latch}, found {error.strerror}: look at that folder"
        ) from error
    return (paths.latch, os.path.join(paths.latch, READY))


def _made(folder: str, mode: int) -> tuple[str, ...]:
    if os.path.isdir(folder):
        return ()
    # Folders on the way down are private: whoever cannot enter them cannot see what is inside.
    above = _made(os.path.dirname(folder), PRIVATE_MODE)
    try:
        os.mkdir(folder, mode)
        os.chmod(folder, mode)
    except FileExistsError as error:
        if os.path.isdir(folder):
            return ()
        raise ConfigError(
            f"expected a folder at {folder}, found something else: move it away"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"expected to create {folder}, found {error.strerror}: make its parent writable, or "
            "choose another home with HFL_HOME"
        ) from error
    return (*above, folder)


def _written(path: str, text: str) -> tuple[str, ...]:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE_MODE)
    except FileExistsError:
        return ()
    except OSError as error:
        raise ConfigError(
            f"expected to create {path}, found {error.strerror}: make its folder writable"
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(
            f"expected to write {path}, found {error.strerror}: free some space, remove the file, "
            f"run `hfl init`"
        ) from error
    return (path,)
