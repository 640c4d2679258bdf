"""Every headline figure is its metric's, with an interval around what is true."""

import math
from functools import partial

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.metrics.catalogue import find
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.validation.block_length import block_length
from hfl_core.validation.headline import headline
from hfl_core.validation.intervals import Method, interval
from hfl_core.validation.resampling import Scheme


def market(seed, rows=750):
    chance = np.random.default_rng(seed)
    return chance.normal(0.0004, 0.01, rows), chance


def storms():
    """Return forty spells of 25 days, calm or wild, with signs that are a coin."""
    chance = np.random.default_rng(5)
    size = np.repeat(np.where(chance.random(40) < 0.2, 0.04, 0.004), 25)
    return size * chance.choice([-1.0, 1.0], 1_000)


def test_figures_are_those_of_their_metrics():
    returns, _ = market(1)
    found = headline(returns, periods_per_year=252, seed=1, draws=50)

    assert len(found) == 10
    for name, one in found.items():
        metric = find(name)
        assert metric is not None
        yearly = name not in {
            "max_drawdown",
            "value_at_risk",
            "conditional_value_at_risk",
            "tail_ratio",
        }
        expected = metric(returns, periods_per_year=252) if yearly else metric(returns)
        assert one.estimate == expected
        assert one.low <= one.high


def test_a_benchmark_adds_alpha_beta_and_information_ratio():
    """What the benchmark leaves is made to be 0.0002 a day on average, and no more a chance."""
    benchmark, chance = market(2)
    rest = chance.normal(0, 0.002, len(benchmark))
    line = np.column_stack([np.ones(len(rest)), benchmark])
    rest -= line @ np.linalg.lstsq(line, rest, rcond=None)[0]
    returns = 0.0002 + 0.7 * benchmark + rest
    found = headline(returns, periods_per_year=252, seed=1, benchmark=benchmark, draws=200)

    assert set(found) - set(headline(returns, periods_per_year=252, seed=1, draws=20)) == {
        "alpha",
        "beta",
        "information_ratio_annual",
    }
    assert found["beta"].low < 0.7 < found["beta"].high
    assert found["alpha"].estimate == pytest.approx(1.0002**252 - 1)
    # A year of the standard error of a daily mean, both ways.
    width = 2 * 1.96 * 252 * 0.002 / math.sqrt(len(rest))
    assert found["alpha"].high - found["alpha"].low == pytest.approx(width, rel=0.25)


def test_storms_that_last_make_a_sharpe_ratio_less_sure_than_single_days_would():
    """Blocks are as long as the sizes of the returns ask for, though their signs are a coin."""
    returns = storms()
    signs, sizes = block_length(returns), block_length(np.abs(returns))
    found = headline(returns, periods_per_year=252, seed=3, draws=300)
    width = found["annual_volatility"].high - found["annual_volatility"].low
    spread = np.abs(returns).std() * math.sqrt(252)

    assert sizes.stationary > 4 * signs.stationary
    # Forty independent storms and not a thousand days: five times the error of single days.
    assert width > 2.5 * 3.92 * spread * 0.5 / math.sqrt(1_000)


def test_bounds_are_those_of_blocks_as_long_as_the_returns_ask_for():
    returns = storms()
    block = max(block_length(returns).stationary, block_length(np.abs(returns)).stationary)
    expected = interval(
        partial(sharpe_ratio, periods_per_year=252),
        returns,
        seed=9,
        level=0.8,
        method=Method.PERCENTILE,
        scheme=Scheme.STATIONARY,
        block=block,
        draws=60,
    )
    found = headline(returns, periods_per_year=252, seed=9, level=0.8, draws=60)

    assert found["sharpe_ratio"] == expected


@pytest.mark.parametrize(
    ("returns", "benchmark", "said"),
    [
        ([0.1] * 7, None, "expected 8 rows of returns or more, found 7"),
        ([], None, "expected 8 rows of returns or more, found 0"),
        ([0.1] * 8 + [math.nan], None, "expected returns without holes, found nan at row 8"),
        ([0.1] * 8, [0.1] * 7, "expected benchmark with 8 rows, found 7"),
        ([0.1] * 8, [math.nan] * 8, "expected benchmark without holes"),
    ],
)
def test_absurd_returns_are_refused_in_one_sentence(returns, benchmark, said):
    with pytest.raises(DataError, match=said):
        headline(returns, periods_per_year=252, seed=1, benchmark=benchmark)


def test_all_losses_and_standing_still_have_defined_figures():
    losses = headline(np.full(20, -0.01), periods_per_year=252, seed=1, draws=20)
    still = headline(np.zeros(20), periods_per_year=252, seed=1, draws=20)

    assert losses["annual_return"].high < 0.0
    assert losses["max_drawdown"].estimate == pytest.approx(0.99**20 - 1)
    assert math.isnan(still["sharpe_ratio"].estimate)
    assert math.isnan(still["sharpe_ratio"].low)
    assert still["max_drawdown"].low == still["max_drawdown"].high == 0.0
