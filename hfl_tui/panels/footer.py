"""The last row: what the keys do here, from the action table; the stop is always its end."""

from hfl_tui.actions import BY_NAME, REPLAY, SCREENS, Action, actions_of
from hfl_tui.keymap import BUILT_IN, Keymap
from hfl_tui.lines import Line, Span, ends, line, width_of

STOP = BY_NAME["emergency"]
GAP = 2
# The order behind the screens; what a screen alone has stands between.
FIRST = ("why", "help", "palette")
LAST = ("find", "copy", "export")


def footer(screen: str, *, width: int, keymap: Keymap = BUILT_IN) -> Line:
    """Return the row; what has no room gives way from the right, but never the stop."""
    parts: list[Span] = []
    for action, start, _ in places(screen, width=width, keymap=keymap):
        if action is STOP:
            break
        parts.append((" " * (start - width_of(line(*parts))), ""))
        here = action.name == f"show_{screen}"
        key, word = _key(action, keymap), action.footer
        parts += [(key, "key"), (f" {word}", "banner" if here else "")]
    return ends(line(*parts), _stop(keymap), width)


def places(screen: str, *, width: int, keymap: Keymap = BUILT_IN) -> list[tuple[Action, int, int]]:
    """Return what the row shows with the columns from and to which it stands; the stop is last."""
    stop = width_of(_stop(keymap))
    found: list[tuple[Action, int, int]] = []
    at = 0
    for action in _shown(screen):
        size = len(_key(action, keymap)) + 1 + len(action.footer)
        if at + size > width - stop - 1:
            break
        found.append((action, at, at + size))
        at += size + GAP
    return [*found, (STOP, max(0, width - stop), width)]


def _key(action: Action, keymap: Keymap) -> str:
    key = keymap.first(action.name)
    return f"{keymap.first(action.pair)} {key}" if action.pair else key


def _stop(keymap: Keymap) -> Line:
    return line((keymap.first(STOP.name), "alarm"), f" {STOP.footer}")


def _shown(screen: str) -> list[Action]:
    """Return what the row shows: the screens, then what is done here."""
    listed = [one for one in actions_of(screen) if one.footer and one is not STOP]
    if screen == REPLAY:
        # In the past its own keys are what one needs; the screens have their numbers anyway.
        return sorted(listed, key=_is_place)
    return sorted(listed, key=_rank)


def _is_place(action: Action) -> bool:
    return action.name.removeprefix("show_") in SCREENS


def _rank(action: Action) -> tuple[int, int]:
    if _is_place(action):
        return (0, 0)
    if action.name in FIRST:
        return (1, FIRST.index(action.name))
    return (3, LAST.index(action.name)) if action.name in LAST else (2, 0)
