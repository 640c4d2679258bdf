"""What `hfl doctor` looks at. Each examiner reads, changes nothing and returns findings."""

import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from hfl.home import Home
from hfl_config.diff import load_effective
from hfl_config.load import LoadedConfig
from hfl_config.paths import HomePaths
from hfl_core.control import lock
from hfl_core.domain.errors import HflError
from hfl_core.gateway import latch_files
from hfl_core.runtime.clock import MachineClock

GOOD: Final = "good"
NOTE: Final = "note"
BAD: Final = "bad"
PYTHON_MIN: Final = (3, 11)
# Before 3.51.3 a checkpoint racing a commit could, very rarely, lose pages of the log
# (sqlite.org/wal.html, the WAL-reset bug); one writer and one process make it rarer still.
SQLITE_MIN: Final = (3, 51, 3)
DISK_BAD_BYTES: Final = 200 * 1024 * 1024
DISK_NOTE_BYTES: Final = 2 * 1024 * 1024 * 1024
# Nobody runs this before it was written, nor decades later.
YEAR_MIN: Final = 2025
YEAR_MAX: Final = 2100
CLOCK_STEP_S: Final = 0.05
LIBRARIES: Final = ("duckdb", "msgspec", "pydantic", "rich", "transitions")
API_LIBRARIES: Final = ("fastapi", "uvicorn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. mark: good, note or bad; text: one sentence."""

    topic: str
    mark: str
    text: str


def examine(paths: HomePaths, *, mode: str, account: str | None) -> tuple[Finding, ...]:
    """Look at everything; nothing raises, what cannot be examined is a finding."""
    findings: list[Finding] = [*_versions()]
    loaded, config_finding = _config(paths)
    findings.append(config_finding)
    name = account or (loaded.config.account.name if loaded is not None else "main")
    home = Home(paths=paths, mode=mode, account=name)
    examiners: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("home", lambda: _home(paths)),
        ("disk", lambda: _disk(paths)),
        ("filesystem", lambda: _filesystem(paths)),
        ("clock", _clock),
        ("latch", lambda: _latch(paths)),
        ("daemon", lambda: _daemon(home)),
        ("sockets", lambda: _sockets(home)),
        ("api", lambda: _loopback(paths, loaded)),
        ("journal", lambda: _journal(home)),
        ("strategies", lambda: _strategies(home, loaded)),
    )
    for topic, examiner in examiners:
        try:
            findings.extend(examiner())
        except (OSError, ValueError, HflError) as error:
            findings.append(Finding(topic=topic, mark=BAD, text=str(error)))
    return tuple(findings)


# --- the machine ----------------------------------------------------------------------------------


def _versions() -> Iterator[Finding]:
    found = sys.version_info
    mark = GOOD if found >= PYTHON_MIN else BAD
    yield Finding(topic="python", mark=mark, text=f"{sys.version.split()[0]} at {sys.executable}")
    is_new = sqlite3.sqlite_version_info >= SQLITE_MIN
    wanted = ".".join(map(str, SQLITE_MIN))
    remark = "" if is_new else f"; {wanted} or newer is advised (a rare bug of the write-ahead log)"
    yield Finding(
        topic="sqlite", mark=GOOD if is_new else NOTE, text=sqlite3.sqlite_version + remark
    )
    missing = [name for name in LIBRARIES if _version(name) is None]
    there = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES if name not in missing)
    if missing:
        text = f"missing: {', '.join(missing)}: install hedgefund-lite again"
        yield Finding(topic="libraries", mark=BAD, text=text)
    else:
        yield Finding(topic="libraries", mark=GOOD, text=there)
    absent = [name for name in API_LIBRARIES if _version(name) is None]
    if absent:
        text = f"the control API needs {', '.join(absent)}; the emergency socket works without"
        yield Finding(topic="api", mark=NOTE, text=text)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _disk(paths: HomePaths) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(paths.journal)).free
    mark = BAD if free < DISK_BAD_BYTES else NOTE if free < DISK_NOTE_BYTES else GOOD
    yield Finding(topic="disk", mark=mark, text=f"{free / 1e9:.1f} GB free where the journal is")


