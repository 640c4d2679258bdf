"""Prove the 100 %: every (instrument, scan) pair has a reason code.

And random pairs decided again match the recorded digests.
"""

import random  # noqa: TID251 - which pairs a human audits is no part of any decision
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from hfl.progress import Progress
from hfl.reading import RunSegment, Standpoint, differing, newest_before
from hfl.verb import DIFFERENT, DONE
from hfl.words import write_json
from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.errors import HflError, JournalError
from hfl_core.engine.core import StepResult
from hfl_core.engine.step import Engine
from hfl_core.engine.tracing import trace_input, trace_slot
from hfl_core.ports import JournalRow
from hfl_core.runtime.replay import Replayer

DIFFERENCES_SHOWN: Final = 10


@dataclass(slots=True, kw_only=True)
class Audit:
    """What was counted and compared."""

    pairs: int = 0
    coded: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    sampled: int = 0
    matching: int = 0
    not_comparable: set[str] = field(default_factory=set)
    incomparable_samples: int = 0
    differences: list[str] = field(default_factory=list)


def audit(standpoint: Standpoint, *, count: int, seed: int, is_json: bool) -> int:
    """Count everything, re-decide a sample, print; return the exit code."""
    began_s = time.monotonic()
    found = Audit(sampled=count)
    rows = _count(standpoint, found)
    samples = _choose(rows, count, seed)
    last = max(samples, default=0)
    with Progress("deciding again", total=last, is_quiet=is_json) as progress:
        for segment in standpoint.segments:
            wanted = {
                seq: number
                for seq, number in samples.items()
                if seq > segment.row.seq and (not segment.next_seq or seq < segment.next_seq)
            }
            if wanted:
                chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
                _SegmentAudit(
                    standpoint, segment, found=found, chance=chance, progress=progress
                ).check(wanted)
    seconds = round(time.monotonic() - began_s, 3)
    if is_json:
        write_json(_record(found, seconds))
    else:
        sys.stdout.write(_text(found, seconds))
    is_proved = found.coded == found.pairs and found.matching + found.incomparable_samples == count
    return DONE if is_proved else DIFFERENT


def _count(standpoint: Standpoint, found: Audit) -> list[tuple[int, int]]:
    """Go through all rows of scans once; return (row of the input, scans) of each."""
    rows: list[tuple[int, int]] = []
    instruments = 0
    for row in standpoint.reader.rows_of("DatasetOpened", "StreamOpened", "ScansCoalesced"):
        event = row.event
        if isinstance(event, ev.DatasetOpened | ev.StreamOpened):
            instruments = len(event.symbols)
        elif isinstance(event, ev.ScansCoalesced):
            rows.append((row.cause_seq or row.seq, event.scans))
            found.pairs += event.scans * instruments
            for code, number in event.counts:
                found.counts[code] = found.counts.get(code, 0) + number
                found.coded += number
    if not rows:
        raise JournalError(
            "expected scans in the journal, found none: start the bot with `hfl run`"
        )
    return rows


def _choose(rows: list[tuple[int, int]], count: int, seed: int) -> dict[int, int]:
    """Return how many pairs to take from which row; every slot is equally likely."""
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    chosen: dict[int, int] = {}
    for seq, _ in chance.choices(rows, weights=[scans for _, scans in rows], k=count):
        chosen[seq] = chosen.get(seq, 0) + 1
    return chosen


class _Watched(Engine):
    """The same engine, keeping what its last scan led to."""

    __slots__ = ("events",)

    def __init__(self, engine: Engine) -> None:
        self.core = engine.core
        self.events: list[ev.Event] = []

    def scan(self, slot: Slot) -> StepResult | None:
        """Scan and keep the events."""
        result = Engine.scan(self, slot)
        self.events = [] if result is None else result.events
        return result


