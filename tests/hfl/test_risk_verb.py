"""`hfl risk` on a real journal: it adds up, it fits the terminal, and it says how old it is."""

import json
from dataclasses import dataclass
from decimal import Decimal

import pytest

from hfl.commands.risk import text_of
from hfl.glance import Glance
from hfl_core.domain import events as ev
from hfl_core.engine.book import Book
from hfl_journal.reader import JournalReader
from hfl_journal.writer import JournalWriter
from tests.hfl.journals import SteppingClock

HOUR_NS = 3_600_000_000_000


@dataclass
class At:
    """A home's journal, and the engine time of its newest row."""

    book: Book
    time_ns: int


def folded(made) -> At:
    at = At(Book(), 0)
    with JournalReader.open(made.home.journal.journal) as reader:
        for raw in reader.raw_rows():
            row = reader.row(raw.seq)
            assert row is not None
            at.book.apply(row.event, row.time_ns)
            at.time_ns = row.time_ns
    return at


@pytest.fixture
def told(made, hfl):
    code, out, _ = hfl("risk", "--home", str(made.folder), "--json")
    assert code == 0
    return json.loads(out)


def test_equity_positions_and_halts_are_the_books(made, told):
    book = folded(made).book
    gauges = {one["limit"]: one for one in told["gauges"]}
    starts = dict(book.anchors)

    assert Decimal(told["equity"]) == book.equity
    held = {one["symbol"] for one in told["positions"] if one["status"] == "held"}
    assert held == set(book.positions)
    for period in ("day", "week", "month"):
        name = {"day": "daily", "week": "weekly", "month": "monthly"}[period] + "_loss"
        lost = max(Decimal(0), starts[period] - book.equity)
        allowed = starts[period] * Decimal(book.limits[f"{name}_fraction_max"])
        assert Decimal(gauges[name]["now"]) == lost
        assert abs(Decimal(gauges[name]["limit_value"]) - allowed) < Decimal("1e-7")
    fallen = book.high_water_mark - book.equity
    assert Decimal(gauges["drawdown"]["now"]) == fallen
    assert told["profile"] == book.limits["profile"]


def test_every_gauge_adds_up_and_says_what_happens_at_its_limit(told):
    assert len(told["gauges"]) >= 12
    for one in told["gauges"]:
        now, limit, left = (Decimal(one[name]) for name in ("now", "limit_value", "left"))
        assert left == max(0, limit - now)
        assert abs(Decimal(one["used"]) * limit - now) <= limit / 1000
        assert one["action"] in {"halt", "refuse", "reduce only"}
        assert one["at_the_limit"]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_longer_than_the_terminal(told, width):
    lines = text_of(told, width=width).splitlines()

    assert max(len(line) for line in lines) <= width
    assert any(line.startswith("daily loss") for line in lines)
    assert any(line.startswith("if every stop is hit now: ") for line in lines)


def test_large_figures_and_long_names_fit_eighty_columns(told):
    for one in told["gauges"]:
        if one["unit"] == "money":
            one |= {"now": "123456789.34", "limit_value": "999999998.99", "left": "1"}
        one["note"] = "A-VERY-LONG-SYMBOL.NAME"

    assert max(len(line) for line in text_of(told, width=80).splitlines()) <= 80


def test_a_home_without_a_bar_says_so(copied, hfl, told):
    told |= {"equity": None}

    assert "No bar was taken yet" in text_of(told, width=80)


def test_it_says_what_it_read_and_how_old_that_is(made, hfl):
    _, out, _ = hfl("risk", "--home", str(made.folder))

    assert "no daemon" in out.splitlines()[0]
    assert "old" in out.splitlines()[0]
    assert "as of " in out.splitlines()[1]


def _append(copied, at: At, *events: ev.Event) -> None:
    clock = SteppingClock()
    home = copied
    from hfl_journal.paths import JournalPaths

    paths = JournalPaths(
        directory=home / "journal",
        key_directory=home / "config" / "keys",
        mode="paper",
        account="main",
    )
    with JournalWriter.open(paths, clock=clock, run_id="later") as journal:
        for event in events:
            journal.append(event, time_ns=at.time_ns, cause_seq=0, actor="test")
        journal.commit()


def test_stops_and_waiting_limits_are_shown_with_what_ends_them(made, copied, hfl):
    at = folded(made)
    trip = ev.LimitTripped(
        limit="daily_loss",
        value=Decimal(201),
        threshold=Decimal(200),
        period_end_ns=at.time_ns + HOUR_NS,
        latch_id="daily_loss-9",
    )
    breaker = ev.BreakerTripped(
        breaker="price",
        symbol="SIM-ETH",
        action="refuse",
        value="9",
        limit="8",
        reason="9 ATR in a bar, limit 8",
        until_ns=0,
    )
    over = ev.BreakerTripped(
        breaker="volume",
        symbol="",
        action="refuse",
        value="9",
        limit="8",
        reason="loud",
        until_ns=0,
    )
    calm = ev.BreakerRearmed(breaker="volume", symbol="", reason="calm")
    waits = ev.LimitsScheduled(
        waiting=(("drawdown_fraction_max", "0.1", "0.2", at.time_ns + HOUR_NS),), reason="asked for"
    )
    _append(copied, at, trip, waits, breaker, over, calm)

    code, out, err = hfl("risk", "--home", str(copied))
    _, as_json, _ = hfl("risk", "--home", str(copied), "--json")
    told = json.loads(as_json)

    assert code == 0, err
    assert "STOP     reduce_only daily_loss-9: daily_loss: 201 beyond 200" in out
    assert "ends when you resume after" in out
    assert "drawdown_fraction_max: 0.1 -> 0.2 from" in out
    assert "BREAKER  price of SIM-ETH: 9 ATR in a bar, limit 8" in out
    assert [one["breaker"] for one in told["breakers"] if one["symbol"] == "SIM-ETH"] == ["price"]
    assert "volume" not in {one["breaker"] for one in told["breakers"] if not one["symbol"]}
    assert [one["limit"] for one in told["waiting_limits"]] == ["drawdown_fraction_max"]


def test_the_last_word_of_every_rule_is_kept(made, told):
    with Glance.open(made.home.journal.journal) as journal:
        rows = [row for row in journal.of(("RiskAssessed",)) if row.data["rules"]]
    newest = {verdict["rule"]: verdict for row in rows for verdict in row.data["rules"]}

    assert {one["rule"]: one["value"] for one in told["last_checks"]} == {
        name: verdict["value"] for name, verdict in newest.items()
    }
