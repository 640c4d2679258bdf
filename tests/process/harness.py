"""Kills the real daemon with SIGKILL and lets the venue's own counts decide what came of it.

A case is one home: several starts that are killed, then starts until the data ends, then two more
without any new data. What must hold in the end is in `judge`.
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hfl.home import Home, home_paths
from hfl.resume import rows_after
from hfl.terms import venue_settings
from hfl.verb import run_verb
from hfl_config.diff import load_effective
from hfl_core.brokers.paper import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.orders import TERMINAL
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import ZERO
from hfl_core.venue.link import VenueCounts, VenueOptions, start_venue, venue_counts
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal

LAUNCHER = Path(__file__).with_name("launch.py")
ROOT = Path(__file__).resolve().parents[2]
START_S_MAX = 90.0
# Of this tree, whatever else is installed; and without an HFL_HOME of the caller.
ROOMS = (ROOT, *(ROOT / room for room in ("journal", "config", "data", "models")))
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "HFL_HOME"},
    "PYTHONPATH": os.pathsep.join(str(room) for room in ROOMS),
}
STARTS_MAX = 60
# The trend strategy with periods so short that it trades all the time.
BUSY = "fast = 2, slow = 5, adx = 4, adx_min = 10.0, adx_exit = 5.0, atr = 5, stop_atr = 1.0"
SETTINGS = (
    "feed.source=simulated",
    "strategy.name=trend",
    f"strategy.parameters={{{BUSY}}}",
    "venue.participation_fraction=0.0001",
    "gateway.read_deadline_s=0.3",
)

# The points of launch.py that every run of more than a few bars passes.
POINTS = (
    "venue:before_start",
    "venue:after_start",
    "journal:append",
    "journal:before_commit",
    "journal:mid_commit",
    "journal:after_commit",
    "journal:before_head",
    "journal:after_head",
    "effect:Reconcile",
    "effect:SubmitOrder",
    "effect:CancelOrder",
    "effect:PollVenue",
    "before_send",
    "broker:submit:before",
    "broker:submit:after",
    "broker:cancel:before",
    "broker:cancel:after",
    "broker:query:before",
    "broker:query:after",
    "broker:poll:before",
    "broker:poll:after",
    "broker:open_orders:after",
    "broker:account:after",
    "market:before",
    "market:after",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How one start of the daemon ended. returncode: negative is the signal's number."""

    returncode: int
    report: dict[str, object]
    error: str

    @property
    def is_killed(self) -> bool:
        return self.returncode == -signal.SIGKILL


