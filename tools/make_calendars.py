"""Writes the calendars of exchanges that `hfl data check` judges by, from exchange_calendars.

    python tools/make_calendars.py [EXCHANGE ...]

Needs the extra `data`. A calendar is what differs from "every Monday to Friday, at the usual
hours": closed days, days with other hours, and extra sessions, from the first year to LAST.
"""

import sys
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "data" / "hfl_data" / "calendars"
EXCHANGES: Final = (
    "XASX",
    "XETR",
    "XJSE",
    "XLON",
    "XMIL",
    "XNYS",
    "XPAR",
    "XSTO",
    "XTKS",
    "XTSE",
)
FIRSTS: Final = ("1970-01-01", "1980-01-01", "1990-01-01", "2000-01-01")
LAST: Final = "2027-12-31"


def calendar_text(name: str) -> str:
    """Return the file of one exchange. Raises ValueError when the library cannot go so far."""
    calendar = _calendar(name)
    return "\n".join([*_head(name, calendar), *_days(calendar), ""])


def _calendar(name: str) -> Any:  # noqa: ANN401 - a class of a library that ships no types
    import exchange_calendars

    for first in FIRSTS:
        try:
            return exchange_calendars.get_calendar(name, start=first, end=LAST)
        except ValueError:
            if first == FIRSTS[-1]:
                raise
    return None


def _head(name: str, calendar: Any) -> Iterator[str]:  # noqa: ANN401
    from importlib.metadata import version

    yield f"# {name} by exchange_calendars {version('exchange-calendars')} (Apache-2.0)"
    yield f"zone {calendar.tz}"
    yield f"from {calendar.first_session:%Y-%m-%d}"
    yield f"to {LAST}"
    for begin, opens in calendar.open_times:
        yield f"open {_since(begin)} {opens:%H:%M}"
    for begin, closes in calendar.close_times:
        yield f"close {_since(begin)} {closes:%H:%M}"
    if calendar.break_start_times:
        pairs = zip(calendar.break_start_times, calendar.break_end_times, strict=True)
        for (begin, starts), (_, ends) in pairs:
            hours = "none" if starts is None else f"{starts:%H:%M}-{ends:%H:%M}"
            yield f"break {_since(begin)} {hours}"


def _days(calendar: Any) -> Iterator[str]:  # noqa: ANN401
    import pandas as pd

    weekdays = pd.bdate_range(calendar.first_session, LAST)
    sessions = calendar.sessions
    found = {f"{day:%Y-%m-%d}": "closed" for day in weekdays.difference(sessions)}
    found |= {f"{day:%Y-%m-%d}": "open" for day in sessions.difference(weekdays)}
    schedule = calendar.schedule
    opens = schedule["open"].dt.tz_convert(calendar.tz)
    closes = schedule["close"].dt.tz_convert(calendar.tz)
    for day, begin, end in zip(sessions, opens, closes, strict=True):
        usual = (_usual(calendar.open_times, day), _usual(calendar.close_times, day))
        if (begin.time(), end.time()) != usual:
            found[f"{day:%Y-%m-%d}"] = f"{begin:%H:%M}-{end:%H:%M}"
    for day in sorted(found):
        yield f"{day} {found[day]}"


def _usual(times: Any, day: Any) -> time:  # noqa: ANN401
    *_, last = (clock for begin, clock in times if begin is None or begin <= day)
    return time(last.hour, last.minute)


def _since(begin: Any) -> str:  # noqa: ANN401
    return "always" if begin is None else f"{begin:%Y-%m-%d}"


def main() -> int:
    """Write the calendars that were named, else all that the project ships."""
    for name in sys.argv[1:] or EXCHANGES:
        path = FOLDER / f"{name}.txt"
        path.write_text(calendar_text(name), encoding="utf-8")
        print(f"{path.name}: {len(path.read_text().splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
