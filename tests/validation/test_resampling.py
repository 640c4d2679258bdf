"""Draws have the laws of their schemes; block lengths meet a closed form and another library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.block_length import block_length
from hfl_core.validation.resampling import Scheme, resampled_rows

CHANCE_SEEDS = st.integers(0, 2**32)


def drawn(rows, scheme, block=1.0, *, draws=1, seed=1):
    return np.array(list(resampled_rows(rows, draws=draws, scheme=scheme, block=block, seed=seed)))


@given(st.integers(2, 60), st.integers(1, 20), CHANCE_SEEDS)
def test_circular_blocks_run_on_and_are_of_one_length(rows, block, seed):
    block = min(block, rows)
    picked = drawn(rows, Scheme.CIRCULAR, block, seed=seed)[0]

    assert len(picked) == rows
    assert ((picked >= 0) & (picked < rows)).all()
    for begin in range(0, rows, block):
        piece = picked[begin : begin + block]
        assert ((piece - piece[0]) % rows).tolist() == list(range(len(piece)))


@given(st.integers(2, 60), st.floats(1.0, 20.0), CHANCE_SEEDS)
def test_every_scheme_stays_within_the_rows_and_repeats_itself(rows, block, seed):
    block = min(block, float(rows))
    for scheme, length in ((Scheme.ROWS, 1.0), (Scheme.STATIONARY, block)):
        picked = drawn(rows, scheme, length, draws=3, seed=seed)

        assert picked.shape == (3, rows)
        assert ((picked >= 0) & (picked < rows)).all()
        assert (picked == drawn(rows, scheme, length, draws=3, seed=seed)).all()


def test_every_row_is_drawn_as_often_as_any_other():
    """Blocks that stopped at the end would draw the outer rows too rarely."""
    for scheme, block in ((Scheme.ROWS, 1.0), (Scheme.CIRCULAR, 7), (Scheme.STATIONARY, 7.5)):
        counts = np.bincount(drawn(20, scheme, block, draws=6_000).ravel(), minlength=20)

        assert counts / 6_000 == pytest.approx(np.ones(20), abs=0.1), scheme


def test_stationary_blocks_have_geometric_lengths():
    picked = drawn(1_000, Scheme.STATIONARY, 5.0, draws=200)
    goes_on = (picked[:, 1:] - picked[:, :-1]) % 1_000 == 1

    # A block goes on with 1 - 1/5, and a new one starts right there by chance with 1/1000.
    assert goes_on.mean() == pytest.approx(0.8, abs=0.005)
    both = (goes_on[:, 1:] & goes_on[:, :-1]).mean()
    assert both == pytest.approx(0.64, abs=0.006)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: drawn(0, Scheme.ROWS), "expected rows as a whole number from 1"),
        (lambda: drawn(5, Scheme.ROWS, draws=0), "expected draws as a whole number from 1"),
        (lambda: drawn(5, Scheme.ROWS, 2.0), "expected a block of 1 where each row"),
        (lambda: drawn(5, Scheme.CIRCULAR, 6), "expected a block from 1 to 5 rows, found 6"),
        (lambda: drawn(5, Scheme.CIRCULAR, 2.5), "expected a block of whole rows, found 2.5"),
        (lambda: drawn(5, Scheme.STATIONARY, 0.5), "expected a block from 1 to 5 rows, found 0.5"),
        (lambda: drawn(5, Scheme.STATIONARY, math.nan), "expected a block from 1 to 5 rows"),
    ],
)
def test_absurd_draws_are_refused_in_one_sentence(call, said):
    with pytest.raises(DataError, match=said):
        call()


def autoregressive(rho, rows, seed):
    chance = np.random.default_rng(seed).normal(size=rows + 100)
    return np.convolve(chance, rho ** np.arange(100.0))[100 : rows + 100]


@pytest.mark.parametrize("rho", [0.3, 0.6, -0.5])
def test_block_lengths_of_an_autoregression_meet_their_closed_form(rho):
    """G and S of AR(1) in closed form: b = ((2 rho / (1 - rho^2))^2 n)^(1/3), by hand."""
    rows = 20_000
    found = [block_length(autoregressive(rho, rows, seed)) for seed in range(10)]
    expected = ((2 * rho / (1 - rho**2)) ** 2 * rows) ** (1 / 3)

    assert np.mean([one.stationary for one in found]) == pytest.approx(expected, rel=0.15)
    assert np.mean([one.circular for one in found]) == pytest.approx(
        expected * 1.5 ** (1 / 3), rel=0.15
    )


def logistic(rows, memory):
    """Return deterministic numbers that any program makes alike."""
    value, kept, found = 0.3, 0.0, []
    for _ in range(rows):
        value = 3.9 * value * (1 - value)
        kept = memory * kept + value
        found.append(kept)
    return np.array(found)


@pytest.mark.parametrize(
    ("rows", "memory", "stationary", "circular"),
    [(1_000, 0.8, 22.139229503, 25.343091332), (3_000, 0.9, 46.560281275, 53.298217113)],
)
def test_block_lengths_are_those_of_another_library(rows, memory, stationary, circular):
    """Figures: arch 8.0.0, optimal_block_length; it scales autocorrelations a little otherwise."""
    found = block_length(logistic(rows, memory))

    assert found.stationary == pytest.approx(stationary, rel=0.02)
    assert found.circular == pytest.approx(circular, abs=0.7)


def test_rows_without_memory_need_no_blocks():
    lengths = [
        block_length(np.random.default_rng(seed).normal(size=2_000)).stationary
        for seed in range(20)
    ]

    assert np.median(lengths) < 6


def test_a_trend_uses_every_lag_there_is_as_another_library_does():
    """No lag of a line is small. Figures: arch 8.0.0, optimal_block_length of 0 .. 89."""
    found = block_length(np.arange(90.0))

    assert found.stationary == pytest.approx(13.607318994, rel=1e-9)
    assert found.circular == round(15.576491855)


@pytest.mark.parametrize("size", [1.0, 1e-9, 1e12])
def test_what_never_changes_needs_blocks_of_one(size):
    assert block_length(np.full(50, size)) == (1.0, 1)
    assert block_length(np.zeros(8)) == (1.0, 1)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=80),
)
def test_block_lengths_stay_within_their_bounds(values):
    found = block_length(values)
    longest = math.ceil(min(3 * math.sqrt(len(values)), len(values) / 3))

    assert 1.0 <= found.stationary <= longest
    assert 1 <= found.circular <= longest


def test_block_lengths_of_too_little_are_refused():
    with pytest.raises(DataError, match="expected 8 rows of values or more, found 7"):
        block_length(np.zeros(7))
    with pytest.raises(DataError, match="expected values without holes, found nan at row 3"):
        block_length([0.0, 1, 2, math.nan, 4, 5, 6, 7, 8])