@dataclass(slots=True, kw_only=True)
class Case:
    """One home under fire; use as a context, so that venue and files are gone in the end."""

    seed: int
    faults: str = ""
    bars: int = 100
    settings: tuple[str, ...] = SETTINGS
    kills: int = 0
    starts: list[Start] = field(default_factory=list)
    folder: Path = field(init=False)

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hfl-kill-"))
        return self

    def __exit__(self, kind, error, trace):
        self.end_venue()
        if error is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def home(self) -> Home:
        return Home(paths=home_paths(str(self.folder / "h")), mode="paper", account="main")

    @property
    def socket_path(self) -> Path:
        return Path(self.home.paths.venue_socket("main"))

    def all_settings(self) -> list[str]:
        return [
            *self.settings,
            f"feed.simulated.bars={self.bars}",
            f"feed.simulated.seed={self.seed}",
            f"venue.faults={json.dumps(self.faults)}",
            f"venue.faults_seed={self.seed}",
        ]

    def spec(self, kill: dict[str, object] | None) -> str:
        content = {
            "home": str(self.folder / "h"),
            "settings": self.all_settings(),
            "kill": kill,
            "report": str(self.folder / "report.json"),
        }
        return json.dumps(content)

    def spawn(self, kill: dict[str, object] | None = None) -> subprocess.Popen[bytes]:
        (self.folder / "report.json").unlink(missing_ok=True)
        return subprocess.Popen(
            [sys.executable, str(LAUNCHER), self.spec(kill)],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def start(self, kill: dict[str, object] | None = None) -> Start:
        """Start the daemon, wait for its end and keep what it reported."""
        return self.wait(self.spawn(kill))

    def wait(self, process: subprocess.Popen[bytes]) -> Start:
        try:
            _, error = process.communicate(timeout=START_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            _, error = process.communicate()
            raise AssertionError(f"{self}: a start did not end: {error.decode()}") from None
        report = {}
        with suppress(FileNotFoundError):
            report = json.loads((self.folder / "report.json").read_text())
        ended = Start(returncode=process.returncode, report=report, error=error.decode())
        self.kills += ended.is_killed
        self.starts.append(ended)
        return ended

    def start_and_kill_after(self, seconds: float, *, also_venue: bool = False) -> Start:
        """Start the daemon and SIGKILL it from outside after a time, the venue too if asked."""
        process = self.spawn()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        if also_venue:
            self.kill_venue()
        with suppress(ProcessLookupError):
            process.kill()
        return self.wait(process)

    def finish(self) -> None:
        """Start without kills until the data ends; a planned fault may end a start early."""
        for _ in range(STARTS_MAX):
            ended = self.start()
            if ended.returncode == 0:
                assert ended.report["reason"] == "end_of_data", (self, ended)
                return
            assert "Traceback" not in ended.error, f"{self}\n{ended.error}"
        raise AssertionError(f"{self}: no start reached the end of the data: {self.starts[-1]}")

    def start_honest_venue(self) -> None:
        """Put the same venue, now without faults, in the place of the one that runs."""
        self.end_venue()
        paths = home_paths(str(self.folder / "h"))
        loaded, _ = load_effective(paths, now_ns=time.time_ns(), settings=self.all_settings())
        start_venue(
            VenueOptions(
                directory=Path(paths.venue_dir("main")),
                socket_path=self.socket_path,
                account="main",
                settings=venue_settings(loaded),
            )
        )

    def venue_pid(self) -> int | None:
        try:
            pid = int((Path(self.home.paths.venue_dir("main")) / "venue.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.folder).encode() in command else None

    def kill_venue(self) -> bool:
        """Send SIGKILL to this case's own venue process; tell whether there was one."""
        pid = self.venue_pid()
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def end_venue(self) -> None:
        """End the venue in order and wait until it is gone."""
        pid = self.venue_pid()
        ends_at = time.monotonic() + 10
        while pid is not None and self.venue_pid() is not None and time.monotonic() < ends_at:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.01)


def kill_plan(chance: random.Random, count: int, *, offset: int) -> list[dict[str, object]]:
    """Return kills that go round all points, so that many cases together reach every one."""
    plan: list[dict[str, object]] = []
    for number in range(count):
        name = POINTS[(offset + number) % len(POINTS)]
        deep = 40 if name.startswith(("journal:append", "market")) else 3
        top = 1 if name.startswith("venue:") else deep
        plan.append({"name": name, "n": chance.randint(1, top), "total": chance.randint(60, 140)})
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the venue counted and what the journal says, side by side."""

    lost: tuple[str, ...]
    duplicates: tuple[str, ...]
    orphans: tuple[str, ...]
    wrong_positions: tuple[str, ...]
    cash_difference: str
    findings: tuple[str, ...]
    mismatches: int
    state: str
    unresolved: tuple[str, ...]
    halted: tuple[str, ...]
    stops: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return (
            not any(
                (
                    self.lost,
                    self.duplicates,
                    self.orphans,
                    self.wrong_positions,
                    self.findings,
                    self.mismatches,
                    self.unresolved,
                    self.halted,
                    self.stops,
                )
            )
            and self.cash_difference == "0"
            and self.state == "idle"
        )


def folded(case: Case) -> tuple[Book, set[str], set[str]]:
    """Fold the journal; return the book, every intended id and every id that was attempted."""
    book = Book()
    intended: set[str] = set()
    attempted: set[str] = set()
    with JournalReader.open(case.home.journal.journal) as reader:
        for row in rows_after(reader, 0):
            book.apply(row.event, row.time_ns)
            if isinstance(row.event, ev.OrderIntended):
                intended.add(row.event.client_id)
            if isinstance(row.event, ev.SendAttempted):
                assert row.event.client_id not in attempted, f"{case}: {row.event} sent twice"
                attempted.add(row.event.client_id)
    return book, intended, attempted


def judge(case: Case, counts: VenueCounts) -> Judgement:
    """Compare the journal with the venue's counts and account; the bot itself is not asked."""
    book, intended, attempted = folded(case)
    report = verify_journal(
        case.home.journal.journal,
        head_path=case.home.journal.head,
        key=load_key(case.home.journal.key),
        is_full=True,
    )
    broker = Broker(case.socket_path, account="main")
    account = broker.account(deadline_s=5.0)
    working = {order.client_id for order in broker.open_orders(deadline_s=5.0)}
    theirs = {str(each.symbol): each.quantity for each in account.positions}
    ours = {symbol: position.quantity for symbol, position in book.positions.items()}
    return Judgement(
        lost=tuple(
            sorted(
                client_id
                for client_id in intended
                # The book forgets the oldest ended orders, and ended ones only.
                if client_id in book.orders
                and book.orders[client_id].status.value not in TERMINAL
                and client_id not in working
            )
        ),
        duplicates=tuple(
            sorted(
                each
                for each in counts.submits
                if counts.submits[each] > 1 or counts.accepted.get(each, 0) > 1
            )
        ),
        orphans=tuple(sorted((set(counts.submits) - attempted) | (working - set(book.live)))),
        wrong_positions=tuple(
            f"{symbol}: ours {ours.get(symbol, ZERO)}, theirs {theirs.get(symbol, ZERO)}"
            for symbol in sorted({*ours, *theirs})
            if ours.get(symbol, ZERO) != theirs.get(symbol, ZERO)
        ),
        cash_difference=str((account.cash - book.cash).normalize() + 0),
        findings=tuple(f"{each.code} at {each.seq}: {each.text}" for each in report.findings),
        mismatches=replayed(case),
        state=book.state,
        unresolved=tuple(o.client_id for o in book.live.values() if o.status.value == "unknown"),
        halted=tuple(book.halted_symbols),
        stops=tuple(
            f"{latch.level} {latch.reason}" for latch in book.latches.values() if not latch.limit
        ),
    )


def replayed(case: Case) -> int:
    """Return the mismatches that `hfl replay --verify` finds."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run_verb("replay", "replay", ["--verify", "--json", "--home", str(case.folder / "h")])
    result = json.loads(said.getvalue())
    assert result["not_comparable"] == [], f"{case}: {result}"
    return int(result["mismatches"])


def run_case(case: Case, plan: Sequence[dict[str, object]]) -> Judgement:
    """Kill by plan, finish, start twice more, and judge. Raises AssertionError with the seed."""
    for kill in plan:
        ended = case.start(kill)
        assert "Traceback" not in ended.error, f"{case}\n{kill}\n{ended.error}"
    return settle_and_judge(case)


def settle_and_judge(case: Case) -> Judgement:
    """Finish, then show that recovering twice is recovering once, and judge."""
    case.finish()
    case.start_honest_venue()
    case.finish()
    once = case.starts[-1].report
    before = venue_counts(case.socket_path)
    case.finish()
    twice = case.starts[-1].report
    after = venue_counts(case.socket_path)

    assert once["ended"] == twice["recovered"], f"{case}: a recovery found another book"
    assert before.submits == after.submits, f"{case}: a start without new data sent orders"

    return judge(case, after)
