"""Orders after the decision: obligations, exits, protective stops, cancels and unknown outcomes.

Pure.

Knows nothing of brokers. Obligations are compared with what is live and the difference is ordered,
every time anything changed: so a crash at any point, a rejection or a lost answer leads to the same
place. An exit waits until the protective stop's cancel is confirmed, and between two tries to exit
the stop stands again; an unknown order freezes its instrument and is resolved by evidence, never by
a timer or by sending again.
"""

from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain import events as ev
from hfl_core.domain.effects import CancelOrder, QueryOrder, RaiseAlert
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderIntent, OrderStatus, OrderType, Purpose, Side, TimeInForce
from hfl_core.engine.book import CLOSE_ALL, KILL
from hfl_core.engine.book_positions import PROTECTION_GRACE_NS
from hfl_core.engine.book_records import ZERO, OrderRecord, PositionRecord
from hfl_core.engine.core import PROTECTION_TIMER, QUERY_TIMER, RETRY_TIMER, UNKNOWN_TIMER, Core
from hfl_core.engine.settings import SECOND_NS
from hfl_core.engine.table import EXECUTING, HALTED, IDLE
from hfl_core.engine.targets import target_price
from hfl_core.risk.gate import approve_reduction

# An outage ends within minutes or lasts: at most an hour is lost by asking ever more rarely, and a
# venue that never answers costs a row an hour. What it answers is counted anew: after an outage the
# questions that prove an absence follow each other as quickly as after a timeout.
QUERY_DELAYS_S: Final = (1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 900, 1800, 3600)
# Between tries to exit or protect a position that the venue would not take.
RETRY_DELAYS_S: Final = (5, 15, 30, 60, 300)
QUERIES_MIN: Final = 5
SOON_S: Final = 60
UNKNOWN_ALARM_NS: Final = 900 * SECOND_NS
RECOVERING: Final = "recovering"
_TERMINAL_REPORTS: Final = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
)


class Tries(NamedTuple):
    """What was tried with a position, how often it failed in a row, and when last."""

    what: str
    failures: int
    failed_ns: int


def oblige(core: Core) -> None:
    """Order whatever the obligations need that is not live yet."""
    book = core.book
    if book.state == HALTED and book.halt_reason == RECOVERING:
        return
    if not book.positions and not book.live:
        return
    is_closing_all = book.is_closing_all
    is_stopped = bool(book.latches) or book.pace.is_reduce_only
    for symbol in book.symbols():
        if symbol in book.halted_symbols:
            _cancel_entries(core, symbol)
            continue
        position = book.positions.get(symbol)
        if is_closing_all and position is not None and position.exit_reason != CLOSE_ALL:
            decide_exit(core, symbol, CLOSE_ALL)
        if is_stopped or (position is not None and position.exit_reason):
            _cancel_entries(core, symbol)
        if position is None:
            _cancel_protection(core, symbol, reason="position_flat")
        elif position.exit_reason and (book.level != KILL or position.exit_reason == CLOSE_ALL):
            _exit(core, position)
        else:
            _protect(core, position)


def _cancel_entries(core: Core, symbol: str) -> None:
    for order in core.book.live_orders(symbol):
        if order.purpose is Purpose.ENTRY:
            cancel(core, order, "stop_in_force")


def _cancel_protection(core: Core, symbol: str, *, reason: str) -> None:
    if not core.book.live:
        return
    for order in core.book.live_orders(symbol):
        if order.purpose is Purpose.PROTECTION:
            cancel(core, order, reason)


def cancel(core: Core, order: OrderRecord, reason: str) -> None:
    """Ask for a working order's cancel, once; anything else about it is already under way."""
    if order.status is OrderStatus.WORKING:
        core.emit(ev.CancelIntended(client_id=order.client_id, reason=reason))
        core.effects.append(CancelOrder(client_id=ClientOrderId(order.client_id)))


def _exit(core: Core, position: PositionRecord) -> None:
    """Close a position.

    First no protective stop of it may be live, then one reduce-only market order for all of it.
    While that order may not go the stop stays, and comes back between two tries.
    """
    live = core.book.live_orders(position.symbol)
    if any(order.purpose is Purpose.EXIT for order in live):
        return
    is_entering = any(
        order.purpose is Purpose.ENTRY and order.status is not OrderStatus.UNKNOWN for order in live
    )
    tried = Tries("close", position.failures, position.failed_ns)
    if is_entering or _must_wait(core, position.symbol, tried):
        _protect(core, position)
        return
    _cancel_protection(core, position.symbol, reason="exit")
    if any(order.purpose is Purpose.PROTECTION for order in live):
        return
    intent = OrderIntent(
        symbol=Symbol(position.symbol),
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.EXIT,
        quantity=abs(position.quantity),
        time_in_force=TimeInForce.GTC,
        reason=position.exit_reason,
    )
    _intend_reduction(core, intent, decision=position.exit_decision)


