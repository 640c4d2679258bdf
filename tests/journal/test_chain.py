"""Rows are encoded and chained alike, one by one or a step at a time."""

from hfl_journal.memory import MemoryJournal
from hfl_journal.writer import JournalWriter
from tests.journal.story import START_NS, filled, order_intended, transitioned


def test_a_step_is_chained_as_its_rows_one_by_one(paths, clock):
    """The clock stands still meanwhile: only how often it is read differs."""
    intended = order_intended(2, intent_hash="0")
    events = [filled(1, "f1", "1"), transitioned(), intended, transitioned()]
    clock.monotonic_ns = clock.boot_ns = clock.wall_ns = lambda: START_NS
    single = MemoryJournal(run_id="run-1", clock=clock)
    for event in events:
        cause, actor = (1, "engine") if single.seq else (0, "venue")
        single.append(event, time_ns=7, cause_seq=cause, actor=actor)
    with JournalWriter.open(paths, clock=clock, run_id="run-1") as journal:
        for each in (journal, MemoryJournal(run_id="run-1", clock=clock)):
            assert each.append_step(events[0], events[1:], time_ns=7, actor="venue") == 1
            assert (each.seq, each.head_hash) == (4, single.head_hash)
