"""Planted hours: what a session, a rest or a holiday explains is told as such."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import (
    NEW_YORK,
    SECOND,
    clean,
    row_of,
    with_row,
    write,
)

HOUR = 3600 * SECOND
DAY = 24 * HOUR


def at_new_york(series, day: str, clock: str, price_at: int):
    """A row of another time, with the prices of one that is there."""
    moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK)
    return row_of(series, price_at) | {"ts": int(moment.timestamp()) * SECOND}


@pytest.mark.parametrize(
    ("clock", "code"),
    [("08:00", "extended_hours"), ("19:59", "extended_hours"), ("02:00", "out_of_session")],
)
def test_bars_around_a_session_are_extended_or_out_of_it(clock, code, tmp_path):
    series = clean("stocks 1m", 1)
    # The second of the three sessions, 30 December 2019.
    first = int(np.searchsorted(series["ts"], row_of(series, 390)["ts"]))
    row = at_new_york(series, "2019-12-30", clock, first)
    before = int(np.searchsorted(series["ts"], row["ts"]))
    path = write(with_row(series, before, row), "stocks 1m", tmp_path)

    found = {f.code.name: f for f in inspect(path, Asked()).findings}

    assert {name: [place.row for place in f.places] for name, f in found.items()} == {
        code: [before]
    }


def test_a_rest_that_the_calendar_explains_is_a_note(tmp_path):
    """New York did not trade from the 11th to the 14th of September 2001."""
    days = ["2001-09-06", "2001-09-07", "2001-09-10", "2001-09-17", "2001-09-18", "2001-09-19"]
    series = {name: column[:6] for name, column in clean("stocks 1d", 2).items()}
    series["ts"] = np.array(days, dtype="datetime64[ns]").astype(np.int64)
    path = write(series, "stocks 1d", tmp_path)

    (found,) = inspect(path, Asked()).findings

    assert (found.code.name, found.places[0].row) == ("closure", 3)


def test_a_christmas_without_forex_bars_is_a_note(tmp_path):
    series = clean("forex 1h", 3)
    week = datetime(2019, 12, 22, 17, tzinfo=NEW_YORK)
    hours = [week + timedelta(hours=n) for n in range(120)]
    quiet = {datetime(2019, 12, 24, 13, tzinfo=NEW_YORK) + timedelta(hours=n) for n in range(28)}
    stamps = [int(hour.timestamp()) * SECOND for hour in hours if hour not in quiet]
    series = {name: column[: len(stamps)] for name, column in series.items()}
    path = write(series | {"ts": np.array(stamps)}, "forex 1h", tmp_path)

    found = [f.code.name for f in inspect(path, Asked()).findings]

    assert found == ["closure", "no_volume"]
