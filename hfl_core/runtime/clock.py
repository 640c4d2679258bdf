"""The machine's clocks: the only place that reads them, and what to make of them when they jump."""

import time
from typing import Final, NamedTuple

from hfl_core.ports import Clock

# Beyond these a difference is no longer a clock being slewed or a loop being slow.
STEP_NS: Final = 2_000_000_000
SUSPEND_NS: Final = 2_000_000_000
STALL_NS: Final = 30_000_000_000


class MachineClock:
    """Wall, monotonic and boot clocks in nanoseconds; `boot` goes on while the machine sleeps."""

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970, UTC."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """Return nanoseconds of a clock that never steps back."""
        return time.monotonic_ns()

    def boot_ns(self) -> int:
        """Return nanoseconds since boot, sleep included."""
        boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime_ns(boot)


class VirtualClock:
    """A clock that a simulation sets; reading it never moves it."""

    __slots__ = ("now_ns",)

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def wall_ns(self) -> int:
        """Return the virtual time."""
        return self.now_ns

    def monotonic_ns(self) -> int:
        """Return the virtual time."""
        return self.now_ns

    def boot_ns(self) -> int:
        """Return the virtual time."""
        return self.now_ns


class ClockReading(NamedTuple):
    """The three clocks, read at one moment, in nanoseconds."""

    wall_ns: int
    mono_ns: int
    boot_ns: int


class ClockFinding(NamedTuple):
    """What is odd between two readings.

    kind: suspend, stall or wall_step; wall_jump_ns: what the wall gained on the time that passed,
    negative when it went back; text: for a human.
    """

    kind: str
    wall_jump_ns: int
    text: str


def read_clocks(clock: Clock) -> ClockReading:
    """Read the three clocks."""
    return ClockReading(clock.wall_ns(), clock.monotonic_ns(), clock.boot_ns())


class ClockWatch:
    """Compares each reading with the one before. Pure: readings arrive as data.

    A suspend is time that `boot` counted and `monotonic` did not; a stall is a loop that did not
    come by; a wall step is what the wall moved beyond the time since boot. Smaller differences are
    a clock being slewed.
    """

    def __init__(self, first: ClockReading) -> None:
        self._last = first

    def look(self, now: ClockReading, *, behind_ns: int = 0) -> tuple[ClockFinding, ...]:
        """Return what stepped since the last reading.

        behind_ns: how far the wall stands behind the journal's last row, which tells of a step
        back that happened while nobody looked.
        """
        last, self._last = self._last, now
        loop_ns = now.mono_ns - last.mono_ns
        asleep_ns = now.boot_ns - last.boot_ns - loop_ns
        jump_ns = now.wall_ns - last.wall_ns - (now.boot_ns - last.boot_ns)
        found = []
        if asleep_ns > SUSPEND_NS:
            text = f"the machine slept {asleep_ns / 1e9:.1f} s: everything known is that old"
            found.append(ClockFinding("suspend", jump_ns, text))
        if loop_ns > STALL_NS:
            text = f"the engine's thread stood still for {loop_ns / 1e9:.1f} s"
            found.append(ClockFinding("stall", jump_ns, text))
        if abs(jump_ns) > STEP_NS:
            text = f"the wall clock stepped by {jump_ns / 1e9:+.1f} s"
            found.append(ClockFinding("wall_step", jump_ns, text))
        elif behind_ns > STEP_NS:
            text = f"the wall clock stands {behind_ns / 1e9:.1f} s behind the journal's last row"
            found.append(ClockFinding("wall_step", -behind_ns, text))
        return tuple(found)
