"""Values of the domain: ids, instruments, bars, orders, errors and events keep their promises."""

import copy
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import effects, errors, events, ids, opinions
from hfl_core.domain.bars import FLAG_NAMES, flag_names
from hfl_core.domain.instruments import AssetClass, Instrument, timeframe
from hfl_core.domain.orders import TERMINAL, OrderIntent, OrderStatus, OrderType, Purpose, Side
from hfl_core.domain.values import Value, field_names, with_changes
from tests.engine.kit import instrument, limits

D = Decimal


def values_below(kind: type[Value]) -> list[type[Value]]:
    """Return every class of values that has fields and takes any text for them."""
    found = [value for child in kind.__subclasses__() for value in values_below(child)]
    is_plain = bool(field_names(kind)) and not hasattr(kind, "__post_init__")
    return [kind, *found] if is_plain and kind.__module__.startswith("hfl_core.") else found


VALUES = sorted(values_below(Value), key=lambda kind: kind.__name__)


def made(**changes: object) -> str:
    plain: dict[str, object] = {
        "mode": "paper",
        "journal_id": "abc123",
        "number": 7,
        "anchor": bytes(32),
        "intent": b"x",
    }
    return ids.client_order_id(**(plain | changes))  # type: ignore[arg-type]


@given(st.integers(0, 36**8 - 1), st.binary(min_size=32, max_size=32), st.binary())
def test_a_client_id_fits_every_venue_and_is_known_as_ours(number, anchor, intent):
    client_id = made(number=number, anchor=anchor, intent=intent)

    assert re.fullmatch(r"[a-z0-9]{29}", client_id)
    assert ids.is_ours(client_id, mode="paper", journal_id="abc123")
    assert client_id == made(number=number, anchor=anchor, intent=intent)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "live"},
        {"number": 8},
        {"anchor": b"\1" * 32},
        {"intent": b"y"},
        {"journal_id": "zzzzzz"},
    ],
)
def test_whatever_differs_makes_another_id(changes):
    assert made(**changes) != made()


def test_ids_of_another_mode_or_journal_are_not_ours():
    assert not ids.is_ours(made(mode="live"), mode="paper", journal_id="abc123")
    assert not ids.is_ours(made(journal_id="zzzzzz"), mode="paper", journal_id="abc123")
    assert not ids.is_ours(made() + "x", mode="paper", journal_id="abc123")


@given(st.integers(0, 36**4 - 1))
def test_base36_reads_back(number):
    assert int(ids.base36(number, 4), 36) == number


@pytest.mark.parametrize("number", [-1, 36**4])
def test_base36_refuses_what_does_not_fit(number: int):
    with pytest.raises(ValueError, match="expected a number from 0"):
        ids.base36(number, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tick": D(0)}, "expected tick above zero"),
        ({"lot": D("NaN")}, "expected lot above zero"),
        ({"notional_min": D(-1)}, "expected notional_min of zero or more"),
        ({"margin_fraction": D(0)}, "expected margin_fraction above 0"),
        ({"margin_fraction": D("1.01")}, "expected margin_fraction above 0"),
        ({"tick": D("1E-7"), "lot": D("1E-6")}, "expected tick x lot of at least"),
    ],
)
def test_an_instrument_that_cannot_be_traded_is_refused(changes, message: str):
    with pytest.raises(ValueError, match=message):
        instrument(**changes)


def test_one_lot_gains_this_much_a_tick():
    btc = Instrument(
        symbol=ids.Symbol("BTC-USDT"),
        asset_class=AssetClass.CRYPTO,
        tick=D("0.01"),
        lot=D("0.00001"),
        notional_min=D(10),
        currency="USD",
    )

    assert btc.value_units == 10**5


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("1m", 60), ("15m", 900), ("4h", 14_400), ("1d", 86_400), ("1w", 604_800), ("1mo", 2_592_000)],
)
def test_a_timeframe_is_read(name: str, seconds: int):
    assert timeframe(name).nanoseconds == seconds * 10**9


@pytest.mark.parametrize("name", ["", "m", "0h", "1x", "-1d", "1.5h", "mo", "0mo", "h1"])
def test_what_is_no_timeframe_is_named(name: str):
    with pytest.raises(ValueError, match="expected a timeframe"):
        timeframe(name)


def test_flags_have_names_in_a_fixed_order():
    assert flag_names(0) == ()
    assert flag_names(15) == ("gap", "zero_volume", "stale", "spike")
    assert all(flag_names(bit) == (name,) for bit, name in FLAG_NAMES.items())


