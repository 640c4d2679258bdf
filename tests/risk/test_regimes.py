"""Regimes: each of the four, in its order, entered sooner than left, known when there is enough."""

import math
import random

import pytest

from hfl_core.risk.regimes import BEAR, BULL, CRISIS, SIDEWAYS, TREND_DAYS, UNKNOWN, Regime


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
        (SIDEWAYS, 1.0, 0.81, SIDEWAYS),
        (BULL, 0.5, 0.9, BULL),
        (BULL, 0.49, 0.9, SIDEWAYS),
        (BULL, 0.5, 0.91, SIDEWAYS),
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
