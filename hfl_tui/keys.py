"""Names of keys: as a person writes and reads them, and which are never free to be used.

Pure. The names inside are Textual's; a test holds them to it.
"""

import unicodedata
from typing import Final

_NAMED: Final = {"/": "slash", "\\": "backslash", "@": "at", "-": "minus", "+": "plus",
                 "_": "underscore"}  # fmt: skip


def _name(character: str) -> str:
    if character.isalnum():
        return character
    told = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return _NAMED.get(character, told)


# Every key of one printable character: name to character.
CHARACTERS: Final = {_name(chr(code)): chr(code) for code in range(0x21, 0x7F)}
# Keys without a character, as every terminal sends them.
PLACED: Final = {
    "up": "up", "down": "down", "left": "left", "right": "right", "home": "home", "end": "end",
    "pageup": "PgUp", "pagedown": "PgDn", "tab": "tab", "shift+tab": "S-tab", "enter": "enter",
    "escape": "esc", "space": "space", "backspace": "backspace", "delete": "del", "insert": "ins",
}  # fmt: skip
EMERGENCY: Final = "ctrl+x"
# Who keeps a control key for itself, or which other key it is the same byte as.
RESERVED: Final = {
    "ctrl+a": "screen and byobu", "ctrl+b": "tmux", "ctrl+c": "the shell", "ctrl+g": "zellij",
    "ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter",
    "ctrl+n": "browsers", "ctrl+o": "zellij", "ctrl+p": "docker", "ctrl+q": "docker",
    "ctrl+r": "browsers", "ctrl+s": "flow control", "ctrl+t": "browsers", "ctrl+w": "browsers",
    "ctrl+z": "the shell", "ctrl+backslash": "the shell", "ctrl+right_square_bracket": "telnet",
    "ctrl+left_square_bracket": "esc", "ctrl+circumflex_accent": "mosh",
    EMERGENCY: "the emergency stop",
}  # fmt: skip
_CONTROL: Final = "ctrl+"
_WRITTEN: Final = {told.casefold(): name for name, told in PLACED.items()}


def shown(key: str) -> str:
    """Return a key as a person reads it: ^X for ctrl+x, / for slash."""
    if key.startswith(_CONTROL):
        inner = key.removeprefix(_CONTROL)
        return f"^{CHARACTERS.get(inner, inner).upper()}"
    return PLACED.get(key) or CHARACTERS.get(key, key)


def named(text: str) -> str:
    """Return the name of a key as typed: ^L, ctrl+l, /, slash, PgUp; empty for none there is."""
    written = text.strip()
    folded = written.casefold()
    if written in CHARACTERS.values():
        return _name(written)
    if written in CHARACTERS or folded in PLACED:
        return written if written in CHARACTERS else folded
    if folded in _WRITTEN:
        return _WRITTEN[folded]
    inner = folded.removeprefix(_CONTROL) if folded.startswith(_CONTROL) else folded[1:]
    is_control = folded.startswith((_CONTROL, "^")) and len(folded) > 1
    name = _name(inner) if inner in CHARACTERS.values() else inner
    is_sent = (len(name) == 1 and name.isalpha()) or _CONTROL + name in RESERVED
    return _CONTROL + name if is_control and is_sent else ""
