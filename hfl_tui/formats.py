"""Numbers, ages and times as the screen writes them: short, in fixed steps, nothing wide.

Ages move in steps, so that a screen on which nothing happens sends nothing.
"""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

SECOND_NS: Final = 1_000_000_000
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
FRESH_S: Final = 2
STEP_S: Final = 5
NONE: Final = "-"
BAR_FULL: Final = "█"
BAR_EMPTY: Final = "░"


def age(then_ns: int, now_ns: int) -> str:
    """Return how long ago something was: now, then in steps of 5 s, a minute, an hour, a day."""
    if not then_ns:
        return NONE
    seconds = max(0, now_ns - then_ns) // SECOND_NS
    if seconds < FRESH_S:
        return "now"
    if seconds < STEP_S:
        return f"<{STEP_S}s"
    if seconds < MINUTE_S:
        return f"{seconds // STEP_S * STEP_S}s"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S}m"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S}h"
    return f"{seconds // DAY_S}d"


def span(length_ns: int) -> str:
    """Return a length of time with one digit behind the point, in its largest fitting unit."""
    seconds = length_ns / SECOND_NS
    for size, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "m")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f}{unit}"
    return f"{seconds:.1f}s"


def clock(time_ns: int) -> str:
    """Return the time of day, UTC, to the second; a dash for none."""
    return f"{_moment(time_ns):%H:%M:%S}" if time_ns else NONE


def stamp(time_ns: int) -> str:
    """Return date and time, UTC, to the minute; a dash for none."""
    return f"{_moment(time_ns):%Y-%m-%d %H:%M}" if time_ns else NONE


def day(time_ns: int) -> str:
    """Return the date, UTC; a dash for none."""
    return f"{_moment(time_ns):%Y-%m-%d}" if time_ns else NONE


def _moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // SECOND_NS, UTC)


def money(amount: Decimal) -> str:
    """Return an amount with two places."""
    return f"{amount:,.2f}"


def signed(amount: Decimal) -> str:
    """Return an amount with its sign and two places; nothing but zeros has none."""
    text = f"{amount:+,.2f}"
    return text[1:] if not text.strip("+-0.,") else text


def percent(fraction: Decimal, *, places: int = 0) -> str:
    """Return a fraction as per cent."""
    return f"{fraction * 100:.{places}f}%"


def signed_percent(fraction: Decimal) -> str:
    """Return a fraction as per cent with its sign and two places."""
    text = f"{fraction * 100:+.2f}%"
    return text[1:] if not text.strip("+-0.%") else text


def price(value: Decimal | None, *, width: int = 9) -> str:
    """Return a price in plain digits with thousands, cut to a width at its places, never before.

    A dash for none.
    """
    if value is None:
        return NONE
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text) > width and "." in text:
        whole = text.partition(".")[0]
        text = f"{value:,.{max(0, width - len(whole) - 1)}f}"
    return text


def quantity(value: Decimal, *, width: int = 9) -> str:
    """Return an unsigned quantity in plain digits, likewise."""
    return price(abs(value), width=width)


def bar(fraction: Decimal, width: int) -> str:
    """Return a gauge; what is used at all is seen, and only what is full looks full."""
    inside = min(max(fraction, Decimal(0)), Decimal(1))
    full = int(inside * width)
    if fraction > 0:
        full = max(full, 1)
    return BAR_FULL * full + BAR_EMPTY * (width - full)


def marked_bar(fraction: Decimal, width: int) -> str:
    """Return a gauge with a | at the limit, and behind it whether it is past it."""
    return bar(fraction, width - 2) + "|" + (BAR_FULL if fraction > 1 else BAR_EMPTY)


def clean(text: str) -> str:
    """Return outside text as one line of characters that are one column wide each."""
    return "".join(_narrow(character) for character in text)


def _narrow(character: str) -> str:
    if " " <= character <= "~":
        return character
    kind = unicodedata.category(character)
    if kind in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if kind.startswith("C") or unicodedata.combining(character) or kind in {"Mn", "Me"}:
        return ""
    return "?" if unicodedata.east_asian_width(character) in "WF" else character
