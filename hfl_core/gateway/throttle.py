"""Order-rate and repeated-order throttles of the gateway. Pure: time arrives as data."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

MINUTE_NS: Final = 60_000_000_000


@dataclass(slots=True, kw_only=True)
class Throttle:
    """Count what was sent; refuse the order that would be one too many.

    orders_per_minute_max: sends of any kind; repeats_per_minute_max: sends of the same (symbol,
    side, quantity).
    """

    orders_per_minute_max: int
    repeats_per_minute_max: int
    _sent: deque[tuple[int, str]] = field(default_factory=deque)

    def refusal(self, key: str, now_ns: int) -> str:
        """Return why this order must wait, or an empty text."""
        while self._sent and now_ns - self._sent[0][0] >= MINUTE_NS:
            self._sent.popleft()
        if len(self._sent) >= self.orders_per_minute_max:
            return f"expected at most {self.orders_per_minute_max} orders a minute, found one more"
        repeats = sum(1 for _, sent in self._sent if sent == key)
        if repeats >= self.repeats_per_minute_max:
            most = self.repeats_per_minute_max
            return f"expected at most {most} times {key} a minute, found one more"
        return ""

    def note(self, key: str, now_ns: int) -> None:
        """Remember a send."""
        self._sent.append((now_ns, key))
