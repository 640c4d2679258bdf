"""Generated portfolios and paths: an engine with every rule, and a rough market around it.

Each seed has its own instruments, limits, gaps, partial fills, rejections and late answers. A case
is one bar at which a strategy wants something.
"""

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.engine.book_records import OrderRecord
from tests.engine.kit import DAY, HOUR, RULES, WISHES, D, Play, Puppet, instrument, limits
from tests.support.judge import Judge

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
CLASSES = tuple(AssetClass)


def drawn_instruments(rng: random.Random) -> tuple[Instrument, ...]:
    """Return one to four instruments of any kind."""
    return tuple(
        instrument(
            symbol,
            asset_class=rng.choice(CLASSES),
            tick=D(rng.choice(["0.01", "0.0001", "1"])),
            lot=D(rng.choice(["1", "0.001", "10"])),
            notional_min=D(rng.choice([0, 10])),
            volume=VolumeKind.NONE,
            margin_fraction=D(rng.choice(["1", "0.5"])),
            group=rng.choice(["", "", "majors"]),
            sector=rng.choice(["", "technology", "energy", "energy"]),
            spread_fraction=D("0.0001"),
        )
        for symbol in SYMBOLS[: rng.randint(1, len(SYMBOLS))]
    )


def drawn_limits(rng: random.Random) -> RiskLimits:
    """Return limits that bind now here, now there."""
    risk = sorted(D(rng.randint(1, 60)) / 1000 for _ in range(3))

    def fraction(*texts: str) -> Decimal:
        return D(rng.choice(texts))

    return limits(
        risk_per_trade_fraction=risk[0],
        risk_per_trade_fraction_max=risk[1],
        open_risk_fraction_max=risk[2],
        drawdown_fraction_max=fraction("0.05", "0.1", "0.5"),
        daily_loss_fraction_max=fraction("0.01", "0.02", "0.5"),
        position_fraction_max=fraction("0.1", "0.5", "2"),
        gross_exposure_fraction_max=fraction("0.3", "1", "3"),
        order_notional_max_fraction=fraction("0.05", "0.5", "2"),
        positions_max=rng.randint(1, 4),
        sector_fraction_max=fraction("0.2", "0.4", "1000", "1000"),
        net_exposure_fraction_max=fraction("0.2", "1", "1000"),
        gap_loss_fraction_max=fraction("0.02", "0.05", "1"),
        gap_fraction_stocks=D("0.1"),
        gap_fraction_forex=D("0.02"),
        gap_fraction_crypto=fraction("0", "0.1"),
        gap_fraction_indices=D("0.07"),
        correlation_max=fraction("1", "1", "0.3"),
        correlation_days_min=2,
        breaker_move_fraction_max=fraction("0.15", "1"),
        breaker_calm_bars=3,
        volatility_ratio_max=fraction("1.5", "1000"),
        crisis_size_fraction=fraction("0", "0.5", "1"),
        rapid_loss_fraction_max=fraction("0.015", "1"),
        losing_trades_max=rng.randint(1, 4),
        loss_pause_hours=rng.choice([0, 6]),
        stop_out_pause_hours=rng.choice([0, 4]),
        orders_per_hour_max=rng.choice([1, 1000]),
        repeat_pause_s=rng.choice([0, 7_200]),
        mark_age_hours_max=rng.choice([4, 8_760]),
        breaker_market_fraction_max=fraction("0.3", "1"),
    )


class Life:
    """One portfolio's life along one path."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.instruments = drawn_instruments(self.rng)
        self.limits = drawn_limits(self.rng)
        self.play = Play(
            instruments=self.instruments,
            strategy=Puppet(stop_distance=self.rng.choice([1.0, 2.0, 8.0])),
            rules=RULES,
            bounds=self.limits,
        ).start(self.rng.choice([2_000, 100_000, 1_000_000]))
        self.prices = [100.0 * self.rng.choice([1, 1, 5]) for _ in self.instruments]
        self.judge = Judge(
            instruments={one.symbol: one for one in self.instruments}, limits=self.limits
        )
        self.cases = 0
        self.entered = 0
        self.overshoots: list[ev.LimitTripped] = []

    def live(self, bars: int) -> None:
        """Live some bars through."""
        for _ in range(bars):
            self._bar()
            self._venue()

    def _bar(self) -> None:
        rng, play = self.rng, self.play
        rows = []
        for index, one in enumerate(self.instruments):
            if rng.random() < 0.1:
                continue
            size = 0.2 if rng.random() < 0.02 else 0.008
            self.prices[index] = min(max(self.prices[index] * (1 + rng.gauss(0, size)), 20), 9_999)
            ticks = max(1, round(self.prices[index] / float(one.tick)))
            want = WISHES[rng.choice(["", "long", "long", "flat", "short"])]
            rows.append(BarRow(index, ticks, ticks, ticks, ticks, want, 0))
            self.cases += want > 0
        before = len(play.events)
        play.slot(*rows, after=rng.choice([HOUR, HOUR, HOUR, DAY]))
        self._look_at(play.events[before:])

    def _look_at(self, events: list[ev.Event]) -> None:
        play = self.play
        marks = {
            lane.symbol: Fraction(lane.mark) * Fraction(lane.instrument.tick)
            for lane in play.core.decider.lanes
        }
        intended = [
            each
            for each in events
            if isinstance(each, ev.OrderIntended) and each.purpose is Purpose.ENTRY
        ]
        equity = Fraction(play.book.cash) + sum(
            (
                Fraction(held.quantity) * marks[symbol]
                for symbol, held in play.book.positions.items()
            ),
            Fraction(0),
        )
        for number, order in enumerate(intended):
            later = frozenset(each.client_id for each in intended[number + 1 :])
            opened = self.judge.opened(play.book, marks, without=later)
            self.judge.judge(order, opened, equity)
        self.entered += len(intended)
        self.overshoots += [each for each in events if isinstance(each, ev.LimitTripped)]

    def _venue(self) -> None:
        """Answer what is on its way: in full, in part, with a rejection, or not at all."""
        rng, play = self.rng, self.play
        for order in list(play.book.live.values()):
            if order.status is OrderStatus.INTENDED:
                draw = rng.random()
                play.attempt(order)
                if draw < 0.1:
                    play.say(ev.OrderRejected(client_id=order.client_id, code="no", text="no"))
                elif draw < 0.95:
                    play.say(ev.OrderAccepted(client_id=order.client_id, venue_id="v"))
        for order in list(play.book.live.values()):
            if order.status is OrderStatus.WORKING and self._trades(order):
                self._fill(order)

    def _trades(self, order: OrderRecord) -> bool:
        if order.purpose is not Purpose.PROTECTION:
            return self.rng.random() < 0.8
        assert order.stop_price is not None
        price = self._price(order)
        is_hit = price <= order.stop_price if order.side.sign < 0 else price >= order.stop_price
        return bool(is_hit)

    def _price(self, order: OrderRecord) -> Decimal:
        lane = self.play.core.lanes[order.symbol]
        return lane.mark * lane.instrument.tick

    def _fill(self, order: OrderRecord) -> None:
        lot = self.play.core.lanes[order.symbol].instrument.lot
        quantity: Any = order.remaining
        if self.rng.random() < 0.3 and quantity > lot:
            quantity = lot * self.rng.randint(1, int(quantity / lot))
        self.play.fill(order, quantity, str(self._price(order)))
