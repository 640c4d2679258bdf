"""Every configured limit fires where it should, alone; no bad input passes or raises."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import MONEY_UNITS_PER_ONE
from hfl_core.domain.values import field_names, with_changes
from hfl_core.domain.verdicts import Outcome
from hfl_core.risk.breakers import loss, market, price, rejects, volatility, volume
from hfl_core.risk.breaking import Reading
from hfl_core.risk.context import MarketFacts, RiskContext
from hfl_core.risk.correlation import Correlations, correlate
from hfl_core.risk.gate import Assessment, assess
from hfl_core.risk.market import Market
from tests.engine.kit import RULES, D, limits
from tests.risk.context import CALM, UNIT, ordinary, tight
from tests.risk.scenes import MINUTE, SCENES, Draw, facts, fraction

# What is no bound of the gate, and where its effect is tested.
ELSEWHERE = {
    "profile": "a name",
    "risk_per_trade_fraction": "what sizing aims at: tests/risk/test_gate.py, test_verdicts.py",
    "atr_stop_multiple": "nothing reads it yet: a strategy's own stop_atr sets its stop",
    "period_zone": "where a day begins: tests/engine/test_periods.py, test_limiting.py",
    "correlation_days": "which closes are read: tests/risk/test_correlation.py",
    "breaker_calm_bars": "when a breaker re-arms, generated: tests/engine/test_tripping.py",
    "reject_pause_minutes": "when a breaker re-arms, generated: tests/engine/test_tripping.py",
}


def fires(found: Assessment) -> list[str]:
    """Return the rules that refuse, or leave less than sizing took."""
    base = found.context.lots_base
    return [
        verdict.rule
        for verdict in found.rules[:-1]
        if verdict.outcome is Outcome.REFUSE
        or (verdict.quantity_max_lots is not None and verdict.quantity_max_lots < base)
    ]


@pytest.mark.parametrize("field", SCENES)
@given(data=st.data())
def test_a_limit_fires_alone_and_its_loosening_alone_lets_pass(field: str, data):
    scene = SCENES[field]
    drawn = scene.draw(data.draw)
    bounds = tight(**drawn.bounds, **{field: drawn.value})
    found = assess(ordinary(bounds, **drawn.entry), RULES)
    loose = assess(ordinary(with_changes(bounds, **{field: scene.loose}), **drawn.entry), RULES)

    assert fires(found) == [scene.rule]
    assert not found.faults
    if not found.is_allowed:
        assert found.reason in {f"RISK_{scene.rule.upper()}", "RISK_ORDER_SIZE"}
    assert fires(loose) == []
    assert (loose.is_allowed, loose.lots) == (True, 2)


# --- the breakers: what trips them, and that a tripped one fires alone ----------------------------


def fold(**known: float) -> Market:
    found = Market(has_volume=True)
    for name, value in known.items():
        setattr(found, name, value)
    return found


def of_price_atr(draw: Draw, bounds: RiskLimits) -> Reading:
    move = int(bounds.breaker_move_atr_max) + draw(st.integers(1, 100))
    return price.read(fold(bars=50, before=10**6, atr_before=1.0, move=move), bounds)


def of_price(draw: Draw, bounds: RiskLimits) -> Reading:
    move = int(bounds.breaker_move_fraction_max * 10**6) + draw(st.integers(1, 10**5))
    known = {"before": 10**6, "move": move}
    if draw(st.booleans()):
        known = {"day_base": 10**6, "close": 10**6 - move}
    return price.read(fold(bars=2, **known), bounds)


def of_volume(draw: Draw, bounds: RiskLimits) -> Reading:
    traded = 10.0 * float(bounds.breaker_volume_ratio_max) + draw(st.floats(0.01, 1e5))
    return volume.read(fold(volume_usual=10.0, volume=traded), bounds)


def of_volatility(draw: Draw, bounds: RiskLimits) -> Reading:
    atr = 2.0 * float(bounds.breaker_volatility_ratio_max) + draw(st.floats(0.01, 1e3))
    return volatility.read(fold(bars=200, slow=2.0, atr=atr), bounds)


def of_markets(draw: Draw, bounds: RiskLimits) -> Reading:
    watched = draw(st.integers(2, 100))
    trips = market.trips_at(watched, float(bounds.breaker_market_fraction_max))
    return market.read(max(2, min(trips, watched)), watched, bounds)


def of_rejects(draw: Draw, bounds: RiskLimits) -> Reading:
    answers = draw(st.integers(5, 20))
    refused = int(answers * bounds.reject_fraction_max) + 1
    return rejects.read([1] * refused + [0] * (answers - refused), bounds)


def of_loss(draw: Draw, bounds: RiskLimits) -> Reading:
    """Equity fell to just the limit; the peak is as old as the window, or younger."""
    window = bounds.rapid_loss_minutes * MINUTE
    peak = draw(st.integers(10**6, 10**15))
    peaks = loss.Peaks()
    age = draw(st.integers(window // 2, window))
    peaks.push(0, peak, window_ns=window)
    now = peak - loss.allowed(peak, bounds)
    fall = peaks.push(age, now, window_ns=window) - now
    # The engine halts at the limit itself: see tests/engine/test_tripping.py.
    return Reading("fell", float(fall), float(loss.allowed(peak, bounds) - 1))


# field -> how it is drawn, the value under which it never trips (None: see below), the measurement
BREAKERS: dict[str, tuple[Any, Any, Any]] = {
    "breaker_move_atr_max": (("2", "20"), D(1000), of_price_atr),
    "breaker_move_fraction_max": (("0.01", "0.8"), D(1), of_price),
    "breaker_volume_ratio_max": (("2", "1000"), D(100_000), of_volume),
    "breaker_volatility_ratio_max": (("1.1", "20"), D(1000), of_volatility),
    "breaker_market_fraction_max": (("0.01", "0.49"), D(1), of_markets),
    "reject_fraction_max": (("0.01", "0.79"), D(1), of_rejects),
    "rapid_loss_fraction_max": (("0.001", "0.9"), None, of_loss),
}


@pytest.mark.parametrize("field", BREAKERS)
@given(data=st.data())
def test_a_breaker_trips_beyond_its_limit_and_then_fires_alone(field: str, data):
    (lowest, highest), loose, read = BREAKERS[field]
    bounds = tight(**{field: fraction(data.draw, lowest, highest)})
    reading = read(data.draw, bounds)

    assert reading.is_beyond
    if loose is not None:
        assert not read_again(read, reading, with_changes(bounds, **{field: loose}))
    found = assess(ordinary(tight(), tripped=(reading.sentence,)), RULES)
    assert fires(found) == ["breakers"]
    assert found.reason == "RISK_BREAKERS"


def read_again(read: Any, reading: Reading, bounds: RiskLimits) -> bool:
    """Tell whether the same measurement is beyond looser bounds."""
    field = {
        of_price_atr: "breaker_move_atr_max",
        of_price: "breaker_move_fraction_max",
        of_volume: "breaker_volume_ratio_max",
        of_volatility: "breaker_volatility_ratio_max",
        of_markets: "breaker_market_fraction_max",
        of_rejects: "reject_fraction_max",
    }[read]
    return reading._replace(limit=float(getattr(bounds, field))).is_beyond


@given(st.integers(1, 10_080), st.integers(1, 10**6))
def test_a_fast_loss_forgets_a_peak_that_is_older_than_its_minutes(minutes: int, late: int):
    window = limits(rapid_loss_minutes=minutes).rapid_loss_minutes * loss.MINUTE_NS
    inside, beyond = loss.Peaks(), loss.Peaks()
    for peaks in (inside, beyond):
        peaks.push(0, 1_000, window_ns=window)

    assert inside.push(minutes * MINUTE, 900, window_ns=window) == 1_000
    assert beyond.push(minutes * MINUTE + late, 900, window_ns=window) == 900


def test_no_field_of_the_limits_is_without_a_scene():
    covered = [*SCENES, *BREAKERS, *ELSEWHERE, "rapid_loss_minutes"]

    assert sorted(covered) == sorted(field_names(RiskLimits))


# --- bad input ------------------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
NO_SECTOR, NO_SPREAD = with_changes(UNIT, sector=""), with_changes(UNIT, spread_fraction=None)
STILL = Correlations(pairs=(), days=60, still=("BBB",))
# name -> (the rules that must refuse, what is broken of an ordinary entry)
BROKEN: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "no equity": (("buying_power", "daily_loss", "drawdown"), {"equity": 0}),
    "negative equity": (("open_risk", "weekly_loss", "gap"), {"equity": -1}),
    "no high-water mark": (("drawdown",), {"high_water_mark": 0}),
    "negative high-water mark": (("drawdown",), {"high_water_mark": -5}),
    "no anchors": (("daily_loss", "weekly_loss", "monthly_loss"), {"anchors": (0, 0, 0)}),
    "no price": (("gross_exposure", "sector"), {"price_ticks": 0}),
    "negative price": (("gross_exposure", "price_collar"), {"price_ticks": -100}),
    "no stop": (("trade_risk",), {"stop_ticks": 0}),
    "negative stop": (("trade_risk",), {"stop_ticks": -50}),
    "price from the future": (("price_age",), {"price_age_ns": -1}),
    "old price": (("price_age",), {"price_age_ns": 1}),
    "held without a price": (("mark_age",), {"mark_age_ns": None}),
    "held at a price from the future": (("mark_age",), {"mark_age_ns": -1}),
    "another currency": (("currency",), {"currency": "EUR"}),
    "unknown sector": (("sector",), {"instrument": NO_SECTOR}),
    "unknown spread": (("spread",), {"instrument": NO_SPREAD}),
    "no market": (("liquidity", "bar_volume", "regime", "volatility"), {"market": None}),
    "unknown market": (("price_collar", "regime"), {"market": MarketFacts(days=0, good_ticks=0)}),
    "ratio NaN": (("volatility",), {"market": facts(volatility_ratio=NAN)}),
    "ratio infinite": (("volatility",), {"market": facts(volatility_ratio=INF)}),
    "ratio negative": (("volatility",), {"market": facts(volatility_ratio=-1.0)}),
    "ratio missing": (("volatility",), {"market": facts(volatility_ratio=None)}),
    "regime missing": (("regime",), {"market": facts(regime="")}),
    "regime unknown": (("regime",), {"market": facts(regime="fog")}),
    "one day": (("regime", "volatility"), {"market": facts(days=1)}),
    "value missing": (("liquidity",), {"market": facts(day_value=None)}),
    "value negative": (("liquidity",), {"market": facts(day_value=-1)}),
    "volume missing": (("bar_volume",), {"market": facts(bar_lots=None)}),
    "volume negative": (("bar_volume",), {"market": facts(bar_lots=-1)}),
    "good price negative": (("price_collar",), {"market": facts(good_ticks=-1)}),
    "no correlations": (("correlation",), {"correlations": None}),
    "correlation NaN": (
        ("correlation",),
        {"correlations": Correlations(pairs=(("BBB", NAN),), days=60)},
    ),
    "correlation of another": (
        ("correlation",),
        {"correlations": Correlations(pairs=(("CCC", 0.0),), days=60)},
    ),
    "prices that never moved": (("correlation",), {"correlations": STILL}),
    "one common day": (("correlation",), {"correlations": Correlations(pairs=(), days=1)}),
    "an entry in the future": (("repeated_order",), {"since_same_entry_ns": -1}),
    "a loss in the future": (("losing_run",), {"since_loss_ns": -1}),
    "a loss at no time": (("losing_run",), {"since_loss_ns": None}),
    "a stop-out in the future": (("stop_out",), {"since_stop_out_ns": -1}),
}


def judged(entry: RiskContext) -> dict[str, str]:
    """Ask the gate; return a sentence or the numbers of every rule that refuses."""
    found = assess(entry, RULES)
    assert not found.is_allowed
    assert not found.faults
    told = {}
    for verdict in found.rules:
        if verdict.outcome is Outcome.REFUSE:
            assert (verdict.value and verdict.limit) or len(verdict.note.split()) >= 4
            told[verdict.rule] = verdict.note or f"{verdict.value} of {verdict.limit}"
    return told


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_input_is_refused_by_the_rules_that_need_it(name: str):
    rules, entry = BROKEN[name]

    assert set(rules) <= set(judged(ordinary(**entry)))


@given(st.sets(st.sampled_from(sorted(BROKEN)), min_size=1))
def test_whatever_is_broken_at_once_is_refused_in_sentences_and_never_raises(names: set[str]):
    entry: dict[str, Any] = {}
    for name in sorted(names):
        entry |= BROKEN[name][1]

    assert judged(ordinary(**entry))


def facts_of(fold: Market) -> MarketFacts:
    """Tell what a market knows as the engine does, for one unit a lot."""
    value, traded = fold.day_value_mean(), fold.bar_volume_mean()
    return replace(
        CALM,
        days=len(fold.days),
        good_ticks=fold.good_before,
        regime=fold.regime.name,
        volatility_ratio=fold.volatility_ratio(),
        day_value=None if value is None else int(value) * MONEY_UNITS_PER_ONE,
        bar_lots=None if traded is None else int(traded),
    )


def lived(days: int, volume: float) -> Market:
    found = Market(has_volume=True)
    for day in range(1, days + 1):
        found.push(BarRow(0, 100, 100, 100, 100, volume, 0), time_ns=day, day_end_ns=day)
    return found


@pytest.mark.parametrize("days", [0, 1])
def test_a_history_of_one_bar_is_refused_by_all_that_ask_for_history(days: int):
    told = judged(ordinary(market=facts_of(lived(days, 1e9))))

    assert {"price_collar", "regime", "volatility"} <= set(told)
    assert told["regime"] == f"the regime is not known after {days} days, expected 30"


def test_prices_that_never_moved_know_no_volatility_and_no_correlation():
    closes = dict.fromkeys(range(60), 100)
    found = correlate("AAA", {"AAA": closes, "BBB": closes}, days=60)
    told = judged(ordinary(market=facts_of(lived(60, 1e9)), correlations=found))

    assert set(told) == {"correlation", "volatility"}
    assert told["volatility"] == "the usual range is not known after 60 days, expected 30"
    assert told["correlation"] == "the prices of AAA, BBB did not move: no correlation is known"
