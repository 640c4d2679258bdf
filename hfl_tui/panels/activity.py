"""What happened, newest first, as rows of a table."""

from collections.abc import Iterable
from typing import Final

from hfl_tui.formats import age, clock, stamp
from hfl_tui.lines import Span
from hfl_tui.link.picture import Happening
from hfl_tui.table import Column, Row

SHORT: Final = (
    Column(title="UTC", width=8),
    Column(title="what", width=8),
    Column(title="", width=0),
)
LONG: Final = (
    Column(title="UTC", width=16),
    Column(title="row", width=9, is_right=True),
    Column(title="what", width=9),
    Column(title="", width=0),
)
LONG_FROM: Final = 110
ALERT: Final = "!"


def activity_rows(
    found: Iterable[Happening], *, now_ns: int, is_long: bool, is_relative: bool
) -> list[Row]:
    """Return the rows; an alert carries a ! at its left whatever its colour."""
    return [
        activity_row(one, now_ns=now_ns, is_long=is_long, is_relative=is_relative) for one in found
    ]


def activity_row(one: Happening, *, now_ns: int, is_long: bool, is_relative: bool) -> Row:
    """Return the row of one line."""
    when = _when(one, now_ns=now_ns, is_long=is_long, is_relative=is_relative)
    label: Span = (one.label, one.weight or "title")
    cells: tuple[Span | str, ...] = (when, label, one.text)
    if is_long:
        cells = (when, f"{one.seq:,}", label, one.text)
    return Row(key=str(one.seq), cells=cells, mark=ALERT if one.is_alert else " ")


def _when(one: Happening, *, now_ns: int, is_long: bool, is_relative: bool) -> Span:
    if is_relative:
        return (age(one.wall_ns, now_ns), "dim")
    return (stamp(one.time_ns) if is_long else clock(one.time_ns), "dim")
