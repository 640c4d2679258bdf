"""A small true story for journals under test.

Runs, a signal, a verdict, orders, fills and commands.
"""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.ids import ClientOrderId, FillId, Symbol
from hfl_core.domain.orders import Fill, OrderType, Purpose, Side, TimeInForce
from hfl_journal.chain import ChainedBatch
from hfl_journal.paths import JournalPaths
from hfl_journal.writer import JournalWriter

SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS
JOURNAL_ID = "abc123"


class StepClock:
    """Every reading is a millisecond after the one before; the wall can be moved by hand."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.wall_offset_ns = START_NS

    def _step(self) -> int:
        self.now_ns += 1_000_000
        return self.now_ns

    def wall_ns(self) -> int:
        return self._step() + self.wall_offset_ns

    def monotonic_ns(self) -> int:
        return self._step()

    def boot_ns(self) -> int:
        return self._step()


def client_id(number: int, journal_id: str = JOURNAL_ID) -> ClientOrderId:
    return ClientOrderId(f"hfp{journal_id}{number:08d}abcdefghijkl")


def run_started(journal: ChainedBatch, run_id: str, config: bytes) -> ev.RunStarted:
    return ev.RunStarted(
        run_id=run_id,
        mode="paper",
        account="demo",
        currency="EUR",
        hashes=(("code", "c" * 64),),
        versions=(("python", "3"),),
        config_blob=journal.put_blob(config, kind="config"),
        seed=7,
        head_seq=journal.seq,
        head_hash=journal.head_hash.hex(),
        operator_policy="next-period",
        changed=(),
        pid=1,
    )


def transitioned(reason: str = "a slot closed") -> ev.Transitioned:
    return ev.Transitioned(trigger="slot_closed", source="idle", target="scanning", reason=reason)


def risk_assessed(decision: int, *, intent_hash: str, allowed: bool = True) -> ev.RiskAssessed:
    return ev.RiskAssessed(
        decision=decision,
        symbol="BTC-USDT",
        allowed=allowed,
        reason="approved" if allowed else "RISK_DAILY_LOSS",
        quantity=Decimal("0.5"),
        sizing=(("atr", "12.5"),),
        rules=(),
        limits_hash="d" * 64,
        intent_hash=intent_hash,
    )


def order_intended(number: int, *, intent_hash: str) -> ev.OrderIntended:
    return ev.OrderIntended(
        client_id=client_id(number),
        number=number,
        decision=number,
        symbol="BTC-USDT",
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=Decimal("0.5"),
        limit_price=None,
        stop_price=None,
        risk_stop_price=Decimal("24000.25"),
        time_in_force=TimeInForce.BAR,
        reason="trend",
        reference_price=Decimal("25000.5"),
        price_ns=START_NS,
        limits_hash="d" * 64,
        intent_hash=intent_hash,
    )


def filled(number: int, fill_id: str, quantity: str) -> ev.Filled:
    fill = Fill(
        client_id=client_id(number),
        fill_id=FillId(fill_id),
        symbol=Symbol("BTC-USDT"),
        side=Side.BUY,
        price=Decimal(25001),
        quantity=Decimal(quantity),
        fee=Decimal("1.25"),
        at_ns=START_NS,
    )
    return ev.Filled(venue="paper", account="demo", cursor=1, fill=fill)


def order_story(number: int) -> list[ev.Event]:
    """Return the life of one order that fills in two parts."""
    digest = f"{number:064x}"
    return [
        risk_assessed(number, intent_hash=digest),
        order_intended(number, intent_hash=digest),
        transitioned("an order goes out"),
        ev.SendAttempted(client_id=client_id(number), run_id="run-1"),
        ev.OrderAccepted(client_id=client_id(number), venue_id=f"v{number}"),
        filled(number, "f1", "0.2"),
        filled(number, "f2", "0.3"),
        ev.CommandReceived(request_id=f"q{number}", verb="pause", actor="me", arguments=()),
    ]


def tell(journal: ChainedBatch, events: list[ev.Event], *, commit_each: bool = False) -> None:
    """Append and commit the events, a second of engine time apart."""
    for event in events:
        journal.append(
            event, time_ns=START_NS + journal.seq * SECOND_NS, cause_seq=0, actor="engine"
        )
        if commit_each:
            journal.commit()
    journal.commit()


def write_story(paths: JournalPaths, clock: StepClock, *, orders: int = 3) -> list[ev.Event]:
    """Write a whole journal with two runs and close it; return its events in order."""
    told: list[ev.Event] = []
    for run in (1, 2):
        run_id = f"run-{run}"
        with JournalWriter.open(
            paths, clock=clock, run_id=run_id, journal_id=JOURNAL_ID
        ) as journal:
            events: list[ev.Event] = [run_started(journal, run_id, b"limit = 1\n" * 100 * run)]
            for number in range(run * 10, run * 10 + orders):
                events.extend(order_story(number))
            tell(journal, events)
            told.extend(events)
    return told
