"""What the decider keeps for the risk rules: one market per instrument, and equity's recent peaks.

A fold over accepted bars and equity, part of the decider and its snapshots. A profile without
limits keeps none of it. Knows nothing of orders, or of what a loud market leads to.
"""

from collections.abc import Sequence
from typing import Any, Final

from hfl_core.domain.bars import BarRow
from hfl_core.domain.instruments import Instrument, VolumeKind
from hfl_core.domain.limits import UNLIMITED, RiskLimits, is_bounding
from hfl_core.engine.periods import DAY, Boundaries
from hfl_core.engine.saved import State
from hfl_core.risk.breakers.loss import MINUTE_NS, Peaks
from hfl_core.risk.market import Market, Thresholds

NO_WINDOW: Final = 0


class MarketWatch:
    """The markets of all lanes, in their order.

    attention: whether the last slot was loud, equity fell fast, or a breaker is tripped; peak: the
    highest equity of the window; window_ns: its length, 0 while nothing bounds it.
    """

    __slots__ = (
        "attention",
        "day_end_ns",
        "is_on",
        "is_watching",
        "loud",
        "markets",
        "over",
        "peak",
        "peaks",
        "under",
        "window_ns",
    )

    def __init__(self, instruments: Sequence[Instrument], limits: RiskLimits) -> None:
        self.is_on = limits.profile != UNLIMITED
        kept = instruments if self.is_on else ()
        self.markets = tuple(Market(has_volume=one.volume is VolumeKind.TRADED) for one in kept)
        # What was loud in the last slot: lane number -> bits.
        self.loud: dict[int, int] = {}
        self.peaks = Peaks()
        self.peak = 0
        self.day_end_ns = 0
        self.attention = False
        self.is_watching = False
        self.set_limits(limits)

    def set_limits(self, limits: RiskLimits) -> None:
        """Take the breakers' thresholds over."""
        thresholds = Thresholds(
            move_atr=float(limits.breaker_move_atr_max),
            move_fraction=float(limits.breaker_move_fraction_max),
            volume_ratio=float(limits.breaker_volume_ratio_max),
            volatility_ratio=float(limits.breaker_volatility_ratio_max),
        )
        for market in self.markets:
            market.thresholds = thresholds
        has_window = self.is_on and is_bounding(limits, "rapid_loss_fraction_max")
        self.window_ns = limits.rapid_loss_minutes * MINUTE_NS if has_window else NO_WINDOW
        self.over, self.under = limits.rapid_loss_fraction_max.as_integer_ratio()

    def take(
        self, bars: Sequence[BarRow], *, time_ns: int, equity: int, boundaries: Boundaries
    ) -> None:
        """Take a folded slot in. equity: after it, money units."""
        if time_ns > self.day_end_ns:
            # A bar that closes at a boundary belongs to the day that ends there.
            self.day_end_ns = boundaries(DAY, time_ns - 1)
        day_end_ns, markets, loud = self.day_end_ns, self.markets, self.loud
        if loud:
            loud.clear()
        for bar in bars:
            bits = markets[bar[0]].push(bar, time_ns=time_ns, day_end_ns=day_end_ns)
            if bits:
                loud[bar[0]] = bits
        is_falling = False
        if self.window_ns:
            peak = self.peak = self.peaks.push(time_ns, equity, window_ns=self.window_ns)
            is_falling = (peak - equity) * self.under >= peak * self.over
        self.attention = is_falling or self.is_watching or bool(loud)

    def forget_peaks(self) -> None:
        """Look for the highest equity afresh: a human resumed."""
        self.peaks = Peaks()
        self.peak = 0

    def state(self) -> State:
        """Return every bit that later folds depend on, as plain JSON values."""
        return {
            "day_end_ns": self.day_end_ns,
            "peaks": [list(pair) for pair in self.peaks.row],
            "markets": [market.state() for market in self.markets],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken; an older version's empty one starts afresh."""
        self.day_end_ns = state.get("day_end_ns", 0)
        self.forget_peaks()
        self.peaks.row.extend((time_ns, equity) for time_ns, equity in state.get("peaks", ()))
        saved = state.get("markets", ())
        if len(saved) == len(self.markets):
            for market, own in zip(self.markets, saved, strict=True):
                market.restore(own)
