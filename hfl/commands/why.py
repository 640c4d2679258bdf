"""Why an instrument was or was not traded at a time: the furthest gate.

The reason code and every number.

The scan is decided again from the journal's nearest snapshot and the rows behind it; the answer is
for the last slot at or before TIME (the newest without TIME), and it is compared with the digest of
what was decided then. `--audit N` re-decides N random pairs and compares them likewise. Exit codes:
0, 2 arguments, 3 data gone, 4 journal, 7 unknown instrument or before the journal, 8 decided
differently by the same code.
"""

import argparse
import sys
from contextlib import suppress
from typing import NamedTuple

from hfl.layout import fitted
from hfl.reading import (
    NEWEST_NS,
    STRANGE_STATE,
    Stand,
    Standpoint,
    differing,
    find_home,
    input_of,
    open_reader,
    scans_at,
)
from hfl.shortcut import stand_before
from hfl.tell import circumstances, trace_json, trace_text
from hfl.verb import DIFFERENT, DONE, NOT_FOUND, USAGE, add_account, add_json
from hfl.words import instant, time_of, write_json
from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.engine.tracing import Trace, trace_input, trace_slot
from hfl_core.ports import JournalRow

# Columns in front of a line's text; what does not fit goes on below it.
HANG = 13


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add symbol and time."""
    del verb
    parser.add_argument("symbol", nargs="?", help="an instrument, such as BTC-USDT")
    parser.add_argument(
        "time", nargs="?", help="ISO 8601, UTC unless it names a zone, such as 2020-03-12T10:00Z"
    )
    parser.add_argument(
        "--audit", type=int, metavar="N", help="re-decide N random (instrument, scan) pairs"
    )
    parser.add_argument("--seed", type=int, default=1, help="which pairs --audit takes")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Answer one question, or audit many."""
    del verb
    try:
        time_ns = NEWEST_NS if arguments.time is None else time_of(arguments.time)
        if arguments.audit is None and not arguments.symbol:
            raise ValueError("expected an instrument, found none: hfl why SYMBOL [TIME]")  # noqa: TRY301 - one way out for all of them
        if arguments.audit is not None and arguments.audit < 1:
            raise ValueError(f"expected --audit of at least 1, found {arguments.audit}: correct it")  # noqa: TRY301 - one way out for all of them
    except ValueError as error:
        sys.stderr.write(f"hfl: {error}\n")
        return USAGE
    home = find_home(arguments.home, arguments.account, arguments.mode)
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        if arguments.audit is not None:
            from hfl.audit import audit

            return audit(
                standpoint, count=arguments.audit, seed=arguments.seed, is_json=arguments.is_json
            )
        row = scans_at(reader, time_ns)
        if row is None:
            return _not_there(standpoint, time_ns)
        return _answer(
            standpoint, row, arguments.symbol, time_ns=time_ns, is_json=arguments.is_json
        )


def _not_there(standpoint: Standpoint, time_ns: int) -> int:
    first = next(standpoint.reader.rows_of("ScansCoalesced", limit=1), None)
    if first is None or not isinstance(first.event, ev.ScansCoalesced):
        sys.stderr.write(
            "hfl: expected scans in the journal, found none: start the bot with `hfl run`\n"
        )
    else:
        sys.stderr.write(
            f"hfl: expected a time from {instant(first.event.slot_first_ns)} "
            "on, where the scans begin, "
            f"found {instant(time_ns)}: name a later one\n"
        )
    return NOT_FOUND


def _answer(
    standpoint: Standpoint, row: JournalRow, symbol: str, *, time_ns: int, is_json: bool
) -> int:
    segment = standpoint.segment_at(row.seq)
    known = standpoint.plan(segment.started).instruments
    if symbol not in known:
        names = ", ".join(known)
        sys.stderr.write(
            f"hfl: expected an instrument out of {names}, found {symbol!r}: correct it\n"
        )
        return NOT_FOUND
    found = answer(standpoint, row, symbol=symbol, time_ns=time_ns)
    if is_json:
        proof = {"digest_matches": found.is_equal, "not_comparable": list(found.strange)}
        told = trace_json(found.trace, row)
        write_json({**told, "circumstances": found.around, "proof": proof})
    else:
        sys.stdout.write(fitted(found.text(), hang=HANG))
    return DONE if found.is_equal or found.strange else DIFFERENT


