"""What the screen keeps of rows beside the book: when calls began, stops, bars, desks."""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderType, Purpose, Side
from hfl_core.engine.book_records import OrderRecord
from hfl_core.ports import JournalRow
from hfl_tui.link import watched as module
from hfl_tui.link.watched import Watched

SECOND = 10**9


def order(client_id, purpose):
    one = Decimal(1)
    return OrderRecord(
        client_id=client_id, number=1, decision=1, symbol="A", side=Side.BUY, type=OrderType.MARKET,
        purpose=purpose, quantity=one, limit_price=None, stop_price=None, risk_stop_price=None,
        reference_price=one, reason="", intended_ns=0,
    )  # fmt: skip


ORDERS = {"e": order("e", Purpose.ENTRY), "x": order("x", Purpose.EXIT)}


def watched(*events):
    """Watch events, one a second on both clocks, from second 1."""
    found = Watched()
    for number, event in enumerate(events, start=1):
        row = JournalRow(
            seq=number, run_id="r", kind=type(event).__name__, version=1, event=event,
            wall_ns=number * SECOND, time_ns=number * SECOND, mono_ns=0, boot_ns=0, cause_seq=0,
            actor="", prev=b"", hash=b"",
        )  # fmt: skip
        found.watch(row, ORDERS)
    return found


def test_an_order_counts_from_when_its_call_began_not_from_its_answer():
    """A call under way when the stop came may be answered behind it, and broke nothing."""
    found = watched(
        ev.SendAttempted(client_id="e", run_id="r"),
        ev.StopLatched(level="kill", latch_id="k", reason="", actor=""),
        ev.OrderAccepted(client_id="e", venue_id="v1"),
        ev.SendAttempted(client_id="x", run_id="r"),
        ev.OrderUnknown(client_id="x", why="no answer"),
    )

    assert dict(found.entries) == {"e": SECOND}
    assert dict(found.reducing) == {"x": 4 * SECOND}
    assert (found.latches["k"].seq, found.latches["k"].wall_ns) == (2, 2 * SECOND)


def test_an_order_that_no_answer_came_of_is_counted_as_one_that_may_be_there():
    found = watched(
        ev.SendAttempted(client_id="e", run_id="r"), ev.OrderUnknown(client_id="e", why="?")
    )

    assert list(found.entries) == ["e"]


def test_a_limits_stop_keeps_its_value_and_what_it_was_against():
    trip = ev.LimitTripped(
        limit="daily_loss", value=Decimal("24.2"), threshold=Decimal("24.1"), period_end_ns=9,
        latch_id="d",
    )  # fmt: skip
    row = watched(trip).latches["d"]

    assert (row.value, row.threshold) == (Decimal("24.2"), Decimal("24.1"))


def asked(desk="banker", deadline_s=20):
    return ev.OpinionAsked(symbol="A", desk=desk, deadline_ns=deadline_s * SECOND)


def answered(desk="banker", *, degraded=False):
    return ev.OpinionReceived(
        symbol="A", desk=desk, source="rules", version="1", score="0.5", confidence="0.6",
        rationale="because", evidence=(), made_ns=1, valid_until_ns=10**15, degraded=degraded,
    )  # fmt: skip


def test_a_desk_is_ok_slow_replaced_or_silent_and_says_how_long_it_took():
    fine = watched(asked(), answered()).desks["banker"]
    slow = watched(asked(deadline_s=2), answered()).desks["banker"]
    replaced = watched(asked(), answered(degraded=True)).desks["banker"]
    late = "expected an opinion within 1 s, found none: going on without it"
    silent = watched(asked(), ev.Degraded(component="desk banker", detail=late)).desks["banker"]
    waiting = watched(asked()).desks["banker"]

    states = [one.state for one in (fine, slow, replaced, silent, waiting)]
    assert states == [
        module.ANSWERED, module.SLOW_WORD, module.FALLBACK, module.SILENT, module.WAITED_FOR,
    ]  # fmt: skip
    assert [one.is_sound for one in (fine, slow, replaced, silent, waiting)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert fine.took_ns == SECOND
    assert silent.detail == late


def test_desks_and_bars_of_another_run_are_forgotten():
    started = ev.RunStarted(
        run_id="s", mode="paper", account="main", currency="USD", hashes=(), versions=(),
        config_blob="", seed=1, head_seq=0, head_hash="", operator_policy="none", changed=(), pid=1,
    )  # fmt: skip
    found = watched(asked(), bar("A", 100), started)

    assert (found.desks, found.bars) == ({}, {})


def bar(symbol, close):
    price = Decimal(close)
    return ev.BarClosed(
        symbol=symbol, source="s", open_ns=0, close_ns=1, open=price, high=price, low=price,
        close=price, volume="1", flags=(), cursor=1,
    )  # fmt: skip


def test_every_instrument_of_a_stream_has_its_own_age_and_pace():
    found = watched(bar("A", 100), bar("B", 5), bar("A", 101), bar("A", 102), bar("A", 103)).bars

    assert (found["A"].close, found["A"].wall_ns) == (Decimal(103), 5 * SECOND)
    assert found["A"].step_ns == SECOND
    assert (found["B"].wall_ns, found["B"].step_ns) == (2 * SECOND, 0)


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "KEPT_MAX", 3)
    found = watched(
        *(ev.StopLatched(level="kill", latch_id=str(n), reason="", actor="") for n in range(9))
    )

    assert list(found.latches) == ["6", "7", "8"]
