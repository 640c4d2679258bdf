"""Saving and restoring the whole engine: from any rest on, the copy decides exactly the same."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.orders import Purpose
from hfl_core.engine.saved import part
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from tests.engine.kit import Play, Puppet, limits, settings

WISHES = ("", "long", "flat", "short")


def fresh() -> Play:
    """Return a play with a real feature, so that its warm-up and its ring are part of the state."""
    bounds = limits(daily_loss_fraction_max=limits().weekly_loss_fraction_max)
    return Play(
        strategy=Puppet(warm_up=3, lookback=4), bounds=bounds, operator_policy="next-period"
    )


def act(play: Play, chance: random.Random) -> None:
    """Do one thing that a venue or the market might do."""
    live = list(play.book.live.values())
    kind = chance.randrange(8)
    if kind < 4 or not live:
        play.bar(100 + chance.randrange(-6, 7) / 2, chance.choice(WISHES))
        return
    order = chance.choice(live)
    if kind == 4:
        play.accept(order)
    elif kind == 5:
        play.fill(order, chance.randrange(1, int(order.remaining) + 1), 100, fill_id=f"f{play.now}")
    elif kind == 6:
        play.say(ev.OrderUnknown(client_id=order.client_id, why="timeout"))
    else:
        play.run_timers(5)


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_a_copy_taken_at_rest_continues_bit_for_bit(seed, cut):
    chance = random.Random(seed)
    original = fresh().start()
    for _ in range(cut):
        act(original, chance)
    original.close()
    if not original.engine.is_resting():
        return
    copy = Play(engine=Engine(original.core.settings, make))
    copy.engine.restore(json.loads(json.dumps(original.engine.state())))
    copy.now, copy.cursor, copy._fills = original.now, original.cursor, original._fills

    assert copy.engine.state() == original.engine.state()
    original.events.clear()
    original.effects.clear()
    kept = chance.getstate()
    for play in (original, copy):
        chance.setstate(kept)
        for _ in range(15):
            act(play, chance)
        play.close()

    assert copy.events == original.events
    assert copy.effects == original.effects


def test_state_is_refused_while_something_is_outstanding():
    play = Play(desks=("market",)).start()
    play.bar(100, "long")

    assert not play.engine.is_resting()
    with pytest.raises(AssertionError, match="expected the engine at rest"):
        play.engine.state()


def test_a_state_of_other_instruments_is_refused():
    state = Play().start().engine.state()
    other = Engine(settings(instruments=(Play().core.settings.watches[0].instrument,)), make)
    lanes = part(part(state, "decider", dict), "lanes", list)
    lanes[0]["symbol"] = "ZZZ"
    with pytest.raises(AssertionError, match="expected the lane of AAA, found ZZZ"):
        other.restore(state)


@pytest.mark.parametrize("name", ["time_ns", "book", "decider", "timers", "vetoes"])
def test_a_missing_part_is_named(name: str):
    state = Play().start().engine.state()
    del state[name]
    with pytest.raises(ValueError, match=f"expected {name} in the saved state"):
        Engine(settings(), make).restore(state)


def test_a_restored_position_is_marked_and_protected_as_before():
    play = Play().start()
    play.open_long()
    play.bar(104)
    play.close()
    copy = Engine(play.core.settings, make)
    copy.restore(play.engine.state())

    assert copy.core.decider.equity == play.core.decider.equity
    assert copy.core.decider.lanes[0].view(0) == play.core.decider.lanes[0].view(0)
    assert [o.purpose for o in copy.core.book.live.values()] == [Purpose.PROTECTION]
