"""One row of the journal as it was then: what it says, and what had led to it, nothing later."""

from typing import Final

from hfl.commands.explain import told_of
from hfl.glance import Glance, Row
from hfl.screen.sections import story_sections
from hfl.story import DECISION_KINDS, Story, sources_of, with_decisions
from hfl.words import instant
from hfl_core.domain.errors import JournalError
from hfl_tui.ports import Section, Told

# So many signals back, an instrument's last one is looked for.
SIGNALS_MAX: Final = 64
# Rows that a story is told of; with the others goes the story of the last decision.
STORY_KINDS: Final = DECISION_KINDS | {"OrderIntended"}


def row_of(journal: Glance, seq: int) -> Row:
    """Return a row. Raises JournalError when there is none."""
    row = journal.row(seq)
    if row is None:
        last = journal.last_seq()
        raise JournalError(f"expected a row from 1 to {last}, found {seq}: name another one")
    return row


def order_of(row: Row) -> str:
    """Return the client order id that a row is about, empty for none."""
    return str(row.data.get("client_id") or row.data.get("fill", {}).get("client_id", ""))


def symbol_of(journal: Glance, row: Row) -> str:
    """Return the symbol that a row is about, empty for none."""
    own = row.data.get("symbol") or row.data.get("fill", {}).get("symbol", "")
    order = order_of(row)
    if own or not order:
        return str(own)
    return next((str(one.data["symbol"]) for one in journal.about(order) if "symbol" in one.data),
                "")  # fmt: skip


def step_of(journal: Glance, seq: int, symbol: str) -> Told:
    """Tell a row with what had led to it by then. Raises JournalError."""
    row = row_of(journal, seq)
    symbol = symbol_of(journal, row) or symbol
    lines = tuple(line.strip() for line in told_of(row))
    rows = _known(journal, row, symbol)
    sections, last = [Section(title="", rows=lines)], ""
    if not any(one.kind in STORY_KINDS for one in rows):
        decided = _decided(journal, seq, symbol)
        if decided is not None:
            rows = _known(journal, decided, symbol, until=seq)
            last = f"Last decision of {symbol}, row {decided.seq:,}, {instant(decided.time_ns)}"
    if any(one.kind in STORY_KINDS for one in rows):
        told = story_sections(Story(symbol, "", None, rows, sources_of(journal, seq + 1)))
        has_verdict = any(one.kind in {"SignalEmitted", "RiskAssessed"} for one in rows)
        if last:
            told = (Section(title=last, rows=told[0].rows), *told[1:])
        sections += told if has_verdict else told[1:]
    if row.kind in {"SignalEmitted", "RiskAssessed"}:
        # The sentence and the votes first: they say in short what the row says in full.
        raw = Section(title=f"Row {seq:,}  {row.kind}  {instant(row.time_ns)}", rows=lines)
        sections = [Section(title="", rows=sections[1].rows), *sections[2:], raw]
    return Told(headline=f"{symbol} {row.kind}".strip(), sections=tuple(sections))


def _decided(journal: Glance, seq: int, symbol: str) -> Row | None:
    """Return the newest signal of an instrument behind a row, as far as it is worth to look."""
    row = journal.newest("SignalEmitted", seq + 1)
    for _ in range(SIGNALS_MAX):
        if row is None or row.data["symbol"] == symbol:
            break
        row = journal.newest("SignalEmitted", row.seq)
    return row if row is not None and row.data["symbol"] == symbol else None


def _known(journal: Glance, row: Row, symbol: str, *, until: int = 0) -> list[Row]:
    """Return what a story of a row may hold: its step and its orders, until a row, else itself."""
    until = until or row.seq
    step = journal.step(row.cause_seq) if row.cause_seq else [row]
    own = [one for one in step if one.data.get("symbol") == symbol or one.seq == row.seq]
    orders = {order_of(one) for one in own if one.seq <= until} - {""}
    found = {one.seq: one for one in own}
    for order in orders:
        found.update((one.seq, one) for one in journal.about(order))
    known = with_decisions(journal, [found[seq] for seq in sorted(found) if seq <= until])
    return [one for one in known if one.seq <= until]
