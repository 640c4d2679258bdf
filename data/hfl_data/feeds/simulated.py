"""Bars of a made-up market, from a seed: the default feed, which needs no file and no network.

Parameters, as texts: seed; bars (open times an instrument); timeframe (1m to 1w); start (ISO date
or instant, UTC); symbols (of SIM-BTC, SIM-ETH, SIM-EUR, separated by commas); defects (0 clean, 50
filthy). What they mean: hfl_data/simulation.py.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, Timeframe, VolumeKind, timeframe
from hfl_data.dataset import DatasetFeed
from hfl_data.headlines import Headline, headlines
from hfl_data.request import FeedRequest, instrument_of
from hfl_data.rows import CHUNK_ROWS, TIME_END_NS, TIME_FIRST_NS, RawRow
from hfl_data.sessions import months_of
from hfl_data.simulation import GENERATOR_VERSION, TRADED, Market, Traded

BARS_MAX: Final = 10_000_000
DEFECTS_MAX: Final = 50
DEFAULTS: Final[Mapping[str, str]] = {
    "bars": "5000",
    "defects": "2",
    "generator": GENERATOR_VERSION,
    "seed": "7",
    "start": "2024-01-01T00:00:00Z",
    "symbols": ",".join(TRADED),
    "timeframe": "1h",
}


class Feed(DatasetFeed):
    """A data set with headlines."""

    def __init__(self, request: FeedRequest, market: Market, sources: list["_Source"]) -> None:
        super().__init__(request, sources)
        self._market = market

    def headlines(self, symbol: str, until_ns: int) -> tuple[Headline, ...]:
        """Return the headlines on a symbol that could be read by an instant, oldest first."""
        return tuple(headlines(self._market, symbol, until_ns))


def open_feed(request: FeedRequest) -> Feed:
    """Open the simulation that the request's parameters describe.

    Raises DataError when a parameter is unknown or cannot be used.
    """
    given = dict(request.parameters)
    if unknown := sorted(set(given) - set(DEFAULTS)):
        raise DataError(
            f"expected parameters among {', '.join(DEFAULTS)}, found {', '.join(unknown)}: "
            "leave them out"
        )
    values = {**DEFAULTS, **given}
    if values["generator"] != GENERATOR_VERSION:
        raise DataError(
            f"expected a simulation of generator {GENERATOR_VERSION}, "
            f"found {values['generator']}: use the version that wrote it"
        )
    frame = _frame(values["timeframe"])
    market = Market(
        _whole("seed", values["seed"], low=0, high=2**63),
        bars=_whole("bars", values["bars"], low=1, high=BARS_MAX),
        start_ns=_instant(values["start"]),
        frame=frame,
    )
    defects = _whole("defects", values["defects"], low=0, high=DEFECTS_MAX)
    whole = FeedRequest(
        source=request.source,
        instruments=request.instruments,
        parameters=tuple(sorted(values.items())),
        marks=request.marks,
        kept=request.kept,
    )
    sources = [
        _Source(
            instrument_of(request, Symbol(traded.symbol), traded.asset_class),
            market=market,
            traded=traded,
            defects=defects,
        )
        for traded in _traded(values["symbols"])
    ]
    return Feed(whole, market, sources)


def default_instruments(currency: str) -> dict[str, Instrument]:
    """Return instruments that fit the simulated ones, by symbol, for when nobody configured any."""
    return {
        traded.symbol: Instrument(
            symbol=Symbol(traded.symbol),
            asset_class=traded.asset_class,
            tick=Decimal(1).scaleb(-traded.digits),
            lot=Decimal(1000) if traded.asset_class is AssetClass.FOREX else Decimal("0.0001"),
            notional_min=Decimal(10),
            currency=currency,
            volume=VolumeKind.TRADED if traded.volume else VolumeKind.NONE,
            may_short=traded.asset_class is AssetClass.FOREX,
            depth_lots=0 if traded.volume else 1000,
            group=traded.group,
        )
        for traded in TRADED.values()
    }


class _Source:
    """Implements `hfl_data.rows.Source`."""

    def __init__(
        self, instrument: Instrument, *, market: Market, traded: Traded, defects: int
    ) -> None:
        self.instrument = instrument
        self.frame: Timeframe = market.frame
        self._market = market
        self._traded = traded
        self._defects = defects

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield the rows from number start on; those before are made and dropped."""
        chunk: list[RawRow] = []
        for number, row in enumerate(self._market.rows(self._traded, self._defects)):
            if number >= start:
                chunk.append(row)
            if len(chunk) == CHUNK_ROWS:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


def _traded(symbols: str) -> list[Traded]:
    names = [name.strip() for name in symbols.split(",") if name.strip()]
    if not names or any(name not in TRADED for name in names):
        raise DataError(
            f"expected symbols among {', '.join(TRADED)}, found {symbols!r}: name some of these"
        )
    return [TRADED[name] for name in names]


def _frame(name: str) -> Timeframe:
    try:
        frame = timeframe(name)
    except ValueError as error:
        raise DataError(f"timeframe: {error}: choose one of these") from error
    if months_of(frame):
        raise DataError(f"expected a timeframe from 1m to 1w, found {name}: choose a shorter one")
    return frame


def _whole(name: str, text: str, *, low: int, high: int) -> int:
    if text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise DataError(f"expected {name} from {low} to {high}, found {text!r}: change it")


def _instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(
            f"expected start as an ISO date such as 2024-01-01, found {text!r}: change it"
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    time_ns = since // timedelta(microseconds=1) * 1000
    if not TIME_FIRST_NS <= time_ns < TIME_END_NS:
        raise DataError(f"expected start between 1900 and 2200, found {text!r}: change it")
    return time_ns
