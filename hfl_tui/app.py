"""The viewer: screens over one picture, once a second; it decides nothing and writes nothing.

Quitting it leaves the bot as it is. What stops the bot goes through the siren, never through here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_tui.actions import BY_NAME, DASH, LOG, MAIN, REPLAY
from hfl_tui.alerts import Alerts, News
from hfl_tui.dress import prepare, wear
from hfl_tui.driver import Patient, driver_with
from hfl_tui.emergency.siren import Siren
from hfl_tui.ending import hear_signals
from hfl_tui.keymap import keymap
from hfl_tui.link.follower import Follower
from hfl_tui.link.lane import Lane
from hfl_tui.link.mood import Mood, mood
from hfl_tui.link.picture import Picture
from hfl_tui.link.source import Source, wall_now_ns
from hfl_tui.ports import Outfit, Told
from hfl_tui.screens.face import Face
from hfl_tui.skins import ANSI_DARK, SKINS
from hfl_tui.widgets.field import Typing
from hfl_tui.widgets.pane import Look, Pane

TICK_S: Final = 1.5
HINT_S: Final = 4.0
REMARK_S: Final = 20.0
STOP_END_S: Final = 7.0


class Viewer(Patient, inherit_bindings=False):
    """The application."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "hfl"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "emergency", "EMERGENCY", show=False, priority=True)
        for key in BY_NAME["emergency"].keys
    ]
    CSS = """
    Screen { background: $background; color: $foreground; }
    ModalScreen { background: transparent; }
    Dash { layers: default greeting; }
    * { scrollbar-size: 0 0; }
    """

    class Fresh(Message):
        """There is a new picture."""

    def __init__(
        self,
        outfit: Outfit,
        *,
        clock: Callable[[], int] = wall_now_ns,
        follows: bool = True,
    ) -> None:
        self.siren = Siren(outfit.stopper)
        super().__init__(driver_class=driver_with(self.siren))
        prepare(self)
        self.outfit = outfit
        self.keymap = keymap(outfit.looks.keys)
        self.look = Look(outfit.looks.theme or ANSI_DARK, outfit.looks.is_ascii)
        self._clock = clock
        self._follows = follows
        place = outfit.place
        self.picture = Picture(name=place.name, mode=place.mode, made_ns=clock(), exists=True)
        self.mood: Mood = mood(self.picture, clock())
        self.now_ns = clock()
        self.is_relative = False
        self.hint = ""
        self.failure: Exception | None = None
        self.alerts = Alerts()
        self.news = News()
        self._hint_timer: Timer | None = None
        self._greeting: Widget | None = None
        self._faces: dict[str, Face] = {}
        self.lane = Lane("hfl-bars", hand=self.call_from_thread)
        self.follower = Follower(
            Source(place, outfit.gauges, outfit.costs, outfit.memory), tell=self._tell
        )

    # --- beginning and end ------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Begin on the dashboard."""
        wear(self, self.look.theme)
        return self.face(DASH)

    def on_mount(self) -> None:
        """Follow the journal, and listen to the signals that end a program."""
        hear_signals(lambda code: self.exit(return_code=code))
        self.set_interval(TICK_S, self.tick)
        if self._follows:
            self.follower.start()
        if self.outfit.is_first_time():
            self.call_after_refresh(self._greet)
        if self.remarks:
            more = f" (1 of {len(self.remarks)}; :notes tells all)"
            self.say(self.remarks[0] + more, seconds=REMARK_S)

    def _greet(self) -> None:
        """Tell a newcomer the first keys, until one is pressed."""
        from hfl_tui.widgets.greeting import Greeting

        greeting = Greeting(self.keymap.first)
        self.face(DASH).mount(greeting)
        self._greeting = greeting

    def on_unmount(self) -> None:
        """Stop following; a stop under way is carried to its end."""
        self.lane.end()
        self.follower.stop()
        self.siren.wait(STOP_END_S)

    def _handle_exception(self, error: Exception) -> None:
        """End with the terminal restored; who started the viewer tells it in one sentence."""
        self.failure = error
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _tell(self) -> None:
        """Say, from any thread, that there is a new picture."""
        self.post_message(self.Fresh())

    async def on_event(self, event: Event) -> None:
        """Take one key after the other, at once: what is typed ahead is for the screen it opens.

        Over a slow link a whole command comes in one piece. Textual would hand all its keys to the
        screen that is on top before the first one is carried out.
        """
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._greeting is not None:
            self._greeting.remove()
            self._greeting = None
        if await self._check_bindings(event.key, priority=True):
            return
        screen = self.screen
        if isinstance(screen, Typing) and screen.take(event):
            return
        name = self.keymap.meant(getattr(screen, "KIND", ""), event.key)
        if name is None:
            await self._check_bindings(event.key)
        elif name:
            self.do(name)

    # --- pictures ---------------------------------------------------------------------------------

    def on_viewer_fresh(self, event: Fresh) -> None:
        """Draw the newest picture."""
        event.stop()
        if self.follower.latest is not None:
            self.take(self.follower.latest)

    def tick(self) -> None:
        """Let ages move where pictures do not come."""
        if wall_now_ns() - self.picture.made_ns > int(TICK_S * 1e9):
            self.paint()

    def take(self, picture: Picture) -> None:
        """Show a picture."""
        self.picture = picture
        self.paint()

    def paint(self) -> None:
        """Draw the screen on top, unless the terminal does not keep up."""
        self.now_ns = self._clock()
        self.mood = mood(self.picture, self.now_ns)
        self.news = self.alerts.news(self.picture, self.now_ns)
        if self.alerts.rings(self.picture, self.mood):
            self.bell()
        if self.is_stalled:
            return
        is_behind, self.is_behind = self.is_behind, False
        for screen in reversed(self.screen_stack):
            if is_behind:
                for pane in screen.query(Pane):
                    pane.refresh()
            paint = getattr(screen, "paint", None)
            if paint is not None:
                paint()
            if isinstance(screen, Face):
                # What lies below a whole screen is not seen.
                break

    def acknowledge(self) -> None:
        """Take every alert as seen, for whoever looks next, too."""
        seq = self.alerts.acknowledge(self.picture)
        self.aside(lambda: self.outfit.memory.acknowledge(seq))
        self.paint()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what of the person's settings and keys could not be used."""
        return (*self.outfit.looks.remarks, *self.keymap.refused)

    def say(self, text: str, *, seconds: float = HINT_S) -> None:
        """Show a sentence in the header for a while."""
        self.hint = text
        if self._hint_timer is not None:
            self._hint_timer.stop()
        self._hint_timer = self.set_timer(seconds, self._unsay)
        self.paint()

    def _unsay(self) -> None:
        self.hint = ""
        self.paint()

    def dress(self, look: Look) -> None:
        """Draw everything otherwise, also what is not on top."""
        self.look = look
        wear(self, look.theme)
        for screen in {*self.screen_stack, *self._faces.values()}:
            if screen.is_mounted:
                for pane in screen.query(Pane):
                    pane.refresh()

    def wear(self, theme: str) -> None:
        """Change the theme, now and for the next time."""
        self.dress(replace(self.look, theme=theme))
        try:
            self.outfit.looks.keep(theme)
        except HflError as error:
            self.say(str(error))
        else:
            self.say(f"theme {theme}: {SKINS[theme].what}")

    # --- screens ----------------------------------------------------------------------------------

    def face(self, kind: str) -> Face:
        """Return one of the main screens, made when it is first wanted."""
        if kind not in self._faces:
            self._faces[kind] = _make(kind)
            # Installed screens keep their place and cursor when they are left.
            self.install_screen(self._faces[kind], kind)
        return self._faces[kind]

    @property
    def kind(self) -> str:
        """Return which main screen is at the bottom of what is shown."""
        return next((one.KIND for one in reversed(self.screen_stack) if _is_main(one)), DASH)

    def show(self, kind: str) -> None:
        """Go to a main screen; overlays on top are left."""
        while not _is_main(self.screen):
            self.pop_screen()
        if self.kind == kind:
            return
        # The dashboard is always at the bottom; the others lie on it, one at a time.
        if kind == DASH:
            self.pop_screen()
        elif self.kind == DASH:
            self.push_screen(self.face(kind))
        else:
            self.switch_screen(self.face(kind))

    def show_alerts(self) -> None:
        """Go to the log, only what needs a look."""
        self.show(LOG)
        log = self.face(LOG)
        setattr(log, "only_alerts", True)  # noqa: B010 - the log's own switch
        self.call_after_refresh(log.paint)

    def leave(self, screen: Screen[None], *, is_for_good: bool) -> None:
        """Leave a screen: an overlay, a main screen for the dashboard, the dashboard for good."""
        if not _is_main(screen):
            self.pop_screen()
        elif self.kind != DASH:
            self.show(DASH)
        elif is_for_good:
            self.exit()
        else:
            self.say(f"{self.keymap.first('leave')} leaves the viewer, the bot goes on")

    def open_why(self, ask: str) -> None:
        """Tell why, over whatever is shown."""
        if not ask:
            self.say("nothing is selected that has a reason")
            return
        from hfl_tui.screens.why import Why

        self.push_screen(Why(ask))

    def open_told(self, told: Told) -> None:
        """Show something told already, like a reason."""
        from hfl_tui.screens.why import Why

        self.push_screen(Why(told.headline, told=told))

    def open_help(self, kind: str) -> None:
        """Show what the keys do; the chosen row is done when it closes."""
        from hfl_tui.screens.help import Help

        self.push_screen(Help(kind))

    def open_notes(self) -> None:
        """Tell what of the person's settings is not used."""
        from hfl_tui.screens.notes import Notes

        self.push_screen(Notes())

    def open_palette(self, kind: str, value: str = "") -> None:
        """Type what to do. value: what stands there already."""
        from hfl_tui.screens.palette import Palette

        self.push_screen(Palette(kind, value))

    def open_resume(self) -> None:
        """Lift the stops in force, typed."""
        if not self.picture.stops:
            self.say("nothing is stopped")
            return
        from hfl_tui.emergency.confirm import Resume

        self.push_screen(Resume(self.picture.stops))

    def action_emergency(self) -> None:
        """Open the emergency panel; while it is open, the same key pauses the bot."""
        from hfl_tui.emergency.confirm import Confirm
        from hfl_tui.emergency.panel import Panel

        top = self.screen
        if isinstance(top, Panel):
            self.siren.stop("pause")
            top.paint()
        elif isinstance(top, Confirm):
            self.siren.stop("pause")
            self.switch_screen(Panel())
        else:
            self.push_screen(Panel())

    def do(self, name: str, *words: str) -> None:
        """Carry out an action of the table on the screen on top, as its key would.

        words: which of its choices, where it has some.
        """
        target = self if name == "emergency" else self.screen
        getattr(target, f"action_{name}")(*words)

    @work(thread=True, exclusive=False)
    def aside(self, job: Callable[[], None]) -> None:
        """Do what takes a while on a thread; it hands its result over with call_from_thread."""
        job()


def _is_main(screen: object) -> bool:
    return isinstance(screen, Face) and screen.KIND in MAIN


def _make(kind: str) -> Face:
    """Import and make one main screen: those not looked at cost nothing."""
    if kind == DASH:
        from hfl_tui.screens.dash import Dash

        return Dash()
    if kind == "trades":
        from hfl_tui.screens.trades import Trades

        return Trades()
    if kind == "orders":
        from hfl_tui.screens.orders import Orders

        return Orders()
    if kind == "risk":
        from hfl_tui.screens.risk import Risk

        return Risk()
    if kind == REPLAY:
        from hfl_tui.screens.replay import Replay

        return Replay()
    from hfl_tui.screens.log import Log

    return Log()
