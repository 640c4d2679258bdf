"""What every rule tells, whole: value, limit, headroom, unit, note and lots, worked out by hand."""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from hfl_core.domain.instruments import AssetClass
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import MarketFacts
from hfl_core.risk.correlation import Correlations
from hfl_core.risk.gate import approve, approve_reduction, assess
from hfl_core.risk.sizing import size_by_risk
from hfl_core.risk.verdict import bounded, capped, counted, measured, paused, rested
from tests.engine.kit import RULES, D
from tests.risk.context import (
    CALM,
    DAY,
    HOUR,
    MONDAY,
    ONE,
    UNIT,
    context,
    intent,
    tight,
)

BY_NAME = {rule.name: rule for rule in RULES}
MINUTE = HOUR // 60
SECOND = MINUTE // 60
MONEY = "account currency"
PAUSE = "nanoseconds, at least"
YES, NO = Outcome.APPROVE, Outcome.REFUSE
GROUPED = with_changes(UNIT, group="majors")
EURO = with_changes(UNIT, asset_class=AssetClass.FOREX)
CENTS = with_changes(UNIT, tick=D("0.01"))


class Told(NamedTuple):
    """Everything a verdict tells but its rule."""

    outcome: Outcome
    value: str
    limit: str
    headroom: str
    unit: str
    note: str = ""
    lots: int | None = None


def told(verdict: RuleVerdict) -> Told:
    return Told(
        verdict.outcome,
        verdict.value,
        verdict.limit,
        verdict.headroom,
        verdict.unit,
        verdict.note,
        verdict.quantity_max_lots,
    )


def facts(**changes: Any) -> MarketFacts:
    return replace(CALM, **changes)


def others(*values: float) -> dict[str, Any]:
    names = ("BBB", "CCC")[: len(values)]
    pairs = tuple(zip(names, values, strict=True))
    return {"others": names, "correlations": Correlations(pairs=pairs, days=60)}


