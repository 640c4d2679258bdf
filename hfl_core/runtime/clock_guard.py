"""Looks at the machine's clocks in every loop; after a jump the venue is asked first.

A machine that slept or stood still knows nothing newer than its last look: that is journaled, and
the whole account reconciled, before another bar is taken in.
"""

from collections.abc import Callable

from hfl_core.domain.effects import Effect, RaiseAlert
from hfl_core.ports import Clock
from hfl_core.runtime.clock import ClockFinding, ClockWatch, read_clocks
from hfl_core.runtime.runner import Runner


class ClockGuard:
    """Called on the engine's thread, between inputs.

    reconcile: asks the venue and takes in what it says; behind_ns: how far the wall stood behind
    the journal's last row when it was written.
    """

    def __init__(
        self,
        runner: Runner,
        clock: Clock,
        *,
        perform: Callable[[Effect], None],
        reconcile: Callable[[], None],
        behind_ns: Callable[[], int],
    ) -> None:
        self._runner = runner
        self._clock = clock
        self._perform = perform
        self._reconcile = reconcile
        self._behind_ns = behind_ns
        self._watch = ClockWatch(read_clocks(clock))
        self._found: list[ClockFinding] = []
        self._is_reacting = False

    def look(self) -> None:
        """Read the clocks; when they jumped, journal it and ask the venue."""
        self._found += self._watch.look(read_clocks(self._clock), behind_ns=self._behind_ns())
        if not self._found or self._is_reacting:
            return
        self._is_reacting = True
        try:
            while self._found:
                self._react()
        finally:
            self._is_reacting = False

    def _react(self) -> None:
        """Tell what was found; asking the venue may take a while, in which more can be found."""
        findings, self._found = self._found, []
        for finding in findings:
            self._runner.note_clock(finding)
            self._perform(RaiseAlert(level="warning", text=finding.text))
        self._reconcile()
