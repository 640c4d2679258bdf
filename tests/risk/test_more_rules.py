"""The rules of markets, pace and concentration: worked examples, both sides, bad inputs."""

from dataclasses import replace
from typing import Any

import pytest

from hfl_core.domain.instruments import AssetClass, VolumeKind
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import MarketFacts
from hfl_core.risk.correlation import Correlations
from hfl_core.risk.gate import assess
from hfl_core.risk.rules import (
    bad_hours,
    bar_volume,
    breakers,
    correlation,
    gap,
    group_risk,
    liquidity,
    losing_run,
    mark_age,
    net_exposure,
    order_rate,
    price_collar,
    regime,
    repeated_order,
    sector,
    spread,
    stop_out,
    volatility,
)
from tests.engine.kit import RULES, D
from tests.risk.context import CALM, DAY, HOUR, MONDAY, ONE, UNIT, context, ordinary, tight

MINUTE = HOUR // 60
SECOND = HOUR // 3_600
GROUPED = with_changes(UNIT, group="majors")
NO_SECTOR = with_changes(UNIT, sector="")
NO_VOLUME = with_changes(UNIT, volume=VolumeKind.NONE)
UNKNOWN = MarketFacts(days=0, good_ticks=0)


def facts(**changes: Any) -> MarketFacts:
    return replace(CALM, **changes)


def pairs(*values: float, days: int = 60, still: tuple[str, ...] = ()) -> dict[str, Any]:
    names = ("BBB", "CCC")[: len(values)]
    found = Correlations(pairs=tuple(zip(names, values, strict=True)), days=days, still=still)
    return {"others": names or ("BBB",), "correlations": found}


# rule, bounds, context, lots: the worked example of a rule that caps
CAPS: list[tuple[Any, dict[str, Any], dict[str, Any], int]] = [
    (
        group_risk.Rule(),
        {"risk_per_trade_fraction_max": D("0.01")},
        {"instrument": GROUPED, "group_risk": 60, "stop_ticks": 10},
        4,
    ),
    (sector.Rule(), {}, {"sector_gross": 1_500}, 5),
    (net_exposure.Rule(), {}, {"net": 4_000}, 10),
    (net_exposure.Rule(), {}, {"net": 4_000, "direction": -1}, 90),
    (gap.Rule(), {}, {"gap_loss": 300}, 20),
]


@pytest.mark.parametrize(("rule", "bounds", "changes", "lots"), CAPS)
def test_what_is_capped_is_capped_at_the_worked_example(rule, bounds, changes, lots):
    verdict = rule.check(context(tight(**bounds), **changes))
    less = rule.check(context(tight(**bounds), equity=D("9999.99"), **changes))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.APPROVE, lots)
    assert less.quantity_max_lots == lots - 1


@pytest.mark.parametrize(("rule", "bounds", "changes", "lots"), CAPS)
@pytest.mark.parametrize("equity", [0, -10_000])
def test_without_equity_nothing_fits(rule, bounds, changes, lots, equity):
    verdict = rule.check(
        context(tight(**bounds), equity=equity, **(changes | {"net": 0, "direction": 1}))
    )

    assert verdict.outcome is Outcome.REFUSE


def test_a_gap_is_rounded_against_us():
    """A third of one unit a lot: three lots cost one unit, and the fourth begins another."""
    coin = with_changes(UNIT, asset_class=AssetClass.CRYPTO)
    bounds = tight(gap_fraction_crypto=D("0.333333333333333"), gap_loss_fraction_max=D("0.01"))
    verdict = gap.Rule().check(context(bounds, instrument=coin, price_ticks=3))

    cost = int(3 * ONE * D("0.333333333333333")) + 1
    assert verdict.quantity_max_lots == 100 * ONE // cost


