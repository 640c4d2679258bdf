"""The throttle counts sends in a sliding minute: of any kind, and of the same order again."""

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.gateway.throttle import MINUTE_NS, Throttle


def throttle(orders: int = 3, repeats: int = 2) -> Throttle:
    return Throttle(orders_per_minute_max=orders, repeats_per_minute_max=repeats)


def test_one_too_many_in_a_minute_waits():
    told = throttle(orders=2, repeats=9)
    for number in range(2):
        assert told.refusal(f"k{number}", 0) == ""
        told.note(f"k{number}", 0)

    assert told.refusal("k2", 1) == "expected at most 2 orders a minute, found one more"


def test_the_same_order_again_waits_earlier():
    told = throttle(orders=9, repeats=1)
    told.note("AAA buy 5", 0)

    assert (
        told.refusal("AAA buy 5", 1)
        == "expected at most 1 times AAA buy 5 a minute, found one more"
    )
    assert told.refusal("AAA buy 6", 1) == ""


def test_a_send_is_forgotten_exactly_after_its_minute():
    told = throttle(orders=1)
    told.note("k", 100)

    assert told.refusal("k", 100 + MINUTE_NS - 1) != ""
    assert told.refusal("k", 100 + MINUTE_NS) == ""


def test_what_was_refused_is_not_counted():
    told = throttle(orders=1)
    told.note("k", 0)
    for _ in range(5):
        told.refusal("k", 1)

    assert told.refusal("k", MINUTE_NS) == ""


@given(st.lists(st.tuples(st.integers(0, MINUTE_NS), st.sampled_from("abc")), max_size=40))
def test_no_minute_ever_holds_more_than_allowed(wishes):
    told, sent, now = throttle(orders=4, repeats=2), [], 0
    for wait, key in wishes:
        now += wait // 5
        if not told.refusal(key, now):
            told.note(key, now)
            sent.append((now, key))

    for start, _ in sent:
        window = [key for at, key in sent if start <= at < start + MINUTE_NS]

        assert len(window) <= 4
        assert all(window.count(key) <= 2 for key in window)