def _filesystem(paths: HomePaths) -> Iterator[Finding]:
    from hfl_journal import mounts

    kind = mounts.filesystem_of(os.path.realpath(_existing(paths.journal)), mounts.read_mounts())
    if kind in mounts.NETWORK:
        text = f"the journal is on {kind}, where locks do not hold: choose a local disk (--home)"
        yield Finding(topic="filesystem", mark=BAD, text=text)
    elif kind.startswith("fuse."):
        text = f"{kind}: the journal needs file locks and shared memory that hold, a disk has both"
        yield Finding(topic="filesystem", mark=NOTE, text=text)
    elif kind:
        yield Finding(topic="filesystem", mark=GOOD, text=kind)


def _clock() -> Iterator[Finding]:
    clock = MachineClock()
    year = datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC).year
    if not YEAR_MIN <= year <= YEAR_MAX:
        text = f"the wall clock says the year {year}: set it (NTP)"
        yield Finding(topic="clock", mark=BAD, text=text)
        return
    wall_ns, monotonic_ns = clock.wall_ns(), clock.monotonic_ns()
    time.sleep(CLOCK_STEP_S)
    drift_ns = (clock.wall_ns() - wall_ns) - (clock.monotonic_ns() - monotonic_ns)
    if abs(drift_ns) > CLOCK_STEP_S * 1e9:
        text = f"the wall clock was set by {drift_ns / 1e9:+.2f} s just now"
        yield Finding(topic="clock", mark=NOTE, text=text)
        return
    yield Finding(topic="clock", mark=GOOD, text="wall and monotonic clock agree")


# --- the installation -----------------------------------------------------------------------------


def _config(paths: HomePaths) -> tuple[LoadedConfig | None, Finding]:
    try:
        loaded, pending = load_effective(paths, now_ns=MachineClock().wall_ns())
    except HflError as error:
        return None, Finding(topic="config", mark=BAD, text=str(error))
    waiting = f"; {len(pending)} raised limits wait for their time" if pending else ""
    is_there = Path(paths.config_file).exists()
    text = paths.config_file if is_there else "built-in settings (there is no file yet)"
    return loaded, Finding(topic="config", mark=GOOD, text=f"{text}{waiting}")


def _home(paths: HomePaths) -> Iterator[Finding]:
    if not Path(paths.run).is_dir():
        text = "not made yet: `hfl init`, `hfl run` and `hfl demo` make it"
        yield Finding(topic="home", mark=NOTE, text=text)
        return
    for folder in (paths.config, paths.keys, paths.journal, paths.run):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            text = f"{folder} is missing or not writable: make it so, or run `hfl init`"
            yield Finding(topic="home", mark=BAD, text=text)
        elif stat.S_IMODE(Path(folder).stat().st_mode) & 0o077:
            yield Finding(topic="home", mark=BAD, text=f"{folder} is open to others: chmod 700 it")


def _latch(paths: HomePaths) -> Iterator[Finding]:
    if not Path(paths.run).is_dir():
        return
    state = latch_files.read(paths.latch)
    if state.detail:
        yield Finding(topic="latch", mark=BAD, text=state.detail)
    elif state.stops:
        names = ", ".join(f"{level} {latch_id}" for level, latch_id in state.stops)
        yield Finding(topic="latch", mark=NOTE, text=f"stopped by {names}: see `hfl resume`")
    else:
        yield Finding(topic="latch", mark=GOOD, text="ready, no stop in force")


def _daemon(home: Home) -> Iterator[Finding]:
    holders = lock.holders(home.paths.run)
    for one in holders:
        text = f"process {one.pid} holds {one.path}"
        yield Finding(topic="daemon", mark=GOOD, text=text)
    if not holders:
        yield Finding(topic="daemon", mark=NOTE, text="not running")
    if Path(home.spool_file).exists():
        text = "a panic is written down and not adopted yet: the next `hfl run` does it"
        yield Finding(topic="daemon", mark=NOTE, text=text)


