"""The last row: what the keys do here, from the action table; the stop is always its end."""

from hfl_tui.actions import BY_NAME, REPLAY, SCREENS, Action, actions_of
from hfl_tui.keymap import BUILT_IN, Keymap
from hfl_tui.lines import Line, Span, ends, line, width_of

STOP = BY_NAME["emergency"]


def footer(screen: str, *, width: int, keymap: Keymap = BUILT_IN) -> Line:
    """Return the row; what has no room gives way from the right, but never the stop."""
    stop = line((keymap.first(STOP.name), "alarm"), f" {STOP.footer}")
    room = width - width_of(stop) - 1
    parts: list[Span] = []
    used = 0
    for action in _shown(screen):
        key, word = keymap.first(action.name), action.footer
        if action.pair:
            key = f"{keymap.first(action.pair)} {key}"
        size = len(key) + len(word) + (3 if parts else 1)
        if used + size > room:
            break
        if parts:
            parts.append(("  ", ""))
        here = action.name == f"show_{screen}"
        parts += [(key, "key"), (f" {word}", "banner" if here else "")]
        used += size
    return ends(line(*parts), stop, width)


def _shown(screen: str) -> list[Action]:
    """Return what the row shows: the screens, then what is done here, help among the first."""
    listed = [one for one in actions_of(screen) if one.footer and one is not STOP]
    places = [one for one in listed if one.name.removeprefix("show_") in SCREENS]
    help_first = sorted(
        (one for one in listed if one not in places),
        key=lambda one: screen != REPLAY and one.name not in {"why", "help"},
    )
    # In the past its own keys are what one needs; the screens have their numbers anyway.
    return [*help_first, *places] if screen == REPLAY else [*places, *help_first]
