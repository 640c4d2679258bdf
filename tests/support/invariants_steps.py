"""Invariants of one event or one step: cheap, checked always."""

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.domain.verdicts import Outcome
from hfl_core.engine.table import TABLE

if TYPE_CHECKING:
    from tests.support.invariants import Seen, Step
    from tests.support.world import World

ZERO: Final = Decimal(0)
ALARM_NS: Final = 900 * 1_000_000_000
QUERY_GAP_NS: Final = 61 * 1_000_000_000
GRACE_NS: Final = 10 * 1_000_000_000
PERIOD_LIMITS: Final = {"daily_loss": "day", "weekly_loss": "week", "monthly_loss": "month"}
LAST_WORDS: Final = (ev.Filled, ev.OrderEnded, ev.OrderQueried, ev.CancelAnswered)


def inv_01_fills_belong_to_their_order(world: "World", seen: "Seen") -> str:
    """Require a fill's symbol and side to be its order's."""
    if not isinstance(seen.event, ev.Filled):
        return ""
    fill = seen.event.fill
    order = world.shadow.orders.get(fill.client_id)
    if order is None:
        return ""
    found, wanted = (fill.symbol, fill.side), (order.intent.symbol, order.intent.side)
    return "" if found == wanted else f"{fill.client_id} is {wanted}, its fill {found}"


def inv_01_book_holds_what_fills_say(world: "World", _step: "Step") -> str:
    """Require the book's positions and cash to be the sums of the fills."""
    book, shadow = world.core.book, world.shadow
    held = {symbol: position.quantity for symbol, position in book.positions.items()}
    if held != shadow.positions:
        return f"the book holds {held}, the fills say {shadow.positions}"
    return "" if book.cash == shadow.cash else f"cash {book.cash}, the fills say {shadow.cash}"


def inv_03_entries_are_approved_in_the_same_step(world: "World", seen: "Seen") -> str:
    """Require an allowing verdict on this very intent, and one entry a decision."""
    event = seen.event
    if not isinstance(event, ev.OrderIntended):
        return ""
    if event.limits_hash != world.settings.limits_hash:
        return "approved under other limits"
    if event.purpose is not Purpose.ENTRY:
        return ""
    if event.decision in world.shadow.entries:
        return f"decision {event.decision} led to two entries"
    for other in seen.step.events:
        if isinstance(other, ev.RiskAssessed) and other.decision == event.decision:
            refusing = [rule.rule for rule in other.rules if rule.outcome is Outcome.REFUSE]
            is_same = (other.intent_hash, other.quantity) == (event.intent_hash, event.quantity)
            if other.allowed and is_same and not refusing:
                return ""
            return f"its verdict: allowed {other.allowed}, same {is_same}, refusing {refusing}"
        if other is event:
            break
    return f"no verdict before {event.client_id} in its step"


def inv_05_acceptance_carries_the_venues_id(world: "World", seen: "Seen") -> str:
    """Require an acceptance to name the venue's own id of an order that is there."""
    event = seen.event
    if not isinstance(event, ev.OrderAccepted):
        return ""
    at_venue = world.venue.matching.orders.get(event.client_id)  # type: ignore[call-overload]
    if at_venue is None or at_venue.venue_id != event.venue_id:
        return f"{event.client_id} accepted as {event.venue_id!r}, the venue has {at_venue}"
    return ""


def inv_06_no_entry_is_intended_under_a_stop(world: "World", seen: "Seen") -> str:
    """Require no journaled stop when an entry is intended."""
    event = seen.event
    if isinstance(event, ev.OrderIntended) and event.purpose is Purpose.ENTRY:
        return f"under {world.shadow.stops}" if world.shadow.stops else ""
    return ""


def inv_08_no_order_overfills(world: "World", seen: "Seen") -> str:
    """Require fills within the intent."""
    if not isinstance(seen.event, ev.Filled):
        return ""
    fill = seen.event.fill
    order = world.shadow.orders.get(fill.client_id)
    if order is None or (fill.client_id, fill.fill_id) in world.shadow.fills:
        return ""
    if fill.quantity > order.remaining:
        return f"{fill.client_id} filled {fill.quantity} with {order.remaining} remaining"
    return ""


