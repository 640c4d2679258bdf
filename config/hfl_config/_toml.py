"""Read TOML with exact numbers, read `KEY=VALUE`, merge tables, and find the line of a key."""

# Paths are text in this room, see paths.py.
# ruff: noqa: PTH113, PTH123

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from hfl_core.domain.errors import ConfigError

# One kind of value in TOML, with exact numbers; dates are refused later as values of the wrong
# type.
Table = dict[str, object]
FILE_BYTES_MAX: Final = 1 << 20
DEPTH_MAX: Final = 16
_HEADER: Final = re.compile(r"^\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?$")
_ASSIGNMENT: Final = re.compile(r"^\s*([^=#]+?)\s*=")


def read_text(path: str) -> str:
    """Return a settings file's text.

    Raises ConfigError when it is missing, unreadable, too large or not UTF-8.
    """
    try:
        if not os.path.isfile(path):
            raise ConfigError(
                f"expected a settings file at {path}, found none: run `hfl init`, or name another "
                f"file"
            )
        with open(path, "rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"expected to read the settings file {path!r}, found {error}: correct its path or "
            f"rights"
        ) from error
    if len(raw) > FILE_BYTES_MAX:
        raise ConfigError(
            f"expected a settings file of at most {FILE_BYTES_MAX} bytes at {path}, found a "
            f"larger one: "
            "name the right file"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"expected UTF-8 text in {path}, found another byte at position {error.start}: save "
            f"it as UTF-8"
        ) from error


def parse(text: str, origin: str) -> Table:
    """Return the tables of a TOML text, numbers with a point as Decimals.

    Raises ConfigError naming origin and line.
    """
    try:
        table: Table = tomllib.loads(text, parse_float=_exact_or_raise)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ConfigError(
            f"expected TOML in {origin}, found {str(error) or 'too deep nesting'}: correct that "
            f"place"
        ) from error
    if not is_shallow(table, DEPTH_MAX):
        raise ConfigError(
            f"expected at most {DEPTH_MAX} levels of nesting in {origin}, found more: write it "
            f"flatter"
        )
    return table


def parse_assignment(text: str) -> Table:
    """Return `KEY=VALUE` as nested tables; a value that is not TOML is taken as text.

    Raises ConfigError.
    """
    key, found, value = text.partition("=")
    path = _dotted(key) if found else ()
    if not path:
        raise ConfigError(
            f"expected --set KEY=VALUE such as risk.profile=small, found {text!r}: write key and "
            f"value"
        )
    nested: object = _typed_value(value.strip())
    for part in reversed(path):
        nested = {part: nested}
    if not isinstance(nested, dict):
        raise ConfigError(f"expected --set KEY=VALUE, found {text!r}: write key and value")
    return nested


def merged(base: Mapping[str, object], over: Mapping[str, object]) -> Table:
    """Return base with over laid on top: tables are merged, everything else is replaced."""
    result: Table = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def has_path(table: object, path: Sequence[object]) -> bool:
    """Tell whether the nested tables (and lists) hold something at path."""
    for part in path:
        if isinstance(table, dict) and part in table:  # noqa: SIM114 - mypy narrows each
            table = table[part]
        elif isinstance(table, list) and isinstance(part, int) and part < len(table):
            table = table[part]
        else:
            return False
    return True


def line_of(text: str, path: Sequence[object]) -> int | None:
    """Return the line, from 1, on which the key at path (or the nearest key above it) is written.

    It is None where no line names either.
    """
    wanted = tuple(part for part in path if isinstance(part, str))
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        assignment = _ASSIGNMENT.match(line)
        if header:
            table = _dotted(header[1])
            here = table
        elif assignment:
            here = (*table, *_dotted(assignment[1]))
        else:
            continue
        if here and wanted[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _dotted(key: str) -> tuple[str, ...]:
    if "\n" in key or "=" in key:
        return ()
    try:
        node: object = tomllib.loads(f"{key} = 0")
    except (ValueError, RecursionError):
        return ()
    parts: list[str] = []
    while isinstance(node, dict) and len(parts) <= DEPTH_MAX:
        part, node = next(iter(node.items()))
        parts.append(part)
    return tuple(parts) if len(parts) <= DEPTH_MAX else ()


def _typed_value(value: str) -> object:
    try:
        table = tomllib.loads(f"value = {value}", parse_float=_exact_or_raise)
    except (ValueError, RecursionError, ArithmeticError):
        return value
    return table["value"] if tuple(table) == ("value",) and is_shallow(table, DEPTH_MAX) else value


def _exact_or_raise(text: str) -> Decimal:
    return Decimal(text)


def is_shallow(value: object, levels: int) -> bool:
    """Tell whether tables and lists are nested at most `levels` deep."""
    if levels < 0:
        return False
    if isinstance(value, dict):
        return all(is_shallow(item, levels - 1) for item in value.values())
    if isinstance(value, list):
        return all(is_shallow(item, levels - 1) for item in value)
    return True
