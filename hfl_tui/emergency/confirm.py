"""What is typed in full before anything that loses money or raises risk: a number, KILL, RESUME."""

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hfl_core.domain.errors import HflError
from hfl_tui.emergency.box import OUTER, WIDTH, boxed
from hfl_tui.emergency.siren import CLOSE_ALL
from hfl_tui.emergency.standing import closing_lines, left_open_lines, standing_lines
from hfl_tui.formats import clock
from hfl_tui.lines import EMPTY, Line, line, wrap
from hfl_tui.link.picture import Picture, StopShown
from hfl_tui.widgets.field import Field, Typing
from hfl_tui.widgets.pane import Pane

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

# A question that nobody answers goes away, and nothing has happened.
EXPIRES_S: Final = 30.0
CHANGED: Final = "that changed: type again"
# A journal that does not answer in time must not keep anybody from closing.
COUNT_S: Final = 2.0
KILL_WORD: Final = "KILL"
RESUME_WORD: Final = "RESUME"


class Confirm(Typing, inherit_bindings=False):
    """A box with a field; enter alone, a wrong word, a paste or esc change nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "cancel", show=False)]
    TITLE_TEXT = ""
    LABEL = ""
    DEFAULT_CSS = f"""
    Confirm {{ align: center middle; background: transparent; }}
    Confirm #box {{ width: {OUTER}; max-width: 100%; height: 10; }}
    Confirm Field {{ width: {OUTER}; max-width: 100%; height: 1; }}
    Confirm #foot {{ width: {OUTER}; max-width: 100%; height: 2; }}
    """

    def __init__(self) -> None:
        super().__init__()
        # Held, because pictures come while they are made and while they go away.
        self.box, self.foot, self.typed = Pane(id="box"), Pane(id="foot"), Field("")

    @property
    def viewer(self) -> "Viewer":
        """Return the application."""
        return cast("Viewer", self.app)

    def compose(self) -> ComposeResult:
        """Yield box and field."""
        self.typed.label = self.label()
        self.typed.is_boxed = True
        yield self.box
        yield self.typed
        yield self.foot

    def on_mount(self) -> None:
        """Go away when nobody types."""
        self.begin()
        self.set_timer(EXPIRES_S, self.action_back)
        self.call_after_refresh(self.paint)

    def label(self) -> str:
        """Return what stands in front of the field."""
        return "type then enter:"

    def told(self) -> list[Line]:
        """Return what it means."""
        return []

    def paint(self) -> None:
        """Draw box and field."""
        if not self.is_ready:
            return
        box = self.box
        foot = line(
            (f"esc cancels; goes away in {EXPIRES_S:.0f} s; enter alone does nothing", "dim")
        )
        found = boxed(
            self.TITLE_TEXT, [*self.told(), EMPTY], width=min(OUTER, self.size.width), below=[foot]
        )
        # The field is the line between what is told and how to get out.
        box.styles.height = len(found) - 2
        box.show(found[:-2])
        self.typed.paint()
        self.foot.show(found[-2:])

    def action_back(self) -> None:
        """Cancel."""
        if self.is_current:
            self.dismiss(None)


class TypedStop(Confirm, inherit_bindings=False):
    """CLOSE ALL behind the number of positions, KILL behind its word."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "cancel", show=False)]

    def __init__(self, verb: str) -> None:
        super().__init__()
        self._verb = verb
        self.TITLE_TEXT = "CLOSE ALL  confirm" if verb == CLOSE_ALL else "KILL  confirm"
        self._asked = ""

    @property
    def word(self) -> str:
        """Return what must be typed now."""
        return str(len(self.viewer.picture.held)) if self._verb == CLOSE_ALL else KILL_WORD

    def label(self) -> str:
        """Say what to type."""
        self._asked = self.word
        what = f"{self._asked} (positions)" if self._verb == CLOSE_ALL else self._asked
        return f"type {what} then enter:"

    def told(self) -> list[Line]:
        """Say what happens to what is open, and what that costs."""
        picture = self.viewer.picture
        if self._verb == CLOSE_ALL:
            what = "Cancels entries, closes every position with reduce-only orders, stays paused."
            told = [line(text) for text in wrap(what, WIDTH)]
            if not picture.is_running:
                told.append(line(("no daemon runs: `hfl panic` closes without it", "bad")))
            return [*told, EMPTY, *closing_lines(picture)]
        what = "KILL stops the engine process. It does NOT close positions."
        return [line((what, "bold")), *left_open_lines(picture), EMPTY, *standing_lines(picture)]

    def paint(self) -> None:
        """Draw; what is asked for follows what is open, and then everything is typed again."""
        if self.is_ready and self.word != self._asked:
            self._ask_anew()
        super().paint()

    def _ask_anew(self) -> None:
        field = self.typed
        field.label = self.label()
        field.clear_text(note=CHANGED)

    def on_field_typed(self, event: Field.Typed) -> None:
        """Look once more at what is open, then stop, when exactly the asked word was typed."""
        field = self.typed
        if event.text != self._asked:
            field.clear_text(note="nothing was done" if event.text else "")
            return
        if self._verb != CLOSE_ALL:
            self._stop()
            return
        viewer = self.viewer
        field.clear_text(note="counting once more ...")

        def job() -> None:
            # What is counted is what the journal says now, not what was shown a second ago.
            picture = viewer.follower.fresh(COUNT_S)
            viewer.call_from_thread(self._counted, picture)

        viewer.aside(job)

    def _counted(self, picture: Picture | None) -> None:
        if not self.is_current:
            return
        if picture is not None:
            self.viewer.take(picture)
        if self.typed.note != CHANGED:
            self._stop()

    def _stop(self) -> None:
        from hfl_tui.emergency.panel import Panel

        self.viewer.siren.stop(self._verb)
        self.viewer.switch_screen(Panel())


