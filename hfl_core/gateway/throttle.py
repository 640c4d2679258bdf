"""Order-rate and repeated-order throttles of the gateway. Pure: what was sent is in the book.

It remembers nothing, so that a restart lifts no limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderIntent, Purpose, Side
from hfl_core.engine.book import Book

MINUTE_NS: Final = 60_000_000_000


class Wish(NamedTuple):
    """What makes two entries the same order again."""

    symbol: str
    side: Side
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Refuse the entry that would be one too many.

    orders_per_minute_max: entries sent, whatever came of them, at most as many as ended orders are
    kept in the book; repeats_per_minute_max: of the same Wish; intent_age_max_ns: how long after
    its intent an entry may still be sent.
    """

    orders_per_minute_max: int
    repeats_per_minute_max: int
    intent_age_max_ns: int

    def refusal(self, intent: OrderIntent, book: Book, now_ns: int) -> str:
        """Return why this entry must wait, or an empty text."""
        wish = Wish(intent.symbol, intent.side, intent.quantity)
        sent = list(self._sent_since(book, now_ns - MINUTE_NS))
        if len(sent) >= self.orders_per_minute_max:
            return f"expected at most {self.orders_per_minute_max} orders a minute, found one more"
        if sent.count(wish) >= self.repeats_per_minute_max:
            again = f"{wish.symbol} {wish.side.value} {plain(wish.quantity)}"
            most = self.repeats_per_minute_max
            return f"expected at most {most} times {again} a minute, found one more"
        return ""

    def _sent_since(self, book: Book, since_ns: int) -> Iterator[Wish]:
        """Yield the entries that were sent after a moment, newest first."""
        for order in reversed(book.orders.values()):
            if order.intended_ns <= since_ns - self.intent_age_max_ns:
                return  # the book keeps orders as they were intended
            if order.purpose is Purpose.ENTRY and order.attempted_ns > since_ns:
                yield Wish(order.symbol, order.side, order.quantity)
