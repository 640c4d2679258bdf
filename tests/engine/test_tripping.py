"""Breakers in the engine: trips and re-arms are rows, survive a restart, and refuse entries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import effects as ef
from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.orders import Purpose
from hfl_core.domain.values import with_changes
from hfl_core.engine.book import Book
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from tests.engine.kit import (
    DAY,
    HOUR,
    MONDAY,
    RULES,
    D,
    Play,
    instrument,
    limits,
    of_kind,
    resume,
    row,
    settings,
)

BOTH = (instrument("AAA"), instrument("BBB"))
CALM_BARS = 3
BOUNDS = limits(
    breaker_move_fraction_max=D("0.15"),
    breaker_calm_bars=CALM_BARS,
    daily_loss_fraction_max=D("0.9"),
    weekly_loss_fraction_max=D("0.9"),
    monthly_loss_fraction_max=D("0.9"),
    drawdown_fraction_max=D("0.9"),
)


def crash(bounds: RiskLimits = BOUNDS) -> Play:
    """AAA falls by a fifth within one bar; BBB stands still."""
    play = Play(instruments=BOTH, rules=RULES, bounds=bounds).start()
    play.slot(row(100), row(100, index=1))
    play.slot(row(80), row(100, index=1))
    return play


def refusals(play: Play, symbol: str = "AAA") -> list[str]:
    return [each.reason for each in of_kind(play.events, ev.RiskAssessed) if each.symbol == symbol]


def test_a_trip_is_a_row_with_its_numbers_and_an_alert():
    play = crash()
    (tripped,) = of_kind(play.events, ev.BreakerTripped)

    assert (tripped.breaker, tripped.symbol, tripped.action) == ("price", "AAA", "refuse")
    assert (float(tripped.value), float(tripped.limit)) == (pytest.approx(0.2), 0.15)
    assert tripped.reason == "0.2 of the bar before, limit 0.15"
    assert play.alerts() == [
        "breaker tripped: price of AAA: 0.2 of the bar before, limit 0.15",
    ]


def test_a_tripped_instrument_is_not_entered_and_the_others_are():
    play = crash()
    play.slot(row(80, "long"), row(100, "long", index=1))

    assert refusals(play) == ["RISK_BREAKERS"]
    (verdict,) = [r for r in of_kind(play.events, ev.RiskAssessed)[0].rules if r.rule == "breakers"]
    assert verdict.note == "price of AAA: 0.2 of the bar before, limit 0.15"
    assert [order.symbol for order in play.book.live.values()] == ["BBB"]


def test_enough_calm_bars_re_arm_it():
    play = crash()
    for _ in range(CALM_BARS - 1):
        play.slot(row(80))
        assert not of_kind(play.events, ev.BreakerRearmed)
    play.slot(row(80))

    (rearmed,) = of_kind(play.events, ev.BreakerRearmed)
    assert (rearmed.breaker, rearmed.symbol, rearmed.reason) == ("price", "AAA", "3 calm bars")
    assert play.book.pace.breakers == {}


@given(st.integers(1, 12))
def test_so_many_calm_bars_as_the_limit_says_and_no_fewer(calm: int):
    play = crash(with_changes(BOUNDS, breaker_calm_bars=calm))
    for _ in range(calm - 1):
        play.slot(row(80))
    assert play.book.pace.breakers

    play.slot(row(80))
    assert not play.book.pace.breakers


def test_another_loud_bar_begins_the_count_anew():
    play = crash()
    play.slot(row(80))
    play.slot(row(80))
    play.slot(row(100))
    for _ in range(CALM_BARS - 1):
        play.slot(row(100))
        assert play.book.pace.breakers

    play.slot(row(100))
    assert not play.book.pace.breakers
    assert len(of_kind(play.events, ev.BreakerTripped)) == 1


def test_bars_of_others_do_not_calm_it():
    play = crash()
    for _ in range(10):
        play.slot(row(100, index=1))

    assert list(play.book.pace.breakers) == [("price", "AAA")]


def test_it_trips_in_every_state_of_the_machine():
    play = Play(instruments=BOTH, rules=RULES, bounds=BOUNDS).start()
    play.slot(row(100))
    play.say(ev.CommandReceived(request_id="k", verb="kill", actor="me", arguments=()))
    assert play.book.state == "halted"
    play.slot(row(80))

    assert len(of_kind(play.events, ev.BreakerTripped)) == 1


def test_an_engine_restored_from_a_snapshot_goes_on_the_same_way():
    play = crash()
    other = Engine(settings(instruments=BOTH, rules=RULES, bounds=BOUNDS), make)
    other.restore(json.loads(json.dumps(play.engine.state())))
    other.core.anchor = play.core.anchor
    bars = [row(80, "long"), row(81), row(60, "long"), row(60), row(60), row(60), row(60, "long")]
    for number, bar in enumerate(bars):
        slot = Slot(play.now + (number + 1) * HOUR, (bar,), play.cursor + number + 1)
        first, second = play.engine.scan(slot), other.scan(slot)
        assert first == second
        assert play.engine.close_group() == other.close_group()

    assert other.state() == play.engine.state()


def test_the_rows_alone_fold_to_the_same_book():
    play = crash()
    play.slot(row(80, "long"))
    play.slot(row(80))
    book = Book()
    for event in play.events:
        book.apply(event, 0)

    assert list(book.pace.breakers) == list(play.book.pace.breakers)
    assert book.pace.trips == play.book.pace.trips == 1


def test_a_snapshot_of_an_older_version_has_no_markets_and_is_opened():
    play = Play(instruments=BOTH, rules=RULES, bounds=BOUNDS).start()
    play.slot(row(100))
    play.close()
    state = json.loads(json.dumps(play.engine.state()))
    del state["book"]["pace"]
    del state["decider"]["watch"]
    other = Engine(settings(instruments=BOTH, rules=RULES, bounds=BOUNDS), make)
    other.restore(state)

    assert other.core.book.pace.state() == Book().pace.state()
    assert [market.bars for market in other.core.decider.watch.markets] == [0, 0]


def test_without_limits_no_market_is_kept():
    free = Play(instruments=BOTH, rules=RULES, bounds=limits(profile="unlimited")).start()
    free.slot(row(100))
    free.slot(row(10))

    assert free.core.decider.watch.markets == ()
    assert not of_kind(free.events, ev.BreakerTripped)


# --- rejections -----------------------------------------------------------------------------------


def rejected(times: int, *, accepted: int = 0, minutes: int = 120) -> Play:
    bounds = limits(reject_fraction_max=D("0.5"), reject_pause_minutes=minutes)
    play = Play(rules=RULES, bounds=bounds).start()
    for number in range(accepted + times):
        play.bar(100, "long")
        order = play.only(Purpose.ENTRY)
        play.attempt(order)
        if number < accepted:
            play.say(ev.OrderAccepted(client_id=order.client_id, venue_id="v"))
            play.fill(order)
            play.accept(play.only(Purpose.PROTECTION))
            play.bar(100, "flat")
            leaving = play.only(Purpose.EXIT)
            play.accept(leaving)
            play.fill(leaving)
        else:
            play.say(ev.OrderRejected(client_id=order.client_id, code="no", text="no"))
    return play


def test_four_rejections_are_too_few_to_judge_by():
    play = rejected(4)
    play.bar(100)

    assert not of_kind(play.events, ev.BreakerTripped)


def test_five_rejections_stop_entries_for_the_account_until_the_time_is_over():
    play = rejected(5)
    play.bar(100, "long")
    (tripped,) = of_kind(play.events, ev.BreakerTripped)

    assert (tripped.breaker, tripped.symbol) == ("rejects", "")
    assert tripped.until_ns == play.now + 2 * HOUR
    assert refusals(play)[-1] == "RISK_BREAKERS"
    play.bar(100)
    assert play.book.pace.breakers
    play.bar(100)

    assert not play.book.pace.breakers
    assert of_kind(play.events, ev.BreakerRearmed)[0].reason == "the time is over"
    assert list(play.book.pace.answers) == []
    play.bar(100, "long")
    assert play.live(Purpose.ENTRY)


@given(st.integers(1, 10_080))
def test_rejections_stop_entries_for_as_many_minutes_as_the_limit_says(minutes: int):
    play = rejected(5, minutes=minutes)
    play.bar(100)
    (tripped,) = of_kind(play.events, ev.BreakerTripped)
    assert tripped.until_ns == play.now + minutes * HOUR // 60

    play.bar(100, after=max(1, minutes * HOUR // 60 - 1))
    assert play.book.pace.breakers
    play.bar(100, after=1)
    assert not play.book.pace.breakers


# --- a fast loss ----------------------------------------------------------------------------------

FAST = limits(
    rapid_loss_fraction_max=D("0.015"),
    rapid_loss_minutes=60,
    risk_per_trade_fraction=D("0.02"),
    daily_loss_fraction_max=D("0.9"),
    weekly_loss_fraction_max=D("0.9"),
    monthly_loss_fraction_max=D("0.9"),
    drawdown_fraction_max=D("0.9"),
)


def falling(*closes: float, after: int = HOUR // 4) -> Play:
    """A hundred units held from 100 on: one of price is one per cent of equity."""
    play = Play(bounds=FAST).start()
    play.open_long()
    assert play.position().quantity == 100
    for close in closes:
        play.bar(close, after=after)
    return play


@pytest.mark.parametrize(("close", "trips"), [(98.51, 0), (98.5, 1), (98.49, 1)])
def test_a_fall_of_the_fraction_within_the_window_halts(close: float, trips: int):
    play = falling(99.5, close)
    found = of_kind(play.events, ev.LimitTripped)

    assert len(found) == trips
    if trips:
        assert (found[0].limit, found[0].threshold) == ("rapid_loss", D(150))
        assert found[0].period_end_ns == MONDAY + DAY
        assert [e.level for e in play.effects if isinstance(e, ef.SetLatch)] == ["reduce_only"]


def test_the_same_fall_over_two_windows_does_not():
    play = falling(99.3, 98.6, 97.9, after=HOUR - 1)

    assert not of_kind(play.events, ev.LimitTripped)


def test_a_withdrawal_is_no_loss():
    play = falling(100)
    request = ev.CommandReceived(
        request_id="w", verb="withdraw", actor="me", arguments=(("amount", "5000"),)
    )
    play.say(request)
    play.say(ev.CashMoved(request_id="w", amount=D(-5_000)))
    play.bar(100, after=60_000_000_000)

    assert not of_kind(play.events, ev.LimitTripped)


def test_it_trips_once_and_after_a_resume_looks_for_peaks_afresh():
    play = falling(98)
    play.bar(97, after=60_000_000_000)
    (tripped,) = of_kind(play.events, ev.LimitTripped)
    play.bar(97, after=DAY)
    play.say(resume(tripped.latch_id))
    assert not play.book.latches
    play.bar(97, after=60_000_000_000)

    assert len(of_kind(play.events, ev.LimitTripped)) == 1
    play.bar(95, after=60_000_000_000)
    assert len(of_kind(play.events, ev.LimitTripped)) == 2


# --- cool-down and pace, from fills ---------------------------------------------------------------


def test_losses_in_a_row_are_counted_after_fees_and_a_gain_ends_them():
    play = Play(bounds=BOUNDS).start()
    for number, (price, fee) in enumerate([(98, "0"), (100.01, "3"), (102, "0"), (100, "0")]):
        play.open_long()
        play.fill(play.only(Purpose.PROTECTION), None, price, fee=fee, fill_id=f"x{number}")
        assert play.book.pace.losing_run == (1, 2, 0, 0)[number]

    assert play.book.pace.stopped_out == {"AAA": play.now}
