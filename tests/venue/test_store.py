"""What was saved comes back whole.

A venue loaded after every message behaves like one that never stopped.
"""

import random
from decimal import Decimal
from pathlib import Path

import pytest

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
        if kind == "bar" or step < 2:
            hour += 1
            bars = []
            for name in ("AAA", "BBB"):
                low, opened, close, high = sorted(rng.randrange(9_000, 11_000) for _ in range(4))
                prices = [f"{ticks / 100:.2f}" for ticks in (opened, high, low, close)]
                bars.append(
                    [name, hour * HOUR, (hour + 1) * HOUR, *prices, rng.choice([0.0, 40.0, 9e3])]
                )
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
