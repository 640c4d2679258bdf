"""Runs the real daemon with troubles that a drill switches on and off by files in a folder.

One argument, a JSON object: home, settings and speed as for `hfl run`, folder for the switches.

    hang-broker   every submit that begins hangs before it leaves, until the file is gone
    hang-step     the engine's thread hangs in its next scan, until the file is gone
    step-clock    the wall clock is off by the file's seconds

`checked.log` in the folder notes when each call asked the latch, before it asked. With `is_deaf`
the latch lets everything pass: a planted bug that a drill must find. Nothing in the shipped code
knows about any of it.
"""

import json
import os
import sys
import time
from pathlib import Path

import hfl.daemon as daemon_module
from hfl.daemon import Daemon, RunOptions
from hfl.home import Home, home_paths
from hfl_config.diff import load_effective
from hfl_core.brokers.paper import Broker
from hfl_core.domain.errors import HflError
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.runtime.clock import MachineClock
from hfl_core.runtime.session import Session

POLL_S = 0.005


def wait_while(switch: Path) -> None:
    while switch.exists():
        time.sleep(POLL_S)


def install(folder: Path, *, is_deaf: bool) -> None:
    checked = os.open(folder / "checked.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    class NotedLatch(MemoryLatch):
        __slots__ = ()

        def begin_call(self, client_id, kind):
            os.write(checked, f"{time.monotonic_ns()} {client_id} {kind.value}\n".encode())
            return None if is_deaf else super().begin_call(client_id, kind)

    class HangingBroker(Broker):
        def submit(self, client_id, intent, *, deadline_s):
            wait_while(folder / "hang-broker")
            return super().submit(client_id, intent, deadline_s=deadline_s)

    class SteppingClock(MachineClock):
        def wall_ns(self):
            try:
                off_s = int((folder / "step-clock").read_text() or 0)
            except (OSError, ValueError):
                off_s = 0
            return super().wall_ns() + off_s * 1_000_000_000

    class HangingSession(Session):
        def take_slot(self, slot):
            wait_while(folder / "hang-step")
            super().take_slot(slot)

    vars(daemon_module).update(
        MemoryLatch=NotedLatch,
        Broker=HangingBroker,
        MachineClock=SteppingClock,
        Session=HangingSession,
    )


def main() -> int:
    spec = json.loads(sys.argv[1])
    install(Path(spec["folder"]), is_deaf=spec["is_deaf"])
    paths = home_paths(spec["home"])
    loaded, _ = load_effective(paths, now_ns=time.time_ns(), settings=spec["settings"])
    home = Home(paths=paths, mode=loaded.config.mode, account=loaded.config.account.name)
    options = RunOptions(
        speed=float(spec["speed"]), is_until_end=False, base=Path(spec["home"]), has_api=False
    )
    daemon = Daemon(home, loaded, options)
    try:
        daemon.open()
        daemon.run()
    except HflError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 4
    finally:
        daemon.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
