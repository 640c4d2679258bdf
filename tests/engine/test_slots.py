"""Bars one by one: when a slot opens, who is waited for, and what comes too late."""

from itertools import permutations

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.bars import FLAG_GAP, FLAG_SPIKE, BarRow, Slot
from hfl_core.domain.orders import Purpose
from hfl_core.engine.gathering import event_of, row_of
from tests.engine.kit import HOUR, SECOND, Play, command, instrument, kinds, of_kind, row

GRACE_S = 20.0
PAIR = (instrument("AAA"), instrument("BBB"))
NAMES = {str(each.symbol): number for number, each in enumerate(PAIR)}


def stream(**changes) -> Play:
    """Return an idle engine that watches two instruments of an open stream."""
    play = Play(instruments=changes.pop("instruments", PAIR), **changes).start()
    play.say(
        ev.StreamOpened(
            stream_id="s",
            source="test",
            spec="{}",
            symbols=tuple(NAMES),
            timeframe_ns=HOUR,
            cursor=0,
        )
    )
    return play


def come(
    play: Play,
    symbol: str,
    close_ns: int,
    want: str = "",
    *,
    price: float = 100,
    after_s: float = 1,
):
    """Let a bar come so long after the last input, but not before its close."""
    play.now = max(play.now, close_ns)
    play.cursor += 1
    index = NAMES[symbol]
    event = event_of(
        row(price, want, index=index),
        PAIR[index],
        source="test",
        open_ns=close_ns - HOUR,
        close_ns=close_ns,
        cursor=play.cursor,
    )
    return play.say(event, after_s=after_s)