def _must_wait(core: Core, symbol: str, tried: Tries) -> bool:
    """After a failed try the next one waits, longer each time.

    A human hears of it, and the trying never ends.
    """
    if not tried.failures:
        return False
    delay = RETRY_DELAYS_S[min(tried.failures, len(RETRY_DELAYS_S)) - 1]
    due_ns = tried.failed_ns + delay * SECOND_NS
    if core.time_ns >= due_ns:
        return False
    timer = (due_ns, RETRY_TIMER, symbol)
    if timer not in core.timers:
        core.set_timer(*timer)
        if tried.failures >= core.settings.failures_alarm:
            text = f"{symbol}: {tried.failures} tries to {tried.what} it failed"
            core.effects.append(RaiseAlert(level="critical", text=text))
    return True


def _protect(core: Core, position: PositionRecord) -> None:
    """Keep live protective stops for exactly what is held."""
    if position.stop_price is None:
        return
    live = core.book.live_orders(position.symbol)
    if any(order.purpose is Purpose.EXIT for order in live):
        return
    covered = sum([o.remaining for o in live if o.purpose is Purpose.PROTECTION], ZERO)
    missing = abs(position.quantity) - covered
    if missing <= 0:
        return
    tried = Tries("protect", position.protection_failures, position.protection_failed_ns)
    if _must_wait(core, position.symbol, tried):
        return
    intent = OrderIntent(
        symbol=Symbol(position.symbol),
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        type=OrderType.STOP,
        purpose=Purpose.PROTECTION,
        quantity=missing,
        stop_price=position.stop_price,
        limit_price=target_price(core.lanes.get(position.symbol), position),
        time_in_force=TimeInForce.GTC,
        reason="protection",
    )
    _intend_reduction(core, intent, decision=position.decision)


def _intend_reduction(core: Core, intent: OrderIntent, *, decision: int) -> None:
    if core.book.state == IDLE:
        core.go("act", intent.purpose.value)
    lane = core.lanes.get(intent.symbol)
    tick = lane.instrument.tick if lane is not None else Decimal(1)
    mark = lane.mark * tick if lane is not None else ZERO
    verdict = approve_reduction(intent, limits_hash=core.limits_hash)
    core.emit(
        ev.RiskAssessed(
            decision=decision,
            symbol=intent.symbol,
            allowed=verdict.allowed,
            reason=verdict.reason,
            quantity=verdict.quantity,
            sizing=(),
            rules=verdict.rules,
            limits_hash=verdict.limits_hash,
            intent_hash=verdict.intent_hash,
        )
    )
    core.intend(
        intent,
        verdict,
        decision=decision,
        reference_price=mark,
        price_ns=lane.bar_ns if lane is not None else core.time_ns,
    )


def settle(core: Core) -> None:
    """Leave `executing` when every intent is acknowledged, refused or unknown."""
    if core.book.state != EXECUTING:
        return
    for order in core.book.live.values():
        if order.status is OrderStatus.INTENDED or order.status is OrderStatus.SENDING:
            return
    core.go("settle")


# --- what the venue said --------------------------------------------------------------------------


def on_filled(core: Core, event: ev.Filled) -> None:
    """After a fill: oblige protection for what an entry opened, release it when flat."""
    order = core.book.orders.get(event.fill.client_id)
    if order is None:
        return
    if order.symbol in core.book.halted_symbols:
        core.effects.append(
            RaiseAlert(level="critical", text=core.book.halted_symbols[order.symbol])
        )
    position = core.book.positions.get(order.symbol)
    if position is None:
        core.emit(ev.ProtectionReleased(symbol=order.symbol))
    elif order.purpose is Purpose.ENTRY and order.risk_stop_price is not None:
        due_ns = core.time_ns + PROTECTION_GRACE_NS
        core.emit(
            ev.ProtectionObliged(
                symbol=order.symbol,
                stop_price=order.risk_stop_price,
                quantity=abs(position.quantity),
                due_ns=due_ns,
            )
        )
        core.set_timer(due_ns, PROTECTION_TIMER, order.symbol)


def on_rejected(core: Core, event: ev.OrderRejected | ev.SendRefused) -> None:
    """Close the position when the venue will not take its protective stop."""
    order = core.book.orders.get(event.client_id)
    if order is None or order.purpose is not Purpose.PROTECTION:
        return
    position = core.book.positions.get(order.symbol)
    if position is not None and not position.exit_reason:
        decide_exit(core, order.symbol, "protection_refused")


def decide_exit(core: Core, symbol: str, reason: str) -> None:
    """Journal that a position shall be closed; `oblige` does the rest."""
    core.emit(ev.ExitDecided(decision=core.book.decisions + 1, symbol=symbol, reason=reason))


def on_unknown(core: Core, client_id: str) -> None:
    """Begin asking the venue about an order whose fate nobody knows; a human hears of it once."""
    _ask_in(core, client_id, QUERY_DELAYS_S[0])
    order = core.book.orders.get(client_id)
    is_told = any(kind == UNKNOWN_TIMER and key == client_id for _, kind, key in core.timers)
    if order is not None and order.unknown_ns and not is_told:
        due_ns = order.unknown_ns + UNKNOWN_ALARM_NS
        if core.time_ns < due_ns or core.book.halt_reason == RECOVERING:
            core.set_timer(max(core.time_ns, due_ns), UNKNOWN_TIMER, client_id)


