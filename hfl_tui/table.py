"""Rows in fixed columns as lines: a column's width never follows its content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Generic, TypeVar, overload

from hfl_tui.lines import Line, Span, fit, line, styled

CURSOR: Final = ">"
# A row that moved is looked for this far around where it was, before everywhere.
NEAR: Final = 512
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. width: of its cells, the gap in front not counted; 0 takes what is left."""

    title: str
    width: int
    is_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: key tells it from others; style is of the whole row; mark stands at its left."""

    key: str
    cells: tuple[Span | str, ...]
    style: str = ""
    mark: str = " "


class LazyRows(Sequence[Row], Generic[T]):
    """Rows of many things, each made when it is looked at. key: what a row is known by."""

    def __init__(
        self, items: Sequence[T], *, key: Callable[[T], str], make: Callable[[T], Row]
    ) -> None:
        self._items = items
        self._key = key
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return tuple(map(self._make, self._items[place]))
        return self._make(self._items[place])

    def place_of(self, key: str, near: int) -> int | None:
        """Return where the row with a key is, looked for around a place first."""
        count = len(self._items)
        start, end = min(count, max(0, near - NEAR)), min(count, near + NEAR)
        for place in chain(range(start, end), range(start), range(end, count)):
            if self._key(self._items[place]) == key:
                return place
        return None


def place_of(rows: Sequence[Row], key: str, near: int) -> int | None:
    """Return where the row with a key is, None when it is not there."""
    if isinstance(rows, LazyRows):
        return rows.place_of(key, near)
    return next((place for place, row in enumerate(rows) if row.key == key), None)


def row_line(row: Row, columns: Sequence[Column], width: int, *, is_selected: bool) -> Line:
    """Lay a row's cells out in their columns; what has no column is left out."""
    mark = CURSOR if is_selected else row.mark
    cells = [_cell(cell, row.style) for cell in row.cells]
    parts: list[Span] = [(mark, "bold" if is_selected else row.style)]
    used = 1
    for number, (column, cell) in enumerate(zip(columns, cells, strict=False)):
        gap = 1 if number else 0
        size = column.width or max(0, width - used - gap)
        parts.append((" " * gap, row.style))
        parts += _laid(cell, size, is_right=column.is_right)
        used += gap + size
    found = fit(line(*parts), width)
    return styled(found, "cursor") if is_selected else found


def _cell(cell: Span | str, style: str) -> Span:
    return (cell, style) if isinstance(cell, str) else cell


def _laid(cell: Span, width: int, *, is_right: bool) -> list[Span]:
    """Cut or fill a cell; what fills it is plain."""
    text, style = cell
    cut = text if len(text) <= width else text[: max(0, width - 1)] + "~"
    fill = (" " * (width - len(cut)), "")
    return [fill, (cut, style)] if is_right else [(cut, style), fill]


def head_line(columns: Sequence[Column], width: int) -> Line:
    """Return the columns' titles."""
    row = Row(key="", cells=tuple(column.title for column in columns), style="dim")
    return row_line(row, columns, width, is_selected=False)
