"""The limits' gauges for the screen: the envelope's arithmetic over the screen's own book."""

from collections.abc import Mapping
from decimal import Decimal

from hfl import envelope
from hfl.envelope import Account, Held, held_of
from hfl.glance import Data
from hfl.limits import HeldLimits
from hfl.screen.terms import RunTerms
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book import Book
from hfl_tui.ports import Gauge, Worth


class EnvelopeGauges:
    """Makes gauges of a book, what it is worth and the marks; terms are read once a run."""

    def __init__(self, terms: RunTerms) -> None:
        self._terms = terms

    def __call__(self, book: Book, worth: Worth, marks: Mapping[str, Decimal]) -> tuple[Gauge, ...]:
        """Return the halts, then the exposures."""
        terms = self._terms.of(book.run_id)
        account = Account(
            equity=worth.equity,
            high_water_mark=worth.high_water_mark,
            starts=dict(worth.starts),
        )
        limits = HeldLimits(texts=dict(book.limits or terms.limits))
        held = _held(book, marks, terms.instruments)
        found = [
            *envelope.losses(account, limits),
            *envelope.exposures(account, limits, held),
        ]
        return tuple(
            Gauge(
                name=one.name,
                now=one.now,
                limit=one.limit,
                used=one.used,
                left=one.left,
                unit="money" if one.unit == envelope.MONEY else "count",
                action="refuse" if one.action == envelope.REFUSE else "halt",
                note=one.note,
            )
            for one in found
        )


def _held(book: Book, marks: Mapping[str, Decimal], terms: Mapping[str, Data]) -> tuple[Held, ...]:
    """Return every position, and every entry on its way as if it were filled."""
    found = [
        held_of(
            one.symbol,
            terms,
            quantity=one.quantity,
            entry=one.price,
            mark=marks.get(one.symbol, one.price),
            stop=one.stop_price,
        )
        for one in book.positions.values()
    ]
    found.extend(
        held_of(
            order.symbol,
            terms,
            quantity=order.remaining * order.side.sign,
            entry=order.reference_price,
            mark=order.reference_price,
            stop=order.risk_stop_price,
            way=order.status.value,
        )
        for order in book.live.values()
        if order.purpose is Purpose.ENTRY
    )
    return tuple(found)
