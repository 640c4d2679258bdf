"""Where everything lives, computed from the environment.

The working directory has no say in it.

Imports nothing but `os`, because stopping the bot goes through here and must be quick: paths are
text, not `pathlib` objects. Nothing is created or looked at on disk; `create.py` does that.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# A Unix socket's path must fit into sockaddr_un with its closing zero byte (108 bytes on Linux).
SOCKET_PATH_BYTES_MAX = 107
NAME_LENGTH_MAX = 32
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
APPLICATION = "hfl"
# Which XDG base each room hangs under without HFL_HOME. `run` is under the state base and not under
# XDG_RUNTIME_DIR: that one is emptied at logout and unknown to cron, and a stop must outlive both.
_BASES = {
    "config": "XDG_CONFIG_HOME",
    "keys": "XDG_CONFIG_HOME",
    "journal": "XDG_STATE_HOME",
    "venue": "XDG_STATE_HOME",
    "logs": "XDG_STATE_HOME",
    "run": "XDG_STATE_HOME",
    "data": "XDG_DATA_HOME",
    "models": "XDG_DATA_HOME",
    "backtests": "XDG_DATA_HOME",
    "exports": "XDG_DATA_HOME",
    "strategies": "XDG_DATA_HOME",
    "archive": "XDG_DATA_HOME",
    "cache": "XDG_CACHE_HOME",
}
_XDG_DEFAULTS = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_STATE_HOME": ".local/state",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CACHE_HOME": ".cache",
}
# Rooms whose base already says what they are: ~/.config/hfl, not ~/.config/hfl/config.
_WHOLE_BASE = frozenset({"config", "cache"})
# Rooms inside another room.
_INSIDE = {"keys": ("config", "keys")}
ROOMS = tuple(_BASES)


class HomePaths:
    """Every path of one installation, as absolute text; immutable, equal when all paths are equal.

    `latch` is the folder of stops; `config_file` the user's settings. Names of modes and accounts
    are 1 to 32 characters of a-z, 0-9 and '-', else ValueError with one sentence.
    """

    __slots__ = ("_origins", "_rooms")
    _rooms: dict[str, str]
    _origins: dict[str, str]

    def __init__(self, rooms: Mapping[str, str], origins: Mapping[str, str]) -> None:
        object.__setattr__(self, "_rooms", dict(rooms))
        object.__setattr__(self, "_origins", dict(origins))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"expected paths to stay as they are, found a change of {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HomePaths) and self._rooms == other._rooms

    def __hash__(self) -> int:
        return hash(tuple(self._rooms.items()))

    def __repr__(self) -> str:
        return f"HomePaths({self._rooms!r})"

    @property
    def config(self) -> str:
        """Settings of the user."""
        return self._rooms["config"]

    @property
    def keys(self) -> str:
        """Keys of journal heads, 0600, never beside a journal."""
        return self._rooms["keys"]

    @property
    def journal(self) -> str:
        """Journals, their heads and boards."""
        return self._rooms["journal"]

    @property
    def venue(self) -> str:
        """Stores of the paper venue, an outside party."""
        return self._rooms["venue"]

    @property
    def data(self) -> str:
        """Market, fundamental, economic and sentiment data."""
        return self._rooms["data"]

    @property
    def models(self) -> str:
        """Model files."""
        return self._rooms["models"]

    @property
    def backtests(self) -> str:
        """Results of backtests."""
        return self._rooms["backtests"]

    @property
    def exports(self) -> str:
        """Tables and pictures written from the screen."""
        return self._rooms["exports"]

    @property
    def logs(self) -> str:
        """Rotated logs."""
        return self._rooms["logs"]

    @property
    def cache(self) -> str:
        """What can be deleted at any time."""
        return self._rooms["cache"]

    @property
    def run(self) -> str:
        """Sockets, locks, spools and the latch of the running installation."""
        return self._rooms["run"]

    @property
    def strategies(self) -> str:
        """Strategies written by the user."""
        return self._rooms["strategies"]

    @property
    def archive(self) -> str:
        """Old data, perhaps on another disk."""
        return self._rooms["archive"]

    @property
    def latch(self) -> str:
        """The folder whose files are stops in force."""
        return os.path.join(self.run, "latch")

    @property
    def config_file(self) -> str:
        """The user's settings."""
        return os.path.join(self.config, "config.toml")

    @property
    def screen_file(self) -> str:
        """What the user chose for the screen: its theme and keys."""
        return os.path.join(self.config, "screen.toml")

    @property
    def pending_file(self) -> str:
        """Raised limits that wait for their time."""
        return os.path.join(self.config, "pending.json")

    @property
    def emergency_socket(self) -> str:
        """The socket of stop commands; at most 107 bytes."""
        return self._socket("emergency")

    @property
    def api_socket(self) -> str:
        """The socket of the control API; at most 107 bytes."""
        return self._socket("api")

    @property
    def api_token(self) -> str:
        """The token of the control API on the loopback."""
        return os.path.join(self.config, "api.token")

    def venue_socket(self, account: str) -> str:
        """Return the socket of the paper venue of one account; at most 107 bytes."""
        return self._socket(f"venue-{_name('account', account)}")

    def venue_dir(self, account: str) -> str:
        """Return the folder of the paper venue's own store."""
        return os.path.join(self.venue, _name("account", account))

    def journal_file(self, mode: str, account: str) -> str:
        """Return the journal of one mode and account; live and paper never share one."""
        return os.path.join(self.journal, f"{_stem(mode, account)}.sqlite")

    def head_file(self, mode: str, account: str) -> str:
        """Return the keyed head of a journal."""
        return os.path.join(self.journal, f"{_stem(mode, account)}.head.json")

    def board_file(self, mode: str, account: str) -> str:
        """Return the overwritten board beside a journal."""
        return os.path.join(self.journal, f"{_stem(mode, account)}.board.json")

    def key_file(self, mode: str, account: str) -> str:
        """Return the key that signs a journal's head."""
        return os.path.join(self.keys, f"{_stem(mode, account)}.key")

    def lock_file(self, mode: str, account: str) -> str:
        """Return the lock that one daemon holds."""
        return os.path.join(self.run, f"{_stem(mode, account)}.lock")

    def spool_file(self, mode: str, account: str) -> str:
        """Return the file in which a panic without daemon writes what it did."""
        return os.path.join(self.run, f"{_stem(mode, account)}.panic.jsonl")

    @property
    def socket_dir(self) -> str:
        """The folder of all sockets: `run`, or a short private one where they would not fit."""
        longest = os.path.join(self.run, f"venue-{'x' * NAME_LENGTH_MAX}.sock")
        if len(os.fsencode(longest)) <= SOCKET_PATH_BYTES_MAX:
            return self.run
        return short_socket_dir(self.run)

    def with_archive(self, archive: str) -> HomePaths:
        """Return the same paths with the archive on another disk.

        Raises ValueError for a relative path.
        """
        if not os.path.isabs(archive):
            raise ValueError(
                f"expected paths.archive as an absolute path, found {archive!r}: write it in full"
            )
        rooms = {**self._rooms, "archive": os.path.normpath(archive)}
        return HomePaths(rooms, {**self._origins, "archive": "paths.archive in the configuration"})

    def origins(self) -> tuple[tuple[str, str, str], ...]:
        """Return (what, path, where the answer came from) of every path, for `hfl doctor`."""
        rows = [(room, self._rooms[room], self._origins[room]) for room in ROOMS]
        rows.append(("latch", self.latch, "in run"))
        is_short = self.socket_dir != self.run
        why = (
            f"short private folder: sockets in run would exceed {SOCKET_PATH_BYTES_MAX} bytes"
            if is_short
            else "in run"
        )
        return (*rows, ("sockets", self.socket_dir, why))

    def _socket(self, name: str) -> str:
        return os.path.join(self.socket_dir, f"{name}.sock")


