"""Calendars: what is published of single days, the library they come from, and counted bars."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass, timeframe
from hfl_data.calendars import forex_week
from hfl_data.calendars.clock import local_of, utc_of
from hfl_data.calendars.due import due_of
from hfl_data.calendars.exchange import exchange, exchange_names

SECOND = 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "UTC")


def ns(text: str) -> int:
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((moment - EPOCH).total_seconds()) * SECOND


def day(text: str) -> int:
    return ns(text) // (86_400 * SECOND)


@pytest.mark.parametrize(
    "closed",
    ["2001-09-11", "2001-09-14", "2012-10-29", "2012-10-30", "2004-06-11", "2007-01-02",
     "2018-12-05", "2025-01-09", "2019-04-19", "2021-12-24", "1994-04-27"],
)  # fmt: skip
def test_new_york_was_closed(closed):
    assert day(closed) not in exchange("XNYS").days


@pytest.mark.parametrize("traded", ["2001-09-10", "2001-09-17", "2012-10-31", "2021-12-31"])
def test_new_york_traded(traded):
    assert day(traded) in exchange("XNYS").days


@pytest.mark.parametrize(
    ("name", "opens", "closes"),
    [
        ("XNYS", "2019-07-03T13:30", "2019-07-03T17:00"),
        ("XNYS", "2019-07-05T13:30", "2019-07-05T20:00"),
        ("XNYS", "2019-01-03T14:30", "2019-01-03T21:00"),
        ("XLON", "2019-12-24T08:00", "2019-12-24T12:30"),
        ("XETR", "2019-07-05T07:00", "2019-07-05T15:30"),
        ("XASX", "2019-01-02T23:00", "2019-01-03T05:00"),
    ],
)
def test_hours_of_single_days(name, opens, closes):
    known = exchange(name)
    at = int(np.searchsorted(known.opens_ns, ns(opens)))

    assert (known.opens_ns[at], known.closes_ns[at]) == (ns(opens), ns(closes))


def test_tokyo_rests_at_noon():
    known = exchange("XTKS")
    at = int(np.searchsorted(known.opens_ns, ns("2019-06-03T00:00")))

    assert known.closes_ns[at] == ns("2019-06-03T02:30")
    assert known.opens_ns[at + 1] == ns("2019-06-03T03:30")


@pytest.mark.parametrize("name", exchange_names())
def test_every_table_has_ordered_sessions_of_at_most_a_day(name):
    known = exchange(name)

    assert len(known.days) > 6000
    assert (np.diff(known.days) > 0).all()
    assert (known.opens_ns < known.closes_ns).all()
    assert (known.closes_ns[:-1] <= known.opens_ns[1:]).all()
    assert (known.closes_ns - known.opens_ns < 12 * 3600 * SECOND).all()


@pytest.fixture
def library():
    return pytest.importorskip(
        "exchange_calendars", reason="the extra `data` brings the library the tables come from"
    )


def instants(column) -> np.ndarray:
    return column.dt.tz_convert(None).to_numpy().astype("datetime64[ns]").astype(np.int64)


# The library itself uses what pandas will drop.
@pytest.mark.filterwarnings("ignore::Warning:exchange_calendars", "ignore:Series.values")
def test_an_exchange_without_a_table_comes_from_the_library(library):
    known = exchange("XAMS")

    assert known.zone == "Europe/Amsterdam"
    assert day("2019-04-19") not in known.days
    at = int(np.searchsorted(known.opens_ns, ns("2019-07-05T07:00")))
    assert known.closes_ns[at] == ns("2019-07-05T15:30")
    with pytest.raises(DataError, match="expected an exchange among"):
        exchange("XXXX")


@pytest.mark.filterwarnings("ignore::Warning:exchange_calendars", "ignore:Series.values")
@pytest.mark.parametrize("name", exchange_names())
def test_every_table_is_what_the_library_says(name, library):
    ours = exchange(name)
    theirs = library.get_calendar(name, start="2000-01-04", end="2027-12-30")
    days = theirs.sessions.to_numpy().astype("datetime64[D]").astype(np.int64)

    assert ours.days[(ours.days >= days[0]) & (ours.days <= days[-1])].tolist() == days.tolist()
    assert np.isin(instants(theirs.schedule["open"]), ours.opens_ns).all()
    assert np.isin(instants(theirs.schedule["close"]), ours.closes_ns).all()


@given(zone=st.sampled_from(ZONES), hours=st.integers(0, 24 * 365 * 60))
def test_a_clock_there_and_back_is_the_same_instant(zone, hours):
    instant = EPOCH + timedelta(hours=hours)
    stamp = np.array([hours * 3600 * SECOND])

    shown = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)

    assert local_of(stamp, zone)[0] == int((shown - EPOCH).total_seconds()) * SECOND
    back = int(utc_of(local_of(stamp, zone), zone)[0])
    # The hour that a clock shows twice is told as one of the two.
    again = datetime.fromtimestamp(back / SECOND, UTC).astimezone(ZoneInfo(zone))
    assert again.replace(tzinfo=UTC) == shown


def test_the_forex_week_follows_new_yorks_summer_time():
    weeks = forex_week.weeks()
    for sunday, friday in (
        ("2019-03-03T22:00", "2019-03-08T22:00"),
        ("2019-03-10T21:00", "2019-03-15T21:00"),
        ("2019-11-03T22:00", "2019-11-08T22:00"),
    ):
        at = int(np.searchsorted(weeks.begin_ns, ns(sunday)))
        assert (weeks.begin_ns[at], weeks.end_ns[at]) == (ns(sunday), ns(friday))


def missing(asset_class: str, frame: str, before: str, after: str, *, name: str = "XNYS") -> int:
    owed = due_of(AssetClass(asset_class), timeframe(frame), exchange=exchange(name), grid_ns=0)
    found = owed.missing(np.array([ns(before)]), np.array([ns(after)]))
    return int(found[0])


@pytest.mark.parametrize(
    ("asset_class", "frame", "before", "after", "bars"),
    [
        ("crypto", "1h", "2019-06-01T10:00", "2019-06-01T11:00", 0),
        ("crypto", "1h", "2019-06-01T10:00", "2019-06-01T14:00", 3),
        ("crypto", "1d", "2019-06-01", "2019-06-04", 2),
        ("crypto", "1w", "2019-06-03", "2019-06-17", 1),
        ("crypto", "1mo", "2019-01-31", "2019-02-28", 0),
        ("crypto", "1mo", "2019-01-31", "2019-04-30", 2),
        ("stocks", "1d", "2019-07-03", "2019-07-05", 0),
        ("stocks", "1d", "2019-07-02", "2019-07-05", 1),
        ("stocks", "1d", "2001-09-10", "2001-09-17", 0),
        ("stocks", "1d", "2019-04-18", "2019-04-23", 1),
        # From the last hour of a half day to the first of the next session.
        ("stocks", "1h", "2019-07-03T16:00", "2019-07-05T13:00", 0),
        ("stocks", "1h", "2019-07-03T15:00", "2019-07-05T14:00", 2),
        ("forex", "1h", "2019-06-07T20:00", "2019-06-09T21:00", 0),
        ("forex", "1h", "2019-06-07T19:00", "2019-06-09T23:00", 3),
        ("forex", "1h", "2019-12-24T17:00", "2019-12-25T22:00", 0),
        ("forex", "1d", "2019-06-07", "2019-06-10", 0),
        ("forex", "1d", "2019-06-06", "2019-06-09", 1),
        ("forex", "1d", "2019-12-24", "2019-12-26", 0),
    ],
)
def test_bars_that_were_due_between_two_stamps(asset_class, frame, before, after, bars):
    assert missing(asset_class, frame, before, after) == bars


@given(hour=st.integers(0, 24 * 7 * 20), length=st.integers(1, 300))
def test_missing_forex_hours_are_counted_one_by_one(hour, length):
    """Against a walk over every hour, away from the holidays."""
    zone = ZoneInfo("America/New_York")
    begin = datetime(2019, 2, 1, tzinfo=UTC) + timedelta(hours=hour)
    end = begin + timedelta(hours=length)

    def is_open(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        minute = local.weekday() * 24 + local.hour
        return minute < 4 * 24 + 17 or minute >= 6 * 24 + 17

    walked = sum(is_open(begin + timedelta(hours=n)) for n in range(1, length))

    assert missing("forex", "1h", begin.isoformat(), end.isoformat()) == walked
