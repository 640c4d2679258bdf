"""A strategy's target goes with the protective stop, and nothing else of the engine knows it."""

import math
from dataclasses import dataclass

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose
from hfl_core.engine.state import core_state, restore_core
from tests.engine.kit import D, Play, Puppet, of_kind


@dataclass(frozen=True)
class Aiming(Puppet):
    """Takes its profit at a multiple of the distance between entry and stop."""

    multiple: float = 3.0

    def target(self, entry: float, stop: float) -> float:
        return entry + self.multiple * (entry - stop)


def entered(want="long", strategy=None):
    """Enter fifty at 100 with a stop two away."""
    play = Play(strategy=strategy or Aiming()).start()
    play.bar(100, want)
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    return play


def test_the_protective_stop_carries_the_target():
    stop = entered().only(Purpose.PROTECTION)

    assert (stop.type, stop.stop_price, stop.limit_price) == (OrderType.STOP, D(98), D(106))


def test_a_short_takes_its_profit_below():
    stop = entered("short").only(Purpose.PROTECTION)

    assert (stop.stop_price, stop.limit_price) == (D(102), D(94))


def test_the_target_is_rounded_away_from_the_entry():
    long = entered(strategy=Aiming(multiple=3.3331)).only(Purpose.PROTECTION)
    short = entered("short", strategy=Aiming(multiple=3.3331)).only(Purpose.PROTECTION)

    assert (long.limit_price, short.limit_price) == (D("106.67"), D("93.33"))


def test_the_journal_says_both_prices():
    play = entered()
    intended = of_kind(play.events, ev.OrderIntended)[-1]

    assert (intended.stop_price, intended.limit_price) == (D(98), D(106))


@pytest.mark.parametrize("multiple", [math.nan, math.inf, -math.inf, -1.0, -5.0, -1e300])
def test_what_is_no_price_beyond_the_stop_leaves_the_stop_alone(multiple):
    stop = entered(strategy=Aiming(multiple=multiple)).only(Purpose.PROTECTION)

    assert (stop.stop_price, stop.limit_price) == (D(98), None)


def test_without_a_stop_there_is_no_target():
    play = Play(strategy=Aiming(stop_distance=0.0), fixed_lots=5).start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)

    assert play.live(Purpose.PROTECTION) == []


def test_a_strategy_without_a_target_has_a_plain_stop():
    assert entered(strategy=Puppet()).only(Purpose.PROTECTION).limit_price is None


def test_after_a_refusal_the_stop_comes_back_with_its_target():
    play = entered()
    stop = play.only(Purpose.PROTECTION)
    play.accept(stop)
    play.say(
        ev.OrderEnded(
            client_id=stop.client_id, status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=9
        )
    )
    play.run_timers(600)
    again = play.only(Purpose.PROTECTION)

    assert again.client_id != stop.client_id
    assert (again.stop_price, again.limit_price) == (D(98), D(106))


def test_a_snapshot_needs_no_word_about_targets():
    play, other = entered(), Play(strategy=Aiming())
    restore_core(other.core, core_state(play.core))

    assert core_state(other.core) == core_state(play.core)
    assert other.only(Purpose.PROTECTION).limit_price == D(106)


@pytest.mark.parametrize(
    ("want", "price", "is_stopped_out"),
    [
        ("long", 106, False),
        ("long", "106.5", False),
        ("long", "105.99", True),
        ("long", 98, True),
        ("short", 94, False),
        ("short", 93, False),
        ("short", 102, True),
    ],
)
def test_a_profit_taken_is_no_stop_out(want, price, is_stopped_out):
    play = entered(want)
    play.fill(play.only(Purpose.PROTECTION), None, price)

    assert play.book.positions == {}
    assert bool(play.book.pace.stopped_out) is is_stopped_out
