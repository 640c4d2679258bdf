"""What is wrong with a configuration, as one sentence.

It names the key and where it stands, what was expected, what was found, and what to do.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from hfl_config._toml import has_path, line_of
from hfl_config.model import HflConfig
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.money import plain

FOUND_LENGTH_MAX: Final = 80
HUNDRED: Final = 100
# A name at least this similar is offered as what was probably meant.
SIMILARITY_MIN: Final = 0.6
_UNION_TAGS: Final = frozenset({"bool", "int", "decimal", "str", "constrained-str"})
_LITERAL_TAG: Final = "literal["
_TYPES: Final[dict[str, str]] = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "is_instance_of": "a number",
    "missing": "a value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source of settings: its name for a person, its tables, its text to find lines in."""

    origin: str
    table: Mapping[str, object]
    text: str = ""


def config_error(error: ValidationError, layers: Sequence[Layer]) -> ConfigError:
    """Turn pydantic's findings into one sentence; the first is told, the others are counted."""
    details = error.errors(include_url=False)
    first = details[0]
    path = _path(first["loc"], layers)
    others = len({_path(item["loc"], layers) for item in details}) - 1
    more = f" ({others} more after this one)" if others else ""
    where = _where(path, layers)
    if first["type"] == "extra_forbidden":
        return ConfigError(f"{where}{unknown_key(path)}{more}")
    if first["type"] == "disagree":
        context = first.get("ctx", {})
        expected, found = context.get("expected"), context.get("found")
        where = where or (f"{layers[-1].origin}: " if layers else "")
        return ConfigError(f"{where}expected {expected}, found {found}: change one of them{more}")
    if "[key]" in first["loc"]:
        return ConfigError(
            f"{where}expected a name such as fast_bars (for a symbol: BTC-USDT) in "
            f"{dotted(path[:-1])}, found {_found(path[-1])}: rename it{more}"
        )
    return ConfigError(f"{where}{_wrong_value(first, path)}{more}")


def unknown_key(path: Sequence[object]) -> str:
    """Return the sentence on a key that does not exist, with the nearest one that does."""
    near = nearest_key(path)
    advice = f"write {near}, or remove it" if near else "remove it"
    return f"expected a known key, found {dotted(path)}: {advice}"


def nearest_key(path: Sequence[object]) -> str | None:
    """Return the valid key most like path: first among its neighbours, then anywhere."""
    model = _model_at(path[:-1])
    last = str(path[-1])
    if model is not None:
        near = difflib.get_close_matches(last, model.model_fields, n=1, cutoff=SIMILARITY_MIN)
        if near:
            return dotted((*path[:-1], near[0]))
    known = list(_keys(HflConfig, ()))
    by_name = [key for key in known if key.rpartition(".")[2] == last]
    full = difflib.get_close_matches(dotted(path), known, n=1, cutoff=SIMILARITY_MIN)
    return next(iter(by_name or full), None)


def dotted(path: Sequence[object]) -> str:
    """Return a path as a person would write it, shortened where it is long."""
    parts = (repr(part) if "." in str(part) else str(part) for part in path)
    return _short(".".join(parts))


def _wrong_value(item: ErrorDetails, path: tuple[object, ...]) -> str:
    field = _field_at(path) if path else None
    expected = (field.description if field else None) or _TYPES.get(item["type"])
    if not expected:
        expected = item["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    found = "nothing" if item["type"] == "missing" else _found(item["input"])
    if not path:
        return f"expected a configuration, found {' '.join(item['msg'].split())}: correct it"
    advice = _in_per_cent(expected, item["input"]) or "correct it, or remove it to get the default"
    return f"expected {dotted(path)} as {expected}, found {found}: {advice}"


def _in_per_cent(expected: str, value: object) -> str:
    """Return what to write for a number of per cent where a fraction is expected."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not expected.startswith("a fraction"):
        return ""
    number = Decimal(value)  # type: ignore[arg-type]
    if not number.is_finite() or not 1 < number <= HUNDRED:
        return ""
    return f"write {plain(number / HUNDRED)} for {plain(number)} per cent"


def _found(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _short(f'the text "{value}"')
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return _short(f"a list of {len(value)}")
    if isinstance(value, int) and value.bit_length() > FOUND_LENGTH_MAX:
        return "a very long number"
    return _short(str(value))


def _short(text: str) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= FOUND_LENGTH_MAX else clean[: FOUND_LENGTH_MAX - 3] + "..."


def _where(path: tuple[object, ...], layers: Sequence[Layer]) -> str:
    for layer in reversed(layers):
        if path and has_path(layer.table, path):
            line = line_of(layer.text, path)
            return f"{layer.origin}, line {line}: " if line else f"{layer.origin}: "
    return ""


def _path(location: Sequence[int | str], layers: Sequence[Layer]) -> tuple[object, ...]:
    # Behind a field, pydantic adds names of union members and "[key]"; they mean nothing to a
    # person.
    path: tuple[object, ...] = tuple(part for part in location if part != "[key]")
    while path and _is_union_tag(path[-1]) and not _is_written(path, layers):
        path = path[:-1]
    return path


def _is_union_tag(part: object) -> bool:
    return part in _UNION_TAGS or (isinstance(part, str) and part.startswith(_LITERAL_TAG))


def _is_written(path: tuple[object, ...], layers: Sequence[Layer]) -> bool:
    return any(has_path(layer.table, path) for layer in layers)


def _field_at(path: Sequence[object]) -> FieldInfo | None:
    model = _model_at(path[:-1])
    return model.model_fields.get(str(path[-1])) if model is not None else None


def _model_at(path: Sequence[object]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = HflConfig
    is_inside_map = False
    for part in path:
        if is_inside_map:
            is_inside_map = False
            continue
        field = model.model_fields.get(str(part)) if model is not None else None
        if field is None:
            return None
        model = _inner_model(field.annotation)
        is_inside_map = get_origin(field.annotation) is dict
    return None if is_inside_map else model


def _inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a type expression
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is dict:
        return _inner_model(get_args(annotation)[1])
    return None


def _keys(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _inner_model(field.annotation)
        if inner is None or get_origin(field.annotation) is dict:
            yield dotted((*above, name))
        else:
            yield from _keys(inner, (*above, name))
