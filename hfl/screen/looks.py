"""What a person chose for the screen: `screen.toml` in the configuration folder, flags, terminal.

The screen's own settings stand apart from the bot's: they are not part of any run, and a mistake in
them never keeps the screen from opening.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from hfl_core.domain.errors import ConfigError
from hfl_tui.ports import Looks
from hfl_tui.skins import AUTO, NAMES, chosen

FILE_NAME: Final = "screen.toml"
FILE_BYTES_MAX: Final = 1 << 16
FILE_MODE: Final = 0o600
_Value = TypeVar("_Value")
_THEME_LINE: Final = re.compile(r"""^theme\s*=\s*("[^"\n]*"|'[^'\n]*')""", re.MULTILINE)
_TABLE_LINE: Final = re.compile(r"^\s*\[", re.MULTILINE)


def looks(
    file: Path,
    exports: Path,
    *,
    environment: Mapping[str, str],
    theme: str = "",
    is_ascii: bool = False,
    has_mouse: bool = True,
) -> Looks:
    """Read the file and lay flags over it. What cannot be used is told in `remarks`.

    theme: as typed, empty for none. Raises ConfigError for a typed theme that does not exist.
    """
    if theme and theme not in {AUTO, *NAMES}:
        raise ConfigError(f"expected --theme as {_themes()}, found {theme!r}: choose one of them")
    table, remarks = _read(file)
    keys = _taken(table, "keys", dict, default={}, remarks=remarks)
    setting = _taken(table, "theme", str, default=AUTO, remarks=remarks)
    if setting not in {AUTO, *NAMES}:
        remarks.append(f"expected theme in {FILE_NAME} as {_themes()}, found {setting!r}: choose")
        setting = AUTO
    wants_ascii = _taken(table, "ascii", bool, default=False, remarks=remarks)
    wants_mouse = _taken(table, "mouse", bool, default=True, remarks=remarks)
    remarks += [
        f"expected theme, ascii, mouse and [keys] in {FILE_NAME}, found {name!r}: remove it"
        for name in table
    ]
    return Looks(
        theme=chosen(environment, flag=theme, setting=setting),
        is_ascii=is_ascii or wants_ascii,
        has_mouse=has_mouse and wants_mouse,
        keys=_keys(keys, remarks),
        exports=exports,
        keep=lambda name: keep_theme(file, name),
        remarks=tuple(remarks),
    )


def _themes() -> str:
    return f"{AUTO}, {', '.join(NAMES)}"


def _read(file: Path) -> tuple[dict[str, object], list[str]]:
    try:
        with file.open("rb") as opened:
            raw = opened.read(FILE_BYTES_MAX + 1)
        if len(raw) <= FILE_BYTES_MAX:
            return dict(tomllib.loads(raw.decode())), []
        trouble = f"more than {FILE_BYTES_MAX} bytes"
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError, RecursionError) as error:
        trouble = str(error)
    return {}, [f"expected the screen's settings in {file}, found {trouble}: correct the file"]


def _taken(
    table: dict[str, object],
    name: str,
    kind: type[_Value],
    *,
    default: _Value,
    remarks: list[str],
) -> _Value:
    """Take a setting out of the table; one of the wrong kind is told and not used."""
    found = table.pop(name, default)
    if isinstance(found, kind):
        return found
    words = {str: "a text", bool: "true or false", dict: "a table"}
    remarks.append(f"expected {name} in {FILE_NAME} as {words[kind]}, found {found!r}: correct it")
    return default


def _keys(table: Mapping[object, object], remarks: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in table.items():
        keys = [value] if isinstance(value, str) else value
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
            found[str(name)] = tuple(str(key) for key in keys)
        else:
            remarks.append(
                f"expected keys.{name} in {FILE_NAME} as a key or a list of keys, found {value!r}: "
                'write it as "w" or ["w", "W"]'
            )
    return found


def keep_theme(file: Path, name: str) -> None:
    """Write the theme into the settings file; everything else in it stays, comments too.

    Raises ConfigError when that cannot be done.
    """
    # A link that points elsewhere stays one.
    file = Path(os.path.realpath(file))
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        fresh = with_theme(text, name)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            temporary.write_text(fresh, encoding="utf-8")
            temporary.chmod(FILE_MODE)
            temporary.replace(file)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"expected to keep the theme in {file}, found {error}: it holds until you leave"
        ) from error


def with_theme(text: str, name: str) -> str:
    """Return a settings text with its theme replaced, or put in front.

    Raises ValueError when the text is not TOML or would mean something else than before.
    """
    before = tomllib.loads(text)
    told = f'theme = "{name}"'
    head_ends = found.start() if (found := _TABLE_LINE.search(text)) else len(text)
    head, tail = text[:head_ends], text[head_ends:]
    fresh = _THEME_LINE.sub(told, head, count=1) + tail if "theme" in before else f"{told}\n{text}"
    if tomllib.loads(fresh) != {**before, "theme": name}:
        raise ValueError("a theme that is not one plain line")
    return fresh
