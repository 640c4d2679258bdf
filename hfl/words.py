"""Times, spans and numbers as a person reads them, and the two ways to write an answer out."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

SECOND_NS: Final = 1_000_000_000
LARGE: Final = 10_000
# The unit of most figures goes without saying.
MONEY: Final = "account currency"
NANOSECONDS: Final = "nanoseconds"


def instant(time_ns: int) -> str:
    """Return a time as text, UTC, to the second; a dash for none."""
    if not time_ns:
        return "-"
    return f"{datetime.fromtimestamp(time_ns // SECOND_NS, UTC):%Y-%m-%d %H:%M:%SZ}"


def span(time_ns: int) -> str:
    """Return a length of time as text, in its largest fitting unit."""
    seconds = time_ns / SECOND_NS
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.3g} s"


def plain(value: Decimal, digits: int | None = None) -> str:
    """Return a number in plain digits without trailing zeros, rounded if asked for."""
    rounded = value if digits is None else round(value, digits)
    text = format(rounded, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def short(text: str) -> str:
    """Return a real number with six digits, large ones with two places; anything else as it is."""
    try:
        number = float(text) if "." in text or "e" in text else None
    except ValueError:
        return text
    if number is None:
        return text
    return f"{number:.2f}" if abs(number) >= LARGE else f"{number:.6g}"


def measured(value: str, limit: str, headroom: str, *, unit: str) -> str:
    """Return a verdict's figures for a person: lengths of time as such, money without its name."""
    figures = (value, limit, headroom)
    if unit.startswith(NANOSECONDS):
        told = [span(int(text)) if text.lstrip("-").isdigit() else text for text in figures]
    else:
        told = [short(text) for text in figures]
    rest = unit.removeprefix(MONEY).removeprefix(NANOSECONDS).removeprefix(", ")
    pairs = zip(("value", "limit", "headroom"), told, strict=True)
    return ("  ".join(f"{name} {text}" for name, text in pairs) + f" {rest}").rstrip()


def write_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def time_of(text: str) -> int:
    """Read an instant in ISO 8601, UTC unless it names a zone.

    Raises ValueError with one sentence.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"expected a time such as 2020-03-12T10:00Z, found {text!r}: correct it"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_NS
