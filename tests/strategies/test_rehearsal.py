"""The rehearsal shows a strategy what the engine would: ready features, past closes, a position."""

from typing import Any

import pytest

from hfl_core.domain.errors import ConfigError
from hfl_core.domain.opinions import FLAT, LONG, Candidate, Evidence
from hfl_core.features.base import HLCV, FeatureSpec
from hfl_core.strategies import sma_cross
from hfl_core.strategies.catalogue import construct
from hfl_core.strategies.rehearsal import Bar, push, rehearse

IN, OUT = Candidate(LONG, "in"), Candidate(FLAT, "out")
BARS = [
    Bar(close - 0.5, close + 1, close - 1, close, 10.0) for close in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
]


class InAtThreeOutAtFive:
    """Long at a close of 3, flat at 5, and nothing in between."""

    lookback = 2

    def features(self):
        return (FeatureSpec("sma", (2,)),)

    def scan(self, view):
        return {3.0: IN, 5.0: OUT}.get(view.close)

    def signal(self, view, candidate):
        return Evidence(score=1.0, confidence=1.0, numbers=(), rationale=candidate.setup)


def test_the_position_follows_the_stance_at_the_next_bar():
    moments = rehearse(InAtThreeOutAtFive(), BARS)

    assert [moment.row for moment in moments] == [1, 2, 3, 4, 5]
    assert [moment.view.position for moment in moments] == [0, 0, 1, 1, 0]
    assert [moment.view.bars_held for moment in moments] == [0, 0, 1, 2, 0]
    assert [moment.view.entry_price for moment in moments] == [0.0, 0.0, 3.5, 3.5, 0.0]
    assert [moment.view.closes for moment in moments][:2] == [(1.0, 2.0), (2.0, 3.0)]
    assert [moment.view.values for moment in moments][:2] == [(1.5,), (2.5,)]
    assert [moment.evidence.rationale for moment in moments if moment.evidence] == ["in", "out"]


def test_a_feature_of_volume_is_pushed_the_volume():
    class Volume:
        INPUTS = HLCV

        def push(self, *numbers):
            self.numbers = numbers

    feature: Any = Volume()
    push(feature, BARS[0])

    assert feature.numbers == (2.0, 0.0, 1.0, 10.0)


def test_a_strategy_without_a_view_of_closes_sees_none():
    moments = rehearse(sma_cross.Strategy(fast=1, slow=2), BARS)

    assert {moment.view.closes for moment in moments} == {()}


def test_a_class_whose_annotations_mean_nothing_is_refused():
    class Odd(sma_cross.Strategy):
        __annotations__ = {"fast": "NoSuchType"}

    with pytest.raises(ConfigError, match="strategy odd: found NameError"):
        construct("odd", Odd, {})


def test_a_refusal_of_the_strategys_own_is_passed_on():
    class Choosy(sma_cross.Strategy):
        def features(self):
            raise ConfigError("expected another day, found today: wait")

    with pytest.raises(ConfigError, match=r"^expected another day, found today: wait$"):
        construct("choosy", Choosy, {})


class GlancesElsewhere(InAtThreeOutAtFive):
    """Its glance forgets the way out."""

    def glance(self, values, close, position):
        del values, position
        return {3.0: IN}.get(close)


def test_a_glance_that_says_other_than_the_scan_is_told():
    with pytest.raises(ValueError, match=r"expected glance to say what scan says.*found None at"):
        rehearse(GlancesElsewhere(), BARS)
