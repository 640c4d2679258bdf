"""The wiring of the screen: one account's place, teller, gauges, stopper and rewinder."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from hfl.screen.costs import ClosingCosts
from hfl.screen.first import FirstTime
from hfl.screen.gauges import EnvelopeGauges
from hfl.screen.seen import SeenFile
from hfl.screen.stopper import LatchStopper
from hfl.screen.terms import RunTerms
from hfl.whereabouts import Whereabouts
from hfl_core.engine.book import Book
from hfl_tui.ports import (
    Chart,
    Gauge,
    Looks,
    Outfit,
    Place,
    Redecided,
    Rewinder,
    Teller,
    Told,
    TradePage,
    Worth,
)


class LateTeller:
    """The teller, imported with the first question: the first picture does not wait for it."""

    def __init__(self, where: Whereabouts) -> None:
        self._where = where

    @cached_property
    def _teller(self) -> Teller:
        from hfl.screen.teller import JournalTeller

        return JournalTeller(self._where)

    def tell(self, ask: str) -> Told:
        """Tell a trade, an order, a row's decision, or a scan."""
        return self._teller.tell(ask)

    def trades(self, before_seq: int) -> TradePage:
        """Return the stretch of trades in front of a row, 0 for the newest."""
        return self._teller.trades(before_seq)

    def risk(self) -> Told:
        """Tell the envelope below the gauges."""
        return self._teller.risk()

    def check(self) -> Told:
        """Run a risk check."""
        return self._teller.check()


class LateRewinder:
    """The rewinder, imported with the first question likewise."""

    def __init__(self, where: Whereabouts) -> None:
        self._where = where

    @cached_property
    def _rewinder(self) -> Rewinder:
        from hfl.screen.rewinder import JournalRewinder

        return JournalRewinder(self._where)

    def gauges(self, book: Book, worth: Worth, marks: Mapping[str, Decimal]) -> tuple[Gauge, ...]:
        """Return the limits by the terms of the book's own run."""
        return self._rewinder.gauges(book, worth, marks)

    def moment_of(self, ask: str) -> tuple[int, str]:
        """Return the row and the symbol at which what a teller is asked for began."""
        return self._rewinder.moment_of(ask)

    def chart(self, seq: int, symbol: str, *, count: int, ahead: int) -> Chart:
        """Return an instrument's bars as known behind a row."""
        return self._rewinder.chart(seq, symbol, count=count, ahead=ahead)

    def redecide(self, seq: int, is_wanted: Callable[[], bool]) -> Redecided:
        """Decide the step that a row belongs to again."""
        return self._rewinder.redecide(seq, is_wanted)

    def outcome(self, seq: int, symbol: str) -> tuple[str, ...]:
        """Tell what came of the trade that was held then, or that this step led to."""
        return self._rewinder.outcome(seq, symbol)

    def whatif(self, text: str, is_wanted: Callable[[], bool]) -> Told:
        """Answer as `hfl whatif` does."""
        return self._rewinder.whatif(text, is_wanted)


def outfit(where: Whereabouts, looks: Looks | None = None) -> Outfit:
    """Return everything the screen is given. The stopper is whole: a stop imports nothing more."""
    paths = where.paths
    terms = RunTerms(where.journal)
    place = Place(
        name=f"{where.mode}-{where.account}",
        mode=where.mode,
        account=where.account,
        journal=where.journal,
        board_file=where.board_file,
        lock_file=paths.lock_file(where.mode, where.account),
        emergency_socket=paths.emergency_socket,
    )
    return Outfit(
        place=place,
        teller=LateTeller(where),
        gauges=EnvelopeGauges(terms),
        stopper=LatchStopper(where),
        looks=looks or Looks(),
        costs=ClosingCosts(terms),
        is_first_time=FirstTime(Path(paths.cache) / "screen-greeted"),
        memory=SeenFile(Path(paths.run) / f"seen-{where.mode}-{where.account}"),
        rewinder=LateRewinder(where),
    )
