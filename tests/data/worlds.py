"""Small worlds for the data room's tests: instruments, sources from lists, files, and an oracle."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, Timeframe, VolumeKind, timeframe
from hfl_data.dataset import DatasetFeed
from hfl_data.request import FeedRequest
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, UNREADABLE_NS, RawRow

HOUR = 3_600 * 10**9
DAY = 24 * HOUR
NAN = float("nan")
# Monday 2024-01-01 00:00 UTC.
MONDAY = 1_704_067_200 * 10**9


def instrument(
    symbol: str = "AAA",
    *,
    asset_class: AssetClass = AssetClass.CRYPTO,
    tick: str = "0.01",
    volume: VolumeKind = VolumeKind.TRADED,
) -> Instrument:
    return Instrument(
        symbol=Symbol(symbol),
        asset_class=asset_class,
        tick=Decimal(tick),
        lot=Decimal("0.0001"),
        notional_min=Decimal(1),
        currency="USD",
        volume=volume,
    )


def instruments_by(symbol: Symbol, asset_class: AssetClass) -> Instrument:
    """A resolver as the caller brings one: fine ticks, no volume where the class has none."""
    has_volume = asset_class in {AssetClass.CRYPTO, AssetClass.STOCKS}
    return instrument(
        symbol,
        asset_class=asset_class,
        tick="0.00000001",
        volume=VolumeKind.TRADED if has_volume else VolumeKind.NONE,
    )


class ListSource:
    """Raw rows from a list, in chunks of a chosen size."""

    def __init__(
        self, traded: Instrument, frame: Timeframe, rows: Sequence[RawRow], *, chunk: int = 3
    ) -> None:
        self.instrument = traded
        self.frame = frame
        self._rows = rows
        self._chunk = chunk

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        for begin in range(start, len(self._rows), self._chunk):
            yield list(self._rows[begin : begin + self._chunk])


def sources(tracks: Sequence[Sequence[RawRow]], *, chunk: int = 3) -> list[ListSource]:
    return [
        ListSource(instrument(f"T{number}"), timeframe("1h"), rows, chunk=chunk)
        for number, rows in enumerate(tracks)
    ]


def feed(tracks: Sequence[Sequence[RawRow]], *, chunk: int = 3) -> DatasetFeed:
    request = FeedRequest(source="list", instruments={})
    return DatasetFeed(request, sources(tracks, chunk=chunk))


def flat(hour: int, price: float = 100.0, volume: float = 1.0) -> RawRow:
    return (MONDAY + hour * HOUR, price, price, price, price, volume)


def _valid(hour: int, low: int, up: tuple[int, int, int]) -> RawRow:
    first, second, third = (low + step for step in up)
    high = max(first, second, third)
    return (MONDAY + hour * HOUR, first / 100, high / 100, low / 100, second / 100, float(third))


_STEPS = st.integers(0, 500)
valid_rows = st.builds(
    _valid, st.integers(0, 30), st.integers(1, 10_000), st.tuples(_STEPS, _STEPS, _STEPS)
)
_NUMBERS = st.sampled_from([NAN, math.inf, -1.0, 0.0, 0.004, 1.0, 2.0, 3.0])
messy_rows = st.tuples(
    st.one_of(
        st.integers(0, 30).map(lambda hour: MONDAY + hour * HOUR),
        st.sampled_from([UNREADABLE_NS, TIME_END_NS, TIME_FIRST_NS - 1]),
    ),
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
)
rows_lists = st.lists(st.one_of(valid_rows, valid_rows, messy_rows), max_size=40)
worlds = st.lists(rows_lists, min_size=1, max_size=3)


def is_bar(row: RawRow, last_ns: int) -> bool:
    """The oracle of acceptance for ticks of 0.01 and traded volume, written from contracts.md 5."""
    time_ns, open_, high, low, close, volume = row
    numbers_are_real = all(math.isfinite(number) for number in row[1:])
    return (
        TIME_FIRST_NS <= time_ns < TIME_END_NS
        and time_ns > last_ns
        and numbers_are_real
        and min(open_, high, low, close) > 0.005
        and high >= max(open_, close)
        and low <= min(open_, close)
        and high >= low
        and volume >= 0
    )


def accepted(rows: Sequence[RawRow]) -> list[bool]:
    verdicts = []
    last_ns = TIME_FIRST_NS - 1
    for row in rows:
        verdicts.append(is_bar(row, last_ns))
        last_ns = row[0] if verdicts[-1] else last_ns
    return verdicts


def merged_rows(tracks: Sequence[Sequence[RawRow]]) -> list[tuple[int, int, bool]]:
    """The merged order as one sort: (track, row, is a bar), from merge.py's definition alone."""
    keyed = []
    for track, rows in enumerate(tracks):
        behind_ns = TIME_FIRST_NS - 1
        for number, (row, is_accepted) in enumerate(zip(rows, accepted(rows), strict=True)):
            behind_ns = row[0] if is_accepted else behind_ns
            keyed.append((behind_ns, not is_accepted, track, number))
    return [(track, number, not refused) for _, refused, track, number in sorted(keyed)]


def told(items: Sequence[Slot | RefusedRows]) -> list[tuple[object, ...]]:
    """One entry a raw row: what the feed said of it."""
    entries: list[tuple[object, ...]] = []
    for item in items:
        if isinstance(item, Slot):
            entries.extend((item.time_ns, *bar) for bar in item.bars)
        else:
            entries.extend((item.symbol, item.reasons) for _ in range(item.count))
    return entries


def write_csv(path: Path, header: str, lines: Sequence[str]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)


def write_parquet(path: Path, rows: Sequence[RawRow]) -> str:
    """Write rows as they are; unreadable times become NULL."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "create table bars (ts timestamptz, open double, high double, low double, "
            "close double, volume double)"
        )
        for time_ns, *numbers in rows:
            connection.execute(
                "insert into bars values (make_timestamptz(?), ?, ?, ?, ?, ?)",
                [None if time_ns == UNREADABLE_NS else time_ns // 1000, *numbers],
            )
        connection.execute(f"copy bars to '{path}' (format parquet)")
    return str(path)