def inv_09_exposure_with_everything_on_its_way_is_within_limits(
    world: "World", seen: "Seen"
) -> str:
    """Count positions, entries on their way, and those that still work at the venue."""
    event, shadow = seen.event, world.shadow
    if not isinstance(event, ev.OrderIntended) or event.purpose is not Purpose.ENTRY:
        return ""
    values = {name: abs(held) * shadow.marks[name] for name, held in shadow.positions.items()}
    coming = {event.client_id: (event, event.quantity)}
    for client_id, order in shadow.orders.items():
        at_venue = world.venue.matching.orders.get(client_id)  # type: ignore[call-overload]
        is_working = at_venue is not None and at_venue.status is OrderStatus.WORKING
        if order.intent.purpose is Purpose.ENTRY and (client_id in shadow.open or is_working):
            coming[client_id] = (order.intent, order.remaining)
    for intent, quantity in coming.values():
        value = quantity * intent.reference_price
        values[intent.symbol] = values.get(intent.symbol, ZERO) + value
    equity, limits = shadow.equity, world.settings.limits
    if sum(values.values()) > equity * limits.gross_exposure_fraction_max:
        return f"gross {sum(values.values())} of equity {equity}"
    if values[event.symbol] > equity * limits.position_fraction_max:
        return f"{event.symbol} {values[event.symbol]} of equity {equity}"
    if len(values) > limits.positions_max:
        return f"{len(values)} positions"
    return ""


def inv_10_limits_trip_once_and_end_with_their_period(world: "World", seen: "Seen") -> str:
    """Require no second trip while latched, and no resume before the period is over."""
    event, shadow = seen.event, world.shadow
    if isinstance(event, ev.LimitTripped):
        if any(tripped.limit == event.limit for tripped in shadow.limits.values()):
            return f"{event.limit} tripped again while latched"
    elif isinstance(event, ev.Resumed):
        for latch_id in event.latch_ids:
            tripped = shadow.limits.get(latch_id)
            if tripped is not None and tripped.period_end_ns > world.core.time_ns:
                return f"{latch_id} was lifted before its period's end"
    elif isinstance(event, ev.ScansCoalesced):
        return _anchors_moved(world, event)
    return ""


def _anchors_moved(world: "World", event: ev.ScansCoalesced) -> str:
    """Require period anchors to stand still inside their day but for cash flows."""
    shadow = world.shadow
    day = 86_400 * 1_000_000_000
    if not shadow.anchors or not shadow.slot_ns:
        return ""
    is_same_day = shadow.slot_ns // day == event.slot_last_ns // day
    if is_same_day and dict(event.anchors) != shadow.anchors:
        return f"anchors {dict(event.anchors)} inside the day of {shadow.anchors}"
    return ""


def inv_10_reached_limits_are_latched(world: "World", event: ev.ScansCoalesced) -> str:
    """Require every limit that the recorded equity has reached to be latched after that step."""
    limits = world.settings.limits
    latched = {tripped.limit for tripped in world.shadow.limits.values()}
    anchors = dict(event.anchors)
    for name, period in PERIOD_LIMITS.items():
        fraction: Decimal = getattr(limits, f"{name}_fraction_max")
        if anchors[period] - event.equity >= anchors[period] * fraction and name not in latched:
            return f"{name}: equity {event.equity} of {anchors[period]} and no stop"
    mark = world.shadow.high_water_mark
    if mark - event.equity >= mark * limits.drawdown_fraction_max and "drawdown" not in latched:
        return f"drawdown: equity {event.equity} of {mark} and no stop"
    return ""


def inv_11_high_water_mark_falls_only_by_cash_flow_or_rebase(
    world: "World", event: ev.ScansCoalesced
) -> str:
    """Require at least the equity and the last mark moved by cash flows, or a rebase."""
    shadow = world.shadow
    is_lower = event.high_water_mark < shadow.mark_before
    if is_lower and shadow.rebased != event.high_water_mark:
        return f"fell from {shadow.mark_before} to {event.high_water_mark}"
    if event.high_water_mark < event.equity:
        return f"{event.high_water_mark} below the equity {event.equity}"
    return ""


def inv_12_recorded_equity_is_cash_and_positions(world: "World", seen: "Seen") -> str:
    """Require equity = cash + positions at the last closes, to the last unit."""
    event, shadow = seen.event, world.shadow
    if not isinstance(event, ev.ScansCoalesced):
        return ""
    shadow.take_marks(event)
    if event.equity != shadow.equity:
        return f"recorded {event.equity}, found {shadow.equity}"
    return ""


def inv_14_transitions_follow_the_table(world: "World", seen: "Seen") -> str:
    """Require each transition to be in the table and to begin where the last one ended."""
    event = seen.event
    if not isinstance(event, ev.Transitioned):
        return ""
    if world.shadow.state and event.source != world.shadow.state:
        return f"{event.source} after {world.shadow.state}"
    if TABLE.get(event.source, {}).get(event.trigger) != event.target:
        return f"{event.trigger} from {event.source} to {event.target}"
    return ""


