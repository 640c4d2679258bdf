"""The slots of a stream that are not scanned yet: their bars, and who is still awaited.

Pure. Knows nothing of decisions, timers or the machine; slots.py concludes what is gathered here.
A slot opens with its first bar. It is over when every instrument delivered, or when its close and
the grace have passed. Slots are scanned in the order of their closes, so a complete one may wait.
"""

from dataclasses import dataclass

from hfl_core.domain.bars import BarRow, Slot, flag_names, flags_of
from hfl_core.domain.events import BarClosed, number_text
from hfl_core.domain.instruments import Instrument


@dataclass(slots=True, kw_only=True)
class OpenSlot:
    """One close of the scan timeframe while its bars come in.

    skipped: the reason code when nothing will be decided, because the machine was not idle when the
    slot opened; else empty.
    """

    time_ns: int
    skipped: str
    bars: dict[int, BarRow]

    def as_slot(self, cursor: int) -> Slot:
        """Return what came, in instrument order."""
        return Slot(self.time_ns, tuple(self.bars[index] for index in sorted(self.bars)), cursor)


class Gathering:
    """The open slots of one engine, by close. instruments: how many are watched."""

    __slots__ = ("grace_ns", "instruments", "open")

    def __init__(self, *, instruments: int, grace_ns: int) -> None:
        self.instruments = instruments
        self.grace_ns = grace_ns
        self.open: dict[int, OpenSlot] = {}

    def is_late(self, close_ns: int, *, now_ns: int, scanned_ns: int) -> bool:
        """Tell whether a bar comes too late for its slot's scan.

        scanned_ns: the newest slot that was scanned.
        """
        if close_ns <= scanned_ns:
            return True
        return close_ns not in self.open and now_ns >= self.ends_ns(close_ns)

    def holds(self, index: int, close_ns: int) -> bool:
        """Tell whether this bar, or a later one of its instrument, is already here."""
        return any(slot.time_ns >= close_ns and index in slot.bars for slot in self.open.values())

    def keep(self, bar: BarRow, close_ns: int, *, skipped: str) -> None:
        """Put a bar into its slot; the first one opens it."""
        slot = self.open.get(close_ns)
        if slot is None:
            slot = self.open[close_ns] = OpenSlot(time_ns=close_ns, skipped=skipped, bars={})
        slot.bars[bar[0]] = bar

    def first(self) -> OpenSlot | None:
        """Return the open slot that closed first."""
        return self.open[min(self.open)] if self.open else None

    def due(self, now_ns: int) -> OpenSlot | None:
        """Return the first open slot if it is over: complete, or its grace has passed."""
        slot = self.first()
        if slot is None:
            return None
        is_over = len(slot.bars) == self.instruments or now_ns >= self.ends_ns(slot.time_ns)
        return slot if is_over else None

    def ends_ns(self, close_ns: int) -> int:
        """Return when a slot no longer waits."""
        return close_ns + self.grace_ns


def row_of(event: BarClosed, index: int, instrument: Instrument) -> BarRow:
    """Return a journaled bar as the loop's own: prices in ticks."""
    tick = instrument.tick
    return BarRow(
        index,
        int(event.open / tick),
        int(event.high / tick),
        int(event.low / tick),
        int(event.close / tick),
        float(event.volume),
        flags_of(event.flags),
    )


def event_of(
    bar: BarRow, instrument: Instrument, *, source: str, open_ns: int, close_ns: int, cursor: int
) -> BarClosed:
    """Return a bar as its row in the journal: `row_of` reads exactly this bar back."""
    tick = instrument.tick
    return BarClosed(
        symbol=instrument.symbol,
        source=source,
        open_ns=open_ns,
        close_ns=close_ns,
        open=bar.open * tick,
        high=bar.high * tick,
        low=bar.low * tick,
        close=bar.close * tick,
        volume=number_text(bar.volume),
        flags=flag_names(bar.flags),
        cursor=cursor,
    )
