"""Hypothesis drives the same world: slots, commands, crashes and fault changes in any order."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.support.bars import ListFeed, seeded_items
from tests.support.builders import INSTRUMENTS
from tests.support.plan import FAULT_FORMS, Order, Plan, watch_all
from tests.support.world import World

SLOTS = 400
CALM = 45


class BotInAnyWorld(RuleBasedStateMachine):
    """Every rule is one thing that can happen to a bot."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(prefix="hfl-world-")
        self.world: World | None = None

    @initialize(seed=st.integers(0, 10_000), minutes=st.sampled_from((1, 5, 60)))
    def begin(self, seed, minutes):
        rng = random.Random(seed)
        timeframe_ns = minutes * 60_000_000_000
        items = seeded_items(INSTRUMENTS, rng, slots=SLOTS, timeframe_ns=timeframe_ns)
        feed = ListFeed(INSTRUMENTS, items, timeframe_ns=timeframe_ns)
        plan = Plan(
            seed=seed,
            feed=feed,
            watches=watch_all(rng, INSTRUMENTS),
            desks=("news",) if seed % 3 == 0 else (),
            snapshot_every=20,
            calm_slots=0,
        )
        self.world = World(plan, Path(self.place.name))

    def bot(self) -> World:
        assert self.world is not None
        return self.world

    @rule(count=st.integers(1, 12))
    def slots_close(self, count):
        for _ in range(count):
            if self.bot().number < SLOTS - CALM * 2:
                self.bot().step()

    @precondition(lambda self: self.world is not None and self.world.is_up)
    @rule(
        verb=st.sampled_from(("pause", "resume", "close_all", "deposit", "withdraw", "kill")),
        where=st.sampled_from(("between", "inside", "file")),
        amount=st.integers(1, 5_000),
    )
    def somebody_asks(self, verb, where, amount):
        order = Order(verb, where, str(amount))
        if where == "inside":
            self.bot()._inside.append(order)
        else:
            self.bot().operate(order)

    @rule(points=st.integers(1, 60))
    def a_crash_is_near(self, points):
        self.bot().crash_at = self.bot().points + points

    @precondition(lambda self: self.world is not None and self.world.is_up)
    @rule()
    def it_crashes_now(self):
        self.bot().crash()

    @rule(
        forms=st.lists(st.sampled_from(FAULT_FORMS), max_size=4, unique=True),
        probability=st.sampled_from((0.05, 0.2, 0.5)),
    )
    def the_venue_changes(self, forms, probability):
        spec = "; ".join(form.format(p=probability) for form in forms)
        self.bot().venue.change_faults(spec, seed=self.bot().points)

    def teardown(self):
        try:
            if self.world is not None:
                self.world.calm()
                for _ in range(CALM):
                    self.world.step()
                self.world.crash_at = 0
                self.world.finish()
        finally:
            self.place.cleanup()


BotInAnyWorld.TestCase.settings = settings(
    max_examples=max(12, settings().max_examples // 5), stateful_step_count=30, deadline=None
)
TestBotInAnyWorld = pytest.mark.slow(BotInAnyWorld.TestCase)
