"""Something told in sections, wrapped to the width and scrolled; sections can be jumped between."""

from textual.events import MouseScrollDown, MouseScrollUp

from hfl_tui.lines import Line, line, rule, styled, text_of, wrap
from hfl_tui.ports import Told
from hfl_tui.widgets.pane import Pane

HANG = "             "


class ToldPane(Pane):
    """Shows sections of text; what has no room is scrolled to."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._told: Told | None = None
        self._note = ""
        self._top = 0
        self._found = -1

    @property
    def told(self) -> Told | None:
        """Return what is shown, None while nothing is."""
        return self._told

    def tell(self, told: Told | None, *, note: str = "") -> None:
        """Show sections; note: a line in their place while there are none."""
        self._told, self._note, self._top, self._found = told, note, 0, -1
        self.paint()

    def update_told(self, told: Told) -> None:
        """Show newer sections and stay where the reader is."""
        self._told = told
        self.paint()

    def paint(self) -> None:
        """Draw what is in view."""
        rows = self._rows()
        if 0 <= self._found < len(rows):
            rows[self._found] = styled(rows[self._found], "cursor")
        self._top = max(0, min(self._top, len(rows) - self.size.height))
        self.show(rows[self._top : self._top + max(1, self.size.height)])

    @property
    def all_text(self) -> list[str]:
        """Return every section as text, nothing wrapped."""
        if self._told is None:
            return []
        found = [self._told.headline] if self._told.headline else []
        for section in self._told.sections:
            found += ["", section.title, *(f"  {row}" for row in section.rows)]
        return found

    def seek(self, text: str, step: int) -> bool:
        """Go to the next row that holds a text, round the end, and mark it; False for none.

        step: 1 on, -1 back, 0 on from the row it is on.
        """
        wanted = text.casefold()
        rows = [text_of(found).casefold() for found in self._rows()]
        start = self._found if self._found >= 0 else self._top - max(step, 0)
        for offset in range(len(rows)):
            place = (start + step + (offset if step >= 0 else -offset)) % len(rows)
            if wanted in rows[place]:
                self._found = place
                if not self._top <= place < self._top + self.size.height:
                    self._top = place - 1
                self.paint()
                return True
        return False

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self.scroll_rows(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self.scroll_rows(-3)

    def scroll_rows(self, rows: int) -> None:
        """Move the view by rows; it stays inside."""
        self._top += rows
        self.paint()

    def jump(self, sections: int) -> None:
        """Go to the next section, or back to one before."""
        starts = self._starts()
        if sections > 0:
            later = [start for start in starts if start > self._top]
            self._top = later[0] if later else 0
        else:
            earlier = [start for start in starts if start < self._top]
            self._top = earlier[-1] if earlier else (starts[-1] if starts else 0)
        self.paint()

    def _rows(self) -> list[Line]:
        width = self.size.width
        if self._told is None:
            return [line((f" {part}", "dim")) for part in wrap(self._note, max(1, width - 2))]
        found: list[Line] = []
        for section in self._told.sections:
            if section.title:
                found.append(rule(section.title, width))
            for row in section.rows:
                found.extend(_styled(part) for part in wrap(f" {row}", width, indent=HANG))
        return found

    def _starts(self) -> list[int]:
        starts, at = [], 0
        if self._told is not None:
            for section in self._told.sections:
                starts.append(at)
                rows = [wrap(f" {row}", self.size.width, indent=HANG) for row in section.rows]
                at += bool(section.title) + sum(map(len, rows))
        return starts


def _styled(text: str) -> Line:
    """Let refusals, what fits and what does not apply stand out by their first word."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    style = {"NO": "bad", "ok": "", "n/a": "dim", "REFUSED": "bad", "WARNING": "warn"}.get(
        first, ""
    )
    return line((text, style))
