"""Many slots in one frame, as long as they are quiet: what `Engine.scan` does, without the calls.

Pure; knows nothing of orders. While the machine is idle, nothing is live and no timer is due, the
book does not change from slot to slot, so it need not be looked at. The first slot that is more
than quiet goes back to whoever called, folded in and still to be decided.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.engine.core import CODE, Core

_NO_DATA = CODE["NO_DATA"]
_WARMING_UP = CODE["WARMING_UP"]
_NO_SETUP = CODE["NO_SETUP"]
_HOLDING = CODE["HOLDING"]


class QuietRun(NamedTuple):
    """Where a run of quiet slots ended.

    scans: slots that left their codes and nothing else; folded: a slot that is more than that, to
    be given to `Engine.decide`; item: what was not taken at all; is_over: there are no more.
    """

    scans: int
    folded: Slot | None = None
    is_new_period: bool = False
    item: Slot | RefusedRows | None = None
    is_over: bool = False


def scan_quiet(  # noqa: C901, PLR0912 - the loop over bars: a call costs more
    core: Core, items: Iterator[Slot | RefusedRows], *, until_ns: int, scans_max: int
) -> QuietRun:
    """Scan at most scans_max slots before until_ns while they are quiet."""
    decider, outcomes, vetoes = core.decider, core.outcomes, core.vetoes
    fold, lanes = decider.fold, decider.lanes
    scans, first_ns, slot = 0, 0, None
    try:
        for item in items:
            if not isinstance(item, Slot) or item[0] >= until_ns:
                return QuietRun(scans, item=item)
            is_new_period = fold(item)
            if (
                is_new_period
                or decider.high_water_mark != core.floor_mark
                or (decider.equity <= core.floor and decider.held)
            ):
                return QuietRun(scans, item, is_new_period)
            time_ns = item[0]
            before = len(outcomes)
            for lane in lanes:
                if lane.bar_ns != time_ns:
                    outcomes.append(_NO_DATA)
                elif not lane.is_ready:
                    outcomes.append(_WARMING_UP)
                else:
                    lots = lane.lots
                    position = 0 if not lots else 1 if lots > 0 else -1
                    glance = lane.glance
                    if glance is None:
                        candidate = lane.strategy.scan(lane.view(time_ns))
                    else:
                        candidate = glance(lane.read(), lane.mark * lane.tick, position)
                    if candidate is not None and candidate[0] != position:
                        # Somebody has more to say than a code: the whole slot is decided anew.
                        del outcomes[before:]
                        return QuietRun(scans, item)
                    outcomes.append(_HOLDING if position else _NO_SETUP)
                    if vetoes:
                        vetoes.pop(lane.symbol, None)
            slot = item
            if not scans:
                first_ns = time_ns
            scans += 1
            if scans == scans_max:
                return QuietRun(scans)
        return QuietRun(scans, is_over=True)
    finally:
        if slot is not None:
            core.note_scans(scans, slot, first_ns=first_ns)
