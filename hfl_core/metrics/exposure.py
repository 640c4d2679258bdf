"""Share of the time in the market. Knows nothing of sizes."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, complete


def exposure(positions: Numbers) -> float:
    """Return the share of periods with a position other than zero, 0..1; NaN without periods.

    positions: (n,) what was held in each period, in any unit, negative when short.
    Raises DataError if one is missing or infinite.
    """
    held = complete("positions", positions)
    return float(np.mean(held != 0.0)) if len(held) else NAN