def on_query_due(core: Core, client_id: str) -> None:
    """Ask again, unless the order was resolved meanwhile."""
    order = core.book.orders.get(client_id)
    if order is None or order.status is not OrderStatus.UNKNOWN:
        return
    core.effects.append(QueryOrder(client_id=ClientOrderId(client_id), attempt=order.queries + 1))


def on_unknown_for_long(core: Core, client_id: str) -> None:
    """Tell a human once a run that an order's fate is still unknown, and what that means."""
    order = core.book.orders.get(client_id)
    if order is None or order.status is not OrderStatus.UNKNOWN:
        return
    if core.time_ns < order.unknown_ns + UNKNOWN_ALARM_NS:
        return
    text = (
        f"expected the venue to say within 15 minutes what became of {client_id} "
        f"({order.side.value} {plain(order.remaining)} {order.symbol}), found no proof: "
        f"{order.symbol} takes no new entry until there is one, look at the venue's own site"
    )
    core.effects.append(RaiseAlert(level="critical", text=text))


def on_queried(core: Core, event: ev.OrderQueried) -> None:
    """Resolve an unknown order on evidence, or ask again later."""
    order = core.book.orders.get(event.client_id)
    if order is None or order.status is not OrderStatus.UNKNOWN:
        return
    report = event.report
    if not event.failed and report is not None:
        if report.filled > order.filled:
            _ask_again(core, order)
        elif report.status in _TERMINAL_REPORTS:
            _resolve(core, order, report.status, f"venue says {report.status.value}")
        else:
            _resolve(core, order, OrderStatus.WORKING, "venue says working")
        return
    if event.failed:
        _ask_again(core, order)
        return
    if _is_certainly_absent(core, order, event):
        text = f"not found in {order.queries_not_found} queries, position agrees"
        _resolve(core, order, OrderStatus.NOT_AT_VENUE, text)
        return
    _ask_in(core, order.client_id, _delay(order.queries_not_found))


def _resolve(core: Core, order: OrderRecord, status: OrderStatus, evidence: str) -> None:
    core.emit(ev.OrderResolved(client_id=order.client_id, status=status, evidence=evidence))


def _ask_again(core: Core, order: OrderRecord) -> None:
    _ask_in(core, order.client_id, _delay(order.queries))


def _delay(times: int) -> int:
    return QUERY_DELAYS_S[min(times, len(QUERY_DELAYS_S) - 1)]


def waiting_out(core: Core) -> list[str]:
    """Return unknown orders whose next question is far off though few were answered.

    A venue that answers again is asked about them at once.
    """
    far_ns = core.time_ns + SOON_S * SECOND_NS
    due = {key: due_ns for due_ns, kind, key in core.timers if kind == QUERY_TIMER}
    return [
        order.client_id
        for order in core.book.live.values()
        if order.status is OrderStatus.UNKNOWN
        and order.queries_not_found < QUERIES_MIN
        and due.get(order.client_id, 0) > far_ns
    ]


def ask_now(core: Core, client_ids: list[str]) -> None:
    """Ask about unknown orders as soon as after a timeout."""
    for client_id in client_ids:
        _ask_in(core, client_id, QUERY_DELAYS_S[0])


def _ask_in(core: Core, client_id: str, delay_s: int) -> None:
    """Ask about an order after a delay, unless it will be asked about sooner."""
    due_ns = core.time_ns + delay_s * SECOND_NS
    mine = [timer for timer in core.timers if timer[1:] == (QUERY_TIMER, client_id)]
    if any(timer[0] <= due_ns for timer in mine):
        return
    for timer in mine:
        core.drop_timer(timer)
    core.set_timer(due_ns, QUERY_TIMER, client_id)


def _is_certainly_absent(core: Core, order: OrderRecord, event: ev.OrderQueried) -> bool:
    """Not found counts only after the settle time, enough queries, and a position that agrees."""
    since = core.time_ns - max(order.attempted_ns, order.unknown_ns)
    if order.queries_not_found < QUERIES_MIN or since < core.settings.settle_ns:
        return False
    if event.positions is None:
        return False
    position = core.book.positions.get(order.symbol)
    ours = position.quantity if position is not None else ZERO
    theirs = sum((p.quantity for p in event.positions if p.symbol == order.symbol), ZERO)
    return ours == theirs


def on_protection_due(core: Core, symbol: str) -> None:
    """Alarm when a position still has no live stop after its grace."""
    position = core.book.positions.get(symbol)
    if position is None or position.stop_price is None:
        return
    if core.time_ns < position.stop_due_ns:
        return
    working = (OrderStatus.WORKING, OrderStatus.CANCELLING)
    live = core.book.live_orders(symbol)
    if not any(o.purpose is not Purpose.ENTRY and o.status in working for o in live):
        text = f"{symbol}: no live protective stop or exit 10 s after the fill"
        core.effects.append(RaiseAlert(level="critical", text=text))
