"""A short journal told by hand, at the sample's moment: for pictures of the past."""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.ids import FillId, Symbol
from hfl_core.domain.orders import Fill, Side
from hfl_core.domain.values import with_changes
from hfl_journal.paths import JournalPaths
from hfl_journal.writer import JournalWriter
from tests.journal.story import StepClock, client_id, order_intended, risk_assessed
from tests.tui.pictures import NOW, SECOND

HOUR = 3600 * SECOND
DIGEST = "d" * 64


def scans(number, equity, *counts):
    return ev.ScansCoalesced(
        dataset_id="made", cursor_from=number, cursor_to=number + 2, slot_first_ns=NOW,
        slot_last_ns=NOW, scans=1, counts=counts, digest=DIGEST, equity=Decimal(equity),
        high_water_mark=Decimal("1260.93"),
        anchors=(("day", Decimal("1209.39")), ("week", Decimal("1213.73"))),
    )  # fmt: skip


def signal():
    return ev.SignalEmitted(
        decision=42, symbol="BTC-USDT", slot_ns=NOW, direction=1, setup="uptrend",
        strategy="trend", bar=("67000", "67100", "66900", "67010", "12"), flags=(), features=(),
        score="0.47", confidence="0.7", numbers=(), rationale="there is a trend",
        weights=(("banker", "0.30", "0.58"), ("market", "0.30", "-0.44")), blended="0.33",
        dataset_id="made", cursor=2,
    )  # fmt: skip


def filled():
    fill = Fill(
        client_id=client_id(42), fill_id=FillId("f1"), symbol=Symbol("BTC-USDT"), side=Side.BUY,
        price=Decimal(67010), quantity=Decimal("0.0021"), fee=Decimal("0.0141"), at_ns=NOW,
    )  # fmt: skip
    return ev.Filled(venue="paper", account="main", cursor=1, fill=fill)


def told():
    """Yield (hours before now, event, row that caused it or 0)."""
    started = ev.RunStarted(
        run_id="5c1f00aa", mode="paper", account="main", currency="USD",
        hashes=(("code", DIGEST),), versions=(), config_blob="41ac77d2", seed=7, head_seq=0,
        head_hash="", operator_policy="none", changed=(), pid=1,
    )  # fmt: skip
    allowed = with_changes(risk_assessed(42, intent_hash=DIGEST), quantity=Decimal("0.0021"))
    intended = with_changes(
        order_intended(42, intent_hash=DIGEST), quantity=Decimal("0.0021"),
        risk_stop_price=Decimal(66680), reference_price=Decimal(67010),
    )  # fmt: skip
    yield 30, started, 0
    yield 30, ev.AccountOpened(cash=Decimal(1200), currency="USD"), 1
    yield 12, scans(0, "1203.90", ("NO_SETUP", 2)), 0
    yield 1, scans(2, "1204.33", ("ENTRY_INTENDED", 1), ("HOLDING", 1)), 0
    yield 1, signal(), 4
    yield 1, allowed, 4
    yield 1, intended, 4
    yield 1, ev.Transitioned(source="risk_check", target="executing", trigger="execute",
                             reason=""), 4  # fmt: skip
    yield 1, ev.SendAttempted(client_id=client_id(42), run_id="5c1f00aa"), 0
    yield 1, ev.OrderAccepted(client_id=client_id(42), venue_id="v42"), 0
    yield 0, filled(), 0
    yield 0, ev.ProtectionObliged(symbol="BTC-USDT", quantity=Decimal("0.0021"),
                                  stop_price=Decimal(66680), due_ns=NOW + HOUR), 11  # fmt: skip


def write(folder):
    """Write the journal and return its file."""
    paths = JournalPaths(directory=folder, key_directory=folder / "keys", mode="paper",
                         account="main")  # fmt: skip
    with JournalWriter.open(paths, clock=StepClock(), run_id="5c1f00aa") as writer:
        for hours, event, cause in told():
            writer.append(event, time_ns=NOW - hours * HOUR, cause_seq=cause, actor="")
        writer.commit()
    return paths.journal
