"""Unknown orders: resolved by evidence alone, never by a timer, never by sending again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.effects import QueryOrder, SubmitOrder
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.engine.book_records import OrderRecord
from hfl_core.engine.core import QUERY_TIMER
from hfl_core.engine.ordering import QUERY_DELAYS_S
from tests.engine.kit import (
    DAY,
    SECOND,
    D,
    Play,
    of_kind,
    order_report,
    position_report,
    report,
    run_started,
)

SETTLE_S = 120


def unknown() -> tuple[Play, OrderRecord]:
    play = Play(settle_ns=SETTLE_S * SECOND).start()
    play.bar(100, "long")
    order = play.only(Purpose.ENTRY)
    play.attempt(order)
    play.say(ev.OrderUnknown(client_id=order.client_id, why="timeout"))
    return play, order


def ask_all(play: Play, order: OrderRecord, count: int, **said) -> None:
    """Let the timers ask, and answer each question the same way."""
    for _ in range(count):
        play.run_timers((play.core.next_due_ns() - play.now) / SECOND)
        play.queried(order, **said)


def test_questions_are_asked_further_and_further_apart_and_never_end():
    play, order = unknown()
    waits = []
    for _ in range(15):
        (due_ns,) = (due for due, kind, _ in play.core.timers if kind == QUERY_TIMER)
        waits.append((due_ns - play.now) // SECOND)
        play.run_timers(waits[-1])
        play.queried(order, failed="no answer")

    assert waits == [1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 900, 1800, 3600, 3600, 3600]
    assert [e.attempt for e in of_kind(play.effects, QueryOrder)] == list(range(1, 16))
    assert order.status is OrderStatus.UNKNOWN


@pytest.mark.parametrize("status", ["filled", "cancelled", "expired", "rejected"])
def test_a_terminal_report_resolves_it(status: str):
    play, order = unknown()
    play.queried(order, order_report(order, OrderStatus(status)))
    (resolved,) = of_kind(play.events, ev.OrderResolved)

    assert (resolved.status, resolved.evidence) == (status, f"venue says {status}")


def test_a_working_report_resolves_it_to_working():
    play, order = unknown()
    play.queried(order, order_report(order))

    assert order.status is OrderStatus.WORKING


def test_a_report_with_more_fills_than_seen_waits_for_them():
    play, order = unknown()
    play.queried(order, order_report(order, OrderStatus.FILLED, filled=50))
    waiting = order.status
    play.fill(order, 50)

    assert (waiting, order.status) == (OrderStatus.UNKNOWN, OrderStatus.FILLED)


def test_not_found_needs_enough_queries_the_settle_time_and_an_agreeing_position():
    play, order = unknown()
    # 1 + 2 + 4 + 8 + 15 + 30 + 60 s: the seventh answer comes exactly at the settle time.
    ask_all(play, order, 6)
    early = order.status
    ask_all(play, order, 1)

    assert play.now - order.attempted_ns == SETTLE_S * SECOND
    assert (early, order.status) == (OrderStatus.UNKNOWN, OrderStatus.NOT_AT_VENUE)
    assert of_kind(play.events, ev.OrderResolved)[0].evidence == (
        "not found in 7 queries, position agrees"
    )


def test_four_queries_are_not_enough_however_late():
    play, order = unknown()
    for count in range(1, 6):
        play.now += 1_000 * SECOND
        play.queried(order)

        assert order.is_live == (count < 5)


def test_the_settle_time_must_have_passed_to_the_nanosecond():
    for late, is_live in ((-1, True), (0, False)):
        play, order = unknown()
        for _ in range(5):
            play.queried(order)
        play.now = order.attempted_ns + SETTLE_S * SECOND + late
        play.queried(order)

        assert order.is_live is is_live


@pytest.mark.parametrize(
    "positions", [(position_report("AAA", 50),), (position_report("AAA", -1),), None]
)
def test_a_position_that_disagrees_or_is_not_told_keeps_it_unknown(positions):
    play, order = unknown()
    ask_all(play, order, 12, positions=positions)

    assert order.status is OrderStatus.UNKNOWN


def test_failed_queries_prove_nothing():
    play, order = unknown()
    ask_all(play, order, 30, failed="timeout")

    assert order.status is OrderStatus.UNKNOWN


def test_after_fifteen_minutes_a_human_hears_of_it_once_in_one_sentence():
    play, order = unknown()
    play.run_timers(15 * 60 - 1)
    before = play.alerts()
    play.run_timers(1)
    at_once = play.alerts()
    for _ in range(30):
        play.queried(order, failed="timeout")
        play.run_timers(3_600)

    assert before == []
    assert at_once == play.alerts()
    (said,) = at_once
    assert said == (
        f"expected the venue to say within 15 minutes what became of {order.client_id} (buy 50 "
        "AAA), found no proof: AAA takes no new entry until there is one, look at the venue's own "
        "site"
    )


def test_each_run_tells_a_human_of_what_is_unknown_for_long_once():
    play, _ = unknown()
    play.run_timers(15 * 60)
    play.say(run_started("r2"), after_s=3_600)
    play.say(report())
    play.run_timers(10 * 3_600)

    assert len(play.alerts()) == 2


def test_nobody_is_called_for_what_was_resolved_in_time():
    play, order = unknown()
    play.queried(order, order_report(order, OrderStatus.CANCELLED))
    play.run_timers(3_600)

    assert play.alerts() == []


def test_an_order_in_doubt_twice_is_asked_about_once_at_a_time():
    play, order = unknown()
    for _ in range(5):
        play.say(ev.OrderUnknown(client_id=order.client_id, why="timeout"))
    play.run_timers(1)

    assert len(of_kind(play.effects, QueryOrder)) == 1


def test_a_year_without_an_answer_costs_a_question_an_hour():
    play, order = unknown()
    for _ in range(24 * 365):
        play.run_timers((play.core.next_due_ns() - play.now) / SECOND)
        play.queried(order, failed="timeout")

    assert play.now - order.unknown_ns > 364 * DAY
    assert order.status is OrderStatus.UNKNOWN
    assert play.book.live == {order.client_id: order}


def out_for_a_day() -> tuple[Play, OrderRecord]:
    """Return an order that an exchange under maintenance has not answered for since a day."""
    play, order = unknown()
    while play.now - order.unknown_ns < DAY:
        ask_all(play, order, 1, failed="maintenance")
    return play, order


def test_after_an_outage_the_proof_takes_a_minute_and_not_five_questions_an_hour_apart():
    play, order = out_for_a_day()
    ask_all(play, order, 1)
    back_ns = play.now
    ask_all(play, order, 4)

    assert order.status is OrderStatus.NOT_AT_VENUE
    assert play.now - back_ns < 60 * SECOND


def test_an_answer_to_anything_ends_the_wait_of_an_outage():
    play, _ = out_for_a_day()
    asked = len(of_kind(play.effects, QueryOrder))
    said = report()
    is_news = play.engine.is_news(said)
    play.say(said)
    play.run_timers(1)

    assert is_news
    assert len(of_kind(play.effects, QueryOrder)) == asked + 1
    assert not play.engine.is_news(said)


def test_a_report_asks_no_sooner_about_what_the_venue_answered_often_enough():
    play, order = unknown()
    ask_all(play, order, 12, positions=(position_report("AAA", 50),))

    assert order.status is OrderStatus.UNKNOWN
    assert not play.engine.is_news(report())


def test_a_report_that_fails_ends_no_wait():
    play, order = out_for_a_day()
    (before,) = (timer for timer in play.core.timers if timer[1] == QUERY_TIMER)
    play.say(report(failed="maintenance"))

    assert before in play.core.timers
    assert order.status is OrderStatus.UNKNOWN


def test_a_resolved_order_is_not_asked_about_again():
    play, order = unknown()
    play.queried(order, order_report(order, OrderStatus.CANCELLED))
    play.run_timers(1_000)

    assert of_kind(play.effects, QueryOrder) == []
    assert play.queried(order) == []


def test_an_answer_about_an_order_nobody_knows_changes_nothing():
    play, order = unknown()
    stranger = ev.OrderQueried(
        client_id="hfbtest01nobody", attempt=1, failed="", report=None, positions=()
    )

    assert play.say(stranger) == []
    assert order.status is OrderStatus.UNKNOWN


@given(st.integers(0, 2**32))
def test_whatever_is_answered_it_is_never_sent_again(seed):
    chance = random.Random(seed)
    play, order = unknown()
    for _ in range(15):
        kind = chance.randrange(5)
        if kind == 0:
            play.queried(order, failed="timeout")
        elif kind == 1:
            play.queried(order)
        elif kind == 2:
            play.queried(order, order_report(order, OrderStatus.WORKING))
        elif kind == 3:
            play.say(run_started(f"r{chance.random()}"))
        else:
            play.run_timers(chance.choice(QUERY_DELAYS_S))
    sent = [e.order.client_id for e in of_kind(play.effects, SubmitOrder)]

    assert sent.count(order.client_id) == 1


def test_a_restart_makes_what_was_on_its_way_unknown():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.attempt(entry)
    play.say(run_started("r2"))

    assert (entry.status, entry.note) == (OrderStatus.UNKNOWN, "the process ended while sending")


def test_an_intent_that_was_never_attempted_is_unknown_after_a_restart_too():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.say(run_started("r2"))

    assert (entry.status, entry.note) == (OrderStatus.UNKNOWN, "the process ended while intended")


def test_a_restart_while_cancelling_asks_what_came_of_it():
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    stop = play.only(Purpose.PROTECTION)
    play.say(run_started("r2"))
    play.run_timers(1)

    assert stop.status is OrderStatus.UNKNOWN
    assert [e.client_id for e in of_kind(play.effects, QueryOrder)] == [stop.client_id]


def test_an_unknown_order_reserves_its_risk_as_if_filled():
    play, order = unknown()
    from hfl_core.engine.exposure import risk_context

    lane = play.core.lanes["AAA"]
    context = risk_context(play.core, lane, direction=1, stop_ticks=200, lots_base=1)

    assert context.symbol_gross == int(order.quantity) * 100 * 10**12
    assert context.open_risk == int(D(50) * 2) * 10**12
    assert context.bets == 1
