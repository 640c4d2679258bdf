"""Windows of the week in which a class of instruments is not entered, written as one line of text.

    classes   days         from-until (UTC)
    "forex 20:45-22:15; forex fri 20:00-24:00; stocks 13:30-13:45"

Each window is a class, perhaps a weekday, and two times of the day in UTC, the second one not in
the window; windows are separated by semicolons. A window never crosses midnight: write two. Knows
nothing of daylight saving: write a window wide enough for both halves of the year.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from hfl_core.domain.instruments import AssetClass

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY: Final = -1
DAY_MINUTES: Final = 1_440
MINUTE_NS: Final = 60_000_000_000
# 1970-01-01 was a Thursday.
EPOCH_WEEKDAY: Final = 3
HOURS_LENGTH_MAX: Final = 1_000
_WINDOW: Final = re.compile(
    r"(?P<of>[a-z]+)(?: (?P<day>[a-z]{3}))? (?P<from>\d\d:\d\d)-(?P<until>\d\d:\d\d)"
)


class Window(NamedTuple):
    """One window. weekday: 0 is Monday, EVERY_DAY for all; start, end: minutes of the day, UTC."""

    asset_class: str
    weekday: int
    start: int
    end: int


@lru_cache(maxsize=64)
def parse_hours(text: str) -> tuple[Window, ...]:
    """Read windows from text; an empty text has none.

    Raises ValueError with one sentence for anything that is not a window.
    """
    if len(text) > HOURS_LENGTH_MAX:
        raise ValueError(f"expected bad_hours of at most {HOURS_LENGTH_MAX} characters, found more")
    return tuple(_window(part.strip()) for part in text.split(";") if part.strip())


def window_at(windows: tuple[Window, ...], asset_class: str, time_ns: int) -> Window | None:
    """Return the window of a class that an instant lies in, or None. time_ns: UTC nanoseconds."""
    minutes = time_ns // MINUTE_NS
    minute = minutes % DAY_MINUTES
    weekday = (minutes // DAY_MINUTES + EPOCH_WEEKDAY) % len(WEEKDAYS)
    for window in windows:
        is_day = window.weekday in {EVERY_DAY, weekday}
        if window.asset_class == asset_class and is_day and window.start <= minute < window.end:
            return window
    return None


def window_text(window: Window) -> str:
    """Return a window as a person writes it."""
    day = "" if window.weekday == EVERY_DAY else f" {WEEKDAYS[window.weekday]}"
    return f"{window.asset_class}{day} {_clock(window.start)}-{_clock(window.end)}"


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text)
    if found is not None and found["of"] in set(AssetClass):
        day = found["day"]
        start, end = _minutes(found["from"]), _minutes(found["until"])
        is_day = day is None or day in WEEKDAYS
        if is_day and 0 <= start < end <= DAY_MINUTES:
            weekday = EVERY_DAY if day is None else WEEKDAYS.index(day)
            return Window(asset_class=found["of"], weekday=weekday, start=start, end=end)
    raise ValueError(
        f'expected bad_hours such as "forex fri 20:45-22:15; stocks 13:30-13:45", found {text!r}'
    )


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else -1


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
