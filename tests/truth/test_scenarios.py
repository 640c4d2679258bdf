"""Scenarios of our own, worked out by hand: an entry, a stop, a signal, and what is not built."""

from pathlib import Path

import pytest

from tests.truth.notbuilt import NotBuiltError
from tests.truth.scenarios import scenario

RULES = {
    "stop_loss": -0.1,
    "roi": {},
    "trailing_stop": False,
    "use_exit_signal": True,
    "use_custom_stoploss": False,
    "custom_entry_price": None,
    "custom_exit_price": None,
    "leverage": 1.0,
}
COLUMNS = ["bar", "open", "high", "low", "close", "volume", *["el", "xl", "es", "xs"]]
NAMES = {"el": "enter_long", "xl": "exit_long", "es": "enter_short", "xs": "exit_short"}


def traded(*bars, **rules):
    """Run bars of (open, high, low, close, signal); a signal is one of the names above, or none."""
    rows = [
        [number, *bar[:4], 1, *(int(bar[4] == name) for name in NAMES)]
        for number, bar in enumerate(bars)
    ]
    inputs = {
        "columns": [NAMES.get(name, name) for name in COLUMNS],
        "rows": rows,
        "settings": RULES | rules,
        "fee": 0.0,
    }
    return scenario(inputs, None, {}, Path())


STILL = (100, 101, 99, 100, "")


def test_an_entry_and_an_exit_act_at_the_opens_after_their_signals():
    found = traded(
        (100, 101, 99, 100, "el"), (102, 104, 101, 103, "xl"), (105, 106, 104, 105, ""), STILL
    )

    (trade,) = found["trades"]
    assert (trade["open_tick"], trade["close_tick"], trade["exit_reason"]) == (1, 2, "exit_signal")
    assert found["total_profit_ratio"] == pytest.approx(105 / 102 - 1)


def test_the_stop_is_measured_from_the_fill_and_hit_in_the_entry_bar():
    found = traded((100, 101, 99, 100, "el"), (90, 91, 80, 85, ""), STILL, STILL)

    (trade,) = found["trades"]
    assert (trade["open_tick"], trade["close_tick"], trade["exit_reason"]) == (1, 1, "stop_loss")
    assert found["total_profit_ratio"] == pytest.approx(-0.1, abs=1e-6)


def test_an_open_beyond_the_stop_is_the_price():
    found = traded(
        (100, 101, 99, 100, "el"), (100, 101, 95, 96, ""), (80, 82, 78, 80, ""), STILL, STILL
    )

    assert found["total_profit_ratio"] == pytest.approx(-0.2)


def test_leverage_draws_the_stop_near_and_multiplies_the_outcome():
    found = traded(
        (100, 101, 99, 100, "es"),
        (100, 101, 99, 100, ""),
        (100, 103, 99, 100, ""),
        STILL,
        leverage=5.0,
    )

    (trade,) = found["trades"]
    assert trade["is_short"] is True
    assert found["total_profit_ratio"] == pytest.approx(-0.1, abs=1e-6)


def test_a_profit_is_taken_where_a_bar_exceeds_it_and_not_where_it_touches_it():
    entry, touched = (100, 101, 99, 100, "el"), (100, 102, 99, 101, "")
    found = traded(entry, touched, (101, 103, 100, 101, ""), STILL, roi={"0": 0.02})

    (trade,) = found["trades"]
    assert (trade["open_tick"], trade["close_tick"], trade["exit_reason"]) == (1, 2, "roi")
    assert found["total_profit_ratio"] == pytest.approx(0.02, abs=1e-9)


def test_a_bar_that_reaches_both_ends_at_the_stop():
    found = traded(
        (100, 101, 99, 100, "el"), (100, 120, 80, 101, ""), STILL, STILL, roi={"0": 0.02}
    )

    (trade,) = found["trades"]
    assert trade["exit_reason"] == "stop_loss"


def test_no_signal_makes_no_trade():
    assert traded(STILL, STILL, STILL) == {"trades": [], "total_profit_ratio": 0.0}


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ({"trailing_stop": True}, "trails no stop"),
        ({"use_custom_stoploss": True}, "trails no stop"),
        ({"custom_entry_price": 99}, "enters at no limit price"),
        ({"custom_exit_price": 99}, "leaves at no limit price"),
        ({"roi": {"0": 0.5, "60": 0.01}}, "target does not change with the age"),
        ({"use_exit_signal": False}, "closes nothing at the last bar's open"),
    ],
)
def test_what_the_engine_cannot_do_is_said(rules, missing):
    bars = [(100, 101, 99, 100, "el"), (100, 102, 99, 101, "xl"), STILL, STILL]

    with pytest.raises(NotBuiltError, match=missing):
        traded(*bars, **rules)
