"""What every broker must do, run against every file in hfl_core/brokers.

A broker file gets its world from tests/brokers/worlds/<the same name>.py: a context manager
`world(directory, instruments, faults=, seed=)` whose value has `broker`, `publish`, `counts` and
`revive`, with 10,000 in cash and no costs. A broker without a world fails here.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest

import hfl_core.brokers
from hfl_core import ports
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.orders import (
    Fill,
    OrderIntent,
    OrderReport,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from hfl_core.domain.values import with_changes
from hfl_core.venue.link import VenueCounts
from hfl_core.venue.model import MarketBar
from tests.brokers.patience import ANSWER_S, SILENT_S, await_struck, patience_s

HOUR = 3_600 * 1_000_000_000
FOLDER = Path(hfl_core.brokers.__path__[0])
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
WORLDS = Path(__file__).parent / "worlds"
AAA = Instrument(
    symbol=Symbol("AAA"),
    asset_class=AssetClass.CRYPTO,
    tick=Decimal("0.01"),
    lot=Decimal("0.1"),
    notional_min=Decimal(1),
    currency="USD",
)
ENTRY = OrderIntent(
    symbol=AAA.symbol,
    side=Side.BUY,
    type=OrderType.MARKET,
    purpose=Purpose.ENTRY,
    quantity=Decimal("2.5"),
    time_in_force=TimeInForce.GTC,
)
EXIT = with_changes(ENTRY, side=Side.SELL, purpose=Purpose.EXIT)
ONE = ClientOrderId("hfp0000000000000001aaaaaaaaaa")
TWO = ClientOrderId("hfp0000000000000002bbbbbbbbbb")


class World(Protocol):
    broker: ports.Broker

    def publish(self, slot_time_ns: int, bars: list[MarketBar]) -> int: ...
    def counts(self) -> VenueCounts: ...
    def revive(self) -> None: ...


Maker = Callable[..., World]


def load_world(name: str):
    path = WORLDS / f"{name}.py"
    assert path.exists(), (
        f"expected {path.name} in tests/brokers/worlds for the broker {name}, found none: write it"
    )
    spec = importlib.util.spec_from_file_location(f"conformance_world_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Every world but the one inside this process has a real process and real deadlines.
CASES = [
    pytest.param(name, marks=() if name == "inprocess" else pytest.mark.process) for name in NAMES
]


@pytest.fixture(params=CASES)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    module = load_world(request.param)
    opened: list[AbstractContextManager] = []

    def open_world(*, faults: str = "", seed: int = 0) -> World:
        manager = module.world(tmp_path, [AAA], faults=faults, seed=seed)
        made = manager.__enter__()
        opened.append(manager)
        made.publish(HOUR, [bar(0)])
        return made

    yield open_world
    for manager in opened:
        manager.__exit__(None, None, None)


def bar(number: int, price: str = "100", volume: float = 1e6) -> MarketBar:
    each = Decimal(price)
    return MarketBar(AAA.symbol, number * HOUR, (number + 1) * HOUR, each, each, each, each, volume)


def reached(call) -> tuple[str, str]:
    with pytest.raises(BrokerError) as caught:
        call()
    return caught.value.reached.value, caught.value.code


def known(world: World, client_id: ClientOrderId) -> OrderReport:
    report = world.broker.query(client_id, deadline_s=ANSWER_S)
    assert report is not None
    return report


def fills(world: World, cursor: int) -> list[Fill]:
    events = world.broker.poll(cursor, deadline_s=ANSWER_S)
    return [event.fill for event in events if isinstance(event, Filled)]


def test_every_broker_file_has_a_class_and_a_world() -> None:
    assert {"paper", "inprocess"} <= set(NAMES)
    for name in NAMES:
        assert callable(importlib.import_module(f"hfl_core.brokers.{name}").Broker)
        assert callable(load_world(name).world)


def test_an_order_lives_from_submit_to_fill(make: Maker) -> None:
    world = make()
    broker = world.broker
    venue_id = broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)
    working = broker.query(ONE, deadline_s=ANSWER_S)

    assert venue_id
    assert working is not None
    assert (working.client_id, working.venue_id, working.status) == (
        ONE,
        venue_id,
        OrderStatus.WORKING,
    )
    assert [order.client_id for order in broker.open_orders(deadline_s=ANSWER_S)] == [ONE]
    assert world.publish(2 * HOUR, [bar(1, "101.5")]) == 1

    (event,) = broker.poll(0, deadline_s=ANSWER_S)
    filled = broker.query(ONE, deadline_s=ANSWER_S)
    account = broker.account(deadline_s=ANSWER_S)

    assert isinstance(event, Filled)
    assert (event.fill.client_id, event.fill.price, event.fill.quantity) == (
        ONE,
        Decimal("101.5"),
        Decimal("2.5"),
    )
    assert filled is not None
    assert filled.status is OrderStatus.FILLED
    assert filled.fills == (event.fill,)
    assert account.cash == Decimal("9746.25")
    assert [(each.symbol, each.quantity, each.price) for each in account.positions] == [
        ("AAA", Decimal("2.5"), Decimal("101.5"))
    ]
    assert account.fill_cursor == event.cursor
    assert broker.open_orders(deadline_s=ANSWER_S) == ()
    assert list(broker.poll(event.cursor, deadline_s=ANSWER_S)) == []


def test_an_unknown_order_is_none_and_not_an_error(make: Maker) -> None:
    broker = make().broker

    assert broker.query(ONE, deadline_s=ANSWER_S) is None
    assert broker.cancel(ONE, deadline_s=ANSWER_S) == "not_found"


def test_cancel_ends_what_is_left(make: Maker) -> None:
    world = make()
    broker = world.broker
    broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)
    world.publish(2 * HOUR, [bar(1, volume=10.0)])  # a tenth of 10 fills 1 of 2.5

    assert broker.cancel(ONE, deadline_s=ANSWER_S) == "cancelled"
    fill, ended = broker.poll(0, deadline_s=ANSWER_S)
    assert isinstance(fill, Filled)
    assert isinstance(ended, OrderEnded)
    assert (ended.client_id, ended.status, ended.filled) == (ONE, OrderStatus.CANCELLED, Decimal(1))
    broker.submit(TWO, with_changes(EXIT, quantity=Decimal(1)), deadline_s=ANSWER_S)
    world.publish(3 * HOUR, [bar(2)])
    assert broker.cancel(TWO, deadline_s=ANSWER_S) == "already_filled"


def test_a_definite_rejection_is_on_the_allow_list(make: Maker) -> None:
    world = make()
    broker = world.broker
    poor = with_changes(ENTRY, quantity=Decimal(101))

    assert reached(lambda: broker.submit(ONE, poor, deadline_s=ANSWER_S)) == (
        "no",
        "insufficient_cash",
    )
    assert "insufficient_cash" in broker.traits.definite_codes
    assert broker.query(ONE, deadline_s=ANSWER_S) is None
    assert world.counts().accepted == {}


def test_reduce_only_is_enforced_by_the_venue_that_says_so(make: Maker) -> None:
    world = make()
    broker = world.broker
    if not broker.traits.is_reduce_only_enforced:
        return

    assert reached(lambda: broker.submit(ONE, EXIT, deadline_s=ANSWER_S))[0] == "no"
    assert broker.account(deadline_s=ANSWER_S).positions == ()


def test_a_second_submit_of_one_id_says_that_it_exists(make: Maker) -> None:
    world = make()
    world.broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)

    assert reached(lambda: world.broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)) == (
        "yes",
        "duplicate_client_id",
    )
    assert "duplicate_client_id" not in world.broker.traits.definite_codes
    assert world.counts().accepted == {ONE: 1}


def test_cash_moves_once_for_each_request(make: Maker) -> None:
    broker = make().broker
    for _ in range(2):
        broker.move_cash("d1", Decimal("0.25"), deadline_s=ANSWER_S)

    assert broker.account(deadline_s=ANSWER_S).cash == Decimal("10000.25")
    assert reached(lambda: broker.move_cash("w1", Decimal(-10_001), deadline_s=ANSWER_S)) == (
        "no",
        "insufficient_cash",
    )


@pytest.mark.parametrize(
    ("fault", "outcome", "accepted"),
    [
        ("timeout_before", "unknown", 0),
        ("timeout_after", "unknown", 1),
        ("restart_before", "unknown", 0),
        ("restart_after", "unknown", 1),
        ("unclear", "unknown", 1),
        ("delay s=60", "unknown", 1),
        ("slow s=60", "unknown", 1),
        ("delay s=0.02", "accepted", 1),
        ("slow s=0.02", "accepted", 1),
        ("garbage kind=cut", "unknown", 1),
        ("garbage kind=empty", "unknown", 1),
        ("garbage kind=html", "unknown", 1),
        ("garbage kind=null", "unknown", 1),
        ("garbage kind=wrong_id", "unknown", 1),
        ("garbage kind=no_proof", "unknown", 1),
        ("reject", "no", 0),
        ("rate_limit", "no", 0),
        ("maintenance", "no", 0),
    ],
)
def test_a_faulty_submit_is_as_certain_as_its_answer(
    make: Maker, fault: str, outcome: str, accepted: int
) -> None:
    """And it is sent once: the venue saw the id a single time."""
    name, *options = fault.split()
    world = make(faults=" ".join([f"{name}@submit", "n=1", *options]))
    try:
        venue_id = world.broker.submit(ONE, ENTRY, deadline_s=patience_s(fault))
        found = "accepted" if venue_id else "nothing"
    except BrokerError as error:
        found = error.reached.value
    if name.startswith("restart"):
        world.revive()
    await_struck(world, name)
    order = world.broker.query(ONE, deadline_s=ANSWER_S)

    assert found == outcome
    assert (order is not None) == bool(accepted)
    counts = world.counts()
    assert counts.accepted.get(ONE, 0) == accepted
    assert counts.submits == {ONE: 1}
    assert counts.fired == {name: 1}


@pytest.mark.parametrize("verb", ["query", "poll", "open_orders", "account"])
@pytest.mark.parametrize(
    "fault", ["silence", "timeout_before", "garbage", "unclear", "rate_limit", "maintenance"]
)
def test_a_failed_read_proves_nothing(make: Maker, verb: str, fault: str) -> None:
    world = make(faults=f"{fault}@{verb} n=1")
    broker = world.broker
    calls = {
        "query": lambda wait_s: broker.query(ONE, deadline_s=wait_s),
        "poll": lambda wait_s: broker.poll(0, deadline_s=wait_s),
        "open_orders": lambda wait_s: broker.open_orders(deadline_s=wait_s),
        "account": lambda wait_s: broker.account(deadline_s=wait_s),
    }

    assert reached(lambda: calls[verb](patience_s(fault)))[0] == Reached.UNKNOWN.value
    await_struck(world, fault)
    calls[verb](ANSWER_S)  # and the next one works again
    assert world.counts().fired == {fault: 1}


def test_an_unanswered_cancel_is_unknown_and_may_have_worked(make: Maker) -> None:
    world = make(faults="timeout_before@cancel n=1; timeout_after@cancel n=2")
    broker = world.broker
    broker.submit(
        ONE, with_changes(ENTRY, type=OrderType.LIMIT, limit_price=Decimal(50)), deadline_s=ANSWER_S
    )

    assert reached(lambda: broker.cancel(ONE, deadline_s=SILENT_S))[0] == "unknown"
    await_struck(world, "timeout_before")
    assert known(world, ONE).status is OrderStatus.WORKING
    assert reached(lambda: broker.cancel(ONE, deadline_s=SILENT_S))[0] == "unknown"
    await_struck(world, "timeout_after")
    assert known(world, ONE).status is OrderStatus.CANCELLED
    assert broker.cancel(ONE, deadline_s=ANSWER_S) == "cancelled"
    assert world.counts().cancels == {ONE: 3}


def partly_filled(world: World, bars: int) -> None:
    world.broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)
    for number in range(1, bars + 1):
        world.publish((number + 1) * HOUR, [bar(number, volume=5.0)])


def test_duplicate_fills_repeat_the_same_keys(make: Maker) -> None:
    world = make(faults="duplicate_fills")
    partly_filled(world, 4)
    cursors = [event.cursor for event in world.broker.poll(2, deadline_s=ANSWER_S)]

    assert cursors == [1, 2, 3, 4]
    assert len({fill.fill_id for fill in fills(world, 2)}) == 4
    assert world.counts().fired == {"duplicate_fills": 2}


def test_reordered_fills_are_all_there(make: Maker) -> None:
    world = make(faults="reorder_fills")
    partly_filled(world, 5)
    cursors = [event.cursor for event in world.broker.poll(0, deadline_s=ANSWER_S)]

    assert sorted(cursors) == [1, 2, 3, 4, 5]
    assert cursors != sorted(cursors)


def test_lost_fills_show_in_query_and_account_only(make: Maker) -> None:
    world = make(faults="lose_fills n=2|4")
    partly_filled(world, 5)
    broker = world.broker

    for _ in range(2):
        assert [event.cursor for event in broker.poll(0, deadline_s=ANSWER_S)] == [1, 3, 5]
    order = known(world, ONE)
    assert (len(order.fills), order.filled) == (5, Decimal("2.5"))
    assert broker.account(deadline_s=ANSWER_S).positions[0].quantity == Decimal("2.5")


def test_an_order_may_not_be_found_for_a_while(make: Maker) -> None:
    world = make(faults="not_found_lag queries=2")
    broker = world.broker
    broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)

    assert broker.open_orders(deadline_s=ANSWER_S) == ()
    assert [broker.query(ONE, deadline_s=ANSWER_S) is None for _ in range(3)] == [True, True, False]
    assert len(broker.open_orders(deadline_s=ANSWER_S)) == 1


def test_the_lag_may_be_in_venue_time(make: Maker) -> None:
    world = make(faults="not_found_lag s=3600; timeout_after@submit n=1")
    broker = world.broker

    assert reached(lambda: broker.submit(ONE, ENTRY, deadline_s=SILENT_S))[0] == "unknown"
    await_struck(world, "timeout_after")
    assert broker.query(ONE, deadline_s=ANSWER_S) is None
    world.publish(2 * HOUR, [bar(1)])
    assert known(world, ONE).status is OrderStatus.FILLED


def test_reused_fill_ids_still_differ_by_order(make: Maker) -> None:
    world = make(faults="reuse_fill_ids")
    broker = world.broker
    broker.submit(ONE, ENTRY, deadline_s=ANSWER_S)
    broker.submit(TWO, ENTRY, deadline_s=ANSWER_S)
    world.publish(2 * HOUR, [bar(1)])
    keys = {(fill.client_id, fill.fill_id) for fill in fills(world, 0)}

    assert keys == {(ONE, "1"), (TWO, "1")}
    assert known(world, ONE).fills[0].fill_id == "1"
