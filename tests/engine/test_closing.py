"""Closing for certain: a close-all takes what fills late, a refused exit leaves a stop behind."""

import random

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.engine.book import REQUESTS_KEPT
from tests.engine.kit import (
    D,
    Play,
    command,
    of_kind,
    order_report,
    position_report,
    report,
    resume,
    run_started,
)


def entering() -> Play:
    play = Play().start()
    play.bar(100, "long")
    play.accept(play.only(Purpose.ENTRY))
    return play


def held() -> Play:
    play = Play().start()
    play.open_long(50)
    return play


def cancelled(play: Play) -> None:
    order = play.only(Purpose.PROTECTION)
    play.say(ev.CancelAnswered(client_id=order.client_id, answer="cancelled", text=""))


def refused_exit() -> Play:
    """Return a play whose first try to exit the venue refused."""
    play = held()
    play.bar(101, "flat")
    cancelled(play)
    reject(play, Purpose.EXIT)
    return play


def reject(play: Play, purpose: Purpose) -> None:
    order = play.only(purpose)
    play.attempt(order)
    play.say(ev.OrderRejected(client_id=order.client_id, code="no", text="not now"))


def closes(play: Play) -> list[str]:
    return [event.reason for event in of_kind(play.events, ev.ExitDecided)]


# --- a close-all in force -------------------------------------------------------------------------


def test_what_fills_after_a_close_all_is_closed_at_once():
    play = entering()
    play.say(command("close_all", "c1"))
    play.fill(play.only(Purpose.ENTRY), 50)

    assert closes(play) == ["close_all"]
    assert play.only(Purpose.EXIT).quantity == D(50)


def test_each_late_part_of_an_entry_is_closed():
    play = entering()
    entry = play.only(Purpose.ENTRY)
    play.say(command("close_all", "c1"))
    play.say(ev.CancelAnswered(client_id=entry.client_id, answer="unknown", text="timeout"))
    for _ in range(2):
        play.fill(entry, 20)
        leaving = play.only(Purpose.EXIT)
        play.accept(leaving)
        play.fill(leaving)

    assert closes(play) == ["close_all", "close_all"]
    assert play.book.positions == {}


def test_a_late_fill_after_a_restart_is_closed_too():
    play = entering()
    play.say(command("close_all", "c1"))
    play.say(run_started("r2"))
    play.say(report())
    (entry,) = play.live(Purpose.ENTRY)
    play.fill(entry, 50)

    assert play.only(Purpose.EXIT).reason == "close_all"


def test_a_position_that_a_human_accepts_under_a_close_all_is_closed():
    play = Play().start()
    play.say(command("close_all", "c1"))
    play.say(report(positions=(position_report("AAA", 7),)))
    play.say(command("accept_position", "a1", symbol="AAA", quantity="7", price="100"))

    assert play.only(Purpose.EXIT).quantity == D(7)


def test_once_the_close_all_is_lifted_entries_are_kept_again():
    play = held()
    play.say(command("close_all", "c1"))
    cancelled(play)
    leaving = play.only(Purpose.EXIT)
    play.accept(leaving)
    play.fill(leaving)
    play.say(resume("c1"))
    play.open_long(50)

    assert play.position().exit_reason == ""
    assert play.live(Purpose.EXIT) == []


def test_a_pause_closes_nothing_that_fills_late():
    play = entering()
    play.say(command("pause", "p1"))
    play.fill(play.only(Purpose.ENTRY), 50)

    assert closes(play) == []
    assert play.only(Purpose.PROTECTION).quantity == D(50)


def test_a_close_all_is_remembered_as_long_as_it_is_in_force():
    play = entering()
    play.say(command("close_all", "c1"))
    for number in range(REQUESTS_KEPT + 5):
        play.say(command("deposit", f"d{number}", amount="no number"))
    play.fill(play.only(Purpose.ENTRY), 50)

    assert len(play.book.requests) == REQUESTS_KEPT
    assert closes(play) == ["close_all"]


# --- and a kill -----------------------------------------------------------------------------------


def test_a_close_all_typed_before_a_kill_goes_on_under_it():
    play = held()
    play.say(command("close_all", "c1"))
    play.say(command("kill", "k1"))
    cancelled(play)

    assert play.book.state == "halted"
    assert play.only(Purpose.EXIT).reason == "close_all"


def test_a_close_all_typed_before_a_kill_is_carried_out_by_the_next_run():
    play = held()
    play.say(command("close_all", "c1"))
    play.say(command("kill", "k1"))
    cancelled(play)
    reject(play, Purpose.EXIT)
    play.accept(play.only(Purpose.PROTECTION))
    play.say(run_started("r2"))
    stop = order_report(play.only(Purpose.PROTECTION))
    play.say(report(positions=(position_report("AAA", 50),), orders=(stop,)))
    play.run_timers(5)
    cancelled(play)

    assert (play.book.state, play.book.halt_reason) == ("halted", "killed")
    assert play.only(Purpose.EXIT).reason == "close_all"


