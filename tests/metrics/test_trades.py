"""Metrics of trades: plain second computations, and answers where nothing was won, lost or done."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.metrics.average_loss import average_loss
from hfl_core.metrics.average_trade import average_trade
from hfl_core.metrics.average_win import average_win
from hfl_core.metrics.best_trade import best_trade
from hfl_core.metrics.expectancy import expectancy
from hfl_core.metrics.exposure import exposure
from hfl_core.metrics.geometric_mean_trade import geometric_mean_trade
from hfl_core.metrics.hit_rate import hit_rate
from hfl_core.metrics.kelly_criterion import kelly_criterion
from hfl_core.metrics.max_drawdown_from_trades import max_drawdown_from_trades
from hfl_core.metrics.payoff_ratio import payoff_ratio
from hfl_core.metrics.profit_factor import profit_factor
from hfl_core.metrics.system_quality_number import system_quality_number
from hfl_core.metrics.turnover import turnover
from hfl_core.metrics.worst_trade import worst_trade

INF, NAN = math.inf, math.nan
TRADES = st.lists(st.integers(-100, 100).map(float), min_size=1, max_size=40)
NONE: list[float] = []
WINS, LOSSES, EVEN, MIXED = [2.0, 4.0], [-2.0, -4.0], [0.0, 0.0], [6.0, -2.0, 0.0, -1.0]
# metric -> its answers to no trade, wins alone, losses alone, nothing won or lost, all of them.
ANSWERS = {
    hit_rate: [NAN, 1.0, 0.0, 0.0, 0.25],
    average_trade: [NAN, 3.0, -3.0, 0.0, 0.75],
    average_win: [NAN, 3.0, NAN, NAN, 6.0],
    average_loss: [NAN, NAN, -3.0, NAN, -1.5],
    best_trade: [NAN, 4.0, -2.0, 0.0, 6.0],
    worst_trade: [NAN, 2.0, -4.0, 0.0, -2.0],
    profit_factor: [NAN, INF, 0.0, NAN, 2.0],
    payoff_ratio: [NAN, NAN, NAN, NAN, 4.0],
    kelly_criterion: [NAN, NAN, NAN, NAN, 0.25 - 0.75 / 4.0],
    system_quality_number: [NAN, 3.0, -3.0, NAN, 2 * 0.75 / statistics.stdev(MIXED)],
    exposure: [NAN, 1.0, 1.0, 0.0, 0.75],
    geometric_mean_trade: [NAN, math.sqrt(15.0) - 1, -1.0, 0.0, -1.0],
    lambda trades: expectancy(trades).expectancy: [NAN, 3.0, -3.0, 0.0, 0.25 * 6 - 0.5 * 1.5],
    lambda trades: expectancy(trades).expectancy_ratio: [NAN, INF, -1.0, NAN, 5.0 * 0.25 - 1],
}


@pytest.mark.parametrize("metric", ANSWERS, ids=lambda metric: metric.__name__)
def test_every_kind_of_record_has_a_defined_answer(metric):
    found = [metric(trades) for trades in (NONE, WINS, LOSSES, EVEN, MIXED)]

    assert found == pytest.approx(ANSWERS[metric], nan_ok=True)


@given(TRADES)
def test_profit_factor_and_hit_rate_agree_with_expectancy(trades):
    won = sum(one for one in trades if one > 0)
    lost = -sum(one for one in trades if one < 0)

    assert expectancy(trades).expectancy == pytest.approx((won - lost) / len(trades), abs=1e-9)
    assert hit_rate(trades) == sum(one > 0 for one in trades) / len(trades)
    if lost:
        assert profit_factor(trades) == pytest.approx(won / lost)


@given(TRADES, st.sampled_from(["absolute", "relative"]))
def test_the_largest_drawdown_of_the_balance_is_found(trades, choose):
    balances = [10_000.0 + sum(trades[: count + 1]) for count in range(len(trades))]
    peaks = [max(balances[: row + 1]) for row in range(len(trades))]
    falls = [peak - balance for peak, balance in zip(peaks, balances, strict=True)]
    shares = [fall / peak for fall, peak in zip(falls, peaks, strict=True)]

    found = max_drawdown_from_trades(trades, starting_balance=10_000.0, choose=choose)

    assert found is not None
    chosen = shares if choose == "relative" else falls
    assert chosen[found.trough_index] == pytest.approx(max(chosen), abs=1e-8)
    assert found.drawdown_abs == pytest.approx(falls[found.trough_index])
    assert found.drawdown_relative == pytest.approx(shares[found.trough_index])
    assert balances[found.peak_index] == pytest.approx(peaks[found.trough_index])
    assert all(balance < balances[found.peak_index] for balance in balances[: found.peak_index])


def test_absolute_and_relative_drawdowns_may_differ():
    trades = [10.0, -6.0, 96.0, -10.0]

    absolute = max_drawdown_from_trades(trades, choose="largest absolute")
    relative = max_drawdown_from_trades(trades, choose="largest relative")

    assert absolute == (10.0, pytest.approx(0.1), 2, 3)
    assert relative == (6.0, pytest.approx(0.6), 0, 1)


def test_balances_at_or_below_zero_have_no_honest_share():
    found = max_drawdown_from_trades([0.0, -5.0])

    assert found == (5.0, INF, 0, 1)


def test_no_trade_has_no_drawdown_and_another_choice_is_refused():
    assert max_drawdown_from_trades([]) is None
    with pytest.raises(DataError, match="expected choose as absolute or relative, found 'median'"):
        max_drawdown_from_trades([1.0], choose="median")


def test_turnover_counts_both_sides_against_the_mean_equity():
    found = turnover(
        [100.0, 0.0, 0.0, 100.0], values=[90.0, 110.0, 100.0, 100.0], periods_per_year=4
    )

    assert found == pytest.approx(2.0)
    assert math.isnan(turnover([], values=[], periods_per_year=4))
    assert math.isnan(turnover([1.0], values=[0.0], periods_per_year=4))


@pytest.mark.parametrize(
    ("traded", "values", "message"),
    [
        ([1.0], [1.0, 2.0], "expected one traded value for each of 2 values, found 1"),
        ([-1.0], [1.0], "expected traded_values of 0 or more, found -1.0"),
    ],
)
def test_turnover_refuses_what_does_not_fit(traded, values, message):
    with pytest.raises(DataError, match=message):
        turnover(traded, values=values, periods_per_year=252)
