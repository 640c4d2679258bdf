"""Calendar periods: where days, ISO weeks and months begin, in zones that change their clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.engine.periods import PERIODS, boundaries_in

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ZONES = (BERLIN, NEW_YORK, "UTC", "Asia/Kolkata", "Pacific/Auckland", "America/Havana")
NS = 1_000_000_000


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


@pytest.mark.parametrize(
    ("zone", "period", "moment", "end"),
    [
        ("UTC", "day", "2026-01-05T10:00", "2026-01-06T00:00"),
        ("UTC", "week", "2026-01-05T10:00", "2026-01-12T00:00"),
        ("UTC", "week", "2026-01-11T23:59", "2026-01-12T00:00"),
        ("UTC", "month", "2026-01-31T23:59", "2026-02-01T00:00"),
        ("UTC", "month", "2028-02-29T12:00", "2028-03-01T00:00"),
        ("UTC", "month", "2026-12-31T12:00", "2027-01-01T00:00"),
        # 29 March 2026 has 23 hours in Berlin, 25 October has 25.
        (BERLIN, "day", "2026-03-28T23:00", "2026-03-29T22:00"),
        (BERLIN, "day", "2026-03-29T01:30", "2026-03-29T22:00"),
        (BERLIN, "day", "2026-10-24T22:00", "2026-10-25T23:00"),
        (BERLIN, "day", "2026-10-25T01:30", "2026-10-25T23:00"),
        (BERLIN, "week", "2026-03-25T12:00", "2026-03-29T22:00"),
        (BERLIN, "month", "2026-03-10T12:00", "2026-03-31T22:00"),
        (BERLIN, "month", "2026-10-10T12:00", "2026-10-31T23:00"),
        # 8 March 2026 has 23 hours in New York, 1 November has 25.
        (NEW_YORK, "day", "2026-03-08T05:00", "2026-03-09T04:00"),
        (NEW_YORK, "day", "2026-11-01T04:00", "2026-11-02T05:00"),
        (NEW_YORK, "week", "2026-03-06T12:00", "2026-03-09T04:00"),
        (NEW_YORK, "month", "2026-11-15T12:00", "2026-12-01T05:00"),
        (NEW_YORK, "day", "2026-01-06T04:59:59", "2026-01-06T05:00"),
    ],
)
def test_a_period_ends_where_the_calendar_says(zone: str, period: str, moment: str, end: str):
    assert boundaries_in(ZoneInfo(zone))(period, ns(moment)) == ns(end)


@pytest.mark.parametrize("period", PERIODS)
def test_an_exact_boundary_belongs_to_the_period_that_begins_there(period: str):
    end_of = boundaries_in(UTC)
    boundary = end_of(period, ns("2026-05-13T08:00"))

    assert end_of(period, boundary - 1) == boundary
    assert end_of(period, boundary) > boundary


@given(
    st.sampled_from(ZONES),
    st.sampled_from(PERIODS),
    st.integers(ns("2020-01-01"), ns("2030-01-01")),
)
def test_an_end_is_a_local_midnight_ahead_and_the_next_of_its_kind(zone, period, time_ns):
    end_of = boundaries_in(ZoneInfo(zone))
    end = end_of(period, time_ns)
    local = datetime.fromtimestamp(end // NS, UTC).astimezone(ZoneInfo(zone))
    just_before = local.astimezone(UTC) - timedelta(seconds=1)
    day_before = just_before.astimezone(ZoneInfo(zone)).date()

    assert end > time_ns
    assert end_of(period, end - 1) == end
    assert local.date() == day_before + timedelta(days=1)
    assert period != "week" or local.weekday() == 0
    assert period != "month" or local.day == 1


def test_an_unknown_period_is_named():
    with pytest.raises(ValueError, match="expected day, week or month, found 'year'"):
        boundaries_in(UTC)("year", 0)