# Equity 10,000, price 100, stop 50 away, a size of 10, unless said otherwise.
FULL: list[tuple[str, dict[str, Any], dict[str, Any], Told]] = [
    ("bad_hours", {}, {"time_ns": MONDAY + 13 * HOUR + 40 * MINUTE}, Told(
        NO, "13:40", "stocks 13:30-13:45", "", "UTC, outside of", "inside stocks 13:30-13:45")),
    ("bad_hours", {}, {"instrument": EURO, "time_ns": MONDAY + 24 * HOUR - MINUTE}, Told(
        YES, "23:59", "forex 20:55-22:15; forex fri 20:00-24:00", "", "UTC, outside of")),
    ("bad_hours", {}, {"time_ns": MONDAY + 60 * MINUTE}, Told(
        YES, "01:00", "stocks 13:30-13:45", "", "UTC, outside of")),
    ("bar_volume", {}, {"market": facts(bar_lots=2_000)}, Told(
        YES, "10", "200", "190", "lots", lots=200)),
    ("bar_volume", {}, {"market": facts(bar_lots=0)}, Told(NO, "10", "0", "-10", "lots", lots=0)),
    ("bar_volume", {"bar_volume_fraction_max": D(1)}, {"market": facts(bar_lots=1)}, Told(
        YES, "10", "1", "-9", "lots", lots=1)),
    ("breakers", {}, {"tripped": ("price: far", "rejects: many")}, Told(
        NO, "2", "0", "-2", "breakers tripped", "price: far; rejects: many")),
    ("breakers", {}, {}, Told(YES, "0", "0", "0", "breakers tripped")),
    ("buying_power", {}, {"margin_used": 5_000}, Told(
        YES, "5000", "9900", "4900", MONEY, lots=49)),
    ("correlation", {}, others(-0.25, 0.1), Told(
        YES, "0.250000", "0.3", "0.050000", "absolute correlation")),
    ("correlation", {}, others(0.5), Told(
        NO, "0.500000", "0.3", "-0.200000", "absolute correlation")),
    ("currency", {}, {}, Told(YES, "USD", "USD", "", "currency")),
    ("currency", {}, {"currency": "EUR"}, Told(
        NO, "USD", "EUR", "", "currency", "no conversion rate from USD to EUR")),
    ("daily_loss", {}, {"equity": 9_900, "anchors": (10_000, 1, 1)}, Told(
        YES, "100", "199.999999999999", "99.999999999999", MONEY)),
    ("weekly_loss", {}, {"equity": 9_900, "anchors": (1, 10_000, 1)}, Told(
        YES, "100", "499.999999999999", "399.999999999999", MONEY)),
    ("monthly_loss", {}, {"equity": 9_900, "anchors": (1, 1, 10_000)}, Told(
        YES, "100", "999.999999999999", "899.999999999999", MONEY)),
    ("drawdown", {}, {"equity": 9_900}, Told(
        YES, "100", "999.999999999999", "899.999999999999", MONEY)),
    ("gap", {}, {"gap_loss": 300}, Told(YES, "300", "500", "200", MONEY, lots=20)),
    ("gross_exposure", {}, {"gross": 9_000}, Told(YES, "9000", "10000", "1000", MONEY, lots=10)),
    ("group_risk", {}, {"instrument": GROUPED, "group_risk": 60, "stop_ticks": 10}, Told(
        YES, "60", "200", "140", MONEY, lots=14)),
    ("group_risk", {}, {"instrument": GROUPED, "stop_ticks": 1}, Told(
        YES, "0", "200", "200", MONEY, lots=200)),
    ("group_risk", {}, {"instrument": GROUPED, "stop_ticks": 0}, Told(
        YES, "0", "200", "200", MONEY, lots=2)),
    ("liquidity", {}, {"market": facts(day_value=2_500_000 * ONE)}, Told(
        YES, "2500000", "1000000", "1500000", "account currency a day, at least")),
    ("liquidity", {}, {"market": facts(day_value=0)}, Told(
        NO, "0", "1000000", "-1000000", "account currency a day, at least")),
    ("losing_run", {}, {"losing_run": 4, "since_loss_ns": 25 * HOUR}, Told(
        YES, str(25 * HOUR), str(DAY), str(HOUR), PAUSE, "4 losing trades in a row")),
    ("losing_run", {}, {"losing_run": 3, "since_loss_ns": 0}, Told(
        NO, "0", str(DAY), str(-DAY), PAUSE, "3 losing trades in a row")),
    ("mark_age", {}, {"mark_age_ns": 95 * HOUR}, Told(
        YES, str(95 * HOUR), str(96 * HOUR), str(HOUR), "nanoseconds")),
    ("mark_age", {}, {"mark_age_ns": 0}, Told(
        YES, "0", str(96 * HOUR), str(96 * HOUR), "nanoseconds")),
    ("net_exposure", {}, {"net": 4_000}, Told(YES, "4000", "5000", "1000", MONEY, lots=10)),
    ("net_exposure", {}, {"net": 4_000, "direction": -1}, Told(
        YES, "-4000", "5000", "9000", MONEY, lots=90)),
    ("open_risk", {}, {"open_risk": 400, "stop_ticks": 10}, Told(
        YES, "400", "1000", "600", MONEY, lots=60)),
    ("open_risk", {}, {"stop_ticks": 1}, Told(YES, "0", "1000", "1000", MONEY, lots=1_000)),
    ("order_notional", {"order_notional_max_fraction": D("0.5")}, {}, Told(
        YES, "0", "5000", "5000", MONEY, lots=50)),
    ("order_rate", {}, {"entries_hour": 19}, Told(YES, "19", "20", "1", "entries in an hour")),
    ("position_cap", {"position_fraction_max": D("0.25")}, {"symbol_gross": 500}, Told(
        YES, "500", "2500", "2000", MONEY, lots=20)),
    ("positions_max", {}, {"bets": 4}, Told(YES, "4", "5", "1", "bets")),
    ("price_age", {}, {"price_age_ns": 5, "price_age_max_ns": 20}, Told(
        YES, "5", "20", "15", "nanoseconds")),
    ("price_collar", {}, {"instrument": CENTS, "price_ticks": 10_300,
                          "market": facts(good_ticks=10_000)}, Told(
        YES, "3", "5", "2", "price", "last good price 100")),
    ("price_collar", {"price_collar_fraction": D("0.15")}, {"price_ticks": 110}, Told(
        YES, "10", "15", "5", "price", "last good price 100")),
    ("price_collar", {}, {"price_ticks": 1, "market": facts(good_ticks=1)}, Told(
        YES, "0", "0.05", "0.05", "price", "last good price 1")),
    ("regime", {}, {}, Told(YES, "bull", "any", "", "regime")),
    ("regime", {"crisis_size_fraction": D("0.5")}, {"market": facts(regime="crisis")}, Told(
        YES, "crisis", "5", "", "lots in a crisis", lots=5)),
    ("regime", {}, {"market": facts(regime="crisis")}, Told(
        NO, "crisis", "0", "", "lots in a crisis", lots=0)),
    ("regime", {"crisis_size_fraction": D("0.1")}, {"market": facts(regime="crisis")}, Told(
        YES, "crisis", "1", "", "lots in a crisis", lots=1)),
    ("regime", {}, {"market": facts(days=30)}, Told(YES, "bull", "any", "", "regime")),
    ("repeated_order", {}, {"since_same_entry_ns": 61 * SECOND}, Told(
        YES, str(61 * SECOND), str(60 * SECOND), str(SECOND), PAUSE)),
    ("repeated_order", {}, {"since_same_entry_ns": 0}, Told(
        NO, "0", str(60 * SECOND), str(-60 * SECOND), PAUSE)),
    ("sector", {}, {"sector_gross": 1_500}, Told(
        YES, "1500", "2000", "500", MONEY, "technology", 5)),
    ("spread", {}, {}, Told(YES, "0.001", "0.002", "0.001", "of the price")),
    ("stop_out", {}, {"since_stop_out_ns": 5 * HOUR}, Told(
        YES, str(5 * HOUR), str(4 * HOUR), str(HOUR), PAUSE)),
    ("trade_risk", {}, {"lots_base": 3}, Told(YES, "150", "200", "50", MONEY, lots=4)),
    ("trade_risk", {}, {"stop_ticks": 1}, Told(YES, "10", "200", "190", MONEY, lots=200)),
    ("trade_risk", {"profile": "unlimited"}, {"stop_ticks": 1}, Told(
        YES, "10", "200", "190", MONEY, lots=200)),
    ("trade_risk", {"profile": "unlimited"}, {"stop_ticks": 0}, Told(
        Outcome.NOT_APPLICABLE, "", "", "", "",
        "the profile does not require a stop and there is none")),
    ("trade_risk", {}, {"stop_ticks": 200}, Told(YES, "200", "200", "0", MONEY, lots=1)),
    ("trade_risk", {}, {"stop_ticks": 201}, Told(NO, "0", "200", "200", MONEY, lots=0)),
    ("volatility", {}, {"market": facts(volatility_ratio=3.0)}, Told(
        YES, "3.000000", "1.5", "-1.500000", "times the usual daily range", lots=5)),
    ("volatility", {}, {"market": facts(volatility_ratio=0.0)}, Told(
        YES, "0.000000", "1.5", "1.500000", "times the usual daily range")),
    ("volatility", {}, {"market": facts(volatility_ratio=0.5)}, Told(
        YES, "0.500000", "1.5", "1.000000", "times the usual daily range")),
    ("volatility", {}, {"market": facts(days=30)}, Told(
        YES, "1.000000", "1.5", "0.500000", "times the usual daily range")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bounds", "changes", "expected"), FULL)
def test_a_verdict_tells_value_limit_headroom_and_unit(name, bounds, changes, expected):
    verdict = BY_NAME[name].check(context(tight(**bounds), **changes))

    assert verdict.rule == name
    assert told(verdict) == expected


def test_every_rule_has_told_whole():
    assert {name for name, _, _, _ in FULL} == set(BY_NAME)


@pytest.mark.parametrize("name", ["daily_loss", "weekly_loss", "monthly_loss", "drawdown"])
def test_one_unit_of_equity_is_above_zero_and_judged(name):
    """A start of one unit leaves no loss to allow: refused by its numbers, not as unknown."""
    poor = replace(context(), equity=1, high_water_mark=1, anchors=(1, 1, 1))
    verdict = BY_NAME[name].check(poor)

    assert told(verdict) == Told(NO, "0", "-0.000000000001", "-0.000000000001", MONEY)


def test_a_lot_that_costs_nothing_counts_as_one_unit_of_money():
    """Equity of 100 units of money: 99 of them may be used."""
    verdict = BY_NAME["buying_power"].check(replace(context(), price_ticks=0, equity=100))

    assert verdict.quantity_max_lots == 99


# --- order size, and the seal ---------------------------------------------------------------------

SIZE_UNIT = "account currency, at least"


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        (3, Told(YES, "300", "100", "200", SIZE_UNIT, "3 lots")),
        (1, Told(YES, "100", "100", "0", SIZE_UNIT, "1 lots")),
        (0, Told(NO, "0", "100", "-100", SIZE_UNIT, "0 lots")),
        (-3, Told(NO, "0", "100", "-100", SIZE_UNIT, "-3 lots")),
    ],
)
def test_the_order_s_size_is_told_beside_the_smallest(lots: int, expected: Told):
    (verdict,) = assess(context(lots_base=lots), ()).rules

    assert verdict.rule == "order_size"
    assert told(verdict) == expected


