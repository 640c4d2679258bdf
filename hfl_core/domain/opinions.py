"""What strategies and desks say: candidates, evidence, opinions.

Knows nothing of how they came about.
"""

from typing import Final, NamedTuple

from hfl_core.domain.ids import Symbol
from hfl_core.domain.values import Value

LONG: Final = 1
FLAT: Final = 0
SHORT: Final = -1


class Candidate(NamedTuple):
    """A stance that a strategy's cheap scan proposes.

    Direction is LONG, FLAT or SHORT; setup is its name in words.

    Strategies keep their candidates as module constants, so that a scan allocates nothing.
    """

    direction: int
    setup: str


class Evidence(Value, frozen=True, kw_only=True):
    """Why a candidate deserves an order.

    score: -1 (certainly down) to 1 (certainly up); confidence: 0 to 1; numbers: name and value of
    each figure behind it, as read at the bar's close; rationale: one sentence; stop_distance:
    suggested distance of the protective stop in price, 0 for none.
    """

    score: float
    confidence: float
    numbers: tuple[tuple[str, float], ...]
    rationale: str
    stop_distance: float = 0.0


class Opinion(Value, frozen=True, kw_only=True):
    """What a desk thinks of one instrument, with an expiry.

    score -1..1, confidence 0..1; source and version name who said it; evidence: hashes of the blobs
    it rests on; degraded: a fallback answered in place of the source.
    """

    symbol: Symbol
    desk: str
    source: str
    version: str
    score: float
    confidence: float
    rationale: str
    evidence: tuple[str, ...]
    made_ns: int
    valid_until_ns: int
    degraded: bool = False