def inv_14_memory_is_the_last_transition(world: "World", _step: "Step") -> str:
    """Require machine, book and journal to be in one state."""
    states = {world.runner.machine.state, world.core.book.state, world.shadow.state or "idle"}
    return "" if len(states) == 1 else f"states {sorted(states)}"


def inv_16_the_digest_rolls(world: "World", seen: "Seen") -> str:
    """Require the digest over the outcomes before, where one code alone tells what they were."""
    event, shadow = seen.event, world.shadow
    if not isinstance(event, ev.ScansCoalesced) or len(event.counts) != 1:
        return ""
    code, times = event.counts[0]
    outcomes = bytes([world.core.codes.index(code)]) * times
    wanted = hashlib.sha256(bytes.fromhex(shadow.digest) + outcomes).hexdigest()
    return "" if event.digest == wanted else f"digest of {times} x {code} does not follow"


def inv_18_reconciliation_intends_no_entries(world: "World", seen: "Seen") -> str:
    """Require a report to move no position; what follows only serves standing obligations."""
    event = seen.event
    if not isinstance(seen.step.event, ev.ReconcileReported):
        return ""
    if isinstance(event, ev.OrderIntended):
        held = seen.step.positions.get(event.symbol, ZERO)
        if event.purpose is Purpose.ENTRY or held * event.side.sign >= 0:
            return f"a report led to {event.purpose} {event.side} with {held} held"
        if event.quantity > abs(held):
            return f"a report led to {event.quantity} against {held}"
    if isinstance(event, ev.Filled | ev.PositionAdjusted):
        return f"a report led to {type(event).__name__}"
    del world
    return ""


def inv_19_signals_use_the_bar_of_their_own_close(world: "World", seen: "Seen") -> str:
    """Require the signal's bar to be the one that closed then, and then to be now or before."""
    event = seen.event
    if not isinstance(event, ev.SignalEmitted):
        return ""
    if event.slot_ns > world.core.time_ns:
        return "a signal from the future"
    slot = world.feed.slots.get(event.slot_ns)
    names = list(world.instruments)
    rows = () if slot is None else slot.bars
    bar = next((row for row in rows if names[row.index] == event.symbol), None)
    if bar is None:
        return f"no bar of {event.symbol} closed at {event.slot_ns}"
    tick = world.instruments[event.symbol].tick  # type: ignore[index]
    wanted = [price * tick for price in (bar.open, bar.high, bar.low, bar.close)]
    found = [Decimal(text) for text in event.bar[:4]]
    return "" if found == wanted else f"a signal on {found}, the bar was {wanted}"


def inv_19_fills_come_after_their_intent(world: "World", seen: "Seen") -> str:
    """Require no order to trade before it was decided.

    What is decided on a slot that waited for its bars is as of the slot's close.
    """
    if not isinstance(seen.event, ev.Filled):
        return ""
    order = world.shadow.orders.get(seen.event.fill.client_id)
    if order is None:
        return ""
    decided_ns = order.intent.price_ns if world.is_live else order.intended_ns
    if seen.event.fill.at_ns >= decided_ns:
        return ""
    early_ns = decided_ns - seen.event.fill.at_ns
    return f"{order.intent.purpose} filled {early_ns} ns before it was intended"


def inv_20_numbers_are_finite_and_positive(_world: "World", seen: "Seen") -> str:
    """Require the numbers of intents and fills to make sense."""
    event = seen.event
    if isinstance(event, ev.OrderIntended):
        numbers = [event.quantity, event.limit_price, event.stop_price, event.risk_stop_price]
    elif isinstance(event, ev.Filled):
        numbers = [event.fill.quantity, event.fill.price]
    else:
        return ""
    wrong = [n for n in numbers if n is not None and (not n.is_finite() or n <= 0)]
    return f"{type(event).__name__} with {wrong}" if wrong else ""


def inv_21_sizes_stay_within_the_risk_budget(world: "World", seen: "Seen") -> str:
    """Require quantity x stop distance within equity x risk per trade."""
    event, limits = seen.event, world.settings.limits
    if not isinstance(event, ev.OrderIntended) or event.purpose is not Purpose.ENTRY:
        return ""
    if event.risk_stop_price is None:
        return "an entry without a stop"
    risk = event.quantity * abs(event.reference_price - event.risk_stop_price)
    budget = world.shadow.equity * limits.risk_per_trade_fraction
    return "" if risk <= budget else f"risk {risk} of a budget {budget}"