def test_sides_are_opposite():
    assert [(side.sign, side.opposite.sign) for side in Side] == [(1, -1), (-1, 1)]


def test_only_an_entry_may_raise_exposure():
    intents = {
        purpose: OrderIntent(
            symbol=ids.Symbol("A"),
            side=Side.BUY,
            type=OrderType.MARKET,
            purpose=purpose,
            quantity=D(1),
        ).is_reduce_only
        for purpose in Purpose
    }

    assert intents == {Purpose.ENTRY: False, Purpose.EXIT: True, Purpose.PROTECTION: True}


def test_terminal_statuses_are_statuses():
    assert {OrderStatus(name) for name in TERMINAL} < set(OrderStatus)
    assert "unknown" not in TERMINAL


def test_every_error_is_ours_and_a_brokers_says_how_far_it_got():
    assert issubclass(errors.TamperError, errors.JournalError)
    for name in (
        "ConfigError",
        "DataError",
        "JournalError",
        "BrokerError",
        "ModelError",
        "ControlError",
    ):
        assert issubclass(getattr(errors, name), errors.HflError)
    error = errors.BrokerError("no answer", reached=errors.Reached.UNKNOWN, code="timeout")

    assert (str(error), error.reached, error.code) == ("no answer", "unknown", "timeout")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_odd_float_is_journaled(value: float):
    with pytest.raises(ValueError, match="expected a finite number"):
        events.number_text(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_journaled_float_reads_back_exactly(value):
    assert float(events.number_text(value)) == value


def test_every_kind_of_value_is_looked_at_below():
    assert {*events.EVENT_TYPES, effects.SubmitOrder, OrderIntent, opinions.Opinion} <= {*VALUES}


def test_kinds_are_the_names_of_the_classes_and_unique():
    assert {kind.__name__: kind for kind in events.EVENT_TYPES} == events.EVENT_BY_KIND
    assert len(events.EVENT_BY_KIND) == len(events.EVENT_TYPES)


@pytest.mark.parametrize("kind", events.EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_an_event_is_a_frozen_value_with_a_meaning(kind: type[events.Event]):
    assert kind.__struct_config__.frozen
    assert kind.__doc__
    assert kind.VERSION >= 1
    assert set(kind.__annotations__) >= set(field_names(kind))
    assert all("float" not in str(kind.__annotations__[name]) for name in field_names(kind))


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_is_compared_by_content_and_copied_with_changes(kind):
    blank = dict.fromkeys(field_names(kind), "x")
    value = kind(**blank)
    name = field_names(kind)[0]
    other = with_changes(value, **{name: "y"})

    assert value == kind(**blank)
    assert hash(value) == hash(kind(**blank))
    assert value != other
    assert kind(**{**blank, name: "y"}) == other
    assert copy.deepcopy(value) == value


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_cannot_be_changed_once_it_is_made(kind):
    name = field_names(kind)[0]
    value = kind(**dict.fromkeys(field_names(kind), "x"))

    for change in (
        lambda: setattr(value, name, "y"),
        lambda: object.__setattr__(value, name, "y"),
        lambda: setattr(value, "surplus", "y"),
        lambda: delattr(value, name),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert getattr(value, name) == "x"


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_is_made_by_keyword_from_exactly_its_fields(kind):
    names = field_names(kind)
    blank = dict.fromkeys(names, "x")

    for wrong in (
        lambda: kind("x"),
        lambda: kind(**blank, surplus="x"),
        lambda: kind(**dict.fromkeys(names[1:], "x")),
    ):
        with pytest.raises(TypeError, match=r"argument"):
            wrong()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"daily_loss_fraction_max": D("NaN")}, "expected daily_loss_fraction_max above 0"),
        ({"drawdown_fraction_max": D("1.1")}, "expected drawdown_fraction_max above 0"),
        ({"positions_max": 0}, "expected positions_max from 1"),
        ({"positions_max": True}, "expected positions_max from 1"),
        ({"risk_per_trade_fraction": D("0.03")}, "of at most risk_per_trade_fraction_max"),
        ({"risk_per_trade_fraction_max": D("0.2")}, "of at most open_risk_fraction_max"),
        ({"atr_stop_multiple": 2.0}, "expected atr_stop_multiple as an exact Decimal"),
        ({"profile": ""}, "expected a name for profile"),
    ],
)
def test_limits_out_of_their_range_are_refused(changes, message: str):
    with pytest.raises(ValueError, match=message):
        limits(**changes)
