"""The whole story of an order or trade: bar, features, evidence, blend, sizing, every rule.

Intent, order, fills, stop, exit.

What to name: a client order id or its unique beginning (`hfl orders`), a trade's number (`hfl
trades`), or SYMBOL#n for the n-th trade of an instrument (SYMBOL#-1 for its newest). Every line
carries the journal's row it comes from. Exit codes: 0, 7 not found, 4 journal.
"""

import argparse
import sys
from collections.abc import Callable
from decimal import Decimal

from hfl.glance import Data, Glance, Row
from hfl.layout import fitted
from hfl.story import NotThereError, Story, story_of
from hfl.trades import Trade
from hfl.verb import DONE, NOT_FOUND, add_account, add_json
from hfl.whereabouts import find
from hfl.words import SECOND_NS, instant, measured, plain, short, span, write_json

# Columns in front of a row's text; what does not fit goes on below it.
HANG = 25
INDENT = 14
MARKS = {"approve": "ok", "refuse": "NO", "not_applicable": "n/a"}


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add what to explain."""
    del verb
    parser.add_argument(
        "what", metavar="ORDER_OR_TRADE", help="order id, trade number, or SYMBOL#n"
    )
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Tell the story."""
    del verb
    home = find(arguments.home, arguments.account, arguments.mode)
    with Glance.open(home.journal) as journal:
        try:
            story = story_of(journal, arguments.what)
        except NotThereError as error:
            sys.stderr.write(f"hfl: {error}\n")
            return NOT_FOUND
    if arguments.is_json:
        write_json(story_json(story))
    else:
        sys.stdout.write(fitted(story_text(story), hang=HANG))
    return DONE


# --- as JSON --------------------------------------------------------------------------------------


def story_json(story: Story) -> Data:
    """Return a story as plain JSON values; `chain` holds the rows' own fields."""
    first = story.rows[0]
    return {
        "symbol": story.symbol,
        "order": story.order or None,
        "trade": None if story.trade is None else trade_json(story.trade),
        "inputs": {**story.sources, **inputs_of(story)},
        "chain": [
            {
                "row": row.seq,
                "cause": row.cause_seq,
                "kind": row.kind,
                "actor": row.actor,
                "time": instant(row.time_ns),
                "since_s": (row.time_ns - first.time_ns) / SECOND_NS,
                "wall_ms": round((row.wall_ns - first.wall_ns) / 1e6, 3),
                "hash": row.hash,
                "data": row.data,
            }
            for row in story.rows
        ],
    }


def trade_json(trade: Trade) -> Data:
    """Return a trade as plain JSON values; money and quantities as text."""
    opened, closed = abs(trade.opened_quantity), trade.closed_quantity
    return {
        "trade": trade.number,
        "symbol": trade.symbol,
        "side": "long" if trade.is_long else "short",
        "state": "closed" if trade.closed_ns else "open",
        "opened": instant(trade.opened_ns),
        "closed": instant(trade.closed_ns) if trade.closed_ns else None,
        "held_s": (trade.closed_ns - trade.opened_ns) / SECOND_NS if trade.closed_ns else None,
        "quantity": plain(opened),
        "entry_price": plain(abs(trade.opened_value) / opened, 8) if opened else None,
        "exit_price": plain(trade.closed_value / closed, 8) if closed else None,
        "stop_price": None if trade.stop_price is None else plain(trade.stop_price),
        "realised": plain(trade.realised, 8),
        "fees": plain(trade.fees, 8),
        "profit": plain(trade.profit, 8),
        "exit_reason": trade.exit_reason or ("" if not trade.closed_ns else "protective stop"),
        "orders": list(trade.orders),
        "rows": [trade.first_seq, trade.last_seq],
    }


def inputs_of(story: Story) -> Data:
    """Return what the first decision read: cursor, digest and hash of its row.

    And the limits it obeyed.
    """
    found: Data = {}
    for row in story.rows:
        if row.kind == "ScansCoalesced" and "scans_row" not in found:
            found |= {"scans_row": row.seq, "digest": row.data["digest"], "row_hash": row.hash}
        if row.kind == "SignalEmitted" and "cursor" not in found:
            found |= {"cursor": row.data["cursor"], "signal_row": row.seq, "signal_hash": row.hash}
        if row.kind == "RiskAssessed" and "limits_hash" not in found:
            found |= {
                "limits_hash": row.data["limits_hash"],
                "intent_hash": row.data["intent_hash"],
            }
    return found


