"""Circuit breakers: from what was loud to journaled trips, and from calm to re-armed. Pure.

Runs after a slot is folded and before it is scanned, in every state of the machine. Knows nothing
of how anything is measured; see hfl_core.risk.breakers.
"""

from collections.abc import Callable
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.limits import RiskLimits, is_bounding
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Lane
from hfl_core.risk.breakers import market, price, rejects, volatility, volume
from hfl_core.risk.breakers.loss import MINUTE_NS
from hfl_core.risk.breaking import (
    ACCOUNT,
    ARMED,
    REDUCE_ONLY,
    REFUSE,
    TRIPPED,
    Breaker,
    Reading,
    moved,
)
from hfl_core.risk.market import Market

OF_MARKETS: Final[tuple[tuple[Breaker, Callable[[Market, RiskLimits], Reading]], ...]] = (
    (price.BREAKER, price.read),
    (volatility.BREAKER, volatility.read),
    (volume.BREAKER, volume.read),
)


def watch_breakers(core: Core) -> None:
    """Trip what is loud and re-arm what has been calm for long enough."""
    watch = core.decider.watch
    for number, bits in sorted(watch.loud.items()):
        lane = core.decider.lanes[number]
        for breaker, read in OF_MARKETS:
            key = (breaker.name, lane.symbol)
            if bits & breaker.bit and key not in core.book.pace.breakers:
                _trip(core, breaker.name, lane.symbol, read(watch.markets[number], core.limits))
    for (name, symbol), record in sorted(core.book.pace.breakers.items()):
        if name == market.BREAKER.name:
            continue
        lane_of = core.lanes.get(symbol)
        if symbol == ACCOUNT or lane_of is None:
            is_over = core.time_ns >= record.until_ns
            why = "the time is over"
        else:
            is_over = _is_calm(core, lane_of, name)
            why = f"{core.limits.breaker_calm_bars} calm bars"
        if moved(TRIPPED, is_loud=False, is_over=is_over) == ARMED:
            core.emit(ev.BreakerRearmed(breaker=name, symbol=symbol, reason=why))
    _watch_market(core)
    _watch_answers(core)


def _is_calm(core: Core, lane: Lane, name: str) -> bool:
    """Tell whether enough bars of an instrument were inside this breaker's threshold."""
    watch = core.decider.watch
    if not watch.is_on:
        return True
    bit = next(breaker.bit for breaker, _ in OF_MARKETS if breaker.name == name)
    return watch.markets[lane.index].calm_bars(bit) >= core.limits.breaker_calm_bars


def _watch_market(core: Core) -> None:
    """Trip or re-arm the account's breaker by how many instruments are broken by now."""
    limits, breakers, watched = core.limits, core.book.pace.breakers, len(core.lanes)
    name = market.BREAKER.name
    broken = len({symbol for _, symbol in breakers if symbol in core.lanes})
    if (name, ACCOUNT) not in breakers:
        reading = market.read(broken, watched, limits)
        if reading.is_beyond:
            _trip(core, name, ACCOUNT, reading, action=REDUCE_ONLY)
    elif market.is_calm(broken, watched, limits):
        why = f"{broken} of {watched} markets tripped"
        core.emit(ev.BreakerRearmed(breaker=name, symbol=ACCOUNT, reason=why))


def _watch_answers(core: Core) -> None:
    limits, pace = core.limits, core.book.pace
    name = rejects.BREAKER.name
    if not is_bounding(limits, "reject_fraction_max") or (name, ACCOUNT) in pace.breakers:
        return
    reading = rejects.read(tuple(pace.answers), limits)
    if reading.is_beyond:
        until_ns = core.time_ns + limits.reject_pause_minutes * MINUTE_NS
        _trip(core, name, ACCOUNT, reading, until_ns=until_ns)


def _trip(
    core: Core,
    name: str,
    symbol: str,
    reading: Reading,
    *,
    until_ns: int = 0,
    action: str = REFUSE,
) -> None:
    core.emit(
        ev.BreakerTripped(
            breaker=name,
            symbol=symbol,
            action=action,
            value=ev.number_text(reading.value),
            limit=ev.number_text(reading.limit),
            reason=reading.sentence,
            until_ns=until_ns,
        )
    )
    sentence = core.book.pace.breakers[name, symbol].sentence
    core.effects.append(RaiseAlert(level="warning", text=f"breaker tripped: {sentence}"))
