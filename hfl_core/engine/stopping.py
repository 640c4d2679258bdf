"""Stops, limits and what a human may ask for.

Pure; knows nothing of latch files, sockets or screens.
"""

from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.effects import ClearLatch, EndRun, MoveCash, RaiseAlert, SetLatch
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import exact, money_from_units, plain
from hfl_core.engine import limiting
from hfl_core.engine.book import KILL, REDUCE_ONLY
from hfl_core.engine.book_records import LatchRecord
from hfl_core.engine.core import CASH_TIMER, NEVER_NS, Core
from hfl_core.engine.periods import PERIODS
from hfl_core.engine.settings import POLICY_NEXT_PERIOD, SECOND_NS
from hfl_core.engine.table import HALTED
from hfl_core.engine.tripping import watch_breakers
from hfl_core.risk.breakers import loss as rapid_loss
from hfl_core.risk.context import share

DRAWDOWN: Final = "drawdown"
PERIOD_LIMITS: Final = ("daily_loss", "weekly_loss", "monthly_loss")
# A drawdown halt lasts until the calendar month is over.
DRAWDOWN_PERIOD: Final = len(PERIODS) - 1
CASH_RETRY_NS: Final = 30 * SECOND_NS
TYPED_WORD: Final = "RESUME"


# --- limits ---------------------------------------------------------------------------------------


def watch_limits(core: Core, *, is_new_period: bool) -> None:
    """Trip every loss limit that equity has reached.

    Under the next-period policy lift what has ended. A close at a period's very end is its last:
    it is judged by the period that ends there, too, or bars as long as a day would never trip it.
    """
    if core.decider.ended:
        _judge_ended(core)
    if is_new_period and core.settings.operator_policy == POLICY_NEXT_PERIOD:
        _lift_ended(core)
    decider = core.decider
    if decider.watch.attention:
        watch_breakers(core)
        _watch_fall(core)
    if is_new_period or decider.high_water_mark != core.floor_mark:
        _refloor(core)
    if decider.equity > core.floor:
        return
    limits = core.limits
    latched = {latch.limit for latch in core.book.latches.values()}
    for number, name in enumerate(PERIOD_LIMITS):
        start = decider.anchors[number]
        allowed = share(start, _fraction(limits, name))
        if name not in latched and start - decider.equity >= allowed:
            end_ns = decider.period_ends[number]
            _trip(core, name, value=start - decider.equity, allowed=allowed, end_ns=end_ns)
    allowed = share(decider.high_water_mark, limits.drawdown_fraction_max)
    fallen = decider.high_water_mark - decider.equity
    if DRAWDOWN not in latched and fallen >= allowed:
        end_ns = decider.period_ends[DRAWDOWN_PERIOD]
        _trip(core, DRAWDOWN, value=fallen, allowed=allowed, end_ns=end_ns)
    _refloor(core)


def _judge_ended(core: Core) -> None:
    """Trip what the last close of a period reached; such a stop may be lifted at once."""
    decider = core.decider
    latched = {latch.limit for latch in core.book.latches.values()}
    for number, start in decider.ended:
        name = PERIOD_LIMITS[number]
        allowed = share(start, _fraction(core.limits, name))
        if name not in latched and start - decider.equity >= allowed:
            end_ns = decider.time_ns
            _trip(core, name, value=start - decider.equity, allowed=allowed, end_ns=end_ns)
    decider.ended.clear()


def _watch_fall(core: Core) -> None:
    """Trip when equity fell too far from its highest of the window."""
    watch = core.decider.watch
    peak, equity = watch.peak, core.decider.equity
    allowed = rapid_loss.allowed(peak, core.limits)
    latched = {latch.limit for latch in core.book.latches.values()}
    if watch.window_ns and rapid_loss.NAME not in latched and peak - equity >= allowed > 0:
        end_ns = core.decider.period_ends[0]
        _trip(core, rapid_loss.NAME, value=peak - equity, allowed=allowed, end_ns=end_ns)


