"""The rule of each strategy, on views made by hand."""

import math

import pytest

from hfl_core.domain.opinions import FLAT, LONG, SHORT
from hfl_core.strategies import breakout, ensemble, momentum, reversion, sma_cross, trend
from hfl_core.strategies.base import View


def view(*values, position=0, close=100.0, bars_held=0):
    return View("TEST", 1, close, close, close, close, 0.0, values, position, bars_held, 0.0, ())


def stance(strategy, seen):
    candidate = strategy.scan(seen)
    return None if candidate is None else candidate.direction


@pytest.mark.parametrize(
    ("fast", "slow", "wanted"), [(2.0, 1.0, LONG), (1.0, 2.0, FLAT), (1.0, 1.0, None)]
)
def test_sma_cross_follows_the_level_and_a_tie_changes_nothing(fast, slow, wanted):
    for position in (0, 1):
        assert stance(sma_cross.Strategy(), view(fast, slow, position=position)) == wanted


@pytest.mark.parametrize(
    ("values", "position", "wanted"),
    [
        # fast, slow, adx, pdi, mdi, atr; defaults: adx_min 22, adx_exit 16, band 0.25
        ((101.0, 100.0, 22.0, 30.0, 10.0, 4.0), 0, LONG),
        ((100.9, 100.0, 22.0, 30.0, 10.0, 4.0), 0, None),  # closer than a quarter ATR
        ((101.0, 100.0, 21.9, 30.0, 10.0, 4.0), 0, None),  # no trend
        ((101.0, 100.0, 22.0, 10.0, 30.0, 4.0), 0, None),  # the direction disagrees
        ((101.0, 100.0, 22.0, 30.0, 10.0, 0.0), 0, None),  # no range, no stop
        ((99.0, 100.0, 22.0, 10.0, 30.0, 4.0), 0, SHORT),
        ((99.0, 100.0, 22.0, 30.0, 10.0, 4.0), 0, None),
        ((100.1, 100.0, 17.0, 30.0, 10.0, 4.0), 1, None),  # weaker, but held
        ((99.9, 100.0, 40.0, 30.0, 10.0, 4.0), 1, FLAT),  # crossed back
        ((101.0, 100.0, 15.9, 30.0, 10.0, 4.0), 1, FLAT),  # trend gone
        ((99.0, 100.0, 40.0, 10.0, 30.0, 4.0), 1, FLAT),  # the other side only from flat
        ((99.9, 100.0, 17.0, 10.0, 30.0, 4.0), -1, None),
        ((100.1, 100.0, 40.0, 10.0, 30.0, 4.0), -1, FLAT),
    ],
)
def test_trend_needs_distance_strength_and_direction(values, position, wanted):
    assert stance(trend.Strategy(), view(*values, position=position)) == wanted


@pytest.mark.parametrize(
    ("z", "position", "wanted"),
    [
        (0.81, 0, LONG),
        (0.79, 0, None),
        (-0.81, 0, SHORT),
        (-0.79, 0, None),
        (0.11, 1, None),
        (0.09, 1, FLAT),
        (-3.0, 1, FLAT),
        (-0.11, -1, None),
        (-0.09, -1, FLAT),
        (3.0, -1, FLAT),
    ],
)
def test_momentum_is_measured_in_its_own_volatility(z, position, wanted):
    for volatility in (0.001, 0.2):
        move = z * volatility * math.sqrt(60)

        assert stance(momentum.Strategy(), view(move, volatility, 1.0, position=position)) == wanted


@pytest.mark.parametrize(
    ("rsi", "zscore", "position", "bars_held", "wanted"),
    [
        (29.0, -2.1, 0, 0, LONG),
        (31.0, -2.1, 0, 0, None),
        (29.0, -1.9, 0, 0, None),
        (71.0, 2.1, 0, 0, SHORT),
        (69.0, 2.1, 0, 0, None),
        (71.0, 1.9, 0, 0, None),
        (40.0, -0.1, 1, 5, None),
        (40.0, 0.0, 1, 5, FLAT),
        (40.0, -0.1, 1, 30, FLAT),
        (60.0, 0.1, -1, 29, None),
        (60.0, 0.0, -1, 5, FLAT),
        (60.0, 0.1, -1, 30, FLAT),
    ],
)
def test_reversion_waits_for_both_and_leaves_at_the_mean(rsi, zscore, position, bars_held, wanted):
    seen = view(rsi, zscore, 100.0, 1.0, position=position, bars_held=bars_held)

    assert stance(reversion.Strategy(), seen) == wanted


@pytest.mark.parametrize(
    ("close", "position", "wanted"),
    [
        # channel 90..110, exit channel 95..105, ATR 2
        (110.1, 0, LONG),
        (110.0, 0, None),
        (89.9, 0, SHORT),
        (90.0, 0, None),
        (95.0, 1, None),
        (94.9, 1, FLAT),
        (105.0, -1, None),
        (105.1, -1, FLAT),
    ],
)
def test_breakout_needs_a_close_beyond_the_channel(close, position, wanted):
    seen = view(110.0, 90.0, 105.0, 95.0, 2.0, close=close, position=position)

    assert stance(breakout.Strategy(), seen) == wanted
    if position == 0 and wanted is not None:
        assert stance(breakout.Strategy(band=0.5), seen) is None


