"""Sharpe ratios against luck: what follows from the definitions, and odd input."""

import math
import statistics

import pytest

from hfl_core.domain.errors import DataError
from hfl_core.metrics.deflated_sharpe_ratio import deflated_sharpe_ratio
from hfl_core.metrics.expected_max_sharpe_of_N_trials import expected_max_sharpe_of_N_trials
from hfl_core.metrics.probabilistic_sharpe_ratio import probabilistic_sharpe_ratio


@pytest.mark.parametrize("trials", [10, 100])
def test_the_best_of_many_draws_is_about_what_the_theorem_expects(trials):
    """Quantiles of the exact distribution of the maximum, Phi^N, averaged: its mean, no chance."""
    normal = statistics.NormalDist()
    steps = 20_000
    exact = statistics.fmean(
        normal.inv_cdf(((step + 0.5) / steps) ** (1 / trials)) for step in range(steps)
    )

    assert expected_max_sharpe_of_N_trials(n_trials=trials, std_of_sharpes=2.0) == pytest.approx(
        2.0 * exact, rel=0.03
    )


def test_one_trial_has_no_luck_to_deduct():
    assert expected_max_sharpe_of_N_trials(n_trials=1, std_of_sharpes=5.0) == 0.0
    assert expected_max_sharpe_of_N_trials(n_trials=50, std_of_sharpes=0.0) == 0.0


def test_a_ratio_equal_to_its_benchmark_is_a_coin():
    for sharpe in (-0.3, 0.0, 0.2):
        assert probabilistic_sharpe_ratio(
            sharpe_per_period=sharpe, n_obs=50, skew=-1, kurtosis=8, benchmark_sharpe=sharpe
        ) == pytest.approx(0.5)


def test_longer_records_fatter_tails_and_more_trials_move_the_odds_the_right_way():
    def odds(*, n_obs=250, skew=0.0, kurtosis=3.0, n_trials=10):
        return deflated_sharpe_ratio(
            sharpe_annual=2.0,
            periods_per_year=250,
            n_obs=n_obs,
            n_trials=n_trials,
            var_of_trial_sharpes_annual=0.5,
            skew=skew,
            kurtosis=kurtosis,
        ).dsr

    assert odds(n_obs=500) > odds()
    assert odds(skew=-2.0) < odds()
    assert odds(kurtosis=12.0) < odds()
    assert odds(n_trials=1000) < odds()


@pytest.mark.parametrize(
    ("sharpe", "n_obs", "skew"), [(0.1, 1, 0.0), (0.1, 0, 0.0), (2.0, 50, 5.0), (math.nan, 50, 0.0)]
)
def test_impossible_records_have_no_odds(sharpe, n_obs, skew):
    found = probabilistic_sharpe_ratio(
        sharpe_per_period=sharpe, n_obs=n_obs, skew=skew, kurtosis=3.0
    )

    assert math.isnan(found)


@pytest.mark.parametrize("trials", [0, -3, math.nan, math.inf])
def test_trials_are_counted(trials):
    with pytest.raises(DataError, match="expected n_trials of 1 or more, found"):
        expected_max_sharpe_of_N_trials(n_trials=trials, std_of_sharpes=1.0)


def test_a_spread_is_not_negative():
    with pytest.raises(DataError, match="expected std_of_sharpes of 0 or more, found -1"):
        expected_max_sharpe_of_N_trials(n_trials=5, std_of_sharpes=-1)
    with pytest.raises(DataError, match="expected var_of_trial_sharpes_annual of 0 or more"):
        deflated_sharpe_ratio(
            sharpe_annual=1.0,
            periods_per_year=250,
            n_obs=100,
            n_trials=5,
            var_of_trial_sharpes_annual=-0.1,
        )
