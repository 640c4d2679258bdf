"""No limit is ever exceeded by a decision of ours, over generated portfolios and paths.

Every drawn number is a seed; a path's failure is repeated by `Life(seed)`. Cases: bars at which a
strategy wants something of the gate. The long run goes on where the last one stopped.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.verdicts import Outcome
from tests.engine.kit import of_kind
from tests.support.portfolios import Life

BARS = 40
CASES_TEST = 20_000
CASES_LONG = 1_000_000
SHARES = 8
SEED_LONG = 1 << 40


def lived(seed: int, bars: int = BARS) -> Life:
    life = Life(seed)
    life.live(bars)
    assert life.judge.complaints == [], f"Life({seed})"
    return life


def swarm(first: int, cases: int) -> Counter[str]:
    """Live seeds from `first` on until so many cases are through; count what happened."""
    total: Counter[str] = Counter()
    seed = first
    while total["cases"] < cases:
        life = lived(seed)
        assessed = of_kind(life.play.events, ev.RiskAssessed)
        total["cases"] += life.cases
        total["entered"] += life.entered
        for each in assessed:
            for rule in each.rules:
                total[f"refused by {rule.rule}"] += rule.outcome is Outcome.REFUSE
        for kind in ("Filled", "OrderRejected", "LimitTripped", "BreakerTripped", "BreakerRearmed"):
            total[kind] += sum(type(each).__name__ == kind for each in life.play.events)
        seed += 1
    total["seeds"] = seed - first
    return total


@given(st.integers(0, SEED_LONG))
def test_no_decision_exceeds_a_limit(seed: int):
    lived(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SHARES))
def test_no_decision_of_twenty_thousand_exceeds_a_limit(part: int):
    """And they are worth counting: entries were taken, and nearly every rule had its say."""
    total = swarm(part * 10_000, CASES_TEST // SHARES)

    assert total["entered"] > 50
    assert total["Filled"] > 50
    assert total["LimitTripped"] > 0
    assert total["BreakerTripped"] > 0


def test_what_the_market_itself_jumps_over_is_reported_with_its_overshoot():
    """Gaps pass limits that no order may: the trip says how far."""
    trips = [trip for seed in range(60) for trip in lived(seed).overshoots]

    assert trips
    assert all(trip.value >= trip.threshold for trip in trips)
    assert any(trip.value > trip.threshold for trip in trips)


def test_a_life_is_repeated_by_its_seed():
    first, second = lived(7), lived(7)

    assert first.play.events == second.play.events


@pytest.mark.long
def test_no_decision_of_a_million_exceeds_a_limit(project_root):
    """Go on where the last run stopped; the file named here holds seed and cases so far."""
    state = Path(os.environ.get("HFL_LONG_STATE", project_root / "build" / "long"))
    state.mkdir(parents=True, exist_ok=True)
    mark = state / "envelope-next-seed"
    seed, cases = map(int, mark.read_text().split()) if mark.exists() else (SEED_LONG, 0)
    sys.stdout.write(f"from seed {seed}, {cases} cases so far, continued by {mark}\n")
    while cases < CASES_LONG:
        total = swarm(seed, 2_000)
        seed, cases = seed + total["seeds"], cases + total["cases"]
        mark.write_text(f"{seed} {cases}")
        sys.stdout.write(f"seed {seed}: {cases} cases\n")
    mark.unlink()
