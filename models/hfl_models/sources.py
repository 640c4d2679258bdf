"""What desks are given to read: callables, because rooms do not know each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Headline(Protocol):
    """One headline. time_ns: when it could be read; text: hostile, as it came."""

    @property
    def time_ns(self) -> int: ...
    @property
    def text(self) -> str: ...


# (symbol, until_ns) -> what could be read on it by that instant, oldest first
HeadlinesOf = Callable[[str, int], Sequence[Headline]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSources:
    """Everything a desk may read. headlines: None when the feed brings none."""

    headlines: HeadlinesOf | None = None
