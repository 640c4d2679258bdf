"""Panic against a venue with books of its own, and real processes that hold the lock."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.control import lock, panic, spool
from hfl_core.control.panic_values import PanicOrder
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import CLIENT_ID_LENGTH, Symbol, VenueOrderId, client_order_id, is_ours
from hfl_core.domain.orders import (
    AccountReport,
    OrderReport,
    OrderStatus,
    PositionReport,
    Side,
)
from hfl_core.ports import BrokerTraits

pytestmark = [pytest.mark.timeout(120)]
BTC, ETH = Symbol("BTC-USDT"), Symbol("ETH-USDT")


def our_id(number):
    return client_order_id(
        mode="paper", journal_id="abc123", number=number, anchor=b"a", intent=str(number).encode()
    )


class Venue:
    """Fills closes at once unless told otherwise. faults: method -> outcomes, used up in order."""

    def __init__(self, *, positions=(), is_enforced=True):
        self.traits = BrokerTraits(
            venue="fake",
            settle_s=1.0,
            definite_codes=frozenset({"REFUSED"}),
            resolves_unknown=True,
            is_reduce_only_enforced=is_enforced,
        )
        self.held = {symbol: Decimal(quantity) for symbol, quantity in positions}
        self.orders = {}
        self.faults = {}
        self.log = []
        self.is_filling = True
        self.shown = None

    def working(self, client_id, symbol, side):
        self.orders[client_id] = OrderReport(
            client_id=client_id,
            venue_id=VenueOrderId("v"),
            symbol=symbol,
            side=side,
            status=OrderStatus.WORKING,
            quantity=Decimal(1),
            filled=Decimal(0),
        )

    def _fault(self, name):
        queue = self.faults.get(name, [])
        if not queue:
            return None
        return queue[0] if queue[0] == "always" else queue.pop(0)

    def _down(self, name):
        if self._fault(name):
            raise BrokerError("the venue is down", reached=Reached.UNKNOWN)

    def _set(self, client_id, status, filled=Decimal(0)):
        old = self.orders[client_id]
        self.orders[client_id] = OrderReport(
            client_id=client_id,
            venue_id=old.venue_id,
            symbol=old.symbol,
            side=old.side,
            status=status,
            quantity=old.quantity,
            filled=filled,
        )

    def submit(self, client_id, intent, *, deadline_s):
        assert intent.is_reduce_only
        assert client_id not in self.orders, "sent twice"
        self.log.append(("submit", intent.symbol, intent.side.value, intent.quantity))
        fault = self._fault("submit")
        if fault == "refused":
            raise BrokerError("balance is locked", reached=Reached.YES, code="REFUSED")
        if fault == "lost":
            raise BrokerError("no answer", reached=Reached.UNKNOWN)
        self.working(client_id, intent.symbol, intent.side)
        if self.is_filling:
            share = Decimal("0.5") if fault == "half" else Decimal(1)
            done = intent.quantity * share
            self.held[intent.symbol] += done * intent.side.sign
            status = OrderStatus.EXPIRED if fault == "half" else OrderStatus.FILLED
            self._set(client_id, status, done)
        if fault == "accepted, no answer":
            raise BrokerError("no answer", reached=Reached.UNKNOWN)
        return VenueOrderId("v")

    def cancel(self, client_id, *, deadline_s):
        self.log.append(("cancel", client_id))
        self._down("cancel")
        self._set(client_id, OrderStatus.CANCELLED)
        return "cancelled"

    def query(self, client_id, *, deadline_s):
        self._down("query")
        return self.orders.get(client_id)

    def poll(self, cursor, *, deadline_s):
        raise NotImplementedError

    def open_orders(self, *, deadline_s):
        self._down("open_orders")
        return tuple(one for one in self.orders.values() if one.status is OrderStatus.WORKING)

    def account(self, *, deadline_s):
        self._down("account")
        held = self.shown or self.held
        reports = tuple(
            PositionReport(symbol=symbol, quantity=quantity, price=Decimal(1))
            for symbol, quantity in held.items()
        )
        return AccountReport(cash=Decimal(0), positions=reports, fill_cursor=0, now_ns=0)

    def move_cash(self, request_id, amount, *, deadline_s):
        raise NotImplementedError


@pytest.fixture
def said():
    return []


@pytest.fixture
def act(tmp_path, said):
    def run(venue, **changes):
        values = {
            "request_id": "p1",
            "reason": "test",
            "actor": "tester",
            "mode": "paper",
            "journal_id": "abc123",
            "lock_path": str(tmp_path / "paper-main.lock"),
            "spool_path": str(tmp_path / "paper-main.panic.jsonl"),
            "set_latch": lambda: "written",
            "cancel_wait_s": 30.0,
            "fill_wait_s": 0.3,
            **changes,
        }
        return panic.panic(PanicOrder(**values), venue, say=said.append)

    return run


@pytest.mark.process
def test_panic_cancels_our_orders_and_closes_every_position_reduce_only(act):
    venue = Venue(positions=[(BTC, "2"), (ETH, "-3")])
    venue.working(our_id(1), BTC, Side.BUY)

    report = act(venue)

    assert report.is_clean
    assert report.verdict == "LATCHED, no orders working, flat"
    assert report.cancelled == (our_id(1),)
    assert venue.held == {BTC: 0, ETH: 0}
    submits = [one[1:] for one in venue.log if one[0] == "submit"]
    assert submits == [(BTC, "sell", Decimal(2)), (ETH, "buy", Decimal(3))]


@pytest.mark.process
def test_foreign_orders_are_left_alone(act):
    venue = Venue()
    venue.working("someone-else", BTC, Side.BUY)

    assert act(venue).is_clean
    assert venue.orders["someone-else"].status is OrderStatus.WORKING


@pytest.mark.process
def test_protective_stop_outlives_its_position_where_reduce_only_is_enforced(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.working(our_id(1), BTC, Side.SELL)

    assert act(venue).is_clean
    assert [one[0] for one in venue.log] == ["submit", "cancel"]


@pytest.mark.process
def test_protective_stop_goes_first_where_the_venue_would_let_it_reverse(act):
    venue = Venue(positions=[(BTC, "2")], is_enforced=False)
    venue.working(our_id(1), BTC, Side.SELL)

    assert act(venue).is_clean
    assert [one[0] for one in venue.log] == ["cancel", "submit"]


@pytest.mark.process
def test_close_refused_because_of_its_stop_is_tried_again_without_the_stop(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.working(our_id(1), BTC, Side.SELL)
    venue.faults["submit"] = ["refused"]

    assert act(venue).is_clean
    assert [one[0] for one in venue.log] == ["submit", "cancel", "submit"]


@pytest.mark.process
def test_partial_close_is_followed_by_one_for_the_rest(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.faults["submit"] = ["half"]

    assert act(venue).is_clean
    assert [one[3] for one in venue.log] == [Decimal(2), Decimal(1)]


@pytest.mark.process
def test_accepted_close_without_an_answer_is_asked_for_and_not_sent_again(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.faults["submit"] = ["accepted, no answer"]

    assert act(venue).is_clean
    assert len(venue.log) == 1


@pytest.mark.process
def test_lost_close_stays_unconfirmed_and_is_not_sent_again(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.faults["submit"] = ["lost"]

    report = act(venue)

    assert len(venue.log) == 1
    assert report.verdict == "LATCHED, 1 orders unconfirmed, still open: BTC-USDT 2"
    assert not report.is_clean


@pytest.mark.process
def test_working_close_is_reported_as_unconfirmed(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.is_filling = False

    report = act(venue)

    assert len(venue.log) == 1
    assert len(report.unconfirmed) == 1
    assert report.open_positions == ("BTC-USDT 2",)


@pytest.mark.process
def test_account_that_still_shows_a_closed_position_does_not_reverse_it(act):
    venue = Venue(positions=[(BTC, "2")])
    venue.shown = {BTC: Decimal(2)}

    report = act(venue)

    assert venue.held == {BTC: 0}
    assert report.open_positions == ("BTC-USDT 2",)
    assert not report.is_clean


@pytest.mark.process
def test_second_round_for_one_position_does_not_close_another_again(act):
    """BTC is closed but still shown; ETH is refused and needs another round."""
    venue = Venue(positions=[(BTC, "2"), (ETH, "1")])
    venue.shown = {BTC: Decimal(2), ETH: Decimal(1)}
    venue.faults["submit"] = ["", "refused"]

    act(venue)

    assert venue.held == {BTC: 0, ETH: 0}
    assert [one[1] for one in venue.log if one[0] == "submit"] == [BTC, ETH, ETH]


@pytest.mark.process
@pytest.mark.parametrize("method", ["open_orders", "account"])
def test_venue_that_does_not_answer_is_never_called_flat(act, method):
    venue = Venue(positions=[(BTC, "2")])
    venue.faults[method] = ["always"]

    report = act(venue)

    assert not report.is_clean
    assert "unconfirmed" in report.verdict
    assert report.troubles


@pytest.mark.process
def test_cancel_that_fails_is_tried_again_and_then_reported(act):
    venue = Venue()
    venue.working(our_id(1), BTC, Side.BUY)
    venue.faults["cancel"] = ["down"]
    assert act(venue).is_clean

    venue = Venue()
    venue.working(our_id(1), BTC, Side.BUY)
    venue.faults["cancel"] = ["always"]
    report = act(venue)
    assert report.unconfirmed == (our_id(1),)
    assert report.verdict.startswith("LATCHED, 1 orders unconfirmed")
    assert len(venue.log) <= 2 * panic.ROUNDS_MAX


@pytest.mark.process
def test_spool_tells_everything_before_it_happened_and_is_adopted_once(act, tmp_path):
    venue = Venue(positions=[(BTC, "2")])
    venue.working(our_id(1), BTC, Side.BUY)
    act(venue)
    path = str(tmp_path / "paper-main.panic.jsonl")

    entries = spool.read(path)

    assert [one.what for one in entries] == [
        "panic_started",
        "cancel",
        "cancel_answered",
        "close",
        "close_accepted",
        "panic_ended",
    ]
    assert [one.number for one in entries] == [1, 2, 3, 4, 5, 6]
    assert {one.actor for one in entries} == {"tester"}
    close = json.loads(entries[3].detail)
    assert close["symbol"] == BTC
    assert is_ours(close["client_id"], mode="paper", journal_id="abc123")
    assert len(close["client_id"]) == CLIENT_ID_LENGTH
    spool.set_adopted(path)
    assert spool.read(path) == ()


@pytest.mark.process
def test_panic_without_a_spool_acts_and_says_so(act, said, tmp_path):
    (tmp_path / "file").write_text("")
    venue = Venue(positions=[(BTC, "2")])

    report = act(venue, spool_path=str(tmp_path / "file" / "s.jsonl"))

    assert report.is_clean
    assert not report.is_spooled
    assert any("without the spool" in one for one in said)


def full_disk():
    raise OSError(28, "No space left on device")


@pytest.mark.process
def test_panic_without_a_latch_acts_and_does_not_claim_it(act):
    venue = Venue(positions=[(BTC, "2")])

    report = act(venue, set_latch=full_disk)

    assert venue.held == {BTC: 0}
    assert report.verdict.startswith("NOT LATCHED")
    assert not report.is_clean


HOLDER = """
import signal, sys, time
from hfl_core.control import lock
assert lock.acquire(sys.argv[1])
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("mode", "ended_by"),
    [("polite", signal.SIGTERM), ("stubborn", signal.SIGKILL), ("stopped", signal.SIGKILL)],
)
def test_panic_latches_and_ends_the_daemon_before_it_touches_the_venue(
    act, tmp_path, mode, ended_by
):
    path = str(tmp_path / "paper-main.lock")
    venue, order = Venue(positions=[(BTC, "2")]), []
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path, mode], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        if mode == "stopped":
            os.kill(process.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)  # else SIGTERM comes first
        account = venue.account

        def watched(*, deadline_s):
            order.append(("venue", process.poll() is not None and lock.is_held(path)))
            return account(deadline_s=deadline_s)

        venue.account = watched  # type: ignore[method-assign]

        def latch():
            order.append(("latch", process.poll() is None))
            return "written"

        report = act(venue, set_latch=latch)
        code = process.wait(30)

    assert code == -ended_by
    assert report.is_clean
    assert order[0] == ("latch", True)
    assert set(order[1:]) == {("venue", True)}, "the lock is held by panic while it acts"
    assert not lock.is_held(path)


