"""Rows in fixed columns as lines: a column's width never follows its content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hfl_tui.lines import Line, Span, fit, line, styled

CURSOR: Final = ">"


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
