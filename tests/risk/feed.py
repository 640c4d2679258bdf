"""Hourly bars for a market's fold, and thresholds that make some of them loud."""

from hfl_core.domain.bars import BarRow
from hfl_core.risk.market import Market, Thresholds

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
LOUD = Thresholds(move_atr=8.0, move_fraction=0.15, volume_ratio=30.0, volatility_ratio=2.5)


def bar(close: int, *, high: int = 0, low: int = 0, volume: float = 10.0, flags: int = 0) -> BarRow:
    return BarRow(0, close, high or close, low or close, close, volume, flags)


class Feed:
    """Pushes hourly bars from midnight on."""

    def __init__(self, *, has_volume: bool = True, thresholds: Thresholds | None = None) -> None:
        self.market = Market(has_volume=has_volume)
        if thresholds is not None:
            self.market.thresholds = thresholds
        self.now = 0

    def push(self, row: BarRow, *, after: int = HOUR) -> int:
        self.now += after
        day_end = -(-self.now // DAY) * DAY
        return self.market.push(row, time_ns=self.now, day_end_ns=day_end)
