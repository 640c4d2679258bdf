"""Invariants of whole journals and of a venue at rest: costly, checked at crashes and ends."""

import hashlib
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.domain.values import Value, field_names
from hfl_core.engine.state import book_state
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.runtime.replay import Replayer

if TYPE_CHECKING:
    from tests.support.invariants import Step
    from tests.support.world import World

RESTING: Final = frozenset({OrderStatus.WORKING})


def folded(engine: Engine) -> dict[str, object]:
    """Return what two folds are compared by: everything but timers, which a run begins without."""
    core = engine.core
    return {"book": book_state(core.book), "decider": core.decider.state(), "time": core.time_ns}


def inv_01_positions_are_the_venues(world: "World") -> str:
    """Require the book's positions to be the venue's."""
    if world.core.book.halted_symbols:
        return f"halted instruments without a stranger: {world.core.book.halted_symbols}"
    theirs = {each.symbol: each.quantity for each in world.venue.matching.account().positions}
    ours = {symbol: each.quantity for symbol, each in world.core.book.positions.items()}
    return "" if ours == theirs else f"ours {ours}, the venue's {theirs}"


def inv_04_the_venue_saw_each_order_once(world: "World") -> str:
    """Require one submit an id at most, and a journaled intent behind each."""
    counts = world.venue.counts()
    twice = [client_id for client_id, times in counts.submits.items() if times > 1]
    if twice:
        return f"sent twice: {twice}"
    intended = {
        row.event.client_id
        for row in world.journal.rows()
        if isinstance(row.event, ev.OrderIntended)
    }
    orphans = set(counts.submits) - intended
    return f"without an intent: {sorted(orphans)}" if orphans else ""


def inv_05_orders_are_the_venues(world: "World") -> str:
    """Require the venue's working orders to be our live ones, and every order's fills to agree."""
    matching = world.venue.matching
    working = {order.client_id for order in matching.open_orders()}
    live = set(world.core.book.live)
    if working != live:
        return f"live only here {sorted(live - working)}, only there {sorted(working - live)}"
    for client_id, order in world.shadow.orders.items():
        report = matching.query(client_id)  # type: ignore[arg-type]
        filled = report.filled if report is not None else Decimal(0)
        if filled != order.filled:
            return f"{client_id} filled {filled} there, {order.filled} here"
    return ""


def inv_10_stops_survive_a_restart(world: "World") -> str:
    """Require the recovered book to hold every journaled stop that nobody lifted."""
    found = {latch.latch_id: latch.level for latch in world.core.book.latches.values()}
    return "" if found == world.shadow.stops else f"found {found}, left {world.shadow.stops}"


def inv_12_cash_is_the_venues(world: "World") -> str:
    """Require the book's cash to be the venue's to the last unit."""
    theirs = world.venue.matching.account().cash
    ours = world.core.book.cash
    return "" if ours == theirs else f"ours {ours}, the venue's {theirs}: {theirs - ours} off"


def inv_13_the_chain_holds(world: "World") -> str:
    """Require contiguous numbers, hashes that follow, and clocks that never step back in a run."""
    prev, seq, time_ns = bytes(32), 0, 0
    mono: dict[str, int] = {}
    for row in world.journal.raw_rows():
        if row.seq != seq + 1 or row.prev != prev:
            return f"row {row.seq} does not follow row {seq}"
        if hashlib.sha256(row.prev + row.body).digest() != row.hash:
            return f"row {row.seq} does not hash to what it says"
        if row.time_ns < time_ns:
            return f"row {row.seq} ({row.kind}) is of {row.time_ns}, the one before of {time_ns}"
        if row.mono_ns < mono.get(row.run_id, 0):
            return f"row {row.seq} steps back on the monotonic clock"
        prev, seq, time_ns = row.hash, row.seq, row.time_ns
        mono[row.run_id] = row.mono_ns
    return ""


def inv_15_snapshot_and_tail_are_the_full_fold(world: "World") -> str:
    """Require a fold from the newest snapshot to be the fold from the first row."""
    full, short = (folded(world.recovered(is_from_snapshot=way)) for way in (False, True))
    return _difference(full, short)


def inv_15_the_fold_is_the_live_state(world: "World") -> str:
    """Require the folded journal to be the state that the engine ended with."""
    return _difference(folded(world.recovered(is_from_snapshot=False)), folded(world.engine))


