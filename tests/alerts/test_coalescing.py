"""Repeats within a minute are one alert and a count; nothing is lost in between."""

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.alerts.coalescing import KEYS_MAX, Coalescer
from hfl_core.domain.effects import RaiseAlert


def alert(text="disk full", level="warning"):
    return RaiseAlert(level=level, text=text)


def test_a_first_alert_is_told_at_once_and_its_repeats_are_not():
    coalescer = Coalescer()

    assert coalescer.take(alert(), 0) == (alert(),)
    assert coalescer.take(alert(), 59.9) == ()


def test_after_the_minute_the_count_is_told_and_a_new_minute_begins():
    coalescer = Coalescer()
    for second in (0, 1, 2):
        coalescer.take(alert(), second)

    assert coalescer.take(alert(), 60) == (alert("disk full (2 more within a minute)"), alert())


def test_a_minute_without_repeats_ends_in_silence():
    coalescer = Coalescer()
    coalescer.take(alert(), 0)

    assert coalescer.due(61) == ()


def test_another_level_is_another_alert():
    coalescer = Coalescer()
    coalescer.take(alert(), 0)

    assert coalescer.take(alert(level="critical"), 1) == (alert(level="critical"),)


def test_it_keeps_only_so_many_minutes_open():
    coalescer = Coalescer()
    coalescer.take(alert("first"), 0)
    coalescer.take(alert("first"), 0)
    told = [one for n in range(KEYS_MAX) for one in coalescer.take(alert(str(n)), 1)]

    assert alert("first (1 more within a minute)") in told
    assert len(told) == KEYS_MAX + 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50)), max_size=60))
def test_every_alert_is_told_or_counted(steps):
    coalescer, now = Coalescer(), 0.0
    told: list[RaiseAlert] = []
    for text, wait in steps:
        now += wait
        told += coalescer.take(alert(text), now)
    told += coalescer.rest()
    counts = [int(one.text.split("(")[1].split()[0]) if "(" in one.text else 1 for one in told]

    assert sum(counts) == len(steps)
