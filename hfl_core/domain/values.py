"""The base of the values that are made by the thousand: frozen, compared by content, by keyword.

Knows nothing of what they hold. The one module of the domain that imports something outside the
standard library (decision 0011). A value holds text, numbers and tuples of such or of other values,
so it can never be part of a cycle, and the garbage collector need not look at it.
"""

from msgspec import Struct
from msgspec.structs import replace as with_changes


class Value(Struct, frozen=True, kw_only=True, gc=False):
    """A value of the domain: immutable, hashable, equal when its class and fields are equal.

    Children repeat `frozen=True, kw_only=True`: type checkers read only what stands on the class.
    Types are not checked when one is made; the journal's codec does it before a byte is written.
    """


class Record(Struct, frozen=True, kw_only=True):
    """What only holds together what others made: engines, strategies, paths, functions.

    Immutable like a value, cheap to define, and looked at by the garbage collector.
    """


def field_names(kind: type[Struct]) -> tuple[str, ...]:
    """Return the names of a value's fields, in the order they are declared in."""
    return kind.__struct_fields__


__all__ = ["Record", "Value", "field_names", "with_changes"]
