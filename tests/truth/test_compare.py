"""What counts as equal to an expected answer, and what does not."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hfl_core.metrics.expectancy import Expectancy
from tests.truth.compare import compare

NOON = datetime(2021, 5, 1, 12, tzinfo=UTC)
EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("got", "expected", "tolerance"),
    [
        (1.05, 1.0, {"abs": 0.06}),
        (105.0, 100.0, {"rel": 0.05}),
        (0.04, 0.0, {"rel": 0.05, "abs": 0.05}),
        (3, 3, {}),
        (3.0, 3, {}),
        (None, None, {}),
        (math.nan, None, {}),
        (math.inf, "inf", {}),
        (-math.inf, "-inf", {}),
        ("stop", "stop", {}),
        (True, True, {}),
        (NOON, "2021-05-01 12:00:00", {}),
        (NOON.astimezone(EAST), "2021-05-01 12:00:00+00:00", {}),
        (NOON, "2021-05-01 14:00:00+02:00", {}),
        ((0.5, 2.0), [0.5, 2.0], {}),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}, {}),
        (Expectancy(1.0, 2.0), {"expectancy_ratio": 2.0}, {}),
    ],
)
def test_an_equal_answer_passes(got, expected, tolerance):
    assert compare(got, expected, tolerance).fault == ""


@pytest.mark.parametrize(
    ("got", "expected", "tolerance"),
    [
        (1.07, 1.0, {"abs": 0.06}),
        (math.nan, 1.0, {"abs": 9.0}),
        (math.inf, 1.0, {"rel": 9.0}),
        (None, 1.0, {"abs": 9.0}),
        (1.0, None, {"abs": 9.0}),
        (4, 3, {"abs": 9.0}),
        (3.1, 3, {"abs": 9.0}),
        (True, 1, {}),
        (1, True, {}),
        (1e308, "inf", {}),
        (-math.inf, "inf", {}),
        ("stop", "roi", {}),
        (5.0, "stop", {}),
        (NOON, "2021-05-01 12:00:01", {}),
        ((0.5,), [0.5, 2.0], {}),
        (0.5, [0.5], {}),
        ({"a": 1.0}, {"b": 1.0}, {}),
        (1.0, {"a": 1.0}, {}),
    ],
)
def test_another_answer_is_a_fault_that_says_both(got, expected, tolerance):
    found = compare(got, expected, tolerance)

    assert "expected" in found.fault


def test_the_largest_deviation_and_the_first_fault_are_kept():
    found = compare([1.5, 9.0, 3.0], [1.0, 1.0, 1.0], {"abs": 1.0})

    assert found.deviation == 8.0
    assert found.share == 8.0
    assert found.fault == "[1] expected 1.0, found 9.0"
