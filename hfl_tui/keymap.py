"""A person's own keys over the built-in ones: what can be used is used, the rest is told.

The stop key and everything in the emergency panel stay as they are, whatever a file says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from hfl_tui.actions import ACTIONS, BY_NAME, EMERGENCY, NAMES, Action
from hfl_tui.keys import RESERVED, named, shown

FILE: Final = "screen.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keymap:
    """own: action name to its own keys, only where they differ from the built-in ones.

    refused: what could not be used, a sentence each.
    """

    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def keys(self, action: Action) -> tuple[str, ...]:
        """Return an action's keys; the first one is shown where there is little room."""
        return self.own.get(action.name, action.keys)

    def told(self, action: Action) -> str:
        """Return its keys as a person reads them."""
        return " ".join(shown(key) for key in self.keys(action))

    def first(self, name: str) -> str:
        """Return one key of an action as a person reads it, else its word in the palette."""
        action = BY_NAME[name]
        keys = self.keys(action)
        return shown(keys[0]) if keys else f":{action.word}"

    def meant(self, screen: str, key: str) -> str | None:
        """Return which action a key does on a screen, empty for none, None for what is built in."""
        if not self.own or screen == EMERGENCY:
            return None
        is_freed = False
        for name, keys in self.own.items():
            action = BY_NAME[name]
            if screen in action.screens:
                if key in keys:
                    return name
                is_freed = is_freed or key in action.keys
        return "" if is_freed else None


BUILT_IN: Final = Keymap()


def keymap(typed: Mapping[str, tuple[str, ...]]) -> Keymap:
    """Return the keymap of what a person typed: action name to keys."""
    own: dict[str, tuple[str, ...]] = {}
    refused: list[str] = []
    for written, keys in typed.items():
        name = written.replace("-", "_")
        told = _refusal(written, name, keys)
        if told:
            refused.append(told)
        elif (found := tuple(dict.fromkeys(named(key) for key in keys))) != BY_NAME[name].keys:
            own[name] = found
    while clash := _clash(own):
        name, told = clash
        refused.append(told)
        del own[name]
    return Keymap(own=own, refused=tuple(refused))


def _refusal(written: str, name: str, keys: tuple[str, ...]) -> str:
    """Return why an entry cannot be used by itself, empty when it can."""
    where = f"expected keys.{written} in {FILE}"
    action = BY_NAME.get(name)
    if action is None:
        near = get_close_matches(name, BY_NAME, n=1)
        hint = f"perhaps {near[0]}" if near else "? lists what there is"
        return f"expected names of actions under [keys] in {FILE}, found {written!r}: {hint}"
    if action.danger or set(action.screens) <= {EMERGENCY}:
        return f"{where} to stay as it is, found {_listed(keys)}: what stops the bot has one key"
    if not keys:
        return f"{where} with at least one key, found none: remove the line to have its own again"
    for key in keys:
        found = named(key)
        if not found:
            return f"{where} as a key that every terminal sends, found {key!r}: choose another"
        if found in RESERVED and found not in (*action.keys, *action.aliases):
            keeper = RESERVED[found]
            return f"{where} as a free key, found {key}, which is for {keeper}: choose another"
    return ""


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(repr(key) for key in keys) or "nothing"


def _clash(own: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """Return the last typed entry that takes a key of another action, and the sentence."""
    for name in reversed(tuple(own)):
        mine = BY_NAME[name]
        for other in ACTIONS:
            theirs = own.get(other.name, other.keys)
            shared = set(mine.screens) & set(other.screens)
            both = [key for key in own[name] if key in (*theirs, *other.aliases)]
            if other is not mine and shared and both:
                place = next(NAMES[screen] for screen in NAMES if screen in shared)
                return name, (
                    f"expected keys.{name} in {FILE} to be free on {place}, found "
                    f"{shown(both[0])}, which is {other.title}: choose another"
                )
    return None
