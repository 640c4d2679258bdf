"""Real journals for the reading verbs: a session of the real engine into a real file."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hfl.build import feed_of, plan
from hfl.hashes import component_hashes
from hfl.home import Home, home_paths
from hfl.rerun import Recorded, drive
from hfl_config.load import load_text
from hfl_core.domain import events as ev
from hfl_journal.writer import JournalWriter


class SteppingClock:
    """A clock that moves a microsecond with every look at it."""

    def __init__(self) -> None:
        self.now_ns = 1_700_000_000_000_000_000

    def wall_ns(self) -> int:
        self.now_ns += 1_000
        return self.now_ns

    def monotonic_ns(self) -> int:
        return self.wall_ns()

    def boot_ns(self) -> int:
        return self.wall_ns()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A home with one finished run in it."""

    folder: Path
    home: Home


def started_of(writer: JournalWriter, loaded, built, *, run_id: str) -> ev.RunStarted:
    """Return the first row of a run with this configuration and plan; their blobs are written."""
    return ev.RunStarted(
        run_id=run_id,
        mode="paper",
        account="main",
        currency="USD",
        hashes=component_hashes(built.strategies, config_hash=loaded.sha256),
        versions=(),
        config_blob=writer.put_blob(loaded.blob, kind="config"),
        plan_blob=writer.put_blob(built.as_bytes(), kind="plan"),
        seed=7,
        head_seq=0,
        head_hash="",
        operator_policy="next-period",
        changed=(),
        pid=1,
    )


def make_journal(
    folder: Path,
    *,
    bars: int = 700,
    settings: tuple[str, ...] = (),
    before: Callable[[JournalWriter], None] | None = None,
) -> Made:
    """Run the real engine over a simulated market into a real journal, in this process.

    before: writes what stands in front of the run.
    """
    paths = home_paths(str(folder))
    home = Home(paths=paths, mode="paper", account="main")
    loaded = load_text(
        f'[feed]\nsource = "simulated"\n[feed.simulated]\nbars = {bars}\n'
        "[engine]\nsnapshot_inputs = 150\n",
        "test.toml",
        settings=settings,
    )
    feed = feed_of(loaded, base=folder)
    Path(paths.journal).mkdir(parents=True)
    clock = SteppingClock()
    writer = JournalWriter.open(home.journal, clock=clock, run_id="run1")
    with writer:
        if before is not None:
            before(writer)
        built = plan(loaded, feed.instruments, journal_id=writer.journal_id, search=())
        started = started_of(writer, loaded, built, run_id="run1")
        recorded = Recorded(
            started=started, opened=feed.opened(0), loaded=loaded, commands=(), scans=0
        )
        drive(built, feed, recorded, journal=writer, clock=clock, snapshot_inputs=150)
    assert Decimal(loaded.config.account.cash_start) > 0
    return Made(folder=folder, home=home)
