"""What strategies share: checks of parameters, stops in ATR, evidence no NaN escapes through.

Knows nothing of any one strategy.
"""

import math

from hfl_core.domain.opinions import FLAT, LONG, Candidate, Evidence
from hfl_core.domain.regimes import NAMES, UNKNOWN

Numbers = tuple[tuple[str, float], ...]


def clamp(value: float, low: float = -1.0, high: float = 1.0) -> float:
    """Return `value` within low..high; what is not a number stays none, for `evidence` to see."""
    if value < low:
        return low
    return high if value > high else value  # noqa: FURB136 - half the cost of min


def ratio(value: float, base: float) -> float:
    """Return value / base, and 0 where the base is zero or less."""
    return 0.0 if base <= 0.0 else value / base


def evidence(
    *, score: float, confidence: float, numbers: Numbers, rationale: str, stop_distance: float = 0.0
) -> Evidence:
    """Make evidence with score and confidence in their ranges and finite numbers only.

    A figure that is not a finite number leaves nothing to defend: score and confidence are 0 then,
    and the rationale names it.
    """
    results = (("score", score), ("confidence", confidence), ("stop_distance", stop_distance))
    odd = [name for name, value in (*numbers, *results) if not finite(value)]
    if odd:
        return Evidence(
            score=0.0,
            confidence=0.0,
            numbers=tuple(pair for pair in numbers if finite(pair[1])),
            rationale=f"No view: {', '.join(odd)} is not a finite number.",
        )
    return Evidence(
        score=clamp(score),
        confidence=clamp(confidence, 0.0),
        numbers=numbers,
        rationale=rationale,
        stop_distance=max(stop_distance, 0.0),
    )


def atr_numbers(bars: int, value: float, stop_atr: float) -> Numbers:
    """Return the figures that a stop in ATR rests on, as evidence shows them."""
    return ((f"atr({bars})", value), ("stop_atr", stop_atr))


def atr_stop(candidate: Candidate, value: float, stop_atr: float) -> float:
    """Return a stop's distance: so many ATR from an entry, none for an exit."""
    return stop_atr * value if candidate.direction != FLAT else 0.0


def suits(direction: int, regime: str, *, long_in: str, short_in: str) -> bool:
    """Tell whether a regime is among those of a side; one that is not known yet always is."""
    return regime == UNKNOWN or regime in (long_in if direction == LONG else short_in).split()


def weather(regime: str) -> str:
    """Return what a rationale says of the market's regime: nothing while it is not known."""
    return f" The market's regime: {regime}." if regime else ""


def check_regimes(name: str, value: object) -> None:
    """Raise ValueError unless `value` is a text of regimes, with blanks between; empty is none."""
    unknown = [] if isinstance(value, str) else [value]
    unknown += [word for word in str(value).split() if word not in NAMES]
    if unknown:
        raise ValueError(
            f"expected {name} as regimes out of {' '.join(NAMES)}, found {value!r}: correct it"
        )


def finite(value: float) -> bool:
    """Tell whether a figure is a number that can be journaled."""
    return math.isfinite(value)


def check_period(name: str, value: object, *, at_least: int = 1) -> None:
    """Raise ValueError unless `value` is a whole number of bars, at_least..10,000."""
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= 10_000:
        raise ValueError(
            f"expected {name} as a whole number of bars from {at_least} to 10000,"
            f" found {value!r}: change it"
        )


def check_range(name: str, value: object, *, low: float, high: float) -> None:
    """Raise ValueError unless low <= value <= high."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(
            f"expected {name} as a number from {low:g} to {high:g}, found {value!r}: change it"
        )


def check_atr_stop(bars: object, stop_atr: object) -> None:
    """Raise ValueError unless a stop can be measured over `bars` and set so many ATR away."""
    check_period("atr", bars)
    check_range("stop_atr", stop_atr, low=0.1, high=50.0)


def check_below(lower_name: str, lower: float, upper_name: str, upper: float) -> None:
    """Raise ValueError unless lower < upper."""
    if not lower < upper:
        raise ValueError(
            f"expected {lower_name} below {upper_name}, found {lower!r} and {upper!r}:"
            " change one of them"
        )
