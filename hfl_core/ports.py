"""The sockets of the core.

What a clock, a feed, a broker, a journal, an opinion source and an alert sink must offer.

Knows the domain and nothing of who plugs in. Failures are HflError children; a BrokerError says
whether the order may have reached the market.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from hfl_core.domain.bars import BarRow, RefusedRows, Slot
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.events import DatasetOpened, Event, Filled, OrderEnded, StreamOpened
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.opinions import Opinion
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.domain.values import Value


class Clock(Protocol):
    """Machine clocks, recorded in every row and never read by `step`. All in nanoseconds."""

    def wall_ns(self) -> int: ...
    def monotonic_ns(self) -> int: ...
    def boot_ns(self) -> int: ...


class Feed(Protocol):
    """A source of closed bars in slots, oldest first, that can start behind a cursor.

    A file or simulated feed is a data set: `opened` names it by content hash. `read` yields slots
    of accepted bars and, in their place, runs of refused rows; the order and content are a pure
    function of the data set.
    """

    @property
    def instruments(self) -> tuple[Instrument, ...]: ...
    def opened(self, cursor: int) -> DatasetOpened: ...
    def read(self, cursor: int) -> Iterator[Slot | RefusedRows]: ...


class Arrival(NamedTuple):
    """What reached us of a stream at one moment: an accepted bar, or one refused row.

    at_ns: when it reached us, in the stream's time; cursor: deliveries with this one.
    """

    at_ns: int
    cursor: int
    open_ns: int
    close_ns: int
    bar: BarRow | None
    refused: RefusedRows | None


class MarketMove(NamedTuple):
    """What happened at the venues, whether or not it has reached us: bars that closed at once."""

    at_ns: int
    slot: Slot


class KnownBar(NamedTuple):
    """A bar that the journal already holds: what a quality gate remembers."""

    open_ns: int
    bar: BarRow


class LiveFeed(Protocol):
    """A source of closed bars that come one by one, when they come.

    A socket's reader puts what it receives behind its own quality gate and calls `wake`; a
    simulation knows what is to come. `begin` is called once, before anything is taken. What the
    venue sees (`MarketMove`) stands before what reaches us of it.
    """

    @property
    def instruments(self) -> tuple[Instrument, ...]: ...
    @property
    def source(self) -> str: ...
    @property
    def is_over(self) -> bool:
        """Tell whether nothing will ever come again."""
        ...

    def opened(self, cursor: int) -> StreamOpened: ...
    def begin(
        self, cursor: int, known: Mapping[str, Sequence[KnownBar]], wake: Callable[[], None]
    ) -> None:
        """Go on behind a cursor. known: the newest journaled bars by symbol, oldest first.

        Raises DataError when the source cannot be reached or read.
        """
        ...

    def next_ns(self) -> int | None:
        """Return when the next item is, None while nothing is known to come."""
        ...

    def take(self) -> Arrival | MarketMove:
        """Return the item that `next_ns` told of."""
        ...


class BrokerTraits(Value, frozen=True, kw_only=True):
    """What a broker can do, and how its unknown orders are resolved.

    settle_s: how long "not found" means nothing; definite_codes: answers that are certain
    rejections; resolves_unknown: queries by our client id work; is_reduce_only_enforced: the venue
    itself never lets a reduce-only order raise exposure.
    """

    venue: str
    settle_s: float
    definite_codes: frozenset[str]
    resolves_unknown: bool
    is_reduce_only_enforced: bool


class Broker(Protocol):
    """One venue account.

    Every call blocks, ends within deadline_s, and is made by a worker thread, never by the
    engine's.

    Raises BrokerError; its `reached` says whether the order may have reached the market.
    """

    @property
    def traits(self) -> BrokerTraits: ...

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Send one order once; return the venue's id only when the answer also echoed ours."""
        ...

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel by our id; return cancelled, already_filled or not_found."""
        ...

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Return what the venue knows of our order, or None when it says it has none."""
        ...

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return fills and endings behind the cursor, in the venue's order; repeats may occur."""
        ...

    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]:
        """Return every working order of the account, ours and foreign."""
        ...

    def account(self, *, deadline_s: float) -> AccountReport:
        """Return cash, positions and the newest fill cursor."""
        ...

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Deposit or withdraw, idempotent by request id (paper venues only)."""
        ...


class JournalRow(Value, frozen=True, kw_only=True):
    """One row as read back. body: the canonical JSON bytes that the chain covers."""

    seq: int
    run_id: str
    kind: str
    version: int
    time_ns: int
    wall_ns: int
    mono_ns: int
    boot_ns: int
    cause_seq: int
    actor: str
    event: Event
    prev: bytes
    hash: bytes


class Journal(Protocol):
    """The writing side.

    Append rows to the open batch, then commit them as one durable transaction.
    """

    @property
    def seq(self) -> int:
        """Sequence number of the last appended row, committed or not."""
        ...

    @property
    def head_hash(self) -> bytes:
        """Chain hash of the last appended row: 32 bytes."""
        ...

    @property
    def pending(self) -> int:
        """How many appended rows are not yet committed."""
        ...

    def append(self, event: Event, *, time_ns: int, cause_seq: int, actor: str) -> int:
        """Add a row to the open batch and return its seq. Nothing is durable yet."""
        ...

    def append_step(
        self, event: Event, outcomes: Sequence[Event], *, time_ns: int, actor: str
    ) -> int:
        """Add an input and all that came of it, caused by it; return the input's seq."""
        ...

    def put_blob(self, data: bytes, *, kind: str) -> str:
        """Add a content-addressed blob to the open batch and return its SHA-256, hexadecimal."""
        ...

    def commit(self) -> None:
        """Make the open batch durable as one transaction.

        Raises JournalError; then the process must stop.
        """
        ...


class OpinionSource(Protocol):
    """A desk, or one model of a desk. May be slow, may fail; it never blocks the engine."""

    @property
    def desk(self) -> str: ...
    def ask(self, symbol: Symbol, *, as_of_ns: int, deadline_s: float) -> Opinion: ...
    def blob(self, sha: str) -> bytes:
        """Return what an opinion's `evidence` names by hash; asked right after `ask`."""
        ...


class AlertSink(Protocol):
    """Where a human hears of it."""

    def send(self, alert: RaiseAlert) -> None: ...
