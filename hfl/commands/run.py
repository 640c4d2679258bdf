"""Run the daemon in the foreground: recover, reconcile, trade the feed, serve control.

Run again on the same home it goes on behind the last journaled bar. SIGTERM and Ctrl-C end it in
order (twice: at once), `hfl kill` stops it for good: then a human must `hfl resume`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from hfl.daemon import Daemon, RunOptions
from hfl.home import Home, home_paths
from hfl.live import Live
from hfl.reading import open_reader
from hfl.summary import summarise
from hfl.verb import DONE, add_json
from hfl_config.diff import Change, load_effective
from hfl_config.load import LoadedConfig, require_paper
from hfl_core.domain.errors import ConfigError
from hfl_core.runtime.clock import MachineClock


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the verb's options; each is a short way of a --set."""
    del verb
    parser.add_argument(
        "--feed", choices=("simulated", "parquet", "csv"), help="where bars come from"
    )
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="FILE",
        help="a file of the feed; again for more",
    )
    parser.add_argument(
        "--class",
        dest="asset_class",
        metavar="CLASS",
        help="stocks, forex, crypto or indices, where the folder does not say it",
    )
    parser.add_argument("--timeframe", help="bar length of the simulated feed, such as 1h")
    parser.add_argument("--bars", type=int, help="bars of the simulated feed")
    parser.add_argument("--seed", type=int, help="seed of the simulated feed")
    parser.add_argument(
        "--delivery",
        choices=("slots", "bars"),
        help="all bars of a close at once, or one by one as a live feed brings them",
    )
    parser.add_argument("--speed", help="max, or how many times faster than real time")
    parser.add_argument("--until-end", action="store_true", help="end when the data ends")
    parser.add_argument("--strategy", metavar="NAME", help="a file of the strategies folder")
    parser.add_argument("--profile", help="sandbox, small, grow or pro")
    parser.add_argument(
        "--operator",
        choices=("next-period", "none"),
        help="after a loss halt on recorded data: resume at the next period, or wait",
    )
    parser.add_argument("--account", metavar="NAME", help="the account's name")
    parser.add_argument("--faults", metavar="SPEC", help="planned misbehaviour of the paper venue")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="any setting; again for more",
    )
    parser.add_argument(
        "--no-api",
        action="store_true",
        help="without the HTTP control API (the emergency socket stays)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Run until the end of the data, a signal, or a kill."""
    del verb
    paths = home_paths(arguments.home)
    settings = settings_of(arguments)
    loaded, pending = load_effective(paths, now_ns=MachineClock().wall_ns(), settings=settings)
    require_paper(loaded.config)
    home = Home(paths=paths, mode=loaded.config.mode, account=loaded.config.account.name)
    daemon = Daemon(home, loaded, options_of(arguments, loaded))
    live = Live(is_quiet=arguments.is_json)
    daemon.alerts = (live,)
    try:
        daemon.open()
        live.say(_greeting(daemon, home, pending))
        daemon.on_session = live.watch
        outcome = daemon.run()
        with open_reader(home) as reader:
            summary = summarise(daemon.engine, outcome, reader)
    finally:
        live.end()
        daemon.close()
    if arguments.is_json:
        sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    else:
        summary.show()
    return DONE


def _greeting(daemon: Daemon, home: Home, pending: tuple[Change, ...]) -> str:
    """Say where everything is, what differs from the last run, and how to take hold of it."""
    book = daemon.engine.core.book
    lines = [
        f"hfl {home.mode}-{home.account}: process {os.getpid()}, run {daemon.run_id}",
        f"  journal  {home.journal.journal}",
        f"  settings {home.paths.config_file}",
        "  control  hfl status | pause | resume | close-all | kill | panic  (Ctrl-C ends in order)",
    ]
    if daemon.past.last_run is not None:
        lines.append(
            f"  goes on  behind row {daemon.journal.seq}: {book.scans:,} scans, "
            f"{len(book.positions)} positions and {len(book.live)} orders open"
        )
    if daemon.changed:
        is_open = bool(book.positions or book.live)
        meaning = "; positions open: starting paused, see `hfl resume`" if is_open else ""
        lines.append(f"  changed  since the last run: {', '.join(daemon.changed)}{meaning}")
    if pending:
        names = ", ".join(change.key for change in pending)
        lines.append(f"  waiting  raised limits not in force yet: {names}")
    lines.extend(
        f"  stop     {latch.level} {latch.latch_id}: {latch.reason}"
        for latch in book.latches.values()
    )
    return "\n".join(lines)


def settings_of(arguments: argparse.Namespace) -> list[str]:
    """Return the KEY=VALUE settings that the options stand for."""
    found: list[str] = []
    source = arguments.feed or ("parquet" if arguments.path else None)
    if source:
        found.append(f"feed.source={source}")
    if arguments.path:
        found.append(f"feed.paths={json.dumps([str(Path(p).absolute()) for p in arguments.path])}")
    pairs = {
        "feed.asset_class": arguments.asset_class,
        "feed.timeframe": arguments.timeframe,
        "feed.simulated.bars": arguments.bars,
        "feed.simulated.seed": arguments.seed,
        "feed.delivery": arguments.delivery,
        "feed.speed": arguments.speed,
        "strategy.name": arguments.strategy,
        "risk.profile": arguments.profile,
        "operator.policy": arguments.operator,
        "account.name": arguments.account,
        "venue.faults": arguments.faults,
    }
    found.extend(f"{key}={value}" for key, value in pairs.items() if value is not None)
    if arguments.until_end:
        found.append("feed.until_end=true")
    return [*found, *arguments.settings]


def options_of(arguments: argparse.Namespace, loaded: LoadedConfig) -> RunOptions:
    """Return how fast and how long to run. Raises ConfigError."""
    feed = loaded.config.feed
    speed = 0.0 if feed.speed == "max" else float(feed.speed)
    if speed < 0:
        raise ConfigError(f"expected feed.speed max or above zero, found {feed.speed}: correct it")
    return RunOptions(
        speed=speed,
        is_until_end=feed.until_end,
        base=Path(loaded_base(arguments)),
        has_api=not arguments.no_api,
    )


def loaded_base(arguments: argparse.Namespace) -> str:
    """Return the folder that relative paths of the configuration file are relative to."""
    return home_paths(arguments.home).config