def test_the_stop_stands_at_its_multiple_of_atr_and_exits_have_none():
    seen = view(101.0, 100.0, 30.0, 30.0, 10.0, 4.0)
    strategy = trend.Strategy(stop_atr=3.0)

    assert strategy.signal(seen, trend.UP).stop_distance == 12.0
    assert strategy.signal(seen, trend.OVER).stop_distance == 0.0


def member_values(strategy, **figures):
    return tuple(figures[spec.label] for spec in strategy.features())


FIGURES = {
    "sma(20)": 101.0,
    "sma(50)": 100.0,
    "adx(14)": 30.0,
    "adx(14).pdi": 30.0,
    "adx(14).mdi": 10.0,
    "atr(14)": 2.0,
    "momentum(60)": 0.05,
    "volatility(60)": 0.01,
    "rsi(14)": 65.0,
    "bollinger(20,2).zscore": 1.5,
    "bollinger(20,2).middle": 99.0,
    "donchian(20).upper": 101.0,
    "donchian(20).lower": 95.0,
    "donchian(10).upper": 101.0,
    "donchian(10).lower": 97.0,
}


def test_ensemble_blends_what_its_members_say_by_weight():
    strategy = ensemble.Strategy(trend=2.0, momentum=1.0, reversion=1.0, breakout=0.0)
    seen = view(*member_values(strategy, **FIGURES))
    scores = {
        name: module.Strategy().lean(member_values(module.Strategy(), **FIGURES), 100.0)
        for name, module in (("trend", trend), ("momentum", momentum), ("reversion", reversion))
    }
    wanted = 0.5 * scores["trend"] + 0.25 * scores["momentum"] + 0.25 * scores["reversion"]

    proof = strategy.signal(seen, ensemble.AGREED_UP)
    numbers = dict(proof.numbers)

    assert proof.score == pytest.approx(wanted, rel=1e-12)
    assert scores["reversion"] < 0.0 < scores["trend"]
    assert numbers["weight.trend"] == 0.5
    assert numbers["score.momentum"] == scores["momentum"]
    assert "weight.breakout" not in numbers
    assert not any(spec.name == "donchian" for spec in strategy.features())
    assert "trend" in proof.rationale
    assert "(weight 0.50)" in proof.rationale


@pytest.mark.parametrize("member", ["trend", "momentum", "reversion", "breakout"])
def test_ensemble_with_one_member_says_what_that_member_says(member):
    weights = {"trend": 0.0, "momentum": 0.0, "reversion": 0.0, "breakout": 0.0, member: 3.0}
    module = {"trend": trend, "momentum": momentum, "reversion": reversion, "breakout": breakout}[
        member
    ]
    strategy = ensemble.Strategy(**weights)  # type: ignore[arg-type]
    alone = module.Strategy()

    proof = strategy.signal(view(*member_values(strategy, **FIGURES)), ensemble.AGREED_UP)

    assert proof.score == alone.signal(view(*member_values(alone, **FIGURES)), trend.UP).score
    assert proof.confidence == 1.0


@pytest.mark.parametrize(
    ("enter", "leave", "position", "wanted"),
    [
        (0.3, 0.1, 0, LONG),
        (0.9, 0.1, 0, None),
        (0.9, 0.1, 1, None),
        (0.9, 0.8, 1, FLAT),
        (0.3, 0.1, -1, FLAT),
    ],
)
def test_ensemble_enters_and_leaves_at_its_thresholds(enter, leave, position, wanted):
    strategy = ensemble.Strategy(
        trend=1.0, momentum=0.0, reversion=0.0, breakout=0.0, enter=enter, exit=leave
    )
    # gap of half an ATR and ADX 30: 0.25 + 0.3
    assert strategy.signal(
        view(*member_values(strategy, **FIGURES)), ensemble.FADED
    ).score == pytest.approx(0.55)
    assert stance(strategy, view(*member_values(strategy, **FIGURES), position=position)) == wanted


@pytest.mark.parametrize(
    ("module", "parameters", "sentence"),
    [
        (sma_cross, {"fast": 50, "slow": 20}, "expected fast below slow, found 50 and 20"),
        (sma_cross, {"fast": 0}, "expected fast as a whole number of bars from 1"),
        (sma_cross, {"fast": 2.5}, "expected fast as a whole number of bars"),
        (trend, {"adx_min": 10.0}, "expected adx_exit below adx_min"),
        (trend, {"band": math.nan}, "expected band as a number from 0 to 20, found nan"),
        (trend, {"stop_atr": 0.0}, "expected stop_atr as a number from 0.1 to 50"),
        (momentum, {"exit": 0.9}, "expected exit below enter"),
        (momentum, {"volatility": 1}, "from 2 to"),
        (reversion, {"oversold": 60.0}, "expected oversold as a number from 0 to 50"),
        (reversion, {"exit": 2.0}, "expected exit below stretch"),
        (breakout, {"exit": 20}, "expected exit below entry"),
        (ensemble, {"trend": -1.0}, "expected trend as a number from 0 to 1000"),
        (ensemble, {"enter": 0.1}, "expected exit below enter"),
        (
            ensemble,
            {"trend": 0.0, "momentum": 0.0, "reversion": 0.0, "breakout": 0.0},
            "expected at least one weight above zero",
        ),
    ],
)
def test_parameters_that_make_no_sense_are_refused(module, parameters, sentence):
    with pytest.raises(ValueError, match=sentence):
        module.Strategy(**parameters)
