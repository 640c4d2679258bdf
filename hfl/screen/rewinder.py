"""What Replay asks the front door for: bars, today's verdict, the outcome, and what if."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from hfl.glance import Glance
from hfl.home import Home
from hfl.reading import open_reader, scans_at
from hfl.screen.again import Again
from hfl.screen.bars import Bars
from hfl.screen.gauges import EnvelopeGauges
from hfl.screen.later import outcome
from hfl.screen.terms import RunTerms
from hfl.screen.whatif import answer
from hfl.story import NotThereError, story_of
from hfl.whereabouts import Whereabouts
from hfl.words import time_of
from hfl_core.domain.errors import JournalError
from hfl_core.engine.book import Book
from hfl_tui.ports import Chart, Gauge, Redecided, Told, Worth

NEWEST_NS = (1 << 62) - 1


class JournalRewinder:
    """See hfl_tui.ports.Rewinder."""

    def __init__(self, where: Whereabouts) -> None:
        self._where = where
        self._home = Home(paths=where.paths, mode=where.mode, account=where.account)
        self._gauges = EnvelopeGauges(RunTerms(where.journal))
        self._bars = Bars(self._home)
        self._again = Again(self._home)

    def gauges(self, book: Book, worth: Worth, marks: Mapping[str, Decimal]) -> tuple[Gauge, ...]:
        """Return the limits by the terms of the book's own run."""
        return self._gauges(book, worth, marks)

    def moment_of(self, ask: str) -> tuple[int, str]:
        """Return the row and the symbol at which what a teller is asked for began."""
        kind, _, rest = ask.partition(" ")
        first, _, second = rest.partition(" ")
        if kind in {"row", "step", "scan"}:
            return int(first), second
        if kind == "why":
            with open_reader(self._home) as reader:
                row = scans_at(reader, time_of(second) if second else NEWEST_NS)
                return (1 if row is None else row.seq), first
        with Glance.open(self._where.journal) as journal:
            if journal.orders_like(ask):
                return journal.about(ask)[0].seq, str(journal.about(ask)[0].data["symbol"])
            try:
                story = story_of(journal, ask)
            except NotThereError as error:
                raise JournalError(str(error)) from error
        decided = [row for row in story.rows if row.kind == "SignalEmitted"]
        return (decided or story.rows)[0].seq, story.symbol

    def chart(self, seq: int, symbol: str, *, count: int, ahead: int) -> Chart:
        """Return an instrument's bars as known behind a row."""
        return self._bars.chart(seq, symbol, count=count, ahead=ahead)

    def redecide(self, seq: int, is_wanted: Callable[[], bool]) -> Redecided:
        """Decide the step that a row belongs to again."""
        return self._again.redecide(seq, is_wanted)

    def outcome(self, seq: int, symbol: str) -> tuple[str, ...]:
        """Tell what came of the trade that was held then, or that this step led to."""
        with Glance.open(self._where.journal) as journal:
            return outcome(journal, seq, symbol)

    def whatif(self, text: str, is_wanted: Callable[[], bool]) -> Told:
        """Answer as `hfl whatif` does."""
        return answer(self._where, text, is_wanted)
