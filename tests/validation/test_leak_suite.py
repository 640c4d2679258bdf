"""Every seeded leak is caught and named, and its clean twin is left alone."""

import pytest

from tests.validation import leaks_of_bars, leaks_of_fitting, leaks_of_splits, leaks_of_worlds

pytestmark = pytest.mark.slow

LEAKS = [
    *leaks_of_bars.LEAKS,
    *leaks_of_worlds.LEAKS,
    *leaks_of_fitting.LEAKS,
    *leaks_of_splits.LEAKS,
]
NAMES = [leak.name for leak in LEAKS]


def test_there_are_more_than_thirty_leaks_each_of_its_own():
    assert len(LEAKS) > 30
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("leak", LEAKS, ids=NAMES)
def test_the_leak_is_caught_and_named(leak):
    assert leak.named in leak.leaky()


@pytest.mark.parametrize("leak", LEAKS, ids=NAMES)
def test_the_clean_twin_is_left_alone(leak):
    assert leak.clean() == set()
