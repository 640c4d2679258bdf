"""Invariants of one order as it reaches the venue, judged from outside the bot."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hfl_core.domain.orders import Purpose
from hfl_core.gateway import latch_files

if TYPE_CHECKING:
    from tests.support.invariants import Call
    from tests.support.world import World

MINUTE_NS = 60_000_000_000
ZERO: Final = Decimal(0)


def inv_02_nothing_is_sent_without_a_durable_intent(world: "World", call: "Call") -> str:
    """Require committed rows of the intent and of the attempt."""
    for kind in ("OrderIntended", "SendAttempted"):
        if f"{kind} {call.client_id}" not in world.committed:
            return f"{call.client_id} reached the venue without a committed {kind}"
    intended = world.shadow.orders[call.client_id].intent
    found = (call.intent.symbol, call.intent.side, call.intent.quantity, call.intent.purpose)
    wanted = (intended.symbol, intended.side, intended.quantity, intended.purpose)
    return "" if found == wanted else f"sent {found}, intended {wanted}"


def inv_04_each_order_is_sent_once(world: "World", call: "Call") -> str:
    """Require the venue's own count of this id to be zero before it."""
    times = world.venue.counts().submits.get(call.client_id, 0)
    return f"{call.client_id} was sent {times + 1} times" if times else ""


def inv_06_no_entry_is_sent_under_a_stop(world: "World", call: "Call") -> str:
    """Require no stop: acknowledged, journaled or on disk; and a machine that is not halted."""
    if call.intent.purpose is not Purpose.ENTRY:
        return ""
    if world.stops or world.shadow.stops:
        return f"an entry was sent under {world.stops or world.shadow.stops}"
    if world.shadow.state == "halted":
        return "an entry was sent while halted"
    if world.directory is not None and latch_files.read(world.directory).level != latch_files.NONE:
        return "an entry was sent with a latch file in place"
    return ""


def inv_07_after_a_kill_only_protection_is_sent(world: "World", call: "Call") -> str:
    """Require a kill to let through nothing but protective stops and a close that a human typed."""
    is_killed = "kill" in world.stops.values() or world.shadow.level == "kill"
    is_typed = call.intent.purpose is Purpose.EXIT and call.intent.reason == "close_all"
    if is_killed and call.intent.purpose is not Purpose.PROTECTION and not is_typed:
        return f"{call.intent.purpose} was sent after a kill"
    return ""


def inv_19_prices_behind_entries_are_fresh(world: "World", call: "Call") -> str:
    """Require a price that is neither too old nor from the future."""
    intended = world.shadow.orders[call.client_id].intent
    age_ns = world.core.time_ns - intended.price_ns
    if age_ns < 0:
        return f"decided on a price {-age_ns} ns ahead"
    if call.intent.purpose is Purpose.ENTRY and age_ns > world.gateway.settings.price_age_max_ns:
        return f"sent on a price {age_ns} ns old"
    return ""


def inv_21_wire_values_are_whole_lots_and_ticks(world: "World", call: "Call") -> str:
    """Require whole lots, whole ticks, and at least the smallest notional."""
    instrument = world.instruments[call.intent.symbol]
    intent = call.intent
    if intent.quantity <= 0 or intent.quantity % instrument.lot:
        return f"quantity {intent.quantity} with a lot of {instrument.lot}"
    for price in (intent.limit_price, intent.stop_price, intent.risk_stop_price):
        if price is not None and (price <= 0 or price % instrument.tick):
            return f"price {price} with a tick of {instrument.tick}"
    value = intent.quantity * world.shadow.marks[intent.symbol]
    if intent.purpose is Purpose.ENTRY and value < instrument.notional_min:
        return f"value {value} below the smallest, {instrument.notional_min}"
    return ""


def inv_28_entries_stay_below_the_throttles(world: "World", call: "Call") -> str:
    """Require every minute to hold no more entries, and no more equal ones, than allowed."""
    if call.intent.purpose is not Purpose.ENTRY:
        return ""
    now_ns = world.core.time_ns
    recent = [key for at_ns, key in world.entries_sent if now_ns - at_ns < MINUTE_NS]
    settings = world.gateway.settings
    if len(recent) >= settings.orders_per_minute_max:
        return f"{len(recent) + 1} entries in a minute"
    key = f"{call.intent.symbol} {call.intent.side} {call.intent.quantity}"
    if recent.count(key) >= settings.repeats_per_minute_max:
        return f"{recent.count(key) + 1} times {key} in a minute"
    return ""


def inv_31_exits_fit_what_the_venue_holds(world: "World", call: "Call") -> str:
    """Require the venue to hold what an exit closes: a venue that clips nothing would turn it."""
    if call.intent.purpose is not Purpose.EXIT:
        return ""
    positions = world.venue.matching.account().positions
    held = sum((each.quantity for each in positions if each.symbol == call.intent.symbol), ZERO)
    if -call.intent.side.sign * held < call.intent.quantity:
        return f"{call.intent.side} {call.intent.quantity} of {held} {call.intent.symbol} held"
    return ""
