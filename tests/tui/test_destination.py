"""Where to in the past: what can be typed, and one sentence for everything else."""

import pytest

from hfl_tui.link.destination import Destination, destination

SECOND = 10**9
NOW = 1_000_000 * SECOND


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("1500", Destination("row", 1500)),
        ("row 1,500", Destination("row", 1500)),
        ("T-42", Destination("ask", ask="42")),
        ("t42", Destination("ask", ask="42")),
        ("-3d", Destination("time", NOW - 3 * 86_400 * SECOND)),
        ("+90m", Destination("time", NOW + 5_400 * SECOND)),
        ("+2w", Destination("time", NOW + 14 * 86_400 * SECOND)),
        ("1970-01-02", Destination("time", 86_400 * SECOND)),
        (" 1970-01-01T01:00Z ", Destination("time", 3_600 * SECOND)),
        ("1970-01-01 02:00:30", Destination("time", 7_230 * SECOND)),
        ("1970-01-01T01:00+01:00", Destination("time", 0)),
    ],
)
def test_times_rows_trades_and_spans_are_read(typed, wanted):
    assert destination(typed, now_ns=NOW) == wanted


@pytest.mark.parametrize("typed", ["", "next tuesday", "T-", "3d", "row x", "2020-13-01", "-d"])
def test_everything_else_is_one_sentence(typed):
    with pytest.raises(ValueError, match=r"expected .*, found .*: type one of these"):
        destination(typed, now_ns=NOW)
