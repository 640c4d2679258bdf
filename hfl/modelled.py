"""A recorded run, or the whole journal, once more with modelled fills: as it was and changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from hfl.glance import Data
from hfl.history import History, first_difference, history_of, shared
from hfl.home import Home
from hfl.plan import Plan, plan_from
from hfl.progress import Progress
from hfl.reading import RunSegment, Standpoint, differing
from hfl.rerun import Begin, Recorded, commands_of, rerun
from hfl.resume import rows_after
from hfl_config.load import load_blob
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ConfigError, DataError
from hfl_core.domain.money import plain
from hfl_core.domain.values import with_changes
from hfl_core.engine.book import Book
from hfl_core.ports import JournalRow
from hfl_data.loader import reopen_feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is modelled: one run of a journal, or all of it.

    segment: the run whose plan, settings and data set are taken; is_whole: from the first scan on.
    """

    standpoint: Standpoint
    segment: RunSegment
    home: Home
    is_whole: bool

    def rows(self) -> Iterator[JournalRow]:
        """Yield the recorded rows."""
        start, stop = (0, 0) if self.is_whole else (self.segment.row.seq - 1, self.segment.next_seq)
        for row in rows_after(self.standpoint.reader, start):
            if stop and row.seq >= stop:
                return
            yield row

    def opened(self) -> ev.DatasetOpened:
        """Return the data set of the run. Raises DataError."""
        reader, segment = self.standpoint.reader, self.segment
        row = next(reader.rows_of("DatasetOpened", after_seq=segment.row.seq, limit=1), None)
        is_inside = row is not None and (not segment.next_seq or row.seq < segment.next_seq)
        if row is None or not is_inside or not isinstance(row.event, ev.DatasetOpened):
            raise DataError(
                f"expected a data set in run {segment.started.run_id}, found none: a changed plan "
                "runs over whole slots, so choose another --run, or run with --delivery slots first"
            )
        return with_changes(row.event, cursor=0) if self.is_whole else row.event

    def strange(self) -> list[str]:
        """Return what keeps today's model of the plan from being what the covered runs were."""
        found: set[str] = set()
        for each in self.standpoint.segments:
            if not self.is_whole and each.row.seq != self.segment.row.seq:
                continue
            found.update(differing(each.started, self.standpoint.plan(each.started)))
            if each.started.plan_blob != self.segment.started.plan_blob:
                found.add(f"plan of run {each.started.run_id}")
        return sorted(found)

    def begin(self, plan: Plan, opened: ev.DatasetOpened) -> Begin | None:
        """Return where the run began, as a plan knows it; None for the first scan of all.

        Raises ConfigError when something was held or on its way then: its fills are recorded ones.
        """
        if self.is_whole:
            return None
        seq = self.segment.row.seq
        engine = self.standpoint.folded(self.segment, seq, opened.dataset_id, plan=plan)
        book = engine.core.book
        open_then = sorted({*book.positions, *(order.symbol for order in book.live.values())})
        if open_then:
            raise ConfigError(
                f"expected run {self.segment.started.run_id} to begin flat, found "
                f"{', '.join(open_then)} open: NOT_COMPARABLE(open at its start), leave --run away "
                "or choose another"
            )
        return Begin(engine=engine, cursor=opened.cursor, cash=book.cash) if book.is_open else None


def compare(span: Span, changed: bytes, *, is_json: bool) -> Data:
    """Run the recorded and the changed plan and set both beside history. Raises HflError."""
    reader, segment = span.standpoint.reader, span.segment
    opened = span.opened()
    scans = sum(
        row.event.scans
        for row in span.rows()
        if isinstance(row.event, ev.ScansCoalesced) and row.event.dataset_id == opened.dataset_id
    )
    recorded = Recorded(
        started=segment.started,
        opened=opened,
        loaded=load_blob(reader.blob(segment.started.config_blob)),
        commands=commands_of(row for row in span.rows() if row.kind == "CommandReceived"),
        scans=scans,
    )
    histories: list[History] = []
    base: Book | None = None
    for number, data in enumerate((reader.blob(segment.started.plan_blob), changed)):
        plan = plan_from(data, search=span.home.strategy_folders)
        feed = reopen_feed(opened, plan.instruments, kept=span.home.kept_rows)
        begin = span.begin(plan, opened)
        base = begin.book() if begin is not None else None
        with Progress(
            ("recorded plan", "changed plan")[number], total=scans, is_quiet=is_json
        ) as progress:
            rows = rerun(plan, feed, recorded, on_scan=progress.at, begin=begin)
            histories.append(history_of(rows, base))
    return _set_beside(span, histories, history_of(span.rows(), base), recorded)


def _set_beside(span: Span, histories: list[History], before: History, recorded: Recorded) -> Data:
    base, after = histories
    return {
        "run": "" if span.is_whole else span.segment.started.run_id,
        "not_comparable": span.strange(),
        "equal": first_difference(base, after) is None and base.equity == after.equity,
        "recorded": before.record("recorded"),
        "modelled_recorded_plan": base.record("modelled"),
        "modelled_changed_plan": after.record("modelled"),
        "decisions": shared(base, after),
        "first_difference": first_difference(base, after),
        "drift": {
            "equity": plain(round(base.equity - before.equity, 8)),
            "decisions": shared(before, base),
            "first_difference": first_difference(before, base),
        },
        "notes": _notes(span, recorded.loaded.config.venue.faults),
    }


def _notes(span: Span, faults: str) -> list[str]:
    notes = [
        "every fill of both modelled runs is modelled; only the first column's fills are recorded"
    ]
    runs = len(span.standpoint.segments)
    data_sets = {
        row.event.dataset_id
        for row in span.standpoint.reader.rows_of("DatasetOpened")
        if isinstance(row.event, ev.DatasetOpened)
    }
    if span.is_whole and runs > 1:
        notes.append(
            f"the journal holds {runs} runs: the modelled ones go through "
            "in one piece, kill and stop taken as pauses; --run RUN covers one alone"
        )
    if span.is_whole and len(data_sets) > 1:
        notes.append(
            f"the journal holds {len(data_sets)} data sets: the modelled runs cover the newest "
            "one only; --run RUN covers a run of another"
        )
    if faults:
        notes.append(
            f"the recorded venue misbehaved on purpose ({faults}); "
            "the modelled one does so with the same seed"
        )
    return notes
