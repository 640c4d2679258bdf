"""What happened along a line of time: rows as letters, and where the next one of interest is."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from hfl_core.domain import events as ev
from hfl_core.ports import JournalRow
from hfl_tui.link.past import Past

# letter -> what it stands for, the weightiest last: where several fall together, that one is shown.
LETTERS: Final = {
    "s": "scan",
    "S": "signal",
    "R": "risk",
    "t": "stop",
    "o": "order",
    "f": "fill",
    "x": "exit",
}
# Rows on a line, at most; those further from the moment are left out.
MARKS_MAX: Final = 240
KIND_LETTERS: Final[dict[str, str]] = {
    "ScansCoalesced": "s",
    "SignalEmitted": "S",
    "RiskAssessed": "R",
    "ProtectionObliged": "t",
    "OrderIntended": "o",
    "Filled": "f",
    "ExitDecided": "x",
}
# What one goes to with { and }: not the turning of the machine, and not the quiet.
PLAIN_KINDS: Final = frozenset(
    {
        "BarClosed", "CancelAnswered", "CancelIntended", "OpinionAsked", "OrderAccepted",
        "OrderQueried", "ProtectionReleased", "ReconcileReported", "ScansCoalesced",
        "SendAttempted", "SnapshotTaken", "TimePassed", "Transitioned",
    }
)  # fmt: skip
INTERESTING: Final = tuple(
    sorted(
        kind.__name__
        for kind in vars(ev).values()
        if isinstance(kind, type)
        and issubclass(kind, ev.Event)
        and kind is not ev.Event
        and kind.__name__ not in PLAIN_KINDS
    )
)


class Mark(NamedTuple):
    """One row on the line."""

    seq: int
    time_ns: int
    letter: str


def marks_around(
    past: Past, seq: int, symbol: str, *, span_ns: int, is_revealed: bool
) -> list[Mark]:
    """Return an instrument's rows within a span before a row, oldest first; or on both sides."""
    row = past.row(seq)
    found: list[Mark] = []
    for kind in KIND_LETTERS:
        found += _taken(past, _behind(past, kind, seq), symbol,
                        lambda one: one.time_ns >= row.time_ns - span_ns)  # fmt: skip
        if is_revealed:
            found += _taken(past, _ahead(past, kind, seq), symbol,
                            lambda one: one.time_ns <= row.time_ns + span_ns)  # fmt: skip
    return sorted(found)


def _taken(
    past: Past, seqs: Iterator[int], symbol: str, is_inside: Callable[[JournalRow], bool]
) -> Iterator[Mark]:
    for seq in seqs:
        row = past.row(seq)
        if not is_inside(row):
            return
        letter = KIND_LETTERS[row.kind]
        about = symbol_of(row, past)
        if about == symbol or (letter == "s" and not about):
            yield Mark(row.seq, row.time_ns, letter)


def _behind(past: Past, kind: str, seq: int) -> Iterator[int]:
    query = "SELECT seq FROM event_ref WHERE ref = ? AND seq <= ? ORDER BY seq DESC LIMIT ?"
    yield from past.ask(query, f"@{kind}", seq, MARKS_MAX)


def _ahead(past: Past, kind: str, seq: int) -> Iterator[int]:
    query = "SELECT seq FROM event_ref WHERE ref = ? AND seq > ? ORDER BY seq LIMIT ?"
    yield from past.ask(query, f"@{kind}", seq, MARKS_MAX)


def symbol_of(row: JournalRow, past: Past) -> str:
    """Return the symbol a row is about, empty for none. past: its book knows the orders."""
    event = row.event
    if isinstance(event, ev.Filled):
        return event.fill.symbol
    symbol = str(getattr(event, "symbol", ""))
    if symbol:
        return symbol
    order = past.book.orders.get(str(getattr(event, "client_id", "")))
    return "" if order is None else order.symbol


def next_of_interest(past: Past, seq: int, *, is_forward: bool) -> int:
    """Return the next row of interest on either side of a row, 0 for none."""
    order, side = ("min", ">") if is_forward else ("max", "<")
    query = f"SELECT {order}(seq) FROM event_ref WHERE ref = ? AND seq {side} ?"  # noqa: S608  # constants only
    seqs = [one for kind in INTERESTING for one in past.ask(query, f"@{kind}", seq) if one]
    return (min(seqs) if is_forward else max(seqs)) if seqs else 0


def row_at(past: Past, time_ns: int) -> int:
    """Return the last row whose engine time is not after a time, 0 for none: by halving."""
    low, high = 0, past.look()
    while low < high:
        middle = (low + high + 1) // 2
        if past.ask("SELECT time_ns FROM event WHERE seq = ?", middle)[0] <= time_ns:
            low = middle
        else:
            high = middle - 1
    return low
