"""Why: the whole reason of a trade, an order, a refusal or a scan, over any screen."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_tui.actions import WHY
from hfl_tui.lines import ends, line
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.ports import Told
from hfl_tui.screens.face import bindings
from hfl_tui.screens.hands import Hands
from hfl_tui.widgets.pane import Pane
from hfl_tui.widgets.told import ToldPane


class Why(Hands, inherit_bindings=False):
    """Tells one reason; h and l go to its neighbours."""

    KIND = WHY
    TITLE = "Why"
    HAS_NEIGHBOURS = True
    LOADING = "deciding it again from the journal ..."
    PARTS: ClassVar[tuple[str, ...]] = ("told",)
    BINDINGS: ClassVar[list[BindingType]] = bindings(WHY)
    DEFAULT_CSS = """
    Why #title { height: 1; }
    Why #told { height: 1fr; }
    """

    def __init__(self, ask: str, *, told: Told | None = None) -> None:
        super().__init__()
        self._ask = ask
        self._given = told

    def body(self) -> Iterable[Widget]:
        """Yield the headline and the sections."""
        self.headline = Pane(id="title")
        self.told = ToldPane(id="told")
        yield self.headline
        yield self.told

    def on_mount(self) -> None:
        """Ask."""
        super().on_mount()
        if self._given is not None:
            self.told.tell(self._given)
        else:
            self.tell(self._ask)

    @property
    def about(self) -> str:
        """Return what stands above while nothing is told yet."""
        return self._ask

    def fetch(self, ask: str) -> Told:
        """Return the answer; called on a thread. Raises HflError."""
        return self.viewer.outfit.teller.tell(ask)

    def moment(self) -> str:
        """Return the moment of what is told."""
        return self._ask

    def tell(self, ask: str) -> None:
        """Ask for a reason; it comes when it is found."""
        self._ask = ask
        self.told.tell(None, note=self.LOADING)
        viewer = self.viewer

        def job() -> None:
            try:
                told: Told | None = self.fetch(ask)
                note = ""
            except HflError as error:
                told, note = None, str(error)
            viewer.call_from_thread(self._show, ask, told, note)

        viewer.aside(job)

    def _show(self, ask: str, told: Told | None, note: str) -> None:
        if ask == self._ask and self.is_mounted:
            self.told.tell(told, note=note)
            self.paint()

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw the headline; the sections are the recorded past and do not change."""
        del picture, mood, now_ns
        told = self.told.told
        headline = told.headline if told is not None else self.about
        left = line((f"{self.TITLE}  ", "title"), (headline, "bold"))
        has_neighbours = self.HAS_NEIGHBOURS
        if told is not None:
            has_neighbours = bool(told.older or told.newer)
        others = f"{self.key('older')}/{self.key('newer')} older/newer  " * has_neighbours
        neighbours = line((f"{others}{self.key('next_part')} section", "dim"))
        self.headline.show([ends(left, neighbours, self.headline.size.width)])
        self.told.paint()

    # --- actions ----------------------------------------------------------------------------------

    def action_next_part(self) -> None:
        """Go to the next section."""
        self.told.jump(1)

    def action_last_part(self) -> None:
        """Go to the section before."""
        self.told.jump(-1)

    def action_older(self) -> None:
        """Tell the trade, or the instrument, before this one."""
        told = self.told.told
        if told is not None and told.older:
            self.tell(told.older)

    def action_newer(self) -> None:
        """Tell the one after."""
        told = self.told.told
        if told is not None and told.newer:
            self.tell(told.newer)

    def move(self, rows: int) -> None:
        """Scroll by rows."""
        self.told.scroll_rows(rows)

    def turn(self, pages: int) -> None:
        """Scroll by pages."""
        self.told.scroll_rows(pages * max(1, self.told.size.height - 1))
