"""A picture: everything the screens show at one moment, frozen, so that threads may share it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hfl_tui.link.watched import DeskShown
from hfl_tui.ports import Cost, Gauge, Worth

AT_VENUE = "b"
IN_ENGINE = "!"
NO_STOP = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One position. stop_place: b at the broker, ! in the engine only, - none.

    mark_wall_ns: when its price reached us, 0 where nobody says; cost: of closing it now, None
    where it is not known.
    """

    symbol: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal | None
    stop: Decimal | None
    stop_place: str
    trade: int
    opened_ns: int
    leaving: str
    mark_wall_ns: int = 0
    cost: Cost | None = None

    @property
    def side(self) -> str:
        """Return long or shrt, four columns wide."""
        return "long" if self.quantity > 0 else "shrt"

    @property
    def profit(self) -> Decimal | None:
        """Return what closing at the mark would make, before fees."""
        return None if self.mark is None else (self.mark - self.entry) * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """One order of ours."""

    number: int
    client_id: str
    symbol: str
    side: str
    type: str
    purpose: str
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    status: str
    is_live: bool
    intended_ns: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopShown:
    """One stop in force. seq, wall_ns: the row that put it in force, 0 while it is not known.

    value, threshold: of a limit's stop, in money.
    """

    latch_id: str
    level: str
    reason: str
    actor: str
    since_ns: int
    limit: str
    period_end_ns: int
    seq: int = 0
    wall_ns: int = 0
    value: Decimal | None = None
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One row worth a line. label: a word; weight: "" usual, "good", "warn" or "bad"; ask: why."""

    seq: int
    time_ns: int
    wall_ns: int
    label: str
    text: str
    symbol: str = ""
    weight: str = ""
    is_alert: bool = False
    ask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The newest signal and what the gate said. views: (source, weight, score) as text."""

    seq: int
    time_ns: int
    symbol: str
    direction: int
    setup: str
    rationale: str
    blended: str
    views: tuple[tuple[str, str, str], ...]
    verdict: str = ""
    is_allowed: bool = False
    quantity: Decimal | None = None
    passed: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardShown:
    """The daemon's board of fast marks, and when its engine time last moved on this machine.

    moved_ns: wall clock; step_ns: how long between moves, 0 while unknown.
    """

    pid: int
    run: str
    phase: str
    wall_ns: int
    time_ns: int
    marks: Mapping[str, Decimal]
    moved_ns: int
    step_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarAge:
    """When an instrument's newest bar reached us, and how long it usually takes to the next one."""

    symbol: str
    wall_ns: int
    step_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything shown. trouble: one sentence when the journal cannot be read.

    exists: there is a journal; loaded: share of its rows folded in; pid: the daemon's, 0 for none;
    is_answering: whether its emergency socket answered, None when it was not asked;
    entries_wall_ns, reducing_wall_ns: when the calls of orders began that the venue took; desks:
    the last question to each; bars: of a stream; seen_seq: alerts up to this row were acknowledged.
    """

    name: str
    mode: str
    made_ns: int
    exists: bool = False
    trouble: str = ""
    loaded: Decimal = Decimal(0)
    is_copy: bool = False
    seq: int = 0
    row_wall_ns: int = 0
    time_ns: int = 0
    run_id: str = ""
    run_ended: str = ""
    is_running: bool = False
    pid: int = 0
    is_answering: bool | None = None
    board: BoardShown | None = None
    state: str = ""
    state_since_ns: int = 0
    halt_reason: str = ""
    stops: tuple[StopShown, ...] = ()
    halted_symbols: tuple[tuple[str, str], ...] = ()
    currency: str = ""
    cash: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    worth: Worth | None = None
    held: tuple[Held, ...] = ()
    orders: tuple[OrderShown, ...] = ()
    trades: int = 0
    scans: int = 0
    gauges: tuple[Gauge, ...] = ()
    decision: Decision | None = None
    happenings: tuple[Happening, ...] = ()
    entries_wall_ns: tuple[int, ...] = field(default=())
    reducing_wall_ns: tuple[int, ...] = ()
    desks: tuple[DeskShown, ...] = ()
    bars: tuple[BarAge, ...] = ()
    seen_seq: int = -1

    @property
    def live_orders(self) -> tuple[OrderShown, ...]:
        """Return the orders that may still trade."""
        return tuple(order for order in self.orders if order.is_live)

    @property
    def level(self) -> str:
        """Return the strictest stop in force: kill, reduce_only or nothing."""
        levels = {stop.level for stop in self.stops}
        return "kill" if "kill" in levels else ("reduce_only" if levels else "")
