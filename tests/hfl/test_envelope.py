"""The arithmetic behind `hfl risk`, against figures worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl import envelope
from hfl.envelope import Account, Held
from hfl.limits import HeldLimits

D = Decimal
LIMITS = HeldLimits(
    {
        "risk_per_trade_fraction_max": "0.01",
        "open_risk_fraction_max": "0.05",
        "drawdown_fraction_max": "0.1",
        "daily_loss_fraction_max": "0.02",
        "weekly_loss_fraction_max": "0.05",
        "monthly_loss_fraction_max": "0.1",
        "position_fraction_max": "0.5",
        "gross_exposure_fraction_max": "1",
        "net_exposure_fraction_max": "1",
        "sector_fraction_max": "0.2",
        "gap_loss_fraction_max": "0.05",
        "gap_fraction_crypto": "0.1",
        "gap_fraction_stocks": "0.05",
        "positions_max": "2",
    }
)
# Equity 9,900: 100 below the day's start, 300 below the week's, 600 below the mark.
ACCOUNT = Account(
    equity=D(9_900),
    high_water_mark=D(10_500),
    starts={"day": D(10_000), "week": D(10_200), "month": D(9_800)},
)
# Long 20 at 100, stop 95: value 2,000, risk 100. Short 10 at 50, stop 54: value -500, risk 40.
LONG = Held(
    symbol="AAA", quantity=D(20), entry=D(90), mark=D(100), stop=D(95), asset_class="crypto",
    group="coins",
)  # fmt: skip
SHORT = Held(
    symbol="BBB", quantity=D(-10), entry=D(50), mark=D(50), stop=D(54), asset_class="stocks",
    sector="banks",
)  # fmt: skip


def gauge(name: str, held: tuple[Held, ...] = (LONG, SHORT), account: Account = ACCOUNT):
    found = [*envelope.losses(account, LIMITS), *envelope.exposures(account, LIMITS, held)]
    return next(one for one in found if one.name == name)


@pytest.mark.parametrize(
    ("name", "now", "limit"),
    [
        ("daily_loss", 100, 200),
        ("weekly_loss", 300, 510),
        ("monthly_loss", 0, 980),
        ("drawdown", 600, 1_050),
        ("trade risk", 100, 99),
        ("open risk", 140, 495),
        ("position", 2_000, 4_950),
        ("gross", 2_500, 9_900),
        ("net", 1_500, 9_900),
        ("bet coins", 100, 99),
        ("sector banks", 500, 1_980),
        ("gap scenario", 225, 495),
        ("buying power", 2_500, D("9801")),
        ("positions", 2, 2),
    ],
)
def test_a_gauge_is_what_the_definitions_say(name: str, now: int, limit: int):
    found = gauge(name)

    assert (found.now, found.limit) == (now, limit)
    assert found.left == max(0, limit - now)


def test_an_entry_on_its_way_counts_as_held_and_a_position_without_a_stop_is_all_at_risk():
    bare = Held(symbol="CCC", quantity=D(1), entry=D(70), mark=D(70), stop=None, way="working")

    assert gauge("open risk", (LONG, SHORT, bare)).now == 210
    assert gauge("gross", (LONG, SHORT, bare)).now == 2_570


def test_a_stop_beyond_the_price_leaves_no_risk_and_its_gain_is_counted_when_stops_are_hit():
    locked = Held(symbol="AAA", quantity=D(10), entry=D(90), mark=D(100), stop=D(101))

    assert locked.risk == 0
    assert envelope.if_stops_hit(ACCOUNT, LIMITS, (locked,)).loss == -10


def test_if_every_stop_is_hit_the_loss_is_the_sum_and_the_halts_that_trip_are_named():
    calm = envelope.if_stops_hit(ACCOUNT, LIMITS, (SHORT,))
    hard = envelope.if_stops_hit(ACCOUNT, LIMITS, (LONG, SHORT))

    assert (calm.loss, calm.equity, calm.trips) == (40, 9_860, ())
    assert (hard.loss, hard.equity, hard.trips) == (140, 9_760, ("daily_loss",))
    assert hard.fraction == D(140) / D(9_900)


def test_the_distance_to_a_halt_is_the_move_that_loses_exactly_what_is_left():
    day = envelope.distances(ACCOUNT, LIMITS, (LONG, SHORT))[0]

    # 100 are left: 5 % of 2,000, 20 % of 500, and 6 2/3 % of the net 1,500.
    assert (day.halt, day.left) == ("daily_loss", 100)
    assert day.alone == {"AAA": D("-0.05"), "BBB": D("0.2")}
    assert day.together == D(-100) / D(1_500)


def test_a_halt_that_no_fall_can_reach_is_out_of_reach():
    small = Held(symbol="AAA", quantity=D(1), entry=D(50), mark=D(50), stop=D(45))
    short = Held(symbol="BBB", quantity=D(-1), entry=D(50), mark=D(50), stop=D(55))

    day = envelope.distances(ACCOUNT, LIMITS, (small,))[0]
    flat = envelope.distances(ACCOUNT, LIMITS, (small, short))[0]

    assert (day.alone["AAA"], day.together) == (None, None)
    assert flat.alone["BBB"] == 2  # a price may more than double
    assert flat.together is None


@given(
    st.lists(
        st.tuples(st.integers(-500, 500).filter(bool), st.integers(1, 500), st.integers(1, 600)),
        min_size=1,
        max_size=6,
    )
)
def test_moving_prices_by_the_distance_reaches_the_halt_and_not_a_cent_less(rows):
    held = tuple(
        Held(symbol=f"S{n}", quantity=D(q), entry=D(m), mark=D(m), stop=D(s))
        for n, (q, m, s) in enumerate(rows)
    )
    for one in envelope.distances(ACCOUNT, LIMITS, held):
        for position in held:
            move = one.alone[position.symbol]
            if move is not None:
                assert abs(position.value * move + one.left) < D("1e-15")
                assert move >= -1
        if one.together is not None:
            lost = sum(position.value * one.together for position in held)
            assert abs(lost + one.left) < D("1e-15")


def test_with_nothing_left_everything_is_full_and_nothing_divides_by_zero():
    broke = Account(equity=D(0), high_water_mark=D(100), starts={})
    hit = envelope.if_stops_hit(broke, LIMITS, (LONG,))

    assert gauge("gross", account=broke).used == 1
    assert gauge("daily_loss", account=broke).used == 1
    assert hit.fraction == 0
