"""The lines of a stretch of the journal, newest first, that slides over journals of any length.

It holds so many lines at most: what is added at one end leaves at the other, and can be read again.
Knows no file: who owns it reads rows and hands their lines in.
"""

from collections.abc import Callable, Sequence

from hfl_tui.link.picture import Happening

Fits = Callable[[Happening], bool]


class Window:
    """Covers the rows from `first` to `last`; live: up to the journal's end, and growing with it.

    lines: those of its rows that fit what was asked for.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._fits: Fits | None = None
        self.lines: list[Happening] = []
        self.first = self.last = 0
        self.is_live = True

    @property
    def is_whole(self) -> bool:
        """Tell whether it reaches back to the journal's first row."""
        return self.first == 1

    def empty(self, fits: Fits | None) -> None:
        """Begin anew at the journal's end, with only lines that fit; None for all."""
        self._fits = fits
        self.lines, self.first, self.last, self.is_live = [], 0, 0, True

    def take(self, newest: Sequence[Happening], last: int) -> None:
        """Add the journal's newest lines, oldest first, which reach without a gap to a row.

        A window that is elsewhere stays there; one that fell behind begins anew.
        """
        if not newest or not self.is_live:
            return
        if not self.last or newest[0].seq > self.last + 1:
            self.begin(newest, newest[0].seq, last)
            self.is_live = True
        else:
            known = self.last
            self.newer([one for one in newest if one.seq > known], last)

    def begin(self, found: Sequence[Happening], first: int, last: int) -> None:
        """Hold only these lines, oldest first, of the rows from first to last; it is not live."""
        self.lines = self._fitting(found)
        self.first, self.last, self.is_live = first, last, False

    def older(self, found: Sequence[Happening], first: int) -> None:
        """Add lines of the rows in front, from first on, oldest first."""
        self.first = first
        # Always a fresh list: who drew the last one may still look at it.
        self.lines = [*self.lines, *self._fitting(found)]
        if len(self.lines) > self._most:
            # What lies at the other end is left, and so is the journal's end.
            self.lines = self.lines[-self._most :]
            self.last, self.is_live = self.lines[0].seq, False

    def newer(self, found: Sequence[Happening], last: int) -> None:
        """Add lines of the rows behind, up to last, oldest first."""
        self.last = max(self.last, last)
        fresh = self._fitting(found)
        if fresh:
            self.lines = [*fresh, *self.lines][: self._most]
        if len(self.lines) == self._most:
            self.first = max(self.first, self.lines[-1].seq)

    def _fitting(self, found: Sequence[Happening]) -> list[Happening]:
        """Return what fits, newest first."""
        return [one for one in reversed(found) if self._fits is None or self._fits(one)]
