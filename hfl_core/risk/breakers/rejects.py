"""Rejects: a venue that turns down order after order.

    value = rejections / answers, of the last 20 answers to orders (accepted or rejected)
    limit = reject_fraction_max, judged from 5 answers on
    scope   the account               does     refuse: no new exposure anywhere
    re-arm  after reject_pause_minutes; the answers are then counted afresh

Worked example: limit 0.5: three rejections of five answers trip, two do not. Exits and protective
stops go on, and their answers count too. Knows nothing of why an order was turned down.
"""

from collections.abc import Sequence
from typing import Final

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.breaking import Breaker, Reading

ANSWERS_KEPT: Final = 20
ANSWERS_MIN: Final = 5
BREAKER = Breaker(name="rejects", bit=0)


def read(answers: Sequence[int], limits: RiskLimits) -> Reading:
    """Return the share of rejections. answers: 1 for a rejection, 0 for an acceptance."""
    limit = float(limits.reject_fraction_max)
    value = sum(answers) / len(answers) if len(answers) >= ANSWERS_MIN else 0.0
    return Reading("of the last answers were rejections", value, limit)
