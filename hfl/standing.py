"""What a daemon's snapshot says of stops and what is open, as values and as text."""

from collections.abc import Mapping
from dataclasses import dataclass

from hfl.words import instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop in force. limit: the limit that tripped, empty for one that was typed."""

    latch_id: str
    level: str
    reason: str
    actor: str
    since_ns: int
    limit: str
    period_end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Why the bot does what it does. positions: symbol to (quantity, price, stop, exit reason)."""

    state: str
    halt_reason: str
    time_ns: int
    stops: tuple[Stop, ...]
    positions: Mapping[str, tuple[str, str, str, str]]
    orders: int

    def text(self) -> str:
        """Return it for a person."""
        reason = f" ({self.halt_reason})" if self.halt_reason else ""
        lines = [f"The bot is {self.state}{reason}; {len(self.stops)} stops in force:"]
        for stop in self.stops:
            since = instant(stop.since_ns) if stop.since_ns else "before the first bar"
            lines.append(f"  {stop.level:<12}{stop.latch_id}")
            lines.append(f"    why      {stop.reason}")
            lines.append(f"    since    {since}, by {stop.actor}")
            if stop.limit:
                is_over = stop.period_end_ns <= self.time_ns
                when = (
                    "its period is over" if is_over else f"not before {instant(stop.period_end_ns)}"
                )
                lines.append(f"    limit    {stop.limit}: can be lifted {when}")
        lines.append(f"Open: {len(self.positions)} positions, {self.orders} orders")
        for symbol, (quantity, price, stop_price, leaving) in self.positions.items():
            guard = f"stop {stop_price}" if stop_price else "no stop"
            lines.append(
                f"  {symbol:<12}{quantity} at {price}, {guard}"
                + (f", leaving: {leaving}" if leaving else "")
            )
        return "\n".join(lines) + "\n"


def standing_of(snapshot: Mapping[str, object]) -> Standing:
    """Read a snapshot of `hfl.pulse`; what is missing there is empty here."""
    details = _table(snapshot.get("stop_details"))
    stops = []
    for latch_id, found in _table(snapshot.get("stops")).items():
        level, reason = found if isinstance(found, list) and len(found) == 2 else ("", "")
        detail = _table(details.get(latch_id))
        stops.append(
            Stop(
                latch_id=latch_id,
                level=str(level),
                reason=str(reason),
                actor=str(detail.get("actor", "")),
                since_ns=_whole(detail.get("since_ns")),
                limit=str(detail.get("limit", "")),
                period_end_ns=_whole(detail.get("period_end_ns")),
            )
        )
    positions = {}
    for symbol, found in _table(snapshot.get("positions")).items():
        held = _table(found)
        quantity, price, stop, leaving = (
            str(held.get(name) or "") for name in ("quantity", "price", "stop", "exit")
        )
        positions[symbol] = (quantity, price, stop, leaving)
    return Standing(
        state=str(snapshot.get("state", "")),
        halt_reason=str(snapshot.get("halt_reason", "")),
        time_ns=_whole(snapshot.get("engine_time_ns")),
        stops=tuple(stops),
        positions=positions,
        orders=len(_table(snapshot.get("orders"))),
    )


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
