"""Every real file is read to its end, and what the gate says agrees with SQL over the file.

The SQL is written from contracts.md 5 and from the list of known defects beside the data, not from
the gate's code.
"""

from collections import Counter
from pathlib import Path

import pytest

from hfl_core.domain.bars import (
    FLAG_GAP,
    FLAG_SPIKE,
    FLAG_ZERO_VOLUME,
    BarDefect,
    RefusedRows,
    Slot,
)
from hfl_core.domain.instruments import AssetClass, VolumeKind
from hfl_data.dataset import DatasetFeed
from hfl_data.loader import open_feed
from hfl_data.names import read_name
from hfl_data.request import FeedRequest
from tests.data.worlds import DAY, HOUR, instruments_by
from tests.support.shared import shared_folder

FOLDERS = ("crypto", "forex", "stocks", "indices", "defects", "indicator_ref")
# Classes of files whose folder names none.
CLASSES = {
    "BTC-USD-gemini_1h": AssetClass.CRYPTO,
    "BTC-USDT-cdd_1h": AssetClass.CRYPTO,
    "UNITTEST-BTC_1m": AssetClass.CRYPTO,
    "EUROSTOXX50_5m": AssetClass.INDICES,
}

_SQL = """
with raw as (
    select file_row_number as r, epoch_us(ts) as t, open, high, low, close, volume
    from read_parquet(?)
), judged as (
    select *,
        coalesce(isnan(open) or isnan(high) or isnan(low) or isnan(close)
            or open is null or high is null or low is null or close is null, true) as no_number,
        coalesce(least(open, high, low, close) <= 0, false) as non_positive,
        coalesce(high < low, false) as upside_down,
        coalesce(high >= low and (greatest(open, close) > high or least(open, close) < low), false)
            as outside,
        ? and (volume is null or isnan(volume) or volume < 0) as bad_volume
    from raw
), valid as (
    select *, not (no_number or non_positive or upside_down or outside or bad_volume
        or t is null) as is_valid
    from judged
), placed as (
    select *, max(case when is_valid then t end)
        over (order by r rows between unbounded preceding and 1 preceding) as last
    from valid
)
select
    count(*),
    count(*) filter (is_valid and (last is null or t > last)),
    count(*) filter (t is null),
    count(*) filter (t = last),
    count(*) filter (t < last),
    count(*) filter (upside_down),
    count(*) filter (outside),
    count(*) filter (is_valid and (last is null or t > last) and volume = 0),
    sum(case when is_valid and (last is null or t > last) then close end)
from placed
"""


def market_files() -> list[str]:
    """Names for the test report; the fixture finds or misses the files themselves."""
    root = shared_folder()
    found = []
    for folder in FOLDERS:
        files = (root / "market" / folder).glob("*.parquet")
        found += [f"{folder}/{path.stem}" for path in files]
    return sorted(found) or ["crypto/BTC-USDT_1h"]


def open_real(root: Path, *names: str) -> DatasetFeed:
    paths = tuple(str(root / "market" / f"{name}.parquet") for name in names)
    stem = names[0].split("/")[-1]
    return open_feed(
        FeedRequest(
            source="parquet",
            instruments=instruments_by,
            paths=paths,
            asset_class=CLASSES.get(stem, AssetClass.STOCKS),
        )
    )


def flagged(feed: DatasetFeed, flag: int) -> list[int]:
    """Return the close times of bars with a flag."""
    return [
        item.time_ns
        for item in feed.read(0)
        if isinstance(item, Slot) and any(bar.flags & flag for bar in item.bars)
    ]


@pytest.mark.parametrize("name", market_files())
def test_a_real_file_is_accepted_and_refused_as_sql_counts_it(shared_root, name):
    import duckdb

    path = shared_root / "market" / f"{name}.parquet"
    feed = open_real(shared_root, name)
    has_volume = feed.instruments[0].volume is VolumeKind.TRADED
    with duckdb.connect(":memory:") as connection:
        answer = connection.execute(_SQL, [str(path), has_volume]).fetchone()
    assert answer is not None
    rows, bars, bad_time, duplicate, disorder, upside_down, outside, zero, closes = answer

    reasons: Counter[BarDefect] = Counter()
    counted = refused = zero_volume = close_ticks = 0
    for item in feed.read(0):
        if isinstance(item, RefusedRows):
            refused += item.count
            reasons.update(dict.fromkeys(item.reasons, item.count))
        else:
            counted += 1
            close_ticks += item.bars[0].close
            zero_volume += bool(item.bars[0].flags & FLAG_ZERO_VOLUME)

    assert (bars, rows - bars) == (counted, refused)
    assert {
        BarDefect.BAD_TIME: bad_time,
        BarDefect.DUPLICATE: duplicate,
        BarDefect.DISORDER: disorder,
        BarDefect.HIGH_BELOW_LOW: upside_down,
        BarDefect.OUTSIDE_RANGE: outside,
    } == {
        defect: reasons[defect]
        for defect in (
            BarDefect.BAD_TIME,
            BarDefect.DUPLICATE,
            BarDefect.DISORDER,
            BarDefect.HIGH_BELOW_LOW,
            BarDefect.OUTSIDE_RANGE,
        )
    }
    assert zero_volume == (zero if has_volume else 0)
    assert close_ticks / 1e8 == pytest.approx(closes or 0, rel=1e-9)
    assert feed.opened(0).rows == rows


