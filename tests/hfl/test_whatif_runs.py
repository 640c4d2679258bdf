"""What if of one run: from what was known and owned when it began, and only when it began flat."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hfl.build import feed_of, plan
from hfl.home import Home, home_paths
from hfl.reading import Standpoint
from hfl.rerun import Begin, Recorded, drive
from hfl.resume import id_of
from hfl_config.load import load_text
from hfl_journal.reader import JournalReader
from hfl_journal.writer import JournalWriter
from tests.hfl.journals import Made, SteppingClock, started_of

BARS = 700
QUIET = "engine.entry_score_min=1"


@dataclass
class Book:
    """A journal in the making, run after run over one data set."""

    folder: Path
    clock: SteppingClock = field(default_factory=SteppingClock)
    scans: int = 0
    held: list[str] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(paths=home_paths(str(self.folder)), mode="paper", account="main")

    def run(self, run_id: str, scans: int, *settings: str) -> None:
        """Take so many scans with these settings; `held` is what is open behind them."""
        loaded = load_text(
            f'[feed]\nsource = "simulated"\n[feed.simulated]\nbars = {BARS}\n',
            "test.toml",
            settings=settings,
        )
        feed = feed_of(loaded, base=self.folder)
        Path(self.home.paths.journal).mkdir(parents=True, exist_ok=True)
        with JournalWriter.open(self.home.journal, clock=self.clock, run_id=run_id) as writer:
            built = plan(loaded, feed.instruments, journal_id=writer.journal_id, search=())
            started = started_of(writer, loaded, built, run_id=run_id)
            begin = self._begin(built) if self.scans else None
            cursor = begin.cursor if begin is not None else 0
            recorded = Recorded(
                started=started,
                opened=feed.opened(cursor),
                loaded=loaded,
                commands=(),
                scans=scans,
            )
            drive(built, feed, recorded, journal=writer, clock=self.clock, begin=begin)
        self.scans += scans
        self.held = sorted(self._begin(built).engine.core.book.positions)

    def _begin(self, built) -> Begin:
        with JournalReader.open(self.home.journal.journal) as reader:
            standpoint = Standpoint(reader, self.home)
            end = reader.last().seq + 1
            opened = standpoint.dataset_before(end)
            assert opened is not None
            last = standpoint.segments[-1]
            engine = standpoint.folded(last, end, id_of(opened), plan=built)
        book = engine.core.book
        return Begin(engine=engine, cursor=book.cursor, cash=book.cash)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    """Return two runs: one that may not trade, one that ends holding."""
    book = Book(tmp_path_factory.mktemp("runs") / "home")
    book.run("quiet1", 300, QUIET)
    assert book.held == []
    book.run("busy1", 250)
    return Made(folder=book.folder, home=book.home)


def whatif(hfl, folder, *words):
    code, out, err = hfl("whatif", *words, "--home", str(folder), "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_later_run_is_modelled_from_where_it_began(made, hfl):
    told = whatif(hfl, made.folder, "--run", "busy", "--set", "strategy.parameters.fast=10")

    assert (told["run"], told["not_comparable"]) == ("busy1", [])
    assert told["drift"]["equity"] == "0"
    assert told["drift"]["first_difference"] is None
    assert told["recorded"]["scans"] == told["modelled_changed_plan"]["scans"] == 250
    assert told["recorded"]["orders"] == told["modelled_recorded_plan"]["orders"] > 0
    assert told["recorded"]["counts"] == told["modelled_recorded_plan"]["counts"]
    assert told["first_difference"] is not None


def test_a_run_that_could_not_trade_is_modelled_with_its_own_settings(made, hfl):
    told = whatif(hfl, made.folder, "--run", "quiet1", "--set", "engine.entry_score_min=0.1")

    assert told["recorded"]["orders"] == told["modelled_recorded_plan"]["orders"] == 0
    assert told["modelled_changed_plan"]["orders"] > 0
    assert told["drift"]["first_difference"] is None


def test_the_whole_journal_says_which_run_had_another_plan(made, hfl):
    told = whatif(hfl, made.folder, "--set", "strategy.parameters.fast=10")

    assert (told["run"], told["not_comparable"]) == ("", ["plan of run quiet1"])
    assert told["drift"]["first_difference"] is not None


def test_the_difference_is_named_for_a_person_too(made, hfl):
    code, out, _ = hfl("whatif", "--set", "strategy.parameters.fast=10", "--home", str(made.folder))

    assert code == 0
    assert "NOT_COMPARABLE(plan of run quiet1): history was decided by other code" in out


def test_one_run_unchanged_is_decided_again_alone(made, hfl):
    told = whatif(hfl, made.folder, "--run", "quiet1")

    assert told["equal"] is True
    assert told["pairs"] == 300 * 3


def test_a_run_must_be_named_for_certain(made, hfl):
    code, out, err = hfl("whatif", "--run", "nobody", "--home", str(made.folder))

    assert (code, out) == (2, "")
    assert "expected one run beginning with 'nobody', found 0: the newest are quiet1, busy1" in err


def first_runs(folder):
    """Yield homes whose one run ended ever later: sooner or later one ends holding something."""
    for scans in range(500, BARS - 60, 10):
        book = Book(folder / str(scans))
        book.run("first1", scans)
        yield book


def test_a_run_that_began_with_something_open_is_not_comparable(hfl, tmp_path):
    book = next(filter(lambda book: book.held, first_runs(tmp_path)))
    book.run("second1", 50)
    code, out, err = hfl(
        "whatif", "--run", "second1", "--set", "strategy.parameters.fast=10",
        "--home", str(book.folder),
    )  # fmt: skip

    assert (code, out) == (2, "")
    assert "expected run second1 to begin flat" in err
    assert "NOT_COMPARABLE(open at its start)" in err
    assert err.count("\n") == 1