def _fraction(limits: RiskLimits, name: str) -> Decimal:
    fraction: Decimal = getattr(limits, f"{name}_fraction_max")
    return fraction


def _refloor(core: Core) -> None:
    """Compute the highest equity at which any untripped limit trips."""
    decider, limits = core.decider, core.limits
    latched = {latch.limit for latch in core.book.latches.values()}
    floor = -NEVER_NS
    if DRAWDOWN not in latched:
        mark = decider.high_water_mark
        floor = mark - share(mark, limits.drawdown_fraction_max)
    for number, name in enumerate(PERIOD_LIMITS):
        if name not in latched:
            start = decider.anchors[number]
            floor = max(floor, start - share(start, _fraction(limits, name)))
    core.floor = floor
    core.floor_mark = decider.high_water_mark


def _trip(core: Core, name: str, *, value: int, allowed: int, end_ns: int) -> None:
    latch_id = f"{name}-{core.book.trips + 1}"
    core.emit(
        ev.LimitTripped(
            limit=name,
            value=money_from_units(value),
            threshold=money_from_units(allowed),
            period_end_ns=end_ns,
            latch_id=latch_id,
        )
    )
    reason = core.book.latches[latch_id].reason
    core.effects.append(SetLatch(level=REDUCE_ONLY, latch_id=latch_id, reason=reason))
    core.effects.append(RaiseAlert(level="warning", text=f"limit tripped: {reason}"))


def _lift_ended(core: Core) -> None:
    ended = [
        latch
        for latch in core.book.latches.values()
        if latch.limit and latch.period_end_ns <= core.time_ns
    ]
    if ended:
        _lift(core, ended, actor="policy:next-period", reason="the period is over")


def _lift(core: Core, latches: list[LatchRecord], *, actor: str, reason: str) -> None:
    ids = tuple(latch.latch_id for latch in latches)
    if any(latch.limit == DRAWDOWN for latch in latches):
        old, new = core.decider.high_water_mark, core.decider.equity
        core.emit(
            ev.DrawdownRebased(
                old=money_from_units(old), new=money_from_units(new), by=actor, reason=reason
            )
        )
    core.emit(ev.Resumed(latch_ids=ids, actor=actor, reason=reason))
    core.effects.append(ClearLatch(latch_ids=ids))


# --- commands -------------------------------------------------------------------------------------


def on_command(core: Core, event: ev.CommandReceived) -> None:
    """Carry out what a human or a policy asked for, or refuse with one sentence."""
    arguments = dict(event.arguments)
    reason = arguments.get("reason", "") or event.verb
    match event.verb:
        case "pause" | "close_all":
            # What a close-all in force closes, now and when it fills late, `oblige` decides.
            _latch(core, REDUCE_ONLY, event, reason)
        case "kill":
            _latch(core, KILL, event, reason)
            core.go("halt", "killed")
            core.effects.append(EndRun(reason="killed"))
        case "stop":
            core.effects.append(EndRun(reason="stopped"))
        case "resume":
            _resume(core, event, arguments)
        case "deposit" | "withdraw":
            _move_cash(core, event, arguments)
        case "limits":
            _ask_limits(core, event, arguments)
        case "accept_position":
            _accept_position(core, event, arguments)
        case _:
            _refuse(core, event, f"expected a known verb, found {event.verb!r}")


def _refuse(core: Core, event: ev.CommandReceived, why: str) -> None:
    core.emit(ev.CommandRefused(request_id=event.request_id, verb=event.verb, why=why))


def _latch(core: Core, level: str, event: ev.CommandReceived, reason: str) -> None:
    core.emit(
        ev.StopLatched(level=level, latch_id=event.request_id, reason=reason, actor=event.actor)
    )
    core.effects.append(SetLatch(level=level, latch_id=event.request_id, reason=reason))