# --- as text --------------------------------------------------------------------------------------


def story_text(story: Story) -> str:
    """Return a story as text for a person: a heading, then a line or more for each row."""
    lines = heading(story)
    first = story.rows[0]
    lines += ["", f"{'row':>9}  {'UTC':<8}  what happened"]
    shown_ns, day = 0, ""
    for row in story.rows:
        told = told_of(row)
        date, _, clock = instant(row.time_ns).rstrip("Z").partition(" ")
        if row.time_ns != shown_ns:
            since = row.time_ns - first.time_ns
            after = f", {span(since)} after the first row" if since else ""
            if date != day or after:
                lines.append(f"{'':>9}  {date}{after}")
            shown_ns, day = row.time_ns, date
        lines.append(f"{row.seq:>9}  {clock:<8}  {told[0]}")
        lines += [f"{'':>{INDENT}}{line}" for line in told[1:]]
    lines += ["", "Inputs"]
    inputs = {**story.sources, **inputs_of(story)}
    hashes = inputs.pop("hashes")
    lines += [f"  {name:<16} {value}" for name, value in inputs.items() if value not in ("", 0)]
    lines += [f"  {name + ' hash':<16} {digest}" for name, digest in hashes.items()]
    return "\n".join(lines) + "\n"


def told_of(row: Row) -> list[str]:
    """Return what a row says, in lines; the first one begins with its label."""
    return _TELLERS.get(row.kind, _other)(row)


def heading(story: Story) -> list[str]:
    """Return what a story is about: a trade with its result, or an order that never traded."""
    trade = story.trade
    named = f", asked for order {story.order}" if story.order else ""
    if trade is None:
        return [f"{story.symbol}: order {story.order} never traded"]
    told = trade_json(trade)
    lines = [f"{trade.symbol}: trade {trade.number}, {told['side']}, {told['state']}{named}"]
    lines.append(f"  entry   {told['quantity']} at {told['entry_price']} on {told['opened']}")
    if trade.closed_ns:
        held = span(trade.closed_ns - trade.opened_ns)
        lines.append(
            f"  exit    at {told['exit_price']} on {told['closed']} "
            f"after {held}: {told['exit_reason']}"
        )
    else:
        lines.append(
            f"  open    {plain(trade.quantity)} at {plain(trade.price, 8)}, "
            f"protective stop {told['stop_price']}"
        )
    lines.append(f"  result  {told['realised']} realised - {told['fees']} fees = {told['profit']}")
    return lines


def _scans(row: Row) -> list[str]:
    data = row.data
    codes = ", ".join(f"{code} {number}" for code, number in data["counts"])
    return [
        f"scan        {data['scans']} slot(s) up to {instant(data['slot_last_ns'])}: {codes}",
        (
            f"equity {data['equity']}, high-water mark {data['high_water_mark']}, "
            f"data rows {data['cursor_from']} to "
            f"{data['cursor_to']}"
        ),
    ]


def _signal(row: Row) -> list[str]:
    data = row.data
    stance = {1: "long", -1: "short", 0: "flat"}[data["direction"]]
    names = ("open", "high", "low", "close", "volume")
    weights = "; ".join(
        f"{source} {short(score)} x {short(weight)}" for source, weight, score in data["weights"]
    )
    lines = [
        (
            f"signal      {stance}: {data['setup']} (strategy "
            f"{data['strategy']}, decision {data['decision']})"
        ),
        "bar        "
        + "  ".join(f"{name} {short(text)}" for name, text in zip(names, data["bar"], strict=True)),
        "features   " + "  ".join(f"{name} {short(text)}" for name, text in data["features"]),
        f"evidence   {data['rationale']}",
        "           " + "  ".join(f"{name} {short(text)}" for name, text in data["numbers"]),
        (
            f"blend      score {short(data['score'])} x confidence "
            f"{short(data['confidence'])} -> {short(data['blended'])}"
            f"  ({weights})"
        ),
    ]
    if data.get("regime"):
        lines.insert(2, f"regime     {data['regime']}")
    if data["flags"]:
        lines.insert(2, f"flags      {', '.join(data['flags'])}")
    return lines


