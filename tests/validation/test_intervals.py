"""Intervals against a published example, closed forms and their own promise: coverage."""

import math
from functools import partial

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.metrics.alpha_beta import alpha_beta
from hfl_core.metrics.max_drawdown import max_drawdown
from hfl_core.metrics.profit_factor import profit_factor
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.validation.intervals import Method, _acceleration, interval, intervals
from hfl_core.validation.resampling import Scheme

# Efron and Tibshirani 1993, table 14.1: spatial perception of 26 children, test A.
CHILDREN = np.fromstring(
    "48 36 20 29 42 42 20 42 22 41 45 14 6 0 33 28 34 4 32 24 47 41 24 26 30 41", sep=" "
)


def variance(values):
    return float(values.var())


def mean(values):
    return float(values.mean())


def test_the_published_example_is_met():
    """Same book, table 14.2: percentile (100.8, 233.9), BCa (115.8, 259.6).

    From 2,000 draws, whose bounds have standard errors of about 1.8, 2.2, 1.4 and 3.2: each is met
    within three of them.
    """
    bca = interval(variance, CHILDREN, seed=1, level=0.9, draws=10_000)
    plain = interval(variance, CHILDREN, seed=1, level=0.9, draws=10_000, method=Method.PERCENTILE)

    assert bca.estimate == pytest.approx(171.5, abs=0.05)
    assert plain.low == pytest.approx(100.8, abs=5.4)
    assert plain.high == pytest.approx(233.9, abs=6.6)
    assert bca.low == pytest.approx(115.8, abs=4.2)
    assert bca.high == pytest.approx(259.6, abs=9.6)
    # The correction is worth more than all of these errors.
    assert bca.low - plain.low > 10
    assert bca.high - plain.high > 15
    assert _acceleration(variance, CHILDREN) == pytest.approx(0.061, abs=0.0005)


def test_the_acceleration_of_a_mean_is_its_closed_form():
    """For a mean it is sum d^3 / (6 (sum d^2)^1.5) of the values' own deviations, ibid. (14.15)."""
    values = np.random.default_rng(3).exponential(size=120)
    away = values - values.mean()
    expected = (away**3).sum() / (6 * (away**2).sum() ** 1.5)

    assert _acceleration(mean, values) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("method", list(Method))
def test_a_long_normal_record_has_the_interval_of_the_books(method):
    values = np.random.default_rng(5).normal(0.3, 2.0, 4_000)
    found = interval(mean, values, seed=2, method=method, draws=4_000)
    half = 1.959964 * values.std() / math.sqrt(len(values))

    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def coverage(make, truth, *, level, worlds=300, draws=400, **how):
    held = 0
    for seed in range(worlds):
        found = interval(
            mean, make(np.random.default_rng(seed)), seed=seed, level=level, draws=draws, **how
        )
        held += found.low <= truth <= found.high
    return held / worlds


@pytest.mark.slow
@pytest.mark.parametrize("method", list(Method))
def test_intervals_hold_the_truth_as_often_as_they_promise(method):
    found = coverage(lambda chance: chance.normal(size=60), 0.0, level=0.8, method=method)

    # Three standard errors of 300 worlds, and 2 % that sixty rows cost a bootstrap.
    assert found == pytest.approx(0.8, abs=0.02 + 3 * math.sqrt(0.16 / 300))


@pytest.mark.slow
def test_blocks_keep_the_promise_where_single_rows_break_it():
    """A mean of AR(1) returns with rho 0.6 is twice as unsure as its rows say."""

    def moving(chance):
        return np.convolve(chance.normal(size=460), 0.6 ** np.arange(40))[60:460]

    few = {"level": 0.9, "method": Method.PERCENTILE, "worlds": 120, "draws": 150}
    by_row = coverage(moving, 0.0, **few)
    by_block = coverage(moving, 0.0, scheme=Scheme.STATIONARY, block=14.0, **few)

    assert by_row < 0.70
    assert by_block > 0.80


def test_any_metric_takes_its_place_and_shares_its_draws():
    chance = np.random.default_rng(8)
    market = chance.normal(0.0005, 0.01, 500)
    returns = 1.5 * market + chance.normal(0, 0.001, 500)
    both = np.column_stack([returns, market])

    def beta(rows):
        return alpha_beta(rows[:, 0], benchmark=rows[:, 1], periods_per_year=252).beta

    found = intervals({"beta": beta}, both, seed=4, draws=300)["beta"]
    sharpe = partial(sharpe_ratio, periods_per_year=252)
    alone = intervals({"sharpe": sharpe, "fall": max_drawdown}, returns, seed=4, draws=300)

    assert found.low < 1.5 < found.high
    assert found.high - found.low < 0.05
    assert alone["sharpe"] == interval(sharpe, returns, seed=4, draws=300)
    assert alone["fall"].low < alone["fall"].high <= 0.0


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    values = np.random.default_rng(1).normal(size=50)

    assert interval(mean, values, seed=1) == interval(mean, values, seed=1)
    assert interval(mean, values, seed=1) != interval(mean, values, seed=2)


def test_all_losses_have_a_defined_interval():
    losses = -np.abs(np.random.default_rng(1).normal(0.01, 0.005, 40))
    found = interval(mean, losses, seed=1)

    assert found.low < found.estimate < found.high < 0.0


def test_rows_that_are_all_the_same_leave_no_doubt():
    found = interval(mean, np.full(10, 0.5), seed=1)

    assert (found.low, found.estimate, found.high) == (0.5, 0.5, 0.5)


def test_infinite_draws_make_an_infinite_bound_and_nothing_else():
    """Few losses: many draws have none, and their profit factor is infinite."""
    trades = np.array([0.02, 0.01, 0.03, 0.02, -0.01, 0.01])
    found = interval(profit_factor, trades, seed=1, method=Method.PERCENTILE)

    assert 0.0 < found.low < found.estimate < found.high == math.inf


def test_a_metric_that_is_mostly_not_defined_has_no_interval():
    def only_without(values):
        return math.nan if (values == 1.0).any() else float(values.mean())

    def never(values):
        return math.nan

    assert math.isnan(interval(never, np.arange(5.0), seed=1).low)
    some = interval(only_without, np.array([1.0] + [2.0] * 9), seed=1)
    assert math.isnan(some.low)
    assert some.undefined == pytest.approx(1 - 0.9**10, abs=0.05)


@pytest.mark.parametrize(
    ("values", "how", "said"),
    [
        ([0.1], {}, "expected 2 rows of values or more, found 1"),
        ([], {}, "expected 2 rows of values or more, found 0"),
        ([0.1, math.nan], {}, "expected values without holes, found nan"),
        ([0.1, math.inf], {}, "expected values without holes, found inf"),
        ([0.1, 0.2], {"level": 1.0}, "expected level between 0 and 1, found 1.0"),
        ([0.1, 0.2], {"level": math.nan}, "expected level between 0 and 1, found nan"),
        ([0.1, 0.2], {"draws": 9}, "expected draws as a whole number from 10"),
        ([0.1, 0.2], {"block": 2.0}, "expected a block of 1 where each row"),
        ("ab", {}, "expected values as numbers"),
    ],
)
def test_absurd_intervals_are_refused_in_one_sentence(values, how, said):
    with pytest.raises(DataError, match=said):
        interval(mean, values, seed=1, **how)
