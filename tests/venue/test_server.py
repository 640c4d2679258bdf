"""The venue as a real process.

It starts once, closes its door to others, survives SIGKILL, and ends when idle.
"""

import contextlib
import itertools
import os
import shutil
import signal
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from hfl_core.brokers.paper import Broker
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side, TimeInForce
from hfl_core.domain.values import with_changes
from hfl_core.venue.link import MarketLink, VenueOptions, start_venue, venue_counts
from hfl_core.venue.model import COSTS_NONE, MarketBar, VenueSettings

pytestmark = pytest.mark.process
HOUR = 3_600 * 1_000_000_000
BTC = Instrument(
    symbol=Symbol("BTC-USDT"),
    asset_class=AssetClass.CRYPTO,
    tick=Decimal("0.01"),
    lot=Decimal("0.001"),
    notional_min=Decimal(1),
    currency="USD",
)
INTENT = OrderIntent(
    symbol=BTC.symbol,
    side=Side.BUY,
    type=OrderType.MARKET,
    purpose=Purpose.ENTRY,
    quantity=Decimal("0.01"),
    time_in_force=TimeInForce.GTC,
)
KILLS = 20
# Of what is awaited; no claim.
ANSWER_S = 30.0


def bar(number: int) -> MarketBar:
    price = Decimal(100)
    return MarketBar(
        BTC.symbol, number * HOUR, (number + 1) * HOUR, price, price, price, price, 1e6
    )


@pytest.fixture
def options(tmp_path: Path) -> Iterator[VenueOptions]:
    made = VenueOptions(
        directory=tmp_path / "venue",
        socket_path=tmp_path / "run" / "venue.sock",
        cash=Decimal(100_000),
        settings=VenueSettings(costs=COSTS_NONE),
        idle_s=300.0,
    )
    yield made
    kill(made)


def pid_of(options: VenueOptions) -> int:
    return int((options.directory / "venue.pid").read_text())


