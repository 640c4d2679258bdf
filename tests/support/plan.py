"""What one seed means: its market, faults, operator and crashes. Each seed has its own mix."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hfl_core.domain.instruments import Instrument
from hfl_core.engine.settings import Watch
from hfl_core.strategies import breakout, momentum, reversion
from hfl_core.strategies.base import Strategy
from tests.support.bars import ListFeed, seeded_items
from tests.support.builders import INSTRUMENTS
from tests.support.strategies import Churn

SECOND_NS: Final = 1_000_000_000
CALM_SLOTS: Final = 45
# Every fault of the venue in the forms that matter to a bot, with the probabilities drawn from.
FAULT_FORMS: Final = (
    "timeout_before@submit p={p}",
    "timeout_after@submit p={p}",
    "restart_before@submit p={p}",
    "restart_after@submit p={p}",
    "garbage@submit p={p}",
    "unclear@submit p={p}",
    "delay@submit s=9 p={p}",
    "slow@submit s=9 p={p}",
    "reject@submit p={p}",
    "rate_limit@* p={p}",
    "maintenance@* calls=4 p={p}",
    "timeout_before@cancel p={p}",
    "timeout_after@cancel p={p}",
    "garbage@cancel p={p}",
    "timeout_after@move_cash p={p}",
    "timeout_before@move_cash p={p}",
    "silence@query p={p}",
    "silence@poll p={p}",
    "silence@account p={p}",
    "silence@open_orders p={p}",
    "garbage@query p={p}",
    "duplicate_fills p={p}",
    "reorder_fills p={p}",
    "lose_fills p={p}",
    "not_found_lag s=60 p={p}",
    "not_found_lag queries=3 p={p}",
    "reuse_fill_ids",
)
VERBS: Final = (
    "pause",
    "resume",
    "resume",
    "resume",
    "close_all",
    "deposit",
    "withdraw",
    "kill",
    "nonsense",
)


class Order(NamedTuple):
    """One thing the operator does. where: between slots, inside a step, or as a file alone."""

    verb: str
    where: str
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that happens to one bot, by slot number."""

    seed: int
    feed: ListFeed
    watches: tuple[Watch, ...]
    faults: dict[int, str] = field(default_factory=dict)
    orders: dict[int, tuple[Order, ...]] = field(default_factory=dict)
    crashes: dict[int, int] = field(default_factory=dict)
    desks: tuple[str, ...] = ()
    operator_policy: str = "next-period"
    flush_every: int = 7
    snapshot_every: int = 40
    is_latched_on_disk: bool = True
    calm_slots: int = CALM_SLOTS

    @property
    def calm_from(self) -> int:
        """Return the slot number from which nothing bad happens any more."""
        return len(self.feed.slots) - self.calm_slots


def draw_plan(seed: int, *, slots: int = 260) -> Plan:
    """Draw the plan of a seed."""
    rng = random.Random(seed)
    instruments = INSTRUMENTS[: rng.choice((1, 2, 2, 3, 3))]
    timeframe_ns = rng.choice((60, 300, 3_600, 3_600, 14_400)) * SECOND_NS
    items = seeded_items(instruments, rng, slots=slots, timeframe_ns=timeframe_ns)
    feed = ListFeed(instruments, items, timeframe_ns=timeframe_ns)
    calm_from = len(feed.slots) - CALM_SLOTS
    return Plan(
        seed=seed,
        feed=feed,
        watches=watch_all(rng, instruments),
        faults=_faults(rng, calm_from),
        orders=_orders(rng, calm_from),
        crashes={
            rng.randrange(calm_from): rng.randrange(1, 25)
            for _ in range(rng.choice((0, 1, 3, 6, 12)))
        },
        desks=rng.choice(((), (), ("news",), ("news", "models"))),
        operator_policy=rng.choice(("next-period", "next-period", "none")),
        flush_every=rng.choice((1, 7, 25)),
        snapshot_every=rng.choice((5, 40, 100)),
        is_latched_on_disk=rng.random() < 0.5,
    )


def watch_all(rng: random.Random, instruments: Sequence[Instrument]) -> tuple[Watch, ...]:
    """Give every instrument a strategy by draw."""
    watches = []
    for instrument in instruments:
        strategy: Strategy = rng.choice(
            (
                Churn(salt=rng.randrange(1_000), calm=rng.choice((6, 9, 20))),
                Churn(salt=rng.randrange(1_000), calm=6, stop_atr=0.7),
                breakout.Strategy(entry=6, exit=3, atr=4),
                momentum.Strategy(window=6, volatility=6, enter=0.3, atr=4),
                reversion.Strategy(rsi=4, window=6, stretch=0.8, atr=4),
            )
        )
        watches.append(
            Watch(instrument=instrument, strategy=strategy, strategy_name=type(strategy).__name__)
        )
    return tuple(watches)


def _faults(rng: random.Random, calm_from: int) -> dict[int, str]:
    """Change the mix a few times; one seed in six has an honest venue."""
    if rng.random() < 1 / 6:
        return {}
    return {
        rng.randrange(calm_from) if change else 0: fault_mix(rng)
        for change in range(rng.randrange(1, 4))
    }


def fault_mix(rng: random.Random) -> str:
    """Draw some faults with their probabilities."""
    forms = rng.sample(FAULT_FORMS, rng.randrange(1, 6))
    return "; ".join(form.format(p=rng.choice((0.02, 0.1, 0.3))) for form in forms)


def _orders(rng: random.Random, calm_from: int) -> dict[int, tuple[Order, ...]]:
    found: dict[int, tuple[Order, ...]] = {}
    for _ in range(rng.choice((0, 4, 10, 20))):
        number = rng.randrange(calm_from)
        where = rng.choice(("between", "between", "inside", "inside", "file"))
        order = Order(rng.choice(VERBS), where, str(rng.randrange(1, 3_000)))
        found[number] = (*found.get(number, ()), order)
    return found
