"""What the venue itself shows, asked past the engine on the way that `hfl panic` takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl.home import Home
from hfl.whereabouts import Whereabouts
from hfl_core.domain.orders import OrderReport

DEADLINE_S: Final = 5.0
NAMED_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AtVenue:
    """The venue's own books. orders: client id to symbol of every working order.

    guarded: symbols of which a working order reduces what is held; opening: orders that do not.
    """

    positions: Mapping[str, Decimal]
    orders: Mapping[str, str]
    guarded: frozenset[str]
    opening: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        held = _count(len(self.positions), "position")
        if self.positions:
            named = [f"{symbol} {size:f}" for symbol, size in self.positions.items()]
            more = f" and {len(named) - NAMED_MAX} more" if len(named) > NAMED_MAX else ""
            held += f" ({', '.join(named[:NAMED_MAX])}{more})"
        reducing = len(self.orders) - len(self.opening)
        return (
            f"the venue shows {held} and {_count(len(self.orders), 'order')}: {reducing} only "
            f"reduce, {len(self.opening)} could open"
        )


def look(where: Whereabouts, *, deadline_s: float = DEADLINE_S) -> AtVenue:
    """Ask the account's venue, woken where it sleeps. Raises BrokerError."""
    # Only who looks pays for what the venue is started with.
    from hfl.commands.panic import wake_venue
    from hfl_core.brokers.paper import Broker

    home = Home(paths=where.paths, mode=where.mode, account=where.account)
    wake_venue(home)
    broker = Broker(Path(home.paths.venue_socket(home.account)), account=home.account)
    working = broker.open_orders(deadline_s=deadline_s)
    account = broker.account(deadline_s=deadline_s)
    held = {str(one.symbol): one.quantity for one in account.positions if one.quantity}
    reducing = [one for one in working if reduces(one, held)]
    return AtVenue(
        positions=held,
        orders={str(one.client_id): str(one.symbol) for one in working},
        guarded=frozenset(str(one.symbol) for one in reducing),
        opening=tuple(str(one.client_id) for one in working if one not in reducing),
    )


def reduces(order: OrderReport, held: Mapping[str, Decimal]) -> bool:
    """Tell whether an order only takes away from what is held."""
    return held.get(str(order.symbol), Decimal(0)) * order.side.sign < 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
