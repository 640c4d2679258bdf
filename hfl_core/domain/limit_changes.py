"""Which way each limit is weaker, and what a change of limits does at once and what only later.

Knows nothing of the engine, of files or of clocks: times arrive as data, limits as plain text.

A stricter limit takes effect at once. A weaker one waits; whoever asks for it in a bad hour has
time to think. The wait itself is guarded likewise: a shorter one counts as weaker.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, get_type_hints

from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import plain
from hfl_core.domain.values import Value, field_names

LARGER: Final = 1
SMALLER: Final = -1
ANY: Final = 0
# The wait of a raise, nanoseconds: kept among the limits because it guards them.
RAISE_DELAY: Final = "raise_delay_ns"
# The profile's name limits nothing by itself.
LABELS: Final = frozenset({"profile"})

# field -> which change is weaker: a larger value, a smaller one, or any other.
WEAKER: Final[dict[str, int]] = {
    "risk_per_trade_fraction": LARGER,
    "risk_per_trade_fraction_max": LARGER,
    "open_risk_fraction_max": LARGER,
    "drawdown_fraction_max": LARGER,
    "daily_loss_fraction_max": LARGER,
    "weekly_loss_fraction_max": LARGER,
    "monthly_loss_fraction_max": LARGER,
    "position_fraction_max": LARGER,
    "gross_exposure_fraction_max": LARGER,
    "positions_max": LARGER,
    "order_notional_max_fraction": LARGER,
    "price_collar_fraction": LARGER,
    "correlation_max": LARGER,
    "correlation_days_min": SMALLER,
    "sector_fraction_max": LARGER,
    "net_exposure_fraction_max": LARGER,
    "traded_value_min": SMALLER,
    "bar_volume_fraction_max": LARGER,
    "spread_fraction_max": LARGER,
    "gap_loss_fraction_max": LARGER,
    "gap_fraction_stocks": SMALLER,
    "gap_fraction_forex": SMALLER,
    "gap_fraction_crypto": SMALLER,
    "gap_fraction_indices": SMALLER,
    "history_days_min": SMALLER,
    "volatility_ratio_max": LARGER,
    "crisis_size_fraction": LARGER,
    "orders_per_hour_max": LARGER,
    "repeat_pause_s": SMALLER,
    "losing_trades_max": LARGER,
    "loss_pause_hours": SMALLER,
    "stop_out_pause_hours": SMALLER,
    "mark_age_hours_max": LARGER,
    "breaker_move_atr_max": LARGER,
    "breaker_move_fraction_max": LARGER,
    "breaker_volume_ratio_max": LARGER,
    "breaker_volatility_ratio_max": LARGER,
    "breaker_calm_bars": SMALLER,
    "breaker_market_fraction_max": LARGER,
    "rapid_loss_fraction_max": LARGER,
    "rapid_loss_minutes": SMALLER,
    "reject_fraction_max": LARGER,
    "reject_pause_minutes": SMALLER,
    # A nearer stop makes the position larger for the same risk.
    "atr_stop_multiple": SMALLER,
    # Another day begins elsewhere: a loss may fall out of it.
    "period_zone": ANY,
    # Other days, another correlation; other hours, some that were closed are open.
    "correlation_days": ANY,
    "bad_hours": ANY,
    RAISE_DELAY: SMALLER,
}

# (field, value until now, value from now on)
Changed = tuple[str, str, str]
# (field, value until then, value from then on, UTC nanoseconds of then)
Waiting = tuple[str, str, str, int]


class LimitPlan(Value, frozen=True, kw_only=True):
    """What is to happen: changes now, and everything that waits from now on."""

    changes: tuple[Changed, ...]
    waiting: tuple[Waiting, ...]


def limits_text(limits: RiskLimits) -> dict[str, str]:
    """Return every field as plain text; `limits_from_text` reads it back."""
    return {name: _text(getattr(limits, name)) for name in field_names(type(limits))}


def limits_from_text(texts: Mapping[str, str]) -> RiskLimits:
    """Return the limits of a table of texts; what is not a limit is left aside.

    Raises ValueError with one sentence for a missing field or a value that is not one.
    """
    values: dict[str, object] = {}
    for name, kind in _KINDS.items():
        if name not in texts:
            raise ValueError(f"expected the limit {name}, found none")
        values[name] = _value(name, kind, texts[name])
    return RiskLimits(**values)  # type: ignore[arg-type]


def is_weaker(name: str, old: str, new: str) -> bool:
    """Tell whether more may be lost under the new value than under the old one.

    A field without a direction, and a value that is no number, count as weaker.
    """
    if old == new or name in LABELS:
        return False
    direction = WEAKER.get(name, ANY)
    try:
        return direction == ANY or direction * (Decimal(new) - Decimal(old)) > 0
    except ArithmeticError:
        return True


def plan_change(
    now: Mapping[str, str],
    waiting: Mapping[str, tuple[str, int]],
    asked: Mapping[str, str],
    *,
    time_ns: int,
) -> LimitPlan:
    """Return what asking for these limits does.

    now: the limits in force; waiting: field -> (value, when); asked: every field; a field that was
    not known until now is taken at once. Raises ValueError when `asked` is no complete set.
    """
    limits_from_text(asked)
    delay_ns = int(now.get(RAISE_DELAY, asked.get(RAISE_DELAY, "0")))
    stricter: dict[str, str] = {}
    later: dict[str, tuple[str, int]] = {}
    for name, new in asked.items():
        old = now.get(name)
        if old is None or (old != new and not is_weaker(name, old, new)):
            stricter[name] = new
        elif old != new:
            known = waiting.get(name)
            is_same = known is not None and known[0] == new
            later[name] = known if known is not None and is_same else (new, time_ns + delay_ns)
    if not delay_ns:
        stricter, later = {**stricter, **{name: new for name, (new, _) in later.items()}}, {}
    taken = _taken(now, stricter)
    # What cannot stand beside the limits in force waits with what it belongs to.
    later |= {n: (v, time_ns + delay_ns) for n, v in stricter.items() if n not in taken}
    return _plan(now, taken, later)


def plan_due(
    now: Mapping[str, str], waiting: Mapping[str, tuple[str, int]], *, time_ns: int
) -> LimitPlan:
    """Return what happens to waiting limits at a time.

    Those that are due and cannot yet stand beside the others go on waiting for the last of them.
    """
    due = {name: value for name, (value, due_ns) in waiting.items() if due_ns <= time_ns}
    last_ns = max((due_ns for _, due_ns in waiting.values()), default=0)
    taken = _taken(now, due)
    later = {
        name: (value, due_ns if name not in due else last_ns)
        for name, (value, due_ns) in waiting.items()
        if name not in taken
    }
    return _plan(now, taken, later)


def _plan(
    now: Mapping[str, str], taken: Mapping[str, str], later: Mapping[str, tuple[str, int]]
) -> LimitPlan:
    return LimitPlan(
        changes=tuple((name, now.get(name, ""), taken[name]) for name in sorted(taken)),
        waiting=tuple((name, now.get(name, ""), *later[name]) for name in sorted(later)),
    )


def _taken(now: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the largest part of a change that leaves the limits in order, in name order."""
    if _is_in_order({**now, **wanted}):
        return dict(wanted)
    taken: dict[str, str] = {}
    is_growing = True
    while is_growing:
        is_growing = False
        for name, value in sorted(wanted.items()):
            if name not in taken and _is_in_order({**now, **taken, name: value}):
                taken[name] = value
                is_growing = True
    return taken


def _is_in_order(texts: Mapping[str, str]) -> bool:
    try:
        limits_from_text(texts)
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _value(name: str, kind: object, text: str) -> object:
    try:
        if kind is Decimal:
            return Decimal(text)
        return int(text) if kind is int else text
    except ArithmeticError as error:
        raise ValueError(f"expected {name} as a number, found {text!r}") from error
    except ValueError as error:
        raise ValueError(f"expected {name} as a whole number, found {text!r}") from error


_KINDS: Final = get_type_hints(RiskLimits)
