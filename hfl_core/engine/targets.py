"""Where a position's profit is taken. Pure; knows nothing of orders or of the book.

The target is asked of the strategy whenever a protective order is made: it follows from the average
entry and the stop, which the book keeps, so nothing has to be remembered, and a restart finds the
same.
"""

import math
from decimal import Decimal

from hfl_core.engine.book_records import PositionRecord
from hfl_core.engine.decider import Lane

# Shares of a tick below this are the rounding of a price to a float.
SLACK = 1e-6


def target_price(lane: Lane | None, position: PositionRecord) -> Decimal | None:
    """Return the target of a position in whole ticks, rounded away from the entry; None if none.

    What is no price on the profit's side of the stop is no target: the stop stands alone.
    """
    if lane is None or lane.target is None or position.stop_price is None:
        return None
    side = 1 if position.quantity > 0 else -1
    found = lane.target(float(position.price), float(position.stop_price)) / lane.tick
    if not math.isfinite(found):
        return None
    ticks = math.ceil(found - SLACK) if side > 0 else math.floor(found + SLACK)
    price = ticks * lane.instrument.tick
    return price if ticks > 0 and (price - position.stop_price) * side > 0 else None
