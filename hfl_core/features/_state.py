"""Carry a feature's slots over, bit for bit. Knows nothing of what the slots mean.

Every feature keeps the slot `parameters`; a state taken with other parameters is refused.
"""

from collections import deque
from typing import cast

from hfl_core.features.base import State


def save(feature: object) -> State:
    """Return every slot as plain JSON values; what sits in a helper's slot becomes `slot.inner`."""
    state: State = {}
    for name in _slots(feature):
        value = getattr(feature, name)
        if isinstance(value, list | deque | tuple):
            state[name] = list(value)
        elif isinstance(value, bool | int | float):
            state[name] = value
        else:
            state.update({f"{name}.{key}": inner for key, inner in save(value).items()})
    return state


def load(feature: object, state: State) -> None:
    """Put a saved state back in place.

    Raises ValueError when it is not one of this feature with these parameters.
    """
    expected = save(feature)
    if expected.keys() != state.keys() or any(
        expected[name] != state[name] for name in expected if name.endswith("parameters")
    ):
        raise ValueError(
            f"expected a saved state of {type(feature).__module__} with parameters"
            f" {expected.get('parameters')}, found one with {state.get('parameters')}:"
            " rebuild it from the bars"
        )
    _load(feature, state)


def _load(feature: object, state: State) -> None:
    for name in _slots(feature):
        value = getattr(feature, name)
        if isinstance(value, tuple):
            continue
        if isinstance(value, list | deque):
            value.clear()
            value.extend(cast("list[float]", state[name]))
        elif isinstance(value, bool | int | float):
            setattr(feature, name, state[name])
        else:
            head = f"{name}."
            inner = {key[len(head) :]: item for key, item in state.items() if key.startswith(head)}
            _load(value, inner)


def _slots(feature: object) -> tuple[str, ...]:
    return cast("tuple[str, ...]", type(feature).__slots__)  # type: ignore[attr-defined]
