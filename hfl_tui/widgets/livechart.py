"""One instrument's chart as the running bot knows it: read on a thread, drawn when it moved."""

import dataclasses
from collections.abc import Callable
from typing import Final

from hfl_core.domain.errors import HflError
from hfl_tui.formats import price, stamp
from hfl_tui.lines import rule
from hfl_tui.link.lane import Lane
from hfl_tui.link.picture import Held, Picture
from hfl_tui.ports import Chart, Rewinder
from hfl_tui.widgets.candles import Candles, Level

# Quiet bars are journaled together: so many may be taken that no row names yet.
AHEAD_MAX: Final = 512
KIND: Final = "live chart"


class LiveChart(Candles):
    """Keeps to the newest bar; c shows the next instrument."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.chart: Chart | None = None
        self._chosen = ""
        self._asked: tuple[object, ...] = ()
        self._trouble = "reading the bars ..."

    def follow(self, picture: Picture, wanted: str, *, lane: Lane, rewinder: Rewinder) -> None:
        """Fetch the bars of an instrument, or of the chosen one, where anything has moved."""
        symbol = self._chosen or wanted
        known_ns, count = picture.time_ns, self.count
        asked = (picture.seq, known_ns, symbol, count)
        if asked == self._asked or not picture.seq or picture.loaded < 1 or not count:
            return
        self._asked = asked

        def job(is_wanted: Callable[[], bool]) -> Callable[[], None]:
            del is_wanted
            try:
                found = rewinder.chart(picture.seq, symbol, count=count, ahead=AHEAD_MAX)
            except HflError as error:
                told = str(error)
                return lambda: self._came(None, told)
            newer = [one for one in found.ahead if one.close_ns <= known_ns]
            bars = (*found.candles, *newer)[-count:]
            chart = dataclasses.replace(found, candles=bars, ahead=())
            return lambda: self._came(chart, "")

        lane.ask(KIND, job)

    def _came(self, chart: Chart | None, trouble: str) -> None:
        self.chart, self._trouble = chart, trouble
        if self.is_mounted and self.screen.is_current:
            paint = getattr(self.screen, "paint", None)
            if paint is not None:
                paint()

    def cycle(self) -> None:
        """Choose the next instrument."""
        if self.chart is not None and self.chart.symbols:
            known = self.chart.symbols
            self._chosen = known[(known.index(self.chart.symbol) + 1) % len(known)]

    def paint_chart(self, held: tuple[Held, ...], *, key: str) -> None:
        """Draw what is known, with the entry and the stop of a position in it."""
        chart = self.chart
        name = "Chart" if chart is None else chart.symbol
        more = f"{key} symbol"
        levels: list[Level] = []
        if chart is not None and chart.candles:
            last = chart.candles[-1]
            more = f"{price(last.close * chart.tick)} at {stamp(last.close_ns)}   {more}"
            levels = levels_of(next((one for one in held if one.symbol == chart.symbol), None))
        title = rule(name, self.size.width, more=more)
        self.draw(chart, title=title, levels=levels, note=self._trouble)


def levels_of(held: Held | None) -> list[Level]:
    """Return the prices of a position worth a line in a chart."""
    if held is None:
        return []
    found = [Level(price=held.entry, name="entry", style="key")]
    if held.stop is not None:
        found.append(Level(price=held.stop, name="stop", style="warn"))
    return found
