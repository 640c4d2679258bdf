"""Where somebody wants to go in the past, as typed: a time, a row, a trade, or a span."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from hfl_tui.formats import DAY_S, HOUR_S, MINUTE_S, SECOND_NS

UNITS: Final = {"s": 1, "m": MINUTE_S, "h": HOUR_S, "d": DAY_S, "w": 7 * DAY_S}
EXAMPLES: Final = "2020-03-12 10:00, row 1500, T-42, or -3d"


class Destination(NamedTuple):
    """kind: row, time or ask; value: its number or, in nanoseconds, its time; ask: a trade."""

    kind: str
    value: int = 0
    ask: str = ""


def destination(text: str, *, now_ns: int) -> Destination:
    """Read what was typed; relative spans count from now_ns. Raises ValueError, one sentence."""
    typed = text.strip()
    if found := re.fullmatch(r"(?:row )?([\d,]+)", typed):
        return Destination("row", int(found.group(1).replace(",", "")))
    if found := re.fullmatch(r"[Tt]-?(\d+)", typed):
        return Destination("ask", ask=found.group(1))
    if found := re.fullmatch(r"([+-])(\d+)([smhdw])", typed):
        span_ns = int(found.group(2)) * UNITS[found.group(3)] * SECOND_NS
        return Destination("time", now_ns + (span_ns if found.group(1) == "+" else -span_ns))
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise ValueError(f"expected {EXAMPLES}, found {typed!r}: type one of these") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Destination("time", int(moment.timestamp()) * SECOND_NS)
