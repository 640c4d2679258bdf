"""Bars, today's verdict, the outcome and what if: by the code of the command line, then as now."""

import shutil
import sqlite3

import pytest

from hfl.glance import Glance
from hfl.screen.rewinder import JournalRewinder
from hfl.screen.whatif import words_of
from hfl.trades import ALL_KINDS, Ledger
from hfl.whereabouts import find
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ConfigError, HflError
from hfl_core.domain.values import with_changes
from hfl_core.engine import signals
from hfl_core.risk.sizing import size_by_risk
from hfl_core.runtime.replay import batches
from hfl_journal.reader import JournalReader
from hfl_tui.ports import CANNOT, DIFFERENT, SAME


@pytest.fixture(name="home", scope="module")
def _home(made):
    return made


@pytest.fixture(scope="module")
def rows(home):
    with JournalReader.open(home.home.journal.journal) as reader:
        return reader.rows()


def rewinder_of(folder):
    return JournalRewinder(find(str(folder), None))


def always():
    return True


def altered(home, target, statement, *values):
    """Return a rewinder over a copy of the journal that somebody changed by hand."""
    shutil.copytree(home.folder, target)
    with sqlite3.connect(target / "journal" / "paper-main.sqlite") as connection:
        for name in ("event_no_update", "blob_no_delete"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)
    connection.close()
    return rewinder_of(target)


def seqs_of(rows, kind):
    return [row.seq for row in rows if row.kind == kind]


# --- today's verdict ------------------------------------------------------------------------------


def test_every_step_of_an_honest_journal_is_the_same_today(home, rows):
    rewinder = rewinder_of(home.folder)
    for batch in batches(rows):
        for seq in {batch[0].seq, batch[-1].seq}:
            found = rewinder.redecide(seq, always)
            assert found.mark == SAME, (seq, found)
            assert f"{len(batch)} of {len(batch)} row" in found.sentence


def test_it_is_the_same_whichever_way_one_comes(home, rows):
    rewinder = rewinder_of(home.folder)
    for seq in (rows[-1].seq, rows[40].seq, rows[41].seq, rows[300].seq, rows[299].seq):
        assert rewinder.redecide(seq, always).mark == SAME


def test_a_changed_row_is_different_and_named(home, rows, tmp_path):
    seq = seqs_of(rows, "RiskAssessed")[2]
    rewinder = altered(
        home, tmp_path / "home",
        "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '\"quantity\":\"', "
        "'\"quantity\":\"7') AS BLOB) "
        "WHERE seq = ?", seq,
    )  # fmt: skip
    found = rewinder.redecide(seq, always)

    assert found.mark == DIFFERENT
    assert f"first difference at row {seq:,} RiskAssessed" in found.sentence
    assert found.rows[1].startswith("recorded RiskAssessed(")
    assert found.rows[2].startswith("replayed RiskAssessed(")
    assert rewinder.redecide(8, always).mark == SAME


def test_behind_a_changed_row_the_step_itself_is_told_apart(home, rows, tmp_path):
    seq = seqs_of(rows, "SignalEmitted")[2]
    rewinder = altered(
        home, tmp_path / "home",
        "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '\"rationale\":\"', "
        "'\"rationale\":\"x') AS BLOB) "
        "WHERE seq = ?", seq,
    )  # fmt: skip
    behind = next(row.seq for row in rows if row.seq > seq + 8 and row.cause_seq == 0)
    found = rewinder.redecide(behind, always)

    assert found.mark == DIFFERENT
    assert f"first at row {seq:,} SignalEmitted, before this step" in found.sentence
    assert "the step itself is the same" in found.sentence


def test_other_code_is_different_at_the_row_it_changes(home, rows, monkeypatch):
    """A size one lot off: the verdict of the first signal comes out otherwise."""
    real = size_by_risk

    def other(*arguments, **named):
        found = real(*arguments, **named)
        return with_changes(found, lots=found.lots + 1)

    monkeypatch.setattr(signals, "size_by_risk", other)
    first = next(row for row in rows if row.kind == "SignalEmitted")
    found = rewinder_of(home.folder).redecide(first.seq, always)

    assert found.mark == DIFFERENT
    assert found.sentence.startswith("first difference at row")
    assert first.cause_seq <= int(found.sentence.split()[4].replace(",", "")) <= first.seq + 2


def test_a_plan_that_is_gone_cannot_be_decided_and_says_why(home, rows, tmp_path):
    rewinder = altered(home, tmp_path / "home", "DELETE FROM blob WHERE kind = ?", "plan")
    found = rewinder.redecide(rows[-1].seq, always)

    assert found.mark == CANNOT
    assert "expected the blob" in found.sentence


def test_nobody_waits_ends_it(home, rows):
    rewinder = rewinder_of(home.folder)

    assert rewinder.redecide(rows[-1].seq, lambda: False).mark == CANNOT
    assert rewinder.redecide(rows[-1].seq, always).mark == SAME


# --- bars -----------------------------------------------------------------------------------------


def test_bars_end_where_the_row_stands_and_what_is_ahead_begins_there(home, rows):
    rewinder = rewinder_of(home.folder)
    whole = rewinder.chart(rows[-1].seq, "SIM-BTC", count=10_000, ahead=0).candles
    for row in rows:
        if row.kind != "ScansCoalesced":
            continue
        found = rewinder.chart(row.seq, "SIM-BTC", count=20, ahead=5)
        known = [one for one in whole if one.close_ns <= row.event.slot_last_ns]
        later = [one for one in whole if one.close_ns > row.event.slot_last_ns]
        assert list(found.candles) == known[-20:], row.seq
        assert list(found.ahead) == later[:5], row.seq