def test_a_lot_without_a_price_is_no_order():
    found = assess(context(instrument=with_changes(UNIT, notional_min=D(0)), price_ticks=0), RULES)

    assert not found.is_allowed


def test_an_approval_keeps_the_quantity_the_rules_and_the_hash_of_the_limits():
    assessment = assess(context(lots_base=2), ())
    verdict = approve(intent(), assessment, limits_hash="the hash")

    assert (verdict.allowed, verdict.reason, verdict.quantity) == (True, "", D(2))
    assert verdict.rules == assessment.rules
    assert verdict.limits_hash == "the hash"


def test_a_reduction_keeps_the_quantity_and_the_hash_of_the_limits():
    from hfl_core.domain.orders import Purpose

    verdict = approve_reduction(intent(purpose=Purpose.EXIT), limits_hash="the hash")

    assert (verdict.quantity, verdict.limits_hash, verdict.inputs_hash) == (D(2), "the hash", "")


# --- the ways to build a verdict, where no rule shows them ----------------------------------------


def test_a_value_may_be_at_most_its_limit_to_the_unit():
    at, over = (
        bounded("r", value=value, limit=ONE, lots_max=7, note="n") for value in (ONE, ONE + 1)
    )

    assert told(at) == Told(YES, "1", "1", "0", MONEY, "n", 7)
    assert told(over) == Told(NO, "1.000000000001", "1", "-0.000000000001", MONEY, "n", 7)
    assert bounded("r", value=0, limit=0).note == ""