@pytest.mark.parametrize(
    ("name", "gaps"),
    [
        ("crypto/BTC-USDT_1h", 27),
        ("crypto/ETH-USDT_1h", 27),
        ("crypto/LTC-USDT_1h", 26),
        ("crypto/BTC-USD_1d", 1),
        ("crypto/BTC-USDT_1d", 0),
        ("crypto/BTC-USD_1mo", 0),
        ("crypto/BTC-PERP_1m", 0),
        ("defects/UNITTEST-BTC_1m", 538),
        ("forex/EUR-USD_1d", 0),
        ("forex/GBP-USD_1d", 3),
        ("stocks/QQQ_1d", 2),
        ("stocks/SPY_1d", 1),
        ("stocks/NVDA_1d", 1),
        ("indices/SPX_1d", 1),
        ("defects/WMI_1d", 1),
        ("defects/FB_1d", 19),
    ],
)
def test_gaps_are_as_many_as_the_list_of_defects_says(shared_root, name, gaps):
    assert len(flagged(open_real(shared_root, name), FLAG_GAP)) == gaps


def test_every_gap_of_the_hourly_euro_lies_outside_a_plain_weekend(shared_root):
    """Twelve are listed as non-weekend gaps; two weekends made longer by a holiday count too."""
    found = flagged(open_real(shared_root, "forex/EUR-USD_1h"), FLAG_GAP)

    assert len(found) == 14


def test_the_crash_of_march_2020_is_flagged_and_delivered(shared_root):
    """2020-03-12 10:00 UTC: the low lies 24.5 % below the close before, and it is real."""
    crash_ns = 1_584_007_200 * 10**9
    feed = open_real(shared_root, "crypto/BTC-USDT_1h")
    before, bar = (
        slot.bars[0]
        for slot in feed.read(0)
        if isinstance(slot, Slot) and slot.time_ns in {crash_ns, crash_ns + HOUR}
    )

    assert bar.flags == FLAG_SPIKE
    assert 0.244 < 1 - bar.low / before.close < 0.246


def test_a_descending_file_gives_one_bar_and_a_report(shared_root):
    items = list(open_real(shared_root, "defects/BTC-USD-gemini_1h").read(0))
    refused = [item for item in items if isinstance(item, RefusedRows)]

    assert [item for item in items if isinstance(item, Slot)] == [items[0]]
    assert sum(item.count for item in refused) == 45_824
    assert refused[-1].reasons == (BarDefect.DISORDER, BarDefect.NON_POSITIVE)
    assert "open 0.0" in refused[-1].sample
    assert max(item.count for item in refused) == 10_000


def test_the_day_with_low_zero_is_refused_for_it(shared_root):
    """HD 2009-04-17."""
    day_ns = 1_239_926_400 * 10**9
    refused = [
        item
        for item in open_real(shared_root, "stocks/HD_1d").read(0)
        if isinstance(item, RefusedRows) and BarDefect.NON_POSITIVE in item.reasons
    ]

    assert [(item.first_time_ns, item.count) for item in refused] == [(day_ns, 1)]


def test_daily_bars_are_known_after_their_day(shared_root):
    import duckdb

    feed = open_real(shared_root, "stocks/SPY_1d")
    path = str(shared_root / "market" / "stocks" / "SPY_1d.parquet")
    with duckdb.connect(":memory:") as connection:
        times = connection.execute("select epoch_us(ts) from read_parquet(?)", [path]).fetchall()

    assert [slot.time_ns for slot in feed.read(0) if isinstance(slot, Slot)] == [
        time * 1000 + DAY for (time,) in times
    ]


def test_two_instruments_merge_into_slots_of_both(shared_root):
    feed = open_real(shared_root, "crypto/BTC-USDT_1h", "crypto/LTC-USDT_1h")
    slots = [item for item in feed.read(0) if isinstance(item, Slot)]
    opened = feed.opened(0)

    assert opened.rows == 38_221 + 35_396 == sum(len(slot.bars) for slot in slots)
    assert opened.symbols == ("BTC-USDT", "LTC-USDT")
    assert sum(1 for slot in slots if len(slot.bars) == 2) == 35_396
    assert [slot.time_ns for slot in slots] == sorted({slot.time_ns for slot in slots})


def test_the_folder_names_the_class_of_every_classed_file(shared_root):
    for name in market_files():
        folder = name.split("/")[0]
        if folder in set(AssetClass):
            path = str(shared_root / "market" / f"{name}.parquet")
            assert read_name(path, None).asset_class == folder
