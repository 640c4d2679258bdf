"""What was saved comes back whole.

A venue loaded after every message behaves like one that never stopped.
"""

import contextlib
import random
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from hfl_core.domain.bars import BarRow
from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.venue.desk import Desk
from hfl_core.venue.faults import FaultPlan, parse_faults
from hfl_core.venue.model import VenueSettings
from hfl_core.venue.protocol import frame, instrument_record
from hfl_core.venue.store import Store

HOUR = 3_600 * 1_000_000_000
FAULTS = (
    "timeout_before p=0.05; reject p=0.1; maintenance@query p=0.05 calls=3; "
    "not_found_lag queries=2 p=0.5; lose_fills p=0.3"
)


def open_store(path: Path) -> tuple[Store, Desk]:
    store = Store(path)
    plan = FaultPlan(parse_faults(FAULTS), seed=3)
    return store, store.open_desk(
        plan, VenueSettings(), account="paper", currency="USD", cash=Decimal(50_000)
    )


def hello() -> dict[str, object]:
    instruments = [
        Instrument(
            symbol=Symbol(name),
            asset_class=AssetClass.CRYPTO,
            tick=Decimal("0.01"),
            lot=Decimal("0.001"),
            notional_min=Decimal(1),
            currency="USD",
            may_short=name == "BBB",
        )
        for name in ("AAA", "BBB")
    ]
    return {"verb": "hello", "instruments": [instrument_record(each) for each in instruments]}


def bars_at(seed: int, hour: int) -> list[list[object]]:
    """Return the bars of an hour as they are published."""
    rng = random.Random(f"{seed} {hour}")
    bars: list[list[object]] = []
    for name in ("AAA", "BBB"):
        low, opened, close, high = sorted(rng.randrange(9_000, 11_000) for _ in range(4))
        prices = [f"{ticks / 100:.2f}" for ticks in (opened, high, low, close)]
        volume = rng.choice([0.0, 40.0, 9e3])
        bars.append([name, hour * HOUR, (hour + 1) * HOUR, *prices, volume])
    return bars


def story(seed: int, steps: int) -> list[bytes]:
    """Write a random conversation."""
    rng = random.Random(seed)
    requests: list[dict[str, object]] = [hello()]
    hour = 0
    for step in range(steps):
        kind = rng.choice(
            [
                "bar",
                "bar",
                "open",
                "submit",
                "submit",
                "cancel",
                "query",
                "poll",
                "open_orders",
                "account",
                "move_cash",
            ]
        )
        request: dict[str, object] = {"verb": kind, "account": "paper"}
        if kind == "open":
            opens = [[*bar[:4], bar[7]] for bar in bars_at(seed, hour + 1)]
            request = {"verb": "publish_open", "opens": opens}
        elif kind == "bar" or step < 2:
            hour += 1
            bars = bars_at(seed, hour)
            request = {"verb": "publish", "now_ns": (hour + 1) * HOUR, "bars": bars}
        elif kind == "submit":
            price = f"{rng.randrange(9_000, 11_000) / 100:.2f}"
            order_type = rng.choice(["market", "limit", "stop"])
            request |= {
                "client_id": f"o{step}",
                "symbol": rng.choice(["AAA", "BBB"]),
                "side": rng.choice(["buy", "sell"]),
                "type": order_type,
                "quantity": f"{rng.randrange(1, 90_000) / 1000}",
                "reduce_only": rng.random() < 0.3,
                "limit_price": price if order_type == "limit" else None,
                "stop_price": price if order_type == "stop" else None,
                "time_in_force": rng.choice(["bar", "day", "gtc"]),
            }
        elif kind in ("cancel", "query"):
            request["client_id"] = f"o{rng.randrange(step + 1)}"
        elif kind == "poll":
            request["cursor"] = rng.randrange(10)
        elif kind == "move_cash":
            request |= {"request_id": f"m{step}", "amount": str(rng.randrange(-500, 500))}
        requests.append(request)
    return [frame({"id": str(number), **request})[:-1] for number, request in enumerate(requests)]


