"""The story of one order or trade: which rows belong to it.

Found by reference and never by reading the whole journal.
"""

import json
from typing import Final, NamedTuple

from hfl.glance import Data, Glance, Row
from hfl.trades import ALL_KINDS, Ledger, Trade, before

ORDERS_SHOWN_MAX: Final = 5
OPENINGS: Final = ("DatasetOpened", "StreamOpened")
# A slot's bars stand close in front of what they led to.
BARS_LOOKED_AT: Final = 256
DECISION_KINDS: Final = frozenset({"SignalEmitted", "RiskAssessed", "ExitDecided", "OpinionAsked"})


class NotThereError(Exception):
    """Carries the sentence for something that is not in the journal."""


class Story(NamedTuple):
    """Rows in order; trade: None for an order that never traded; order.

    The one that was asked for, or nothing.
    """

    symbol: str
    order: str
    trade: Trade | None
    rows: list[Row]
    sources: Data


def story_of(journal: Glance, text: str) -> Story:
    """Find by client order id or unique beginning, trade number, or SYMBOL#n.

    Raises NotThereError.
    """
    number = text.removeprefix("T-")
    if number.isascii() and number.isdigit():
        return _of_trade(journal, int(number))
    if "#" in text:
        return _of_trade(journal, _numbered(journal, text))
    found = journal.orders_like(text, ORDERS_SHOWN_MAX)
    exact = [client_id for client_id in found if client_id == text]
    if not found:
        raise NotThereError(
            "expected a client order id, a trade's number or SYMBOL#n, "
            f"found {text!r} nowhere in the journal: "
            "see `hfl orders` and `hfl trades`"
        )
    if len(found) > 1 and not exact:
        more = ", ".join(found[:3]) + (" ..." if len(found) > 3 else "")
        raise NotThereError(
            f"expected the beginning of one order id, found {text!r} fits {more}: type more of it"
        )
    return _of_order(journal, text if exact else found[0])


def _of_order(journal: Glance, client_id: str) -> Story:
    rows = journal.about(client_id)
    intent = rows[0]
    symbol = intent.data["symbol"]
    ledger, _ = before(journal, intent.seq)
    held = ledger.positions.get(symbol)
    has_fill = any(row.kind == "Filled" for row in rows)
    if held is not None:
        return _of_trade(journal, held.number)._replace(order=client_id)
    if not has_fill:
        return Story(
            symbol, client_id, None, with_decisions(journal, rows), sources_of(journal, intent.seq)
        )
    first = next(row.seq for row in rows if row.kind == "Filled")
    ledger, _ = before(journal, first)
    return _of_trade(journal, _number_at(ledger, symbol))._replace(order=client_id)


def _number_at(ledger: Ledger, symbol: str) -> int:
    """Return the number of the trade that a fill of the symbol belongs to right then."""
    held = ledger.positions.get(symbol)
    return held.number if held is not None else ledger.count + 1


def _of_trade(journal: Glance, number: int) -> Story:
    ledger, start = _ledger_before_trade(journal, number)
    seen: list[Row] = []
    trade: Trade | None = None
    for row in journal.of(ALL_KINDS, after=start):
        seen.append(row)
        ledger.apply(row)
        if row.kind in {"Filled", "PositionAdjusted"}:
            trade = trade or _numbered_trade(ledger, number)
            if trade is not None and trade.closed_ns:
                break
    if trade is None:
        raise NotThereError(
            f"expected a trade from 1 to {ledger.count}, found {number}: see `hfl trades`"
        )
    intents = {row.data["client_id"]: row for row in seen if row.kind == "OrderIntended"}
    entry = journal.about(trade.orders[0])[0] if trade.orders else None
    first = entry.seq if entry is not None else trade.first_seq
    last = trade.last_seq if trade.closed_ns else journal.last_seq()
    ids = [
        client_id
        for client_id, row in intents.items()
        if row.data["symbol"] == trade.symbol and first <= row.seq <= last
    ]
    rows = {
        row.seq: row
        for client_id in dict.fromkeys([*trade.orders, *ids])
        for row in journal.about(client_id)
    }
    about = ("ExitDecided", "ProtectionObliged", "PositionAdjusted", "PositionMismatched")
    for row in seen:
        if row.kind in about and row.data["symbol"] == trade.symbol and first <= row.seq <= last:
            rows[row.seq] = row
    ordered = [rows[seq] for seq in sorted(rows)]
    return Story(
        trade.symbol, "", trade, with_decisions(journal, ordered), sources_of(journal, first)
    )