def test_bars_are_those_of_the_data_set(home, rows):
    from hfl.reading import Standpoint, open_reader

    with open_reader(home.home) as reader:
        standpoint = Standpoint(reader, home.home)
        opened = standpoint.dataset_before(rows[-1].seq)
        assert isinstance(opened, ev.DatasetOpened)
        read = standpoint.reader_of(standpoint.segments[-1].started)(opened)
        index = opened.symbols.index("SIM-ETH")
        closes = [bar.close for slot in read(0, opened.rows) if hasattr(slot, "bars")
                  for bar in slot.bars if bar.index == index]  # fmt: skip
    found = rewinder_of(home.folder).chart(rows[-1].seq, "SIM-ETH", count=10_000, ahead=0)

    assert [one.close for one in found.candles] == closes
    assert len(closes) > 500


def test_in_front_of_the_first_data_set_there_is_one_sentence(home):
    with pytest.raises(HflError, match="no bars were known yet"):
        rewinder_of(home.folder).chart(1, "SIM-BTC", count=5, ahead=0)


# --- moments, outcome, what if --------------------------------------------------------------------


def test_a_trade_begins_at_its_signal_and_an_order_at_its_intent(home, rows):
    rewinder = rewinder_of(home.folder)
    with Glance.open(home.home.journal.journal) as journal:
        ledger = Ledger().fold(journal.of(ALL_KINDS))
    by_seq = {row.seq: row for row in rows}
    for trade in ledger.trades:
        seq, symbol = rewinder.moment_of(str(trade.number))
        signal = by_seq[seq].event
        assert (signal.symbol, symbol) == (trade.symbol, trade.symbol)
        assert signal.decision == trade.decision
    order = next(row for row in rows if row.kind == "OrderIntended")
    assert rewinder.moment_of(order.event.client_id) == (order.seq, order.event.symbol)
    assert rewinder.moment_of("row 77 SIM-BTC") == (77, "SIM-BTC")
    with pytest.raises(HflError, match="expected a trade from 1 to"):
        rewinder.moment_of("99999")


def test_the_outcome_is_the_trades_own_from_signal_to_exit(home, rows):
    rewinder = rewinder_of(home.folder)
    with Glance.open(home.home.journal.journal) as journal:
        ledger = Ledger().fold(journal.of(ALL_KINDS))
    closed = [trade for trade in ledger.trades if trade.closed_ns]
    assert len(closed) > 5
    for trade in closed:
        begun, symbol = rewinder.moment_of(str(trade.number))
        for seq in {begun, trade.first_seq, trade.last_seq - 1}:
            told = " ".join(rewinder.outcome(seq, symbol))
            assert f"T-{trade.number} {trade.symbol}" in told, seq
            assert f"result {trade.profit:+,.2f}" in told


def test_where_nothing_was_held_and_nothing_followed_it_says_so(home, rows):
    refused = next(row for row in rows if row.kind == "RiskAssessed" and not row.event.allowed)
    told = rewinder_of(home.folder).outcome(refused.seq, refused.event.symbol)

    assert "nothing of" in told[0] or "still open" in told[0] or "T-" in told[0]
    early = rewinder_of(home.folder).outcome(8, "SIM-BTC")
    assert early == ("nothing of SIM-BTC was held then, and this step led to no trade",)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a=1", ["--set", "a=1"]),
        ("--set a=1 --set b='x y'", ["--set", "a=1", "--set", "b=x y"]),
        ("a=1 --run run1", ["--set", "a=1", "--run", "run1"]),
    ],
)
def test_what_if_takes_what_hfl_whatif_takes(typed, words):
    assert words_of(typed) == words


@pytest.mark.parametrize("typed", ["", "nonsense", "--home /etc", "a='", "--set"])
def test_other_options_and_nonsense_are_one_sentence(typed):
    with pytest.raises(ConfigError, match="expected KEY=VALUE, found"):
        words_of(typed)


@pytest.mark.process
def test_what_if_answers_as_the_command_does(home, hfl):
    setting = "engine.entry_score_min=0.9"
    found = rewinder_of(home.folder).whatif(setting, always)
    told = hfl("whatif", "--set", setting, "--home", str(home.folder))

    assert "\n".join(found.sections[0].rows) == told[1].strip()
    with pytest.raises(ConfigError, match="found 'nonsense': correct it"):
        rewinder_of(home.folder).whatif("risk.limits.nonsense=1", always)
    with pytest.raises(ConfigError):
        rewinder_of(home.folder).whatif(setting, lambda: False)


@pytest.mark.process
def test_a_streams_bars_are_the_rows_known_by_then(tmp_path, hfl):
    home = tmp_path / "streamed"
    code, _, said = hfl(
        "run", "--home", str(home), "--delivery", "bars", "--speed", "max", "--until-end",
        "--set", "feed.simulated.bars=80",
    )  # fmt: skip
    assert code == 0, said
    rewinder = rewinder_of(home)
    with JournalReader.open(home / "journal" / "paper-main.sqlite") as reader:
        rows = [
            (row.seq, row.event) for row in reader.rows() if isinstance(row.event, ev.BarClosed)
        ]
    assert len(rows) > 150
    for seq, bar in rows[::17]:
        own = [(at, one.close_ns) for at, one in rows if one.symbol == bar.symbol]
        found = rewinder.chart(seq, bar.symbol, count=12, ahead=4)
        known = sorted([close for at, close in own if at <= seq][-12:])
        assert [one.close_ns for one in found.candles] == known
        later = [close for at, close in own if at > seq][:4]
        assert [one.close_ns for one in found.ahead] == sorted(later)
        assert found.marks[bar.symbol] == bar.close
        assert rewinder.redecide(seq, always).mark == SAME
