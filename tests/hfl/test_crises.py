"""Crises in real bars: the limits fire, and drawdown stays inside them plus the reported overshoot.

The drawdown is worked out here from the file's closes and the journal's fills alone, with exact
numbers, and set beside what `hfl risk report` says. Sizes are wide open and every trade may come
close to the limits; the halts are the profiles' own.
"""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import duckdb
import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import Purpose
from hfl_journal.reader import JournalReader
from tests.hfl.journals import make_journal
from tests.support.shared import missing_market, shared_folder
from tools.crises import COMMON, FORMS, cut

pytestmark = pytest.mark.skipif(bool(missing_market()), reason=missing_market())

D = Decimal
TICK = D("0.01")
HOUR_NS, DAY_NS = 3_600 * 10**9, 86_400 * 10**9
LIMITS = {"sandbox": D("0.10"), "pro": D("0.15")}
LOOSE = (*COMMON, *FORMS["sizes wide open"])
SPRING = ("2020-02-10", "2020-03-25")
AUTUMN = ("2008-05-01", "2009-03-31")
SPANS = {
    "BTC": (("crypto/BTC-USDT_1h",), SPRING),
    "ETH": (("crypto/ETH-USDT_1h",), SPRING),
    "BTC and ETH": (("crypto/BTC-USDT_1h", "crypto/ETH-USDT_1h"), SPRING),
    "SPX": (("indices/SPX_1d",), AUTUMN),
    "SPY": (("stocks/SPY_1d",), AUTUMN),
    "BAC": (("stocks/BAC_1d",), AUTUMN),
}


@dataclass(frozen=True, slots=True)
class Crisis:
    """One run over a span of real bars, what the report says of it, and the closes of the span."""

    rows: list
    report: dict
    # close time -> [(symbol, close)]
    closes: dict


def closes_of(files: list[Path]) -> dict[int, list[tuple[str, Decimal]]]:
    found: dict[int, list[tuple[str, Decimal]]] = {}
    for file in files:
        symbol, _, frame = file.stem.rpartition("_")
        length = {"1h": HOUR_NS, "1d": DAY_NS}[frame]
        relation = duckdb.sql(f"SELECT epoch_us(ts), close FROM '{file}'")
        assert relation is not None
        for micros, close in relation.fetchall():
            price = D(repr(close)).quantize(TICK, ROUND_HALF_EVEN)
            found.setdefault(micros * 1_000 + length, []).append((symbol, price))
    return found


@pytest.fixture(scope="module", params=[(n, p) for n in SPANS for p in LIMITS], ids="-".join)
def crisis(request, tmp_path_factory):
    name, profile = request.param
    names, span = SPANS[name]
    folder = tmp_path_factory.mktemp("crisis")
    files = [cut(shared_folder(), each, span, folder) for each in names]
    paths = json.dumps([str(file) for file in files])
    settings = ("feed.source=parquet", f"feed.paths={paths}", f"risk.profile={profile}", *LOOSE)
    made = make_journal(folder / "h", settings=settings)
    with JournalReader.open(made.home.journal.journal) as reader:
        rows = list(reader.rows(0, 100_000))
    return profile, made, Crisis(rows, {}, closes_of(files))


@pytest.fixture
def told(crisis, hfl):
    profile, made, found = crisis
    code, out, _ = hfl("risk", "report", "--home", str(made.folder), "--json")
    assert code == 0
    return profile, Crisis(found.rows, json.loads(out), found.closes)


class Account:
    """Cash, positions and marks, from fills and closes alone."""

    def __init__(self) -> None:
        self.cash = self.mark = D(0)
        self.held: dict[str, Decimal] = {}
        self.prices: dict[str, Decimal] = {}
        self.stops: dict[str, Decimal] = {}

    @property
    def equity(self) -> Decimal:
        return self.cash + sum(
            (quantity * self.prices[symbol] for symbol, quantity in self.held.items()), D(0)
        )

    @property
    def to_stops(self) -> Decimal:
        """Return what is lost from the marks to the stops of what is held."""
        return sum(
            (
                max(D(0), quantity * (self.prices[symbol] - self.stops[symbol]))
                for symbol, quantity in self.held.items()
            ),
            D(0),
        )

    def fill(self, fill) -> None:
        signed = fill.quantity if fill.side.value == "buy" else -fill.quantity
        self.cash -= signed * fill.price + fill.fee
        self.held[fill.symbol] = self.held.get(fill.symbol, D(0)) + signed
        if not self.held[fill.symbol]:
            del self.held[fill.symbol]


