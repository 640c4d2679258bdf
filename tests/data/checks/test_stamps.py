"""What stamps are: another clock, the bar's end, another unit, dates alone; told by evidence."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import MARKETS, SECOND, clean, findings, rows, write

HOUR = 3600 * SECOND
DAY = 24 * HOUR


def clock(series, zone: str, ahead: timedelta = timedelta()):
    """The series as a vendor stamps it whose clock is that of a zone."""
    stamps = []
    for stamp in series["ts"].tolist():
        moment = datetime.fromtimestamp(stamp // SECOND, UTC).astimezone(ZoneInfo(zone)) + ahead
        stamps.append(int(moment.replace(tzinfo=UTC).timestamp()) * SECOND)
    return series | {"ts": np.array(stamps, dtype=np.int64)}


@pytest.mark.parametrize("market", ["stocks 1m", "stocks 1h"])
def test_stamps_of_new_york_are_told_by_the_edges_of_the_sessions(market, tmp_path):
    path = write(clock(clean(market, 1), "America/New_York"), market, tmp_path)

    found = findings(path)

    assert list(found) == ["time_zone"]
    assert "America/New_York" in found["time_zone"].evidence


@pytest.mark.parametrize("market", ["stocks 1m", "stocks 1h", "forex 1h", "forex 4h"])
def test_stamps_of_the_bars_end_are_told_by_the_edges_of_the_sessions(market, tmp_path):
    series = clean(market, 2)
    step = int(np.diff(series["ts"]).min())
    path = write(series | {"ts": series["ts"] + step}, market, tmp_path)

    assert list(findings(path)) == ["bar_end_stamps"]


@pytest.mark.parametrize(
    ("zone", "hours", "told"),
    [
        ("America/New_York", 0, "America/New_York"),
        ("America/New_York", 7, "America/New_York +7 h"),
        ("UTC", 3, "UTC +3 h"),
    ],
)
def test_a_brokers_clock_is_told_by_the_edges_of_the_weeks(zone, hours, told, tmp_path):
    market = "forex 1h"
    path = write(clock(clean(market, 3), zone, timedelta(hours=hours)), market, tmp_path)

    found = findings(path)

    assert list(found) == ["time_zone"]
    assert f"the clock of {told}" in found["time_zone"].evidence


def test_a_gap_is_found_behind_another_clock(tmp_path):
    market = "forex 4h"
    series = clock(clean(market, 4), "America/New_York", timedelta(hours=7))
    kept = {name: np.delete(column, [50, 51]) for name, column in series.items()}
    path = write(kept, market, tmp_path)

    found = findings(path)

    assert set(found) == {"gap", "time_zone"}
    assert rows(found)["gap"] == [50]
    assert found["gap"].bars == 2


@pytest.mark.parametrize("market", ["stocks 1d", "indices 1d"])
def test_days_stamped_a_day_early_are_told(market, tmp_path):
    series = clean(market, 5)
    path = write(series | {"ts": series["ts"] - DAY}, market, tmp_path)

    found = findings(path)

    assert list(found) == ["time_zone"]
    assert "1 day early" in found["time_zone"].evidence


def test_days_stamped_at_new_yorks_midnight_are_told(tmp_path):
    series = clean("stocks 1d", 6)
    local = [
        datetime.fromtimestamp(stamp // SECOND, UTC).replace(tzinfo=ZoneInfo("America/New_York"))
        for stamp in series["ts"].tolist()
    ]
    stamps = np.array([int(moment.timestamp()) * SECOND for moment in local], dtype=np.int64)
    path = write(series | {"ts": stamps}, "stocks 1d", tmp_path)

    assert list(findings(path)) == ["time_zone"]


def test_days_stamped_at_the_close_are_bar_ends(tmp_path):
    series = clean("stocks 1d", 7)
    closes = []
    for stamp in series["ts"].tolist():
        day = datetime.fromtimestamp(stamp // SECOND, UTC)
        is_early = (day.month, day.day) in {(7, 3), (11, 29), (12, 24)}
        close = day.replace(hour=13 if is_early else 16, tzinfo=ZoneInfo("America/New_York"))
        closes.append(int(close.timestamp()) * SECOND)
    path = write(series | {"ts": np.array(closes)}, "stocks 1d", tmp_path)

    assert list(findings(path)) == ["bar_end_stamps"]


def test_another_exchange_is_recognised_and_can_be_named(tmp_path):
    """Frankfurt trades from 09:00 to 17:30: its bars stamped so are no UTC."""
    days = [datetime(2019, 3, day, 9, tzinfo=UTC) for day in (4, 5, 6, 7, 8)]
    stamps = [day + timedelta(minutes=5 * n) for day in days for n in range(102)]
    series = {name: column[: len(stamps)] for name, column in clean("stocks 1m", 8).items()}
    series["ts"] = np.array([int(s.timestamp()) * SECOND for s in stamps], dtype=np.int64)
    path = write(series, "stocks 1m", tmp_path)
    path = path.rename(path.with_name("AAA_5m.parquet"))

    for asked in (Asked(), Asked(exchange="XETR")):
        found = findings(path, asked)
        assert list(found) == ["time_zone"]
        assert "Europe/Berlin" in found["time_zone"].evidence


def test_month_ends_are_a_note(tmp_path):
    series = clean("crypto 1mo", 9)
    firsts = series["ts"].astype("datetime64[ns]").astype("datetime64[M]")
    lasts = (firsts + 1).astype("datetime64[D]") - 1
    stamps = lasts.astype("datetime64[ns]").astype(np.int64)
    path = write(series | {"ts": stamps}, "crypto 1mo", tmp_path)

    assert [f.code.name for f in inspect(path, Asked()).findings] == ["month_end_stamps"]


@pytest.mark.parametrize(
    ("market", "name"),
    [("crypto 1h", "1m"), ("crypto 1d", "1w"), ("crypto 1m", "1h"), ("crypto 1w", "1mo")],
)
def test_bars_of_another_length_than_the_name_says_are_told(market, name, tmp_path):
    path = write(clean(market, 10), market, tmp_path)
    path = path.rename(path.with_name(f"AAA_{name}.parquet"))

    assert "wrong_timeframe" in findings(path)


def copied(path, columns: str, target):
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {columns} from '{path}') to '{target}' (format parquet)")
    return target


NUMBERS = "open, high, low, close, volume"


def test_seconds_between_milliseconds_are_mixed_units(tmp_path):
    path = write(clean("crypto 1h", 11), "crypto 1h", tmp_path)
    stamp = "case when file_row_number in (50, 51) then epoch(ts) else epoch_ms(ts) end"
    target = copied(path, f"({stamp})::double as ts, {NUMBERS}", path.with_name("BBB_1h.parquet"))

    found = findings(target)

    assert rows(found) == {"mixed_time_units": [50, 52]}
    assert "2 rows in seconds, 298 rows in milliseconds" in found["mixed_time_units"].evidence


def test_the_vendors_own_stamps_beside_the_time_are_looked_at(tmp_path):
    path = write(clean("crypto 1h", 12), "crypto 1h", tmp_path)
    stamp = "case when file_row_number >= 100 then epoch(ts) else epoch_ms(ts) end as unix_raw"
    target = copied(path, f"ts, {NUMBERS}, {stamp}", path.with_name("BBB_1h.parquet"))

    assert rows(findings(target)) == {"mixed_time_units": [100]}


def test_a_time_that_a_wrong_unit_threw_into_1970_is_mixed_units(tmp_path):
    series = clean("crypto 1h", 13)
    series["ts"][60] = series["ts"][60] // 1000 // HOUR * HOUR
    path = write(series, "crypto 1h", tmp_path)

    assert 60 in rows(findings(path))["mixed_time_units"]


@pytest.mark.parametrize("unit", ["epoch(ts)", "epoch_ms(ts)", "epoch_us(ts)"])
def test_bare_numbers_of_one_unit_are_read_by_their_size(unit, tmp_path):
    path = write(clean("crypto 1h", 14), "crypto 1h", tmp_path)
    target = copied(path, f"{unit}::bigint as ts, {NUMBERS}", path.with_name("BBB_1h.parquet"))

    report = inspect(target, Asked())

    assert report.findings == ()
    assert report.survey.begin_ns == int(np.datetime64("2019-01-07", "ns").astype(np.int64))


def test_a_time_without_zone_is_told_and_read_as_utc(tmp_path):
    path = write(clean("crypto 1h", 15), "crypto 1h", tmp_path)
    target = copied(path, f"ts::timestamp as ts, {NUMBERS}", path.with_name("BBB_1h.parquet"))

    assert list(findings(target)) == ["no_time_zone"]


def test_dates_alone_are_told(tmp_path):
    path = write(clean("indices 1d", 16), "indices 1d", tmp_path)
    target = copied(path, f"ts::date as ts, {NUMBERS}", path.with_name("BBB_1d.parquet"))

    assert list(findings(target)) == ["dates_only"]


def test_intraday_bars_that_all_stand_at_midnight_are_dates_only(tmp_path):
    series = clean("crypto 1h", 17)
    path = write(series | {"ts": series["ts"] // DAY * DAY}, "crypto 1h", tmp_path)

    assert "dates_only" in findings(path)


def test_every_market_is_read_as_utc_and_open(tmp_path):
    for market in MARKETS:
        path = write(clean(market, 18), market, tmp_path)
        found = {f.code.name for f in inspect(path, Asked()).findings}
        assert not found & {"time_zone", "bar_end_stamps", "month_end_stamps"}
