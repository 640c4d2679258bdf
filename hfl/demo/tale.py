"""What the acts of the demo share: stage, screen, journal, and what was found out so far."""

from dataclasses import dataclass

from hfl.demo.follow import Follower
from hfl.demo.show import Show
from hfl.demo.stage import DemoError, Stage
from hfl_core.domain import events as ev
from hfl_core.ports import JournalRow


@dataclass(slots=True, kw_only=True)
class Tale:
    """What the acts share: where they play, what they read, and what they found out."""

    stage: Stage
    show: Show
    follower: Follower
    veto: JournalRow | None = None
    filled_id: str = ""
    lost_id: str = ""

    def row_of(self, row: JournalRow | None, what: str) -> JournalRow:
        """Return a row that must be there. Raises DemoError."""
        if row is None:
            raise DemoError(f"expected {what} in the journal, found none: report this as a bug")
        return row

    def intent(self, client_id: str) -> ev.OrderIntended:
        """Return an order's intent."""
        row = self.follower.first(ev.OrderIntended, lambda e: e.client_id == client_id)
        event = self.row_of(row, f"the intent of {client_id}").event
        assert isinstance(event, ev.OrderIntended)
        return event


def nth_attempt(follower: Follower, number: int) -> JournalRow | None:
    """Return the row of the n-th order that was sent."""
    rows = [row for row, _ in follower.events(ev.SendAttempted)]
    return rows[number - 1] if len(rows) >= number else None


def answer_to(follower: Follower, client_id: str) -> JournalRow | None:
    """Return the row in which the bot heard what became of an order's sending, if it did."""
    for row in follower.rows:
        match row.event:
            case ev.OrderAccepted() | ev.OrderRejected() | ev.OrderUnknown() as answer:
                if answer.client_id == client_id:
                    return row
            case _:
                continue
    return None
