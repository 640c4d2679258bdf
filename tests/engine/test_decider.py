"""The decider: equity, high-water mark and anchors against a computation of the test's own."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.money import money_from_units
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.engine.decider import Decider, make_lane
from hfl_core.engine.periods import PERIODS, boundaries_in
from hfl_core.engine.watching import MarketWatch
from tests.engine.kit import (
    DAY,
    HOUR,
    MONDAY,
    D,
    Play,
    Puppet,
    instrument,
    limits,
    report,
    row,
    run_started,
)

ROOMY = limits(
    daily_loss_fraction_max=D(1),
    weekly_loss_fraction_max=D(1),
    monthly_loss_fraction_max=D(1),
    drawdown_fraction_max=D(1),
)


def equity(play: Play) -> Decimal:
    return money_from_units(play.core.decider.equity)


def mark_high(play: Play) -> Decimal:
    return money_from_units(play.core.decider.high_water_mark)


def anchors(play: Play) -> dict[str, Decimal]:
    return dict(play.core.decider.anchors_named())


def test_before_any_trade_everything_is_the_first_cash():
    play = Play().start(cash=2_500)
    play.bar(100)

    assert (equity(play), mark_high(play)) == (D(2_500), D(2_500))
    assert anchors(play) == {"day": D(2_500), "week": D(2_500), "month": D(2_500)}


def test_equity_is_cash_and_positions_at_the_last_close():
    play = Play().start()
    play.open_long(50, 100)
    play.bar(103.37)

    assert equity(play) == D(5_000) + 50 * D("103.37")


def test_the_high_water_mark_rises_and_never_falls():
    play = Play(bounds=ROOMY).start()
    play.open_long(50, 100)
    seen = []
    for price in (110, 101, 108, 112):
        play.bar(price)
        seen.append(mark_high(play))

    assert seen == [D(10_500), D(10_500), D(10_500), D(10_600)]


@pytest.mark.parametrize(("after", "base"), [(13 * HOUR, "before"), (12 * HOUR, "at")])
def test_a_day_begins_with_the_equity_at_its_boundary(after: int, base: str):
    """A close exactly at midnight is the new day's base; one later leaves the last close's."""
    play = Play(bounds=ROOMY).start()
    play.bar(100, "long", after=12 * HOUR)
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry, 50, 100)
    play.bar(120, after=after)

    expected = {"before": D(10_000), "at": D(11_000)}[base]
    assert anchors(play)["day"] == expected
    assert anchors(play)["week"] == D(10_000)


def test_a_deposit_moves_equity_anchors_and_mark_alike():
    play = Play().start()
    play.open_long(50, 100)
    play.bar(95)
    gaps = [value - equity(play) for value in (mark_high(play), *anchors(play).values())]
    play.say(ev.CashMoved(request_id="c", amount=D(-750)))

    assert equity(play) == D(10_000) - 250 - 750
    assert [v - equity(play) for v in (mark_high(play), *anchors(play).values())] == gaps


class Accountant:
    """Keeps equity, mark and anchors in Decimals, from fills and closes alone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.cash = self.equity = self.high = D(10_000)
        self.quantity = D(0)
        self.close = D(0)
        self.zone = zone
        self.anchors = dict.fromkeys(PERIODS, D(10_000))
        self.last_ns = 0

    def _value(self) -> None:
        self.equity = self.cash + self.quantity * self.close
        self.high = max(self.high, self.equity)

    def on_fill(self, signed: Decimal, price: Decimal, fee: Decimal) -> None:
        self.cash -= signed * price + fee
        self.quantity += signed
        self._value()

    def on_close(self, time_ns: int, close: Decimal) -> None:
        before = self.equity
        self.close = close
        self._value()
        for period in PERIODS:
            if self._key(period, time_ns) == self._key(period, self.last_ns) and self.last_ns:
                continue
            is_exact = self._key(period, time_ns - 1) != self._key(period, time_ns)
            is_first = not self.last_ns
            self.anchors[period] = self.equity if is_exact or is_first else before
        self.last_ns = time_ns

    def _key(self, period: str, time_ns: int) -> tuple[int, ...]:
        local = datetime.fromtimestamp(time_ns / 1e9, UTC).astimezone(self.zone)
        if period == "day":
            return (local.toordinal(),)
        return local.isocalendar()[:2] if period == "week" else (local.year, local.month)


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.integers(0, 2**32),
    st.sampled_from([HOUR, 6 * HOUR, DAY]),
)
def test_equity_mark_and_anchors_agree_with_an_accountant(zone, seed, step):
    chance = random.Random(seed)
    play = Play(bounds=ROOMY, zone=ZoneInfo(zone), strategy=Puppet(stop_distance=0.0)).start()
    accountant = Accountant(ZoneInfo(zone))
    for _ in range(30):
        close = chance.randrange(8_000, 12_000) / 100
        play.bar(close, chance.choice(("long", "flat", "short")), after=step)
        accountant.on_close(play.now, D(str(close)))
        for order in list(play.book.live.values()):
            price = D(chance.randrange(8_000, 12_000)) / 100
            play.accept(order)
            part = D(chance.randrange(1, int(order.remaining) + 1))
            play.fill(order, part, str(price), fee="0.07")
            accountant.on_fill(order.side.sign * part, price, D("0.07"))
            if order.is_live:
                ended = ev.OrderEnded(
                    client_id=order.client_id,
                    status=OrderStatus.EXPIRED,
                    filled=order.filled,
                    text="",
                    cursor=0,
                )
                play.say(ended)

        assert equity(play) == accountant.equity
        assert mark_high(play) == accountant.high
        assert anchors(play) == accountant.anchors


