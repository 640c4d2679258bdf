"""Clean series of every market, made without the project's calendars, and defects to plant in them.

All of 2019. A series is a dict of columns; a defect changes it and says which rows it touched.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from hfl_data.inspection.finding import Finding, Severity
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked

NEW_YORK = ZoneInfo("America/New_York")
# The New York Stock Exchange in 2019, as it was published.
CLOSED = {
    date(2019, month, day)
    for month, day in (
        (1, 1), (1, 21), (2, 18), (4, 19), (5, 27), (7, 4), (9, 2), (11, 28), (12, 25)
    )
}  # fmt: skip
EARLY = {date(2019, 7, 3), date(2019, 11, 29), date(2019, 12, 24)}
PRICES = ("open", "high", "low", "close")
SECOND = 10**9
Series = dict[str, np.ndarray]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def sessions() -> list[date]:
    days = _days(date(2019, 1, 2), date(2019, 12, 31))
    return [day for day in days if day.weekday() < 5 and day not in CLOSED]


def _stock_bars(step: timedelta, days: int) -> list[datetime]:
    bars: list[datetime] = []
    for day in sessions()[-days:]:
        moment = datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)
        closes = time(13) if day in EARLY else time(16)
        while moment < datetime.combine(day, closes, NEW_YORK).astimezone(UTC):
            bars.append(moment)
            moment += step
    return bars


def _forex_bars(step: timedelta, weeks: int) -> list[datetime]:
    bars: list[datetime] = []
    for week in range(weeks):
        sunday = date(2019, 2, 3) + timedelta(weeks=week)
        moment = datetime.combine(sunday, time(17), NEW_YORK).astimezone(UTC)
        closes = datetime.combine(sunday + timedelta(days=5), time(17), NEW_YORK)
        while moment < closes.astimezone(UTC):
            bars.append(moment)
            moment += step
    return bars


def _midnights(days: list[date]) -> list[datetime]:
    return [datetime.combine(day, time(), UTC) for day in days]


def _always(step: timedelta, count: int) -> list[datetime]:
    first = datetime(2019, 1, 7, tzinfo=UTC)
    return [first + n * step for n in range(count)]


def _months() -> list[datetime]:
    return [datetime(2012 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(96)]


def _weekdays() -> list[date]:
    return [day for day in _days(date(2019, 2, 4), date(2019, 11, 29)) if day.weekday() != 5]


# market -> (class, timeframe, the bars it owes, the deviation of one log return)
MARKETS = {
    "crypto 1m": ("crypto", "1m", lambda: _always(timedelta(minutes=1), 400), 0.001),
    "crypto 1h": ("crypto", "1h", lambda: _always(timedelta(hours=1), 300), 0.004),
    "crypto 1d": ("crypto", "1d", lambda: _always(timedelta(days=1), 250), 0.01),
    "crypto 1w": ("crypto", "1w", lambda: _always(timedelta(weeks=1), 150), 0.01),
    "crypto 1mo": ("crypto", "1mo", _months, 0.01),
    "stocks 1m": ("stocks", "1m", lambda: _stock_bars(timedelta(minutes=1), 3), 0.001),
    "stocks 1h": ("stocks", "1h", lambda: _stock_bars(timedelta(hours=1), 60), 0.003),
    "stocks 1d": ("stocks", "1d", lambda: _midnights(sessions()), 0.008),
    "indices 1d": ("indices", "1d", lambda: _midnights(sessions()), 0.006),
    "forex 1h": ("forex", "1h", lambda: _forex_bars(timedelta(hours=1), 8), 0.0005),
    "forex 4h": ("forex", "4h", lambda: _forex_bars(timedelta(hours=4), 30), 0.0008),
    "forex 1d": ("forex", "1d", lambda: _midnights(_weekdays()), 0.002),
}


def clean(market: str, seed: int) -> Series:
    """A random walk in which every bar opens near the last close and trades on both sides."""
    _, _, bars, deviation = MARKETS[market]
    moments = bars()
    rng = np.random.default_rng(seed)
    count = len(moments)
    steps = np.clip(rng.normal(0.0, deviation, count), -3 * deviation, 3 * deviation)
    close = 100.0 * np.exp(np.cumsum(steps))
    gaps = 1.0 + rng.uniform(-0.2, 0.2, count) * deviation
    opens = np.concatenate([[100.0], close[:-1]]) * gaps
    wick = 1.0 + deviation * rng.uniform(0.01, 0.5, (2, count))
    has_volume = MARKETS[market][0] != "forex"
    return {
        "ts": np.array([int(moment.timestamp()) * SECOND for moment in moments], dtype=np.int64),
        "open": opens,
        "high": np.maximum(opens, close) * wick[0],
        "low": np.minimum(opens, close) / wick[1],
        "close": close,
        "volume": rng.uniform(100.0, 300.0, count) * has_volume,
    }


def without(series: Series, rows: np.ndarray | list[int]) -> Series:
    return {name: np.delete(column, rows) for name, column in series.items()}


def with_row(series: Series, at: int, row: dict[str, float]) -> Series:
    return {name: np.insert(column, at, row[name]) for name, column in series.items()}


def row_of(series: Series, at: int) -> dict[str, float]:
    return {name: column[at] for name, column in series.items()}


def scaled(series: Series, rows: slice, factor: float) -> Series:
    """The four prices of some rows times a factor."""
    found = {name: column.copy() for name, column in series.items()}
    for name in PRICES:
        found[name][rows] *= factor
    return found


def write(series: Series, market: str, folder: Path, name: str = "AAA") -> Path:
    """The file of a series; ts in nanoseconds, the smallest integer for no time."""
    asset_class, frame, _, _ = MARKETS[market]
    path = folder / asset_class / f"{name}_{frame}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {key: column.copy() for key, column in series.items() if key != "ts"}
    columns["ts_us"] = series["ts"] // 1000
    names = ", ".join(key for key in series if key != "ts")
    connection = _connection()
    connection.register("bars", columns)
    connection.execute(
        f"copy (select make_timestamptz(ts_us) as ts, {names} from bars) "
        f"to '{path}' (format parquet)"
    )
    return path


@lru_cache(maxsize=1)
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def findings(path: Path, asked: Asked | None = None) -> dict[str, Finding]:
    """What is found beyond notes, by code."""
    found = inspect(path, asked or Asked()).findings
    return {f.code.name: f for f in found if f.code.severity is not Severity.INFO}


def rows(found: dict[str, Finding]) -> dict[str, list[int]]:
    """The rows of each finding's places."""
    return {name: [place.row for place in f.places] for name, f in found.items()}
