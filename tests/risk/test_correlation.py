"""Shrunk correlations: against scikit-learn where it is, against their own laws everywhere."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.risk.correlation import _standardised, correlate, shrunk

DAY = 86_400_000_000_000


def walk(seed: int, days: int, *, like: list[int] | None = None, noise: float = 1.0) -> list[int]:
    """Return daily closes in ticks; `like`: move with it, but for the noise."""
    rng = random.Random(seed)
    closes = [100_000]
    for day in range(days):
        shared = math.log(like[day + 1] / like[day]) if like else 0.0
        closes.append(max(1, round(closes[-1] * math.exp(shared + noise * rng.gauss(0, 0.01)))))
    return closes


def dated(closes: list[int], *, without: tuple[int, ...] = ()) -> dict[int, int]:
    return {day * DAY: close for day, close in enumerate(closes) if day % 7 not in without}


@pytest.mark.parametrize("names", [2, 3, 7])
@pytest.mark.parametrize("days", [20, 60])
def test_the_shrinkage_is_that_of_scikit_learn(names: int, days: int):
    covariance = pytest.importorskip("sklearn.covariance")
    numpy = pytest.importorskip("numpy")
    base = walk(1, days)
    closes = {f"S{n}": walk(n + 2, days, like=base if n % 2 else None) for n in range(names)}
    returns = numpy.diff(numpy.log(numpy.array(list(closes.values()), dtype=float))).T
    scaled = (returns - returns.mean(axis=0)) / returns.std(axis=0)
    expected = covariance.LedoitWolf().fit(scaled).covariance_

    found = correlate("S0", {name: dated(own) for name, own in closes.items()}, days=days)

    assert found.days == days
    assert dict(found.pairs) == pytest.approx(
        {f"S{n}": expected[0][n] for n in range(1, names)}, abs=1e-12
    )


# sklearn.covariance.LedoitWolf().fit(x).covariance_ of scikit-learn 1.9.1, where x are the log
# returns of these closes, each divided by its standard deviation (ddof 0) after its mean was taken.
CLOSES = {
    "AAA": [*(10000, 10100, 10050, 10210, 10190, 10330, 10280), *(10400, 10390, 10500, 10470)],
    "BBB": [*(5000, 5040, 5010, 5100, 5080, 5160, 5120), *(5190, 5170, 5250, 5210)],
    "CCC": [*(2000, 1990, 2010, 2005, 1980, 1975, 2000), *(2020, 1995, 1990, 2015)],
}
LAST = {"AAA": [10620, 10600], "BBB": [5300, 5280], "CCC": [2030, 2002]}
SHRUNK = {("AAA", "BBB"): 0.7745637501145938, ("AAA", "CCC"): -0.01497969453008052}


def test_the_shrunk_correlations_are_those_scikit_learn_gave():
    closes = {name: dated([*own, *LAST[name]]) for name, own in CLOSES.items()}

    found = dict(correlate("AAA", closes, days=12).pairs)

    assert found == pytest.approx({other: SHRUNK["AAA", other] for other in found}, abs=1e-12)
    assert len(found) == 2


def test_what_moves_together_is_near_one_and_what_does_not_near_zero():
    base = walk(1, 60)
    closes = {
        "A": dated(base),
        "TWIN": dated(walk(2, 60, like=base, noise=0.05)),
        "OTHER": dated(walk(3, 60)),
    }
    found = dict(correlate("A", closes, days=60).pairs)

    assert found["TWIN"] > 0.8
    assert abs(found["OTHER"]) < 0.25


def test_a_mirror_image_is_near_minus_one():
    base = walk(1, 60)
    mirror = [round(10**10 / close) for close in base]

    ((_, value),) = correlate("A", {"A": dated(base), "M": dated(mirror)}, days=60).pairs
    assert value < -0.9


def test_days_that_one_of_them_lacks_fall_out_for_both():
    """A coin trades every day, a share on five of seven: its weekends are one return."""
    base = walk(1, 70)
    coin, share = dated(base), dated(base, without=(5, 6))
    found = correlate("COIN", {"COIN": coin, "SHARE": share}, days=60)

    # 71 days hold 51 with a close of both, so 50 returns; over those both are the same.
    assert found.days == len(share) - 1
    assert found.pairs[0][1] > 0.9


def test_only_the_newest_days_count():
    noise, base = walk(5, 40), walk(1, 60)
    early = [*noise, *(round(noise[-1] * close / base[0]) for close in base[1:])]
    other = [*walk(6, 40), *(round(77_000 * close / base[0]) for close in base[1:])]
    both = {"A": dated(early), "B": dated(other)}

    recent, whole = correlate("A", both, days=59), correlate("A", both, days=100)
    assert recent.pairs[0][1] > 0.9
    assert whole.pairs[0][1] < recent.pairs[0][1]


@pytest.mark.parametrize("days", [0, 1, 2])
def test_too_few_days_say_how_many_there_are_and_nothing_else(days: int):
    closes = {"A": dated(walk(1, days)), "B": dated(walk(2, days))}
    found = correlate("A", closes, days=60)

    assert found.days == days
    assert bool(found.pairs) == (days >= 2)


def test_a_day_counts_only_where_all_of_them_have_it():
    base = walk(1, 34)
    closes = {
        "A": dated(base),
        "B": dated(walk(2, 34), without=(5, 6)),
        "C": dated(walk(3, 34), without=(0,)),
    }

    # Of 35 days five times four weekdays are left to all of them: 20 closes, 19 returns.
    assert correlate("A", closes, days=60).days == 19


def test_no_common_day_is_no_correlation():
    closes = {"A": dated(walk(1, 60)), "B": {}}

    assert correlate("A", closes, days=60).pairs == ()
    assert correlate("A", closes, days=60).days == 0


def test_prices_that_never_moved_are_named():
    found = correlate("A", {"A": dated(walk(1, 30)), "B": dated([100] * 31)}, days=60)

    assert (found.pairs, found.still, found.days) == ((), ("B",), 30)


def test_a_movement_counts_from_a_millionth_of_a_millionth_on():
    """Less than that is what rounding leaves of prices that never moved."""
    assert _standardised([0.0, 3e-12]) == pytest.approx([-1.0, 1.0])
    assert _standardised([1e-12, -1e-12]) is None
    assert _standardised([5.0, 5.0 + 8e-12]) is None


def test_shrinking_at_a_case_worked_out_by_hand():
    """Eight returns, correlation 1/2: delta 1/2, beta (4 - 5/2) / 8 = 3/16: 5/8 of it is kept."""
    one = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]
    two = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0]

    assert shrunk([one, two]) == [[1.0, 0.3125], [0.3125, 1.0]]


def test_what_is_independent_already_is_left_as_it_is():
    assert shrunk([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]) == [[1.0, 0.0], [0.0, 1.0]]


COLUMN = st.lists(st.floats(-3, 3), min_size=8, max_size=8)


@given(st.lists(COLUMN, min_size=2, max_size=5))
def test_shrinking_is_symmetric_and_never_adds_correlation(columns):
    scaled = []
    for column in columns:
        mean = math.fsum(column) / 8
        spread = math.sqrt(math.fsum((each - mean) ** 2 for each in column) / 8)
        if spread > 1e-6:
            scaled.append([(each - mean) / spread for each in column])
    if len(scaled) < 2:
        return
    found = shrunk(scaled)

    for i, row in enumerate(found):
        for j, value in enumerate(row):
            plain = math.fsum(a * b for a, b in zip(scaled[i], scaled[j], strict=True)) / 8
            assert value == pytest.approx(found[j][i], abs=1e-12)
            assert abs(value) <= abs(plain) + 1e-9 if i != j else value == 1.0