def kill(options: VenueOptions) -> None:
    """End the venue this test started and wait until its lock is free."""
    if not (options.directory / "venue.pid").exists():
        return
    pid = pid_of(options)
    if (
        not Path(f"/proc/{pid}/cmdline").exists()
        or b"hfl_core.venue" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ):
        return
    os.kill(pid, signal.SIGKILL)
    ends_at = time.monotonic() + ANSWER_S
    while time.monotonic() < ends_at and is_alive(pid):
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_door_is_closed_to_others_and_the_process_is_detached(options: VenueOptions) -> None:
    start_venue(options)
    pid = pid_of(options)

    assert stat.S_IMODE(options.socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(options.socket_path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(options.directory.stat().st_mode) == 0o700
    assert os.getsid(pid) != os.getsid(0)


def test_starting_again_finds_the_one_that_serves(options: VenueOptions) -> None:
    start_venue(options)
    pid = pid_of(options)
    start_venue(options)

    assert pid_of(options) == pid
    assert is_alive(pid)


def test_sigkill_in_the_middle_of_traffic_loses_nothing_acknowledged(options: VenueOptions) -> None:
    """Each round submits.

    Fills and polls through real sockets, then kills the venue at another moment of the traffic.
    """
    broker = Broker(options.socket_path)
    acknowledged: dict[ClientOrderId, str] = {}
    known: dict[int, Filled | OrderEnded] = {}
    number = 0
    clock = 0
    for round_number in range(KILLS):
        start_venue(options)
        link = MarketLink(options.socket_path, [BTC])
        assert link.connect().clock_ns >= clock
        victim = pid_of(options)
        killer = threading.Timer(round_number * 0.004, os.kill, (victim, signal.SIGKILL))
        try:
            for turn in itertools.count():
                if turn == 2:
                    killer.start()
                clock = link.publish((number + 1) * HOUR, [bar(number)]).clock_ns
                number += 1
                name = ClientOrderId(f"order{number}")
                acknowledged[name] = broker.submit(name, INTENT, deadline_s=ANSWER_S)
                known |= {
                    event.cursor: event for event in broker.poll(len(known), deadline_s=ANSWER_S)
                }
        except BrokerError:
            killer.join(ANSWER_S)
        link.close()
        start_venue(options)
        for order_id, venue_id in acknowledged.items():
            report = broker.query(order_id, deadline_s=ANSWER_S)
            assert report is not None, order_id
            assert report.venue_id == venue_id
        events = poll_all(broker)
        assert [events[cursor] for cursor in known] == list(known.values())
        known = dict(events)
    account = broker.account(deadline_s=ANSWER_S)
    fills = [event.fill for event in known.values() if isinstance(event, Filled)]
    counts = venue_counts(options.socket_path)

    assert len(fills) > KILLS
    assert account.positions[0].quantity == sum(fill.quantity for fill in fills)
    assert account.cash == 100_000 - sum(fill.quantity * fill.price for fill in fills)
    assert set(counts.submits.values()) == set(counts.accepted.values()) == {1}
    assert set(acknowledged) <= set(counts.accepted)


def poll_all(broker: Broker) -> dict[int, Filled | OrderEnded]:
    events: dict[int, Filled | OrderEnded] = {}
    while more := broker.poll(len(events), deadline_s=ANSWER_S):
        events |= {event.cursor: event for event in more}
    return events


def test_many_threads_share_one_broker(options: VenueOptions) -> None:
    start_venue(options)
    broker = Broker(options.socket_path)
    link = MarketLink(options.socket_path, [BTC])
    link.publish(HOUR, [bar(0)])
    names = [ClientOrderId(f"order{number}") for number in range(80)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        ids = list(pool.map(lambda name: broker.submit(name, INTENT, deadline_s=ANSWER_S), names))
    link.publish(2 * HOUR, [bar(1)])
    fills = [event.fill for event in poll_all(broker).values() if isinstance(event, Filled)]

    assert len(set(ids)) == 80
    assert {fill.client_id for fill in fills} == set(names)
    assert set(venue_counts(options.socket_path).accepted.values()) == {1}
    link.close()


def test_the_market_clock_makes_bars_sent_again_harmless(options: VenueOptions) -> None:
    start_venue(options)
    broker = Broker(options.socket_path)
    link = MarketLink(options.socket_path, [BTC])
    link.publish(HOUR, [bar(0)])
    broker.submit(ClientOrderId("a"), INTENT, deadline_s=ANSWER_S)
    first = link.publish(2 * HOUR, [bar(1)])
    kill(options)
    start_venue(options)
    again = link.publish(2 * HOUR, [bar(0), bar(1)])

    assert (first.taken, again.taken) == (1, 0)
    assert first.events_pending == again.events_pending == 1
    assert link.closes == {BTC.symbol: 2 * HOUR}
    assert link.pid == pid_of(options)
    link.close()


@pytest.mark.parametrize("kills", [(), ("open",), ("stop",), ("open", "stop", "range")])
def test_sigkill_between_open_and_range_changes_no_fill(
    options: VenueOptions, kills: tuple[str, ...]
) -> None:
    """Entry at the open of 100, a stop at 95 placed inside the bar, whose low is 90.

    After each step the venue may be killed, and the market is told again from the open on.
    """
    link, broker = MarketLink(options.socket_path, [BTC]), Broker(options.socket_path)
    start_venue(options)
    link.publish(HOUR, [bar(0)])
    broker.submit(ClientOrderId("entry"), INTENT, deadline_s=ANSWER_S)
    slot = Slot(2 * HOUR, (BarRow(0, 10_000, 10_100, 9_000, 9_900, 1e6, 0),), 1)
    stop = with_changes(
        INTENT,
        side=Side.SELL,
        type=OrderType.STOP,
        purpose=Purpose.PROTECTION,
        stop_price=Decimal(95),
    )

    def may_die(step: str) -> None:
        if step in kills:
            kill(options)
            start_venue(options)
            assert link.publish_open(slot, HOUR).taken == 0

    assert link.publish_open(slot, HOUR)[1:] == (1, 1)
    may_die("open")
    broker.submit(ClientOrderId("stop"), stop, deadline_s=ANSWER_S)
    may_die("stop")
    assert link.publish_slot(slot, HOUR)[1:] == (2, 1)
    may_die("range")
    assert link.publish_slot(slot, HOUR)[1:] == (2, 0)
    fills = [event.fill for event in poll_all(broker).values() if isinstance(event, Filled)]

    assert [(fill.client_id, fill.price, fill.at_ns) for fill in fills] == [
        ("entry", Decimal(100), HOUR),
        ("stop", Decimal(95), 2 * HOUR),
    ]
    assert broker.account(deadline_s=ANSWER_S).cash == Decimal("99999.95")
    link.close()


def test_an_idle_venue_ends_by_itself_and_can_be_started_again(options: VenueOptions) -> None:
    # Long enough for a busy machine to greet it once, which is how its start is known.
    quick = replace(options, idle_s=3.0)
    start_venue(quick)
    pid = pid_of(quick)
    ends_at = time.monotonic() + ANSWER_S
    while is_alive(pid) and time.monotonic() < ends_at:
        time.sleep(0.02)

    assert not is_alive(pid)
    assert not quick.socket_path.exists()
    start_venue(options)
    assert Broker(options.socket_path).account(deadline_s=ANSWER_S).cash == 100_000


def test_an_idle_venue_leaves_the_socket_of_a_newer_one_alone(options: VenueOptions) -> None:
    """The home is deleted and made again while the first venue is still waiting for work."""
    first = replace(options, idle_s=2.0)
    start_venue(first)
    pid = pid_of(first)
    shutil.rmtree(options.directory)
    options.socket_path.unlink()
    start_venue(options)
    ends_at = time.monotonic() + ANSWER_S
    while is_alive(pid) and time.monotonic() < ends_at:
        time.sleep(0.02)

    assert not is_alive(pid)
    assert Broker(options.socket_path).account(deadline_s=ANSWER_S).cash == 100_000


def test_a_planned_restart_ends_the_process_and_strikes_once(options: VenueOptions) -> None:
    faulty = replace(options, faults="restart_after@submit n=1; restart_before@submit n=2")
    start_venue(faulty)
    broker = Broker(options.socket_path)
    link = MarketLink(options.socket_path, [BTC])
    link.publish(HOUR, [bar(0)])
    outcomes: list[str] = []
    for name in ("a", "b", "c"):
        pid = pid_of(faulty)
        try:
            outcomes.append(broker.submit(ClientOrderId(name), INTENT, deadline_s=ANSWER_S))
        except BrokerError as error:
            outcomes.append(error.reached.value)
            ends_at = time.monotonic() + ANSWER_S
            while is_alive(pid) and time.monotonic() < ends_at:
                time.sleep(0.01)
            start_venue(faulty)
    counts = venue_counts(options.socket_path)

    assert outcomes == ["unknown", "unknown", "v2"]
    assert counts.accepted == {"a": 1, "c": 1}
    assert counts.submits == {"a": 1, "b": 1, "c": 1}
    assert counts.fired == {"restart_after": 1, "restart_before": 1}
    link.close()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"faults": "nonsense"}, "expected a fault of"),
        ({"socket_path": Path("/tmp") / ("x" * 120)}, "at most 107 bytes"),
        ({"cash": Decimal(-1)}, "expected opening cash of zero or more"),
    ],
)
def test_a_venue_that_cannot_start_says_why_in_one_sentence(
    options: VenueOptions, changes, sentence: str
) -> None:
    with pytest.raises(BrokerError, match=sentence) as caught:
        start_venue(replace(options, **changes))
    assert caught.value.reached is Reached.NO


def test_an_open_directory_is_refused(options: VenueOptions) -> None:
    options.socket_path.parent.mkdir(mode=0o755)
    options.socket_path.parent.chmod(0o755)

    with pytest.raises(BrokerError, match="closed to others"):
        start_venue(options)


def test_a_silent_connection_and_noise_do_not_disturb_the_others(options: VenueOptions) -> None:
    import socket

    start_venue(options)
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as noisy:
        silent.connect(str(options.socket_path))
        silent.sendall(b"half a line")
        noisy.connect(str(options.socket_path))
        with contextlib.suppress(ConnectionError):  # the venue hangs up on it
            noisy.sendall(os.urandom(100_000).replace(b"\n", b"") + b"\n" + b"x" * 2_000_000)

        # It waits for the end of the half line for ever: no time to wait out.
        assert Broker(options.socket_path).account(deadline_s=ANSWER_S).cash == 100_000
