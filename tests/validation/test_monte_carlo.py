"""Monte Carlo paths against plain loops over the same draws and against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation import monte_carlo as module
from hfl_core.validation._chance import words
from hfl_core.validation.monte_carlo import monte_carlo
from hfl_core.validation.resampling import Scheme

TRADES = np.random.default_rng(6).normal(0.002, 0.03, 40)


def plain(values, picked, *, is_compounded):
    """Walk one path with arithmetic alone."""
    wealth = peak = 1.0 if is_compounded else 0.0
    deepest = 0.0
    for row in picked:
        if is_compounded:
            wealth *= 1.0 + values[row]
        else:
            wealth += values[row]
        peak = max(peak, wealth)
        deepest = min(deepest, wealth / peak - 1.0 if is_compounded else wealth - peak)
    return wealth - (1.0 if is_compounded else 0.0), deepest


@pytest.mark.parametrize("is_compounded", [True, False])
@pytest.mark.parametrize(
    ("scheme", "block"), [(Scheme.ROWS, 1.0), (Scheme.CIRCULAR, 4), (Scheme.STATIONARY, 3.5)]
)
def test_each_path_is_what_a_plain_loop_makes_of_its_draws(scheme, block, is_compounded):
    paths, steps, seed = 7, 30, 11
    found = monte_carlo(
        TRADES,
        paths=paths,
        seed=seed,
        scheme=scheme,
        block=block,
        steps=steps,
        is_compounded=is_compounded,
    )
    bits = words(seed, "monte carlo", part=0)
    stream = module._rows_drawn(bits, len(TRADES), paths, scheme=scheme, block=block)
    picked = np.array([next(stream).copy() for _ in range(steps)])

    for path in range(paths):
        final, deepest = plain(TRADES, picked[:, path], is_compounded=is_compounded)
        assert found.final[path] == pytest.approx(final, rel=1e-12, abs=1e-12)
        assert found.drawdown[path] == pytest.approx(deepest, rel=1e-12, abs=1e-12)


def drawn(scheme, block, *, rows=20, paths=500, steps=40):
    bits = np.random.SFC64(3)
    stream = module._rows_drawn(bits, rows, paths, scheme=scheme, block=block)
    return np.array([next(stream).copy() for _ in range(steps)])


def test_every_row_is_drawn_alike_in_every_scheme():
    for scheme, block in ((Scheme.ROWS, 1.0), (Scheme.CIRCULAR, 6), (Scheme.STATIONARY, 6.0)):
        picked = drawn(scheme, block, paths=5_000)
        counts = np.bincount(picked.ravel(), minlength=20) / picked.size

        assert counts == pytest.approx(np.full(20, 0.05), abs=0.003), scheme


def test_blocks_are_as_long_as_they_were_asked_to_be():
    circular = drawn(Scheme.CIRCULAR, 8)
    goes_on = (circular[1:] - circular[:-1]) % 20 == 1
    stationary = drawn(Scheme.STATIONARY, 4.0, rows=1_000, paths=4_000)

    assert all(goes_on[step].all() for step in range(39) if (step + 1) % 8)
    assert not any(goes_on[step].all() for step in (7, 15, 23, 31))
    assert ((stationary[1:] - stationary[:-1]) % 1_000 == 1).mean() == pytest.approx(
        0.75, abs=0.005
    )


def test_the_mean_and_spread_of_added_trades_are_the_closed_form():
    """A sum of m draws has m times the mean and m times the variance."""
    found = monte_carlo(TRADES, paths=40_000, seed=2, steps=100, is_compounded=False).final

    assert found.mean() == pytest.approx(100 * TRADES.mean(), abs=4 * found.std() / 200)
    assert found.var() == pytest.approx(100 * TRADES.var(), rel=0.03)


def test_the_mean_of_compounded_trades_is_the_closed_form():
    found = monte_carlo(TRADES, paths=40_000, seed=2, steps=50).final

    assert found.mean() == pytest.approx(
        (1 + TRADES.mean()) ** 50 - 1, abs=4 * float(found.std()) / 200
    )


def test_the_deepest_fall_of_a_coin_meets_its_exact_distribution():
    """Steps of +-1: the chance of a fall of 3 or more within 10, by counting all 1,024 ways."""
    falls = 0
    for ways in range(1_024):
        level = peak = deepest = 0
        for step in range(10):
            level += 1 if ways >> step & 1 else -1
            peak = max(peak, level)
            deepest = min(deepest, level - peak)
        falls += deepest <= -3
    found = monte_carlo([1.0, -1.0], paths=50_000, seed=3, steps=10, is_compounded=False)

    assert (found.drawdown <= -3).mean() == pytest.approx(falls / 1_024, abs=0.01)


def test_the_fan_holds_quantiles_of_the_very_paths():
    half = monte_carlo(TRADES, paths=500, seed=9, steps=20)
    found = monte_carlo(TRADES, paths=500, seed=9, steps=40, marks=(20, 40), levels=(0.1, 0.5))

    assert found.fan.shape == (2, 2)
    assert found.fan[0] == pytest.approx(np.quantile(half.final, [0.1, 0.5]), rel=1e-12)
    assert found.fan[1] == pytest.approx(np.quantile(found.final, [0.1, 0.5]), rel=1e-12)
    assert half.fan.size == 0


def test_more_paths_than_a_chunk_are_as_many_as_asked_for(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 64)
    found = monte_carlo(TRADES, paths=200, seed=4, marks=(5,))

    assert len(found.final) == len(found.drawdown) == 200
    # No chunk repeats another one.
    assert len(np.unique(found.final)) == 200


@given(
    st.lists(st.floats(-1.0, 3.0), min_size=1, max_size=12),
    st.integers(1, 30),
    st.integers(0, 2**32),
)
def test_a_drawdown_is_never_above_zero_nor_below_all(values, steps, seed):
    found = monte_carlo(values, paths=5, seed=seed, steps=steps)

    assert ((found.drawdown >= -1.0) & (found.drawdown <= 0.0)).all()
    assert (found.final >= -1.0).all()


def test_losing_all_is_the_end():
    found = monte_carlo([-1.0, 5.0], paths=200, seed=1, steps=30)

    assert (found.final == -1.0).mean() > 0.99
    assert ((found.drawdown == -1.0) == (found.final == -1.0)).all()


def test_all_losses_fall_as_deep_as_they_end():
    found = monte_carlo([-0.01, -0.03], paths=50, seed=1, steps=9)

    assert found.drawdown == pytest.approx(found.final, rel=1e-12)


def test_one_trade_is_drawn_again_and_again():
    found = monte_carlo([0.1], paths=3, seed=1, steps=2)

    assert found.final == pytest.approx(np.full(3, 0.21))
    assert found.drawdown.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("values", "how", "said"),
    [
        ([], {}, "expected 1 rows of values or more, found 0"),
        ([[0.1], [0.2]], {}, "expected values as one row of numbers, found 2 dimensions"),
        ([0.1, math.nan], {}, "expected values without holes, found nan at row 1"),
        ([0.1, -1.5], {}, "expected gains of -1 .all is lost. or more, found -1.5 at row 1"),
        ([0.1], {"paths": 0}, "expected paths as a whole number from 1"),
        ([0.1], {"steps": 0}, "expected steps as a whole number from 1"),
        ([0.1], {"marks": (2,)}, "expected a mark as a whole number from 1 to 1, found 2"),
        ([0.1, 0.2], {"marks": (2, 1)}, "expected marks in ascending order"),
        ([0.1], {"marks": (1,), "levels": (2.0,)}, "expected a level between 0 and 1"),
        ([0.1], {"scheme": Scheme.CIRCULAR, "block": 3}, "expected a block from 1 to 1 rows"),
        (
            np.zeros(200),
            {"marks": tuple(range(1, 200)), "paths": 2_000_000},
            "expected 200000000 marks times paths or fewer",
        ),
    ],
)
def test_absurd_paths_are_refused_in_one_sentence(values, how, said):
    with pytest.raises(DataError, match=said):
        monte_carlo(values, **{"paths": 3, "seed": 1, **how})
