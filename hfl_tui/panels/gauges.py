"""How much of each limit is used: a gauge, a figure and a word; the colour only repeats them."""

from decimal import Decimal
from typing import Final

from hfl_tui.formats import bar, money
from hfl_tui.lines import Line, Span, line
from hfl_tui.link.picture import Picture
from hfl_tui.ports import Gauge

WARN: Final = Decimal("0.8")
FULL: Final = Decimal(1)
SHOWN_MAX: Final = Decimal("9.99")
NAMES: Final = {
    "daily_loss": "day loss",
    "weekly_loss": "week loss",
    "monthly_loss": "month loss",
    "buying power": "power",
    "gap scenario": "gap",
    "entries/hour": "orders/h",
}
WIDE_FROM: Final = 44
PERCENT_WIDTH: Final = 6
# Where there is little room.
SHORT: Final = {"monthly_loss": "month", "weekly_loss": "week", "trade risk": "trade"}


def name_of(gauge: Gauge) -> str:
    """Return a limit's name as the screen shows it."""
    return NAMES.get(gauge.name, gauge.name)


def style_of(gauge: Gauge) -> str:
    """Return how a gauge is coloured: full, warning, or nothing."""
    if gauge.used >= FULL:
        return "bad"
    return "warn" if gauge.used >= WARN else ""


def word_of(gauge: Gauge) -> str:
    """Return what the colour says, as a word."""
    if gauge.used >= FULL:
        return "HALT" if gauge.action == "halt" else "FULL"
    return "warn" if gauge.used >= WARN else ""


def amount(gauge: Gauge, value: Decimal) -> str:
    """Return a value in the gauge's unit."""
    return money(value) if gauge.unit == "money" else f"{value:f}"


def ordered(gauges: tuple[Gauge, ...]) -> list[Gauge]:
    """Return the halts in their order, then the rest by what is used most."""
    halts = [one for one in gauges if one.action == "halt"]
    rest = [one for one in gauges if one.action != "halt"]
    return [*halts, *sorted(rest, key=lambda one: -one.used)]


def gauge_lines(picture: Picture, *, width: int, height: int, is_old: bool) -> list[Line]:
    """Return gauges, as many as there is room for."""
    if not picture.gauges:
        told = "no bar was taken yet" if picture.exists else "nothing yet"
        return [line((f" {told}", "dim"))]
    wide = width >= WIDE_FROM
    name_width, tail_width = (11, 20) if wide else (9, 6)
    bar_width = max(3, width - name_width - tail_width - PERCENT_WIDTH - 2)
    head = "limit".ljust(name_width) + "used".rjust(1 + bar_width + PERCENT_WIDTH)
    rows = [line((f"{head} {('now of limit' if wide else 'left').rjust(tail_width)}", "dim"))]
    rows.extend(
        _row(one, name_width=name_width, bar_width=bar_width, wide=wide, old=is_old)
        for one in ordered(picture.gauges)[: height - 1]
    )
    return rows


def _row(one: Gauge, *, name_width: int, bar_width: int, wide: bool, old: bool) -> Line:
    style = style_of(one)
    used = f"{min(one.used, SHOWN_MAX):.0%}"
    parts: list[Span | str] = [
        (name_of(one) if wide else SHORT.get(one.name, name_of(one)))[:name_width].ljust(
            name_width
        ),
        " ",
        (bar(one.used, bar_width), style or "title"),
        (f"{'~' if old else ''}{used}".rjust(PERCENT_WIDTH), style),
    ]
    if wide:
        parts.append(f" {amount(one, one.now)} of {amount(one, one.limit)}".rjust(20))
    else:
        parts.append(f" {_short(one):>6}")
    return line(*parts)


def _short(one: Gauge) -> str:
    """Return what is left in six columns."""
    if one.unit != "money":
        return f"{one.left:f}"
    if one.left < 1_000:
        return f"{one.left:.1f}"
    return f"{one.left:,.0f}" if one.left < 100_000 else f"{one.left / 1000:,.0f}k"
