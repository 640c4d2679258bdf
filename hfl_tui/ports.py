"""What the front door hands to the screen: where things are, how a reason is told, how to stop.

The screen reaches no gateway, feed or strategy. What it needs of them comes in here, so that a
reason has the same words, and a stop the same code, as on the command line. All but the gauges and
the latch may take a while: they are called on worker threads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, Protocol

from hfl_core.engine.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account's files. name: such as paper-main."""

    name: str
    mode: str
    account: str
    journal: Path
    board_file: str
    lock_file: str
    emergency_socket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Equity, its high-water mark and the periods' starts, as of an engine time.

    wall_ns: when that was said; starts: day, week and month to equity.
    """

    equity: Decimal
    high_water_mark: Decimal
    starts: Mapping[str, Decimal]
    time_ns: int
    wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One limit, now and how much of it is used. unit: money or count; action: halt or refuse."""

    name: str
    now: Decimal
    limit: Decimal
    used: Decimal
    left: Decimal
    unit: str
    action: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What closing one position at its mark would cost, in the account's currency."""

    spread: Decimal
    slippage: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """Return all of it."""
        return self.spread + self.slippage + self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of something told: its title and its lines, plain text."""

    title: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reason, told. headline: what it is about; newer, older: what to ask for its neighbours."""

    headline: str
    sections: tuple[Section, ...]
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """One position from flat to flat; closed_ns: 0 while it is open."""

    number: int
    symbol: str
    side: str
    opened_ns: int
    closed_ns: int
    quantity: Decimal
    entry: Decimal | None
    exit: Decimal | None
    profit: Decimal
    reason: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A decision not to trade: what was refused or passed over, where and why.

    ask: what the teller is asked for it.
    """

    seq: int
    time_ns: int
    symbol: str
    what: str
    why: str
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePage:
    """Trades and decisions not to trade of one stretch of the journal, newest first.

    before_seq: what to ask for the stretch in front of it, 0 at the journal's beginning.
    """

    trades: tuple[TradeRow, ...]
    skips: tuple[Skip, ...]
    before_seq: int


class Teller(Protocol):
    """Tells reasons, by the journal alone. Every method raises HflError with one sentence."""

    def tell(self, ask: str) -> Told:
        """Tell a trade (a number), an order (its id) or a scan ("why SYMBOL" or with a time).

        "row SEQ SYMBOL" is what a row belongs to, whatever came of it; "step SEQ SYMBOL" is only
        what was known right behind that row.
        """
        ...

    def trades(self, before_seq: int) -> TradePage:
        """Return the stretch in front of a row, 0 for the newest."""
        ...

    def risk(self) -> Told:
        """Tell the whole envelope: what if every stop is hit, distances, breakers, last checks."""
        ...

    def check(self) -> Told:
        """Run a risk check now: the daemon's own word, else the journal's."""
        ...


class Candle(NamedTuple):
    """One bar of a chart; prices in ticks. is_odd: flagged by the quality gate."""

    close_ns: int
    open: int
    high: int
    low: int
    close: int
    is_odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """An instrument's bars as known right behind a row, oldest first, and on demand what came.

    tick: size of a tick, in money; frame_ns: length of a bar, 0 while unknown; symbols: which
    instruments there are; marks: each one's last known close.
    """

    symbol: str
    tick: Decimal
    frame_ns: int
    candles: tuple[Candle, ...]
    ahead: tuple[Candle, ...] = ()
    symbols: tuple[str, ...] = ()
    marks: Mapping[str, Decimal]


SAME = "SAME"
DIFFERENT = "DIFFERENT"
CANNOT = "CANNOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecided:
    """A step decided again with today's code. mark: SAME, DIFFERENT or CANNOT; rows: the details.

    sentence: how much was compared, the first difference, or the reason why it cannot be.
    """

    mark: str
    sentence: str
    rows: tuple[str, ...] = ()


class Rewinder(Protocol):
    """Shows what the journal does not hold by itself of a moment: bars, and today's verdict.

    A moment is right behind a row. `moment_of`, `chart` and `gauges` are called by one thread, the
    others by another one. All raise HflError with one sentence; is_wanted: asked now and then,
    False ends it.
    """

    def gauges(self, book: Book, worth: Worth, marks: Mapping[str, Decimal]) -> tuple[Gauge, ...]:
        """Return the limits by the terms of the book's own run."""
        ...

    def moment_of(self, ask: str) -> tuple[int, str]:
        """Return the row and the symbol ("" for any) at which what a teller is asked for began."""
        ...

    def chart(self, seq: int, symbol: str, *, count: int, ahead: int) -> Chart:
        """Return at most count bars known behind a row, and ahead of those that came later.

        symbol: "" for the first one.
        """
        ...

    def redecide(self, seq: int, is_wanted: Callable[[], bool]) -> Redecided:
        """Decide the step that a row belongs to again."""
        ...

    def outcome(self, seq: int, symbol: str) -> tuple[str, ...]:
        """Tell what came of the trade that was held then, or that this step led to."""
        ...

    def whatif(self, text: str, is_wanted: Callable[[], bool]) -> Told:
        """Answer as `hfl whatif --set KEY=VALUE` does. text: the settings, between spaces."""
        ...


