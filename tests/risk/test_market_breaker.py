"""What the market breaker measures: a share, judged from two broken instruments on."""

import pytest

from hfl_core.risk.breakers.market import is_calm, read, trips_at
from tests.engine.kit import D, limits


def bounds(fraction: str):
    return limits(breaker_market_fraction_max=D(fraction))


@pytest.mark.parametrize(
    ("fraction", "watched", "trips", "calm"),
    [("0.5", 2, 2, 0), ("0.5", 4, 3, 1), ("0.3", 10, 4, 1), ("0.3", 30, 10, 4), ("0.1", 5, 2, 0)],
)
def test_it_trips_above_its_share_and_calms_at_half_of_it(
    fraction: str, watched: int, trips: int, calm: int
):
    beyond = [n for n in range(watched + 1) if read(n, watched, bounds(fraction)).is_beyond]
    calms = [n for n in range(watched + 1) if is_calm(n, watched, bounds(fraction))]

    assert beyond == list(range(trips, watched + 1))
    assert calms == list(range(calm + 1))
    assert trips_at(watched, float(fraction)) == trips


def test_it_says_which_share_of_what():
    assert read(4, 10, bounds("0.3")) == ("of the watched markets are tripped", 0.4, 0.3)


def test_a_share_of_everything_never_trips():
    assert not read(7, 7, bounds("1")).is_beyond
    assert trips_at(7, 1.0) > 7