def _sockets(home: Home) -> Iterator[Finding]:
    paths = home.paths
    for path in (paths.emergency_socket, paths.api_socket, paths.venue_socket(home.account)):
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue
        name = Path(path).name
        if not stat.S_ISSOCK(mode):
            text = f"{path} is not a socket: move it away"
            yield Finding(topic="sockets", mark=BAD, text=text)
        elif stat.S_IMODE(mode) & 0o077:
            text = f"{path} has mode {stat.S_IMODE(mode):04o}, expected 0600: restart the daemon"
            yield Finding(topic="sockets", mark=BAD, text=text)
        else:
            yield Finding(topic="sockets", mark=GOOD, text=f"{name} 0600 in {Path(path).parent}")


def _loopback(paths: HomePaths, loaded: LoadedConfig | None) -> Iterator[Finding]:
    """Look at the API's port and token, where the user asked for them."""
    if loaded is None or not loaded.config.api.tcp:
        return
    section = loaded.config.api
    text = f"also on {section.host} port {section.port}, with the token of {paths.api_token}"
    try:
        found = os.lstat(paths.api_token)
    except OSError:
        yield Finding(topic="api", mark=GOOD, text=f"{text} (made at the next start)")
        return
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode) or mode & 0o077 or found.st_uid != os.getuid():
        text = f"{paths.api_token} is not a file of ours alone ({mode:04o}): delete it"
        yield Finding(topic="api", mark=BAD, text=text)
    else:
        yield Finding(topic="api", mark=GOOD, text=text)


def _journal(home: Home) -> Iterator[Finding]:
    from hfl_journal.head import check_head
    from hfl_journal.keys import load_key
    from hfl_journal.reader import JournalReader

    where = home.journal
    traces = [path for path in (where.head, where.key) if path.exists()]
    if not where.journal.exists():
        mark = BAD if traces else NOTE
        found = f", but its trace {traces[0]} is there" if traces else ": nothing was traded yet"
        yield Finding(topic="journal", mark=mark, text=f"there is no {where.journal}{found}")
        return
    with JournalReader.open(where.journal) as reader:
        last = reader.last()
        meta = f"{reader.meta.get('mode')}-{reader.meta.get('account')}"
        report = check_head(
            head_path=where.head,
            key=load_key(where.key),
            journal_id=reader.meta.get("journal_id", ""),
            last=last,
            hash_at=reader.hash_at,
        )
    if meta != where.name:
        text = f"expected the journal of {where.name} in {where.journal}, found the one of {meta}"
        yield Finding(topic="journal", mark=BAD, text=text)
    text = f"{where.journal}, row {last.seq}; {report.sentence}"
    yield Finding(topic="journal", mark=GOOD if report.is_sound else BAD, text=text)


def _strategies(home: Home, loaded: LoadedConfig | None) -> Iterator[Finding]:
    from hfl.plugins import load_strategy, strategy_names

    names = strategy_names(home.strategy_folders)
    own = [name for name, origin in names.items() if origin != "shipped"]
    broken = 0
    for name in own:
        try:
            load_strategy(name, {}, home.strategy_folders)
        except HflError as error:
            broken += 1
            yield Finding(topic="strategies", mark=BAD, text=str(error))
    if loaded is not None:
        chosen = loaded.config.strategy
        try:
            load_strategy(chosen.name, chosen.parameters, home.strategy_folders)
        except HflError as error:
            broken += 1
            yield Finding(topic="strategies", mark=BAD, text=str(error))
    if not broken:
        text = f"{len(names)} can be loaded, {len(own)} of them your own"
        yield Finding(topic="strategies", mark=GOOD, text=text)


def _existing(path: str) -> str:
    """Return the path, or the nearest folder above it that exists."""
    place = Path(path)
    while not place.exists() and place != place.parent:
        place = place.parent
    return str(place)
