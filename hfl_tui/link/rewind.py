"""The replay's two threads: moments at once, and beside them what takes longer. No Textual."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from hfl_core.domain.errors import HflError, JournalError
from hfl_tui.link.lane import Hand, Lane
from hfl_tui.link.moment import Moment, Moments, Wanted
from hfl_tui.link.track import next_of_interest, row_at
from hfl_tui.ports import Outfit, Redecided, Told

# What a row that no fold of ours would have written may raise.
ODD = (AssertionError, KeyError, TypeError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Where to go from the moment shown. Nothing set: to the same moment again.

    steps: rows on or back; events: rows of interest on or back.
    """

    seq: int = 0
    steps: int = 0
    events: int = 0
    time_ns: int = 0
    ask: str = ""
    is_last: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether one is there."""
        return self == Aim()

    def moved(self, rows: int) -> "Aim":
        """Return the aim so many rows further: steps that are on their way add up."""
        return dataclasses.replace(self, steps=self.steps + rows)

    def searched(self, events: int) -> "Aim":
        """Return the aim so many events further."""
        return dataclasses.replace(self, events=self.events + events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What takes longer. note: why nothing is told; outcome: None until it was asked and found."""

    told: Told | None = None
    note: str = ""
    again: Redecided | None = None
    outcome: tuple[str, ...] | None = None
    outcome_note: str = ""
    is_revealed: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left to ask."""
        has_outcome = not self.is_revealed or self.outcome is not None or bool(self.outcome_note)
        return (self.told is not None or bool(self.note)) and self.again is not None and has_outcome

    def revealed(self, is_revealed: bool) -> "Aside":  # noqa: FBT001 - the one thing it says
        """Return the same with what came later to be shown, or hidden."""
        return dataclasses.replace(self, is_revealed=is_revealed)


Came = Callable[[Aim, Moment | None, str, str], None]
CameAside = Callable[[int, Aside], None]


class Rewind:
    """Asks on threads, answers on the screen's own.

    quick: the lane on which all bars are fetched; hand: takes an answer over.
    """

    def __init__(self, moments: Moments, outfit: Outfit, *, quick: Lane, hand: Hand) -> None:
        self._moments = moments
        self._outfit = outfit
        self._quick = quick
        self._slow = Lane("hfl-replay-aside", hand=hand)

    def end(self) -> None:
        """Leave the thread that is its own."""
        self._quick.forget("moment")
        self._slow.end()

    def look(self, wanted: Wanted, aim: Aim, came: Came) -> None:
        """Look for a moment; only the newest question is answered."""
        self._slow.forget("aside")

        def job(is_wanted: Callable[[], bool]) -> Callable[[], None]:
            del is_wanted
            try:
                seq, symbol = self._seq_of(wanted.seq, aim)
                found = dataclasses.replace(wanted, seq=seq, symbol=wanted.symbol or symbol)
                moment = self._moments.at(found)
            except HflError as error:
                told = str(error)
                return lambda: came(aim, None, "", told)
            except ODD as error:
                told = f"expected a journal that adds up, found {type(error).__name__}: verify it"
                return lambda: came(aim, None, "", told)
            return lambda: came(aim, moment, symbol, "")

        self._quick.ask("moment", job)

    def _seq_of(self, shown: int, aim: Aim) -> tuple[int, str]:
        """Return the row that is aimed at, and the symbol that was asked for."""
        past = self._moments.past
        last, symbol = past.look(), ""
        if not last:
            raise JournalError("the journal holds no row yet: there is nothing to look back at")
        seq = aim.seq or shown
        if aim.is_last:
            seq = last
        elif aim.ask:
            seq, symbol = self._outfit.rewinder.moment_of(aim.ask)
        elif aim.time_ns:
            seq = row_at(past, aim.time_ns)
        seq = min(max(seq, 1), last)
        for _ in range(abs(aim.events)):
            found = next_of_interest(past, seq, is_forward=aim.events > 0)
            if not found:
                break
            seq = found
        return min(max(seq + aim.steps, 1), last), symbol

    def ask(self, seq: int, symbol: str, known: Aside, came: CameAside) -> None:
        """Ask what a row says, whether it is decided so today, and what came of it if wanted."""

        def job(is_wanted: Callable[[], bool]) -> Callable[[], None]:
            found = known
            for part in (self._tell, self._outcome, self._redecide):
                if is_wanted():
                    found = part(found, seq, symbol, is_wanted)
                    self._hand_over(seq, found, came, is_wanted)
            return _nothing

        self._slow.ask("aside", job)

    def _hand_over(
        self, seq: int, found: Aside, came: CameAside, is_wanted: Callable[[], bool]
    ) -> None:
        if is_wanted():
            self._slow.hand(lambda: came(seq, found))

    def _tell(self, known: Aside, seq: int, symbol: str, is_wanted: Callable[[], bool]) -> Aside:
        del is_wanted
        if known.told is not None:
            return known
        try:
            told = self._outfit.teller.tell(f"step {seq} {symbol}".strip())
        except HflError as error:
            return dataclasses.replace(known, note=str(error))
        return dataclasses.replace(known, told=told, note="")

    def _outcome(self, known: Aside, seq: int, symbol: str, is_wanted: Callable[[], bool]) -> Aside:
        del is_wanted
        if known.outcome is not None or not known.is_revealed:
            return known
        try:
            outcome = self._outfit.rewinder.outcome(seq, symbol)
        except HflError as error:
            return dataclasses.replace(known, outcome_note=str(error))
        return dataclasses.replace(known, outcome=outcome)

    def _redecide(
        self, known: Aside, seq: int, symbol: str, is_wanted: Callable[[], bool]
    ) -> Aside:
        del symbol
        if known.again is not None:
            return known
        found = self._outfit.rewinder.redecide(seq, is_wanted)
        return dataclasses.replace(known, again=found) if is_wanted() else known


def _nothing() -> None:
    """Do what is left when every answer was handed over on the way."""
