"""Bars of a stream, one by one: gather a slot, conclude it, scan it.

Pure. Knows nothing of feeds or of how late anything may be. The first bar of a slot opens it and
takes an idle machine to `scanning`, where it rests until every watched instrument delivered or the
grace is over. Then the slot is folded and scanned as a whole and in instrument order, exactly as a
slot of a data set is: what came in time decides alike in whatever order it came. A slot that opens
while the machine is not idle is folded, and skipped. One input concludes one slot at most; a second
one that is over by then gets a timer of its own, due at once.
"""

import hashlib

from hfl_core.domain import events as ev
from hfl_core.domain.money import money_from_units
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine import scanning, stopping
from hfl_core.engine.core import CODE, SCAN_TIMER, Core
from hfl_core.engine.gathering import OpenSlot
from hfl_core.engine.table import HALTED, IDLE, SCANNING


def is_news(core: Core, event: ev.BarClosed) -> bool:
    """Tell whether a bar is of a watched instrument and behind its last one."""
    lane = core.lanes.get(event.symbol)
    if lane is None or event.close_ns <= lane.bar_ns:
        return False
    return not core.gathering.holds(lane.index, event.close_ns)


def on_bar(core: Core, event: ev.BarClosed) -> None:
    """Say that a bar came too late, or conclude its slot when it was the last one awaited."""
    late = core.late
    if late is not None:
        core.emit(
            ev.BarMissedScan(
                symbol=event.symbol,
                close_ns=event.close_ns,
                late_ns=core.time_ns - event.close_ns,
                slot_ns=core.book.slot_ns,
            )
        )
        watch(core, is_new_period=late)
        return
    slot = core.gathering.open[event.close_ns]
    if len(slot.bars) == 1:
        core.set_timer(core.gathering.ends_ns(event.close_ns), SCAN_TIMER, "")
        resume(core)
    conclude_due(core)


def watch(core: Core, *, is_new_period: bool) -> None:
    """Trip what equity has reached, where it may have moved."""
    decider = core.decider
    if (
        is_new_period
        or decider.high_water_mark != core.floor_mark
        or (decider.equity <= core.floor and decider.held)
    ):
        stopping.watch_limits(core, is_new_period=is_new_period)


def resume(core: Core) -> None:
    """Let an idle machine scan what is open and not skipped: at its first bar, or after a halt."""
    if core.book.state != IDLE:
        return
    if any(not slot.skipped for slot in core.gathering.open.values()):
        core.go("open_slot")


def await_again(core: Core) -> None:
    """Set the open slots' timers anew: a run begins without any."""
    for time_ns in core.gathering.open:
        core.set_timer(max(core.time_ns, core.gathering.ends_ns(time_ns)), SCAN_TIMER, "")


def conclude_due(core: Core) -> None:
    """Conclude the first open slot if it is over; leave a timer for the next if that is, too."""
    slot = core.gathering.due(core.time_ns)
    if slot is None:
        return
    _conclude(core, slot)
    if core.gathering.due(core.time_ns) is not None:
        core.set_timer(core.time_ns, SCAN_TIMER, "")


def _conclude(core: Core, open_slot: OpenSlot) -> None:
    """Fold a slot and give every instrument its code, with a decision or without."""
    cursor = core.book.cursor
    core.group_cursor = cursor
    core.waited_ns = core.time_ns - open_slot.time_ns
    timer = (core.gathering.ends_ns(open_slot.time_ns), SCAN_TIMER, "")
    if timer in core.timers:
        core.drop_timer(timer)
    place = len(core.events)
    is_new_period = core.fold_open_slot(open_slot)
    watch(core, is_new_period=is_new_period)
    is_scan = not open_slot.skipped and core.book.state == SCANNING
    if is_scan:
        scanning.scan(core, open_slot.as_slot(cursor), resting=SCANNING)
    else:
        _skip(core, open_slot)
    core.codes_of_scan = bytes(core.outcomes)
    core.outcomes.clear()
    event = _scan_row(core, open_slot.time_ns, core.codes_of_scan)
    # In front of what the scan led to, as the row of a data set's scans stands: the codes are known
    # last, and nothing of the book that this row changes was read meanwhile.
    core.events.insert(place, event)
    core.fold_event(event, core.time_ns)
    if is_scan:
        scanning.conclude(core)
        _act_on_what_moves(core)


def _act_on_what_moves(core: Core) -> None:
    """Rest in `executing` while orders that were intended during the scan are unanswered."""
    if core.book.state != IDLE:
        return
    for order in core.book.live.values():
        if order.status is OrderStatus.INTENDED or order.status is OrderStatus.SENDING:
            core.go("act", order.purpose.value)
            return


def _skip(core: Core, open_slot: OpenSlot) -> None:
    """Give the instruments that came the reason why nothing is decided."""
    reason = "HALTED" if core.book.state == HALTED else open_slot.skipped or "SKIPPED_BUSY"
    for lane in core.decider.lanes:
        came = lane.index in open_slot.bars
        core.outcomes.append(CODE[reason] if came else CODE["NO_DATA"])


def _scan_row(core: Core, time_ns: int, outcomes: bytes) -> ev.ScansCoalesced:
    """Make the row of one scan; it is committed with the input that concluded the slot."""
    book, decider = core.book, core.decider
    return ev.ScansCoalesced(
        dataset_id=book.dataset_id,
        cursor_from=book.cursor,
        cursor_to=book.cursor,
        slot_first_ns=time_ns,
        slot_last_ns=time_ns,
        scans=1,
        counts=tuple((core.codes[code], outcomes.count(code)) for code in sorted(set(outcomes))),
        digest=hashlib.sha256(bytes.fromhex(book.digest) + outcomes).hexdigest(),
        equity=money_from_units(decider.equity),
        high_water_mark=money_from_units(decider.high_water_mark),
        anchors=decider.anchors_named(),
    )
