"""Candles, one column each: a hollow body rose, a filled one fell, whatever the colours are."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from hfl_tui.formats import DAY_S, SECOND_NS, clock, day, price
from hfl_tui.lines import PLAIN, Line, Span, line
from hfl_tui.ports import Candle, Chart
from hfl_tui.widgets.pane import PLAIN_LOOK, Pane

LABEL_WIDTH: Final = 10
# Rows and columns between two labels, at least.
LABEL_ROWS: Final = 2
LABEL_COLUMNS: Final = 14
AXIS_FROM_ROWS: Final = 7
# A level (entry, stop) further away than this share of the bars' own range is not drawn.
LEVEL_REACH: Final = 1.0
HIDDEN: Final = ("future", "hidden")


class Glyphs(NamedTuple):
    """What a candle is drawn with. up, down, level: bodies that rose, fell, or did neither."""

    up: str
    down: str
    flat: str
    wick: str
    upper: str
    lower: str
    axis: str
    dash: str
    now: str


BOXES: Final = Glyphs("║", "┃", "┿", "│", "╵", "╷", "┤", "-", "┊")
ASCII: Final = Glyphs("o", "#", "+", "|", "'", ".", "|", "-", ":")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price with a name, drawn as a dashed line where it has room."""

    price: Decimal
    name: str
    style: str = "dim"


class Scale(NamedTuple):
    """Prices in ticks to half rows, from the top."""

    high: int
    low: int
    rows: int

    def at(self, ticks: int) -> int:
        """Return the half row of a price; both ends are inside."""
        if self.high == self.low:
            return self.rows
        share = (self.high - ticks) / (self.high - self.low)
        return min(max(int(share * 2 * self.rows), 0), 2 * self.rows - 1)


def shown_columns(width: int) -> int:
    """Return how many candles fit a width."""
    return max(0, width - LABEL_WIDTH)


