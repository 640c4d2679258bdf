"""Lists against sums taken straight from the rows."""

import csv
import io
import json
import sqlite3
from collections import defaultdict
from decimal import Decimal

import pytest

from hfl.glance import Glance
from hfl.trades import ALL_KINDS, Ledger, at_end, before
from hfl_core.domain import events as ev
from hfl_core.domain.events import EVENT_TYPES
from hfl_core.engine.book import Book
from hfl_journal.reader import JournalReader


def fills_of(made):
    with sqlite3.connect(made.home.journal.journal) as connection:
        rows = connection.execute("SELECT body FROM event WHERE kind = 'Filled' ORDER BY seq")
        return [json.loads(body)["data"]["fill"] for (body,) in rows]


def test_positions_are_the_sums_of_the_fills(made, hfl):
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in fills_of(made):
        sign = 1 if fill["side"] == "buy" else -1
        held[fill["symbol"]] += sign * Decimal(fill["quantity"])

    code, out, _ = hfl("positions", "--home", str(made.folder), "--json")

    assert code == 0
    listed = {record["symbol"]: Decimal(record["quantity"]) for record in json.loads(out)}
    assert listed == {symbol: quantity for symbol, quantity in held.items() if quantity}
    assert len(listed) > 0


def test_profits_of_closed_trades_are_what_their_fills_paid(made, hfl):
    code, out, _ = hfl("trades", "--home", str(made.folder), "--json")
    cash: defaultdict[int, Decimal] = defaultdict(Decimal)
    by_order = defaultdict(list)
    for fill in fills_of(made):
        by_order[fill["client_id"]].append(fill)

    assert code == 0
    with Glance.open(made.home.journal.journal) as journal:
        trades = Ledger().fold(journal.of(ALL_KINDS)).trades
    closed = [trade for trade in trades if trade.closed_ns]
    for trade in closed:
        for client_id in trade.orders:
            for fill in by_order[client_id]:
                sign = -1 if fill["side"] == "buy" else 1
                value = Decimal(fill["quantity"]) * Decimal(fill["price"])
                cash[trade.number] += sign * value - Decimal(fill["fee"])
    listed = {t["trade"]: Decimal(t["profit"]) for t in json.loads(out) if t["state"] == "closed"}
    assert len(closed) > 5
    assert {n: round(v, 6) for n, v in listed.items()} == {n: round(v, 6) for n, v in cash.items()}


def test_orders_are_every_intent_newest_first(made, hfl):
    with sqlite3.connect(made.home.journal.journal) as connection:
        rows = connection.execute("SELECT body FROM event WHERE kind = 'OrderIntended'")
        wanted = [json.loads(body)["data"]["client_id"] for (body,) in rows]

    _, out, _ = hfl("orders", "--home", str(made.folder), "--json")

    assert [record["client_id"] for record in json.loads(out)] == wanted[::-1]


def test_equity_ends_with_cash_and_marks(made, hfl):
    _, out, _ = hfl("equity", "--home", str(made.folder), "--json")
    records = json.loads(out)

    for record in records:
        equity, mark = Decimal(record["equity"]), Decimal(record["high_water_mark"])
        assert Decimal(record["drawdown"]) == mark - equity >= 0
    with JournalReader.open(made.home.journal.journal) as reader:
        events = [row.event for row in reader.rows_of("ScansCoalesced")]
        scans = [event.equity for event in events if isinstance(event, ev.ScansCoalesced)]
    assert [Decimal(record["equity"]) for record in records] == [round(e, 8) for e in scans]


def test_csv_holds_the_same_records_as_json(made, hfl):
    _, out, _ = hfl("trades", "--home", str(made.folder), "--json", "--symbol", "SIM-BTC")
    _, text, _ = hfl("trades", "--home", str(made.folder), "--csv", "-", "--symbol", "SIM-BTC")

    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["profit"] for row in found] == [record["profit"] for record in json.loads(out)]
    assert {row["symbol"] for row in found} == {"SIM-BTC"}


def test_limit_keeps_the_newest_and_says_how_many_there_are(made, hfl):
    _, out, _ = hfl("orders", "--home", str(made.folder), "--limit", "2")

    assert "2 of " in out
    assert len(out.splitlines()) == 4


def test_ledger_says_what_the_book_says_from_any_snapshot(made):
    """The quick fold and the engine's own, at the end and in front of every hundredth row."""
    path = made.home.journal.journal
    book = Book()
    with JournalReader.open(path) as reader, Glance.open(path) as journal:
        for row in reader.raw_rows():
            if row.seq % 100 == 0:
                ledger, _ = before(journal, row.seq)
                _assert_same(ledger, book)
            event = reader.row(row.seq)
            assert event is not None
            book.apply(event.event, event.time_ns)
        _assert_same(at_end(journal)[0], book)
        _assert_same(Ledger().fold(journal.of(ALL_KINDS)), book)


def _assert_same(ledger, book):
    assert ledger.cash == book.cash
    assert ledger.fees == book.fees
    assert ledger.count == book.trades
    assert {order.data["client_id"]: order.status for order in ledger.live()} == {
        order.client_id: order.status.value for order in book.live.values()
    }
    held = {s: (t.quantity, t.price, t.number, t.fees) for s, t in ledger.positions.items()}
    assert held == {s: (p.quantity, p.price, p.trade, p.fees) for s, p in book.positions.items()}
    assert sorted(ledger.stops) == sorted(book.latches)


def test_rows_are_read_in_the_only_shape_there_is():
    """Whoever raises a version teaches hfl/glance.py the older shape as well."""
    assert {kind.VERSION for kind in EVENT_TYPES} == {1}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["trades", "--symbol", "NOPE"], 7, "expected an instrument out of SIM-BTC"),
        (["trades", "--since", "yesterday"], 2, "expected a time such as"),
        (["orders", "--limit", "0"], 2, "expected --limit of at least 1"),
        (["orders", "--csv", "/nowhere/x.csv"], 2, "expected to write /nowhere/x.csv"),
    ],
)
def test_bad_input_is_one_sentence(made, hfl, words, code, said):
    found, out, err = hfl(words[0], "--home", str(made.folder), *words[1:])

    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "verb", ["positions", "orders", "trades", "equity", "status", "risk-check"]
)
def test_no_journal_is_one_sentence(tmp_path, hfl, verb):
    code, _, err = hfl(verb, "--home", str(tmp_path))

    assert code == 4
    assert "expected the journal" in err


@pytest.mark.parametrize("verb", ["positions", "orders", "equity", "status"])
def test_corrupt_journal_is_one_sentence(copied, hfl, verb):
    (copied / "journal" / "paper-main.sqlite").write_bytes(b"not a database" * 1000)

    code, _, err = hfl(verb, "--home", str(copied))

    assert code == 4
    assert err.startswith("hfl: expected")
    assert err.count("\n") == 1
