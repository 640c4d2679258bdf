"""Build a strategy from its class and the parameters a user wrote.

Knows nothing of files: `hfl.plugins` finds the class.
Every refusal is a ConfigError with one sentence.
"""

import dataclasses
import math
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast

from hfl_core.domain.errors import ConfigError
from hfl_core.features.catalogue import make
from hfl_core.strategies.base import Strategy

Parameter = str | int | float | bool | Decimal

# Whole numbers up to here are exact as floats too.
WHOLE_MAX: Final = 2**53

_METHODS: Final = ("features", "scan", "signal", "lookback")
_KINDS: Final = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def construct(name: str, strategy_class: object, parameters: Mapping[str, Parameter]) -> Strategy:
    """Return the strategy with these parameters, the class's own values for the rest.

    Raises ConfigError when the class is no strategy, for a parameter it does not have, a value of
    another type or out of range, and for declared features that cannot be built.
    """
    kinds = _parameters_of(name, strategy_class)
    given: dict[str, object] = {}
    for key, value in parameters.items():
        if key not in kinds:
            known = ", ".join(kinds) or "none at all"
            raise ConfigError(
                f"strategy {name}: expected parameters out of {known}, found {key!r}:"
                " correct or remove it"
            )
        given[key] = _converted(name, key, value, kind=kinds[key])
    try:
        strategy = cast("type[Strategy]", strategy_class)(**given)
        for spec in strategy.features():
            make(spec)
    except ConfigError:
        raise
    except (
        Exception
    ) as error:  # a user's code may raise anything, and the user is told in a sentence
        raise ConfigError(f"strategy {name}: {said(error)}") from error
    return strategy


def parameters_of(name: str, strategy_class: object) -> tuple[tuple[str, str], ...]:
    """Return each parameter's name and its default as text, in the order of the file."""
    kinds = _parameters_of(name, strategy_class)
    return tuple(
        (field.name, "" if field.default is dataclasses.MISSING else str(field.default))
        for field in dataclasses.fields(cast("typing.Any", strategy_class))
        if field.name in kinds
    )


def said(error: BaseException) -> str:
    """Return what an exception says, on one line; its type when it says nothing or is not ours."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and text:
        return text
    return f"found {type(error).__name__}{': ' if text else ''}{text}: correct the file"


def _parameters_of(name: str, strategy_class: object) -> dict[str, type]:
    missing = [method for method in _METHODS if not hasattr(strategy_class, method)]
    is_frozen = (
        isinstance(strategy_class, type)
        and dataclasses.is_dataclass(strategy_class)
        and strategy_class.__dataclass_params__.frozen  # type: ignore[attr-defined]
    )
    if not is_frozen or missing:
        what = f"without {', '.join(missing)}" if missing else "that is no frozen dataclass"
        raise ConfigError(
            f"strategy {name}: expected a frozen dataclass named Strategy with"
            f" {', '.join(_METHODS)}, found one {what}: start from `hfl new-strategy`"
        )
    try:
        hints = typing.get_type_hints(strategy_class)
    except (NameError, TypeError, AttributeError) as error:
        raise ConfigError(f"strategy {name}: {said(error)}") from error
    kinds: dict[str, type] = {}
    for field in dataclasses.fields(cast("typing.Any", strategy_class)):
        if not field.init:
            continue
        if hints[field.name] not in _KINDS:
            raise ConfigError(
                f"strategy {name}: expected every parameter as int, float, bool or str, found"
                f" {field.name} as {hints[field.name]}: change the file"
            )
        kinds[field.name] = hints[field.name]
    return kinds


def _converted(name: str, key: str, value: Parameter, *, kind: type) -> object:
    """Return the value as the field's type; exact numbers of the configuration become its own."""
    if kind in {bool, str} and isinstance(value, kind):
        return value
    number = _number(value)
    if kind is int and abs(number) <= WHOLE_MAX and number == int(number) == value:
        return int(number)
    if kind is float and math.isfinite(number):
        return number
    raise ConfigError(
        f"strategy {name}: expected {key} as {_KINDS[kind]}, found {value!r}: correct it"
    )


def _number(value: Parameter) -> float:
    """Return a number as a float, and NaN for what is none."""
    if isinstance(value, bool | str):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