class _SegmentAudit:
    """Checks the samples of one run in one pass; jumps to a snapshot where that is nearer."""

    def __init__(
        self,
        standpoint: Standpoint,
        segment: RunSegment,
        *,
        found: Audit,
        chance: random.Random,
        progress: Progress,
    ) -> None:
        self._standpoint = standpoint
        self._segment = segment
        self._found = found
        self._chance = chance
        self._progress = progress

    def check(self, wanted: dict[int, int]) -> None:
        """Check rows, each with so many pairs."""
        strange = differing(self._segment.started, self._standpoint.plan(self._segment.started))
        self._found.not_comparable.update(strange)
        replayer: Replayer | None = None
        at = 0
        for seq in sorted(wanted):
            try:
                snapshot = newest_before(self._standpoint.reader, "SnapshotTaken", seq)
                if replayer is None:
                    replayer, at = self._standpoint.replayer_near(self._segment, seq)
                elif snapshot is not None and snapshot.seq > at:
                    replayer, at = (
                        self._standpoint.replayer_at(self._segment, snapshot),
                        snapshot.seq,
                    )
                if not self._standpoint.advance(replayer, at, seq):
                    raise JournalError(f"in front of row {seq}: not decided again as recorded")
                at = self._check_row(replayer, seq, wanted[seq])
                self._found.matching += wanted[seq]
            except (HflError, ValueError, KeyError) as error:
                replayer = None
                if strange:
                    self._found.incomparable_samples += wanted[seq]
                else:
                    self._found.differences.append(str(error))
            self._progress.at(seq)

    def _check_row(self, replayer: Replayer, seq: int, pairs: int) -> int:
        """Decide one input again with traces of random pairs; return the last row it caused."""
        batch = next(self._standpoint.batches_between(seq - 1, seq + 10_000))
        head = batch[0]
        scans = head.event
        if not isinstance(scans, ev.ScansCoalesced):
            return self._check_stream(replayer.engine, batch)
        engine = _Watched(replayer.engine)
        engine.core.anchor = head.prev
        opened = self._standpoint.dataset_before(seq)
        assert opened is not None
        symbols = sorted(engine.core.lanes)
        chosen: dict[int, str] = {}
        for _ in range(pairs):
            chosen[self._chance.randrange(scans.scans)] = self._chance.choice(symbols)
        for number, slot in enumerate(self._standpoint.slots(opened, self._segment, scans)):
            symbol = chosen.get(number)
            if symbol is None:
                engine.scan(slot)
            elif not trace_slot(engine, slot, symbol).code:
                raise JournalError(f"row {seq}: expected a reason code for {symbol}, found none")
        _compare(batch, engine.close_group(), engine.events)
        return batch[-1].seq

    def _check_stream(self, engine: Engine, batch: list[JournalRow]) -> int:
        """Decide the input again that ended a stream's slot, with a trace of a random pair."""
        head = batch[0]
        engine.core.anchor = head.prev
        symbol = self._chance.choice(sorted(engine.core.lanes))
        trace, events = trace_input(engine, head.event, head.time_ns, symbol=symbol)
        if not trace.code:
            raise JournalError(f"row {head.seq}: expected a reason code for {symbol}, found none")
        if [row.event for row in batch[1:]] != list(events):
            raise JournalError(f"row {head.seq}: expected the recorded outcomes, found others")
        return batch[-1].seq


def _compare(
    batch: list[JournalRow], group: ev.ScansCoalesced | None, events: list[ev.Event]
) -> None:
    head = batch[0]
    if group != head.event:
        raise JournalError(f"row {head.seq}: expected the recorded digest, found another")
    if [row.event for row in batch[1:]] != events:
        raise JournalError(f"row {head.seq}: expected the recorded outcomes, found others")


def _record(found: Audit, seconds: float) -> dict[str, object]:
    return {
        "pairs": found.pairs,
        "coded": found.coded,
        "counts": dict(sorted(found.counts.items(), key=lambda item: -item[1])),
        "sampled": found.sampled,
        "matching": found.matching,
        "not_comparable": sorted(found.not_comparable),
        "not_comparable_samples": found.incomparable_samples,
        "differences": found.differences[:DIFFERENCES_SHOWN],
        "seconds": seconds,
    }


def _text(found: Audit, seconds: float) -> str:
    share = found.coded / found.pairs if found.pairs else 0.0
    lines = [
        (
            f"{found.pairs:,} (instrument, scan) pairs, {found.coded:,} "
            f"with a reason code ({share:.2%})"
        )
    ]
    lines += [
        f"  {code:<20} {number:>9,}"
        for code, number in sorted(found.counts.items(), key=lambda item: -item[1])
    ]
    lines.append(
        f"{found.sampled:,} random pairs decided again in {seconds} s: "
        f"{found.matching:,} match the journal's digests"
    )
    if found.incomparable_samples:
        names = ", ".join(sorted(found.not_comparable))
        lines.append(
            f"NOT_COMPARABLE({names}): {found.incomparable_samples:,} "
            "pairs were decided by other code than today's"
        )
    lines += [f"  {text}" for text in found.differences[:DIFFERENCES_SHOWN]]
    return "\n".join(lines) + "\n"
