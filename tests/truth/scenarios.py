"""The fill scenarios on the engine: signals at an open, a fixed stop and target, and their trades.

What a scenario needs beyond those is not built, and said.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np

from hfl_core.domain import events as ev
from hfl_core.domain.orders import Fill, Purpose
from tests.truth.backtests import OPEN_NS, journaled, slots_with_opens
from tests.truth.files import PRICES, Columns
from tests.truth.notbuilt import NotBuiltError
from tests.truth.strategies import Signalled, Signals

HOUR_NS: Final = 3_600_000_000_000
# Any hour: a scenario names none. 2020-01-01.
START_NS: Final = 1_577_836_800_000_000_000
CASH: Final = Decimal(1_000_000)
NOT_BUILT: Final = {
    "trailing_stop": "the engine trails no stop",
    "use_custom_stoploss": "the engine trails no stop",
    "custom_entry_price": "the engine enters at no limit price",
    "custom_exit_price": "the engine leaves at no limit price",
}
SIGNALS: Final = ("enter_long", "exit_long", "enter_short", "exit_short")


def scenario(
    inputs: Mapping[str, Any], _expected: Any, _tolerance: Mapping[str, Any], _root: Path
) -> dict[str, object]:
    """Return the trades of a scenario and what they made together."""
    rules = inputs["settings"]
    for name, missing in NOT_BUILT.items():
        if rules.get(name) not in (None, False):
            raise NotBuiltError(missing)
    if inputs.get("fee"):
        raise NotBuiltError("scenarios know no fee")
    columns, rows = inputs["columns"], inputs["rows"]
    bars = [dict(zip(columns, row, strict=True)) for row in rows]
    table = Columns({name: np.array([float(bar[name]) for bar in bars]) for name in PRICES})
    table.ts = START_NS + HOUR_NS * np.arange(len(bars), dtype=np.int64)
    strategy = Signalled(
        signals=tuple(Signals(*(bool(bar.get(name, 0)) for name in SIGNALS)) for bar in bars),
        start_ns=START_NS,
        step_ns=HOUR_NS,
        stop_fraction=abs(rules["stop_loss"]) / rules["leverage"],
        profit_fraction=least_roi(rules) / rules["leverage"],
        uses_exits=bool(rules["use_exit_signal"]),
    )
    events = journaled(
        slots_with_opens(table, HOUR_NS),
        strategy,
        cash=CASH,
        commission=Decimal(0),
        step_ns=OPEN_NS,
    )
    orders = {each.client_id: each for each in events if isinstance(each, ev.OrderIntended)}
    fills = [each.fill for each in events if isinstance(each, ev.Filled)]
    if len(fills) % 2:
        raise NotBuiltError("the engine closes nothing at the last bar's open in hindsight")
    trades: list[dict[str, object]] = []
    profit = 0.0
    for entry, leaving in zip(fills[::2], fills[1::2], strict=True):
        opened, closed = _row(entry), _row(leaving)
        profit += entry.side.sign * float(leaving.price / entry.price - 1) * rules["leverage"]
        trades.append(
            {
                "exit_reason": reason_of(orders[leaving.client_id], leaving),
                "open_tick": opened,
                "close_tick": closed,
                "enter_tag": bars[opened - 1].get("enter_tag"),
                "is_short": entry.side.sign < 0,
            }
        )
    return {"trades": trades, "total_profit_ratio": profit}


def _row(fill: Fill) -> int:
    return (fill.at_ns - START_NS - 1) // HOUR_NS


def least_roi(rules: Mapping[str, Any]) -> float:
    """Return the one profit that ends a trade at any age; infinite without a table."""
    table = dict(rules["roi"])
    if not table:
        return math.inf
    if set(table) != {"0"}:
        raise NotBuiltError("the engine's target does not change with the age of a position")
    return float(table["0"])


def reason_of(order: ev.OrderIntended, fill: Fill) -> str:
    """Return why a position was left, in the words of the scenarios."""
    if order.purpose is not Purpose.PROTECTION:
        return "exit_signal"
    target = order.limit_price
    is_roi = target is not None and (fill.price - target) * fill.side.sign <= 0
    return "roi" if is_roi else "stop_loss"
