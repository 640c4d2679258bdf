"""Tells reasons to the screen, by the journal alone, each call with a reader of its own."""

from hfl.commands import risk, risk_check
from hfl.commands.why import answer
from hfl.glance import Glance, Row
from hfl.home import Home
from hfl.limits import held_limits
from hfl.reading import NEWEST_NS, Standpoint, open_reader, scans_at
from hfl.risk_report import collect
from hfl.screen.checks import check_section
from hfl.screen.pages import page_before
from hfl.screen.risk_told import breakers_section, day_section
from hfl.screen.sections import answer_sections, story_sections
from hfl.screen.steps import row_of, step_of
from hfl.story import DECISION_KINDS, NotThereError, Story, sources_of, story_of
from hfl.whereabouts import Whereabouts
from hfl.words import instant, time_of
from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader
from hfl_tui.ports import Section, Told, TradePage

WIDTH = 78


class JournalTeller:
    """Answers the screen's questions; see hfl_tui.ports.Teller."""

    def __init__(self, where: Whereabouts) -> None:
        self._where = where
        self._home = Home(paths=where.paths, mode=where.mode, account=where.account)

    def tell(self, ask: str) -> Told:
        """Tell a trade, an order, a row's decision, or a scan."""
        kind, _, rest = ask.partition(" ")
        if kind == "why":
            symbol, _, time_text = rest.partition(" ")
            return self._why(symbol, _time(time_text))
        if kind == "scan":
            number, _, symbol = rest.partition(" ")
            return self._scan(int(number), symbol)
        with Glance.open(self._where.journal) as journal:
            if kind == "step":
                return self._step(journal, rest)
            if kind == "row":
                number, _, symbol = rest.partition(" ")
                return _decision(journal, int(number), symbol)
            try:
                return _story(journal, story_of(journal, ask))
            except NotThereError as error:
                raise JournalError(str(error)) from error

    def trades(self, before_seq: int) -> TradePage:
        """Return the stretch of trades in front of a row, 0 for the newest."""
        with Glance.open(self._where.journal) as journal:
            return page_before(journal, before_seq)

    def risk(self) -> Told:
        """Tell the envelope below the gauges."""
        with Glance.open(self._where.journal) as journal:
            found = collect(journal, self._where)
            day = day_section(found, journal)
            breakers = breakers_section(found, held_limits(journal).texts)
        told = risk.parts(found, width=WIDTH)
        rest = [Section(title=title, rows=tuple(rows)) for title, rows in told]
        sections = (day, breakers, *rest) if day is not None else (breakers, *rest)
        return Told(headline="risk", sections=sections)

    def check(self) -> Told:
        """Run a risk check."""
        checks = check_section(self._where)
        rows = risk_check.text_of(risk_check.checked(self._where)).splitlines()
        title = "The daemon's own word" if "running daemon" in rows[0] else "The journal's word"
        own = Section(title=title, rows=tuple(rows))
        return Told(headline="risk check", sections=(checks, own))

    def _step(self, journal: Glance, text: str) -> Told:
        """Tell a row as it was then; of scans, an instrument's last one in full."""
        number, _, symbol = text.partition(" ")
        seq = int(number)
        found = step_of(journal, seq, symbol)
        if row_of(journal, seq).kind != "ScansCoalesced":
            return found
        traced = self._scan(seq, symbol)
        return Told(headline=traced.headline, sections=(*found.sections, *traced.sections))

    # --- scans ------------------------------------------------------------------------------------

    def _scan(self, seq: int, symbol: str) -> Told:
        """Tell the last slot of one row of scans, for an instrument; without one, for the first."""
        with open_reader(self._home) as reader:
            row = reader.row(seq)
            if row is None or not isinstance(row.event, ev.ScansCoalesced):
                raise JournalError(f"expected scans in row {seq}, found none: look again")
            return self._traced(reader, row, symbol, NEWEST_NS)

    def _why(self, symbol: str, time_ns: int) -> Told:
        with open_reader(self._home) as reader:
            row = scans_at(reader, time_ns)
            if row is None:
                raise JournalError(
                    f"expected a time within the journal, found {instant(time_ns)}: "
                    "name a later one"
                )
            return self._traced(reader, row, symbol, time_ns)

    def _traced(self, reader: JournalReader, row: JournalRow, symbol: str, time_ns: int) -> Told:
        standpoint = Standpoint(reader, self._home)
        known = list(standpoint.plan(standpoint.segment_at(row.seq).started).instruments)
        symbol = symbol or known[0]
        if symbol not in known:
            raise JournalError(
                f"expected an instrument out of {', '.join(known)}, found {symbol!r}: correct it"
            )
        found = answer(standpoint, row, symbol=symbol, time_ns=time_ns)
        place = known.index(symbol)
        return Told(
            headline=f"{symbol} {instant(found.trace.slot_ns)}: {found.trace.code}",
            sections=answer_sections(found),
            older=f"scan {row.seq} {known[place - 1]}",
            newer=f"scan {row.seq} {known[(place + 1) % len(known)]}",
        )


def _time(text: str) -> int:
    if not text:
        return NEWEST_NS
    try:
        return time_of(text)
    except ValueError as error:
        raise JournalError(str(error)) from error


def _story(journal: Glance, story: Story) -> Told:
    trade = story.trade
    if trade is None:
        return Told(
            headline=f"{story.symbol} order {story.order[-12:]}", sections=story_sections(story)
        )
    state = f"{trade.profit:+,.2f}" if trade.closed_ns else "open"
    side = "long" if trade.is_long else "short"
    last = max((int(number) for number in _numbers(journal)), default=trade.number)
    return Told(
        headline=f"T-{trade.number} {trade.symbol} {side} {state}",
        sections=story_sections(story),
        older=str(trade.number - 1) if trade.number > 1 else "",
        newer=str(trade.number + 1) if trade.number < last else "",
    )


def _numbers(journal: Glance) -> list[int]:
    from hfl.trades import at_end

    return [at_end(journal)[0].count]


def _decision(journal: Glance, seq: int, symbol: str) -> Told:
    """Tell what a row belongs to: the order its step led to, else the decision itself."""
    row = journal.row(seq)
    if row is None:
        raise JournalError(f"expected row {seq}, found none: run `hfl journal verify`")
    step = journal.step(row.cause_seq) if row.cause_seq else [row]
    about = [one for one in step if one.data.get("symbol") == symbol]
    order = next((one for one in about if one.kind == "OrderIntended"), None)
    if order is not None:
        try:
            return _story(journal, story_of(journal, order.data["client_id"]))
        except NotThereError:
            pass
    rows = [one for one in step if one.kind == "ScansCoalesced" or _is_ours(one, row, symbol)]
    if row.seq not in {one.seq for one in rows}:
        rows.append(row)
    rows.sort(key=lambda one: one.seq)
    story = Story(symbol, "", None, rows, sources_of(journal, seq))
    return Told(headline=f"{symbol} {_headline(rows, row)}", sections=story_sections(story))


def _is_ours(one: Row, asked: Row, symbol: str) -> bool:
    if one.data.get("symbol") != symbol:
        return False
    return one.kind in DECISION_KINDS or one.seq == asked.seq


def _headline(rows: list[Row], asked: Row) -> str:
    judged = next((row for row in rows if row.kind == "RiskAssessed"), None)
    when = instant(asked.time_ns)
    if judged is not None and not judged.data["allowed"]:
        return f"not traded, {judged.data['reason']}, {when}"
    return f"{asked.kind}, {when}"
