"""The limits' gauges for the screen: the envelope's arithmetic over the screen's own book."""

import contextlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from hfl import envelope
from hfl.envelope import Account, Held, held_of
from hfl.glance import Data, Glance
from hfl.limits import HeldLimits
from hfl_core.domain.errors import JournalError
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book import Book
from hfl_tui.ports import Gauge, Worth


class EnvelopeGauges:
    """Makes gauges of a book, what it is worth and the marks; terms are read once a run."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._run = ""
        self._terms: Mapping[str, Data] = {}
        self._limits: Mapping[str, str] = {}

    def __call__(self, book: Book, worth: Worth, marks: Mapping[str, Decimal]) -> tuple[Gauge, ...]:
        """Return the halts, then the exposures."""
        if self._run != book.run_id:
            self._read(book.run_id)
        account = Account(
            equity=worth.equity,
            high_water_mark=worth.high_water_mark,
            starts=dict(worth.starts),
        )
        limits = HeldLimits(texts=dict(book.limits or self._limits))
        held = _held(book, marks, self._terms)
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

    def _read(self, run_id: str) -> None:
        """Read the instruments' terms of the newest run."""
        self._terms, self._limits = {}, {}
        with (
            contextlib.suppress(JournalError, ValueError, KeyError),
            Glance.open(self._journal) as journal,
        ):
            run = journal.newest("RunStarted")
            if run is not None and run.data.get("plan_blob"):
                plan = json.loads(journal.blob(run.data["plan_blob"]))
                own = (watch["instrument"] for watch in plan["watches"])
                self._terms = {one["symbol"]: one for one in own}
                self._limits = {name: str(value) for name, value in plan["limits"].items()}
            self._run = run_id


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
