"""The machine's clocks: the only place that reads them."""

import time


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