@pytest.mark.parametrize("seed", range(4))
def test_reopening_after_every_message_changes_no_answer(tmp_path: Path, seed: int) -> None:
    store, desk = open_store(tmp_path / "steady.db")
    other, again = open_store(tmp_path / "reopened.db")
    executions = 0
    for number, line in enumerate(story(seed, 150)):
        expected = desk.handle(line, role="")
        store.save(desk)
        found = again.handle(line, role="")
        other.save(again)
        other.close()
        other, again = open_store(tmp_path / "reopened.db")
        executions = len(again.matching.log)

        assert found == expected, number
    assert again.seen == desk.seen
    assert again.matching.log == desk.matching.log
    assert executions > 5
    store.close()
    other.close()


def test_a_store_of_version_1_is_taken_over_as_it_was(tmp_path: Path) -> None:
    """Version 1 knew no opens; what it had is kept, and told in two phases from then on."""
    store, desk = open_store(tmp_path / "venue.db")
    for line in told_at_once(story(1, 60)):
        desk.handle(line, role="")
        store.save(desk)
    store.close()
    events, account = list(desk.matching.log), desk.matching.account()
    hour = desk.matching.close_ns[0] // HOUR
    with contextlib.closing(sqlite3.connect(tmp_path / "venue.db")) as db:
        for name in ("opened_close_ns", "opened_number", "opened_lots"):
            db.execute(f"ALTER TABLE holding DROP COLUMN {name}")
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
        db.commit()
    store, desk = open_store(tmp_path / "venue.db")

    assert desk.matching.log == events
    assert desk.matching.account() == account
    row = BarRow(0, 10_000, 10_000, 10_000, 10_000, 9e3, 0)
    assert not desk.matching.on_open(row, (hour - 1) * HOUR, hour * HOUR)
    assert desk.matching.on_open(row, hour * HOUR, (hour + 1) * HOUR)
    store.save(desk)
    store.close()
    store, desk = open_store(tmp_path / "venue.db")

    assert not desk.matching.on_open(row, hour * HOUR, (hour + 1) * HOUR)
    store.close()


def told_at_once(lines: list[bytes]) -> list[bytes]:
    """Leave the opens out of a story."""
    return [line for line in lines if b"publish_open" not in line]


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    store, _ = open_store(tmp_path / "venue.db")
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "venue.db")) as db:
        db.execute("UPDATE meta SET value = '3' WHERE key = 'schema'")
        db.commit()
    store = Store(tmp_path / "venue.db")
    with pytest.raises(DataError, match=r"expected schema 2 .* found 3"):
        store.open_desk(
            FaultPlan(), VenueSettings(), account="paper", currency="USD", cash=Decimal(0)
        )
    store.close()


def test_what_was_not_saved_never_happened(tmp_path: Path) -> None:
    store, desk = open_store(tmp_path / "venue.db")
    lines = story(1, 40)
    for line in lines[:20]:
        desk.handle(line, role="")
        store.save(desk)
    events, cash = list(desk.matching.log), desk.matching.account().cash
    for line in lines[20:]:
        desk.handle(line, role="")
    store.close()
    store, desk = open_store(tmp_path / "venue.db")

    assert desk.matching.log == events
    assert desk.matching.account().cash == cash
    store.close()


def test_a_store_of_another_account_is_refused(tmp_path: Path) -> None:
    store, _ = open_store(tmp_path / "venue.db")
    store.close()
    store = Store(tmp_path / "venue.db")
    with pytest.raises(DataError, match=r"expected account live .* found paper"):
        store.open_desk(
            FaultPlan(), VenueSettings(), account="live", currency="USD", cash=Decimal(0)
        )
    store.close()


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "venue.db").write_bytes(b"not a database, but long enough to be taken for one" * 50)

    with pytest.raises(DataError, match="move the file away"):
        Store(tmp_path / "venue.db")
