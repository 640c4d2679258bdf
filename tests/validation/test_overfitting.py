"""The probability of overfitting: by hand, of noise, of a true edge; and what trying takes off."""

import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.metrics.minimum_track_record_length import minimum_track_record_length
from hfl_core.metrics.probabilistic_sharpe_ratio import probabilistic_sharpe_ratio
from hfl_core.validation.overfitting import probability_of_overfitting
from hfl_core.validation.variants import deflated_best, independent_trials


def noise(seed, rows=240, variants=20):
    return np.random.default_rng(seed).normal(size=(rows, variants))


def plain(returns, blocks, score):
    """Follow the definition with lists: halves, best inside, its rank outside."""
    rows, variants = len(returns), len(returns[0])
    size = rows // blocks
    first = rows - size * blocks
    fallen = 0.0
    logits = []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside: list[list[float]] = []
        outside: list[list[float]] = []
        for row in range(first, rows):
            (inside if (row - first) // size in chosen else outside).append(returns[row])
        seen = [score([line[name] for line in inside]) for name in range(variants)]
        unseen = [score([line[name] for line in outside]) for name in range(variants)]
        own = unseen[seen.index(max(seen))]
        rank = sum(one < own for one in unseen) + (sum(one == own for one in unseen) + 1) / 2
        share = rank / (variants + 1)
        logits.append(math.log(share / (1 - share)))
        fallen += 1.0 if share < 0.5 else 0.5 if share == 0.5 else 0.0
    return fallen / len(logits), logits


def sharpe(values):
    return statistics.fmean(values) / statistics.stdev(values)


@pytest.mark.parametrize(("rows", "variants", "blocks"), [(26, 5, 4), (24, 4, 6), (17, 3, 2)])
def test_it_is_what_the_definition_gives_by_hand(rows, variants, blocks):
    returns = noise(rows, rows, variants)
    probability, logits = plain(returns.tolist(), blocks, sharpe)
    found = probability_of_overfitting(returns, blocks=blocks)

    assert found.probability == pytest.approx(probability)
    assert found.logits == pytest.approx(logits)
    assert len(found.logits) == math.comb(blocks, blocks // 2)
    # The first choice takes the first half of the blocks, behind the rows that fill none.
    size = rows // blocks
    half = returns[rows - size * blocks :][: size * blocks // 2]
    assert found.inside[0] == pytest.approx(max(sharpe(one.tolist()) for one in half.T))


def test_another_score_takes_the_place_of_the_sharpe_ratio():
    returns = noise(4, 24, 4)
    found = probability_of_overfitting(returns, blocks=4, score=lambda rows: rows.sum(axis=0))

    assert found.probability == pytest.approx(plain(returns.tolist(), 4, sum)[0])
    assert found.inside[0] == pytest.approx(returns[:12].sum(axis=0).max())


def test_the_best_of_pure_noise_falls_to_the_lower_half_every_second_time():
    found = [probability_of_overfitting(noise(seed), blocks=8).probability for seed in range(40)]

    assert np.mean(found) == pytest.approx(0.5, abs=3 * statistics.stdev(found) / math.sqrt(40))


def test_a_dominant_variant_is_never_overfitted():
    returns = noise(1)
    returns[:, 7] += 1.0
    found = probability_of_overfitting(returns, blocks=10)

    assert found.probability == 0.0
    assert found.loss == 0.0


def test_what_works_in_one_half_only_is_found_out():
    """Each variant earns in its own block and loses as much everywhere else."""
    returns = noise(2, 160, 8) * 0.01 - 0.1
    for variant in range(8):
        returns[variant * 20 : variant * 20 + 20, variant] += 2.0
    found = probability_of_overfitting(returns, blocks=8)

    assert found.probability == 1.0
    assert found.loss == 1.0


@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_scale_and_order_of_variants_do_not_matter(seed, scale):
    returns = noise(seed, 40, 5)
    found = probability_of_overfitting(returns, blocks=4)
    order = np.random.default_rng(seed).permutation(5)

    for other in (returns * scale, returns[:, order]):
        again = probability_of_overfitting(other, blocks=4)
        assert again.logits == pytest.approx(found.logits)


def test_copies_of_one_variant_tie_in_the_middle():
    returns = np.repeat(noise(5, 40, 1), 4, axis=1)
    found = probability_of_overfitting(returns, blocks=4)

    assert found.probability == 0.5
    assert found.logits == pytest.approx(np.zeros(6))


def test_variants_that_never_move_have_a_place():
    """Never in the market: a score of 0, better than a loser, worse than a winner."""
    returns = np.column_stack([noise(3, 40, 1) + 5.0, np.zeros(40), noise(4, 40, 1) - 5.0])

    assert probability_of_overfitting(returns, blocks=4).probability == 0.0
    rising = np.column_stack([np.full(40, 0.01), noise(4, 40, 1)])
    assert probability_of_overfitting(rising, blocks=4).inside.tolist() == [math.inf] * 6
    # Infinite scores have no slope.
    assert math.isnan(probability_of_overfitting(rising, blocks=4).slope)


@pytest.mark.parametrize(
    ("returns", "how", "said"),
    [
        (np.zeros((40, 1)), {}, "expected 2 variants or more, found 1"),
        (np.zeros(40), {}, "expected 2 variants or more, found 1"),
        (np.zeros((3, 2)), {}, "expected 4 rows of returns or more, found 3"),
        (noise(1), {"blocks": 7}, "expected an even number of blocks, found 7"),
        (noise(1), {"blocks": 20}, "expected blocks as a whole number from 2 to 18"),
        (np.zeros((4, 2, 2)), {}, "expected returns as rows and columns, found the shape"),
        (noise(1, 10), {"blocks": 6}, "expected blocks as a whole number from 2 to 5"),
        (np.full((40, 2), math.nan), {}, "expected returns without holes, found nan"),
        (noise(1), {"score": lambda rows: rows[0, :2]}, "expected a score for each of 20"),
        (noise(1), {"score": lambda rows: rows[0] * math.nan}, "expected a score for each of 20"),
    ],
)
def test_absurd_trials_are_refused_in_one_sentence(returns, how, said):
    with pytest.raises(DataError, match=said):
        probability_of_overfitting(returns, **how)


def test_the_best_of_noise_is_deflated_to_a_coin_and_an_edge_is_not():
    lucky = [deflated_best(noise(seed, 500, 50), periods_per_year=252) for seed in range(20)]
    edge = noise(1, 500, 50)
    edge[:, 3] += 0.4
    found = deflated_best(edge, periods_per_year=252)

    assert np.mean([one.probability for one in lucky]) == pytest.approx(0.5, abs=0.2)
    assert sum(one.probability > 0.95 for one in lucky) <= 3
    assert found.best == 3
    assert found.probability > 0.99


def test_more_trials_leave_less():
    returns = noise(1, 500, 10)
    few, many = (
        deflated_best(returns, periods_per_year=252, trials=trials).probability
        for trials in (10, 10_000)
    )

    assert many < few


def test_trials_count_as_they_differ():
    """Copies are one trial, unrelated ones count each; with a common half they are in between."""
    one = noise(1, 20_000, 1)
    copies = np.repeat(one, 6, axis=1)
    half = one + noise(2, 20_000, 6)

    assert independent_trials(copies) == pytest.approx(1.0)
    assert independent_trials(noise(3, 20_000, 6)) == pytest.approx(6.0, abs=0.15)
    # A mean correlation of 1/2: 0.5 + 0.5 * 6.
    assert independent_trials(half) == pytest.approx(3.5, abs=0.15)
    assert independent_trials(np.column_stack([one, -one])) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        (np.zeros((9, 1)), "expected 2 variants or more, found 1"),
        (np.zeros((2, 3)), "expected 3 rows of returns or more, found 2"),
        (np.zeros((9, 2)), "found 2 whose returns never change, column 0 first"),
        (np.full((9, 2), math.inf), "expected returns without holes, found inf"),
    ],
)
def test_trials_that_say_nothing_are_refused(returns, said):
    for ask in (independent_trials, lambda rows: deflated_best(rows, periods_per_year=252)):
        with pytest.raises(DataError, match=said):
            ask(returns)


@pytest.mark.parametrize(
    ("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)], ids=["daily", "weekly", "monthly"]
)
def test_the_published_record_lengths_are_met(periods, years):
    """Bailey and Lopez de Prado 2012: an annual Sharpe of 2 above 1 at 95 %, normal returns."""
    found = minimum_track_record_length(
        sharpe_per_period=2 / math.sqrt(periods), benchmark_sharpe=1 / math.sqrt(periods)
    )

    assert found / periods == pytest.approx(years, abs=0.005)


@given(st.floats(0.02, 1.0), st.floats(-2.0, 1.0), st.floats(3.0, 9.0), st.floats(0.6, 0.999))
def test_a_record_of_that_length_is_just_believed(sharpe, skew, kurtosis, confidence):
    needed = minimum_track_record_length(
        sharpe_per_period=sharpe,
        benchmark_sharpe=0.01,
        skew=skew,
        kurtosis=kurtosis,
        confidence=confidence,
    )
    belief = probabilistic_sharpe_ratio(
        sharpe_per_period=sharpe, n_obs=needed, skew=skew, kurtosis=kurtosis, benchmark_sharpe=0.01
    )

    assert belief == pytest.approx(confidence)


def test_records_that_no_length_makes_good():
    assert minimum_track_record_length(sharpe_per_period=-0.1) == math.inf
    assert minimum_track_record_length(sharpe_per_period=0.0) == math.inf
    assert math.isnan(minimum_track_record_length(sharpe_per_period=math.nan))
    assert math.isnan(minimum_track_record_length(sharpe_per_period=2.0, skew=9.0))
    for confidence in (0.5, 1.0, math.nan):
        with pytest.raises(DataError, match="expected a confidence between"):
            minimum_track_record_length(sharpe_per_period=0.1, confidence=confidence)
