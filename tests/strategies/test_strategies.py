"""What every strategy of the folder promises, whatever its idea."""

import dataclasses
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl.plugins import load_strategy, strategy_names
from hfl_core.domain.events import number_text
from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies import _template
from hfl_core.strategies.base import View
from hfl_core.strategies.rehearsal import Bar, rehearse

SHIPPED = sorted(name for name, origin in strategy_names().items() if origin == "shipped")
STRATEGIES: dict[str, Any] = {name: load_strategy(name, {}).strategy for name in SHIPPED}
STRATEGIES["_template"] = _template.Strategy()
NAMES = sorted(STRATEGIES)
ENTRY_SCORE_MIN = 0.1

ANY_FLOAT = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -1.0, 1.0, 30.0, 50.0, 100.0, math.nan, math.inf]),
)
PRICE = st.floats(min_value=1e-6, max_value=1e9)


def market(seed, count=700):
    """Return bars that trend, rest, fall, crash and stand still by turns."""
    rng = random.Random(seed)
    weather = [
        (0.004, 0.006),
        (0.0, 0.004),
        (-0.004, 0.006),
        (0.0, 0.02),
        (-0.02, 0.03),
        (0.0, 0.0),
    ]
    bars, close, drift, size = [], 100.0, 0.0, 0.01
    for row in range(count):
        if row % 60 == 0:
            drift, size = rng.choice(weather)
        before = close
        close *= math.exp(rng.gauss(drift, size))
        spread = before * size * rng.random()
        high, low = max(before, close) + spread, min(before, close) - spread
        bars.append(Bar(before, high, max(low, close / 2), close, rng.random()))
    return bars


@st.composite
def views(draw, strategy, value=ANY_FLOAT):
    position = draw(st.sampled_from([-1, 0, 1]))
    return View(
        symbol="TEST",
        time_ns=draw(st.integers(0, 2**62)),
        open=draw(PRICE),
        high=draw(PRICE),
        low=draw(PRICE),
        close=draw(PRICE),
        volume=draw(PRICE),
        values=tuple(draw(value) for _ in strategy.features()),
        position=position,
        bars_held=draw(st.integers(0, 100)) if position else 0,
        entry_price=draw(PRICE) if position else 0.0,
        closes=(),
    )


GLANCING = sorted(name for name in NAMES if hasattr(STRATEGIES[name], "glance"))


def test_what_is_offered_without_a_view_is_most_of_them():
    assert GLANCING == ["breakout", "ensemble", "momentum", "sma_cross", "trend"]


@pytest.mark.parametrize("name", GLANCING)
@given(data=st.data())
def test_a_glance_says_what_the_scan_says_whatever_else_the_view_holds(name, data):
    strategy = STRATEGIES[name]
    view = data.draw(views(strategy))

    assert strategy.glance(view.values, view.close, view.position) is strategy.scan(view)


def test_the_shipped_strategies_are_all_found():
    assert SHIPPED == ["breakout", "ensemble", "momentum", "reversion", "sma_cross", "trend"]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_asked_twice_it_says_the_same_and_nothing_that_is_no_number_escapes(name, data):
    strategy = STRATEGIES[name]
    view = data.draw(views(strategy))

    stance = strategy.scan(view)
    assert strategy.scan(view) is stance
    for direction in (LONG, FLAT, SHORT):
        candidate = Candidate(direction, "any")
        proof = strategy.signal(view, candidate)

        # Equal in every bit: -0.0 and 0.0 print differently.
        assert repr(strategy.signal(view, candidate)) == repr(proof)
        assert -1.0 <= proof.score <= 1.0
        assert 0.0 <= proof.confidence <= 1.0
        assert math.isfinite(proof.stop_distance)
        assert proof.stop_distance >= 0.0
        assert all(number_text(figure) for _, figure in proof.numbers)
        assert len({label for label, _ in proof.numbers}) == len(proof.numbers)
        assert proof.rationale.endswith(".")
        assert "nan" not in proof.rationale.lower()
        assert "\n" not in proof.rationale


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_a_view_of_nothing_but_nan_moves_nobody(name, data):
    strategy = STRATEGIES[name]
    view = data.draw(views(strategy, st.just(math.nan)))

    stance = strategy.scan(view)
    # Holding too long needs no figure.
    assert stance is None or (name == "reversion" and stance.setup.startswith("held too long"))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), cut=st.integers(130, 690), level=st.floats(0.1, 1000.0))
def test_the_evidence_at_a_bar_is_the_same_whatever_follows(name, seed, cut, level):
    bars = market(seed)
    other = bars[:cut] + [Bar(level, level * 2, level / 2, level) for _ in range(40)]
    before = [moment for moment in rehearse(STRATEGIES[name], bars) if moment.row < cut]

    assert [m for m in rehearse(STRATEGIES[name], other) if m.row < cut] == before
    assert rehearse(STRATEGIES[name], bars[:cut]) == before


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_entries_argue_for_their_side_strongly_enough_to_be_heard(name, seed):
    """The engine multiplies score and confidence and asks for at least ENTRY_SCORE_MIN."""
    for moment in rehearse(STRATEGIES[name], market(seed)):
        if moment.evidence is None or moment.candidate is None or not moment.candidate.direction:
            continue
        said = moment.evidence.score * moment.evidence.confidence

        assert said * moment.candidate.direction >= ENTRY_SCORE_MIN
        assert moment.view.position == 0, "a position is left before the other side is taken"
        assert (moment.evidence.stop_distance > 0.0) == (name != "sma_cross")


@pytest.mark.parametrize("name", NAMES)
def test_it_enters_and_leaves_in_a_lively_market(name):
    directions = {
        moment.candidate.direction
        for seed in range(12)
        for moment in rehearse(STRATEGIES[name], market(seed))
        if moment.candidate is not None and moment.evidence is not None
    }

    long_only = name in {"sma_cross", "_template"}
    assert directions == ({LONG, FLAT} if long_only else {LONG, FLAT, SHORT})


@pytest.mark.parametrize("name", NAMES)
def test_a_market_that_stands_still_is_left_alone(name):
    still = [Bar(5.0, 5.0, 5.0, 5.0)] * 300

    assert [m for m in rehearse(STRATEGIES[name], still) if m.evidence is not None] == []


@pytest.mark.parametrize("name", NAMES)
def test_scan_answers_with_constants_of_its_module(name):
    strategy = STRATEGIES[name]
    module = __import__(type(strategy).__module__, fromlist=["x"])
    constants = {id(value) for value in vars(module).values() if isinstance(value, Candidate)}
    for seed in range(3):
        for moment in rehearse(strategy, market(seed)):
            assert moment.candidate is None or id(moment.candidate) in constants


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_is_a_frozen_value_without_state(name):
    strategy = STRATEGIES[name]
    first = dataclasses.fields(strategy)[0].name

    assert not hasattr(strategy, "__dict__")
    assert strategy.lookback == 0
    assert strategy == type(strategy)()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(strategy, first, 1)
    with pytest.raises(TypeError):
        type(strategy)(1)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"sma_cross"}))
def test_every_strategy_with_a_stop_declares_the_atr_it_rests_on(name):
    assert FeatureSpec("atr", (14,)) in STRATEGIES[name].features()
