"""The wiring of the screen: one account's place, teller, gauges and stopper."""

from hfl.screen.gauges import EnvelopeGauges
from hfl.screen.stopper import LatchStopper
from hfl.screen.teller import JournalTeller
from hfl.whereabouts import Whereabouts
from hfl_tui.ports import Outfit, Place


def outfit(where: Whereabouts) -> Outfit:
    """Return everything the screen is given."""
    paths = where.paths
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
        teller=JournalTeller(where),
        gauges=EnvelopeGauges(where.journal),
        stopper=LatchStopper(where),
    )
