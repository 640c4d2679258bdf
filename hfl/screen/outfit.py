"""The wiring of the screen: one account's place, teller, gauges and stopper."""

from functools import cached_property
from pathlib import Path

from hfl.screen.costs import ClosingCosts
from hfl.screen.gauges import EnvelopeGauges
from hfl.screen.seen import SeenFile
from hfl.screen.stopper import LatchStopper
from hfl.screen.terms import RunTerms
from hfl.whereabouts import Whereabouts
from hfl_tui.ports import Looks, Outfit, Place, Teller, Told, TradePage


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
        memory=SeenFile(Path(paths.run) / f"seen-{where.mode}-{where.account}"),
    )