def resolve(env: Mapping[str, str], home_override: str | None = None) -> HomePaths:
    """Compute every path from the environment.

    `home_override` (as typed), else HFL_HOME, else the XDG folders.

    A typed path may be relative to where it was typed; HFL_HOME may not (ValueError), because `hfl
    kill` from another folder would stop another installation. Relative XDG variables are ignored,
    as their specification demands.
    """
    if home_override:
        return _in_one_home(os.path.abspath(_expanded(home_override, env)), "--home")
    home = env.get("HFL_HOME", "")
    if home:
        home = _expanded(home, env)
        if not os.path.isabs(home):
            raise ValueError(
                f"expected HFL_HOME as an absolute path, found {home!r}: write it in full"
            )
        return _in_one_home(os.path.normpath(home), "HFL_HOME")
    return _in_xdg(env)


def short_socket_dir(run: str) -> str:
    """Return a short folder that belongs to this `run` folder and this user alone.

    Every shell gets the same. It is not in XDG_RUNTIME_DIR: cron and
    services do not know that variable, and would look for the daemon elsewhere.
    """
    return f"/tmp/hfl-{os.getuid()}/{_digest(run)}"  # noqa: S108 - made 0700 and checked by create.py


def _in_one_home(home: str, origin: str) -> HomePaths:
    rooms = {room: os.path.join(home, *_INSIDE.get(room, (room,))) for room in ROOMS}
    return HomePaths(rooms, dict.fromkeys(ROOMS, origin))


def _in_xdg(env: Mapping[str, str]) -> HomePaths:
    rooms: dict[str, str] = {}
    origins: dict[str, str] = {}
    for room, variable in _BASES.items():
        base = env.get(variable, "")
        is_set = os.path.isabs(base)
        if not is_set:
            base = os.path.join(_user_home(env), _XDG_DEFAULTS[variable])
        inner = _INSIDE.get(room, (room,))
        parts = inner[1:] if inner[0] in _WHOLE_BASE else inner
        rooms[room] = os.path.normpath(os.path.join(base, APPLICATION, *parts))
        origins[room] = variable if is_set else f"default of {variable}"
    return HomePaths(rooms, origins)


def _user_home(env: Mapping[str, str]) -> str:
    home = env.get("HOME", "")
    if os.path.isabs(home):
        return home
    import pwd

    return pwd.getpwuid(os.getuid()).pw_dir


def _expanded(path: str, env: Mapping[str, str]) -> str:
    if path == "~" or path.startswith("~/"):
        return _user_home(env) + path[1:]
    return path


def _stem(mode: str, account: str) -> str:
    return f"{_name('mode', mode)}-{_name('account', account)}"


def _name(what: str, name: str) -> str:
    if not name or len(name) > NAME_LENGTH_MAX or not _NAME_CHARACTERS.issuperset(name):
        raise ValueError(
            f"expected {what} as 1 to {NAME_LENGTH_MAX} characters of a-z, 0-9 and '-', found "
            f"{name!r}: choose another name"
        )
    return name


def _digest(text: str) -> str:
    # FNV-1a, 64 bits: hashlib alone would cost more than the rest of this module, and nothing
    # secret hangs on it.
    value = 0xCBF29CE484222325
    for byte in os.fsencode(text):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
