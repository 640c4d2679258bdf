"""The market's regime reaches the strategy: in its view, before its entries, in its signals."""

import json
from dataclasses import dataclass, replace

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.limits import UNLIMITED
from hfl_core.domain.opinions import FLAT, LONG
from hfl_core.domain.orders import Purpose
from hfl_core.domain.regimes import BEAR, BULL
from hfl_core.engine.decider import make_lane
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from tests.engine.kit import DAY, Play, Puppet, instrument, limits, of_kind, row, settings

# Days until the regime is known.
DAYS = 31


@dataclass(frozen=True)
class Choosy(Puppet):
    """A puppet that enters long in bull markets only."""

    def fits(self, direction: int, regime: str) -> bool:
        return direction != LONG or regime in {"", BULL}


def grown(step: float, *, days: int = DAYS, strategy: Puppet | None = None, **changes) -> Play:
    """Let a market go its way day by day, a little noise with it."""
    play = Play(strategy=strategy or Choosy(), **changes).start()
    for day in range(days):
        play.bar(100 + step * day + 0.2 * (day % 3), after=DAY)
    return play


def regime_unfit() -> Play:
    """A bear market, and a strategy that would enter in a bull market only."""
    play = grown(-1)
    play.close()
    play.bar(70, "long", after=DAY)
    return play


def last_code(play: Play) -> str:
    (code,) = {code: number for code, number in play.groups[-1].counts if number}
    return code


def wish(play: Play, want: str, step: float = 0.0) -> str:
    """Let one more bar want something; return the code it ends with."""
    close = play.core.decider.lanes[0].mark / 100 + step
    play.close()
    play.bar(close, want, after=DAY)
    play.close()
    return last_code(play)


def test_an_entry_that_does_not_fit_the_regime_ends_there_without_a_signal():
    bear = grown(-1)
    assert bear.core.decider.lanes[0].regime == BEAR

    assert wish(bear, "long") == "REGIME_UNFIT"
    assert of_kind(bear.events, ev.SignalEmitted) == []


def test_an_entry_that_fits_goes_on_and_its_signal_names_the_regime():
    bull = grown(1)

    assert wish(bull, "long", 1) == "ENTRY_INTENDED"
    (signal,) = of_kind(bull.events, ev.SignalEmitted)
    assert signal.regime == BULL


def test_before_the_regime_is_known_the_strategy_decides_without_it():
    young = grown(-1, days=DAYS - 3)

    assert young.core.decider.lanes[0].regime == ""
    assert wish(young, "long") == "ENTRY_INTENDED"
    assert of_kind(young.events, ev.SignalEmitted)[0].regime == ""


def test_an_exit_is_never_asked_whether_it_fits():
    play = grown(-1, days=DAYS - 3)
    wish(play, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    play.accept(play.only(Purpose.PROTECTION))
    for _ in range(4):
        wish(play, "")
    lane = play.core.decider.lanes[0]
    lane.fits = lambda direction, regime: not (direction == FLAT or regime)

    assert lane.regime == BEAR
    assert wish(play, "flat") == "EXIT_INTENDED"


def test_a_strategy_without_such_a_choice_enters_in_every_regime():
    bear = grown(-1, strategy=Puppet())

    assert wish(bear, "long") == "ENTRY_INTENDED"
    assert of_kind(bear.events, ev.SignalEmitted)[0].regime == BEAR


def test_the_view_shows_the_regime_of_the_last_whole_day():
    bear = grown(-1)
    lane = bear.core.decider.lanes[0]
    name = bear.core.decider.watch.markets[0].regime.name

    assert lane.view(bear.now).regime == name == BEAR


@pytest.mark.parametrize("want", ["long", ""])
def test_an_engine_restored_from_a_snapshot_sees_the_same_regime(want: str):
    bear = grown(-1)
    bear.close()
    other = Engine(settings(strategy=Choosy()), make)
    other.restore(json.loads(json.dumps(bear.engine.state())))
    other.core.anchor = bear.core.anchor
    following = Slot(bear.now + DAY, (row(70, want),), bear.cursor + 1)

    assert other.core.decider.lanes[0].regime == BEAR
    assert other.scan(following) == bear.engine.scan(following)
    assert other.close_group() == bear.engine.close_group()
    assert other.core.decider.lanes[0].regime == bear.core.decider.lanes[0].regime


def test_without_limits_no_market_is_kept_and_no_regime_known():
    free = grown(-1, bounds=limits(profile=UNLIMITED))

    assert free.core.decider.lanes[0].regime == ""
    assert wish(free, "long") == "ENTRY_INTENDED"


def test_a_lane_of_its_own_knows_no_market():
    lane = make_lane(0, instrument(), replace(Choosy()), name="x", make=make)

    assert lane.regime == ""
