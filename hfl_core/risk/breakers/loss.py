"""Loss: equity with open positions that falls fast.

    value = highest equity of the last rapid_loss_minutes - equity now
    limit = that highest equity x rapid_loss_fraction_max
    scope   the account               does     halt: a stop like that of a loss limit, entries
                                               cancelled, exits and protective stops go on
    re-arm  a human resumes when the day is over (on recorded data: the next-period policy); the
            highest equity is then looked for afresh

Deposits and withdrawals move what it compares with. Integer money, exact. Worked example: 10,000
twenty minutes ago, fraction 0.015, window 60 minutes: at 9,850 it trips, a cent above it does not.
Knows nothing of calendar periods; see rules/daily_loss.py.
"""

from collections import deque
from typing import Final

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.context import share

NAME: Final = "rapid_loss"
MINUTE_NS: Final = 60_000_000_000


class Peaks:
    """The highest equity within a window, as a falling row of (time, equity). Money units."""

    __slots__ = ("row",)

    def __init__(self) -> None:
        self.row: deque[tuple[int, int]] = deque()

    def push(self, time_ns: int, equity: int, *, window_ns: int) -> int:
        """Take equity at a time in; return the highest of the window."""
        row = self.row
        while row and row[-1][1] <= equity:
            row.pop()
        row.append((time_ns, equity))
        while row[0][0] < time_ns - window_ns:
            row.popleft()
        return row[0][1]

    def shift(self, amount: int) -> None:
        """Neutralise a deposit or withdrawal."""
        self.row = deque((time_ns, equity + amount) for time_ns, equity in self.row)


def allowed(peak: int, limits: RiskLimits) -> int:
    """Return the fall from a peak at which the breaker trips, in money units."""
    return share(peak, limits.rapid_loss_fraction_max)
