"""The clocks: what is a step, a sleep or a stall, and what is only drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.runtime.clock import (
    ClockReading,
    ClockWatch,
    MachineClock,
    VirtualClock,
    read_clocks,
)

S = 1_000_000_000
START = ClockReading(1_700_000_000 * S, 50 * S, 60 * S)


def after(*, wall: float, mono: float, boot: float) -> ClockReading:
    return ClockReading(
        START.wall_ns + int(wall * S), START.mono_ns + int(mono * S), START.boot_ns + int(boot * S)
    )


def look(*, behind: float = 0, **moved: float) -> list[tuple[str, float]]:
    found = ClockWatch(START).look(after(**moved), behind_ns=int(behind * S))
    return [(one.kind, one.wall_jump_ns / S) for one in found]


@pytest.mark.parametrize(
    ("moved", "found"),
    [
        ({"wall": 1, "mono": 1, "boot": 1}, []),
        ({"wall": 2.9, "mono": 1, "boot": 1}, []),
        ({"wall": -0.9, "mono": 1, "boot": 1}, []),
        ({"wall": 3.1, "mono": 1, "boot": 1}, [("wall_step", 2.1)]),
        ({"wall": -3599, "mono": 1, "boot": 1}, [("wall_step", -3600)]),
        ({"wall": 601, "mono": 1, "boot": 601}, [("suspend", 0)]),
        ({"wall": 4, "mono": 1, "boot": 3.1}, [("suspend", 0.9)]),
        ({"wall": 3, "mono": 1, "boot": 3}, []),
        ({"wall": 1, "mono": 1, "boot": 601}, [("suspend", -600), ("wall_step", -600)]),
        ({"wall": 31, "mono": 31, "boot": 31}, [("stall", 0)]),
        ({"wall": 30, "mono": 30, "boot": 30}, []),
        ({"wall": 1, "mono": 1, "boot": 1, "behind": 3600}, [("wall_step", -3600)]),
        ({"wall": 1, "mono": 1, "boot": 1, "behind": 1.9}, []),
        ({"wall": -3599, "mono": 1, "boot": 1, "behind": 3600}, [("wall_step", -3600)]),
    ],
)
def test_what_is_found_between_two_readings(moved, found):
    assert look(**moved) == found


def test_a_step_is_found_once():
    watch = ClockWatch(START)
    first = watch.look(after(wall=100, mono=1, boot=1))
    second = watch.look(after(wall=101, mono=2, boot=2))

    assert ([one.kind for one in first], second) == (["wall_step"], ())


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(-1.9, 1.9)), max_size=30))
def test_short_loops_and_slewing_are_never_an_anomaly(loops):
    watch, wall, passed = ClockWatch(START), 0.0, 0.0
    for length, slewed in loops:
        passed += length
        wall += length + slewed
        assert watch.look(after(wall=wall, mono=passed, boot=passed)) == ()


@given(st.floats(2.001, 1e6), st.floats(0, 29))
def test_every_sleep_is_found(asleep, loop):
    moved = {"wall": loop + asleep, "mono": loop, "boot": loop + asleep}

    assert "suspend" in [kind for kind, _ in look(**moved)]


def test_a_finding_says_what_happened():
    (found,) = ClockWatch(START).look(after(wall=-9, mono=1, boot=1))

    assert found.text == "the wall clock stepped by -10.0 s"


def test_a_virtual_clock_stands_until_it_is_set():
    clock = VirtualClock(5)
    before = read_clocks(clock)
    clock.now_ns = 9

    assert (before, read_clocks(clock)) == (ClockReading(5, 5, 5), ClockReading(9, 9, 9))


@pytest.mark.process
def test_the_machines_clocks_go_on_and_agree():
    clock = MachineClock()
    watch = ClockWatch(read_clocks(clock))
    second = read_clocks(clock)

    assert second.boot_ns >= second.mono_ns
    assert watch.look(second) == ()
