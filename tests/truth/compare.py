"""An answer against the expected one, by the rules of the truth files.

Floats within max(abs, rel * |expected|); integers, words and booleans exactly; times as instants;
null is None or NaN; infinities are the words inf and -inf. Fields that nobody expects are not
looked at.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

INFINITIES = {"inf": math.inf, "-inf": -math.inf}


class Outcome(NamedTuple):
    """How far off an answer is: absolutely, as a share of what is allowed, and what is wrong."""

    deviation: float = 0.0
    share: float = 0.0
    fault: str = ""


EXACT = Outcome()


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the first fault's message with the largest deviation and share of all."""
    deviation = share = 0.0
    fault = ""
    for outcome in outcomes:
        deviation = max(deviation, outcome.deviation)
        share = max(share, outcome.share)
        fault = fault or outcome.fault
    return Outcome(deviation, share, fault)


def compare(got: Any, expected: Any, tolerance: Mapping[str, Any], *, at: str = "") -> Outcome:
    """Return how an answer meets the expected one; `at` says where in the answer this is."""
    if isinstance(got, tuple) and hasattr(got, "_asdict") and isinstance(expected, Mapping):
        got = got._asdict()
    if isinstance(expected, Mapping):
        return _mapping(got, expected, tolerance, at=at)
    if isinstance(expected, list):
        return _sequence(got, expected, tolerance, at=at)
    return _single(got, expected, tolerance, at=at)


def _mapping(
    got: Any, expected: Mapping[str, Any], tolerance: Mapping[str, Any], *, at: str
) -> Outcome:
    if not isinstance(got, Mapping):
        return Outcome(fault=f"{at}expected fields, found {got!r}")
    return worst(
        compare(got[name], wanted, tolerance, at=f"{at}{name}: ")
        if name in got
        else Outcome(fault=f"{at}{name}: expected {wanted!r}, found no such field")
        for name, wanted in expected.items()
    )


def _sequence(got: Any, expected: list[Any], tolerance: Mapping[str, Any], *, at: str) -> Outcome:
    if not isinstance(got, Sequence) or isinstance(got, str) or len(got) != len(expected):
        return Outcome(fault=f"{at}expected {len(expected)} in a row, found {got!r}")
    return worst(
        compare(one, wanted, tolerance, at=f"{at}[{number}] ")
        for number, (one, wanted) in enumerate(zip(got, expected, strict=True))
    )


def _single(got: Any, expected: Any, tolerance: Mapping[str, Any], *, at: str) -> Outcome:
    wrong = Outcome(math.inf, math.inf, f"{at}expected {expected!r}, found {got!r}")
    is_number = isinstance(got, int | float) and not isinstance(got, bool)
    match expected:
        case None:
            return EXACT if got is None or (is_number and math.isnan(got)) else wrong
        case str() if expected in INFINITIES:
            return EXACT if is_number and got == INFINITIES[expected] else wrong
        case str() if isinstance(got, datetime):
            return EXACT if instant(expected) == got.astimezone(UTC) else wrong
        case bool() | str():
            return EXACT if type(got) is type(expected) and got == expected else wrong
        case int():
            return EXACT if is_number and got == expected else wrong
        case float() if is_number and not math.isnan(got):
            return _close(float(got), expected, tolerance, wrong)
        case _:
            return wrong


def _close(got: float, expected: float, tolerance: Mapping[str, Any], wrong: Outcome) -> Outcome:
    allowed = max(tolerance.get("abs", 0.0), tolerance.get("rel", 0.0) * abs(expected))
    deviation = abs(got - expected)
    share = deviation / allowed if allowed else (math.inf if deviation else 0.0)
    return Outcome(deviation, share, "" if deviation <= allowed else wrong.fault)


def instant(text: str) -> datetime:
    """Return the moment a text names, UTC where no zone is written."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
