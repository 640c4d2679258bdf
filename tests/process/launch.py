"""Runs the real daemon in this process and, at a chosen point, has it killed with SIGKILL.

The daemon's own seams are watched (journal, performer, venue calls, market, latch files): nothing
in the shipped code knows about it. One argument, a JSON object:

    home, settings   as `hfl run --home HOME --set ...`
    kill             null, or {"name": point, "n": occurrence, "total": at the latest at this one}
    report           a file for the points seen and how the run ended, written at an orderly end
"""

import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import hfl.daemon as daemon_module
from hfl.daemon import Daemon, RunOptions
from hfl.home import Home, home_paths
from hfl_config.diff import load_effective
from hfl_core.brokers.paper import Broker
from hfl_core.domain.errors import HflError
from hfl_core.engine.state import book_state
from hfl_core.venue.link import MarketLink, VenueOptions, start_venue
from hfl_journal.writer import JournalWriter

VERBS = ("submit", "cancel", "query", "poll", "open_orders", "account")


class Watch:
    """Counts points from any thread and ends the process at the chosen one, nothing flushed."""

    def __init__(self, kill: dict[str, object] | None) -> None:
        self.name = None if kill is None else kill.get("name")
        self.at = 0 if kill is None else int(str(kill["n"]))
        self.latest = 0 if kill is None else int(str(kill["total"]))
        self.seen: Counter[str] = Counter()
        self.total = 0
        self._lock = threading.Lock()

    def point(self, name: str) -> None:
        with self._lock:
            self.seen[name] += 1
            self.total += 1
            if not self.at:
                return
            if (name == self.name and self.seen[name] == self.at) or self.total == self.latest:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)  # The signal ends the process before this returns.


def install(watch: Watch) -> None:
    """Put the watch between the daemon and everything outside of it."""

    class WatchedJournal(JournalWriter):
        @classmethod
        def open(cls, paths, **named):
            return JournalWriter.open(
                paths, on_point=lambda name: watch.point(f"journal:{name}"), **named
            )

    class WatchedBroker(Broker):
        pass

    class WatchedMarket(MarketLink):
        def publish_slot(self, slot, open_ns):
            watch.point("market:before")
            state = super().publish_slot(slot, open_ns)
            watch.point("market:after")
            return state

    def watched(verb: str):
        real = getattr(Broker, verb)

        def call(self, *positional, **named):
            watch.point(f"broker:{verb}:before")
            try:
                return real(self, *positional, **named)
            finally:
                watch.point(f"broker:{verb}:after")

        return call

    for verb in VERBS:
        setattr(WatchedBroker, verb, watched(verb))

    def start(options: VenueOptions) -> None:
        watch.point("venue:before_start")
        start_venue(options)
        watch.point("venue:after_start")

    vars(daemon_module).update(
        JournalWriter=WatchedJournal,
        Broker=WatchedBroker,
        MarketLink=WatchedMarket,
        start_venue=start,
    )


def watch_latches(daemon: Daemon, watch: Watch) -> None:
    keeper = daemon.keeper
    real_set, real_clear = keeper.set, keeper.clear

    def set_stop(effect):
        real_set(effect)
        watch.point("latch:after_set")

    def clear(effect):
        real_clear(effect)
        watch.point("latch:after_clear")

    vars(keeper).update(set=set_stop, clear=clear)


def main() -> int:
    spec = json.loads(sys.argv[1])
    watch = Watch(spec["kill"])
    install(watch)
    paths = home_paths(spec["home"])
    loaded, _ = load_effective(paths, now_ns=time.time_ns(), settings=spec["settings"])
    home = Home(paths=paths, mode=loaded.config.mode, account=loaded.config.account.name)
    options = RunOptions(
        speed=float(spec.get("speed", 0)), is_until_end=True, base=Path(spec["home"]), has_api=False
    )
    daemon = Daemon(home, loaded, options)
    try:
        daemon.open()
        daemon.performer.on_point = watch.point
        watch_latches(daemon, watch)
        recovered = digest(daemon)
        outcome = daemon.run()
        book = daemon.engine.core.book
        report = {
            "points": dict(watch.seen),
            "reason": outcome.reason,
            "scans": outcome.scans,
            "state": book.state,
            "recovered": recovered,
            "ended": digest(daemon),
        }
        Path(spec["report"]).write_text(json.dumps(report))
    except HflError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 4
    finally:
        daemon.close()
    return 0


def digest(daemon: Daemon) -> str:
    """Return the hash of the folded book without the run's own name."""
    state = book_state(daemon.engine.core.book)
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
