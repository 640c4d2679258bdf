"""Regimes: each of the four, in its order, entered sooner than left, known when there is enough."""

import math
import random
from itertools import pairwise
from statistics import mean, stdev

import pytest

from hfl_core.domain.regimes import BEAR, BULL, CRISIS, SIDEWAYS, UNKNOWN
from hfl_core.risk.regimes import TREND_DAYS, Regime


class Path:
    """Daily closes that a regime is told one after the other."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.closes = [1_000_000]
        self.regime = Regime()
        self.names: list[str] = []

    def go(self, days: int, *, drift: float = 0.0, noise: float = 0.005) -> "Path":
        for _ in range(days):
            step = drift + noise * (1 if self.rng.random() < 0.5 else -1)
            self.step(step)
        return self

    def step(self, move: float) -> str:
        self.closes.append(max(1, round(self.closes[-1] * math.exp(move))))
        self.regime.advance(self.closes)
        self.names.append(self.regime.name)
        return self.regime.name


def test_it_is_unknown_before_there_is_enough():
    path = Path().go(TREND_DAYS - 1)

    assert set(path.names) == {UNKNOWN}
    assert path.go(1).regime.name != UNKNOWN


@pytest.mark.parametrize(("drift", "name"), [(0.01, BULL), (-0.01, BEAR)])
def test_a_steady_way_is_a_bull_or_a_bear(drift: float, name: str):
    path = Path().go(60, drift=drift)

    assert path.regime.name == name


def test_up_and_down_is_sideways():
    path = Path()
    for day in range(60):
        path.step(0.005 if day % 2 else -0.005)

    assert path.regime.name == SIDEWAYS


def test_one_day_of_minus_thirty_per_cent_is_a_crisis_the_same_evening():
    path = Path().go(40, drift=0.01, noise=0.002)
    assert path.regime.name == BULL

    assert path.step(-0.36) == CRISIS


def test_a_crash_upwards_is_a_crisis_too():
    assert Path().go(40).step(0.5) == CRISIS


def test_a_crisis_outlasts_its_extreme_days():
    path = Path().go(60, noise=0.005)
    assert path.step(-0.3) == CRISIS
    path.go(10, noise=0.005)

    assert not path.regime.is_extreme
    assert path.regime.rank >= 0.7
    assert path.regime.name == CRISIS


def test_a_crisis_ends_when_volatility_is_ordinary_again():
    path = Path().go(60)
    path.step(-0.3)
    path.go(60)

    assert path.regime.name != CRISIS
    assert path.names.count(CRISIS) < 40


@pytest.mark.parametrize(
    ("was", "trend", "rank", "expected"),
    [
        (SIDEWAYS, 1.0, 0.8, BULL),
        (SIDEWAYS, 0.99, 0.8, SIDEWAYS),
        (SIDEWAYS, 1.0, 0.801, SIDEWAYS),
        (BULL, 0.5, 0.9, BULL),
        (BULL, 0.49, 0.9, SIDEWAYS),
        (BULL, 0.5, 0.901, SIDEWAYS),
        (SIDEWAYS, -1.0, 0.99, BEAR),
        (SIDEWAYS, -0.99, 0.5, SIDEWAYS),
        (BEAR, -0.5, 0.5, BEAR),
        (BEAR, -0.49, 0.5, SIDEWAYS),
        (BULL, -1.0, 0.1, BEAR),
        (BEAR, 1.0, 0.1, BULL),
        (CRISIS, 0.0, 0.7, CRISIS),
        (CRISIS, 0.0, 0.69, SIDEWAYS),
        (CRISIS, -2.0, 0.69, BEAR),
    ],
)
def test_what_is_entered_is_left_later(was, trend, rank, expected):
    regime = Regime()
    regime.name, regime.trend, regime.rank = was, trend, rank

    assert regime._classify() == expected


@pytest.mark.parametrize(("rank", "expected"), [(0.9, CRISIS), (0.89, BULL)])
def test_a_crisis_needs_both_high_volatility_and_an_extreme_day(rank, expected):
    regime = Regime()
    regime.name, regime.trend, regime.rank, regime.is_extreme = BULL, 1.0, rank, True

    assert regime._classify() == expected


def test_prices_that_never_move_are_sideways_and_no_error():
    path = Path()
    for _ in range(50):
        path.step(0.0)

    assert (path.regime.name, path.regime.trend) == (SIDEWAYS, 0.0)
    assert path.regime.volatilities
    assert path.regime.rank == 0.0


# --- the figures, against the formulas of the module written out anew -----------------------------


def figures(closes: list[int]) -> tuple[float, float, bool]:
    """Return trend, rank and whether a day was extreme, from all closes so far."""
    returns = [math.log(later / earlier) for earlier, later in pairwise(closes)]
    spreads = [stdev(returns[end - 20 : end]) for end in range(20, len(returns) + 1)]
    kept = spreads[:-1][-120:]
    rank = sum(each < spreads[-1] for each in kept) / len(kept) if kept else 0.0
    month = returns[-30:]
    size = sum(month) / (stdev(month) * math.sqrt(30))
    usual = month[:25]
    is_extreme = any(abs(each - mean(usual)) >= 4 * stdev(usual) for each in month[25:])
    return max(-10.0, min(10.0, size)), rank, is_extreme


@pytest.mark.parametrize("seed", range(6))
def test_trend_rank_and_extremes_are_those_of_the_formulas(seed: int):
    rng = random.Random(seed)
    path, extremes = Path(seed), 0
    for day in range(1, 220):
        path.step(rng.gauss(0.02 if day < 60 else 0.0, 0.1 if rng.random() < 0.05 else 0.01))
        if day < 30:
            continue
        trend, rank, is_extreme = figures(path.closes)
        extremes += is_extreme

        assert path.regime.trend == pytest.approx(trend)
        assert path.regime.rank == rank
        assert path.regime.is_extreme == is_extreme
    assert 0 < extremes < 190
    assert len(path.regime.volatilities) == 120


def test_volatility_is_kept_from_twenty_returns_on():
    path = Path().go(19)
    assert not path.regime.volatilities
    path.step(0.01)

    returns = [math.log(later / earlier) for earlier, later in pairwise(path.closes)]
    assert list(path.regime.volatilities) == pytest.approx([stdev(returns)])
    assert path.regime.rank == 0.0


@pytest.mark.parametrize(("move", "trend"), [(0.001, 10.0), (-0.001, -10.0)])
def test_a_way_without_any_noise_is_the_largest_trend(move: float, trend: float):
    regime = Regime()
    regime.advance([round(10**15 * math.exp(move * day)) for day in range(31)])

    assert regime.trend == trend


def test_a_move_of_exactly_four_deviations_is_extreme():
    """Twelve times doubled and halved deviate by ln 2, to the last bit; sixteenfold is 4 ln 2."""
    usual = [100, 200] * 12 + [100, 100]
    regime = Regime()
    regime.advance([*usual, *[1_600] * 5])

    assert regime.is_extreme
    regime.advance([*usual, *[1_599] * 5])
    assert not regime.is_extreme


def test_it_begins_knowing_nothing():
    assert Regime().state() == {
        "name": UNKNOWN,
        "trend": 0.0,
        "rank": 0.0,
        "is_extreme": False,
        "volatilities": [],
    }
