"""Answers that are read like a reason: today's difference, and what would have been."""

from collections.abc import Callable

from hfl_tui.ports import Redecided, Section, Told
from hfl_tui.screens.why import Why


class Difference(Why):
    """What today's code makes of a step, in full."""

    TITLE = "Today's code"
    HAS_NEIGHBOURS = False

    def __init__(self, ask: str, found: Redecided) -> None:
        section = Section(title="", rows=(found.sentence, *found.rows))
        super().__init__(ask, told=Told(headline=found.mark, sections=(section,)))


class WhatIf(Why):
    """What other settings would have made of the recorded inputs. Leaving it ends the question."""

    TITLE = "What if"
    HAS_NEIGHBOURS = False
    LOADING = "running the recorded inputs again with these settings, twice; esc gives it up ..."

    def __init__(
        self, ask: str, text: str, fetch: Callable[[str, Callable[[], bool]], Told]
    ) -> None:
        super().__init__(ask)
        self._text = text
        self._of = fetch
        self._is_wanted = True

    @property
    def about(self) -> str:
        """Return the settings."""
        return self._text

    def fetch(self, ask: str) -> Told:
        """Ask the front door."""
        del ask
        return self._of(self._text, lambda: self._is_wanted)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        self._is_wanted = False
