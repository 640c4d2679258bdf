"""Large moves between bars, each put into one drawer: what it most probably is.

In this order: a change of unit (a hundred times), a hole with another level behind it, a spike that
comes and goes without trade between, a split, and, when none fits, a jump. So a defect is told
once. Volatility is the median absolute log return of up to 64 bars around the move, so neither the
move itself nor a few others change it.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import DAY_NS, Block, Bools, Columns, Floats, Ints
from hfl_data.inspection.subject import Subject
from hfl_data.quality import SPIKE_FLOORS, SPIKE_VOLATILITIES

JUMP: Final = 1
SPIKE: Final = 2
SPLIT: Final = 3
SPLIT_LISTED: Final = 4
UNITS: Final = 5
TICKER: Final = 6

# Simple returns beyond which a single step is worth a look whatever the market's mood.
JUMP_FOREX: Final = 0.05
JUMP_DAILY: Final = 0.35
JUMP_OTHER: Final = 0.20
HOLE_NS: Final = 180 * DAY_NS
HUNDRED: Final = math.log(100.0)
UNITS_TOLERANCE: Final = 0.35
# Numbers of new shares for old ones, both ways; half-steps as 3:2 are among them.
RATIOS: Final = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0,
                 40.0, 50.0)  # fmt: skip
RATIO_TOLERANCE: Final = 0.03
LISTED_TOLERANCE: Final = 0.15
# A split does not draw ten times the usual money; a crash does.
TURNOVER_MAX: Final = 5.0
TURNOVER_BARS: Final = 20
# What a spike leaves and returns to may differ by this part of the spike.
RETURN_SHARE: Final = 0.5
FIRST_OPEN: Final = math.log(1.5)

_AROUND: Final = 32
_KNOWN_MIN: Final = 5
_CHUNK: Final = 65_536


class Moves(NamedTuple):
    """at: rows of the block; kind; before: the close they are measured from; ratio: old to new.

    field: which price is off, for spikes: 0 open, 1 close, 2 both.
    """

    at: Ints
    kind: Ints
    before: Floats
    ratio: Floats
    field: Ints


class MovesOf:
    """Sorts a block's moves once for all checks of one subject that ask."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._block: Block | None = None
        self._moves: Moves | None = None

    @classmethod
    def shared(cls, subject: Subject) -> "MovesOf":
        """Return the one that all checks of the subject share."""
        found = subject.memo.get(cls.__name__)
        if not isinstance(found, MovesOf):
            found = subject.memo[cls.__name__] = MovesOf(subject)
        return found

    def __call__(self, block: Block) -> Moves:
        """Return the moves of the block's judged rows."""
        if self._block is not block or self._moves is None:
            self._block, self._moves = block, _sorted_out(block, self._subject)
        return self._moves


def jump_floor(subject: Subject) -> float:
    """Return the simple return beyond which a step is a jump."""
    if subject.name.asset_class is AssetClass.FOREX:
        return JUMP_FOREX
    return JUMP_DAILY if subject.name.frame.seconds == 86_400 else JUMP_OTHER


def volatility(columns: Columns, at: Ints) -> Floats:
    """Return the median absolute log return around each row, the row's own and the next left out.

    0 where too few are known.
    """
    if not len(at):
        return np.zeros(0)
    size = np.abs(np.diff(np.log(columns.close), prepend=np.nan))
    offsets = np.array([k for k in range(-_AROUND, _AROUND + 1) if k not in (0, 1)])
    found = np.zeros(len(at))
    for start in range(0, len(at), _CHUNK):
        rows = at[start : start + _CHUNK, None] + offsets[None, :]
        is_inside = (rows >= 1) & (rows < len(size))
        near = np.where(is_inside, size[np.clip(rows, 0, len(size) - 1)], np.nan)
        is_known = is_inside.sum(axis=1) >= _KNOWN_MIN
        found[start : start + _CHUNK][is_known] = np.nanmedian(near[is_known], axis=1)
    return found


def threshold(columns: Columns, at: Ints, asset_class: AssetClass) -> Floats:
    """Return the log move that is a spike at each row."""
    floor = SPIKE_FLOORS[asset_class]
    return np.asarray(np.maximum(floor, SPIKE_VOLATILITIES * volatility(columns, at)))


class _Around(NamedTuple):
    """Logs of the prices around candidate rows; NaN where there is no such row."""

    before: Floats
    open: Floats
    close: Floats
    next_open: Floats
    next_close: Floats


def _sorted_out(block: Block, subject: Subject) -> Moves:
    columns = block.columns
    asset_class = subject.name.asset_class
    # One row more to the front: whether it was a spike decides what the first judged one is.
    at = _candidates(columns, max(block.begin - 1, 0), block.end, floor=SPIKE_FLOORS[asset_class])
    around = _around(columns, at)
    limit = threshold(columns, at, asset_class)
    step = np.nan_to_num(around.close - around.before)
    gap = np.nan_to_num(around.open - around.before)
    kind = np.zeros(len(at), dtype=np.int64)
    field = np.full(len(at), -1, dtype=np.int64)

    is_units = (np.abs(np.abs(gap) - HUNDRED) < UNITS_TOLERANCE) & (
        np.abs(np.abs(step) - HUNDRED) < 1.5 * UNITS_TOLERANCE
    )
    kind[is_units & (gap * step > 0)] = UNITS
    hole_ns = np.where(at > 0, columns.time_ns[at] - columns.time_ns[np.maximum(at - 1, 0)], 0)
    is_hole = (hole_ns >= HOLE_NS) & (subject.name.frame.nanoseconds <= 7 * DAY_NS)
    kind[(kind == 0) & is_hole & (np.abs(gap) > limit)] = TICKER
    for number, is_spike in enumerate(_spikes(around, limit)):
        chosen = (kind == 0) & is_spike & ~is_hole
        kind[chosen], field[chosen] = SPIKE, number
    # The way back from a close that stood alone is part of the spike.
    is_open = (kind == 0) & ~is_hole & ~np.isin(at - 1, at[(kind == SPIKE) & (field != 0)])
    split, ratio = _splits(columns, at, gap=gap, subject=subject)
    kind[is_open] = split[is_open]
    is_jump = np.abs(np.expm1(step)) > jump_floor(subject)
    kind[is_open & (kind == 0) & is_jump] = JUMP

    kept = (kind > 0) & (at >= block.begin)
    before = np.exp(np.nan_to_num(around.before, nan=0.0))
    before[np.isnan(around.before)] = np.nan
    return Moves(at[kept], kind[kept], before[kept], ratio[kept], field[kept])


