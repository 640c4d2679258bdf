"""The state machine that all circuit breakers share: armed, tripped, armed again. Pure.

    armed    --loud-->  tripped      a reading beyond its limit
    tripped  --loud-->  tripped      and the count of calm bars begins anew
    tripped  --calm-->  armed        enough calm bars, or the time is over

Knows nothing of what is measured; see the files of hfl_core.risk.breakers.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

ARMED: Final = "armed"
TRIPPED: Final = "tripped"
REFUSE: Final = "refuse"
REDUCE_ONLY: Final = "reduce_only"
# The symbol of a breaker that stands for the whole account.
ACCOUNT: Final = ""


class Reading(NamedTuple):
    """One measurement: in words, how much, and from where on it is too much."""

    what: str
    value: float
    limit: float

    @property
    def is_beyond(self) -> bool:
        """Tell whether it is too much; what is no number is."""
        return not self.value <= self.limit

    @property
    def sentence(self) -> str:
        """Say it in words."""
        return f"{self.value:.4g} {self.what}, limit {self.limit:.4g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A breaker's name, and its bit among the loud ones of a market (0: it has none)."""

    name: str
    bit: int


def moved(state: str, *, is_loud: bool, is_over: bool) -> str:
    """Return the state after one look. is_over: long enough calm, or the time has come."""
    if is_loud:
        return TRIPPED
    if state == TRIPPED and is_over:
        return ARMED
    return state
