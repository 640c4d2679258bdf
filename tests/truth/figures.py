"""Trades and equity of a backtest case from its executions, and every figure of them."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.orders import Fill
from hfl_core.metrics.annual_return import annual_return
from hfl_core.metrics.average_drawdown import average_drawdown
from hfl_core.metrics.average_trade import average_trade
from hfl_core.metrics.best_trade import best_trade
from hfl_core.metrics.cagr import cagr
from hfl_core.metrics.compound_volatility import compound_volatility
from hfl_core.metrics.downside_risk import downside_risk
from hfl_core.metrics.drawdowns import drawdowns
from hfl_core.metrics.exposure import exposure
from hfl_core.metrics.geometric_mean_trade import geometric_mean_trade
from hfl_core.metrics.hit_rate import hit_rate
from hfl_core.metrics.kelly_criterion import kelly_criterion
from hfl_core.metrics.profit_factor import profit_factor
from hfl_core.metrics.system_quality_number import system_quality_number
from hfl_core.metrics.total_return import total_return
from hfl_core.metrics.worst_trade import worst_trade
from tests.truth.files import Array, Columns

DAY_NS: Final = 86_400_000_000_000
WEEKEND_SHARE: Final = 6 / 35
FIRST_TRADES: Final = 5


class Trade(NamedTuple):
    """One position from entry to exit; size negative for a short; rows of the table."""

    entry_row: int
    exit_row: int
    size: float
    entry_price: float
    exit_price: float
    fees: float

    @property
    def pnl(self) -> float:
        """Return the profit after both commissions."""
        return self.size * (self.exit_price - self.entry_price) - self.fees

    @property
    def ratio(self) -> float:
        """Return the profit as a share of what was traded at the entry."""
        return self.pnl / (abs(self.size) * self.entry_price)


def trades_of(table: Columns, fills: Sequence[Fill]) -> list[Trade]:
    """Return the trades: each entry with the exit that closes all of it."""
    found: list[Trade] = []
    for entry, close in zip(fills[::2], fills[1::2], strict=True):
        if entry.quantity != close.quantity or entry.side is close.side:
            raise ValueError(f"expected {close.client_id} to close what {entry.client_id} opened")
        found.append(
            Trade(
                entry_row=row_at(table, entry.at_ns),
                exit_row=row_at(table, close.at_ns),
                size=float(entry.quantity) * entry.side.sign,
                entry_price=float(entry.price),
                exit_price=float(close.price),
                fees=float(entry.fee + close.fee),
            )
        )
    return found


def row_at(table: Columns, at_ns: int) -> int:
    """Return the row whose bar an execution happened in."""
    return int(np.searchsorted(table.ts, at_ns, side="right")) - 1


def equity_of(table: Columns, fills: Sequence[Fill], *, start: float) -> Array:
    """Return cash and position at each close, after the executions of that bar."""
    size = len(table.ts)
    cash, held = np.full(size, start), np.zeros(size)
    for fill in fills:
        row = row_at(table, fill.at_ns)
        signed = float(fill.quantity) * fill.side.sign
        cash[row:] -= signed * float(fill.price) + float(fill.fee)
        held[row:] += signed
    return cash + held * table["close"]


def figures(
    table: Columns, fills: Sequence[Fill], *, start: float, slowest: int
) -> dict[str, object]:
    """Return every figure under both spellings of the truth files."""
    trades = trades_of(table, fills)
    equity = equity_of(table, fills, start=start)
    ratios, pnls = [each.ratio for each in trades], [each.pnl for each in trades]
    held = np.zeros(len(table.ts))
    for each in trades:
        held[each.entry_row : each.exit_row + 1] = 1.0
    depth = 100.0 * float(drawdowns(equity).min())
    days = float(table.ts[-1] - table.ts[0]) / DAY_NS
    gained = 100.0 * total_return([start, float(equity[-1])])
    found: dict[str, object] = {
        "trades": len(trades),
        "win_rate_pct": 100.0 * hit_rate(pnls),
        "final_equity": float(equity[-1]),
        "return_pct": gained,
        "max_drawdown_pct": depth,
        "profit_factor": profit_factor(ratios),
        "exposure_pct": 100.0 * exposure(held),
        "commissions": math.fsum(float(fill.fee) for fill in fills),
        "first_trades": [told(table, each) for each in trades[:FIRST_TRADES]],
        "Equity Peak [$]": float(equity.max()),
        "Avg. Trade [%]": 100.0 * geometric_mean_trade(ratios),
        "Best Trade [%]": 100.0 * best_trade(ratios),
        "Worst Trade [%]": 100.0 * worst_trade(ratios),
        "Expectancy [%]": 100.0 * average_trade(ratios),
        "Avg. Drawdown [%]": 100.0 * average_drawdown(equity),
        "SQN": system_quality_number(pnls),
        "Kelly Criterion": kelly_criterion(pnls),
        "CAGR [%]": 100.0 * cagr(start=start, end=float(equity[-1]), days=days),
        "Buy & Hold Return [%]": 100.0 * total_return(table["close"][slowest - 1 :]),
        **_annual(table, equity, depth=depth),
    }
    same = {
        "# Trades": "trades",
        "Win Rate [%]": "win_rate_pct",
        "Equity Final [$]": "final_equity",
        "Return [%]": "return_pct",
        "Max. Drawdown [%]": "max_drawdown_pct",
        "Profit Factor": "profit_factor",
        "Exposure Time [%]": "exposure_pct",
        "Sharpe Ratio": "sharpe",
    }
    return found | {name: found[other] for name, other in same.items()}


def _annual(table: Columns, equity: Array, *, depth: float) -> dict[str, object]:
    day = table.ts // DAY_NS
    is_last = np.append(day[1:] != day[:-1], True)
    closing = equity[is_last]
    daily = closing[1:] / closing[:-1] - 1.0
    # Day 0 of the epoch was a Thursday.
    is_weekend = (day + 3) % 7 >= 5
    periods = 365.0 if is_weekend.mean() > WEEKEND_SHARE else 252.0
    growth = annual_return(daily, periods_per_year=periods)
    spread = compound_volatility(daily, periods_per_year=periods)
    return {
        "sharpe": growth / spread,
        "Return (Ann.) [%]": 100.0 * growth,
        "Volatility (Ann.) [%]": 100.0 * spread,
        "Sortino Ratio": growth / downside_risk(daily, periods_per_year=periods),
        "Calmar Ratio": growth / abs(depth / 100.0),
    }


def told(table: Columns, trade: Trade) -> dict[str, object]:
    """Return a trade as the truth files tell it."""
    return {
        "entry": datetime.fromtimestamp(int(table.ts[trade.entry_row]) / 1e9, tz=UTC),
        "exit": datetime.fromtimestamp(int(table.ts[trade.exit_row]) / 1e9, tz=UTC),
        "size": trade.size,
        "entry_price": trade.entry_price,
        "exit_price": trade.exit_price,
        "pnl": trade.pnl,
    }
