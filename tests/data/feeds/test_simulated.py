"""The simulated market: same seed, same rows; every regime, every defect; prices on their grid."""

from collections import Counter
from itertools import pairwise

import pytest

from hfl_core.domain.bars import BarDefect, RefusedRows, Slot, flag_names
from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import timeframe
from hfl_data.feeds.simulated import DEFAULTS, default_instruments, open_feed
from hfl_data.loader import reopen_feed
from hfl_data.request import FeedRequest
from hfl_data.sessions import is_weekend
from hfl_data.simulation import REGIMES, TRADED, Market
from tests.data.worlds import HOUR, MONDAY, told

TRADABLE = default_instruments("USD")


def simulated(**parameters):
    return open_feed(
        FeedRequest(
            source="simulated",
            instruments=TRADABLE,
            parameters=tuple((name, str(value)) for name, value in parameters.items()),
        )
    )


def test_equal_parameters_give_equal_rows_and_another_seed_gives_others():
    one, two, other = (simulated(seed=seed, bars=300) for seed in (5, 5, 6))

    assert list(one.read(0)) == list(two.read(0))
    assert one.opened(0) == two.opened(0)
    assert one.opened(0).content_hash != other.opened(0).content_hash


def test_fewer_bars_are_the_beginning_of_more():
    few, many = told(list(simulated(bars=200).read(0))), told(list(simulated(bars=400).read(0)))

    assert many[: len(few)] == few


def test_the_spec_names_every_parameter_and_rebuilds_the_market():
    opened = simulated(bars=3_000).opened(0)
    again = reopen_feed(opened, TRADABLE)

    assert dict(again._request.parameters) == {**DEFAULTS, "bars": "3000"}
    assert (
        told(list(again.read_range(8_000, 8_050)))
        == told(list(simulated(bars=3_000).read(8_000)))[
            : len(told(list(again.read_range(8_000, 8_050))))
        ]
    )
    assert again.opened(0) == opened


def test_without_defects_nothing_is_refused_or_missing():
    items = list(simulated(bars=2_000, defects=0, symbols="SIM-BTC,SIM-ETH").read(0))

    assert all(isinstance(item, Slot) and len(item.bars) == 2 for item in items)
    assert len(items) == 2_000


def test_a_dirty_market_shows_every_defect_and_every_flag():
    reasons: Counter[BarDefect] = Counter()
    flags: Counter[str] = Counter()
    for item in simulated(bars=4_000, defects=40).read(0):
        if isinstance(item, RefusedRows):
            reasons.update(item.reasons)
        else:
            for bar in item.bars:
                flags.update(flag_names(bar.flags))

    assert set(reasons) >= {
        BarDefect.NOT_A_NUMBER,
        BarDefect.OUTSIDE_RANGE,
        BarDefect.HIGH_BELOW_LOW,
        BarDefect.DUPLICATE,
        BarDefect.DISORDER,
    }
    assert set(flags) == {"gap", "zero_volume", "stale", "spike"}


def test_regimes_come_and_stay_as_their_table_says():
    path = Market(1, bars=800_000, start_ns=MONDAY, frame=timeframe("1h")).regimes
    moves = Counter(pairwise(path))

    for now, regime in enumerate(REGIMES):
        visits = sum(count for (before, _), count in moves.items() if before == now)
        for later, share in enumerate(regime.leave):
            if later != now:
                expected = visits * share / 65_536
                assert abs(moves[now, later] - expected) < 5 * expected**0.5 + 1


def test_bull_rises_and_bear_and_crisis_fall():
    market = Market(3, bars=100_000, start_ns=MONDAY, frame=timeframe("1h"))
    returns = {regime.name: [0.0, 0] for regime in REGIMES}
    for number, row in enumerate(market.rows(TRADED["SIM-BTC"], 0)):
        tally = returns[REGIMES[market.regimes[number // 8]].name]
        tally[0] += row[4] / row[1] - 1
        tally[1] += 1
    mean = {name: total / count for name, (total, count) in returns.items()}

    assert mean["crisis"] < mean["bear"] < mean["sideways"] < mean["bull"]
    assert mean["bull"] > 0 > mean["bear"]


def test_instruments_of_one_group_move_together_and_others_do_not():
    market = Market(3, bars=5_000, start_ns=MONDAY, frame=timeframe("1h"))
    moves = {
        symbol: {row[0]: row[4] / row[1] - 1 for row in market.rows(traded, 0)}
        for symbol, traded in TRADED.items()
    }

    assert correlation(moves["SIM-BTC"], moves["SIM-ETH"]) > 0.4
    assert abs(correlation(moves["SIM-BTC"], moves["SIM-EUR"])) < 0.1


def correlation(first, second):
    both = sorted(first.keys() & second.keys())
    xs, ys = [first[time] for time in both], [second[time] for time in both]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    covariance = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    spread = sum((x - x_mean) ** 2 for x in xs) * sum((y - y_mean) ** 2 for y in ys)
    return covariance / spread**0.5


def test_forex_rests_at_the_weekend_and_has_no_volume():
    times = []
    for item in simulated(bars=800, symbols="SIM-EUR", defects=0).read(0):
        assert isinstance(item, Slot)
        assert item.bars[0].volume == 0.0
        assert item.bars[0].flags == 0
        times.append(item.time_ns - HOUR)

    assert not any(is_weekend(time_ns) for time_ns in times)
    assert any(later - earlier > 48 * HOUR for earlier, later in pairwise(times))


def test_headlines_are_known_only_from_their_time_on():
    market = simulated(bars=20_000)
    end_ns = MONDAY + 20_000 * HOUR
    everything = market.headlines("SIM-BTC", end_ns)
    half_ns = everything[len(everything) // 2].time_ns

    assert everything == market.headlines("SIM-BTC", end_ns)
    assert market.headlines("SIM-BTC", half_ns) == tuple(
        line for line in everything if line.time_ns <= half_ns
    )
    assert {line.tone for line in everything} == {1, 0, -1}
    assert all("SIM-BTC" in line.text for line in everything)
    assert market.headlines("SIM-BTC", MONDAY) == ()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("sead", "1", "expected parameters among bars, .* found sead"),
        ("seed", "-1", "expected seed from 0"),
        ("bars", "many", "expected bars from 1 to 10000000, found 'many'"),
        ("bars", "0", "expected bars from 1"),
        ("timeframe", "soon", "expected a timeframe such as 1m"),
        ("timeframe", "1mo", "expected a timeframe from 1m to 1w"),
        ("start", "yesterday", "expected start as an ISO date"),
        ("start", "1492-10-12", "expected start between 1900 and 2200"),
        ("symbols", "BTC", "expected symbols among SIM-BTC"),
        ("symbols", ",", "expected symbols among SIM-BTC"),
        ("defects", "51", "expected defects from 0 to 50"),
        ("generator", "0", "expected a simulation of generator 1, found 0"),
    ],
)
def test_each_unusable_parameter_ends_in_one_sentence(name, value, sentence):
    with pytest.raises(DataError, match=sentence):
        simulated(**{name: value})
