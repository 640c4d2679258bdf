"""The emergency panel: what is open, four choices, and then the ladder step by step."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from hfl_tui.actions import EMERGENCY, REPLAY, bindings_of
from hfl_tui.emergency.box import OUTER, boxed
from hfl_tui.emergency.siren import CLOSE_ALL, KILL, PAUSE
from hfl_tui.emergency.standing import standing_lines
from hfl_tui.emergency.words import choice_lines, journal_lines, trail_lines
from hfl_tui.lines import EMPTY
from hfl_tui.widgets.pane import Pane

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

# The ladder's steps are drawn faster than the tick.
LADDER_S = 0.1


class Panel(ModalScreen[None], inherit_bindings=False):
    """Opens everywhere. Nothing is chosen at first and Enter does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, action.name, action.title, show=False)
        for key, action in bindings_of(EMERGENCY)
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = f"""
    Panel {{ align: center middle; background: transparent; }}
    Panel Pane {{ width: {OUTER}; max-width: 100%; height: 15; max-height: 100%; }}
    """

    def __init__(self) -> None:
        super().__init__()
        self._past = ""
        self._is_ready = False
        # Held, because the ladder is drawn by a timer, also while the panel goes away.
        self._box = Pane(id="box")

    @property
    def viewer(self) -> "Viewer":
        """Return the application."""
        return cast("Viewer", self.app)

    def compose(self) -> ComposeResult:
        """Yield the box."""
        yield self._box

    def on_mount(self) -> None:
        """Draw, and look at the ladder while it is climbed."""
        self._is_ready = True
        siren = self.viewer.siren
        # A stop that is long over is not what the panel was opened for.
        is_past = siren.trail is not None and not siren.is_recent
        self._past = siren.trail.request_id if is_past and siren.trail is not None else ""
        self.set_interval(LADDER_S, self.paint)
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Draw what is open and the choices, or the ladder."""
        if not self._is_ready:
            return
        viewer = self.viewer
        box = self._box
        trail = viewer.siren.trail
        picture = viewer.picture
        rows = standing_lines(picture)
        if trail is not None and trail.request_id != self._past:
            rows = [*trail_lines(trail, picture), EMPTY, *rows]
        elif picture.stops:
            # Whoever stopped it, and in whichever viewer: this is what came of it.
            rows = [*rows, *journal_lines(picture, picture.stops[-1]), EMPTY]
            rows += choice_lines(picture)
        else:
            rows = [*rows, EMPTY, *choice_lines(picture)]
        width = min(OUTER, self.size.width)
        # In the past, too, it is the running bot that this stops.
        title = "EMERGENCY - LIVE ENGINE" if viewer.kind == REPLAY else "EMERGENCY"
        found = boxed(title, rows, width=width)
        box.styles.height = min(len(found), self.size.height)
        box.show(found)

    # --- actions ----------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Pause now."""
        self.viewer.siren.stop(PAUSE)
        self.paint()

    def action_check(self) -> None:
        """Look at the limits; nothing changes."""
        self.dismiss(None)
        self.viewer.show("risk")
        self.viewer.call_after_refresh(lambda: self.viewer.do("check"))

    def action_close_all(self) -> None:
        """Ask for the number of positions."""
        from hfl_tui.emergency.confirm import TypedStop

        self.viewer.switch_screen(TypedStop(CLOSE_ALL))

    def action_kill(self) -> None:
        """Ask for the word."""
        from hfl_tui.emergency.confirm import TypedStop

        self.viewer.switch_screen(TypedStop(KILL))

    def action_back(self) -> None:
        """Close; what was not chosen did not happen."""
        self.dismiss(None)

    def action_leave(self) -> None:
        """Close likewise."""
        self.action_back()
