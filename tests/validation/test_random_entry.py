"""Random trades keep lengths, sides and time in the market; an edge beats them, luck does not."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.random_entry import _placed, random_entry

RETURNS = np.random.default_rng(2).normal(0.0, 0.01, 300)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 20), st.integers(0, 99))
def test_random_trades_fit_in_and_never_meet(lengths, free, seed):
    rows = sum(lengths) + free
    length = np.tile(np.array(lengths), (8, 1))
    begins = _placed(np.random.default_rng(seed), length, rows)

    assert (begins >= 0).all()
    assert (begins + length <= rows).all()
    assert (begins[:, 1:] >= (begins + length)[:, :-1]).all()


def test_every_way_to_place_them_is_as_likely():
    """Trades of 2 and 1 bars within 6: C(5, 2) = 10 ways to spread 3 free bars over 3 gaps."""
    length = np.tile(np.array([2, 1]), (20_000, 1))
    begins = _placed(np.random.default_rng(5), length, 6)
    counts = Counter(map(tuple, begins.tolist()))
    ways = [
        (one, other) for one, other in itertools.product(range(5), range(6)) if other >= one + 2
    ]

    assert sorted(counts) == ways
    assert all(counts[way] == pytest.approx(2_000, abs=5 * math.sqrt(1_800)) for way in ways)


def test_the_actual_gain_is_compounded_by_hand():
    returns = [0.1, 0.2, -0.1, 0.05, 0.3]
    found = random_entry(
        returns, entry=[0, 3], exit_=[2, 4], side=[1, -1], cost=0.01, paths=5, seed=1
    )

    assert found.actual == pytest.approx(1.1 * 1.2 * 0.95 * 0.99**2 - 1)


def test_always_in_the_market_leaves_nothing_to_chance():
    found = random_entry(RETURNS, entry=[0], exit_=[300], side=[1], paths=20, seed=1)

    assert found.random == pytest.approx(np.full(20, np.prod(1 + RETURNS) - 1))
    assert found.p_value == 1.0


def test_a_side_stays_with_its_length():
    """Every bar gains 1 %: a long one of 1 bar and a short one of 3 make the same anywhere."""
    found = random_entry(
        np.full(50, 0.01), entry=[0, 10], exit_=[1, 13], side=[1, -1], paths=50, seed=1
    )

    assert found.random == pytest.approx(np.full(50, 1.01 * 0.99**3 - 1))


def test_trades_that_know_the_future_beat_chance():
    best = np.sort(np.argsort(RETURNS)[-20:])
    found = random_entry(
        RETURNS, entry=best, exit_=best + 1, side=np.ones(20, int), paths=999, seed=1
    )

    assert found.p_value == 1 / 1000


def test_a_side_that_is_always_wrong_is_worse_than_chance():
    best = np.sort(np.argsort(RETURNS)[-20:])
    found = random_entry(
        RETURNS, entry=best, exit_=best + 1, side=-np.ones(20, int), paths=499, seed=1
    )

    assert found.p_value > 0.99


def test_trades_at_random_are_believed_as_rarely_as_they_should_be():
    """p-values of random trades are even: about one in ten is below 0.1."""
    chance = np.random.default_rng(7)
    below = 0
    for _ in range(300):
        begins = np.sort(chance.choice(30, 5, replace=False)) * 10
        found = random_entry(
            RETURNS, entry=begins, exit_=begins + 10, side=np.ones(5, int), paths=99, seed=3
        )
        below += found.p_value <= 0.1

    assert below / 300 == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / 300))


def trades(**changed):
    usual = {"entry": [3], "exit_": [9], "side": [1], "paths": 5, "seed": 1}
    return lambda: random_entry(changed.pop("returns", RETURNS), **{**usual, **changed})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (trades(entry=[], exit_=[], side=[]), "expected one trade or more, found none"),
        (trades(returns=[]), "expected 1 rows of returns or more, found 0"),
        (trades(returns=[0.1, math.nan]), "expected returns without holes"),
        (trades(exit_=[3]), "expected trades of one bar or more within 300 rows"),
        (trades(exit_=[301]), "expected trades of one bar or more within 300 rows"),
        (trades(entry=[-1]), "expected trades of one bar or more within 300 rows"),
        (trades(entry=[3, 8], exit_=[9, 12], side=[1, 1]), "found trade 1 starting inside"),
        (trades(side=[0]), "expected sides of 1 .long. or -1 .short., found others"),
        (trades(side=[1, 1]), "expected side with 1 rows, found 2"),
        (trades(exit_=[9, 10]), "expected exit with 1 rows, found 2"),
        (trades(cost=1.0), "expected a cost from 0 to below 1, found 1.0"),
        (trades(paths=0), "expected paths as a whole number from 1"),
        (trades(returns=[-1.0] * 20), "expected bars that move by less than 1, found -1 at row 0"),
        (trades(entry=[0.5]), "expected entry as whole numbers"),
    ],
)
def test_absurd_trades_are_refused_in_one_sentence(call, said):
    with pytest.raises(DataError, match=said):
        call()
