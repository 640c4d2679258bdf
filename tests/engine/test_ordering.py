"""After the decision: exits wait, protection covers what is held, failures are tried again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.effects import CancelOrder, SubmitOrder
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.core import RETRY_TIMER
from hfl_core.engine.ordering import RETRY_DELAYS_S
from tests.engine.kit import SECOND, D, Play, Puppet, command, kinds, of_kind, run_started


def cancelled(play: Play, purpose: Purpose = Purpose.PROTECTION) -> list[ev.Event]:
    order = play.only(purpose)
    return play.say(ev.CancelAnswered(client_id=order.client_id, answer="cancelled", text=""))


def guarded(play: Play, wait_s: float) -> None:
    """Let a wait between two tries to exit pass: the stop is taken, then cancelled for the next."""
    play.accept(play.only(Purpose.PROTECTION))
    play.run_timers(wait_s)
    cancelled(play)


def rejected(play: Play, purpose: Purpose) -> list[ev.Event]:
    order = play.only(purpose)
    play.attempt(order)
    return play.say(ev.OrderRejected(client_id=order.client_id, code="no", text="not now"))


# --- protection -----------------------------------------------------------------------------------


def test_a_fill_obliges_a_stop_for_exactly_what_is_held():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    events = play.fill(entry, 20)
    stop = play.only(Purpose.PROTECTION)

    assert kinds(events) == [
        "ProtectionObliged",
        "Transitioned",
        "RiskAssessed",
        "OrderIntended",
    ]
    assert (stop.quantity, stop.stop_price, stop.side) == (D(20), D(98), Side.SELL)
    assert stop.type is OrderType.STOP


def test_each_partial_fill_adds_the_missing_cover():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    for quantity in (20, 25, 5):
        play.fill(entry, quantity)

    assert [order.quantity for order in play.live(Purpose.PROTECTION)] == [D(20), D(25), D(5)]


@given(st.integers(0, 2**32))
def test_cover_equals_the_position_under_any_partial_fills(seed):
    chance = random.Random(seed)
    play = Play().start()
    play.bar(100, chance.choice(("long", "short")))
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    for _ in range(12):
        orders = [o for o in play.book.live.values() if o.status is not OrderStatus.INTENDED]
        if orders and chance.random() < 0.6:
            order = chance.choice(orders)
            play.fill(order, chance.randrange(1, int(order.remaining) + 1))
        elif waiting := play.live(Purpose.PROTECTION):
            play.accept(chance.choice(waiting))
        held = play.book.positions.get("AAA")
        covered = sum((order.remaining for order in play.live(Purpose.PROTECTION)), D(0))

        assert covered == (abs(held.quantity) if held else 0) or play.live(Purpose.PROTECTION)
        assert held is None or covered == abs(held.quantity)


def test_when_flat_the_stop_is_released_and_what_is_left_of_it_cancelled():
    play = Play().start()
    play.open_long(50)
    play.say(ev.CommandReceived(request_id="x", verb="close_all", actor="human", arguments=()))
    cancelled(play)
    exit_order = play.only(Purpose.EXIT)
    play.accept(exit_order)
    events = play.fill(exit_order)

    assert kinds(events) == ["ProtectionReleased"]
    assert (play.book.positions, play.book.live) == ({}, {})


def test_a_stop_that_outlives_its_position_is_cancelled():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry, 20)
    play.fill(entry, 30)
    first, second = play.live(Purpose.PROTECTION)
    play.accept(first)
    play.accept(second)
    play.fill(first, 20)
    first_left = play.position().quantity
    play.fill(second, 30)

    assert first_left == D(30)
    assert play.book.live == {}


def test_a_strategy_without_a_stop_gets_no_protection():
    play = Play(strategy=Puppet(stop_distance=0.0), fixed_lots=5).start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    events = play.fill(entry)

    assert events == []
    assert play.live(Purpose.PROTECTION) == []


@pytest.mark.parametrize("refusal", ["rejected", "refused"])
def test_a_stop_that_the_venue_will_not_take_closes_the_position(refusal: str):
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    stop = play.only(Purpose.PROTECTION)
    if refusal == "rejected":
        rejected(play, Purpose.PROTECTION)
    else:
        play.say(ev.SendRefused(client_id=stop.client_id, check="latch", detail="x"))

    assert play.position().exit_reason == "protection_refused"
    assert play.only(Purpose.EXIT).quantity == D(50)


def test_an_alarm_rings_when_no_stop_is_live_ten_seconds_after_the_fill():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    play.run_timers(9.9)
    quiet = play.alerts()
    play.run_timers(0.2)

    assert quiet == []
    (alarm,) = play.alerts()
    assert alarm.startswith("AAA: no live protective stop")


def test_no_alarm_rings_while_the_stop_is_live():
    play = Play().start()
    play.open_long()
    play.run_timers(30)

    assert play.alerts() == []


def test_a_stop_that_expired_at_the_venue_is_placed_again():
    play = Play().start()
    play.open_long()
    stop = play.only(Purpose.PROTECTION)
    ended = ev.OrderEnded(
        client_id=stop.client_id, status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=0
    )
    play.say(ended)
    again = play.only(Purpose.PROTECTION)

    assert again.client_id != stop.client_id
    assert (again.quantity, again.stop_price) == (stop.quantity, stop.stop_price)


# --- exits ----------------------------------------------------------------------------------------


def test_an_exit_waits_for_the_confirmed_cancel_of_the_stop():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    before = (play.only(Purpose.PROTECTION).status, play.live(Purpose.EXIT))
    cancelled(play)

    assert before == (OrderStatus.CANCELLING, [])
    assert (play.only(Purpose.EXIT).quantity, play.live(Purpose.PROTECTION)) == (D(50), [])


def test_no_cancel_is_asked_for_twice():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    for _ in range(3):
        play.bar(101)

    assert len(of_kind(play.effects, CancelOrder)) == 1


def test_a_stop_that_fills_while_it_is_cancelled_leaves_nothing_to_exit():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    stop = play.only(Purpose.PROTECTION)
    play.fill(stop)
    play.say(ev.CancelAnswered(client_id=stop.client_id, answer="already_filled", text=""))

    assert (play.book.positions, play.book.live) == ({}, {})
    assert play.live(Purpose.EXIT) == []


def test_a_stop_that_fills_in_part_leaves_the_rest_to_exit():
    play = Play().start()
    play.open_long(50)
    play.bar(101, "flat")
    play.fill(play.only(Purpose.PROTECTION), 20)
    cancelled(play)

    assert play.only(Purpose.EXIT).quantity == D(30)


def test_an_unknown_cancel_holds_the_exit_back_until_it_is_resolved():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    stop = play.only(Purpose.PROTECTION)
    play.say(ev.CancelAnswered(client_id=stop.client_id, answer="unknown", text="timeout"))
    held_back = play.live(Purpose.EXIT)
    play.say(
        ev.OrderEnded(
            client_id=stop.client_id, status=OrderStatus.CANCELLED, filled=D(0), text="", cursor=0
        )
    )

    assert held_back == []
    assert play.only(Purpose.EXIT).quantity == D(50)


def test_an_exit_that_fills_in_part_and_expires_is_followed_by_the_rest():
    play = Play().start()
    play.open_long(50)
    play.bar(101, "flat")
    cancelled(play)
    first = play.only(Purpose.EXIT)
    play.accept(first)
    play.fill(first, 15)
    ended = ev.OrderEnded(
        client_id=first.client_id, status=OrderStatus.EXPIRED, filled=D(15), text="", cursor=0
    )
    play.say(ended)

    assert play.only(Purpose.EXIT).quantity == D(35)


def test_a_failed_exit_is_tried_again_later_each_time_and_never_given_up():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    cancelled(play)
    waits = []
    for _ in range(7):
        rejected(play, Purpose.EXIT)
        due_ns = max(due for due, kind, _ in play.core.timers if kind == RETRY_TIMER)
        waits.append((due_ns - play.now) // SECOND)
        guarded(play, waits[-1])

    assert waits == [5, 15, 30, 60, 300, 300, 300]
    assert play.only(Purpose.EXIT).quantity == D(50)


def failures(play: Play) -> list[str]:
    return [text for text in play.alerts() if "tries to close it failed" in text]


def test_a_human_hears_of_it_from_the_third_failure_on():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    cancelled(play)
    told = []
    for delay in RETRY_DELAYS_S[:4]:
        rejected(play, Purpose.EXIT)
        told.append(len(failures(play)))
        guarded(play, delay)

    assert told == [0, 0, 1, 2]
    assert failures(play)[0] == "AAA: 3 tries to close it failed"


# --- stops in force, and the rest -----------------------------------------------------------------


def test_a_pause_cancels_a_working_entry():
    play = Play().start()
    play.bar(100, "long")
    play.accept(play.only(Purpose.ENTRY))
    play.say(command("pause"))

    assert play.only(Purpose.ENTRY).status is OrderStatus.CANCELLING


def test_a_pause_cancels_an_entry_as_soon_as_it_is_accepted():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.attempt(entry)
    play.say(command("pause"))
    before = entry.status
    play.say(ev.OrderAccepted(client_id=entry.client_id, venue_id="v"))

    assert (before, entry.status) == (OrderStatus.SENDING, OrderStatus.CANCELLING)


def test_a_late_fill_under_kill_is_still_protected_and_nothing_is_closed():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.say(command("kill"))
    play.fill(entry, 50)

    assert play.book.state == "halted"
    assert play.only(Purpose.PROTECTION).quantity == D(50)
    assert play.live(Purpose.EXIT) == []


def test_an_exit_decided_before_a_kill_does_not_go_out_under_it():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    play.say(command("kill"))
    cancelled(play)

    assert play.live(Purpose.EXIT) == []
    assert play.only(Purpose.PROTECTION).quantity == D(50)


def test_nothing_is_ordered_while_recovering():
    play = Play().start()
    play.open_long()
    stop = play.only(Purpose.PROTECTION)
    play.say(run_started("r2"))
    play.say(
        ev.OrderEnded(
            client_id=stop.client_id, status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=0
        )
    )

    assert play.book.live == {}
    assert play.book.state == "halted"


def test_the_machine_stays_in_executing_until_every_intent_is_answered():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    seen = [play.book.state]
    play.attempt(entry)
    seen.append(play.book.state)
    play.say(ev.OrderUnknown(client_id=entry.client_id, why="timeout"))
    seen.append(play.book.state)

    assert seen == ["executing", "executing", "idle"]


def test_every_intent_is_one_effect():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    cancelled(play)
    intended = [event.client_id for event in of_kind(play.events, ev.OrderIntended)]
    submitted = [effect.order.client_id for effect in of_kind(play.effects, SubmitOrder)]

    assert submitted == intended
    assert len(set(intended)) == 3
