"""A box in the middle of the screen, heavy-lined, whose lines are drawn like any pane's."""

from typing import Final

from hfl_tui.lines import Line, fit, line

# What a line inside may be wide.
WIDTH: Final = 62
OUTER: Final = WIDTH + 4


def boxed(
    title: str, rows: list[Line], *, width: int = OUTER, below: list[Line] | None = None
) -> list[Line]:
    """Return rows, and those below them, inside a frame with a title, each as wide as the frame."""
    inner = max(1, width - 4)
    head = f"━ {title} "
    top = line(("┏" + head + "━" * max(0, width - len(head) - 2) + "┓", "alarm"))
    body = [line(("┃ ", "bad"), *fit(row, inner), (" ┃", "bad")) for row in [*rows, *(below or [])]]
    return [top, *body, line(("┗" + "━" * (width - 2) + "┛", "bad"))]