GaugesOf = Callable[[Book, Worth, Mapping[str, Decimal]], tuple[Gauge, ...]]
# Positions whose mark or terms nobody knows are not in it.
CostsOf = Callable[[Book, Mapping[str, Decimal]], Mapping[str, Cost]]
Say = Callable[[str, float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop under way. latch: writes its file, at once, and returns a remark (OSError).

    climb: goes the whole ladder, says each (event, milliseconds, sentence) and returns an exit
    code.
    """

    verb: str
    request_id: str
    latch: Callable[[], str]
    climb: Callable[[Say], int]


class Stopper(Protocol):
    """Makes stops, and lifts them."""

    def prepare(self, verb: str) -> Stop:
        """Return a fresh stop of `pause`, `close_all` or `kill`; nothing has happened yet."""
        ...

    def lift(self, latch_ids: tuple[str, ...], reason: str) -> str:
        """Resume exactly these and return what came of it. Raises HflError."""
        ...


def _forget(theme: str) -> None:
    del theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a person chose for the screen. keys: action name to the keys as typed, not yet checked.

    exports: where files go; keep: remembers a theme (HflError); remarks: what of the settings could
    not be used, a sentence each.
    """

    theme: str = ""
    is_ascii: bool = False
    has_mouse: bool = True
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exports: Path | None = None
    keep: Callable[[str], None] = _forget
    remarks: tuple[str, ...] = ()


class Memory(Protocol):
    """Remembers, beyond the viewer's end, up to which row the alerts were acknowledged."""

    def seen(self) -> int:
        """Return that row, -1 when nobody has acknowledged any."""
        ...

    def acknowledge(self, seq: int) -> None:
        """Remember a row."""
        ...


class Forgetful:
    """Remembers for as long as it lives."""

    def __init__(self) -> None:
        self._seq = -1

    def seen(self) -> int:
        """Return the row."""
        return self._seq

    def acknowledge(self, seq: int) -> None:
        """Take a row."""
        self._seq = seq


def no_costs(book: Book, marks: Mapping[str, Decimal]) -> Mapping[str, Cost]:
    """Know the costs of nothing."""
    del book, marks
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """Everything the screen is given. is_first_time: true once, for who has never seen it."""

    place: Place
    teller: Teller
    gauges: GaugesOf
    stopper: Stopper
    rewinder: Rewinder
    looks: Looks = field(default_factory=Looks)
    costs: CostsOf = no_costs
    memory: Memory = field(default_factory=Forgetful)
    is_first_time: Callable[[], bool] = bool
