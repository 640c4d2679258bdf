"""Short ways to build a rule's verdict. Knows nothing of any rule."""

import math
from decimal import Decimal

from hfl_core.domain.money import money_text, plain
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext, share

MONEY = "account currency"


def bounded(
    rule: str, *, value: int, limit: int, lots_max: int | None = None, note: str = ""
) -> RuleVerdict:
    """Approve while value is at most limit (money units), else refuse.

    Keep the headroom either way.
    """
    outcome = Outcome.APPROVE if value <= limit else Outcome.REFUSE
    return RuleVerdict(
        rule=rule,
        outcome=outcome,
        value=money_text(value),
        limit=money_text(limit),
        headroom=money_text(limit - value),
        unit=MONEY,
        note=note,
        quantity_max_lots=lots_max,
    )


def capped(rule: str, *, used: int, limit: int, lot_cost: int, note: str = "") -> RuleVerdict:
    """Allow as many lots as fit between used and limit (money units); refuse when not one fits."""
    room = limit - used
    lots = max(0, room // lot_cost) if lot_cost > 0 else 0
    return RuleVerdict(
        rule=rule,
        outcome=Outcome.APPROVE if lots > 0 else Outcome.REFUSE,
        value=money_text(used),
        limit=money_text(limit),
        headroom=money_text(room),
        unit=MONEY,
        note=note,
        quantity_max_lots=lots,
    )


def refused(rule: str, note: str, *, unit: str = "") -> RuleVerdict:
    """Refuse because an input is missing or impossible, and say which."""
    return RuleVerdict(
        rule=rule, outcome=Outcome.REFUSE, value="", limit="", headroom="", unit=unit, note=note
    )


def not_applicable(rule: str, note: str) -> RuleVerdict:
    """Pass because the rule has nothing to judge here, and say why."""
    return RuleVerdict(
        rule=rule,
        outcome=Outcome.NOT_APPLICABLE,
        value="",
        limit="",
        headroom="",
        unit="",
        note=note,
    )


def period_loss(rule: str, context: RiskContext, *, start: int, fraction: Decimal) -> RuleVerdict:
    """Judge the loss since a period's start (money units) against a share of that start."""
    if start <= 0 or context.equity <= 0:
        return refused(rule, "equity or its value at the period's start is not above zero")
    return bounded(rule, value=start - context.equity, limit=share(start, fraction) - 1)


def counted(rule: str, *, value: int, limit: int, unit: str, note: str = "") -> RuleVerdict:
    """Approve while a count is below its limit, so that one more still fits."""
    return RuleVerdict(
        rule=rule,
        outcome=Outcome.APPROVE if value < limit else Outcome.REFUSE,
        value=str(value),
        limit=str(limit),
        headroom=str(limit - value),
        unit=unit,
        note=note,
    )


def rested(rule: str, *, since_ns: int, pause_ns: int, note: str) -> RuleVerdict:
    """Approve once a pause is over. since_ns: time since it began, never negative."""
    is_over = since_ns >= pause_ns
    return RuleVerdict(
        rule=rule,
        outcome=Outcome.APPROVE if is_over else Outcome.REFUSE,
        value=str(since_ns),
        limit=str(pause_ns),
        headroom=str(since_ns - pause_ns),
        unit="nanoseconds, at least",
        note=note,
    )


def paused(
    rule: str, *, since_ns: int | None, pause_ns: int, what: str, never: str, unset: str
) -> RuleVerdict:
    """Refuse until a pause is over; pass where none is set or nothing began one.

    since_ns: time since what began it, None when nothing did; what: that, for a time to come.
    """
    if not pause_ns:
        return not_applicable(rule, unset)
    if since_ns is None:
        return not_applicable(rule, never)
    if since_ns < 0:
        return refused(rule, f"{what} lies in the future")
    return rested(rule, since_ns=since_ns, pause_ns=pause_ns, note="")


def measured(
    rule: str, *, value: float, limit: Decimal, unit: str, lots_max: int | None = None
) -> RuleVerdict:
    """Approve while a statistic is at most its limit; with lots_max it never refuses, it shrinks.

    A value that is no number refuses.
    """
    if not math.isfinite(value):
        return refused(rule, f"expected a number, found {value}", unit=unit)
    is_inside = value <= limit or lots_max is not None
    return RuleVerdict(
        rule=rule,
        outcome=Outcome.APPROVE if is_inside else Outcome.REFUSE,
        value=f"{value:.6f}",
        limit=plain(limit),
        headroom=f"{float(limit) - value:.6f}",
        unit=unit,
        quantity_max_lots=lots_max,
    )
