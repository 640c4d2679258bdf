"""Reconciliation: what the venue says against the book.

It adds knowledge and sends no orders. Pure.

Knows nothing of how the venue was asked. A failed report is never read as flat; a mismatch halts
the instrument until a human decides.
"""

from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.ids import ClientOrderId, is_ours
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine.book import KILL
from hfl_core.engine.book_records import ZERO
from hfl_core.engine.core import RECONCILE_TIMER, Core
from hfl_core.engine.ordering import RECOVERING, ask_now, on_unknown, waiting_out
from hfl_core.engine.settings import SECOND_NS
from hfl_core.engine.table import HALTED

RETRY_NS: Final = 5 * SECOND_NS
_MOVING: Final = frozenset(
    {OrderStatus.INTENDED, OrderStatus.SENDING, OrderStatus.UNKNOWN, OrderStatus.CANCELLING}
)


def is_clean(core: Core, event: ev.ReconcileReported) -> bool:
    """Tell whether a report says nothing new, so that it needs no row."""
    if event.failed or core.book.state == HALTED or not core.book.is_open:
        return False
    if any(client_id not in core.book.foreign for client_id in event.foreign):
        return False
    is_news = _mismatches(core, event) or _doubtful(core, event) or _strange(core, event)
    return not is_news and not waiting_out(core)


def on_report(core: Core, event: ev.ReconcileReported) -> None:
    """Take a report in; leave halted(recovering) when it allows."""
    if event.failed:
        core.set_timer(core.time_ns + RETRY_NS, RECONCILE_TIMER, "")
        return
    if not core.book.is_open and event.cash is not None:
        core.emit(ev.AccountOpened(cash=event.cash, currency=core.book.currency))
    strange = _strange(core, event)
    if strange:
        core.go("halt", "journal_behind")
        text = f"the venue knows orders of ours that the journal does not: {', '.join(strange)}"
        core.effects.append(RaiseAlert(level="critical", text=text))
        return
    _name_strangers(core)
    for symbol, ours, theirs in _mismatches(core, event):
        core.emit(ev.PositionMismatched(symbol=symbol, ours=ours, theirs=theirs))
        text = f"{symbol}: we hold {ours}, the venue says {theirs}; a human must decide"
        core.effects.append(RaiseAlert(level="critical", text=text))
    for client_id, why in _doubtful(core, event).items():
        core.emit(ev.OrderUnknown(client_id=client_id, why=why))
        on_unknown(core, client_id)
    ask_now(core, waiting_out(core))
    is_recovering = core.book.state == HALTED and core.book.halt_reason == RECOVERING
    if is_recovering and core.book.level != KILL:
        core.go("recover")


def _name_strangers(core: Core) -> None:
    """Tell a human of orders on the account that somebody else placed, when they are first seen."""
    seen = core.book.foreign.items()
    new = [client_id for client_id, since_ns in seen if since_ns == core.time_ns]
    if new:
        text = f"orders on the account that are not ours: {', '.join(new)}; they are left alone"
        core.effects.append(RaiseAlert(level="warning", text=text))


def _mismatches(core: Core, event: ev.ReconcileReported) -> list[tuple[str, Decimal, Decimal]]:
    """Return (symbol, ours, theirs) where they differ and nothing is on its way."""
    theirs: dict[str, Decimal] = {
        position.symbol: position.quantity for position in event.positions
    }
    moving = {order.symbol for order in core.book.live.values() if order.status in _MOVING}
    moving.update(core.book.orders[client_id].symbol for client_id in _doubtful(core, event))
    found = []
    for symbol in sorted({*theirs, *core.book.positions}):
        position = core.book.positions.get(symbol)
        ours = position.quantity if position is not None else ZERO
        is_new = symbol not in core.book.halted_symbols and symbol not in moving
        if is_new and ours != theirs.get(symbol, ZERO):
            found.append((symbol, ours, theirs.get(symbol, ZERO)))
    return found


def _doubtful(core: Core, event: ev.ReconcileReported) -> dict[str, str]:
    """Return our working orders of which the venue knows more, and why it must be asked."""
    listed = {order.client_id: order for order in event.orders}
    found: dict[str, str] = {}
    for order in core.book.live.values():
        if order.status is not OrderStatus.WORKING:
            continue
        report = listed.get(ClientOrderId(order.client_id))
        if report is None:
            found[order.client_id] = "not among the venue's working orders"
        elif report.filled > order.filled:
            found[order.client_id] = "the venue reports fills that never arrived"
    return found


def _strange(core: Core, event: ev.ReconcileReported) -> list[str]:
    """Return the venue's working orders that carry our prefix and are not in the journal."""
    settings = core.settings
    return [
        order.client_id
        for order in event.orders
        if order.client_id not in core.book.orders
        and is_ours(order.client_id, mode=settings.mode, journal_id=settings.journal_id)
    ]
