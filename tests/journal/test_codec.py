"""Events become canonical JSON and come back as they were."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderReport, OrderStatus, PositionReport, Side
from hfl_core.domain.values import Value, field_names, with_changes
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_journal import codec

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@pytest.fixture(scope="module", autouse=True)
def values_that_can_stand_in_a_journal():
    st.register_type_strategy(str, TEXTS)
    st.register_type_strategy(int, INTS)
    st.register_type_strategy(Decimal, DECIMALS)


def canonical(value: Any) -> Any:
    """What equals the value and writes its Decimals plainly, made by the domain's own `plain`."""
    if isinstance(value, Decimal):
        return Decimal(plain(value))
    if isinstance(value, tuple):
        return tuple(canonical(item) for item in value)
    if isinstance(value, Value):
        fields = {name: canonical(getattr(value, name)) for name in field_names(type(value))}
        return with_changes(value, **fields)
    return value


@pytest.mark.parametrize("cls", ev.EVENT_TYPES, ids=lambda cls: cls.__name__)
def test_every_kind_comes_back_equal_from_canonical_bytes(cls):
    # Drawn in the body: the strategies for text and numbers are registered by then.
    @given(st.data())
    def holds(data):
        event = data.draw(st.from_type(cls))
        encoded = codec.encode_event(event)
        body = b'{"data":' + encoded.data + b',"env":{}}'
        parsed = json.loads(encoded.data, parse_float=pytest.fail, parse_constant=pytest.fail)
        again = json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

        assert again.encode() == encoded.data
        back = codec.decode_event(cls.__name__, cls.VERSION, body)
        assert back == event
        assert repr(back) == repr(canonical(event))

    holds()