@pytest.mark.parametrize(
    ("used", "cost", "lots"),
    [(0, 3, 3), (1, 3, 3), (2, 3, 2), (7, 3, 1), (10, 1, 0), (11, 1, 0), (0, 0, 0)],
)
def test_lots_fit_between_used_and_limit(used: int, cost: int, lots: int):
    verdict = capped("r", used=used, limit=10, lot_cost=cost)

    assert (verdict.quantity_max_lots, verdict.outcome) == (lots, YES if lots else NO)
    assert verdict.note == ""


def test_a_count_is_below_its_limit_so_that_one_more_fits():
    assert told(counted("r", value=1, limit=2, unit="u", note="n")) == Told(
        YES, "1", "2", "1", "u", "n"
    )
    assert told(counted("r", value=2, limit=2, unit="u")) == Told(NO, "2", "2", "0", "u")


def test_a_pause_is_over_at_its_last_nanosecond():
    assert told(rested("r", since_ns=9, pause_ns=9, note="n")) == Told(
        YES, "9", "9", "0", PAUSE, "n"
    )
    assert told(rested("r", since_ns=8, pause_ns=9, note="n")) == Told(
        NO, "8", "9", "-1", PAUSE, "n"
    )


@pytest.mark.parametrize(
    ("since", "pause", "expected"),
    [
        (None, 9, Told(Outcome.NOT_APPLICABLE, "", "", "", "", "never")),
        (5, 0, Told(Outcome.NOT_APPLICABLE, "", "", "", "", "unset")),
        (-1, 9, Told(NO, "", "", "", "", "the thing lies in the future")),
        (0, 9, Told(NO, "0", "9", "-9", PAUSE)),
        (1, 1, Told(YES, "1", "1", "0", PAUSE)),
    ],
)
def test_a_pause_says_whether_it_is_set_began_and_is_over(since, pause, expected):
    verdict = paused(
        "r", since_ns=since, pause_ns=pause, what="the thing", never="never", unset="unset"
    )

    assert (verdict.rule, told(verdict)) == ("r", expected)


@pytest.mark.parametrize(
    ("value", "lots", "expected"),
    [
        (0.5, None, Told(YES, "0.500000", "0.5", "0.000000", "u")),
        (0.75, None, Told(NO, "0.750000", "0.5", "-0.250000", "u")),
        (0.75, 4, Told(YES, "0.750000", "0.5", "-0.250000", "u", "", 4)),
        (float("nan"), 4, Told(NO, "", "", "", "u", "expected a number, found nan")),
        (float("-inf"), None, Told(NO, "", "", "", "u", "expected a number, found -inf")),
    ],
)
def test_a_statistic_refuses_beyond_its_limit_or_shrinks(value, lots, expected):
    verdict = measured("r", value=value, limit=D("0.5"), unit="u", lots_max=lots)

    assert (verdict.rule, told(verdict)) == ("r", expected)


# --- sizing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equity", "stop", "lots"),
    [
        (1, 1, 0),
        (100, 1, 1),
        (299, 1, 2),
        (300, 3, 1),
        (300, -1, 0),
        (300, 0, 0),
        (0, 1, 0),
        (-9, 1, 0),
    ],
)
def test_a_size_is_the_whole_lots_within_the_budget(equity: int, stop: int, lots: int):
    """One per cent of so many units of account currency, one unit a tick and lot."""
    size = size_by_risk(UNIT, equity=equity * ONE, fraction=D("0.01"), stop_ticks=stop)

    assert size.lots == lots
    assert dict(size.steps)["stop_distance"] == str(stop)


def test_a_stop_is_told_as_a_distance_in_price():
    steps = size_by_risk(CENTS, equity=ONE, fraction=D("0.01"), stop_ticks=250).steps

    assert dict(steps)["stop_distance"] == "2.50"


def test_a_budget_of_one_unit_of_money_still_buys_a_lot_that_risks_no_more():
    dust = with_changes(UNIT, tick=D("0.000001"), lot=D("0.000001"))
    size = size_by_risk(dust, equity=1, fraction=D(1), stop_ticks=1)

    assert dust.value_units == 1
    assert size.lots == 1
