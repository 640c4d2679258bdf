"""The names of a market's regimes. Knows nothing of how they are told apart.

UNKNOWN stands for too few days to tell.
"""

from typing import Final

BULL: Final = "bull"
BEAR: Final = "bear"
SIDEWAYS: Final = "sideways"
CRISIS: Final = "crisis"
UNKNOWN: Final = ""
NAMES: Final = (BULL, BEAR, SIDEWAYS, CRISIS)
