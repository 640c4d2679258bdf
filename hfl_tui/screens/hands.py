"""What a person does with a screen's tables and panes: find, sort, copy, export, zoom, jump."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.events import Click
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_tui import exports
from hfl_tui.exports import Table
from hfl_tui.lines import text_of
from hfl_tui.screens.face import Face
from hfl_tui.table import head_line, plain_text, row_line, texts
from hfl_tui.widgets.grid import Grid
from hfl_tui.widgets.told import ToldPane

# Terminals take this much with OSC 52, in base 64 (xterm, tmux).
CLIPBOARD_BYTES_MAX: Final = 74_994 * 3 // 4
GAPS_WIDTH: Final = 240


class Hands(Face, inherit_bindings=False):
    """A screen with panes that one acts on; the active one gets what is done."""

    PARTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.sought = ""
        self.zoomed = ""
        self.active = self.PARTS[0] if self.PARTS else ""
        self._copied = ""

    # --- panes ------------------------------------------------------------------------------------

    @property
    def parts(self) -> list[Widget]:
        """Return the panes that are shown, in reading order."""
        found = [self.query_one(f"#{name}") for name in self.PARTS]
        return [part for part in found if part.display and part.size]

    @property
    def part(self) -> Widget:
        """Return the active pane."""
        return self.query_one(f"#{self.active}")

    def activate(self, name: str) -> None:
        """Give the cursor to a pane."""
        self.active = name
        for grid in self.query(Grid):
            grid.is_active = grid.id == name
        self.paint()

    def title_style(self, name: str) -> str:
        """Return how the title of a pane without a cursor shows that it is the active one."""
        return "banner" if name == self.active else "title"

    def step(self, parts: int) -> None:
        """Go to the next pane, or the one before."""
        names = [part.id or "" for part in self.parts]
        if names:
            at = names.index(self.active) if self.active in names else 0
            self.activate(names[(at + parts) % len(names)])

    def action_next_part(self) -> None:
        """Go to the next pane."""
        self.step(1)

    def action_last_part(self) -> None:
        """Go to the pane before."""
        self.step(-1)

    def on_click(self, event: Click) -> None:
        """Make the pane active that was clicked."""
        for part in self.parts:
            if part.region.contains(event.screen_x, event.screen_y) and part.id != self.active:
                self.activate(part.id or "")

    def action_jump(self) -> None:
        """Show a letter on each pane; the letter goes there."""
        from hfl_tui.screens.jump import Jump

        if len(self.parts) < 2:
            self.viewer.say("there is one pane here")
        else:
            self.viewer.push_screen(Jump(self.parts, self.activate))

    def action_zoom(self) -> None:
        """Give the active pane the whole screen, or all theirs again."""
        is_whole = not self.zoomed and len(self.parts) > 1
        self.zoomed = (self.part.id or "") if is_whole else ""
        self.place_again()

    def action_back(self) -> None:
        """Leave: first the zoom."""
        if self.zoomed:
            self.action_zoom()
        else:
            super().action_back()

    def place_again(self) -> None:
        """Place the panes, one alone when it is zoomed, and draw."""
        self.place_panes(self.size.width, self.size.height)
        self.call_after_refresh(self.paint)

    # --- find -------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Type what to look for."""
        from hfl_tui.screens.finder import Finder

        self.viewer.push_screen(Finder("", self.look_for))

    def look_for(self, text: str) -> None:
        """Go to the first place that holds a text, in the active pane or else in another."""
        self.sought = text.strip() or self.sought
        if text.strip():
            self._seek(0)

    def action_find_next(self) -> None:
        """Go to the next match."""
        self._seek_again(1)

    def action_find_last(self) -> None:
        """Go to the match before."""
        self._seek_again(-1)

    def _seek_again(self, step: int) -> None:
        if not self.sought:
            self.viewer.say(f"nothing was looked for yet: {self.key('find')}")
        elif not self._seek(step):
            self.viewer.say(f"nothing here holds {self.sought}")

    def _seek(self, step: int) -> bool:
        first = self.part
        for part in [first, *(one for one in self.parts if one is not first)]:
            if isinstance(part, Grid | ToldPane) and part.seek(self.sought, step):
                if part is not first:
                    self.activate(part.id or "")
                return True
        return False

    # --- sort -------------------------------------------------------------------------------------

    @property
    def grid(self) -> Grid | None:
        """Return the table that is acted on, None where there is none."""
        part = self.part
        return part if isinstance(part, Grid) else None

    def action_sort(self) -> None:
        """Sort by the next column."""
        grid = self.grid
        self.viewer.say("there is no table here" if grid is None else grid.sort_next())

    def action_sort_round(self) -> None:
        """Turn the order round."""
        grid = self.grid
        self.viewer.say("there is no table here" if grid is None else grid.sort_round())

    def on_grid_sorted(self, event: Grid.Sorted) -> None:
        """Say how it is sorted now."""
        event.stop()
        self.viewer.say(event.told)

    # --- copy -------------------------------------------------------------------------------------

    def name_of_row(self, grid: Grid) -> str:
        """Return what a row is called on the command line."""
        return grid.selected

    def action_copy(self) -> None:
        """Copy the selected row's name; once more the whole row."""
        grid, part = self.grid, self.part
        name, whole = "", ""
        if grid is not None and grid.rows:
            row = next(row for row in grid.rows if row.key == grid.selected)
            name, whole = self.name_of_row(grid), plain_text(row)
        elif isinstance(part, ToldPane) and part.told is not None:
            name, whole = part.told.headline, "\n".join(part.all_text)
        if not name:
            self.viewer.say("nothing is selected that could be copied")
            return
        is_again = self._copied == name
        self._copied = "" if is_again else name
        self.viewer.say(self._sent(whole if is_again else name, is_whole=is_again))

    def _sent(self, text: str, *, is_whole: bool) -> str:
        size = len(text.encode())
        if size > CLIPBOARD_BYTES_MAX:
            return (
                f"expected at most {CLIPBOARD_BYTES_MAX:,} bytes for the terminal's clipboard, "
                f"found {size:,}: {self.key('export')} writes a file"
            )
        self.viewer.copy_to_clipboard(text)
        if is_whole:
            return f"all of it is sent to the terminal's clipboard, {size:,} bytes"
        return f"{text} is sent to the terminal's clipboard; {self.key('copy')} again for all"

    # --- export -----------------------------------------------------------------------------------

    def items(self, grid: Grid) -> Sequence[object]:
        """Return the values behind a table's rows, in their order."""
        del grid
        return ()

    def exported(self) -> Table | None:
        """Return what would be written, None for nothing."""
        grid, part = self.grid, self.part
        name = f"{self.KIND}-{part.id}" if len(self.PARTS) > 1 else self.KIND
        if grid is not None:
            return Table(name=name, items=self.items(grid), text=_laid(grid))
        if isinstance(part, ToldPane) and part.told is not None:
            return Table(name=name, items=part.told.sections, text=part.all_text)
        return None

    def action_export(self, kind: str = "") -> None:
        """Write the active pane's table, or the screen as a picture; ask which when not told."""
        viewer, folder = self.viewer, self.viewer.outfit.looks.exports
        if not kind:
            viewer.open_palette(self.KIND, "export ")
            return
        table = self.exported()
        if folder is None or (table is None and kind != "svg"):
            viewer.say("there is nothing here that could be written")
            return
        name = self.KIND if kind == "svg" or table is None else table.name
        moment = exports.instant(viewer.now_ns)[:19].replace(":", "").replace("-", "") + "Z"
        stem = f"{viewer.outfit.place.name}-{name}-{moment}"
        drawn = viewer.export_screenshot(title=stem) if kind == "svg" else ""

        def job() -> None:
            try:
                content = exports.as_svg(drawn) if table is None or drawn else ""
                content = content or exports.render(table, kind) if table is not None else content
                told = f"written: {exports.write(folder, stem, kind, content)}"
            except HflError as error:
                told = str(error)
            viewer.call_from_thread(viewer.say, told)

        viewer.aside(job)


def _laid(grid: Grid) -> list[str]:
    """Return a table as text, every row, nothing cut that has a column."""
    cells = [texts(row) for row in grid.rows]
    last = len(grid.columns) - 1
    open_end = max((len(row[last]) for row in cells if len(row) > last), default=0)
    width = sum(column.width + 1 for column in grid.columns) + max(open_end, 1)
    rows = [row_line(row, grid.columns, width, is_selected=False) for row in grid.rows]
    return [text_of(row).rstrip() for row in (head_line(grid.columns, width), *rows)]