def _candidates(columns: Columns, begin: int, end: int, *, floor: float) -> Ints:
    up, down = math.exp(floor), math.exp(-floor)
    before = np.concatenate([[np.nan], columns.close[:-1]])[begin:end]
    opens, closes = columns.open[begin:end], columns.close[begin:end]
    with np.errstate(invalid="ignore"):
        is_large = (closes > before * up) | (closes < before * down)
        is_large |= (opens > before * up) | (opens < before * down)
        if begin == 0:
            is_large[0] = opens[0] > closes[0] * up or opens[0] < closes[0] * down
    return np.asarray(np.flatnonzero(is_large) + begin, dtype=np.int64)


def _around(columns: Columns, at: Ints) -> _Around:
    last = len(columns.row) - 1
    after = np.minimum(at + 1, last)
    before = np.log(columns.close[np.maximum(at - 1, 0)])
    return _Around(
        before=np.where(at > 0, before, np.nan),
        open=np.log(columns.open[at]),
        close=np.log(columns.close[at]),
        next_open=np.where(at < last, np.log(columns.open[after]), np.nan),
        next_close=np.where(at < last, np.log(columns.close[after]), np.nan),
    )


def _spikes(around: _Around, limit: Floats) -> tuple[Bools, Bools, Bools]:
    """Tell where the open, the close, or both stand alone."""
    is_first = np.isnan(around.before)
    before = np.where(is_first, around.close, around.before)
    # Nothing stands before the first bar, so its open must be off by far more.
    of_open = np.where(is_first, np.maximum(limit, FIRST_OPEN), limit)
    opens = _is_alone(around.open, (before, around.close, around.next_open), of_open)
    closes = ~is_first & _is_alone(
        around.close,
        (around.before, around.open, around.next_open, around.next_close),
        limit,
    )
    sides = (around.before, around.next_open)
    both = _is_alone(around.open, sides, limit) & _is_alone(around.close, sides, limit)
    same = (around.open - around.before) * (around.close - around.before) > 0
    return opens, closes, np.asarray(~is_first & both & same, dtype=np.bool_)


def _is_alone(price: Floats, others: tuple[Floats, ...], limit: Floats) -> Bools:
    """Tell where a price is off all others to one side, and the others agree; NaN is never so."""
    beside = np.stack(others)
    off = price[None, :] - beside
    with np.errstate(invalid="ignore"):
        least = np.minimum(np.abs(off.min(axis=0)), np.abs(off.max(axis=0)))
        is_one_side = off.min(axis=0) * off.max(axis=0) > 0
        spread = beside.max(axis=0) - beside.min(axis=0)
        found = is_one_side & (least > limit) & (spread <= RETURN_SHARE * least)
    return np.asarray(found, dtype=np.bool_)


def _splits(columns: Columns, at: Ints, *, gap: Floats, subject: Subject) -> tuple[Ints, Floats]:
    """Return `SPLIT` or `SPLIT_LISTED` or 0 for each row, and the ratio of old price to new."""
    kind = np.zeros(len(at), dtype=np.int64)
    ratio = np.exp(-gap)
    if subject.name.asset_class is not AssetClass.STOCKS or (
        subject.name.frame.nanoseconds > 7 * DAY_NS
    ):
        return kind, ratio
    logs = np.log(np.array(RATIOS))
    known = np.concatenate([-logs, logs])
    nearest = np.abs(-gap[:, None] - known[None, :]).argmin(axis=1) if len(at) else at
    is_simple = np.abs(-gap - known[nearest]) <= RATIO_TOLERANCE
    kind[is_simple & _is_quiet(columns, at, subject)] = SPLIT
    for split in subject.splits or ():
        day = columns.time_ns[at] // DAY_NS
        before = columns.time_ns[np.maximum(at - 1, 0)] // DAY_NS
        is_then = (before <= split.last_day) & (split.last_day < day)
        is_so = np.abs(-gap - math.log(split.ratio)) <= LISTED_TOLERANCE
        chosen = is_then & is_so & (abs(math.log(split.ratio)) > RATIO_TOLERANCE)
        kind[chosen] = SPLIT_LISTED
    return kind, ratio


def _is_quiet(columns: Columns, at: Ints, subject: Subject) -> Bools:
    """Tell where no unusual money changed hands; daily and longer bars that have volume."""
    if subject.name.frame.nanoseconds < DAY_NS:
        return np.ones(len(at), dtype=np.bool_)
    turnover = columns.close * columns.volume
    rows = np.maximum(at[:, None] - np.arange(1, TURNOVER_BARS + 1)[None, :], 0)
    usual = np.median(turnover[rows], axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(~(turnover[at] > TURNOVER_MAX * usual) | ~(usual > 0), dtype=np.bool_)