def inv_16_replay_decides_the_same(world: "World") -> str:
    """Require the engine to make of every recorded input what it made then."""
    replayer = Replayer(Engine(world.settings, make), lambda _opened: world.feed.between)
    divergence = replayer.run(world.journal.rows()).divergence
    if divergence is None:
        return ""
    return f"row {divergence.seq}: recorded {divergence.recorded}, replayed {divergence.replayed}"


def inv_17_recovery_is_idempotent(world: "World") -> str:
    """Require a second recovery to come to the same state, and a snapshot to restore to it."""
    first = world.recovered(is_from_snapshot=False)
    again = world.recovered(is_from_snapshot=False)
    if (wrong := _difference(folded(first), folded(again))) != "":
        return wrong
    restored = Engine(world.settings, make)
    if not first.is_resting():
        return ""
    restored.restore(first.state())
    return _difference(folded(first), folded(restored))


def inv_20_every_number_of_every_row_is_finite(world: "World") -> str:
    """Require no NaN and no infinity anywhere in the committed rows."""
    for row in world.journal.rows():
        if not isinstance(row.event, ev.BarsRejected) and not _is_finite(row.event):
            return f"row {row.seq}: {row.event}"
    return ""


def _is_finite(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, tuple):
        return all(map(_is_finite, value))
    if isinstance(value, Value):
        return all(_is_finite(getattr(value, name)) for name in field_names(type(value)))
    return value not in ("nan", "inf", "-inf") if isinstance(value, str) else True


def inv_24_every_entry_has_its_reasons(world: "World") -> str:
    """Require the signal and the verdict behind every entry, in the committed rows."""
    signals: set[int] = set()
    verdicts: set[int] = set()
    for row in world.journal.rows():
        event = row.event
        if isinstance(event, ev.SignalEmitted):
            signals.add(event.decision)
        elif isinstance(event, ev.RiskAssessed):
            verdicts.add(event.decision)
        elif (
            isinstance(event, ev.OrderIntended)
            and event.purpose is Purpose.ENTRY
            and event.decision not in signals & verdicts
        ):
            return f"{event.client_id} has no signal or verdict of decision {event.decision}"
    return ""


def inv_29_stops_stand_at_the_venue(world: "World") -> str:
    """Require every position to be covered at the venue; no alarm excuses it here."""
    working = world.venue.matching.open_orders()
    for symbol, position in world.core.book.positions.items():
        if position.stop_price is None:
            continue
        orders = [o for o in working if o.symbol == symbol and o.side.sign * position.quantity < 0]
        covered = sum((order.quantity - order.filled for order in orders), Decimal(0))
        if covered < abs(position.quantity):
            return f"{symbol}: {position.quantity} held, {covered} covered"
    return ""


def inv_30_everything_comes_to_rest(world: "World") -> str:
    """Require every order at rest and the machine idle, or halted by somebody's kill."""
    book = world.core.book
    moving = [order.client_id for order in book.live.values() if order.status not in RESTING]
    if moving:
        return f"still moving: {moving}"
    if book.state == "halted" and book.halt_reason == "killed" and book.level == "kill":
        return ""
    return "" if book.state == "idle" else f"{book.state} ({book.halt_reason})"


def _difference(first: dict[str, object], second: dict[str, object]) -> str:
    """Return the first differing value of two states, or nothing."""
    for name, value in first.items():
        other = second[name]
        if value != other and isinstance(value, dict) and isinstance(other, dict):
            return f"{name}.{_difference(value, other)}"
        if value != other:
            return f"{name}: {str(value)[:300]} against {str(other)[:300]}"
    return ""


def inv_18_a_failed_report_says_nothing(world: "World", step: "Step") -> str:
    """Require a report that failed to open, recover, doubt and mismatch nothing."""
    del world
    if not isinstance(step.event, ev.ReconcileReported) or not step.event.failed:
        return ""
    for event in step.events:
        is_recovery = isinstance(event, ev.Transitioned) and event.trigger == "recover"
        if is_recovery or isinstance(
            event, ev.AccountOpened | ev.PositionMismatched | ev.OrderUnknown
        ):
            return f"{type(event).__name__} after a report that failed"
    return ""
