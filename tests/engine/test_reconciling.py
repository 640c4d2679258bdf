"""Reconciliation: knowledge only; a failed report is never flat, and what differs halts."""

from hfl_core.domain import events as ev
from hfl_core.domain.effects import CancelOrder, QueryOrder, RaiseAlert, Reconcile, SubmitOrder
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.domain.values import with_changes
from tests.engine.kit import (
    D,
    Play,
    command,
    kinds,
    of_kind,
    order_report,
    position_report,
    report,
    run_started,
)


def test_a_start_asks_the_venue_before_anything_else():
    play = Play()
    play.say(run_started())

    assert (play.book.state, play.book.halt_reason) == ("halted", "recovering")
    assert play.effects == [Reconcile(cursor=0)]


def test_the_first_report_opens_the_account_and_the_machine():
    play = Play()
    play.say(run_started())
    events = play.say(report(cash=D(750)))

    assert kinds(events) == ["AccountOpened", "Transitioned"]
    assert (play.book.cash, play.book.state) == (D(750), "idle")


def test_a_failed_report_opens_nothing_and_is_asked_for_again():
    play = Play()
    play.say(run_started())
    events = play.say(report(failed="the venue is down"))
    play.run_timers(5)

    assert events == []
    assert (play.book.state, play.book.is_open) == ("halted", False)
    assert of_kind(play.effects, Reconcile) == [Reconcile(cursor=0)] * 2


def test_a_failed_report_is_never_read_as_flat():
    play = Play().start()
    play.open_long(50)
    events = play.say(report(failed="timeout"))

    assert events == []
    assert (play.position().quantity, play.book.halted_symbols) == (D(50), {})


def test_a_clean_report_is_no_news():
    play = Play().start()
    play.open_long(50)
    stop = play.only(Purpose.PROTECTION)
    clean = report(positions=(position_report("AAA", 50),), orders=(order_report(stop),))

    assert not play.engine.is_news(clean)
    assert play.engine.is_news(with_changes(clean, failed="timeout"))
    assert play.engine.is_news(with_changes(clean, positions=()))
    assert play.engine.is_news(with_changes(clean, orders=()))


def test_while_halted_every_report_is_news():
    play = Play()
    play.say(run_started())

    assert play.engine.is_news(report())


def test_a_mismatch_halts_the_instrument_and_alarms():
    play = Play().start()
    play.open_long(50)
    stop = play.only(Purpose.PROTECTION)
    play.say(report(positions=(position_report("AAA", 40),), orders=(order_report(stop),)))
    (mismatch,) = of_kind(play.events, ev.PositionMismatched)

    assert (mismatch.ours, mismatch.theirs) == (D(50), D(40))
    assert "AAA" in play.book.halted_symbols
    assert play.alerts() == ["AAA: we hold 50, the venue says 40; a human must decide"]
    assert play.book.state == "idle"


def test_a_position_that_we_do_not_have_is_a_mismatch_too():
    play = Play().start()
    play.say(report(positions=(position_report("ZZZ", 7),)))

    assert play.book.halted_symbols == {"ZZZ": "ours 0, venue 7"}


def test_a_known_mismatch_is_not_told_again():
    play = Play().start()
    differing = report(positions=(position_report("AAA", 5),))
    play.say(differing)

    assert not play.engine.is_news(differing)


def test_a_human_may_take_the_venues_word():
    play = Play().start()
    play.say(report(positions=(position_report("AAA", 5),)))
    play.say(
        command("accept_position", symbol="AAA", quantity="5", price="90", reason="bought by hand")
    )

    assert (play.position().quantity, play.position().price) == (D(5), D(90))
    assert play.book.halted_symbols == {}


def test_what_a_human_accepts_must_be_numbers():
    play = Play().start()
    play.say(report(positions=(position_report("AAA", 5),)))
    (refused,) = play.say(command("accept_position", symbol="AAA", quantity="five", price="90"))

    assert isinstance(refused, ev.CommandRefused)
    assert "AAA" in play.book.halted_symbols


