"""The gate: what is refused and why, what is flagged, and how little it remembers."""

import math

import pytest
from hypothesis import given

from hfl_core.domain.bars import (
    FLAG_GAP,
    FLAG_SPIKE,
    FLAG_STALE,
    FLAG_ZERO_VOLUME,
    BarDefect,
    BarRow,
)
from hfl_core.domain.instruments import AssetClass, VolumeKind, timeframe
from hfl_data.quality import (
    MEMORY_BARS,
    SPIKE_FLOORS,
    SPIKE_VOLATILITIES,
    STALE_BARS,
    TICKS_MAX,
    Gate,
)
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, UNREADABLE_NS
from tests.data.worlds import HOUR, MONDAY, NAN, accepted, flat, instrument, rows_lists

GOOD = (MONDAY + HOUR, 10.0, 12.0, 9.0, 11.0, 5.0)


def gate(*, asset_class=AssetClass.CRYPTO, volume=VolumeKind.TRADED, tick="0.01"):
    traded = instrument(asset_class=asset_class, volume=volume, tick=tick)
    judge = Gate(0, traded, timeframe("1h"))
    judge.judge(flat(0, 10.0))
    return judge


def changed(**cells):
    names = ("time_ns", "open", "high", "low", "close", "volume")
    return tuple(cells.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


def flags_of(judge, rows):
    return [judge.judge(row).flags for row in rows]


REFUSALS = [
    ({"time_ns": UNREADABLE_NS}, {BarDefect.BAD_TIME}),
    ({"time_ns": TIME_END_NS}, {BarDefect.BAD_TIME}),
    ({"time_ns": TIME_FIRST_NS - 1}, {BarDefect.BAD_TIME}),
    ({"time_ns": MONDAY}, {BarDefect.DUPLICATE}),
    ({"time_ns": MONDAY - HOUR}, {BarDefect.DISORDER}),
    ({"open": NAN}, {BarDefect.NOT_A_NUMBER}),
    ({"high": math.inf}, {BarDefect.NOT_A_NUMBER}),
    ({"high": float(TICKS_MAX)}, {BarDefect.NOT_A_NUMBER}),
    ({"volume": NAN}, {BarDefect.NOT_A_NUMBER}),
    ({"volume": -1.0}, {BarDefect.NON_POSITIVE}),
    ({"low": 0.0}, {BarDefect.NON_POSITIVE}),
    ({"low": -3.0}, {BarDefect.NON_POSITIVE}),
    ({"low": 0.005}, {BarDefect.NON_POSITIVE}),
    ({"high": 8.0}, {BarDefect.HIGH_BELOW_LOW}),
    ({"open": 12.5}, {BarDefect.OUTSIDE_RANGE}),
    ({"close": 8.9}, {BarDefect.OUTSIDE_RANGE}),
    ({"time_ns": MONDAY, "low": 0.0}, {BarDefect.DUPLICATE, BarDefect.NON_POSITIVE}),
    ({"open": NAN, "high": 8.0}, {BarDefect.NOT_A_NUMBER, BarDefect.HIGH_BELOW_LOW}),
]


@pytest.mark.parametrize(("cells", "defects"), REFUSALS)
def test_each_defect_is_named(cells, defects):
    assert set(gate().judge(changed(**cells))) == defects


def test_the_row_all_these_were_made_from_is_accepted():
    assert gate().judge(GOOD) == BarRow(0, 1000, 1200, 900, 1100, 5.0, FLAG_SPIKE)


@pytest.mark.parametrize("volume", [NAN, -1.0, math.inf, 0.0])
def test_without_traded_volume_its_cell_is_not_judged(volume):
    bar = gate(volume=VolumeKind.NONE).judge(flat(1, 10.0, volume))

    assert bar == BarRow(0, 1000, 1000, 1000, 1000, 0.0, 0)


@given(rows=rows_lists)
def test_acceptance_is_what_the_contract_says(rows):
    judge = Gate(0, instrument(), timeframe("1h"))

    assert accepted(rows) == [isinstance(judge.judge(row), BarRow) for row in rows]


@given(rows=rows_lists)
def test_skimming_decides_like_judging(rows):
    judge, skim = (Gate(0, instrument(), timeframe("1h")) for _ in range(2))
    for row in rows:
        verdict = judge.judge(row)
        skimmed = skim.skim(row)

        assert isinstance(verdict, BarRow) == isinstance(skimmed, BarRow)
        assert isinstance(verdict, BarRow) or verdict == skimmed
        assert judge.last_ns == skim.last_ns


@given(rows=rows_lists)
def test_a_refused_row_leaves_the_gate_as_it_was(rows):
    all_rows = Gate(0, instrument(), timeframe("1h"))
    bars_only = Gate(0, instrument(), timeframe("1h"))
    verdicts = [all_rows.judge(row) for row in rows]
    good = [row for row, is_good in zip(rows, accepted(rows), strict=True) if is_good]

    assert [bar for bar in verdicts if isinstance(bar, BarRow)] == [
        bars_only.judge(row) for row in good
    ]


def test_the_gate_remembers_no_more_than_it_says():
    """Two pasts that differ only before the last MEMORY_BARS bars lead to the same verdicts."""
    wild = [flat(number, 10.0 + 9 * (number % 2)) for number in range(100)]
    calm = [flat(number, 10.0) for number in range(100)]
    common = [flat(100 + number, 10.0 + number % 3 / 10) for number in range(MEMORY_BARS)]
    later = [flat(200 + number, 10.0 + number * 2.0) for number in range(12)]
    pasts = []
    for past in (wild, calm):
        judge = Gate(0, instrument(), timeframe("1h"))
        flags_of(judge, past + common)
        pasts.append(flags_of(judge, later))

    assert pasts[0] == pasts[1]
    assert any(flags & FLAG_SPIKE for flags in pasts[0])


def test_a_missing_hour_is_a_gap_once():
    assert flags_of(gate(), [flat(1, 10.0), flat(3, 10.0), flat(4, 10.0)]) == [0, FLAG_GAP, 0]


def test_a_refused_bar_leaves_a_gap_behind():
    judge = gate()
    judge.judge(changed(open=NAN))

    assert judge.judge(flat(2, 10.0)).flags == FLAG_GAP


def test_no_volume_where_volume_is_traded_is_flagged():
    assert flags_of(gate(), [flat(1, 10.0, 0.0), flat(2, 10.0, 1.0)]) == [FLAG_ZERO_VOLUME, 0]


def test_a_bar_is_stale_from_its_fifth_copy_until_it_changes():
    rows = [flat(number, 10.0) for number in range(1, STALE_BARS + 2)] + [flat(7, 10.01)]

    assert flags_of(gate(), rows) == [0] * (STALE_BARS - 2) + [FLAG_STALE] * 3 + [0]


def calm_gate(asset_class, move):
    """A gate that saw bars going up and down by `move`, so its median return is known."""
    judge = gate(asset_class=asset_class, tick="0.0001")
    for number in range(1, 66):
        judge.judge(flat(number, 10.0 * (1 + move) ** (number % 2)))
    return judge


@pytest.mark.parametrize("asset_class", list(AssetClass))
def test_in_calm_markets_the_floor_decides(asset_class):
    floor = SPIKE_FLOORS[asset_class]
    usual = 10.0 * (1 + 0.0001)
    below, above = usual * math.exp(floor * 0.98), usual * math.exp(floor * 1.02)

    assert not calm_gate(asset_class, 0.0001).judge(flat(66, below)).flags & FLAG_SPIKE
    assert calm_gate(asset_class, 0.0001).judge(flat(66, above)).flags & FLAG_SPIKE
    assert calm_gate(asset_class, 0.0001).judge(flat(66, usual**2 / above)).flags & FLAG_SPIKE


def test_in_wild_markets_the_volatility_decides():
    """Bars of +-2 %: a fall of 15 % is a day's work there, one of 25 % is not."""
    move = 0.02
    bound = SPIKE_VOLATILITIES * math.log(1 + move)
    usual = 10.0 * (1 + move)
    below, above = usual * math.exp(-bound * 0.98), usual * math.exp(-bound * 1.02)

    assert not calm_gate(AssetClass.CRYPTO, move).judge(flat(66, below)).flags & FLAG_SPIKE
    assert calm_gate(AssetClass.CRYPTO, move).judge(flat(66, above)).flags & FLAG_SPIKE


def test_a_bad_print_shows_in_high_and_low_too():
    row = (MONDAY + HOUR, 10.0, 10.0, 7.0, 10.0, 1.0)

    assert gate().judge(row).flags == FLAG_SPIKE
