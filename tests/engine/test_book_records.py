"""The records of the book: what is derived from them is never stored."""

import pytest

from hfl_core.domain.orders import TERMINAL, OrderStatus
from hfl_core.engine.book_records import LatchRecord, PositionRecord
from tests.engine.kit import D
from tests.engine.test_book import told, working


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_order_is_live_until_it_ended(status: OrderStatus):
    order = working(told())
    order.status = status

    assert order.is_live == (status.value not in TERMINAL)


def test_what_remains_is_the_intent_minus_the_fills():
    order = working(told(), quantity=10)
    order.filled = D("3.5")

    assert order.remaining == D("6.5")


def position(**changes: object) -> PositionRecord:
    plain = PositionRecord(
        symbol="AAA", quantity=D(1), price=D(100), trade=1, decision=1, opened_ns=1
    )
    for name, value in changes.items():
        setattr(plain, name, value)
    return plain


@pytest.mark.parametrize(
    ("changes", "is_waiting"),
    [
        ({}, False),
        ({"exit_reason": "signal"}, True),
        ({"failures": 1}, True),
        ({"protection_failures": 1}, True),
        ({"failed_ns": 5, "stop_due_ns": 5, "realised": D(5)}, False),
    ],
)
def test_a_position_waits_while_something_about_its_end_is_to_be_tried_again(changes, is_waiting):
    assert position(**changes).is_waiting is is_waiting


def test_a_new_position_has_no_past():
    fresh = position()

    assert (fresh.fees, fresh.realised, fresh.stop_price, fresh.stop_due_ns) == (0, 0, None, 0)
    assert (fresh.exit_reason, fresh.exit_decision) == ("", 0)
    assert (fresh.failures, fresh.failed_ns) == (0, 0)
    assert (fresh.protection_failures, fresh.protection_failed_ns) == (0, 0)


def test_a_stop_that_no_limit_made_has_no_period():
    stop = LatchRecord(latch_id="k", level="kill", reason="", actor="human", since_ns=1)

    assert (stop.limit, stop.period_end_ns) == ("", 0)