def on_latch_found(core: Core, event: ev.LatchFound) -> None:
    """Somebody stopped us without the engine: obey it like a command."""
    core.effects.append(RaiseAlert(level="warning", text=f"stop found: {event.level} {event.text}"))
    if event.level == KILL:
        core.go("halt", "killed")


def _resume(core: Core, event: ev.CommandReceived, arguments: dict[str, str]) -> None:
    """Lift exactly the stops that were shown, when a human typed the word."""
    if arguments.get("typed") != TYPED_WORD:
        _refuse(
            core, event, f"expected the typed word {TYPED_WORD}, found {arguments.get('typed')!r}"
        )
        return
    shown = [part for part in arguments.get("latch_ids", "").split(",") if part]
    missing = [latch_id for latch_id in shown if latch_id not in core.book.latches]
    if missing:
        _refuse(core, event, f"expected the stops in force, found {', '.join(missing)}: look again")
        return
    latches = [core.book.latches[latch_id] for latch_id in shown]
    early = [latch for latch in latches if latch.limit and latch.period_end_ns > core.time_ns]
    if early:
        _refuse(core, event, f"expected the period of {early[0].limit} to be over: it is not yet")
        return
    if latches:
        _lift(core, latches, actor=event.actor, reason=arguments.get("reason", ""))
    if core.book.state == HALTED and core.book.halt_reason == "killed" and core.book.level != KILL:
        core.go("resume", arguments.get("reason", ""))


def _ask_limits(core: Core, event: ev.CommandReceived, arguments: dict[str, str]) -> None:
    """Take other limits over: the stricter at once, the weaker after the wait."""
    asked = {name: text for name, text in arguments.items() if name != "reason"}
    try:
        limiting.ask(core, asked, reason=arguments.get("reason", "") or limiting.ASKED)
    except ValueError as error:
        _refuse(core, event, str(error))


def _move_cash(core: Core, event: ev.CommandReceived, arguments: dict[str, str]) -> None:
    try:
        amount = exact(arguments.get("amount", ""))
    except ValueError as error:
        _refuse(core, event, str(error))
        return
    if amount <= 0:
        _refuse(core, event, f"expected an amount above zero, found {plain(amount)}")
        return
    if event.verb == "withdraw" and amount > core.book.cash:
        cash = plain(core.book.cash)
        _refuse(core, event, f"expected at most the cash of {cash}, found {plain(amount)}")
        return
    signed = amount if event.verb == "deposit" else -amount
    core.effects.append(MoveCash(request_id=event.request_id, amount=plain(signed)))


def ask_cash_again(core: Core) -> None:
    """Ask once more for every movement of cash without an answer: the venue does each id once."""
    for request_id, amount in core.book.cash_asked.items():
        core.effects.append(MoveCash(request_id=request_id, amount=amount, is_repeat=True))


def on_degraded(core: Core, event: ev.Degraded) -> None:
    """Ask again in a while when nobody knows whether cash was moved."""
    is_asking = any(kind == CASH_TIMER for _, kind, _ in core.timers)
    if event.component == "cash" and core.book.cash_asked and not is_asking:
        core.set_timer(core.time_ns + CASH_RETRY_NS, CASH_TIMER, "")


def _accept_position(core: Core, event: ev.CommandReceived, arguments: dict[str, str]) -> None:
    symbol = arguments.get("symbol", "")
    if symbol not in core.book.halted_symbols:
        _refuse(core, event, f"expected an instrument halted by a mismatch, found {symbol!r}")
        return
    try:
        quantity, price = exact(arguments.get("quantity", "")), exact(arguments.get("price", ""))
    except ValueError as error:
        _refuse(core, event, str(error))
        return
    core.emit(
        ev.PositionAdjusted(
            symbol=symbol, quantity=quantity, price=price, reason=arguments.get("reason", "")
        )
    )
