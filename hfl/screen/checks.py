"""The screen's risk check: one line a check, with its values; it reads everywhere, changes nothing.

The engine's word is the journal's and the daemon's; against it stands what the venue itself shows.
"""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl.board import read_board
from hfl.glance import Data, Glance
from hfl.limits import held_limits
from hfl.risk_report import collect
from hfl.screen.venue import AtVenue, look
from hfl.trades import Ledger, at_end
from hfl.whereabouts import Whereabouts
from hfl.words import SECOND_NS, span
from hfl_core.control import lock
from hfl_core.domain.errors import HflError
from hfl_core.gateway import latch_files
from hfl_tui.ports import Section

# Fills on their way make journal and venue differ for a moment.
LOOKS: Final = 4
AGAIN_S: Final = 0.4
BEAT_MAX_NS: Final = 10 * SECOND_NS
NAMED_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. is_sound: None where it cannot be told."""

    name: str
    is_sound: bool | None
    value: str

    @property
    def row(self) -> str:
        """Return its line."""
        mark = {True: "ok ", False: "NO ", None: "n/a"}[self.is_sound]
        return f"{mark}  {self.name:<26} {self.value}"


def check_section(where: Whereabouts) -> Section:
    """Return all checks, those that failed first. Raises JournalError."""
    began_s = time.monotonic()
    venue, trouble, ledger = _both(where)
    with Glance.open(where.journal) as journal:
        found = collect(journal, where)
        checks = [
            *_against_venue(ledger, venue, trouble),
            *_engine(where, journal),
            *_stops(where, ledger),
            *_limits(found, journal),
        ]
    failed = sum(one.is_sound is False for one in checks)
    told = sum(one.is_sound is not None for one in checks)
    word = "FAIL" if failed else "PASS"
    took = time.monotonic() - began_s
    ordered = sorted(checks, key=lambda one: one.is_sound is not False)
    title = f"Risk check {word} {told - failed} of {told}  ({took:.2f} s)"
    return Section(title=title, rows=tuple(one.row for one in ordered))


def _both(where: Whereabouts) -> tuple[AtVenue | None, str, Ledger]:
    """Look at venue and journal until they agree, a few times; a real difference stays."""
    for number in range(LOOKS):
        try:
            venue: AtVenue | None = look(where)
            trouble = ""
        except (HflError, OSError) as error:
            venue, trouble = None, str(error)
        with Glance.open(where.journal) as journal:
            ledger, _ = at_end(journal)
        if venue is None or (_held(ledger) == venue.positions and not _missing(ledger, venue)):
            break
        if number < LOOKS - 1:
            time.sleep(AGAIN_S)
    return venue, trouble, ledger


def _held(ledger: Ledger) -> dict[str, Decimal]:
    return {symbol: one.quantity for symbol, one in ledger.positions.items() if one.quantity}


def _working(ledger: Ledger) -> set[str]:
    return {one.data["client_id"] for one in ledger.live() if one.status == "working"}


def _missing(ledger: Ledger, venue: AtVenue) -> set[str]:
    """Return the orders that only one side believes to work."""
    on_their_way = {one.data["client_id"] for one in ledger.live()} - _working(ledger)
    return (_working(ledger) ^ venue.orders.keys()) - on_their_way


def _against_venue(ledger: Ledger, venue: AtVenue | None, trouble: str) -> list[Check]:
    names = ("broker vs engine positions", "open orders", "stops resting at broker")
    if venue is None:
        return [Check(name=name, is_sound=None, value=trouble) for name in names]
    ours, theirs = _held(ledger), venue.positions
    nothing = Decimal(0)
    differing = [
        f"{symbol} engine {ours.get(symbol, nothing):f} broker {theirs.get(symbol, nothing):f}"
        for symbol in sorted({*ours, *theirs})
        if ours.get(symbol) != theirs.get(symbol)
    ]
    missing = sorted(_missing(ledger, venue))
    bare = sorted(set(theirs) - venue.guarded)
    leaving = {symbol for symbol, one in ledger.positions.items() if one.exit_reason}
    resting = len(theirs) - len(bare)
    return [
        Check(
            name=names[0],
            is_sound=not differing,
            value=_first(differing) or f"equal ({len(ours)})",
        ),
        Check(
            name=names[1],
            is_sound=not missing,
            value=f"differ: {_first(missing)}" if missing else f"equal ({len(venue.orders)})",
        ),
        Check(
            name=names[2],
            is_sound=not set(bare) - leaving,
            value=f"{resting} of {len(theirs)}" + (f"; not {_first(bare)}" if bare else ""),
        ),
    ]


def _engine(where: Whereabouts, journal: Glance) -> list[Check]:
    now_ns = time.time_ns()  # noqa: TID251 - an age for a person, MachineClock is too dear
    holder = lock.holder(where.paths.lock_file(where.mode, where.account))
    board = read_board(where.board_file)
    run = journal.newest("RunStarted")
    anomaly = journal.newest("ClockAnomaly")
    since = 0 if run is None else run.seq
    strange = 0 if anomaly is None or anomaly.seq < since else anomaly.seq
    beat_ns = None if board is None or holder is None else now_ns - int(board["wall_ns"])
    ahead = beat_ns is not None and beat_ns < -SECOND_NS
    skew = f"anomaly in row {strange}" if strange else "no anomaly in this run"
    return [
        Check(
            name="daemon",
            is_sound=None if holder is None else True,
            value=f"process {holder.pid}" if holder is not None else "none runs",
        ),
        Check(
            name="heartbeat",
            is_sound=None if beat_ns is None else beat_ns < BEAT_MAX_NS,
            value="no daemon" if beat_ns is None else f"{span(max(beat_ns, 0))} ago",
        ),
        Check(
            name="clock",
            is_sound=not strange and not ahead,
            value=skew + (", the engine's clock is ahead of this one" if ahead else ""),
        ),
    ]


def _stops(where: Whereabouts, ledger: Ledger) -> list[Check]:
    latch = latch_files.read(where.paths.latch)
    known = {name for name, stop in ledger.stops.items() if not stop["limit"]}
    unknown = sorted(set(latch.ids) - known)
    gone = sorted(known - set(latch.ids)) if latch.level != latch_files.BLOCKED else []
    kills = [name for level, name in latch.stops if level == latch_files.KILL]
    orders = [one.data["client_id"][-6:] for one in ledger.live() if one.status == "unknown"]
    return [
        Check(
            name="kill file",
            is_sound=not kills and latch.level != latch_files.BLOCKED,
            value=latch.detail or (_first(kills) if kills else "absent"),
        ),
        Check(
            name="latch",
            is_sound=not unknown and not gone and latch.level != latch_files.BLOCKED,
            value=_latch_value(ledger, unknown, gone),
        ),
        Check(
            name="orders of unknown fate",
            is_sound=not orders,
            value=f"{len(orders)}: {_first(orders)}" if orders else "none",
        ),
        Check(
            name="halted instruments",
            is_sound=not ledger.halted,
            value=_first(sorted(ledger.halted)) or "none",
        ),
    ]


def _latch_value(ledger: Ledger, unknown: list[str], gone: list[str]) -> str:
    if unknown:
        return f"on disk, not in the journal: {_first(unknown)}"
    if gone:
        return f"in the journal, not on disk: {_first(gone)}"
    levels = sorted({f"{stop['level']} by {stop['actor']}" for stop in ledger.stops.values()})
    return _first(levels) or "none"


def _limits(found: Data, journal: Glance) -> list[Check]:
    reached = [one for one in found.get("gauges", ()) if Decimal(one["used"]) >= 1]
    halts = [f"{one['limit']} {Decimal(one['used']):.0%}" for one in reached if _halts(one)]
    # What only refuses may be full: sizes are cut to it.
    full = [one["limit"] for one in reached if not _halts(one)]
    tripped = [f"{one['breaker']} {one['symbol'] or 'account'}" for one in found["breakers"]]
    held = held_limits(journal)
    waiting = f", {len(held.waiting)} raised ones wait" if held.waiting else ""
    changed = journal.newest("LimitsChanged")
    since = "" if changed is None else f", as of row {changed.seq}"
    bare = [
        one["symbol"]
        for one in found.get("positions", ())
        if one["status"] == "held" and one["stop"] is None
    ]
    return [
        Check(name="every position has a stop", is_sound=not bare, value=_first(bare) or "yes"),
        Check(
            name="loss limits",
            is_sound=not halts,
            value=(_first(halts) or "none reached") + (f"; full: {_first(full)}" if full else ""),
        ),
        Check(name="breakers", is_sound=not tripped, value=_first(tripped) or "all armed"),
        Check(
            name="limits in force",
            is_sound=bool(held.texts),
            value=f"profile {held.texts.get('profile', '?')}{since}{waiting}",
        ),
    ]


def _halts(gauge: Data) -> bool:
    return str(gauge["action"]) == "halt"


def _first(names: list[str]) -> str:
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more
