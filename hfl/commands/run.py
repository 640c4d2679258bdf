"""Run the daemon in the foreground: recover, reconcile, trade the feed, serve control.

Run again on the same home it goes on behind the last journaled bar. SIGTERM and Ctrl-C end it in order; `hfl kill` at once.
"""

import argparse
import json
import sys
from pathlib import Path

from hfl_config.load import LoadedConfig, require_paper
from hfl_config.diff import load_effective
from hfl_core.domain.errors import ConfigError
from hfl_core.runtime.clock import MachineClock

from hfl.daemon import Daemon, RunOptions
from hfl.home import Home, home_paths
from hfl.live import Live
from hfl.summary import summarise
from hfl.verb import DONE, add_json


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
    loaded, _ = load_effective(paths, now_ns=MachineClock().wall_ns(), settings=settings)
    require_paper(loaded.config)
    home = Home(paths=paths, mode=loaded.config.mode, account=loaded.config.account.name)
    daemon = Daemon(home, loaded, options_of(arguments, loaded))
    live = Live(is_quiet=arguments.is_json)
    daemon.alerts = (live,)
    try:
        daemon.open()
        daemon.on_session = live.watch
        outcome = daemon.run()
        live.end()
        summary = summarise(daemon.engine, outcome)
    finally:
        daemon.close()
    if arguments.is_json:
        sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    else:
        summary.show()
    return DONE


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