def _risk(row: Row) -> list[str]:
    data = row.data
    quantity = plain(Decimal(data["quantity"]))
    if data["allowed"]:
        why = f" ({data['reason']})" if data["reason"] else ""
        lines = [f"risk        approved, quantity {quantity}{why}"]
    else:
        lines = [f"risk        REFUSED: {data['reason']}"]
    if data["sizing"]:
        lines.append(
            "sizing     " + "  ".join(f"{name} {short(text)}" for name, text in data["sizing"])
        )
    for rule in data["rules"]:
        numbers = measured(rule["value"], rule["limit"], rule["headroom"], unit=rule["unit"])
        told = numbers if rule["value"] else ""
        note = f"({rule['note']})" if rule["note"] and told else rule["note"]
        lines.append(f"{MARKS[rule['outcome']]:<4} {rule['rule']:<16} {told} {note}".rstrip())
    return lines


def _intent(row: Row) -> list[str]:
    data = row.data
    prices = "".join(
        f", {name} {data[field]}"
        for name, field in (
            ("limit", "limit_price"),
            ("stop", "stop_price"),
            ("protect at", "risk_stop_price"),
        )
        if data[field] is not None
    )
    return [
        (
            f"intent      {data['purpose']}: {data['side']} "
            f"{data['quantity']} {data['symbol']}, {data['type']} "
            f"{data['time_in_force']}{prices}"
        ),
        (
            f"order {data['client_id']}, number {data['number']}, "
            f"decided on {data['reference_price']} of "
            f"{instant(data['price_ns'])}; {data['reason']}"
        ),
    ]


def _fill(row: Row) -> list[str]:
    fill = row.data["fill"]
    return [
        (
            f"fill        {fill['side']} {fill['quantity']} at {fill['price']}, "
            f"fee {fill['fee']}, fill {fill['fill_id']} at "
            f"{instant(fill['at_ns'])}"
        )
    ]


def _order(label: str, *names: str) -> Callable[[Row], list[str]]:
    def tell(row: Row) -> list[str]:
        texts = [str(row.data[name]) for name in names if row.data.get(name) not in (None, "")]
        return [f"{label:<11} {', '.join(texts)}".rstrip() + f"  ({row.data['client_id'][-12:]})"]

    return tell


def _exit(row: Row) -> list[str]:
    return [f"exit        decided: {row.data['reason']} (decision {row.data['decision']})"]


def _obliged(row: Row) -> list[str]:
    data = row.data
    return [
        (
            f"stop due    a protective stop for {data['quantity']} at "
            f"{data['stop_price']} by {instant(data['due_ns'])}"
        )
    ]


def _other(row: Row) -> list[str]:
    told = ", ".join(
        f"{name} {value}" for name, value in row.data.items() if value not in (None, "", [])
    )
    return [f"{row.kind}: {told}"]


def _bar(row: Row) -> list[str]:
    data = row.data
    flags = f", {', '.join(data['flags'])}" if data["flags"] else ""
    prices = " ".join(f"{name} {data[name]}" for name in ("open", "high", "low", "close"))
    return [f"bar         {prices} volume {data['volume']} of {instant(data['close_ns'])}{flags}"]


_TELLERS = {
    "BarClosed": _bar,
    "ScansCoalesced": _scans,
    "SignalEmitted": _signal,
    "RiskAssessed": _risk,
    "OrderIntended": _intent,
    "Filled": _fill,
    "ExitDecided": _exit,
    "ProtectionObliged": _obliged,
    "SendAttempted": _order("sent", "run_id"),
    "SendRefused": _order("NOT sent", "check", "detail"),
    "OrderAccepted": _order("accepted", "venue_id"),
    "OrderRejected": _order("REJECTED", "code", "text"),
    "OrderUnknown": _order("UNKNOWN", "why"),
    "OrderQueried": _order("asked", "attempt", "failed"),
    "OrderResolved": _order("resolved", "status", "evidence"),
    "CancelIntended": _order("cancel", "reason"),
    "CancelAnswered": _order("cancel said", "answer", "text"),
    "OrderEnded": _order("ended", "status", "text"),
}
