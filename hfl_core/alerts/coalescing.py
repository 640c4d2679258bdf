"""The same alert again within a minute is counted, and told once when the minute is over. Pure."""

from typing import Final

from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.values import with_changes

MINUTE_S: Final = 60.0
KEYS_MAX: Final = 256


class Coalescer:
    """Decides what is told now; time arrives as data, in seconds that never step back."""

    def __init__(self) -> None:
        # alert -> when its minute is over, and how many more came; in the order of their minutes.
        self._open: dict[RaiseAlert, tuple[float, int]] = {}

    def take(self, alert: RaiseAlert, now_s: float) -> tuple[RaiseAlert, ...]:
        """Return what to tell: counts that are due, then the alert itself unless it is a repeat."""
        told = self.due(now_s)
        if alert in self._open:
            until_s, more = self._open[alert]
            self._open[alert] = (until_s, more + 1)
            return told
        if len(self._open) >= KEYS_MAX:
            oldest = next(iter(self._open))
            told += _counted(oldest, self._open.pop(oldest)[1])
        self._open[alert] = (now_s + MINUTE_S, 0)
        return (*told, alert)

    def due(self, now_s: float) -> tuple[RaiseAlert, ...]:
        """Return the counts of the minutes that are over."""
        over = [alert for alert, (until_s, _) in self._open.items() if until_s <= now_s]
        return tuple(each for alert in over for each in _counted(alert, self._open.pop(alert)[1]))

    def rest(self) -> tuple[RaiseAlert, ...]:
        """Return the counts that are still open: the end."""
        return self.due(float("inf"))


def _counted(alert: RaiseAlert, more: int) -> tuple[RaiseAlert, ...]:
    if not more:
        return ()
    return (with_changes(alert, text=f"{alert.text} ({more} more within a minute)"),)
