"""A run that really asks: it rests until the answer is in, and no hanging desk holds it up."""

import threading

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import ModelError
from hfl_core.domain.orders import Purpose
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.runtime.replay import Replayer
from tests.models.kit import World, desk_of

pytestmark = pytest.mark.process
BAD = (
    "AAA crash",
    "AAA fraud scandal",
    "AAA plunges on hack",
    "AAA bankruptcy",
    "AAA slumps on lawsuit",
    "AAA insolvent after fraud",
    "Panic at AAA, trading suspended",
)


class SlowDesk:
    """Answers as another desk does, after a while; `gate` set lets it go on."""

    desk = "investor"

    def __init__(self, inner, wait_s, gate=None):
        self.inner = inner
        self.wait_s = wait_s
        self.gate = gate or threading.Event()
        self.asked = 0

    def ask(self, symbol, *, as_of_ns, deadline_s):
        self.asked += 1
        self.gate.wait(self.wait_s)
        return self.inner.ask(symbol, as_of_ns=as_of_ns, deadline_s=5.0)

    def blob(self, sha):
        return self.inner.blob(sha)


def entries(world):
    return [e for e in world.events(ev.OrderIntended) if e.purpose is Purpose.ENTRY]


def test_the_machine_rests_in_signalling_until_a_slow_desk_answers():
    world = World("L...", SlowDesk(desk_of("AAA rises"), 0.3))
    seen = []
    world.session.on_tick = lambda: seen.append(world.engine.core.book.state)
    world.run()

    assert seen.count("signalling") >= 5
    assert len(world.events(ev.OpinionReceived)) == 1
    assert len(entries(world)) == 1


def test_a_bad_opinion_vetoes_and_its_texts_are_in_the_journal():
    world = World("L...", desk_of(*BAD))
    world.run()
    (opinion,) = world.events(ev.OpinionReceived)

    assert entries(world) == []
    assert [one.reason for one in world.events(ev.RiskAssessed)] == ["OPINION_VETO"]
    assert any(b"AAA crash" in world.journal.blob(sha) for sha in opinion.evidence)
    assert len(opinion.evidence) == len(BAD)


def test_a_hanging_desk_costs_its_deadline_once_and_the_run_goes_on():
    gate = threading.Event()
    desk = SlowDesk(desk_of(*BAD), 1_000.0, gate)
    world = World("L.F." * 10, desk, deadline_s=0.3)
    try:
        reason = world.run()
    finally:
        gate.set()

    assert reason == "end_of_data"
    assert desk.asked == 1
    assert len(entries(world)) == 10
    details = [event.detail for event in world.events(ev.Degraded)]
    assert len(details) == 10
    assert "within 0.3 s" in details[0]
    assert all("still out" in detail for detail in details[1:])
    assert world.events(ev.OpinionReceived) == []


def test_without_an_answer_the_machine_goes_on_at_the_engines_deadline():
    gate = threading.Event()
    world = World("L...", SlowDesk(desk_of(), 1_000.0, gate), deadline_s=0.1)
    try:
        world.run()
    finally:
        gate.set()
    (asked,) = world.events(ev.OpinionAsked)
    (signal,) = world.events(ev.SignalEmitted)
    rows = [row for row in world.journal.rows() if row.event == signal]

    assert rows[0].time_ns == asked.deadline_ns
    assert asked.deadline_ns - signal.slot_ns == world.settings.opinion_deadline_ns


def test_a_failing_desk_is_told_and_the_run_goes_on():
    class Failing(SlowDesk):
        def ask(self, symbol, *, as_of_ns, deadline_s):
            raise ModelError("expected a model file, found none: put one there")

    world = World("L.F.L", Failing(desk_of(), 0))
    world.run()

    assert len(entries(world)) == 2
    assert [(e.component, e.detail[:8]) for e in world.events(ev.Degraded)] == [
        ("desk investor", "expected")
    ] * 2


def test_a_desk_that_nobody_has_is_told_at_once():
    world = World("L...", names=("market",))
    world.run()

    assert [e.detail for e in world.events(ev.Degraded)] == ["not configured"]
    assert len(entries(world)) == 1


def test_a_replay_needs_no_desk():
    world = World("L.F.L", desk_of("AAA falls", "AAA rises on upgrade"))
    world.run()

    def reader_of(opened):
        return lambda start, stop: iter(world.slots[start:stop])

    report = Replayer(Engine(world.settings, make), reader_of).run(world.journal.rows())
    assert report.divergence is None
    assert len(world.events(ev.OpinionReceived)) == 2