def test_a_late_fill_under_close_all_and_kill_is_closed():
    play = entering()
    play.say(command("close_all", "c1"))
    play.say(command("kill", "k1"))
    play.fill(play.only(Purpose.ENTRY), 50)

    assert play.only(Purpose.EXIT).reason == "close_all"


# --- protection while an exit is refused ----------------------------------------------------------


def test_a_refused_exit_leaves_the_stop_in_place_until_the_next_try():
    play = refused_exit()
    stop = play.only(Purpose.PROTECTION)

    assert (stop.quantity, stop.stop_price) == (D(50), D(98))
    assert play.live(Purpose.EXIT) == []


def test_the_stop_between_two_tries_makes_the_wait_no_shorter():
    play = refused_exit()
    play.accept(play.only(Purpose.PROTECTION))
    play.run_timers(4.9)
    before = play.only(Purpose.PROTECTION).status
    play.run_timers(0.1)
    after = play.only(Purpose.PROTECTION).status
    cancelled(play)

    assert (before, after) == (OrderStatus.WORKING, OrderStatus.CANCELLING)
    assert play.only(Purpose.EXIT).quantity == D(50)


def test_a_stop_that_fills_between_two_tries_ends_it():
    play = refused_exit()
    stop = play.only(Purpose.PROTECTION)
    play.accept(stop)
    play.fill(stop)
    play.run_timers(1_000)

    assert (play.book.positions, play.book.live) == ({}, {})


def test_a_venue_that_refuses_exit_and_stop_is_tried_with_both_and_never_at_once():
    play = refused_exit()
    for _ in range(12):
        for purpose in (Purpose.PROTECTION, Purpose.EXIT):
            if play.live(purpose):
                reject(play, purpose)
        play.run_timers(300)

        assert len(play.live(Purpose.EXIT)) + len(play.live(Purpose.PROTECTION)) <= 1
    sent = [effect.order.intent.purpose for effect in of_kind(play.effects, SubmitOrder)]

    assert min(sent.count(Purpose.EXIT), sent.count(Purpose.PROTECTION)) >= 6


def test_an_entry_that_is_being_cancelled_keeps_the_stop_until_it_is_gone():
    play = entering()
    entry = play.only(Purpose.ENTRY)
    play.fill(entry, 20)
    play.accept(play.only(Purpose.PROTECTION))
    play.say(command("close_all", "c1"))
    before = (entry.status, play.only(Purpose.PROTECTION).status)
    play.say(ev.CancelAnswered(client_id=entry.client_id, answer="cancelled", text=""))
    after = play.only(Purpose.PROTECTION).status

    assert before == (OrderStatus.CANCELLING, OrderStatus.WORKING)
    assert after is OrderStatus.CANCELLING


def test_an_entry_whose_fate_nobody_knows_does_not_hold_an_exit_back():
    play = entering()
    entry = play.only(Purpose.ENTRY)
    play.fill(entry, 20)
    play.accept(play.only(Purpose.PROTECTION))
    play.say(command("close_all", "c1"))
    play.say(ev.CancelAnswered(client_id=entry.client_id, answer="unknown", text="timeout"))
    cancelled(play)

    assert entry.status is OrderStatus.UNKNOWN
    assert play.only(Purpose.EXIT).quantity == D(20)


@given(st.integers(0, 2**32))
def test_whatever_the_venue_answers_what_reduces_never_exceeds_what_is_held(seed):
    """The venue takes, refuses, fills and cancels at random; nothing it may fill turns it over."""
    chance = random.Random(seed)
    play = held()
    play.say(command("close_all", "c1"))
    for _ in range(40):
        if not play.book.live:
            play.run_timers(300)
        for order in list(play.book.live.values()):
            answer_at_random(play, order.client_id, chance)
        position = play.book.positions.get("AAA")
        leaving = [order for order in play.book.live.values() if order.purpose is not Purpose.ENTRY]

        assert sum(order.remaining for order in leaving) <= (position.quantity if position else 0)
        assert position is None or position.quantity > 0


def answer_at_random(play: Play, client_id: str, chance: random.Random) -> None:
    order = play.book.live.get(client_id)
    if order is None or chance.random() < 0.3:
        return
    if order.status is OrderStatus.INTENDED:
        if chance.random() < 0.5:
            play.accept(order)
        else:
            play.attempt(order)
            play.say(ev.OrderRejected(client_id=client_id, code="no", text=""))
    elif order.status is OrderStatus.WORKING and chance.random() < 0.2:
        play.fill(order, chance.randrange(1, int(order.remaining) + 1))
    elif order.status is OrderStatus.CANCELLING:
        play.say(ev.CancelAnswered(client_id=client_id, answer="cancelled", text=""))
