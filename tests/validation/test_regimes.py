"""Results by regime multiply up to the whole; transitions are counted as by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.metrics.hit_rate import hit_rate
from hfl_core.validation.regimes import by_regime, transitions

NAMES = st.lists(st.sampled_from(["bull", "bear", "crisis"]), min_size=2, max_size=60)


@given(NAMES, st.integers(0, 10_000))
def test_regimes_multiply_up_to_the_whole(regimes, seed):
    returns = np.random.default_rng(seed).normal(0, 0.05, len(regimes))
    found = by_regime(returns, regimes, {"mean": lambda rows: float(rows.mean())})

    whole = math.prod(1 + one.total for one in found.values()) - 1
    assert whole == pytest.approx(np.prod(1 + returns) - 1)
    assert sum(one.rows for one in found.values()) == len(regimes)
    assert sum(one.share for one in found.values()) == pytest.approx(1.0)
    mean = sum(one.figures["mean"] * one.share for one in found.values())
    assert mean == pytest.approx(returns.mean())


def test_each_regime_has_figures_of_its_own():
    returns = [0.1, -0.1, 0.2, 0.0]
    found = by_regime(returns, ["bull", "bear", "bull", "bear"], {"hits": hit_rate})

    assert list(found) == ["bull", "bear"]
    assert found["bull"].figures == {"hits": 1.0}
    assert found["bull"].total == pytest.approx(0.32)
    assert found["bear"].figures == {"hits": 0.0}


@given(NAMES)
def test_transitions_are_counted_as_by_hand(regimes):
    names = ("bull", "bear", "crisis")
    found = transitions(regimes, names)

    for row, one in enumerate(names):
        left = sum(regime == one for regime in regimes[:-1])
        for column, other in enumerate(names):
            pairs = list(itertools.pairwise(regimes))
            assert found.counts[row, column] == pairs.count((one, other))
            if left:
                assert found.shares[row, column] == pairs.count((one, other)) / left
            else:
                assert math.isnan(found.shares[row, column])
    assert found.counts.sum() == len(regimes) - 1
    rows = found.visits * np.nan_to_num(found.stay)
    assert rows == pytest.approx([regimes.count(one) for one in names])


def test_visits_last_as_long_as_they_are_seen():
    found = transitions(["bull", "bull", "bull", "bear", "bull", "bear", "bear"])

    assert found.names == ("bull", "bear")
    assert found.stay.tolist() == [2.0, 1.5]
    assert found.visits.tolist() == [2, 2]
    assert found.shares.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_regime_never_seen_has_nothing_to_say():
    found = transitions(["bull", "bull"], ["bull", "crisis"])

    assert found.shares[0].tolist() == [1.0, 0.0]
    assert np.isnan(found.shares[1]).all()
    assert math.isnan(found.stay[1])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: transitions(["bull"]), "expected 2 rows of regimes or more, found 1"),
        (lambda: transitions([]), "expected 2 rows of regimes or more, found 0"),
        (lambda: transitions(["a", "b"], ["a"]), "expected regimes among a, found b"),
        (lambda: by_regime([], [], {}), "expected 1 rows of returns or more, found 0"),
        (lambda: by_regime([0.1], ["a", "b"], {}), "expected regimes with 1 rows, found 2"),
        (lambda: by_regime([math.nan], ["a"], {}), "expected returns without holes"),
    ],
)
def test_absurd_regimes_are_refused_in_one_sentence(call, said):
    with pytest.raises(DataError, match=said):
        call()
