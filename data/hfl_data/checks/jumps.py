"""Large moves from close to close that neither a split nor a spike explains."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.moves import JUMP, MovesOf, jump_floor
from hfl_data.inspection.subject import Subject

VIEW: Final = View.BARS
JUMPED: Final = Code(
    name="jump",
    severity=Severity.WARNING,
    what="the price moved from close to close as rarely one does (5 % in forex, 35 % in a day, "
    "20 % in any other bar)",
    remedy="Look it up or name a second source (--against): a crash is real, a wrong level is not.",
)
CODES: Final = (JUMPED,)


class Jumps:
    """Takes the moves that fit no other drawer."""

    def __init__(self, subject: Subject) -> None:
        self._floor = jump_floor(subject)
        self._moves = MovesOf.shared(subject)
        self._found = Tally(JUMPED)

    def look(self, block: Block) -> None:
        """Judge the block's moves."""
        moves = self._moves(block)
        chosen = moves.kind == JUMP
        if chosen.any():
            found = block.columns.taken(moves.at[chosen])
            before = moves.before[chosen]
            values = {"before": before, "close": found.close, "move": found.close / before - 1.0}
            self._found.add(Hits(found.row, found.time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        moves = [dict(place.values)["move"] for place in self._found.places]
        largest = max(moves, key=abs, default=np.nan)
        return self._found.finding(
            f"{self._found.count} moves beyond {self._floor:.0%}, the largest {largest:+.0%}"
        )


open_check = Jumps
