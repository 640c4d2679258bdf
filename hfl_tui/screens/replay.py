"""Replay: any moment of the journal as it was then, step by step, the future hidden until asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget

from hfl_tui.actions import DASH, REPLAY
from hfl_tui.lines import EMPTY, Line, rule
from hfl_tui.link.destination import EXAMPLES, Destination, destination
from hfl_tui.link.moment import Moment, Moments, Wanted
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.link.rewind import Aim, Aside, Rewind
from hfl_tui.panels.then import (
    again_line,
    header_lines,
    held_of,
    known_lines,
    later_lines,
    step_title,
    track_lines,
)
from hfl_tui.screens.face import HEADER_ROWS, TINY_HEIGHT, TINY_WIDTH, bindings, separated
from hfl_tui.screens.walk import Walk
from hfl_tui.widgets.candles import Candles, shown_columns
from hfl_tui.widgets.livechart import levels_of
from hfl_tui.widgets.pane import Pane
from hfl_tui.widgets.told import ToldPane

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

TWO_COLUMNS_FROM: Final = 80
WIDE_FROM: Final = 120
LEFT_NARROW: Final = 50
LEFT_WIDE: Final = 92
TRACK_ROWS: Final = 3
LATER_ROWS: Final = 4
# Behind a step, so long nothing slow is asked: who goes on wants to see the next one.
REST_S: Final = 0.15
# Columns of the chart kept for what came later.
ROOM_SHARE: Final = 5


class Replay(Walk, inherit_bindings=False):
    """The past. It holds no order and stops nothing; ^X is about the running bot."""

    KIND = REPLAY
    BINDINGS: ClassVar[list[BindingType]] = bindings(REPLAY)
    DEFAULT_CSS = """
    Replay #track { height: 3; }
    Replay #step { height: 1; }
    Replay #told { height: 1fr; }
    Replay #again { height: 1; }
    Replay #later { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.aside = Aside()
        self._rewind: Rewind | None = None
        self._symbol = ""
        self._origin = DASH
        self._trouble = ""
        self._rest: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Yield the panes."""
        self.track = Pane(id="track")
        self.chart = Candles(id="chart")
        self.known = Pane(id="known")
        self.upper = Horizontal(self.chart, self.known, id="upper")
        self.step = Pane(id="step")
        self.told = ToldPane(id="told")
        self.again = Pane(id="again")
        self.later = Pane(id="later")
        yield self.track
        yield self.upper
        yield self.step
        yield self.told
        yield self.again
        yield self.later

    def on_mount(self) -> None:
        """Open the past at its end, unless a moment was asked for."""
        super().on_mount()
        outfit = self.viewer.outfit
        moments = Moments(outfit.place, outfit.rewinder)
        self._rewind = Rewind(
            moments, outfit, quick=self.viewer.lane, hand=self.viewer.call_from_thread
        )
        if self.aim.is_empty:
            self.aim = Aim(is_last=True)
        self._look()

    def on_unmount(self) -> None:
        """Leave the threads."""
        if self._rewind is not None:
            self._rewind.end()

    def begin(self, ask: str, *, origin: str) -> None:
        """Go to the moment of what a teller is asked for; esc leads back to the origin."""
        self._origin = origin if origin != REPLAY else self._origin
        self._symbol = ""
        self.go(Aim(ask=ask))

    # --- going ------------------------------------------------------------------------------------

    def go(self, aim: Aim) -> None:
        """Go somewhere; what came later is hidden again."""
        self.aim = aim
        self.aside = Aside()
        if self._rewind is not None:
            self._look()

    def _look(self) -> None:
        assert self._rewind is not None
        if self._rest is not None:
            self._rest.stop()
        self._rewind.look(self._wanted(), self.aim, self._came)

    def _wanted(self) -> Wanted:
        shown = self.moment_shown
        room = self._room
        return Wanted(
            seq=0 if shown is None else shown.seq,
            symbol=self._symbol,
            bars=max(0, self._columns - room),
            columns=max(20, self.size.width),
            ahead=max(0, room - 1),
            is_revealed=self.aside.is_revealed,
        )

    @property
    def _columns(self) -> int:
        """Return how many bars the chart has room for, drawn or not."""
        return shown_columns(LEFT_WIDE if self.size.width >= WIDE_FROM else LEFT_NARROW)

    @property
    def _room(self) -> int:
        return self._columns // ROOM_SHARE

    def _came(self, aim: Aim, moment: Moment | None, symbol: str, trouble: str) -> None:
        """Take the moment that was looked for; what takes longer is asked when one rests there."""
        if aim != self.aim:
            # A newer question is on its way.
            return
        self.aim, self._trouble = Aim(), trouble
        self._symbol = self._symbol or symbol
        if moment is not None:
            if self.moment_shown is None or moment.seq != self.moment_shown.seq:
                self.aside = Aside(is_revealed=moment.is_revealed)
            self.moment_shown = moment
            if not self.aside.is_whole:
                self._rest_soon()
        if trouble:
            self.stand()
            self.viewer.say(trouble)
        elif self.is_ready and self.is_current:
            self.paint()

    def _rest_soon(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._ask_slow)

    def _ask_slow(self) -> None:
        moment = self.moment_shown
        if moment is not None and self._rewind is not None:
            self._rewind.ask(moment.seq, moment.symbol, self.aside, self._came_slow)

    def _came_slow(self, seq: int, aside: Aside) -> None:
        """Take what takes longer: the told step, today's verdict, the outcome."""
        if self.moment_shown is None or seq != self.moment_shown.seq:
            return
        if aside.told is not self.aside.told or aside.note:
            self.told.tell(aside.told, note=aside.note)
        self.aside = aside
        if self.is_ready and self.is_current:
            self.paint()

    # --- drawing ----------------------------------------------------------------------------------

    def place_panes(self, width: int, height: int) -> None:
        """Place the panes: the chart goes first where there is little room."""
        is_tiny = width < TINY_WIDTH or height < TINY_HEIGHT
        is_two = width >= TWO_COLUMNS_FROM
        left = LEFT_WIDE if width >= WIDE_FROM else LEFT_NARROW
        room = max(0, height - HEADER_ROWS - 1 - TRACK_ROWS - 3)
        self.chart.display = is_two and not is_tiny
        for pane in (self.track, self.step, self.told, self.again, self.later):
            pane.display = not is_tiny
        self.upper.styles.height = "1fr" if is_tiny else max(4, min(18, room * 5 // 9))
        self.chart.styles.width = left
        self.chart.styles.height = self.known.styles.height = "1fr"
        self.call_after_refresh(self._look_again)

    def _look_again(self) -> None:
        """Fetch as many bars as there is room for now."""
        if self._rewind is not None and self.moment_shown is not None:
            self._look()

    def header_rows(self, picture: Picture, mood: Mood, *, now_ns: int, width: int) -> list[Line]:
        """Return the two rows on top: nobody shall take this for now."""
        del now_ns
        return header_lines(
            self.moment_shown, picture, mood,
            play=self.pace_told, leave=self.key("go_live"), width=width,
        )  # fmt: skip

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw the moment."""
        del picture, mood, now_ns
        moment = self.moment_shown
        if moment is None:
            self.told.tell(None, note=self._trouble or "reading the journal ...")
            return
        width = self.size.width
        self.track.show(track_lines(moment, width))
        self._paint_upper(moment)
        self.step.show([step_title(moment, width)])
        self.again.show([again_line(self.aside.again, key=self.key("difference"), width=width)])
        later = later_lines(
            moment, self.aside.outcome,
            key=self.key("reveal"), width=width, note=self.aside.outcome_note,
        )  # fmt: skip
        self.later.styles.height = min(len(later), LATER_ROWS)
        self.later.show(later)
        self.told.paint()

    def _paint_upper(self, moment: Moment) -> None:
        width, height = self.known.size.width, self.known.size.height
        if self.chart.display:
            more = f"{self.key('cycle')} symbol"
            title = rule(f"As it was then  {moment.symbol}", self.chart.size.width, more=more)
            self.chart.draw(
                moment.chart, title=title, room=self._room, levels=levels_of(held_of(moment)),
                note=moment.chart_trouble, is_revealed=moment.is_revealed,
            )  # fmt: skip
        inner = width - 1 if self.chart.display else width
        found = known_lines(moment, width=inner, height=height - 1)
        found += [EMPTY] * (height - 1 - len(found))
        first = rule("Known then", width, start="┬" if self.chart.display else "─")
        self.known.show(separated(found, first=first) if self.chart.display else [first, *found])

    # --- actions ----------------------------------------------------------------------------------

    def ask(self) -> str:
        """Ask for this row, and only what was known by then."""
        moment = self.moment_shown
        return "" if moment is None else f"step {moment.seq} {moment.symbol}"

    def action_go_to(self) -> None:
        """Type where to."""
        from hfl_tui.screens.prompt import Prompt

        self.viewer.push_screen(Prompt("Go to", EXAMPLES, self._typed))

    def _typed(self, text: str) -> str:
        now_ns = 0 if self.moment_shown is None else self.moment_shown.time_ns
        try:
            found: Destination = destination(text, now_ns=now_ns)
        except ValueError as error:
            return str(error)
        if found.kind == "ask":
            self._symbol = ""
        self.go({
            "row": Aim(seq=found.value), "time": Aim(time_ns=found.value), "ask": Aim(ask=found.ask)
        }[found.kind])  # fmt: skip
        return ""

    def action_reveal(self) -> None:
        """Show what came later, or hide it again."""
        if self.moment_shown is None or self._rewind is None:
            return
        self.aside = self.aside.revealed(not self.aside.is_revealed)
        self._look()
        self._ask_slow()

    def action_difference(self) -> None:
        """Explain what today's code does otherwise."""
        found = self.aside.again
        if found is None:
            self.viewer.say("still deciding it again")
            return
        from hfl_tui.screens.answer import Difference

        self.viewer.push_screen(Difference(self.ask(), found))

    def action_whatif(self) -> None:
        """Type other settings."""
        from hfl_tui.screens.prompt import Prompt

        hint = (
            "KEY=VALUE as `hfl whatif --set` takes it, more between spaces; --run RUN for one run"
        )
        self.viewer.push_screen(Prompt("What if", hint, self._whatif_typed))

    def _whatif_typed(self, text: str) -> str:
        if not text.strip():
            return "expected KEY=VALUE, found nothing: type for example risk.limits.positions_max=2"
        from hfl_tui.screens.answer import WhatIf

        answer = WhatIf(self.ask(), text, self.viewer.outfit.rewinder.whatif)
        self.viewer.call_after_refresh(lambda: self.viewer.push_screen(answer))
        return ""

    def action_cycle(self) -> None:
        """Show the next instrument."""
        moment = self.moment_shown
        if moment is not None and moment.chart is not None and moment.chart.symbols:
            known = moment.chart.symbols
            place = known.index(moment.symbol) + 1 if moment.symbol in known else 0
            self._symbol = known[place % len(known)]
            self._look()
            self._rest_soon()

    def action_go_live(self) -> None:
        """Leave the past for the dashboard."""
        self.viewer.show(DASH)

    def action_back(self) -> None:
        """Go back to where the moment was asked for."""
        self.stand()
        self.viewer.show(self._origin)
        self._origin = DASH

    def action_leave(self) -> None:
        """Go back likewise."""
        self.action_back()

    def move(self, rows: int) -> None:
        """Scroll what is told of the step."""
        self.told.scroll_rows(rows)

    def turn(self, pages: int) -> None:
        """Scroll it by pages."""
        self.told.scroll_rows(pages * max(1, self.told.size.height - 1))


def open_at(viewer: "Viewer", ask: str) -> None:
    """Look at the moment of what a teller is asked for; esc leads back to where one was."""
    if not ask:
        viewer.say("nothing is selected that has a moment")
        return
    replay, origin = viewer.face(REPLAY), viewer.kind
    assert isinstance(replay, Replay)
    viewer.show(REPLAY)
    replay.begin(ask, origin=origin)
