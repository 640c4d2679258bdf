"""The sessions of a stock exchange: from the tables beside this file, else from exchange_calendars.

A table says what differs from "Monday to Friday at the usual hours"; `tools/make_calendars.py`
writes it. An exchange without a table needs the library (extra `data`), which brings pandas.
"""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_data.calendars.clock import utc_of
from hfl_data.inspection.arrays import DAY_NS, SECOND_NS, Bools, Ints

EXCHANGE_USUAL: Final = "XNYS"


class Exchange(NamedTuple):
    """zone: its clock; day_first, day_last: what is covered, days since 1970; days: its sessions.

    opens_ns, closes_ns: when trading begins and ends, UTC; a session with a pause is two of them.
    """

    name: str
    zone: str
    day_first: int
    day_last: int
    days: Ints
    opens_ns: Ints
    closes_ns: Ints


def exchange_names() -> tuple[str, ...]:
    """Return the exchanges that have a table, sorted."""
    tables = files("hfl_data.calendars").iterdir()
    return tuple(sorted(table.name[:-4] for table in tables if table.name.endswith(".txt")))


@lru_cache(maxsize=32)
def exchange(name: str) -> Exchange:
    """Return an exchange's sessions. Raises DataError when nobody knows it."""
    if name in exchange_names():
        table = files("hfl_data.calendars").joinpath(f"{name}.txt")
        return _from_table(name, table.read_text(encoding="utf-8").splitlines())
    return _from_library(name)


def _from_table(name: str, lines: Iterable[str]) -> Exchange:
    usual: dict[str, list[tuple[int, str]]] = {"open": [], "close": [], "break": []}
    head: dict[str, str] = {}
    special: dict[int, str] = {}
    for line in lines:
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] in usual:
            usual[words[0]].append((0 if words[1] == "always" else _day(words[1]), words[2]))
        elif len(words[0]) == len("2000-01-01"):
            special[_day(words[0])] = words[1]
        else:
            head[words[0]] = words[1]
    first, last = _day(head["from"]), _day(head["to"])
    days = np.arange(first, last + 1, dtype=np.int64)
    # Day 0 was a Thursday.
    is_session = (days + 3) % 7 < 5
    for day, what in special.items():
        is_session[day - first] = what != "closed"
    days = days[is_session]
    opens, closes = _clocks(usual["open"], days), _clocks(usual["close"], days)
    for day, what in special.items():
        if "-" in what:
            at = int(np.searchsorted(days, day))
            opens[at], closes[at] = (_minutes(clock) for clock in what.split("-"))
    begins, ends = [days * DAY_NS + opens], [days * DAY_NS + closes]
    for since, pause in usual["break"]:
        _cut(begins, ends, pause=pause, is_paused=days >= since)
    begin_ns, end_ns = np.concatenate(begins), np.concatenate(ends)
    order = np.argsort(begin_ns, kind="stable")
    order = order[(begin_ns < end_ns)[order]]
    return Exchange(
        name=name,
        zone=head["zone"],
        day_first=first,
        day_last=last,
        days=days,
        opens_ns=utc_of(begin_ns[order], head["zone"]),
        closes_ns=utc_of(end_ns[order], head["zone"]),
    )


def _cut(begins: list[Ints], ends: list[Ints], *, pause: str, is_paused: Bools) -> None:
    """Make two sessions of those with a pause."""
    if pause == "none":
        raise ValueError("expected a pause with its hours: the table of a pause that ended")
    starts, stops = (_minutes(clock) for clock in pause.split("-"))
    days_ns = begins[0] // DAY_NS * DAY_NS
    begins.append((days_ns + stops)[is_paused])
    ends.append(ends[0][is_paused])
    ends[0] = np.where(is_paused, days_ns + starts, ends[0])


def _clocks(times: list[tuple[int, str]], days: Ints) -> Ints:
    """Return the usual hour of each day, nanoseconds behind its midnight."""
    since = np.array([day for day, _ in times], dtype=np.int64)
    clocks = np.array([_minutes(clock) for _, clock in times], dtype=np.int64)
    return np.asarray(clocks[np.searchsorted(since, days, side="right") - 1], dtype=np.int64)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * 60 * SECOND_NS


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def _from_library(name: str) -> Exchange:
    known = ", ".join(exchange_names())
    try:
        import exchange_calendars
    except ImportError as error:
        raise DataError(
            f"expected an exchange among {known}, found {name!r}: choose one, or install the "
            "extra for all others with `pip install 'hedgefund-lite[data]'`"
        ) from error
    try:
        found: Any = exchange_calendars.get_calendar(name, start="1990-01-01")
    except (ValueError, exchange_calendars.errors.InvalidCalendarName) as error:
        raise DataError(
            f"expected an exchange among {known} or one that exchange_calendars knows, "
            f"found {name!r}: correct it"
        ) from error
    days = found.sessions.to_numpy().astype("datetime64[D]").astype(np.int64)
    return Exchange(
        name=name,
        zone=str(found.tz),
        day_first=int(days[0]),
        day_last=int(days[-1]),
        days=days,
        opens_ns=_instants(found.schedule["open"]),
        closes_ns=_instants(found.schedule["close"]),
    )


def _instants(column: Any) -> Ints:  # noqa: ANN401 - a column of pandas
    found = column.dt.tz_convert(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    return np.asarray(found, dtype=np.int64)
