"""Pictures that no journal needs to hold: a position, a stop, a board of any age."""

import dataclasses
from decimal import Decimal

from hfl_tui.link.picture import BoardShown, Held, Picture, StopShown

SECOND = 10**9
NOW = 1_790_000_000 * SECOND


def held(symbol, *, quantity="1", stop_place="b", mark="101", trade=7, cost=None):
    return Held(
        symbol=symbol,
        quantity=Decimal(quantity),
        entry=Decimal(100),
        mark=None if mark is None else Decimal(mark),
        stop=Decimal(95),
        stop_place=stop_place,
        trade=trade,
        opened_ns=NOW - 3600 * SECOND,
        leaving="",
        mark_wall_ns=NOW - SECOND,
        cost=cost,
    )


def with_held(picture: Picture, *positions: Held) -> Picture:
    return dataclasses.replace(picture, held=positions)


def stop(latch_id, *, level="reduce_only", limit="", actor="cli:me (uid 0 pid 1)", reason="typed"):
    return StopShown(
        latch_id=latch_id,
        level=level,
        reason=reason,
        actor=actor,
        since_ns=NOW - 60 * SECOND,
        limit=limit,
        period_end_ns=NOW + 3600 * SECOND if limit else 0,
    )


def limit_stop():
    """Return the stop of a day's loss limit, as the engine sets it."""
    return dataclasses.replace(
        stop("d", limit="daily_loss", actor="engine", reason="daily_loss: 24.2 beyond 24.1"),
        value=Decimal("24.2"),
        threshold=Decimal("24.1"),
        seq=170,
        wall_ns=NOW - 60 * SECOND,
    )


def stopped(picture: Picture, latch_id, *, level) -> Picture:
    return dataclasses.replace(picture, stops=(stop(latch_id, level=level),))


def board(*, beat_s=0.1, moved_s=1.0, step_s=1.0, phase="idle"):
    return BoardShown(
        pid=1,
        run="r",
        phase=phase,
        wall_ns=int(NOW - beat_s * SECOND),
        time_ns=NOW,
        marks={},
        moved_ns=int(NOW - moved_s * SECOND),
        step_ns=int(step_s * SECOND),
    )


def picture(**changes) -> Picture:
    """Return the picture of a healthy running bot, changed."""
    base = Picture(
        name="paper-main",
        mode="paper",
        made_ns=NOW,
        exists=True,
        loaded=Decimal(1),
        seq=10,
        row_wall_ns=NOW,
        time_ns=NOW,
        run_id="r",
        is_running=True,
        pid=1,
        board=board(),
        state="idle",
    )
    return dataclasses.replace(base, **changes)