@pytest.mark.parametrize(
    "event",
    [
        ev.CashMoved(request_id="q", amount=Decimal("NaN")),
        ev.CashMoved(request_id="q", amount=Decimal("-Infinity")),
        ev.CashMoved(request_id="q", amount=1.5),  # type: ignore[arg-type]
        ev.CashMoved(request_id="q", amount=float("nan")),  # type: ignore[arg-type]
        ev.CashMoved(request_id=7, amount=Decimal(1)),  # type: ignore[arg-type]
        ev.CashMoved(request_id="\ud800", amount=Decimal(1)),
        ev.TimePassed(due_ns=2.0),  # type: ignore[arg-type]
        ev.TimePassed(due_ns=True),
        ev.Resumed(latch_ids=("a", float("nan")), actor="x", reason="y"),  # type: ignore[arg-type]
        ev.Resumed(latch_ids=["a"], actor="x", reason="y"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_would_not_read_back_is_refused(event):
    with pytest.raises(JournalError, match="expected"):
        codec.encode_event(event)


def test_a_refused_value_is_refused_again_after_a_good_one_of_the_same_types():
    codec.encode_event(ev.CashMoved(request_id="q", amount=Decimal("1.50")))

    with pytest.raises(JournalError):
        codec.encode_event(ev.CashMoved(request_id="q", amount=Decimal("NaN")))
    encoded = codec.encode_event(ev.CashMoved(request_id="q", amount=Decimal("1E+3")))
    assert encoded.data == b'{"amount":"1000","request_id":"q"}'


def test_values_that_came_before_do_not_vouch_for_others():
    good = (("day", Decimal(5)), ("week", Decimal(6)))
    scans = ev.ScansCoalesced(
        dataset_id="d", cursor_from=0, cursor_to=1, slot_first_ns=1, slot_last_ns=1, scans=1,
        counts=(("NO_SETUP", 1),), digest="", equity=Decimal(5), high_water_mark=Decimal(6),
        anchors=good,
    )  # fmt: skip
    data = codec.encode_event(scans).data
    for odd in (Decimal("NaN"), 1.5):
        with pytest.raises(JournalError):
            codec.encode_event(with_changes(scans, anchors=(good[0], ("week", odd))))
    untidy = with_changes(scans, anchors=(good[0], ("week", Decimal("6.00"))))

    assert codec.encode_event(untidy).data == data
    assert codec.encode_event(scans).data == data


def test_a_move_is_written_as_it_is_however_many_came_before():
    for number in range(2 * codec.CONSTANTS_MAX):
        move = ev.Transitioned(trigger=f"t{number}", source="idle", target="halted", reason="")
        first, again = codec.encode_event(move).data, codec.encode_event(move).data

        assert first == again
        assert codec.decode_event("Transitioned", 1, b'{"data":' + first + b"}") == move


def test_decimals_inside_reports_are_written_plainly():
    report = OrderReport(
        client_id=ClientOrderId("c"), venue_id=VenueOrderId("v"), symbol=Symbol("S"),
        side=Side.BUY, status=OrderStatus.WORKING,
        quantity=Decimal("1.0"), filled=Decimal("-0"), fills=(), text="",
    )  # fmt: skip
    position = PositionReport(symbol=Symbol("S"), quantity=Decimal("1E+1"), price=Decimal("2.50"))
    event = ev.OrderQueried(
        client_id="c", attempt=1, failed="", report=report, positions=(position,)
    )

    data = json.loads(codec.encode_event(event).data)
    assert data["report"]["quantity"] == "1"
    assert data["report"]["filled"] == "0"
    assert data["positions"][0] == {"price": "2.5", "quantity": "10", "symbol": "S"}


def test_a_rule_verdict_keeps_its_enum_as_text():
    rule = RuleVerdict(
        rule="daily_loss", outcome=Outcome.REFUSE, value="1", limit="2", headroom="1", unit="EUR"
    )
    event = ev.RiskAssessed(
        decision=1, symbol="S", allowed=False, reason="RISK_DAILY_LOSS", quantity=Decimal(0),
        sizing=(), rules=(rule,), limits_hash="", intent_hash="",
    )  # fmt: skip

    assert json.loads(codec.encode_event(event).data)["rules"][0]["outcome"] == "refuse"


def test_a_class_outside_the_union_is_refused():
    class Smuggled(ev.Event, frozen=True, kw_only=True):
        text: str

    with pytest.raises(JournalError, match="Smuggled"):
        codec.encode_event(Smuggled(text="x"))


def test_unknown_kinds_and_newer_versions_are_refused_with_a_sentence():
    with pytest.raises(JournalError, match="'Guessed'"):
        codec.decode_event("Guessed", 1, b'{"data":{}}')
    with pytest.raises(JournalError, match="version 2"):
        codec.decode_event("TimePassed", 2, b'{"data":{"due_ns":1}}')
    with pytest.raises(JournalError, match="does not fit"):
        codec.decode_event("TimePassed", 1, b'{"data":{"due":1}}')


def test_an_older_version_is_upcast_step_by_step(monkeypatch):
    monkeypatch.setattr(ev.TimePassed, "VERSION", 3)
    monkeypatch.setattr(codec, "_DECODERS", {})
    monkeypatch.setitem(codec.UPCASTERS, ("TimePassed", 1), lambda d: {"due_s": d["due"]})
    monkeypatch.setitem(
        codec.UPCASTERS, ("TimePassed", 2), lambda d: {"due_ns": d["due_s"] * 1_000_000_000}
    )

    event = codec.decode_event("TimePassed", 1, b'{"data":{"due":5},"env":{}}')
    assert event == ev.TimePassed(due_ns=5_000_000_000)


def test_a_gap_in_the_upcasters_is_refused(monkeypatch):
    monkeypatch.setattr(ev.TimePassed, "VERSION", 3)
    monkeypatch.setattr(codec, "_DECODERS", {})
    monkeypatch.setitem(codec.UPCASTERS, ("TimePassed", 1), lambda d: d)

    with pytest.raises(JournalError, match="upcaster"):
        codec.decode_event("TimePassed", 1, b'{"data":{"due_ns":5},"env":{}}')


@given(actor=TEXTS, run_id=TEXTS)
def test_the_envelope_is_canonical_whatever_the_actor_is_called(actor, run_id):
    template = codec.envelope_template(kind="TimePassed", version=1, run_id=run_id, actor=actor)
    body = b'{"data":{}' + template % (1, 2, 3, 4, 5, 6)
    parsed = json.loads(body)
    again = json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert again.encode() == body
    assert parsed["env"] == {
        "actor": actor, "boot_ns": 1, "cause_seq": 2, "kind": "TimePassed", "mono_ns": 3,
        "run_id": run_id, "seq": 4, "time_ns": 5, "version": 1, "wall_ns": 6,
    }  # fmt: skip