@given(st.lists(st.integers(9_000, 11_000), min_size=2, max_size=20), st.data())
def test_what_follows_changes_nothing_that_was_decided_before(closes, data):
    """No look-ahead: with any other future, every event of the past stays the same."""
    cut = data.draw(st.integers(1, len(closes)))
    other = closes[:cut] + data.draw(st.lists(st.integers(9_000, 11_000), max_size=5))

    def story(prices: list[int]) -> list[list[ev.Event]]:
        play = Play(strategy=Puppet(warm_up=2, lookback=3)).start()
        found = []
        for number, price in enumerate(prices):
            found.append(play.bar(price / 100, ("long", "flat", "")[number % 3]))
            found.append(list(play.groups))
        return found[: 2 * cut]

    assert story(closes) == story(other)


def test_a_strategy_sees_its_ring_and_nothing_more():
    play = Play(strategy=Puppet(lookback=3)).start()
    for price in (1, 2, 3, 4, 5):
        play.bar(price)

    assert play.core.decider.lanes[0].view(play.now).closes == (3.0, 4.0, 5.0)


def test_the_view_tells_the_position_its_age_and_price():
    play = Play().start()
    play.open_long(50, 100)
    play.bar(101)
    play.bar(102)
    view = play.core.decider.lanes[0].view(play.now)

    assert (view.position, view.bars_held, view.entry_price) == (1, 2, 100.0)


def test_a_declared_feature_is_built_once_however_often_it_is_read():
    play = Play(strategy=Puppet(warm_up=2))
    lane = play.core.decider.lanes[0]

    assert len(lane.features) == 1
    assert not lane.is_ready


def test_a_row_of_another_data_set_gives_equity_and_anchors():
    play = Play().start()
    play.core.decider.adopt(
        ev.ScansCoalesced(
            dataset_id="other",
            cursor_from=0,
            cursor_to=5,
            slot_first_ns=MONDAY,
            slot_last_ns=MONDAY + 5 * HOUR,
            scans=5,
            counts=(),
            digest="00" * 32,
            equity=D(9_100),
            high_water_mark=D(9_900),
            anchors=(("day", D(9_200)), ("week", D(9_300)), ("month", D(9_400))),
        )
    )

    assert (equity(play), mark_high(play)) == (D(9_100), D(9_900))
    assert list(anchors(play).values()) == [D(9_200), D(9_300), D(9_400)]
    assert play.core.decider.next_roll_ns == MONDAY + DAY


def test_a_position_without_a_bar_yet_is_marked_at_its_price():
    play = Play()
    play.say(run_started())
    play.say(report(cash=D(5_000)))
    play.book.halted_symbols["AAA"] = "found"
    play.say(
        ev.CommandReceived(
            request_id="a",
            verb="accept_position",
            actor="human",
            arguments=(("symbol", "AAA"), ("quantity", "10"), ("price", "50"), ("reason", "x")),
        )
    )

    assert equity(play) == D(4_500) + 10 * D(50)


def test_two_instruments_add_up():
    both = (instrument("AAA"), instrument("BBB", lot=D("0.5"), tick=D("0.1")))
    play = Play(instruments=both, bounds=ROOMY).start()
    play.slot(row(100, "long"), row(20, "short", index=1))
    for symbol, quantity in (("AAA", 10), ("BBB", 4)):
        entry = play.only(Purpose.ENTRY, symbol)
        play.accept(entry)
        play.fill(entry, quantity, 100 if symbol == "AAA" else 200)
    play.slot(row(110), row(19, index=1))

    # BBB's ticks are a tenth: the row's 1900 ticks are 190.
    assert equity(play) == D(10_000) + 10 * 10 + 4 * 10


def test_a_fill_finer_than_a_money_unit_does_not_stop_the_engine():
    """A venue's fee or price may have more digits than money: equity rounds, the book does not."""
    play = Play().start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry, 50, "100.0000000000001", fee="0.00000000000003")

    assert play.book.cash == D(10_000) - 50 * D("100.0000000000001") - D("0.00000000000003")
    assert abs(equity(play) - D(10_000)) < D("1E-11")


def test_a_deposit_finer_than_a_money_unit_does_not_stop_the_engine():
    play = Play().start()
    play.say(ev.CashMoved(request_id="c", amount=D("0.00000000000004")))

    assert (equity(play), play.book.cash) == (D(10_000), D("10000.00000000000004"))


def test_the_fold_says_when_a_period_began():
    decider = Play().core.decider

    assert decider.fold(Slot(MONDAY, (), 0)) is True
    assert decider.fold(Slot(MONDAY + DAY - 1, (), 0)) is False
    assert decider.fold(Slot(MONDAY + DAY, (), 0)) is True


class Ranges:
    """A stand-in feature that remembers what it was pushed."""

    OUTPUTS = ("value",)
    is_ready = True
    value = 0.0

    def __init__(self, inputs: str) -> None:
        self.INPUTS = inputs
        self.pushed: list[tuple[float, ...]] = []

    def push(self, *values: float) -> None:
        self.pushed.append(values)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("close", (101.0,)),
        ("hlc", (101.1, 100.9, 101.0)),
        ("hlcv", (101.1, 100.9, 101.0, 1.0)),
    ],
)
def test_a_feature_is_pushed_what_it_declares_in_prices(inputs, expected):
    feature = Ranges(inputs)
    maker: Any = lambda spec: feature
    lane = make_lane(0, instrument(), Puppet(warm_up=2), name="s", make=maker)
    watch = MarketWatch([lane.instrument], limits())
    decider = Decider(lanes=(lane,), boundaries=boundaries_in(UTC), watch=watch)
    decider.fold(Slot(MONDAY, (row(101, "long"),), 1))

    assert feature.pushed == [pytest.approx(expected)]