# rule, bounds, what passes to the unit, what is refused by one unit
SIDES: list[tuple[Any, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (correlation.Rule(), {}, pairs(0.3, -0.3), pairs(0.31, 0.0)),
    (correlation.Rule(), {}, pairs(-0.29), pairs(-0.300001)),
    (correlation.Rule(), {}, pairs(0.1, days=20), pairs(0.1, days=19)),
    (spread.Rule(), {"spread_fraction_max": D("0.001")}, {}, {
        "instrument": with_changes(UNIT, spread_fraction=D("0.001000001"))
    }),
    (liquidity.Rule(), {}, {"market": facts(day_value=10**6 * ONE)}, {
        "market": facts(day_value=10**6 * ONE - 1)
    }),
    (price_collar.Rule(), {}, {"price_ticks": 105}, {"price_ticks": 106}),
    (price_collar.Rule(), {}, {"price_ticks": 95}, {"price_ticks": 94}),
    (order_rate.Rule(), {}, {"entries_hour": 19}, {"entries_hour": 20}),
    (breakers.Rule(), {}, {"tripped": ()}, {"tripped": ("price: a crash",)}),
    (bad_hours.Rule(), {}, {"time_ns": MONDAY + 13 * HOUR + 30 * MINUTE - 1}, {
        "time_ns": MONDAY + 13 * HOUR + 30 * MINUTE
    }),
    (bad_hours.Rule(), {}, {"time_ns": MONDAY + 13 * HOUR + 45 * MINUTE}, {
        "time_ns": MONDAY + 13 * HOUR + 45 * MINUTE - 1
    }),
    (mark_age.Rule(), {}, {"mark_age_ns": 96 * HOUR}, {"mark_age_ns": 96 * HOUR + 1}),
    (repeated_order.Rule(), {}, {"since_same_entry_ns": 60 * SECOND}, {
        "since_same_entry_ns": 60 * SECOND - 1
    }),
    (losing_run.Rule(), {}, {"losing_run": 3, "since_loss_ns": DAY}, {
        "losing_run": 3, "since_loss_ns": DAY - 1
    }),
    (stop_out.Rule(), {}, {"since_stop_out_ns": 4 * HOUR}, {"since_stop_out_ns": 4 * HOUR - 1}),
    (regime.Rule(), {}, {"market": facts(regime="bear")}, {"market": facts(regime="crisis")}),
    (bar_volume.Rule(), {}, {"market": facts(bar_lots=10)}, {"market": facts(bar_lots=9)}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bounds", "inside", "beyond"), SIDES)
def test_a_limit_holds_to_the_unit(rule, bounds, inside, beyond):
    passes = rule.check(context(tight(**bounds), **inside))
    fails = rule.check(context(tight(**bounds), **beyond))

    assert passes.outcome is Outcome.APPROVE
    assert passes.value
    assert passes.limit
    assert fails.outcome is Outcome.REFUSE


TWO = {"others": ("BBB", "CCC")}
# The unit a refusal for want of an input names; the others have none.
UNITS = {
    "correlation": "absolute correlation",
    "spread": "of the price",
    "price_collar": "price",
    "mark_age": "nanoseconds",
    "regime": "regime",
    "volatility": "times the usual daily range",
}
# rule, bounds, context, words of the sentence: a missing or impossible input refuses and says so
BAD: list[tuple[Any, dict[str, Any], dict[str, Any], str]] = [
    (correlation.Rule(), {}, {"others": ("BBB",)}, "no daily closes are kept"),
    (correlation.Rule(), {}, pairs(days=1), "1 common days with BBB, expected at least 20"),
    (correlation.Rule(), {}, pairs(still=("BBB",)), "the prices of BBB did not move"),
    (correlation.Rule(), {}, pairs(), "no correlation with BBB"),
    (correlation.Rule(), {}, TWO | {"correlations": pairs(days=1)["correlations"]},
     "1 common days with BBB, CCC, expected at least 20"),
    (correlation.Rule(), {}, TWO | {"correlations": pairs(still=("BBB", "CCC"))["correlations"]},
     "the prices of BBB, CCC did not move: no correlation is known"),
    (correlation.Rule(), {}, TWO | {"correlations": pairs()["correlations"]},
     "no correlation with BBB, CCC"),
    (correlation.Rule(), {}, pairs(float("nan")), "expected a number, found inf"),
    (sector.Rule(), {}, {"instrument": NO_SECTOR}, "the sector of AAA is not known"),
    (spread.Rule(), {}, {"instrument": with_changes(UNIT, spread_fraction=None)}, "is not known"),
    (liquidity.Rule(), {}, {"market": None}, "no whole day's traded value is known yet"),
    (liquidity.Rule(), {}, {"market": UNKNOWN}, "no whole day's traded value is known yet"),
    (liquidity.Rule(), {}, {"market": facts(day_value=-1)}, "no whole day's traded value"),
    (bar_volume.Rule(), {}, {"market": UNKNOWN}, "volume of an average bar is not known"),
    (bar_volume.Rule(), {}, {"market": None}, "volume of an average bar is not known"),
    (price_collar.Rule(), {}, {"market": None}, "no good price is known before this one"),
    (price_collar.Rule(), {}, {"market": UNKNOWN}, "no good price is known before this one"),
    (mark_age.Rule(), {}, {"mark_age_ns": None}, "something held has no price yet"),
    (mark_age.Rule(), {}, {"mark_age_ns": -1}, "something held has no price yet"),
    (repeated_order.Rule(), {}, {"since_same_entry_ns": -1}, "the last such entry lies in"),
    (stop_out.Rule(), {}, {"since_stop_out_ns": -1}, "the last stop-out lies in"),
    (losing_run.Rule(), {}, {"losing_run": 3}, "time of the last losing trade is not known"),
    (losing_run.Rule(), {}, {"losing_run": 3, "since_loss_ns": -1}, "is not known"),
    (regime.Rule(), {}, {"market": None}, "not known after 0 days, expected 30"),
    (regime.Rule(), {}, {"market": UNKNOWN}, "not known after 0 days, expected 30"),
    (regime.Rule(), {}, {"market": facts(days=29)}, "not known after 29 days, expected 30"),
    (regime.Rule(), {}, {"market": facts(regime="fog")}, "not known after 60 days"),
    (regime.Rule(), {"history_days_min": 0}, {"market": None}, "not known after 0 days"),
    (volatility.Rule(), {}, {"market": UNKNOWN}, "not known after 0 days, expected 30"),
    (volatility.Rule(), {}, {"market": None}, "not known after 0 days, expected 30"),
    (volatility.Rule(), {}, {"market": facts(days=29)}, "after 29 days, expected 30"),
    (volatility.Rule(), {}, {"market": facts(volatility_ratio=float("nan"))}, "found nan"),
    (volatility.Rule(), {}, {"market": facts(volatility_ratio=float("inf"))}, "found inf"),
    (volatility.Rule(), {}, {"market": facts(volatility_ratio=-0.1)}, "found -0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bounds", "changes", "words"), BAD)
def test_a_bad_input_is_refused_with_a_sentence(rule, bounds, changes, words):
    verdict = rule.check(context(tight(**bounds), **changes))

    assert words in verdict.note
    assert verdict == RuleVerdict(
        rule=rule.name,
        outcome=Outcome.REFUSE,
        value="",
        limit="",
        headroom="",
        unit=UNITS.get(rule.name, ""),
        note=verdict.note,
    )


# rule, bounds, context, words: nothing to judge, which passes and says why
IDLE: list[tuple[Any, dict[str, Any], dict[str, Any], str]] = [
    (correlation.Rule(), {}, {"others": ()}, "nothing is open outside its own group"),
    (correlation.Rule(), {"correlation_max": D(1)}, pairs(1.0), "no correlation limit is set"),
    (group_risk.Rule(), {}, {"group_risk": 10**6}, "belongs to no group"),
    (
        sector.Rule(),
        {},
        {"instrument": with_changes(UNIT, sector="", asset_class=AssetClass.CRYPTO)},
        "crypto have no sector",
    ),
    (sector.Rule(), {"sector_fraction_max": D(1000)}, {}, "no sector limit is set"),
    (spread.Rule(), {"spread_fraction_max": D(1)}, {}, "no spread limit is set"),
    (liquidity.Rule(), {"traded_value_min": D(0)}, {}, "no least traded value is set"),
    (liquidity.Rule(), {}, {"instrument": NO_VOLUME}, "no traded vol"),
    (bar_volume.Rule(), {}, {"instrument": NO_VOLUME}, "no traded vol"),
    (bar_volume.Rule(), {"bar_volume_fraction_max": D(1000)}, {}, "no share of the bar's volume"),
    (bad_hours.Rule(), {"bad_hours": "forex 00:00-24:00"}, {}, "no bad hours are set for stocks"),
    (gap.Rule(), {"gap_fraction_stocks": D(0)}, {"gap_loss": 10**6}, "no gap is assumed"),
    (mark_age.Rule(), {"mark_age_hours_max": 8_760}, {"mark_age_ns": None}, "no age of prices"),
    (repeated_order.Rule(), {}, {}, "no such entry before"),
    (repeated_order.Rule(), {"repeat_pause_s": 0}, {"since_same_entry_ns": 0}, "no pause"),
    (stop_out.Rule(), {}, {}, "no stop was hit in it"),
    (stop_out.Rule(), {"stop_out_pause_hours": 0}, {"since_stop_out_ns": 0}, "no pause"),
    (losing_run.Rule(), {}, {"losing_run": 2, "since_loss_ns": 0}, "2 losing trades in a row, of"),
    (losing_run.Rule(), {"loss_pause_hours": 0}, {"losing_run": 9}, "no pause after losing trades"),
    (regime.Rule(), {"crisis_size_fraction": D(1)}, {"market": None}, "the same in a crisis"),
    (regime.Rule(), {"history_days_min": 0}, {"market": UNKNOWN}, "not known after 0 days"),
    (volatility.Rule(), {"history_days_min": 0}, {"market": UNKNOWN}, "not known after 0 days"),
    (volatility.Rule(), {"volatility_ratio_max": D(1000)}, {"market": None}, "no volatility ratio"),
    (price_collar.Rule(), {"price_collar_fraction": D(1)}, {"market": None}, "no collar is set"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bounds", "changes", "words"), IDLE)
def test_nothing_to_judge_passes_and_says_why(rule, bounds, changes, words):
    verdict = rule.check(context(tight(**bounds), **changes))

    assert words in verdict.note
    assert verdict == RuleVerdict(
        rule=rule.name,
        outcome=Outcome.NOT_APPLICABLE,
        value="",
        limit="",
        headroom="",
        unit="",
        note=verdict.note,
    )


def test_the_friday_window_is_of_friday_alone():
    euro = with_changes(UNIT, asset_class=AssetClass.FOREX)
    evening = MONDAY + 20 * HOUR + 30 * MINUTE
    found = [
        bad_hours.Rule().check(context(tight(), instrument=euro, time_ns=evening + day * DAY))
        for day in range(7)
    ]

    assert [verdict.outcome for verdict in found] == ["approve"] * 4 + ["refuse"] + ["approve"] * 2
    assert found[4].note == "inside forex fri 20:00-24:00"


@pytest.mark.parametrize(
    ("ratio", "lots"), [(1.5, None), (1.5000001, 9), (3.0, 5), (15.0, 1), (15.1, 0), (1e300, 0)]
)
def test_a_livelier_market_gets_a_smaller_size(ratio: float, lots: int | None):
    verdict = volatility.Rule().check(context(tight(), market=facts(volatility_ratio=ratio)))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.APPROVE, lots)


@pytest.mark.parametrize(("fraction", "lots"), [("0.5", 5), ("0.55", 5), ("0.99", 9), ("0.1", 1)])
def test_a_crisis_leaves_a_part_of_the_size(fraction: str, lots: int):
    bounds = tight(crisis_size_fraction=D(fraction))
    verdict = regime.Rule().check(context(bounds, market=facts(regime="crisis")))
    calm = regime.Rule().check(context(bounds))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.APPROVE, lots)
    assert (calm.outcome, calm.quantity_max_lots, calm.value) == (Outcome.APPROVE, None, "bull")


def test_an_order_is_small_beside_an_average_bar():
    verdict = bar_volume.Rule().check(context(tight(), market=facts(bar_lots=2_000)))

    assert (verdict.quantity_max_lots, verdict.limit) == (200, "200")


# --- each limit has a scenario in which it, and only it, fires ------------------------------------

ALONE: dict[str, dict[str, Any]] = {
    "bad_hours": {"time_ns": MONDAY + 13 * HOUR + 40 * MINUTE},
    "bar_volume": {"market": facts(bar_lots=9)},
    "breakers": {"tripped": ("price: too far",)},
    "buying_power": {"margin_used": 9_900},
    "correlation": pairs(0.5),
    "currency": {"currency": "EUR"},
    "daily_loss": {"anchors": (10_205, 10_000, 10_000)},
    "drawdown": {"high_water_mark": 11_112},
    "gap": {"gap_loss": 500},
    "gross_exposure": {"gross": 10_000},
    "group_risk": {"group_risk": 200},
    "liquidity": {"market": facts(day_value=1)},
    "losing_run": {"since_loss_ns": 0},
    "mark_age": {"mark_age_ns": 97 * HOUR},
    "monthly_loss": {"anchors": (10_000, 10_000, 11_112)},
    "net_exposure": {"net": 5_000},
    "open_risk": {"open_risk": 1_000},
    "order_notional": {"price_ticks": 104, "lots_base": 1},
    "order_rate": {"entries_hour": 20},
    "position_cap": {"symbol_gross": 10_000},
    "positions_max": {"bets": 5},
    "price_age": {"price_age_ns": 1},
    "price_collar": {"market": facts(good_ticks=90)},
    "regime": {"market": facts(regime="crisis")},
    "repeated_order": {"since_same_entry_ns": 0},
    "sector": {"sector_gross": 2_000},
    "spread": {"instrument": with_changes(GROUPED, spread_fraction=D("0.1"))},
    "stop_out": {"since_stop_out_ns": 0},
    "trade_risk": {"stop_ticks": 0, "group_risk": 0},
    "volatility": {"market": facts(volatility_ratio=float("nan"))},
    "weekly_loss": {"anchors": (10_000, 10_527, 10_000)},
}
BOUNDS_ALONE = {
    "order_notional": {"order_notional_max_fraction": D("0.0103")},
    "trade_risk": {"risk_per_trade_fraction_max": D("0.05")},
}


def test_no_rule_is_without_a_scenario_of_its_own():
    assert set(ALONE) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", sorted(ALONE))
def test_it_and_only_it_fires(name: str):
    bounds = tight(**BOUNDS_ALONE.get(name, {}))
    found = assess(ordinary(bounds, **ALONE[name]), RULES)

    refusing = [verdict.rule for verdict in found.rules if verdict.outcome is Outcome.REFUSE]
    assert [each for each in refusing if each != "order_size"] == [name]
    assert found.reason == f"RISK_{name.upper()}"
    assert not found.faults
