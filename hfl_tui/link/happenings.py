"""One line for each row worth one: a word, a sentence, how much it matters, and what tells more.

Short forms for a list; the whole story of a row is `explain`'s and `why`'s to tell.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from hfl_core.domain import events as ev
from hfl_core.domain.money import plain
from hfl_core.ports import JournalRow
from hfl_tui.link.picture import Happening

E = TypeVar("E", bound=ev.Event)
# What a line says: its label, its text, the symbol it is about, its weight.
Words = tuple[str, str, str, str]
# Codes that say only that nothing was there to do.
IDLE_CODES: Final = frozenset({"NO_SETUP", "HOLDING", "WARMING_UP", "NO_DATA"})


def happening(row: JournalRow, symbols: dict[str, str]) -> Happening | None:
    """Return the line of a row, None for one that is not worth it.

    symbols: client order id to symbol, of the orders known.
    """
    teller = _TELLERS.get(type(row.event))
    if teller is None:
        return None
    label, text, symbol, weight = teller(row.event)
    order = str(getattr(row.event, "client_id", ""))
    if not order and isinstance(row.event, ev.Filled):
        order = row.event.fill.client_id
    symbol = symbol or symbols.get(order, "")
    if order and not isinstance(row.event, ev.OrderIntended | ev.Filled):
        text = f"{symbol} {text}".strip()
    return Happening(
        seq=row.seq,
        time_ns=row.time_ns,
        wall_ns=row.wall_ns,
        label=label,
        text=text,
        symbol=symbol,
        weight=weight,
        is_alert=weight in {"warn", "bad"} and type(row.event) in _ALERTS,
        ask=order or (f"row {row.seq} {symbol}" if symbol else ""),
    )


def _scans(event: ev.ScansCoalesced) -> Words:
    told = [f"{code} {count}" for code, count in event.counts if code not in IDLE_CODES]
    noun = "scan" if event.scans == 1 else "scans"
    return "scan", f"{event.scans} {noun}: {', '.join(told) or 'nothing to do'}", "", ""


def _signal(event: ev.SignalEmitted) -> Words:
    stance = {1: "LONG", -1: "SHORT"}.get(event.direction, "FLAT")
    score = f"{float(event.blended):+.2f}"
    return "signal", f"{event.symbol} {stance} {score}: {event.setup}", event.symbol, ""


def _risk(event: ev.RiskAssessed) -> Words:
    if not event.allowed:
        return "refused", f"{event.symbol} {event.reason}", event.symbol, "warn"
    passed = sum(rule.outcome.value == "approve" for rule in event.rules)
    size = f"size {plain(event.quantity)}"
    told = f"passed {passed} of {len(event.rules)}, {size}" if event.rules else event.reason
    return "risk", f"{event.symbol} {told}", event.symbol, ""


def _intended(event: ev.OrderIntended) -> Words:
    price = event.stop_price if event.stop_price is not None else event.limit_price
    at = "" if price is None else f" at {plain(price)}"
    side, size = event.side.value.upper(), plain(event.quantity)
    text = f"{side} {size} {event.symbol} {event.type.value}{at} ({event.purpose.value})"
    return "order", text, event.symbol, ""


def _filled(event: ev.Filled) -> Words:
    fill = event.fill
    text = f"{fill.side.value.upper()} {plain(fill.quantity)} {fill.symbol} @ {plain(fill.price)}"
    return "fill", f"{text}, fee {plain(round(fill.fee, 4))}", fill.symbol, "good"


def _limits(event: ev.LimitsChanged) -> Words:
    names = ", ".join(f"{name} {new}" for name, _, new in event.changes[:3])
    more = f" and {len(event.changes) - 3} more" if len(event.changes) > 3 else ""
    return "limits", f"in force: {names}{more}", "", ""


def _tripped(event: ev.LimitTripped) -> Words:
    value, limit = _rounded(event.value), _rounded(event.threshold)
    return "LIMIT", f"{event.limit} hit: {value} of {limit}", "", "bad"


def _rounded(value: Decimal) -> str:
    return plain(round(value, 2))


def _rejected(event: ev.BarsRejected) -> Words:
    reasons = " + ".join(event.reasons)
    return "data", f"{event.symbol}: {event.count} rows refused, {reasons}", event.symbol, ""


def _words(label: str, make: Callable[[E], str], weight: str = "") -> Callable[[E], Words]:
    return lambda event: (label, make(event), str(getattr(event, "symbol", "")), weight)


_TELLERS: Final[dict[type[ev.Event], Callable[..., Words]]] = {
    ev.RunStarted: _words("run", lambda e: f"started {e.run_id}, {e.mode}-{e.account}"),
    ev.RunEnded: _words("run", lambda e: f"ended: {e.reason}"),
    ev.AccountOpened: _words("account", lambda e: f"opened with {plain(e.cash)} {e.currency}"),
    ev.DatasetOpened: _words("data", lambda e: f"{e.source}, {len(e.symbols)} instruments"),
    ev.StreamOpened: _words("data", lambda e: f"{e.source}, {len(e.symbols)} instruments"),
    ev.ScansCoalesced: _scans,
    ev.BarsRejected: _rejected,
    ev.BarMissedScan: _words("data", lambda e: f"{e.symbol}: a bar came behind its scan"),
    ev.SignalEmitted: _signal,
    ev.RiskAssessed: _risk,
    ev.ExitDecided: _words("exit", lambda e: f"{e.symbol}: {e.reason}"),
    ev.OpinionAsked: _words("ask", lambda e: f"{e.symbol}: {e.desk}"),
    ev.OpinionReceived: _words("opinion", lambda e: f"{e.symbol}: {e.desk} {e.score}"),
    ev.OrderIntended: _intended,
    ev.SendRefused: _words("NOT SENT", lambda e: f"{e.check}: {e.detail}", "warn"),
    ev.OrderAccepted: _words("accept", lambda e: f"order {e.venue_id}"),
    ev.OrderRejected: _words("REJECTED", lambda e: f"{e.code} {e.text}", "bad"),
    ev.OrderUnknown: _words("UNKNOWN", lambda e: e.why, "bad"),
    ev.OrderResolved: _words("resolved", lambda e: f"{e.status.value}: {e.evidence}"),
    ev.Filled: _filled,
    ev.CancelIntended: _words("cancel", lambda e: e.reason),
    ev.CancelAnswered: _words("cancel", lambda e: f"{e.answer} {e.text}".strip()),
    ev.OrderEnded: _words("ended", lambda e: f"{e.status.value} {e.text}".strip()),
    ev.ProtectionObliged: _words("stop", lambda e: f"{e.symbol} due at {plain(e.stop_price)}"),
    ev.ProtectionReleased: _words("flat", lambda e: f"{e.symbol}: no position any more"),
    ev.PositionMismatched: _words(
        "MISMATCH", lambda e: f"{e.symbol}: ours {plain(e.ours)}, venue {plain(e.theirs)}", "bad"
    ),
    ev.PositionAdjusted: _words("adjusted", lambda e: f"{e.symbol} {plain(e.quantity)}", "warn"),
    ev.CashMoved: _words("cash", lambda e: plain(e.amount)),
    ev.ReconcileReported: _words(
        "venue", lambda e: f"not reached: {e.failed}" if e.failed else "compared"
    ),
    ev.LimitTripped: _tripped,
    ev.LimitsChanged: _limits,
    ev.LimitsScheduled: _words("limits", lambda e: f"{len(e.waiting)} raised limits wait"),
    ev.BreakerTripped: _words(
        "BREAKER", lambda e: f"{e.breaker} {e.symbol or 'account'}: {e.reason}", "warn"
    ),
    ev.BreakerRearmed: _words("breaker", lambda e: f"{e.breaker} {e.symbol} armed: {e.reason}"),
    ev.DrawdownRebased: _words("rebased", lambda e: f"drawdown from {_rounded(e.new)}", "warn"),
    ev.CommandReceived: _words("command", lambda e: f"{e.verb} by {e.actor}"),
    ev.CommandRefused: _words("REFUSED", lambda e: f"{e.verb}: {e.why}", "warn"),
    ev.StopLatched: _words("STOP", lambda e: f"{e.level} by {e.actor}: {e.reason}", "bad"),
    ev.LatchFound: _words("STOP", lambda e: f"{e.level} found on disk: {e.text}", "bad"),
    ev.Resumed: _words("resumed", lambda e: f"by {e.actor}: {e.reason}", "good"),
    ev.ExternalActed: _words("outside", lambda e: f"{e.actor}: {e.what}", "warn"),
    ev.ClockAnomaly: _words("CLOCK", lambda e: e.kind, "warn"),
    ev.Degraded: _words("DEGRADED", lambda e: f"{e.component}: {e.detail}", "warn"),
    ev.JournalRestored: _words("journal", lambda e: f"restored: {e.reason}", "warn"),
    ev.JournalRekeyed: _words("journal", lambda e: f"new key: {e.reason}", "warn"),
}
# What a human should see even when it has scrolled away.
_ALERTS: Final = frozenset(
    {
        ev.BreakerTripped, ev.ClockAnomaly, ev.CommandRefused, ev.Degraded, ev.LatchFound,
        ev.LimitTripped, ev.OrderRejected, ev.OrderUnknown, ev.PositionMismatched, ev.SendRefused,
        ev.StopLatched,
    }
)  # fmt: skip
