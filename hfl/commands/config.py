"""Check a settings file, see what it would change, and take it over.

  hfl config check [FILE]           is it usable? (default: the settings in force)
  hfl config diff FILE              what would change, and the token for it
  hfl config apply FILE --token T   take it over

A stricter limit holds at once, also in a running daemon; a raised one waits `risk.raise_delay_h` in
the engine's time, and the journal keeps what holds and what waits. Every other setting takes effect
at the daemon's next start. Exit codes: 0 done, 2 not usable, or the token does not fit.
"""

import argparse
import json
import sys

from hfl.home import Home, home_paths
from hfl.limits import NO_CHANGE, after_command, asked_limits, foreseen
from hfl.verb import DONE, add_json
from hfl.words import instant
from hfl_config.diff import Change, apply, check, load_effective, plan
from hfl_config.load import LoadedConfig
from hfl_config.paths import HomePaths
from hfl_core.control import lock
from hfl_core.domain.errors import ConfigError
from hfl_core.runtime.clock import MachineClock


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add action, file and token."""
    del verb
    parser.add_argument("action", choices=("check", "diff", "apply"))
    parser.add_argument("file", nargs="?", help="a settings file in TOML")
    parser.add_argument("--token", metavar="TOKEN", help="what `hfl config diff` showed")
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Carry out one of the three."""
    del verb
    paths = home_paths(arguments.home)
    if arguments.action == "check":
        return _check(paths, arguments)
    if arguments.file is None:
        raise ConfigError(
            f"expected a file to {arguments.action}, found none: hfl config {arguments.action} FILE"
        )
    if arguments.action == "diff" or not arguments.token:
        return _diff(paths, arguments)
    return _apply(paths, arguments)


def _check(paths: HomePaths, arguments: argparse.Namespace) -> int:
    pending: tuple[Change, ...] = ()
    if arguments.file is None:
        loaded, pending = load_effective(paths, now_ns=MachineClock().wall_ns())
    else:
        loaded = check(arguments.file)
    name = arguments.file or paths.config_file
    if arguments.is_json:
        result = {"file": name, "ok": True, "sha256": loaded.sha256, "waiting": _rows(pending)}
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        config = loaded.config
        sys.stdout.write(
            f"{name} is usable: mode {config.mode}, account {config.account.name}, feed "
            f"{config.feed.source}, strategy {config.strategy.name}, "
            f"profile {config.risk.profile}\n"
        )
        sys.stdout.write(_text(pending))
    return DONE


def _diff(paths: HomePaths, arguments: argparse.Namespace) -> int:
    found = plan(paths, arguments.file, now_ns=MachineClock().wall_ns())
    loaded = check(arguments.file)
    limits = foreseen(_home(paths, loaded), asked_limits(loaded))
    if arguments.is_json:
        result = {
            "changes": _rows(found.changes),
            "limits": limits.as_record(),
            "token": found.token,
        }
        sys.stdout.write(json.dumps(result) + "\n")
    elif not found.changes and limits == NO_CHANGE:
        sys.stdout.write("no setting differs\n")
    else:
        sys.stdout.write(_text(found.changes) + limits.text())
        sys.stdout.write(
            f"take it over with: hfl config apply {arguments.file} --token {found.token}\n"
        )
    return DONE


def _apply(paths: HomePaths, arguments: argparse.Namespace) -> int:
    done = apply(paths, arguments.file, token=arguments.token, now_ns=MachineClock().wall_ns())
    running = [one.pid for one in lock.holders(paths.run)]
    loaded = check(paths.config_file)
    home, asked = _home(paths, loaded), asked_limits(loaded)
    taken = after_command(home, asked) if running else None
    limits = taken or foreseen(home, asked)
    if arguments.is_json:
        result = {
            "changes": _rows(done.changes),
            "limits": limits.as_record(),
            "limits_taken_by_daemon": taken is not None,
            "backup": done.backup,
            "daemon_keeps_old": bool(running),
        }
        sys.stdout.write(json.dumps(result) + "\n")
        return DONE
    sys.stdout.write(_text(done.changes) + limits.text())
    sys.stdout.write(f"taken over into {paths.config_file}")
    sys.stdout.write(f"; the former settings are in {done.backup}\n" if done.backup else "\n")
    if running:
        kept = "its other settings" if taken is not None else "its settings"
        sys.stdout.write(
            f"the running daemon (process {running[0]}) keeps {kept}: they take effect at "
            "the next start\n"
        )
    return DONE


def _home(paths: HomePaths, loaded: LoadedConfig) -> Home:
    config = loaded.config
    return Home(paths=paths, mode=config.mode, account=config.account.name)


def _text(changes: tuple[Change, ...]) -> str:
    lines = []
    for change in changes:
        when = ""
        if change.effective_from_ns is not None:
            when = f"   RAISES RISK: in force from {instant(change.effective_from_ns)}"
        elif change.is_risk_raised:
            when = "   RAISES RISK"
        old, new = change.old or "(unset)", change.new or "(unset)"
        lines.append(f"  {change.key}: {old} -> {new}{when}\n")
    return "".join(lines)


def _rows(changes: tuple[Change, ...]) -> list[dict[str, object]]:
    return [
        {
            "key": change.key,
            "old": change.old,
            "new": change.new,
            "raises_risk": change.is_risk_raised,
            "from": None if change.effective_from_ns is None else instant(change.effective_from_ns),
        }
        for change in changes
    ]
