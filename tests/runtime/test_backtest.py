"""A backtest and a session over the same world write the same journal, row for row."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl.inprocess import Parts, in_process
from hfl_core.domain import events as ev
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.values import with_changes
from hfl_core.engine.machine import LiveMachine, TableMachine
from hfl_core.engine.step import Engine
from hfl_core.features.base import FeatureSpec
from hfl_core.features.catalogue import make
from hfl_core.gateway.gateway import GatewaySettings
from hfl_core.runtime.backtest import Backtest
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.recovery import SlotReader
from hfl_core.runtime.replay import Replayer
from hfl_core.runtime.session import Session
from hfl_core.strategies.base import Fits, Strategy, View
from hfl_core.strategies.momentum import Strategy as Momentum
from hfl_core.venue.inprocess import InProcessVenue
from hfl_journal.memory import MemoryJournal
from tests.support.builders import CASH, JOURNAL_ID, engine_settings
from tests.support.plan import Plan, draw_plan

FAULTS = (
    "",
    "timeout_after@submit p=0.2;duplicate_fills@poll p=0.3",
    "reject@submit p=0.2;silence@poll p=0.3;lose_fills@poll p=0.1",
)
STARTED = ev.RunStarted(
    run_id="r1",
    mode="backtest",
    account="a",
    currency="USD",
    hashes=(),
    versions=(),
    config_blob="",
    seed=0,
    head_seq=0,
    head_hash="",
    operator_policy="next-period",
    changed=(),
    pid=1,
)


def build(plan: Plan, *, faults: str, reconcile_scans: int, kind: type[Session]) -> Session:
    bounds = with_changes(
        engine_settings(plan.watches, operator_policy=plan.operator_policy),
        reconcile_scans=reconcile_scans,
        scans_per_group_max=37,
    )
    venue = InProcessVenue(plan.feed.instruments, cash=CASH, faults=faults, seed=plan.seed)
    clock = VirtualClock()
    parts = Parts(
        engine=Engine(bounds, make),
        journal=MemoryJournal(run_id="r1", clock=clock, journal_id=JOURNAL_ID),
        clock=clock,
        venue=venue,
        feed=plan.feed,
        gateway=GatewaySettings(
            intent_age_max_ns=10**12,
            price_age_max_ns=10**12,
            orders_per_minute_max=50,
            repeats_per_minute_max=50,
            deadline_s=3,
            limits_hash=bounds.limits_hash,
        ),
        session=SessionSettings(timeframe_ns=plan.feed.timeframe_ns),
        inbox=Inbox(),
        machine=TableMachine if kind is Backtest else LiveMachine,
        snapshot_inputs=60,
    )
    return in_process(parts, kind)


def run(session: Session) -> MemoryJournal:
    session.start(STARTED, [])
    session.run(0)
    journal = session.runner.journal
    assert isinstance(journal, MemoryJournal)
    return journal


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(FAULTS), st.sampled_from((0, 0, 12)))
def test_backtest_writes_the_journal_that_a_session_writes(
    seed: int, faults: str, reconcile_scans: int
):
    plan = draw_plan(seed, slots=150)
    first, second = (
        build(plan, faults=faults, reconcile_scans=reconcile_scans, kind=kind)
        for kind in (Session, Backtest)
    )
    slow, fast = run(first), run(second)

    assert (fast.seq, fast.head_hash.hex()) == (slow.seq, slow.head_hash.hex())
    assert (first.scans, first.performer.end_reason) == (second.scans, second.performer.end_reason)


def test_the_venue_knows_the_same_in_the_end():
    plan = draw_plan(5, slots=200)
    kinds = (Session, Backtest)
    sessions = [build(plan, faults="", reconcile_scans=0, kind=kind) for kind in kinds]
    for session in sessions:
        run(session)
    ends = [session.market.matching for session in sessions]  # type: ignore[attr-defined]

    assert ends[0].account() == ends[1].account()
    assert ends[0].close_ns == ends[1].close_ns
    assert ends[0].clock_ns == ends[1].clock_ns


def test_worlds_of_the_comparison_trade_and_rest():
    """The comparison would prove nothing over worlds in which nothing happens."""
    kinds: Counter[str] = Counter()
    for seed in range(12):
        plan = draw_plan(seed, slots=150)
        journal = run(build(plan, faults="", reconcile_scans=0, kind=Backtest))
        kinds.update(row.kind for row in journal.rows())

    assert min(kinds[kind] for kind in ("Filled", "ScansCoalesced", "SnapshotTaken")) > 20


def test_a_backtest_replays_bit_for_bit():
    plan = draw_plan(11, slots=200)
    session = build(plan, faults=FAULTS[1], reconcile_scans=0, kind=Backtest)
    journal = run(session)

    def reader_of(_: ev.DatasetOpened) -> SlotReader:
        return plan.feed.between

    report = Replayer(Engine(session.runner.engine.core.settings, make), reader_of).run(
        journal.rows()
    )

    assert report.divergence is None
    assert report.rows == journal.seq


def test_a_paced_backtest_is_refused():
    plan = draw_plan(1, slots=100)
    session = build(plan, faults="", reconcile_scans=0, kind=Session)
    with pytest.raises(ValueError, match="as fast as possible, found a paced one"):
        Backtest(
            SessionSettings(timeframe_ns=1, speed=2.0),
            runner=session.runner,
            performer=session.performer,
            inbox=session.inbox,
            market=session.market,  # type: ignore[arg-type]
            feed=session.feed,
            clock=session.clock,
        )


class Viewing:
    """The same rule without a glance: it is shown a view for every bar."""

    lookback = 0

    def __init__(self, rule: Strategy) -> None:
        self._rule = rule

    def features(self) -> tuple[FeatureSpec, ...]:
        return self._rule.features()

    def scan(self, view: View) -> Candidate | None:
        return self._rule.scan(view)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        return self._rule.signal(view, candidate)

    def fits(self, direction: int, regime: str) -> bool:
        fits: Fits | None = getattr(self._rule, "fits", None)
        return fits is None or fits(direction, regime)


@pytest.mark.parametrize("kind", [Session, Backtest])
def test_a_strategy_that_is_asked_without_a_view_writes_the_same_journal(kind):
    journals = []
    shown = Momentum(window=5, volatility=5, enter=0.1, exit=0.0, atr=3)
    for rule in (shown, Viewing(shown)):
        plan = draw_plan(11, slots=200)
        watches = tuple(with_changes(watch, strategy=rule) for watch in plan.watches)
        session = build(replace(plan, watches=watches), faults="", reconcile_scans=0, kind=kind)
        journals.append(run(session).rows())
    assert any(row.kind == "Filled" for row in journals[0])
    assert journals[0] == journals[1]