def candle_lines(
    chart: Chart, *, width: int, height: int, room: int = 0, levels: Sequence[Level] = (),
    glyphs: Glyphs = BOXES, is_revealed: bool = False,
) -> list[Line]:  # fmt: skip
    """Return the chart as lines. room: columns kept free at its right for what came later."""
    columns = shown_columns(width)
    past = chart.candles[-max(0, columns - room) :] if columns > room else ()
    later = chart.ahead[: max(0, room - 1)]
    shown = [*past, *later]
    if not shown or height < 2:
        return [line((" no bars of it yet", "dim"))]
    rows = height - 1 if height >= AXIS_FROM_ROWS else height
    near = [one for one in levels if _is_near(one, shown, chart.tick)]
    scale = _scale(shown, near, chart.tick, rows)
    canvas = _Canvas(columns, scale, glyphs)
    taken = {scale.at(_ticks(one.price, chart.tick)) // 2: one for one in near}
    for row, one in taken.items():
        canvas.level(one, row)
    start = columns - room - len(past)
    canvas.candles(past, start)
    if room:
        canvas.now(columns - room)
        canvas.candles(later, columns - room + 1)
        if not is_revealed:
            canvas.hidden(columns - room + 1, taken)
    for row, one in taken.items():
        canvas.name(one, row, 0 if later else room)
    labels = _labels(scale, chart.tick)
    found = [_row(labels.get(row, ""), cells, glyphs) for row, cells in enumerate(canvas.cells)]
    if rows < height:
        moments = {start + place: one.close_ns for place, one in enumerate(past)}
        moments |= {columns - room + 1 + place: one.close_ns for place, one in enumerate(later)}
        found.append(_time_axis(moments, columns, chart.frame_ns))
    return found


class _Canvas:
    """The cells that candles are drawn into."""

    def __init__(self, columns: int, scale: Scale, glyphs: Glyphs) -> None:
        self.cells: list[list[Span]] = [[(" ", PLAIN)] * columns for _ in range(scale.rows)]
        self._scale = scale
        self._glyphs = glyphs

    def candles(self, found: Sequence[Candle], column: int) -> None:
        """Draw candles side by side from a column on."""
        for place, candle in enumerate(found, column):
            self._candle(place, candle)

    def _candle(self, column: int, candle: Candle) -> None:
        """Draw one: the body where it reaches, the wicks in half rows beside it."""
        scale, glyphs = self._scale, self._glyphs
        top, bottom = scale.at(candle.high), scale.at(candle.low)
        first = scale.at(max(candle.open, candle.close)) // 2
        last = scale.at(min(candle.open, candle.close)) // 2
        rose = candle.close - candle.open
        body = glyphs.up if rose > 0 else (glyphs.down if rose < 0 else glyphs.flat)
        style = "good" if rose > 0 else ("bad" if rose < 0 else PLAIN)
        if candle.is_odd:
            style = "warn"
        for row in range(top // 2, bottom // 2 + 1):
            glyph = glyphs.wick
            if first <= row <= last:
                glyph = body
            elif row == top // 2 and top % 2:
                glyph = glyphs.lower
            elif row == bottom // 2 and not bottom % 2:
                glyph = glyphs.upper
            self.cells[row][column] = (glyph, style)

    def level(self, level: Level, row: int) -> None:
        """Draw a price as a dashed line, for candles to be drawn over."""
        for column in range(0, len(self.cells[row]), 2):
            self.cells[row][column] = (self._glyphs.dash, level.style)

    def name(self, level: Level, row: int, room: int) -> None:
        """Write a price's name: at the right where nothing was yet, else over the oldest bars."""
        has_room = room > len(level.name) + 1
        column = len(self.cells[row]) - len(level.name) - 1 if has_room else 0
        name = f" {level.name}" if has_room else f"{level.name} "
        self._write(row, column, (name, level.style))

    def now(self, column: int) -> None:
        """Draw the moment itself."""
        for row in self.cells:
            row[column] = (self._glyphs.now, "key")

    def hidden(self, column: int, taken: Container[int]) -> None:
        """Say that what came is hidden, in rows around the middle where no level has its name."""
        middle = max(0, len(self.cells) // 2 - 2)
        free = [row for row in range(middle, len(self.cells)) if row not in taken]
        for row, text in zip(free, HIDDEN, strict=False):
            self._write(row, column, (text, "dim"))

    def _write(self, row: int, column: int, told: Span) -> None:
        cells = self.cells[row]
        for place, character in enumerate(told[0][: max(0, len(cells) - column)]):
            cells[column + place] = (character, told[1])


def _ticks(value: Decimal, tick: Decimal) -> int:
    return int(value / tick)


def _is_near(level: Level, shown: Sequence[Candle], tick: Decimal) -> bool:
    high, low = max(one.high for one in shown), min(one.low for one in shown)
    reach = LEVEL_REACH * max(high - low, 1)
    return low - reach <= _ticks(level.price, tick) <= high + reach


def _scale(shown: Sequence[Candle], levels: Sequence[Level], tick: Decimal, rows: int) -> Scale:
    own = [_ticks(one.price, tick) for one in levels]
    high = max([one.high for one in shown] + own)
    low = min([one.low for one in shown] + own)
    return Scale(high, low, rows)


def _labels(scale: Scale, tick: Decimal) -> dict[int, str]:
    """Return round prices by row, with a few rows between them."""
    span = max((scale.high - scale.low) * tick, tick)
    wanted = max(1, scale.rows // LABEL_ROWS)
    step = _round_step(span / wanted)
    found: dict[int, str] = {}
    value = (scale.low * tick / step).to_integral_value(rounding="ROUND_CEILING") * step
    while value <= scale.high * tick:
        row = scale.at(_ticks(value, tick)) // 2
        found[row] = _label(value)
        value += step
    return found


def _label(value: Decimal) -> str:
    """Return a price as short as its place is wide."""
    told = price(value.normalize(), width=LABEL_WIDTH - 2)
    if len(told) > LABEL_WIDTH - 2:
        told = told.replace(",", "")
    return told if len(told) <= LABEL_WIDTH - 2 else f"{value:.1e}"


def _round_step(least: Decimal) -> Decimal:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below a value."""
    power = Decimal(1).scaleb(least.adjusted())
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least)


def _row(label: str, cells: Sequence[Span], glyphs: Glyphs) -> Line:
    head: list[Span] = [(f"{label:>{LABEL_WIDTH - 2}} {glyphs.axis}", "dim")]
    for text, style in cells:
        # A blank has no colour of its own: it goes along with what stands in front of it.
        if head[-1][1] == style or text == " ":
            head[-1] = (head[-1][0] + text, head[-1][1])
        else:
            head.append((text, style))
    return tuple(head)


def _time_axis(moments: dict[int, int], columns: int, frame_ns: int) -> Line:
    text = [" "] * columns
    taken = -1
    is_daily = frame_ns >= DAY_S * SECOND_NS
    for column in sorted(moments):
        told = day(moments[column]) if is_daily else _short(moments[column])
        if column > taken and column + len(told) <= columns:
            text[column : column + len(told)] = told
            taken = column + max(LABEL_COLUMNS, len(told) + 2)
    return line((" " * LABEL_WIDTH + "".join(text), "dim"))


def _short(time_ns: int) -> str:
    return f"{day(time_ns)[5:]} {clock(time_ns)[:5]}"


class Candles(Pane):
    """A pane of candles, drawn with letters where the screen has only seven bits."""

    @property
    def glyphs(self) -> Glyphs:
        """Return what it is drawn with."""
        look = getattr(self.app, "look", PLAIN_LOOK)
        return ASCII if look.is_ascii else BOXES

    @property
    def count(self) -> int:
        """Return how many candles fit."""
        return shown_columns(self.size.width)

    def draw(
        self, chart: Chart | None, *, title: Line, room: int = 0, levels: Sequence[Level] = (),
        note: str = "", is_revealed: bool = False,
    ) -> None:  # fmt: skip
        """Show a title and a chart; note: what stands in its place while there is none."""
        width, height = self.size.width, self.size.height - 1
        if chart is None:
            self.show([title, line((f" {note}", "dim"))])
            return
        found = candle_lines(
            chart,
            width=width,
            height=height,
            room=room,
            levels=levels,
            glyphs=self.glyphs,
            is_revealed=is_revealed,
        )
        self.show([title, *found])
