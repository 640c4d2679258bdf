"""What is chosen on the past is judged on what follows, and on nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.forward_selection import forward_selection
from hfl_core.validation.spans import Split, spans_ahead
from hfl_core.validation.walk_forward import walk_forward


def noise(seed, rows=120, variants=5):
    return np.random.default_rng(seed).normal(0.0, 0.01, (rows, variants))


def walk(rows=120, *, is_anchored=False):
    return walk_forward(
        spans_ahead(rows, horizon=0), train_rows=40, test_rows=20, is_anchored=is_anchored
    )


def total(rows):
    return rows.sum(axis=0)


@given(st.integers(0, 10_000), st.booleans())
def test_each_test_earns_what_the_best_of_its_training_earned(seed, is_anchored):
    returns, splits = noise(seed), walk(is_anchored=is_anchored)
    found = forward_selection(returns, splits, score=total)

    assert found.rows.tolist() == list(range(40, 120))
    for number, (train, test) in enumerate(splits):
        best = max(range(5), key=lambda name: sum(returns[train, name].tolist()))
        assert found.chosen[number] == best
        assert found.returns[test - 40].tolist() == returns[test, best].tolist()
        assert found.outside[number] == pytest.approx(returns[test, best].sum())


@given(st.integers(0, 10_000))
def test_what_follows_the_last_training_changes_no_choice(seed):
    returns = noise(seed)
    changed = returns.copy()
    changed[100:] = noise(seed + 1, 20)

    assert (
        forward_selection(returns, walk()).chosen.tolist()
        == forward_selection(changed, walk()).chosen.tolist()
    )


def test_a_true_edge_is_chosen_and_carries_over():
    returns = noise(1)
    returns[:, 3] += 0.02
    found = forward_selection(returns, walk())

    assert set(found.chosen.tolist()) == {3}
    assert found.changes == 0.0
    assert found.efficiency == pytest.approx(1.0, abs=0.3)


def test_the_best_of_noise_earns_nothing_afterwards():
    found = [forward_selection(noise(seed, 400, 30), walk(400)) for seed in range(20)]
    efficiency = [one.efficiency for one in found]

    assert all(one.inside.mean() > 0.15 for one in found)
    assert np.mean(efficiency) == pytest.approx(0.0, abs=0.15)
    assert np.mean([one.changes for one in found]) > 0.3


def test_losing_inside_has_no_efficiency():
    found = forward_selection(noise(1) - 1.0, walk())

    assert math.isnan(found.efficiency)
    assert (found.inside < 0).all()


def test_one_row_and_still_variants_have_a_score_of_nothing():
    returns = np.column_stack([np.zeros(10), np.full(10, 0.01)])
    found = forward_selection(returns, [Split(np.array([0]), np.array([5]))])

    assert found.chosen.tolist() == [0]
    assert found.inside.tolist() == [0.0]
    assert found.changes == 0.0


SPLIT = Split(np.arange(5), np.arange(5, 9))


@pytest.mark.parametrize(
    ("returns", "splits", "how", "said"),
    [
        (noise(1, 20, 1), [SPLIT], {}, "expected 2 variants or more, found 1"),
        (noise(1, 20), [], {}, "expected one split or more, found none"),
        (noise(1, 20), [SPLIT, SPLIT], {}, "expected tests that share no row"),
        (noise(1, 8), [SPLIT], {}, "expected test rows from 0 to 7, found 8"),
        (noise(1, 20) * math.nan, [SPLIT], {}, "expected returns without holes"),
        (noise(1, 20), [SPLIT], {"score": lambda rows: rows}, "expected a score for each of 5"),
    ],
)
def test_absurd_selections_are_refused_in_one_sentence(returns, splits, how, said):
    with pytest.raises(DataError, match=said):
        forward_selection(returns, splits, **how)