class Resume(Confirm, inherit_bindings=False):
    """Lifts exactly the stops it shows, behind RESUME and a reason."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "cancel", show=False)]
    TITLE_TEXT = "RESUME  confirm"

    def __init__(self, stops: tuple[StopShown, ...]) -> None:
        super().__init__()
        self._stops = stops
        self._said = ""

    def label(self) -> str:
        """Say what to type."""
        return f"type {RESUME_WORD} and why it is safe:"

    def told(self) -> list[Line]:
        """Say what was stopped, why, and what came of the last try."""
        rows: list[Line] = []
        for stop in self._stops[:4]:
            head = f"{stop.level} since {clock(stop.since_ns)} by {stop.actor}"
            rows.append(line((head[:WIDTH], "bold")))
            rows += [line(f"  {text}") for text in wrap(stop.reason, WIDTH - 2)]
            if stop.limit:
                rows.append(line(("  not before its period is over", "warn")))
        if len(self._stops) > 4:
            rows.append(line(f"and {len(self._stops) - 4} more"))
        rows += [EMPTY, *standing_lines(self.viewer.picture)[:1]]
        if self._said:
            rows += [EMPTY, *(line((text, "warn")) for text in wrap(self._said, WIDTH))]
        return rows

    def on_field_typed(self, event: Field.Typed) -> None:
        """Lift, when the word and a reason were typed."""
        field = self.typed
        word, _, reason = event.text.partition(" ")
        if word != RESUME_WORD or not reason.strip():
            told = "a reason is missing" if word == RESUME_WORD else "nothing was done"
            field.clear_text(note=told if event.text else "")
            return
        viewer, ids = self.viewer, tuple(stop.latch_id for stop in self._stops)
        field.clear_text(note="asking the daemon ...")

        def job() -> None:
            try:
                told, is_done = viewer.outfit.stopper.lift(ids, reason.strip()), True
            except HflError as error:
                told, is_done = str(error), False
            viewer.call_from_thread(self._came, told, is_done)

        viewer.aside(job)

    def _came(self, told: str, is_done: bool) -> None:  # noqa: FBT001 - handed over by a thread
        self.viewer.follower.nudge()
        if not self.is_mounted:
            return
        if is_done:
            self.dismiss(None)
            self.viewer.say(told)
        else:
            self._said = told
            self.typed.clear_text()
            self.paint()