def _ledger_before_trade(journal: Glance, number: int) -> tuple[Ledger, int]:
    """Return the ledger of the newest snapshot in front of a trade's first fill.

    Found by halving.
    """
    seqs = journal.seqs("SnapshotTaken")
    low, high = 0, len(seqs)
    best: tuple[int, Data] | None = None
    while low < high:
        middle = (low + high) // 2
        row = journal.row(seqs[middle])
        assert row is not None
        book = json.loads(journal.blob(row.data["blob"]))["book"]
        if book["trades"] < number:
            best, low = (row.seq, book), middle + 1
        else:
            high = middle
    ledger = Ledger()
    if best is None:
        return ledger, 0
    ledger.restore(best[1])
    return ledger, best[0]


def _numbered_trade(ledger: Ledger, number: int) -> Trade | None:
    return next((trade for trade in reversed(ledger.trades) if trade.number == number), None)


def _numbered(journal: Glance, text: str) -> int:
    """Return the number of the n-th trade of a symbol; -1 is the newest."""
    symbol, _, place = text.rpartition("#")
    try:
        wanted = int(place)
    except ValueError:
        wanted = 0
    if not wanted:
        raise NotThereError(
            "expected SYMBOL#n with n from 1, or -1 for the "
            f"newest, found {text!r}: see `hfl trades`"
        )
    ledger = Ledger().fold(journal.of(("OrderIntended", "Filled", "PositionAdjusted")))
    own = [trade for trade in ledger.trades if trade.symbol == symbol]
    if not own:
        known = ", ".join(sorted({trade.symbol for trade in ledger.trades})) or "none"
        raise NotThereError(
            f"expected a traded instrument out of {known}, found {symbol!r}: see `hfl trades`"
        )
    if not -len(own) <= wanted <= len(own):
        raise NotThereError(
            f"expected a trade of {symbol} from 1 to {len(own)}, found {wanted}: see `hfl trades`"
        )
    return own[wanted - 1 if wanted > 0 else wanted].number


def with_decisions(journal: Glance, rows: list[Row]) -> list[Row]:
    """Add the scans, signals, verdicts and exits that led to the orders among the rows."""
    found = {row.seq: row for row in rows}
    wanted = {row.cause_seq: row for row in rows if row.kind in {"OrderIntended", "ExitDecided"}}
    decided: set[tuple[int, str]] = set()
    for cause, about in wanted.items():
        if not cause:
            continue
        for row in journal.step(cause):
            is_ours = row.kind in DECISION_KINDS and row.data["symbol"] == about.data["symbol"]
            if row.kind == "ScansCoalesced" or is_ours:
                found[row.seq] = row
                if row.kind == "SignalEmitted":
                    decided.add((row.seq, row.data["symbol"]))
                    bar = _bar_of(journal, row)
                    if bar is not None:
                        found[bar.seq] = bar
    return [found[seq] for seq in sorted(found)]


def _bar_of(journal: Glance, signal: Row) -> Row | None:
    """Return the row of the bar that a signal was made on, where bars came one by one."""
    seqs = [seq for seq in journal.seqs("BarClosed") if seq < signal.seq]
    for seq in reversed(seqs[-BARS_LOOKED_AT:]):
        row = journal.row(seq)
        if (
            row is not None
            and row.data["symbol"] == signal.data["symbol"]
            and row.data["close_ns"] == signal.data["slot_ns"]
        ):
            return row
    return None


def _opened_before(journal: Glance, seq: int) -> Row | None:
    """Return the newest data set or stream in front of a row."""
    found = [journal.newest(kind, seq) for kind in OPENINGS]
    return max((row for row in found if row is not None), key=lambda row: row.seq, default=None)


def sources_of(journal: Glance, seq: int) -> Data:
    """Return what the decision rested on: run, hashes of code and configuration, data set."""
    run = journal.newest("RunStarted", seq)
    opened = _opened_before(journal, seq)
    started = {} if run is None else run.data
    data = {} if opened is None else opened.data
    return {
        "run": started.get("run_id", ""),
        "run_row": 0 if run is None else run.seq,
        "hashes": dict(started.get("hashes", [])),
        "config_blob": started.get("config_blob", ""),
        "plan_blob": started.get("plan_blob", ""),
        "data_set": data.get("dataset_id", data.get("stream_id", "")),
        "source": data.get("source", ""),
        "content_hash": data.get("content_hash", ""),
    }
