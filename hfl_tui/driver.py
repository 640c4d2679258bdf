"""The terminal's driver: the stop key is heard on the input thread, before the event loop is asked.

With the loop blocked or the terminal not reading, a key binding would wait. `process_message` runs
on the thread that reads the keyboard; a test holds that this is so.
"""

import time
from typing import Final

from rich.console import RenderableType
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message
from textual.screen import Screen

from hfl_tui.emergency.siren import Siren

STOP_KEY = "ctrl+x"
# More writes than this waiting means that the terminal does not read: one more would block.
BACKLOG_MAX: Final = 8


class SirenDriver(LinuxDriver):
    """Textual's driver, with an ear for the stop key. siren: set before the application starts."""

    siren: Siren | None = None

    def process_message(self, message: Message) -> None:
        """Hear the stop key, then hand the message on."""
        if isinstance(message, Key) and message.key == STOP_KEY and self.siren is not None:
            self.siren.press(time.monotonic())
        super().process_message(message)

    @property
    def backlog(self) -> int:
        """Return how many writes wait for the terminal to read."""
        writer = self._writer_thread
        return 0 if writer is None else writer._queue.qsize()  # noqa: SLF001 - no other way to ask


def driver_with(siren: Siren) -> type[SirenDriver]:
    """Return a driver class whose instances know this siren."""
    return type("HearingDriver", (SirenDriver,), {"siren": siren})


class Patient(App[None], inherit_bindings=False):
    """An application that leaves frames out where the terminal does not read.

    Writing them would hold up the loop. is_behind: something was left out, so that everything is to
    be drawn again, in one frame, once the terminal has caught up. A test holds this seam.
    """

    is_behind = False

    @property
    def is_stalled(self) -> bool:
        """Tell whether the terminal does not keep up."""
        driver = self._driver
        return isinstance(driver, SirenDriver) and driver.backlog > BACKLOG_MAX

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self.is_stalled:
            self.is_behind = True
        else:
            super()._display(screen, renderable)
