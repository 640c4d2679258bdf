"""A home whose journal is long: rows of every usual kind, then a whole run of the real engine."""

import itertools
from pathlib import Path
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.runtime.runner import SNAPSHOT_KIND
from hfl_journal.reader import JournalReader
from hfl_journal.writer import JournalWriter
from tests.hfl.journals import Made, make_journal

ROWS_A_COMMIT: Final = 5_000
ROWS_A_SNAPSHOT: Final = 10_000
# Rows that name no order: the same ones may stand in a journal many times.
PLAIN: Final = ("Transitioned", "RiskAssessed", "ScansCoalesced", "SignalEmitted", "TimePassed")
# Long before the simulated market begins.
BEGAN_NS: Final = 1_000_000_000 * 10**9


def plain_events(folder: Path) -> tuple[list[ev.Event], ev.Event, bytes]:
    """Return what a run of the real engine journals, without what belongs to one order.

    And one of its snapshots with its content.
    """
    made = make_journal(folder, bars=1_500)
    with JournalReader.open(made.home.journal.journal) as reader:
        snapshot = next(reader.rows_of("SnapshotTaken")).event
        assert isinstance(snapshot, ev.SnapshotTaken)
        plain = [row.event for row in reader.rows_of(*PLAIN)]
        return plain, snapshot, reader.blob(snapshot.blob)


def long_home(folder: Path, *, rows: int, bars: int = 2_000) -> Made:
    """Make a home in folder/long whose journal has so many rows in front of its last run."""
    events, snapshot, state = plain_events(folder / "source")

    def before(writer: JournalWriter) -> None:
        writer.put_blob(state, kind=SNAPSHOT_KIND)
        for number, plain in enumerate(itertools.islice(itertools.cycle(events), rows), 1):
            time_ns = BEGAN_NS + number * 60 * 10**9
            event = plain if number % ROWS_A_SNAPSHOT else snapshot
            writer.append(event, time_ns=time_ns, cause_seq=0, actor="engine")
            if not number % ROWS_A_COMMIT:
                writer.commit()
        writer.commit()

    return make_journal(folder / "long", bars=bars, before=before)
