"""Reading a saved state back: plain JSON values, each checked for its type where it is taken out.

Knows nothing of what the states hold.
"""

from typing import TypeVar

State = dict[str, object]
T = TypeVar("T")


def part(state: State, name: str, kind: type[T]) -> T:
    """Return one part of a saved state. Raises ValueError when it is missing or of another type."""
    value = state.get(name)
    if not isinstance(value, kind):
        raise ValueError(
            f"expected {name} in the saved state as {kind.__name__}, found {type(value).__name__}"
        )
    return value
