"""The summary at the end of a run: what was done, what it came to, how long it stood halted."""

from dataclasses import asdict, dataclass
from typing import Final

from hfl.daemon import RunOutcome
from hfl_core.domain import events as ev
from hfl_core.domain.money import money_from_units, plain
from hfl_core.domain.reasons import gate_of, meaning_of
from hfl_core.engine.step import Engine
from hfl_journal.reader import JournalReader

HALTED_SHARE_NOTED: Final = 0.2
# What puts a stop in force; it stands until a Resumed names it.
STOPPING: Final = ("LimitTripped", "StopLatched", "LatchFound")
NEVER: Final = 1 << 62
STOPPED_CODES: Final = frozenset({"REDUCE_ONLY", "HALTED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the last screen says. Money as plain text; shares 0..1."""

    reason: str
    state: str
    seconds: float
    scans: int
    pairs: int
    counts: dict[str, int]
    rejected_rows: int
    rejected: dict[str, int]
    orders: int
    fills: int
    trades: int
    positions: int
    unknown: int
    cash: str
    equity: str
    high_water_mark: str
    fees: str
    realised: str
    profit: str
    halts: int
    scans_stopped: int
    stopped_share: float
    pairs_refused: int
    stops: tuple[str, ...]
    halted_symbols: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)

    def show(self) -> None:
        """Print it as tables."""
        from rich.console import Console
        from rich.table import Table

        console = Console(soft_wrap=False)
        table = Table(title="Run", show_header=False, title_justify="left", border_style="dim")
        table.add_column(style="dim")
        table.add_column()
        for name, text in self._lines():
            table.add_row(name, text)
        console.print(table)
        codes = Table(
            title="Why and why not: every (instrument, scan) pair",
            title_justify="left",
            border_style="dim",
        )
        for heading in ("code", "gate", "pairs", "share", "meaning"):
            codes.add_column(heading, justify="right" if heading in {"pairs", "share"} else "left")
        for code, number in sorted(self.counts.items(), key=lambda item: -item[1]):
            share = f"{number / max(self.pairs, 1):.1%}"
            codes.add_row(code, gate_of(code), f"{number:,}", share, meaning_of(code))
        console.print(codes)
        if self.rejected:
            refused = Table(
                title="Refused rows: nothing was invented in their place",
                title_justify="left",
                border_style="dim",
            )
            refused.add_column("instrument and reasons")
            refused.add_column("rows", justify="right")
            for key, number in sorted(self.rejected.items(), key=lambda item: -item[1]):
                refused.add_row(key, f"{number:,}")
            console.print(refused)
        if self.stopped_share > HALTED_SHARE_NOTED:
            console.print(
                f"[bold yellow]Note:[/] the bot stood stopped in {self.stopped_share:.0%} "
                "of all scans; the figures above are those of a bot often at rest."
            )

    def _lines(self) -> list[tuple[str, str]]:
        return [
            ("ended", f"{self.reason}, state {self.state}, after {self.seconds:.1f} s"),
            (
                "scans",
                f"{self.scans:,} slots, {self.pairs:,} (instrument, scan) pairs",
            ),
            ("refused rows", f"{self.rejected_rows:,}"),
            (
                "orders",
                (
                    f"{self.orders:,} intended, {self.fills:,} fills, {self.trades:,} trades, "
                    f"{self.unknown} unknown"
                ),
            ),
            ("positions", f"{self.positions} open"),
            ("equity", f"{self.equity}  (profit {self.profit}, fees {self.fees})"),
            ("high-water mark", self.high_water_mark),
            (
                "limit halts",
                (
                    f"{self.halts}; stopped in {self.scans_stopped:,} scans "
                    f"({self.stopped_share:.1%}), {self.pairs_refused:,} entries refused there"
                ),
            ),
            ("stops in force", ", ".join(self.stops) or "none"),
            ("halted instruments", ", ".join(self.halted_symbols) or "none"),
        ]


def scans_stopped(reader: JournalReader) -> int:
    """Return how many scans of a whole journal were made with a stop in force."""
    standing: set[str] = set()
    since = total = 0
    for row in reader.rows_of(*STOPPING, "Resumed"):
        total += _scans_between(reader, since, row.seq) if standing else 0
        since, event = row.seq, row.event
        if isinstance(event, ev.Resumed):
            standing.difference_update(event.latch_ids)
        elif isinstance(event, ev.LimitTripped | ev.StopLatched | ev.LatchFound):
            standing.add(event.latch_id)
    return total + (_scans_between(reader, since, NEVER) if standing else 0)


def _scans_between(reader: JournalReader, start: int, end: int) -> int:
    total = 0
    for row in reader.rows_of("ScansCoalesced", after_seq=start):
        if row.seq >= end:
            break
        assert isinstance(row.event, ev.ScansCoalesced)
        total += row.event.scans
    return total


def summarise(engine: Engine, outcome: RunOutcome, reader: JournalReader) -> Summary:
    """Collect the summary from an engine at rest and the journal of all its runs."""
    book, decider = engine.core.book, engine.core.decider
    pairs = sum(book.counts.values())
    stopped = scans_stopped(reader)
    refused = sum(number for code, number in book.counts.items() if code in STOPPED_CODES)
    equity = money_from_units(decider.equity)
    return Summary(
        reason=outcome.reason,
        state=book.state,
        seconds=round(outcome.seconds, 3),
        scans=book.scans,
        pairs=pairs,
        counts=dict(book.counts),
        rejected_rows=book.rejected_rows,
        rejected=dict(book.rejected),
        orders=book.numbers,
        fills=book.fills,
        trades=book.trades,
        positions=len(book.positions),
        unknown=sum(1 for order in book.live.values() if order.status.value == "unknown"),
        cash=plain(book.cash),
        equity=plain(round(equity, 2)),
        high_water_mark=plain(round(money_from_units(decider.high_water_mark), 2)),
        fees=plain(round(book.fees, 2)),
        realised=plain(round(book.realised, 2)),
        profit=plain(round(equity - book.opened_cash - book.cash_moved, 2)),
        halts=book.trips,
        scans_stopped=stopped,
        stopped_share=stopped / book.scans if book.scans else 0.0,
        pairs_refused=refused,
        stops=tuple(f"{latch.level}: {latch.reason}" for latch in book.latches.values()),
        halted_symbols=tuple(book.halted_symbols),
    )
