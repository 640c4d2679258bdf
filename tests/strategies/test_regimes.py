"""Which strategy enters in which market regime, and what its evidence says of it."""

import pytest

from hfl_core.domain.errors import ConfigError
from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate
from hfl_core.domain.regimes import BEAR, BULL, CRISIS, NAMES, SIDEWAYS, UNKNOWN
from hfl_core.strategies import breakout, ensemble, momentum, reversion, sma_cross, trend
from hfl_core.strategies.base import View
from hfl_core.strategies.catalogue import construct

FOLLOWING = {LONG: {BULL, SIDEWAYS}, SHORT: {BEAR, SIDEWAYS, CRISIS}}
AGAINST = {LONG: {BULL, SIDEWAYS}, SHORT: {BEAR, SIDEWAYS}}
SHIPPED = {
    trend: FOLLOWING,
    momentum: FOLLOWING,
    breakout: FOLLOWING,
    reversion: AGAINST,
    ensemble: AGAINST,
}
MODULES = pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.__name__[20:])


@MODULES
@pytest.mark.parametrize("direction", [LONG, SHORT])
def test_each_side_is_entered_in_its_regimes_and_no_other(module, direction):
    strategy = module.Strategy()
    entered = {regime for regime in NAMES if strategy.fits(direction, regime)}

    assert entered == SHIPPED[module][direction]


@MODULES
def test_nothing_is_held_up_while_the_regime_is_not_known(module):
    strategy = module.Strategy(long_in="", short_in="")

    assert strategy.fits(LONG, UNKNOWN)
    assert strategy.fits(SHORT, UNKNOWN)
    assert not any(strategy.fits(side, regime) for side in (LONG, SHORT) for regime in NAMES)


@MODULES
def test_the_user_chooses_the_regimes(module):
    strategy = construct("x", module.Strategy, {"long_in": "crisis", "short_in": "bull bear"})

    assert [regime for regime in NAMES if strategy.fits(LONG, regime)] == [CRISIS]  # type: ignore[attr-defined]
    assert [regime for regime in NAMES if strategy.fits(SHORT, regime)] == [BULL, BEAR]  # type: ignore[attr-defined]


@MODULES
@pytest.mark.parametrize("field", ["long_in", "short_in"])
def test_a_misspelt_regime_is_refused_with_the_right_ones(module, field):
    with pytest.raises(ConfigError, match=f"expected {field} as regimes out of bull bear sideways"):
        construct("x", module.Strategy, {field: "bull, sideways"})


def test_the_plain_level_rule_asks_for_no_regime():
    assert not hasattr(sma_cross.Strategy(), "fits")


@MODULES
@pytest.mark.parametrize("regime", [*NAMES, UNKNOWN])
def test_the_evidence_names_the_regime_where_it_is_known(module, regime):
    strategy = module.Strategy()
    values = tuple(float(number) for number in range(1, len(strategy.features()) + 1))
    view = View("TEST", 1, 9.0, 9.0, 9.0, 9.0, 0.0, values, 0, 0, 0.0, (), regime)
    for direction in (LONG, FLAT, SHORT):
        said = strategy.signal(view, Candidate(direction, "told")).rationale

        assert (f"The market's regime: {regime}." in said) == bool(regime)
        assert said.endswith(".")
