"""The desk reads anything and answers only what it understood.

Every bad line leaves the account as it was.
"""

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.venue.desk import Desk
from hfl_core.venue.faults import FaultPlan
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import VenueSettings
from hfl_core.venue.protocol import BadRequestError, frame, instrument_record, unframe

HOUR = 3_600 * 1_000_000_000
SUBMIT = {
    "id": "1",
    "verb": "submit",
    "account": "paper",
    "client_id": "a",
    "symbol": "AAA",
    "side": "buy",
    "type": "market",
    "quantity": "1",
    "reduce_only": False,
    "limit_price": None,
    "stop_price": None,
    "time_in_force": "gtc",
}


def make_desk() -> Desk:
    matching = Matching(venue="paper", account="paper", settings=VenueSettings())
    matching.move_cash("opening", Decimal(10_000))
    desk = Desk(matching, FaultPlan(), currency="USD")
    instrument = Instrument(
        symbol=Symbol("AAA"),
        asset_class=AssetClass.CRYPTO,
        tick=Decimal("0.01"),
        lot=Decimal(1),
        notional_min=Decimal(0),
        currency="USD",
    )
    assert ask(desk, {"verb": "hello", "instruments": [instrument_record(instrument)]})["ok"]
    assert ask(desk, publication())["taken"] == 1
    return desk


def publication(number: int = 0, **changes: object) -> dict:
    bar = ["AAA", number * HOUR, (number + 1) * HOUR, "100", "101", "99", "100", 5000.0]
    return {"verb": "publish", "now_ns": (number + 1) * HOUR, "bars": [bar], **changes}


def ask(desk: Desk, request: dict, role: str = "") -> dict:
    reply = desk.handle(frame({"id": "1", **request})[:-1], role=role)
    assert reply.line is not None
    return unframe(reply.line[:-1])


def test_an_order_goes_through_the_wire_and_back() -> None:
    desk = make_desk()

    assert ask(desk, SUBMIT) == {"id": "1", "client_id": "a", "ok": True, "venue_id": "v1"}
    assert ask(desk, publication(1))["events_pending"] == 1
    (event,) = ask(desk, {"verb": "poll", "account": "paper", "cursor": 0})["events"]
    assert (event["kind"], event["price"], event["quantity"]) == ("fill", "100.02", "1")
    counts = ask(desk, {"verb": "counts"})
    assert counts["seen"] == {"a": [1, 1, 0]}
    assert counts["calls"] == {"submit": 1, "poll": 1}


def test_bars_sent_again_are_counted_out() -> None:
    desk = make_desk()

    assert ask(desk, publication())["taken"] == 0
    assert ask(desk, publication(1, now_ns=5))["clock_ns"] == 2 * HOUR


def opening(number: int, price: str = "101", volume: float = 5000.0) -> dict:
    bar = ["AAA", number * HOUR, (number + 1) * HOUR, price, volume]
    return {"verb": "publish_open", "opens": [bar]}


def test_an_open_fills_before_its_bar_is_told() -> None:
    desk = make_desk()
    ask(desk, SUBMIT)
    answer = ask(desk, opening(1))

    assert (answer["taken"], answer["clock_ns"], answer["events_pending"]) == (1, HOUR, 1)
    assert ask(desk, opening(1))["taken"] == 0
    (event,) = ask(desk, {"verb": "poll", "account": "paper", "cursor": 0})["events"]
    assert (event["at_ns"], event["price"]) == (HOUR, "101.03")  # 0.02 % of 101 is 0.0202, up
    answer = ask(desk, publication(1))
    assert (answer["taken"], answer["clock_ns"], answer["events_pending"]) == (1, 2 * HOUR, 1)


@pytest.mark.parametrize(
    "opened",
    [
        ["AAA", HOUR, 2 * HOUR, "-1", 1.0],
        ["AAA", HOUR, 2 * HOUR, "100.001", 1.0],
        ["AAA", HOUR, 2 * HOUR, "NaN", 1.0],
        ["AAA", 2 * HOUR, HOUR, "100", 1.0],
        ["AAA", HOUR, 2 * HOUR, "100", -1.0],
        ["BBB", HOUR, 2 * HOUR, "100", 1.0],
        # A whole bar is refused: an open may not carry what nobody knows yet.
        ["AAA", HOUR, 2 * HOUR, "100", "101", "99", "100", 1.0],
        "AAA",
    ],
)
def test_an_impossible_open_is_refused_whole(opened: object) -> None:
    desk = make_desk()
    ask(desk, SUBMIT)
    good = ["AAA", HOUR, 2 * HOUR, "100", 5000.0]
    answer = ask(desk, {"verb": "publish_open", "opens": [good, opened]})

    assert answer["code"] == "bad_request"
    assert desk.matching.log == []
    assert ask(desk, opening(1), role="broker")["code"] == "bad_request"