def test_while_something_is_on_its_way_positions_are_not_compared():
    play = Play().start()
    play.bar(100, "long")
    play.attempt(play.only(Purpose.ENTRY))
    play.say(report(positions=(position_report("AAA", 20),)))

    assert of_kind(play.events, ev.PositionMismatched) == []


def test_a_working_order_that_is_not_listed_becomes_unknown_and_is_asked_about():
    play = Play().start()
    play.open_long(50)
    stop = play.only(Purpose.PROTECTION)
    play.say(report(positions=()))
    play.run_timers(1)

    assert stop.status is OrderStatus.UNKNOWN
    assert of_kind(play.events, ev.PositionMismatched) == []
    assert [e.client_id for e in of_kind(play.effects, QueryOrder)] == [stop.client_id]


def test_an_order_with_fills_that_never_arrived_is_asked_about():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.say(
        report(positions=(position_report("AAA", 20),), orders=(order_report(entry, filled=20),))
    )

    assert (entry.status, entry.note) == (
        OrderStatus.UNKNOWN,
        "the venue reports fills that never arrived",
    )
    assert of_kind(play.events, ev.PositionMismatched) == []


def test_foreign_orders_are_left_alone():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    foreign = with_changes(order_report(entry), client_id=ClientOrderId("by-hand-1"))
    before = len(play.effects)
    events = play.say(report(orders=(order_report(entry), foreign), foreign=("by-hand-1",)))

    assert events == []
    assert [type(effect) for effect in play.effects[before:]] == [RaiseAlert]
    assert play.book.state == "idle"


def test_a_strangers_order_is_news_and_an_alert_once():
    play = Play().start()
    seen = report(foreign=("by-hand-1",))
    before = play.engine.is_news(seen)
    play.say(seen)
    after = play.engine.is_news(seen)
    play.say(report(failed="timeout"), after_s=1)
    play.say(report(foreign=("by-hand-1", "by-hand-2")), after_s=1)

    assert (before, after) == (True, False)
    assert play.alerts() == [
        "orders on the account that are not ours: by-hand-1; they are left alone",
        "orders on the account that are not ours: by-hand-2; they are left alone",
    ]


def test_an_order_of_ours_that_the_journal_does_not_know_halts():
    """The journal is older than the venue: somebody put a backup in its place."""
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    stranger = ClientOrderId(entry.client_id[:-3] + "aaa")
    play.say(
        report(orders=(order_report(entry), with_changes(order_report(entry), client_id=stranger)))
    )

    assert (play.book.state, play.book.halt_reason) == ("halted", "journal_behind")
    assert str(stranger) in play.alerts()[0]
    assert of_kind(play.effects, CancelOrder) == []


def test_journal_behind_is_not_left_by_resume():
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    stranger = ClientOrderId(entry.client_id[:-3] + "aaa")
    play.say(report(orders=(with_changes(order_report(entry), client_id=stranger),)))
    play.say(command("resume", typed="RESUME", latch_ids="", reason="x"))

    assert play.book.state == "halted"


def test_a_report_sends_no_order_by_itself():
    play = Play().start()
    play.open_long(50)
    before = len(of_kind(play.effects, SubmitOrder))
    for positions in ((), (position_report("AAA", 50),), (position_report("AAA", -3),)):
        play.say(report(positions=positions))

    assert len(of_kind(play.effects, SubmitOrder)) == before


def test_recovery_ends_with_the_first_good_report():
    play = Play().start()
    play.open_long(50)
    stop = play.only(Purpose.PROTECTION)
    play.say(run_started("r2"))
    play.say(report(positions=(position_report("AAA", 50),), orders=(order_report(stop),)))

    assert (play.book.state, stop.status) == ("idle", OrderStatus.WORKING)


def test_a_cash_of_the_venue_is_taken_over_only_once():
    play = Play().start(cash=1_000)
    play.say(report(cash=D(5)))

    assert play.book.cash == D(1_000)