def next_close(play: Play) -> int:
    return (play.now // HOUR + 1) * HOUR


def test_the_first_bar_of_a_slot_opens_it_and_the_machine_rests_in_scanning():
    play = stream()
    made = come(play, "AAA", next_close(play))

    assert [event.trigger for event in of_kind(made, ev.Transitioned)] == ["open_slot"]
    assert play.book.state == "scanning"
    assert kinds(made) == ["Transitioned"]


def test_the_last_bar_awaited_ends_the_wait():
    play = stream()
    close_ns = next_close(play)
    come(play, "AAA", close_ns)
    made = come(play, "BBB", close_ns)

    assert kinds(made) == ["ScansCoalesced", "Transitioned"]
    assert play.book.state == "idle"
    assert play.book.counts == {"NO_SETUP": 2}
    assert play.core.next_due_ns() > close_ns + HOUR


def test_at_the_end_of_the_grace_the_missing_get_no_data():
    play = stream()
    close_ns = next_close(play)
    come(play, "BBB", close_ns)
    early = play.run_timers(GRACE_S - 1.1)
    state = play.book.state
    made = play.run_timers(0.2)

    assert (early, state) == ([], "scanning")
    assert of_kind(made, ev.ScansCoalesced)[0].counts == (("NO_DATA", 1), ("NO_SETUP", 1))
    assert (play.book.state, play.now - close_ns) == ("idle", int((GRACE_S + 0.1) * SECOND))


def test_the_grace_is_the_settings():
    play = stream(scan_grace_ns=5 * SECOND)
    come(play, "AAA", next_close(play))
    play.run_timers(4.1)

    assert play.book.counts == {"NO_DATA": 1, "NO_SETUP": 1}


def test_a_bar_behind_the_scan_is_folded_decides_nothing_and_says_so():
    play = stream()
    close_ns = next_close(play)
    come(play, "AAA", close_ns)
    play.run_timers(GRACE_S)
    made = come(play, "BBB", close_ns, "long", price=107)
    (missed,) = of_kind(made, ev.BarMissedScan)
    lane = play.core.lanes["BBB"]

    assert kinds(made) == ["BarMissedScan"]
    assert (missed.symbol, missed.close_ns, missed.slot_ns) == ("BBB", close_ns, close_ns)
    assert missed.late_ns == play.now - close_ns
    assert (lane.mark, lane.bar_ns, lane.bars) == (10_700, close_ns, 1)
    assert play.book.counts == {"NO_DATA": 1, "NO_SETUP": 1}


def test_a_late_bar_moves_equity_and_trips_what_equity_reached():
    play = stream()
    first = next_close(play)
    come(play, "AAA", first)
    come(play, "BBB", first, "long")
    entry = play.only(Purpose.ENTRY, "BBB")
    play.accept(entry)
    play.fill(entry, price=100)
    play.accept(play.only(Purpose.PROTECTION, "BBB"))
    second = first + HOUR
    come(play, "AAA", second)
    play.run_timers(GRACE_S)
    before = play.core.decider.equity
    made = come(play, "BBB", second, price=50)

    assert play.core.decider.equity < before
    assert of_kind(made, ev.LimitTripped)


def test_bars_of_a_slot_that_nobody_opened_in_time_are_only_folded():
    """After an outage old bars come at once: nothing is decided on them."""
    play = stream()
    close_ns = next_close(play)
    play.now = close_ns + int(GRACE_S) * SECOND
    made = [come(play, name, close_ns, "long", after_s=0) for name in NAMES]

    assert [kinds(each) for each in made] == [["BarMissedScan"]] * 2
    assert (play.book.state, play.book.scans) == ("idle", 0)
    assert play.core.decider.time_ns == close_ns


def test_time_of_the_decider_never_steps_back_for_a_late_bar():
    play = stream()
    first = next_close(play)
    come(play, "AAA", first)
    play.run_timers(GRACE_S)
    second = first + HOUR
    come(play, "AAA", second)
    play.run_timers(GRACE_S)
    come(play, "BBB", first)

    assert play.core.decider.time_ns == second
    assert play.core.lanes["BBB"].bar_ns == first


def test_a_slot_that_opens_while_orders_are_out_is_skipped_and_folded():
    play = stream()
    first = next_close(play)
    come(play, "AAA", first, "long")
    come(play, "BBB", first)
    state = play.book.state
    second = first + HOUR
    come(play, "AAA", second, price=101)
    play.accept(play.only(Purpose.ENTRY))
    between = play.book.state
    made = come(play, "BBB", second, "long", price=102)

    assert (state, between) == ("executing", "idle")
    assert of_kind(made, ev.ScansCoalesced)[0].counts == (("SKIPPED_BUSY", 2),)
    assert [play.core.lanes[name].mark for name in NAMES] == [10_100, 10_200]
    assert not of_kind(made, ev.SignalEmitted)


def test_a_slot_that_opens_while_opinions_are_awaited_is_skipped():
    play = stream(desks=("market",), opinion_deadline_ns=2 * HOUR)
    first = next_close(play)
    come(play, "AAA", first, "long")
    come(play, "BBB", first)
    state = play.book.state
    come(play, "AAA", first + HOUR)
    come(play, "BBB", first + HOUR)

    assert state == "signalling"
    assert play.book.counts["SKIPPED_BUSY"] == 2


def test_the_next_slots_bar_waits_behind_the_slot_that_is_still_awaited():
    """With a grace longer than a bar the later slot is skipped, and folded after the earlier."""
    play = stream(scan_grace_ns=2 * HOUR)
    first = next_close(play)
    second = first + HOUR
    come(play, "AAA", first)
    come(play, "AAA", second, price=101)
    come(play, "BBB", second, price=201)
    state, marks = play.book.state, play.core.lanes["AAA"].mark
    made = come(play, "BBB", first, price=200)
    later = play.run_timers(0)

    assert (state, marks) == ("scanning", 0)
    assert of_kind(made, ev.ScansCoalesced)[0].slot_last_ns == first
    assert of_kind(later, ev.ScansCoalesced)[0].counts == (("SKIPPED_BUSY", 2),)
    assert of_kind(later, ev.ScansCoalesced)[0].slot_last_ns == second
    assert [play.core.lanes[name].mark for name in NAMES] == [10_100, 20_100]


def test_one_input_concludes_one_slot_at_most():
    play = stream(scan_grace_ns=2 * HOUR)
    first = next_close(play)
    for number in range(4):
        come(play, "AAA", first + number * HOUR)
    for time_ns in (first + 2 * HOUR, first + 3 * HOUR):
        come(play, "BBB", time_ns)
    made = [event for event in play.events if isinstance(event, ev.ScansCoalesced)]
    while play.core.gathering.open:
        found = of_kind(play.run_timers(HOUR / SECOND), ev.ScansCoalesced)
        made += found

    assert [each.slot_last_ns for each in made] == [first + number * HOUR for number in range(4)]
    assert [each.scans for each in made] == [1] * 4


def test_a_bar_is_news_once():
    play = stream()
    close_ns = next_close(play)
    event = event_of(row(100), PAIR[0], source="test", open_ns=0, close_ns=close_ns, cursor=1)
    before = play.engine.is_news(event)
    play.now = close_ns
    play.say(event)
    while_open = play.engine.is_news(event)
    play.run_timers(GRACE_S)

    assert (before, while_open, play.engine.is_news(event)) == (True, False, False)


def test_a_kill_while_scanning_folds_the_rest_of_the_slot_as_halted():
    play = stream()
    close_ns = next_close(play)
    come(play, "AAA", close_ns)
    play.say(command("kill"))
    made = come(play, "BBB", close_ns, "long")

    assert of_kind(made, ev.ScansCoalesced)[0].counts == (("HALTED", 2),)
    assert play.book.state == "halted"


def test_an_exit_asked_for_while_scanning_ends_in_executing():
    play = stream()
    first = next_close(play)
    come(play, "AAA", first, "long")
    come(play, "BBB", first)
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    protection = play.only(Purpose.PROTECTION)
    play.accept(protection)
    come(play, "AAA", first + HOUR)
    play.say(command("close_all"))
    play.say(ev.CancelAnswered(client_id=protection.client_id, answer="cancelled", text=""))
    while_open = play.book.state
    come(play, "BBB", first + HOUR)
    state = play.book.state
    play.accept(play.only(Purpose.EXIT))

    assert (while_open, state, play.book.state) == ("scanning", "executing", "idle")


@pytest.mark.parametrize("order", list(permutations(NAMES)))
def test_the_order_of_arrival_decides_nothing(order):
    play = stream()
    close_ns = next_close(play)
    for name in order:
        come(play, name, close_ns, "long")
    signals = of_kind(play.events, ev.SignalEmitted)

    assert [event.symbol for event in signals] == ["AAA", "BBB"]


def test_a_bar_reads_back_from_its_row_as_it_was():
    bar = BarRow(1, 10_007, 10_110, 9_990, 10_001, 0.1 + 0.2, FLAG_GAP | FLAG_SPIKE)
    event = event_of(bar, PAIR[1], source="test", open_ns=1, close_ns=2, cursor=3)

    assert row_of(event, 1, PAIR[1]) == bar
    assert event.flags == ("gap", "spike")


def test_opening_another_source_drops_what_waits():
    play = stream()
    come(play, "AAA", next_close(play))
    play.say(
        ev.StreamOpened(
            stream_id="other", source="x", spec="", symbols=(), timeframe_ns=HOUR, cursor=0
        )
    )

    assert play.core.gathering.open == {}


def test_decisions_of_a_slot_bar_by_bar_are_those_of_the_slot_at_once():
    whole, parts = Play(instruments=PAIR).start(), stream()
    bars = [
        [row(100 + n % 3, ("long", "", "flat")[n % 3], index=i) for i in range(2)] for n in range(6)
    ]
    for number, slot in enumerate(bars):
        close_ns = next_close(parts)
        whole.now = close_ns - HOUR
        whole.engine.scan(Slot(close_ns, tuple(slot), number))
        whole.close()
        for name in reversed(NAMES):
            bar = slot[NAMES[name]]
            event = event_of(
                bar, PAIR[bar.index], source="t", open_ns=0, close_ns=close_ns, cursor=number
            )
            parts.now = max(parts.now, close_ns)
            parts.say(event, after_s=1)
        for play in (whole, parts):
            play.now = parts.now
            for order in list(play.book.live.values()):
                if order.status.value == "intended":
                    play.accept(order)

    assert whole.book.counts == parts.book.counts
    assert whole.core.decider.state() == parts.core.decider.state()