def test_a_connection_keeps_its_role() -> None:
    desk = make_desk()

    assert desk.handle(frame({"id": "1", **SUBMIT})[:-1], role="").role == "broker"
    assert ask(desk, publication(1), role="broker")["code"] == "bad_request"
    assert desk.matching.clock_ns == HOUR


VALUES: list[object] = [None, 5, [], {}, "", "NaN", True]
WRONG: list[tuple[str, object]] = [
    (name, value)
    for name in sorted(SUBMIT.keys() - {"limit_price", "stop_price"})
    for value in VALUES
    # These are as good as the right one.
    if (name, value) not in [("reduce_only", True), ("id", "NaN"), ("id", "")]
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_field_never_becomes_an_order(name: str, value: object) -> None:
    desk = make_desk()
    answer = ask(desk, {**SUBMIT, name: value})

    assert answer["ok"] is False
    assert desk.matching.orders == {}


@pytest.mark.parametrize(
    "bar",
    [
        ["AAA", HOUR, 2 * HOUR, "100", "99", "101", "100", 1.0],
        ["AAA", HOUR, 2 * HOUR, "100.001", "101", "99", "100", 1.0],
        ["AAA", HOUR, 2 * HOUR, "-1", "101", "-1", "100", 1.0],
        ["AAA", 2 * HOUR, HOUR, "100", "101", "99", "100", 1.0],
        ["AAA", HOUR, 2 * HOUR, "100", "101", "99", "100", -1.0],
        ["BBB", HOUR, 2 * HOUR, "100", "101", "99", "100", 1.0],
        ["AAA", HOUR, 2 * HOUR, "100"],
        "AAA",
    ],
)
def test_an_impossible_bar_is_refused_whole(bar: object) -> None:
    desk = make_desk()
    good = ["AAA", 3 * HOUR, 4 * HOUR, "100", "101", "99", "100", 1.0]

    assert ask(desk, publication(1, bars=[good, bar]))["code"] == "bad_request"
    assert desk.matching.clock_ns == HOUR


def test_an_order_in_another_currency_is_a_definite_no_but_its_market_may_be_watched() -> None:
    desk = make_desk()
    record = instrument_record(desk.matching.ledger.listings[0].instrument)
    listed = ask(
        desk, {"verb": "hello", "instruments": [{**record, "symbol": "EEE", "currency": "EUR"}]}
    )
    answer = ask(desk, {**SUBMIT, "symbol": "EEE"})

    assert listed["ok"] is True
    assert answer["code"] == "wrong_currency"


def test_another_account_is_a_definite_no() -> None:
    desk = make_desk()

    assert ask(desk, {**SUBMIT, "account": "live"})["code"] == "wrong_account"
    assert desk.matching.orders == {}


@given(st.binary(max_size=300))
def test_noise_is_answered_with_bad_request(line: bytes) -> None:
    reply = Desk(
        Matching(venue="v", account="a", settings=VenueSettings()), FaultPlan(), currency="USD"
    ).handle(line, role="")

    assert reply.line is not None
    assert unframe(reply.line[:-1])["code"] == "bad_request"


def test_a_changed_line_never_becomes_an_order() -> None:
    """2,000 requests with bytes changed, dropped or added: the checksum refuses each."""
    desk = make_desk()
    rng = random.Random(1)
    line = frame(SUBMIT)[:-1]
    for _ in range(2_000):
        changed = bytearray(line)
        spot = rng.randrange(len(changed))
        kind = rng.randrange(3)
        if kind == 0:
            changed[spot] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del changed[spot : spot + rng.randrange(1, 9)]
        else:
            changed[spot:spot] = rng.randbytes(rng.randrange(1, 9))
        desk.handle(bytes(changed), role="")

    assert desk.matching.orders == {}


def test_frames_hold_one_json_object() -> None:
    for text in (b"[]", b"3", b"", b'{"a":', b"\xff"):
        import hashlib

        line = hashlib.sha256(text).hexdigest()[:16].encode() + b" " + text
        with pytest.raises(BadRequestError):
            unframe(line)
    assert json.loads(frame({"a": "\n"}).partition(b" ")[2]) == {"a": "\n"}
    assert frame({"a": "\n"}).count(b"\n") == 1
