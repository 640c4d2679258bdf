"""Crises hold what happened between peak and trough, on real bars as the newspapers told it."""

import itertools
import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.metrics.max_drawdown import max_drawdown
from hfl_core.validation.crises import CRISES, DAY_NS, Crisis, by_crisis
from tests.truth.files import read

SPAN = Crisis("made up", date(2020, 1, 3), date(2020, 1, 6))


def days(first, count):
    """Return the ends of days."""
    begin = int(datetime(2020, 1, first, tzinfo=UTC).timestamp()) * 10**9
    return [begin + (number + 1) * DAY_NS for number in range(count)]


def test_the_day_of_the_peak_is_outside_and_the_day_of_the_trough_inside():
    returns = [0.5, 0.25, -0.1, -0.2, -0.3, 0.9]
    found = by_crisis(returns, days(2, 6), {}, crises=[SPAN])["made up"]

    assert found.result.rows == 3
    assert found.result.total == pytest.approx(0.9 * 0.8 * 0.7 - 1)
    assert found.is_whole


def test_a_crisis_that_is_seen_in_part_says_so_and_one_not_seen_is_left_out():
    assert not by_crisis([0.1, 0.1], days(3, 2), {}, crises=[SPAN])["made up"].is_whole
    assert not by_crisis([0.1, 0.1], days(5, 2), {}, crises=[SPAN])["made up"].is_whole
    assert by_crisis([0.1, 0.1], days(10, 2), {}, crises=[SPAN]) == {}
    assert by_crisis([0.1], days(3, 1), {}, crises=[SPAN]) == {}


def test_the_spans_are_in_order_and_apart():
    for one, other in itertools.pairwise(CRISES):
        assert one.peak < one.trough < other.peak


def falls(root, name):
    bars = read(root / "market" / f"{name}.parquet", ("close",))
    close = bars["close"]
    return by_crisis(
        close[1:] / close[:-1] - 1.0,
        bars.ts[1:] + DAY_NS,
        {"fall": max_drawdown, "worst": lambda rows: float(rows.min())},
    )


def test_stocks_fell_as_the_newspapers_told(shared_root):
    """S&P 500, closes: -49.1 % to 9 October 2002, -56.8 % to 9 March 2009."""
    found = falls(shared_root, "indices/SPX_1d")

    assert found["dot-com 2000-02"].result.total == pytest.approx(-0.491, abs=0.001)
    assert found["financial 2007-09"].result.total == pytest.approx(-0.568, abs=0.001)
    # Peak to trough: what was lost over the span is the deepest fall inside it.
    for name in ("dot-com 2000-02", "financial 2007-09"):
        assert found[name].result.figures["fall"] == pytest.approx(found[name].result.total)
        assert found[name].is_whole
    assert "May 2021" not in found


def test_bitcoin_fell_as_the_newspapers_told(shared_root):
    """-83 % over 2018, 12 March 2020 the worst day with about -40 %, -41 % in May 2021."""
    found = falls(shared_root, "crypto/BTC-USDT_1d")

    assert found["crypto winter 2018"].result.total == pytest.approx(-0.83, abs=0.01)
    assert found["March 2020"].result.figures["worst"] == pytest.approx(-0.40, abs=0.01)
    assert found["May 2021"].result.total == pytest.approx(-0.41, abs=0.01)
    assert all(one.is_whole for one in found.values())


@pytest.mark.parametrize(
    ("returns", "times", "crisis", "said"),
    [
        ([], [], SPAN, "expected 1 rows of returns or more, found 0"),
        ([math.nan], days(4, 1), SPAN, "expected returns without holes"),
        ([0.1], days(4, 2), SPAN, "expected times_ns with 1 rows, found 2"),
        ([0.1, 0.1], days(4, 2)[::-1], SPAN, "expected times in ascending order"),
        (
            [0.1],
            days(4, 1),
            Crisis("none", SPAN.peak, SPAN.peak - timedelta(days=1)),
            "expected a trough behind the peak of none",
        ),
        ([0.1], np.array([0.5]), SPAN, "expected times_ns as whole numbers"),
    ],
)
def test_absurd_crises_are_refused_in_one_sentence(returns, times, crisis, said):
    with pytest.raises(DataError, match=said):
        by_crisis(returns, times, {}, crises=[crisis])
