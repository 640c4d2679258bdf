"""Trades and decisions not to trade, a stretch of the journal at a time, from its end backwards.

A stretch lies between two snapshots: the ledger starts from the book of the one in front of it.
"""

import json
from decimal import Decimal
from typing import Final

from hfl.glance import Glance, Row
from hfl.trades import ALL_KINDS, Ledger, Trade
from hfl_core.domain.reasons import CORE_CODES, meaning_of
from hfl_tui.ports import Skip, TradePage, TradeRow

# A stretch holds at least so many rows, where the journal has them.
STRETCH_ROWS: Final = 3_000
STRETCH_ROWS_MAX: Final = 30_000
REFUSALS: Final = ("RiskAssessed", "SendRefused", "OrderRejected", "ScansCoalesced")
# Codes that stand for what was done, or for nothing that could have been done.
NOT_A_SKIP: Final = frozenset(
    {"ENTRY_INTENDED", "EXIT_INTENDED", "HOLDING", "NO_SETUP", "NO_DATA", "WARMING_UP"}
)


def page_before(journal: Glance, before_seq: int) -> TradePage:
    """Return the stretch in front of a row, 0 for the newest. Raises JournalError."""
    end = before_seq or journal.last_seq() + 1
    ledger, start = _ledger(journal, end)
    for row in journal.of(ALL_KINDS, after=start, to=end - 1):
        ledger.apply(row)
    # Without snapshots the fold begins at the first row; what is shown of it stays a stretch.
    start = max(start, end - 1 - STRETCH_ROWS_MAX)
    shown = [one for one in ledger.trades if one.last_seq > start or not one.closed_ns]
    trades = tuple(map(_trade, reversed(shown)))
    # Row by row: a verdict of all rules takes a hundred times the room of its line.
    told = [_skips(row, ledger) for row in journal.of(REFUSALS, after=start, to=end - 1)]
    skips = tuple(skip for found in reversed(told) for skip in found)
    return TradePage(trades=trades, skips=skips, before_seq=start + 1 if start else 0)


def _ledger(journal: Glance, end: int) -> tuple[Ledger, int]:
    """Return the ledger of the newest snapshot far enough in front of a row, and its row."""
    ledger = Ledger()
    snapshot = journal.newest("SnapshotTaken", max(1, end - STRETCH_ROWS))
    if end - (0 if snapshot is None else snapshot.seq) > STRETCH_ROWS_MAX:
        # That is too far back: a short stretch now is better than a long wait.
        snapshot = journal.newest("SnapshotTaken", end - 1) or snapshot
    if snapshot is None:
        return ledger, 0
    ledger.restore(json.loads(journal.blob(snapshot.data["blob"]))["book"])
    return ledger, snapshot.seq


def _trade(trade: Trade) -> TradeRow:
    opened, closed = abs(trade.opened_quantity), trade.closed_quantity
    ended = trade.exit_reason or ("protective stop" if trade.closed_ns else "")
    return TradeRow(
        number=trade.number,
        symbol=trade.symbol,
        side="long" if trade.is_long else "short",
        opened_ns=trade.opened_ns,
        closed_ns=trade.closed_ns,
        quantity=opened,
        entry=_rounded(abs(trade.opened_value) / opened) if opened else None,
        exit=_rounded(trade.closed_value / closed) if closed else None,
        profit=trade.profit,
        reason=ended,
        seq=trade.last_seq,
    )


def _rounded(value: Decimal) -> Decimal:
    return round(value, 8)


def _skips(row: Row, ledger: Ledger) -> list[Skip]:
    data = row.data
    if row.kind == "ScansCoalesced":
        return _passed_over(row)
    if row.kind == "RiskAssessed":
        if data["allowed"]:
            return []
        why = _why(data["reason"], data["rules"])
        return [_skip(row, data["symbol"], "refused", why)]
    order = ledger.orders.get(data["client_id"])
    symbol = "" if order is None else order.data["symbol"]
    if row.kind == "SendRefused":
        why, what = f"{data['check']}: {data['detail']}", "not sent"
    else:
        why, what = f"{data['code']}: {data['text']}", "rejected"
    return [
        Skip(
            seq=row.seq, time_ns=row.time_ns, symbol=symbol, what=what, why=why,
            ask=data["client_id"],
        )
    ]  # fmt: skip


def _why(reason: str, rules: list[dict[str, str]]) -> str:
    """Return every rule that refused, the reason's first."""
    refused = [rule["rule"] for rule in rules if rule["outcome"] == "refuse"]
    return f"{reason}" + (f" ({', '.join(refused)})" if len(refused) > 1 else "")


def _skip(row: Row, symbol: str, what: str, why: str) -> Skip:
    return Skip(
        seq=row.seq,
        time_ns=row.time_ns,
        symbol=symbol,
        what=what,
        why=why,
        ask=f"row {row.seq} {symbol}",
    )


def _passed_over(row: Row) -> list[Skip]:
    """Return one line for scans in which something could have been done and was not."""
    counts = {code: number for code, number in row.data["counts"] if code not in NOT_A_SKIP}
    if not counts:
        return []
    codes = ", ".join(f"{code} {number}" for code, number in counts.items())
    first = next(iter(counts))
    meaning = meaning_of(first) if first in CORE_CODES and len(counts) == 1 else ""
    return [
        Skip(
            seq=row.seq,
            time_ns=row.time_ns,
            symbol="",
            what="skipped",
            why=f"{codes}{': ' + meaning if meaning else ''}",
            ask=f"scan {row.seq}",
        )
    ]
