"""Every journal that an earlier version wrote can be opened, folded, replayed and taken over today.

Each folder here is one golden journal with its head, its (test) key, the venue's store of that
moment, and facts.json: what the version that wrote it knew. See make_golden.py.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hfl.home import Home, home_paths
from hfl.verb import run_verb
from hfl_config.create import create_home
from hfl_core.brokers.paper import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book import Book
from hfl_core.venue.link import venue_counts
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal
from tests.golden.make_golden import FILES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLDEN = sorted(path.parent.name for path in HERE.glob("*/facts.json"))
BYTES_MAX = 150_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A home made of a golden journal; changing it changes nothing here."""

    folder: Path
    facts: dict[str, object]

    @property
    def home(self) -> Home:
        return Home(paths=home_paths(str(self.folder)), mode="paper", account="main")

    def rows(self):
        with JournalReader.open(self.home.journal.journal) as reader:
            return list(reader.rows(0, 100_000))


@pytest.fixture(params=GOLDEN)
def copy(request, tmp_path):
    """Return a home with the golden journal in it."""
    source = HERE / request.param
    folder = tmp_path / "h"
    create_home(home_paths(str(folder)))
    for kept, original in FILES.items():
        target = folder / original
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(source / kept, target)
        target.chmod(0o600)
    return Copy(folder=folder, facts=json.loads((source / "facts.json").read_text()))


def folded(rows):
    book = Book()
    for row in rows:
        book.apply(row.event, row.time_ns)
    return book


def replayed(copy):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run_verb("replay", "replay", ["--verify", "--json", "--home", str(copy.folder)])
    return json.loads(said.getvalue())


def test_there_is_a_golden_journal_and_each_is_small():
    sizes = {path.name: path.stat().st_size for path in HERE.glob("*/*.journal")}

    assert sizes
    assert [name for name, size in sizes.items() if size > BYTES_MAX] == []


def test_a_golden_journal_verifies_from_its_first_row(copy):
    report = verify_journal(
        copy.home.journal.journal,
        head_path=copy.home.journal.head,
        key=load_key(copy.home.journal.key),
    )

    assert report.findings == ()
    assert report.is_full


def test_a_golden_journal_folds_to_what_its_writer_knew(copy):
    """L0: positions, the unknown order, the stop, refused rows and the cash."""
    book = folded(copy.rows())
    known = {
        "positions": {each.symbol: str(each.quantity) for each in book.positions.values()},
        "unknown": [o.client_id for o in book.live.values() if o.status.value == "unknown"],
        "stops": {latch.latch_id: latch.level for latch in book.latches.values()},
        "orders": book.numbers,
        "refused_rows": book.rejected_rows,
        "cash": str(book.cash),
    }

    assert known == {name: copy.facts[name] for name in known}
    assert book.positions
    assert known["unknown"]
    assert book.latches
    assert book.rejected_rows


def test_a_golden_journal_replays_or_names_what_cannot_be_compared(copy):
    """L1: every decision made again, where the code that decides is the same."""
    result = replayed(copy)

    assert result["mismatches"] == 0 or result["not_comparable"] != []
    assert result["rows"] == len(copy.rows()) or result["not_comparable"] != []


def start(copy, *settings):
    """Run today's daemon on the copy until its data ends."""
    rooms = [ROOT, *(ROOT / room for room in ("journal", "config", "data", "models"))]
    entry = "import sys; from hfl.cli import main; sys.exit(main())"
    words = ["run", "--home", str(copy.folder), "--until-end", "--no-api"]
    for setting in [*copy.facts["settings"], *settings]:
        words += ["--set", setting]
    environment = {name: value for name, value in os.environ.items() if name != "HFL_HOME"}
    return subprocess.run(
        [sys.executable, "-c", entry, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**environment, "PYTHONPATH": os.pathsep.join(map(str, rooms))},
    )


@contextlib.contextmanager
def venue_of(copy):
    """Yield the venue's socket; end the process that the daemon left running."""
    try:
        yield Path(copy.home.paths.venue_socket("main"))
    finally:
        with contextlib.suppress(OSError, ValueError):
            pid = int((Path(copy.home.paths.venue_dir("main")) / "venue.pid").read_text())
            if str(copy.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGTERM)
                time.sleep(0.05)


@pytest.mark.process
def test_todays_daemon_takes_a_golden_journal_over_paused_and_says_what_changed(copy):
    before = copy.rows()
    with venue_of(copy) as socket_path:
        done = start(copy, "engine.entry_score_min=0.11")
        assert done.returncode == 0, done.stdout + done.stderr
        account = Broker(socket_path, account="main").account(deadline_s=30.0)
        counts = venue_counts(socket_path)
    rows = copy.rows()
    new = [row.event for row in rows[len(before) :]]
    started = next(event for event in new if isinstance(event, ev.RunStarted))
    book = folded(rows)

    assert [row.hash for row in before] == [row.hash for row in rows[: len(before)]]
    assert "config" in started.changed
    assert any(
        isinstance(event, ev.StopLatched)
        and event.level == "reduce_only"
        and "config" in event.reason
        for event in new
    )
    assert [
        event.client_id
        for event in new
        if isinstance(event, ev.OrderIntended) and event.purpose is Purpose.ENTRY
    ] == []
    assert [o.client_id for o in book.live.values() if o.status.value == "unknown"] == []
    assert max(counts.submits.values()) == 1
    assert {str(each.symbol): each.quantity for each in account.positions} == {
        each.symbol: each.quantity for each in book.positions.values()
    }
    assert book.cash == account.cash
    assert "config" in done.stderr + done.stdout, "a person must be told, too"


@pytest.mark.process
def test_a_journal_taken_over_still_verifies_and_replays(copy):
    with venue_of(copy):
        done = start(copy)
        assert done.returncode == 0, done.stdout + done.stderr
    report = verify_journal(
        copy.home.journal.journal,
        head_path=copy.home.journal.head,
        key=load_key(copy.home.journal.key),
    )
    result = replayed(copy)

    assert report.findings == ()
    assert result["mismatches"] == 0 or result["not_comparable"] != []