def inv_22_unknown_is_resolved_by_evidence_alone(world: "World", seen: "Seen") -> str:
    """Require an unknown order's end to rest on the venue's word, and to be its truth."""
    event, step = seen.event, seen.step
    if isinstance(event, ev.OrderResolved):
        if not isinstance(step.event, ev.OrderQueried):
            return f"resolved by {type(step.event).__name__}"
        at_venue = world.venue.matching.orders.get(event.client_id)  # type: ignore[call-overload]
        truth = OrderStatus.NOT_AT_VENUE if at_venue is None else at_venue.status
        if truth is not event.status:
            return f"{event.client_id} resolved as {event.status}, the venue has {truth}"
    elif isinstance(event, ev.OrderRejected | ev.SendRefused):
        order = world.shadow.orders.get(event.client_id)
        if event.client_id in world.venue.matching.orders:
            return f"{event.client_id} counts as refused and is at the venue"
        if order is not None and order.unknown_ns and not order.ended:
            return f"unknown {event.client_id} became {type(event).__name__}"
    return ""


def inv_22_old_unknowns_are_alarmed(world: "World", step: "Step") -> str:
    """Require an alarm about every order that is unknown for a quarter of an hour."""
    now_ns = world.core.time_ns
    is_busy = world.core.next_due_ns() <= now_ns  # a question is due this very moment
    if is_busy or not step.scans:
        return ""
    for client_id, order in world.shadow.open.items():
        is_old = order.unknown_ns and now_ns - order.unknown_ns > ALARM_NS + QUERY_GAP_NS
        if is_old and not any(client_id in alert.text for _, alert in world.alerts):
            return f"{client_id} unknown for {(now_ns - order.unknown_ns) // 10**9} s, no alarm"
    return ""


def inv_23_each_send_carries_its_run(world: "World", seen: "Seen") -> str:
    """Require the running run's id in every attempt, and one attempt an order."""
    event = seen.event
    if not isinstance(event, ev.SendAttempted):
        return ""
    if event.run_id != world.journal.run_id:
        return f"sent by {event.run_id} in {world.journal.run_id}"
    sends = world.shadow.orders[event.client_id].sends
    return f"{event.client_id} attempted {sends + 1} times" if sends else ""


def inv_25_text_of_desks_stays_out_of_orders(world: "World", seen: "Seen") -> str:
    """Require what a desk wrote to stay out of every intent."""
    event = seen.event
    if isinstance(event, ev.OrderIntended) and world.canary in repr(event):
        return "a desk's text is in an intent"
    return ""


def inv_29_positions_are_protected_or_alarmed(world: "World", step: "Step") -> str:
    """Require a live stop, an exit under way, or an alarm for every position past its grace."""
    if not step.scans and not isinstance(step.event, ev.TimePassed):
        return ""
    book, now_ns = world.core.book, world.core.time_ns
    for symbol, position in book.positions.items():
        if position.stop_price is None or now_ns <= position.stop_due_ns + GRACE_NS:
            continue
        live = [o for o in book.live_orders(symbol) if o.purpose is not Purpose.ENTRY]
        if 0 < position.protection_failures < world.settings.failures_alarm:
            continue  # the next try is due in seconds
        is_excused = symbol in book.halted_symbols or book.state == "halted"
        if not live and not is_excused and not any(symbol in a.text for _, a in world.alerts):
            return f"{symbol} is unprotected since {position.stop_due_ns}"
    return ""


def inv_31_reductions_on_their_way_fit_the_position(world: "World", seen: "Seen") -> str:
    """Require exits and stops that are not ended to be at most what is held."""
    event, shadow = seen.event, world.shadow
    if not isinstance(event, ev.OrderIntended) or event.purpose is Purpose.ENTRY:
        return ""
    coming = event.quantity + sum(
        (
            order.remaining
            for order in shadow.open.values()
            if order.intent.symbol == event.symbol and order.intent.purpose is not Purpose.ENTRY
        ),
        ZERO,
    )
    held = abs(shadow.positions.get(event.symbol, ZERO))
    return f"{coming} of {event.symbol} to reduce {held}" if coming > held else ""


def inv_31_reductions_never_cross_zero(world: "World", seen: "Seen") -> str:
    """Require exits and stops to shrink a position, never to turn it."""
    if not isinstance(seen.event, ev.Filled):
        return ""
    fill = seen.event.fill
    order = world.shadow.orders.get(fill.client_id)
    if order is None or (fill.client_id, fill.fill_id) in world.shadow.fills:
        return ""
    held = world.shadow.positions.get(fill.symbol, ZERO)
    after = held + fill.quantity * fill.side.sign
    if order.intent.purpose is not Purpose.ENTRY and (held == 0 or held * after < 0):
        return f"{order.intent.purpose} took {fill.symbol} from {held} to {after}"
    return ""