@pytest.mark.process
def test_daemon_that_cannot_be_ended_keeps_panic_from_the_venue(act, tmp_path, monkeypatch):
    monkeypatch.setattr(panic, "TERM_WAIT_S", 0.05)
    monkeypatch.setattr(panic, "KILL_WAIT_S", 0.05)
    path = str(tmp_path / "paper-main.lock")
    venue = Venue(positions=[(BTC, "2")])
    monkeypatch.setattr(lock.Holder, "signal", lambda *_: False)
    held = lock.acquire(path)
    assert held is not None
    try:
        report = act(venue)
    finally:
        held.release()

    assert venue.log == []
    assert not report.is_daemon_ended
    assert not report.is_clean
    assert "unconfirmed" in report.verdict


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_noise_in_the_spool_becomes_entries_and_never_an_exception(tmp_path_factory, lines):
    path = tmp_path_factory.getbasetemp() / "noise.jsonl"
    path.write_bytes(b"\n".join(lines))

    entries = spool.read(str(path))

    wanted = [one for one in b"\n".join(lines).split(b"\n") if one.strip()]
    assert len(entries) == len(wanted)
    assert {one.what for one in entries} <= {"unreadable"}


def test_torn_line_of_an_earlier_panic_does_not_swallow_the_next(tmp_path):
    path = str(tmp_path / "s.jsonl")
    (tmp_path / "s.jsonl").write_bytes(b'{"request_id":"old","num')

    writer = spool.Spool(path, request_id="new", actor="a")
    writer.add("cancel", {"client_id": "c"})
    writer.close()

    assert [one.what for one in spool.read(path)] == ["unreadable", "cancel"]