@dataclass(frozen=True, slots=True)
class Mark:
    """One close. before: equity at the close before it."""

    time_ns: int
    drawdown: Decimal
    base: Decimal
    before: Decimal
    to_stops: Decimal


def marks_of(found: Crisis) -> list[Mark]:
    """Return the drawdown at every close, in the order of the journal's rows."""
    account, marks = Account(), []
    top = before = D(0)
    waiting = sorted(found.closes)
    for row in found.rows:
        event = row.event
        if isinstance(event, ev.ScansCoalesced):
            while waiting and waiting[0] <= event.slot_last_ns:
                time_ns = waiting.pop(0)
                account.prices.update(found.closes[time_ns])
                top = max(top, account.equity)
                marks.append(Mark(time_ns, top - account.equity, top, before, account.to_stops))
                before = account.equity
            assert account.equity == event.equity, "the journal's equity is not that of its fills"
        elif isinstance(event, ev.AccountOpened):
            account.cash = top = before = event.cash
        elif isinstance(event, ev.OrderIntended) and event.purpose is Purpose.ENTRY:
            assert event.risk_stop_price is not None
            account.stops[event.symbol] = event.risk_stop_price
        elif isinstance(event, ev.Filled):
            account.fill(event.fill)
            top = max(top, account.equity)
        elif isinstance(event, ev.DrawdownRebased):
            top = event.new
    return marks


def test_drawdown_at_any_mark_is_inside_the_limit_plus_the_reported_overshoot(told):
    profile, found = told
    marks = marks_of(found)
    (said,) = [one for one in found.report["limits"] if one["limit"] == "drawdown"]
    beyond = D(said["beyond"]["total_fraction"]) if said["beyond"] else D(0)
    worst = max(marks, key=lambda mark: mark.drawdown / mark.base)

    assert len(marks) == found.report["scans"] > 100
    for mark in marks:
        assert mark.drawdown <= mark.base * (LIMITS[profile] + beyond + D("1e-6"))
    assert abs(D(said["worst_fraction"]) - worst.drawdown / worst.base) <= D("1e-6")
    assert D(said["worst"]) == round(worst.drawdown, 8)


def test_an_overshoot_is_what_the_market_jumped_in_one_bar_and_what_was_held_then(told):
    """The bar's part is less than the bar itself lost; the rest ends at the stops, gaps apart."""
    profile, found = told
    marks = {mark.time_ns: mark for mark in marks_of(found)}
    trips = [row for row in found.rows if isinstance(row.event, ev.LimitTripped)]
    said = [trip for trip in found.report["trips"] if trip["kind"] == "limit"]

    assert len(trips) == len(said)
    for row, trip in zip(trips, said, strict=True):
        mark, beyond = marks[row.time_ns], trip["beyond"]
        equity = D(trip["base"]) - D(trip["value"])
        assert D(beyond["in_the_bar"]) <= mark.before - equity + D("1e-8")
        assert D(trip["open_risk"]) == round(mark.to_stops, 8)
        if row.event.limit == "drawdown":
            assert D(trip["value"]) == round(mark.drawdown, 8)
            assert D(trip["limit"]) == round(mark.base * LIMITS[profile], 8)


def test_every_halt_has_a_value_from_its_threshold_on(told):
    _, found = told
    tripped = [row.event for row in found.rows if isinstance(row.event, ev.LimitTripped)]

    assert tripped, "expected a span in which limits are reached"
    for trip in tripped:
        assert trip.value >= trip.threshold > 0


def test_no_entry_is_intended_while_a_stop_is_in_force(told):
    _, found = told
    in_force: set[str] = set()
    stopped = 0
    for row in found.rows:
        event = row.event
        if isinstance(event, ev.LimitTripped):
            in_force.add(event.latch_id)
        elif isinstance(event, ev.Resumed):
            in_force -= set(event.latch_ids)
        elif isinstance(event, ev.OrderIntended) and event.purpose is Purpose.ENTRY:
            assert not in_force, row.seq
        stopped += bool(in_force)

    assert stopped
    assert found.report["entries_while_stopped"] == 0
