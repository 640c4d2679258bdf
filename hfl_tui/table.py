"""Rows in fixed columns as lines: a column's width never follows its content."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Generic, TypeVar, overload

from hfl_tui.lines import Line, Span, fit, line, styled

CURSOR: Final = ">"
# A row that moved is looked for this far around where it was, before everywhere.
NEAR: Final = 512
T = TypeVar("T")
# T-42 is a number, 1.5h a length of time, 38% and 67,010.0 are what they are.
_NUMBER: Final = re.compile(r"(?:T-)?([+-]?\d[\d,]*(?:\.\d+)?)(%|s|m|h|d)?")
_UNITS: Final = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}


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


def head_line(columns: Sequence[Column], width: int, order: "Order | None" = None) -> Line:
    """Return the columns' titles; the one that is sorted by carries + or -."""
    cells: list[Span | str] = [column.title for column in columns]
    if order is not None:
        for place, column in enumerate(columns):
            if column.title == order.title:
                mark = "-" if order.is_falling else "+"
                cells[place] = (f"{mark}{column.title}"[: column.width or None], "key")
    return row_line(Row(key="", cells=tuple(cells), style="dim"), columns, width, is_selected=False)


def plain_text(row: Row) -> str:
    """Return a row's cells as one text."""
    return " ".join(text for text in texts(row) if text)


def texts(row: Row) -> list[str]:
    """Return a row's cells without their styles."""
    return [cell if isinstance(cell, str) else cell[0] for cell in row.cells]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By which column rows stand, and whether the largest is first."""

    title: str
    is_falling: bool


def sortable(columns: Sequence[Column]) -> list[str]:
    """Return the titles that rows can be sorted by, each once."""
    return list(dict.fromkeys(column.title for column in columns if column.title))


def sorted_rows(rows: Sequence[Row], columns: Sequence[Column], order: Order) -> list[Row]:
    """Return the rows in an order; equal ones stay as they were, those with nothing are last."""
    place = next((at for at, column in enumerate(columns) if column.title == order.title), None)
    if place is None:
        return list(rows)
    found = [(worth_of(cells[place]) if place < len(cells := texts(row)) else None, row)
             for row in rows]  # fmt: skip
    known = [(worth, row) for worth, row in found if worth is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.is_falling)
    return [*(row for _, row in known), *(row for worth, row in found if worth is None)]


def worth_of(text: str) -> tuple[int, float, str] | None:
    """Return what a cell is sorted by: numbers and lengths of time by size, all else by letters.

    None for a cell without content.
    """
    bare = text.strip().lstrip("~")
    if bare in {"", "-"}:
        return None
    found = _NUMBER.fullmatch(bare)
    if found is None:
        return (1, 0.0, bare.casefold())
    unit = _UNITS.get(found[2], 1.0)
    return (0, float(found[1].replace(",", "")) * unit, "")


def title_at(columns: Sequence[Column], x: int, width: int) -> str:
    """Return the title of the column at a place in the line, empty for none."""
    left = 1
    for number, column in enumerate(columns):
        left += 1 if number else 0
        size = column.width or max(0, width - left)
        if left <= x < left + size:
            return column.title
        left += size
    return ""