class Answer(NamedTuple):
    """One pair decided again. is_equal: the row came out as recorded.

    strange: the components that decided it and are other ones today.
    """

    trace: Trace
    row: JournalRow
    around: list[str]
    is_equal: bool
    strange: tuple[str, ...]

    def text(self) -> str:
        """Return it for a person."""
        told = trace_text(self.trace, self.row, around=self.around)
        return told + _proof_text(is_equal=self.is_equal, strange=self.strange)


def answer(standpoint: Standpoint, row: JournalRow, *, symbol: str, time_ns: int) -> Answer:
    """Decide a row of scans again and tell one instrument's reason. Raises HflError."""
    segment = standpoint.segment_at(row.seq)
    short = stand_before(standpoint, row)
    if short is not None:
        with suppress(*STRANGE_STATE):
            trace, is_equal = trace_at(standpoint, short, row, symbol=symbol, time_ns=time_ns)
            if is_equal:
                around = circumstances(standpoint.reader, short.engine, trace, row)
                return Answer(trace, row, around, is_equal=True, strange=())
    stand = standpoint.before(input_of(standpoint.reader, row))
    trace, is_equal = trace_at(standpoint, stand, row, symbol=symbol, time_ns=time_ns)
    strange = () if is_equal else differing(segment.started, standpoint.plan(segment.started))
    around = circumstances(standpoint.reader, stand.engine, trace, row)
    return Answer(trace, row, around, is_equal, strange)


def _proof_text(*, is_equal: bool, strange: tuple[str, ...]) -> str:
    if is_equal:
        return "  proof      decided again from the recorded inputs: the row's digest matches\n"
    if strange:
        return (
            f"  proof      NOT_COMPARABLE({', '.join(strange)}): recorded by "
            "other code than today's, so this is what today's code "
            "says; it differs from the row's digest\n"
        )
    return (
        "  proof      MISMATCH: the same code decides this row "
        "differently; run `hfl replay --verify`\n"
    )


def trace_at(
    standpoint: Standpoint, stand: Stand, row: JournalRow, *, symbol: str, time_ns: int
) -> tuple[Trace, bool]:
    """Decide a row again and trace one pair of it.

    Also tell whether the row came out as recorded.
    """
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    engine = stand.engine
    if row.cause_seq:
        return _trace_of_stream(standpoint, stand, row, symbol=symbol)
    trace: Trace | None = None
    pending = None
    is_sound = stand.is_as_recorded
    for slot in standpoint.slots(stand.opened, standpoint.segment_at(row.seq), scans):
        if pending is not None:
            if slot.time_ns > time_ns and trace is None:
                trace = trace_slot(engine, pending, symbol)
            else:
                engine.scan(pending)
        pending = slot
    if pending is None:
        raise JournalError(f"expected scans in row {row.seq}, found none: run `hfl journal verify`")
    if trace is None:
        trace = trace_slot(engine, pending, symbol)
    else:
        engine.scan(pending)
    group = engine.close_group()
    return trace, is_sound and group is not None and group == scans


def _trace_of_stream(
    standpoint: Standpoint, stand: Stand, row: JournalRow, *, symbol: str
) -> tuple[Trace, bool]:
    """Decide the input again that ended a stream's slot; all its outcomes are compared."""
    batch = next(standpoint.batches_between(row.cause_seq - 1, standpoint.reader.last().seq + 1))
    head = batch[0]
    trace, events = trace_input(stand.engine, head.event, head.time_ns, symbol=symbol)
    is_equal = [each.event for each in batch[1:]] == list(events)
    return trace, stand.is_as_recorded and is_equal
