"""KEY=VALUE changes of a recorded plan: only settings that decide, checked before anything runs."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final, get_type_hints

from hfl_core.domain.errors import ConfigError
from hfl_core.domain.limits import RiskLimits

# configuration key -> field of the plan's settings
PLAIN_KEYS: Final = {
    "engine.entry_score_min": "entry_score_min",
    "engine.opinion_veto_min": "opinion_veto",
    "operator.policy": "operator_policy",
}
POLICIES: Final = ("next-period", "none")
FORMS: Final = (
    "strategy.name, strategy.parameters.NAME, strategy.per_symbol.SYMBOL.NAME, risk.limits.NAME, "
    "engine.entry_score_min, engine.opinion_veto_min, operator.policy"
)


def changed_plan(recorded: bytes, settings: list[str]) -> bytes:
    """Return the plan with the settings in it, as canonical bytes.

    Equal bytes when nothing changes. Raises ConfigError.
    """
    content = json.loads(recorded)
    for setting in settings:
        key, sign, text = setting.partition("=")
        if not sign or not key or not text:
            raise ConfigError(
                f"expected KEY=VALUE, found {setting!r}: write for "
                "example strategy.parameters.fast=10"
            )
        _set(content, key.strip(), text.strip())
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _set(content: dict[str, Any], key: str, text: str) -> None:
    parts = key.split(".")
    if key in PLAIN_KEYS:
        content["settings"][PLAIN_KEYS[key]] = _plain(key, text)
    elif key == "strategy.name":
        for watch in content["watches"]:
            if watch["strategy"] != text:
                watch["strategy"], watch["parameters"] = text, {}
    elif len(parts) == 3 and key.startswith("strategy.parameters."):
        for watch in content["watches"]:
            watch["parameters"][parts[2]] = _parameter(text)
    elif len(parts) == 4 and key.startswith("strategy.per_symbol."):
        own = [watch for watch in content["watches"] if watch["instrument"]["symbol"] == parts[2]]
        if not own:
            known = ", ".join(watch["instrument"]["symbol"] for watch in content["watches"])
            raise ConfigError(
                f"expected a watched symbol out of {known}, found {parts[2]!r}: correct {key}"
            )
        own[0]["parameters"][parts[3]] = _parameter(text)
    elif len(parts) == 3 and key.startswith("risk.limits."):
        _set_limit(content["limits"], parts[2], text)
    else:
        raise ConfigError(
            f"expected a setting that only decides ({FORMS}), found "
            f"{key}: use `hfl run --set` for others"
        )


def _plain(key: str, text: str) -> str | float:
    if key == "operator.policy":
        if text not in POLICIES:
            raise ConfigError(
                f"expected {key} as {' or '.join(POLICIES)}, found {text!r}: correct it"
            )
        return text
    return float(_number(key, text))


def _set_limit(limits: dict[str, Any], name: str, text: str) -> None:
    if name not in limits or name == "profile":
        known = ", ".join(sorted(set(limits) - {"profile"}))
        raise ConfigError(f"expected a limit out of {known}, found {name!r}: correct it")
    if get_type_hints(RiskLimits)[name] is str:
        limits[name] = text
    elif get_type_hints(RiskLimits)[name] is int:
        number = _number(name, text)
        if number != int(number):
            raise ConfigError(f"expected {name} as a whole number, found {text!r}: correct it")
        limits[name] = int(number)
    else:
        from hfl_core.domain.money import plain

        limits[name] = plain(_number(name, text))


def _number(key: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ConfigError(f"expected {key} as a number, found {text!r}: correct it") from error
    if not number.is_finite():
        raise ConfigError(f"expected {key} as a finite number, found {text!r}: correct it")
    return number


def _parameter(text: str) -> str | int | bool | dict[str, str]:
    """Return a strategy's parameter as the plan keeps it: whole numbers, exact decimals.

    Booleans or text.
    """
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    from hfl_core.domain.money import plain

    return {"decimal": plain(number)}
