"""When bars are known and when one is missing, against calendars worked out by hand."""

from datetime import UTC, datetime

import pytest

from hfl_core.domain.instruments import AssetClass, timeframe
from hfl_data.sessions import close_ns, is_gap, is_weekend


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("frame", "stamp", "known"),
    [
        ("1m", "2024-03-01T10:00", "2024-03-01T10:01"),
        ("1h", "2024-03-01T23:00", "2024-03-02T00:00"),
        ("1d", "2024-02-28T00:00", "2024-02-29T00:00"),
        ("1w", "2024-01-01T00:00", "2024-01-08T00:00"),
        ("1mo", "2012-01-31T00:00", "2012-02-01T00:00"),
        ("1mo", "2012-01-01T00:00", "2012-02-01T00:00"),
        ("1mo", "2012-12-31T00:00", "2013-01-01T00:00"),
        ("3mo", "2012-10-01T00:00", "2013-01-01T00:00"),
        ("3mo", "2012-12-31T00:00", "2013-01-01T00:00"),
    ],
)
def test_a_bar_is_known_at_its_close(frame, stamp, known):
    assert close_ns(at(stamp), timeframe(frame)) == at(known)


GAPS = [
    ("crypto", "1h", "2024-03-02T10:00", "2024-03-02T11:00", False),
    ("crypto", "1h", "2024-03-02T10:00", "2024-03-02T12:00", True),
    ("crypto", "1d", "2024-03-01T00:00", "2024-03-03T00:00", True),
    ("crypto", "1mo", "2024-01-31T00:00", "2024-02-29T00:00", False),
    ("crypto", "1mo", "2024-01-31T00:00", "2024-03-31T00:00", True),
    # Friday 2024-03-01 to Sunday 2024-03-03; winter closes at 22:00 UTC, summer at 21:00.
    ("forex", "1h", "2024-03-01T21:00", "2024-03-03T22:00", False),
    ("forex", "1h", "2024-07-05T20:00", "2024-07-07T21:00", False),
    ("forex", "1h", "2024-07-05T18:00", "2024-07-07T21:00", True),
    ("forex", "1h", "2024-03-01T21:00", "2024-03-03T23:00", True),
    ("forex", "1h", "2024-03-06T10:00", "2024-03-06T12:00", True),
    ("forex", "1m", "2024-03-01T21:59", "2024-03-03T22:00", False),
    ("forex", "4h", "2024-03-01T20:00", "2024-03-04T00:00", False),
    ("forex", "1d", "2024-03-01T00:00", "2024-03-04T00:00", False),
    ("forex", "1d", "2024-03-01T00:00", "2024-03-05T00:00", True),
    ("stocks", "1d", "2024-03-01T00:00", "2024-03-04T00:00", False),
    ("stocks", "1d", "2001-09-10T00:00", "2001-09-17T00:00", True),
    ("stocks", "1h", "2024-03-01T20:00", "2024-03-04T14:00", False),
    ("stocks", "1h", "2024-03-01T15:00", "2024-03-01T17:00", True),
    ("stocks", "1m", "2013-10-04T20:00", "2013-10-11T13:30", True),
    ("indices", "1d", "2024-03-01T00:00", "2024-03-04T00:00", False),
    ("indices", "1w", "2024-03-04T00:00", "2024-03-11T00:00", False),
    ("indices", "1w", "2024-03-04T00:00", "2024-03-18T00:00", True),
]


@pytest.mark.parametrize(("asset_class", "frame", "last", "time", "expected"), GAPS)
def test_a_gap_is_a_bar_that_was_due(asset_class, frame, last, time, expected):
    found = is_gap(at(last), at(time), asset_class=AssetClass(asset_class), frame=timeframe(frame))

    assert found is expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2024-03-01T20:59", False),
        ("2024-03-01T21:00", True),
        ("2024-03-02T12:00", True),
        ("2024-03-03T21:59", True),
        ("2024-03-03T22:00", False),
    ],
)
def test_the_forex_weekend_has_its_bounds(time, expected):
    assert is_weekend(at(time)) is expected
