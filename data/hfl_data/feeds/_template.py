"""A feed to start from: copy this file, name it as users shall name the feed, replace the rows.

What is above `rows` is the same for every feed; gates, flags, merging, cursors and hashes come with
`DatasetFeed`. The conformance tests of tests/data/feeds pick the new file up by themselves once
they know an example request for it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, Timeframe, timeframe
from hfl_data.dataset import DatasetFeed as Feed
from hfl_data.request import FeedRequest, instrument_of
from hfl_data.rows import RawRow

_SYMBOL: Final = Symbol("TEMPLATE")
# 2024-01-01 00:00 UTC, then one bar a day.
_FIRST_NS: Final = 1_704_067_200 * 10**9
_CLOSES: Final[Sequence[float]] = (100.0, 101.0, 99.5)


def open_feed(request: FeedRequest) -> Feed:
    """Open the feed; raise DataError, one sentence, when the request cannot be met."""
    instrument = instrument_of(request, _SYMBOL, AssetClass.STOCKS)
    return Feed(request, [_TemplateSource(instrument, timeframe("1d"))])


class _TemplateSource:
    """Implements `hfl_data.rows.Source`."""

    def __init__(self, instrument: Instrument, frame: Timeframe) -> None:
        self.instrument = instrument
        self.frame = frame

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield raw rows as found, from number start on: open time, prices, volume."""
        rows: list[RawRow] = [
            (_FIRST_NS + number * self.frame.nanoseconds, close, close, close, close, 1.0)
            for number, close in enumerate(_CLOSES)
        ]
        if rows[start:]:
            yield rows[start:]
