"""The first act: the bot scans, decides, is vetoed and trades, until an order is unanswered."""

from decimal import Decimal
from typing import Final, NamedTuple

from hfl.demo.show import Step
from hfl.demo.stage import KILLED_SUBMIT, DemoError
from hfl.demo.tale import Tale, nth_attempt
from hfl.words import instant, plain
from hfl_core.domain import events as ev
from hfl_core.domain.orders import Purpose
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.ports import JournalRow

START_S: Final = 60.0


def trading(tale: Tale) -> None:
    """Let the bot trade until the order whose confirmation the venue holds back."""
    tale.show.act("1  It scans, decides, is vetoed and trades")
    pid = tale.stage.start_daemon("max")
    with tale.show.console.status(f"`hfl run` is process {pid}"):
        tale.follower.wait(
            lambda: nth_attempt(tale.follower, KILLED_SUBMIT),
            f"{KILLED_SUBMIT} orders sent",
            seconds=START_S,
        )
    _tell_scan(tale, pid)
    _tell_signal(tale)
    _tell_veto(tale)
    _tell_fill(tale)
    _tell_partial_fill(tale)


def _tell_scan(tale: Tale, pid: int) -> None:
    opened = tale.row_of(tale.follower.first(ev.DatasetOpened), "an opened market")
    scans = tale.row_of(tale.follower.first(ev.ScansCoalesced), "scans")
    assert isinstance(opened.event, ev.DatasetOpened)
    assert isinstance(scans.event, ev.ScansCoalesced)
    codes = ", ".join(f"{number} {code}" for code, number in scans.event.counts)
    tale.show.tell(
        Step(
            title="scan",
            what=f"{scans.event.scans} hourly scans of {', '.join(opened.event.symbols)} until "
            f"{instant(scans.event.slot_last_ns)}",
            why=f"process {pid}; every pair of instrument and scan ends with a reason: {codes}.",
            short=f"{scans.event.scans} scans of {len(opened.event.symbols)} instruments, "
            "each with a reason",
            rows=str(scans.seq),
        )
    )


def _tell_signal(tale: Tale) -> None:
    row = tale.row_of(tale.follower.first(ev.SignalEmitted, lambda e: e.direction != 0), "a signal")
    signal = row.event
    assert isinstance(signal, ev.SignalEmitted)
    way = "long" if signal.direction > 0 else "short"
    tale.show.tell(
        Step(
            title="signal",
            what=f"{signal.symbol} {way}, score {float(signal.blended):.2f}: {signal.setup}",
            why=signal.rationale,
            short=f"{signal.symbol} {way}, score {float(signal.blended):.2f}",
            rows=str(row.seq),
        )
    )


def _tell_veto(tale: Tale) -> None:
    row = tale.row_of(tale.follower.first(ev.RiskAssessed, lambda e: not e.allowed), "a veto")
    assessed = row.event
    assert isinstance(assessed, ev.RiskAssessed)
    tale.veto = row
    refusing = [rule for rule in assessed.rules if rule.outcome is Outcome.REFUSE]
    approving = sum(rule.outcome is Outcome.APPROVE for rule in assessed.rules)
    # The reason names the rule that decided; others may refuse because of it.
    deciding = [rule for rule in refusing if assessed.reason == f"RISK_{rule.rule.upper()}"]
    tale.show.tell(
        Step(
            title="veto",
            what=f"{assessed.symbol} refused, {assessed.reason}: "
            + "; ".join(_rule_text(rule) for rule in deciding or refusing),
            why=f"All {len(assessed.rules)} rules ran, {approving} approved; the most "
            "restrictive wins.",
            short=f"{assessed.symbol} by {assessed.reason}",
            rows=str(row.seq),
            style="yellow",
        )
    )


def _rule_text(rule: RuleVerdict) -> str:
    if not rule.value:
        return f"{rule.rule}: {rule.note}"
    value, limit, left = (
        plain(Decimal(each), 2) for each in (rule.value, rule.limit, rule.headroom)
    )
    unit = rule.unit.replace("account currency", "USD")
    return f"{rule.rule} {value} of at most {limit} {unit}, {left} left"


def _tell_fill(tale: Tale) -> None:
    for row, event in tale.follower.events(ev.Filled):
        fill, intent = event.fill, tale.intent(event.fill.client_id)
        if intent.purpose is not Purpose.ENTRY or fill.quantity != intent.quantity:
            continue
        tale.filled_id = intent.client_id
        order = f"{intent.side.value} {plain(fill.quantity)} {fill.symbol} at {plain(fill.price)}"
        tale.show.tell(
            Step(
                title="fill",
                what=f"{order}, fee {plain(fill.fee, 2)}; {_stop_text(tale, fill.symbol)}",
                why=intent.reason,
                short=order,
                rows=str(row.seq),
                style="green",
            )
        )
        return
    raise DemoError("expected a whole fill in the journal, found none: report this as a bug")


def _stop_text(tale: Tale, symbol: str) -> str:
    row = tale.follower.first(ev.ProtectionObliged, lambda e: e.symbol == symbol)
    event = tale.row_of(row, f"a protective stop of {symbol}").event
    assert isinstance(event, ev.ProtectionObliged)
    return f"protective stop at {plain(event.stop_price)}"


def _tell_partial_fill(tale: Tale) -> None:
    for row, event in tale.follower.events(ev.Filled):
        fill, intent = event.fill, tale.intent(event.fill.client_id)
        if intent.purpose is not Purpose.ENTRY or fill.quantity >= intent.quantity:
            continue
        share = f"{plain(fill.quantity)} of {plain(intent.quantity)} {fill.symbol}"
        ended = _end_of(tale, intent.client_id)
        tale.show.tell(
            Step(
                title="partial",
                what=f"{share} at {plain(fill.price)}; the rest {ended.event.status.value}: "
                f"{ended.event.text}",
                why="No more of a bar's volume may be ours than the configured share; the stop "
                "covers what was filled, not what was wanted.",
                short=f"{share}, the rest {ended.event.status.value}",
                rows=f"{row.seq}, {ended.row.seq}",
                style="yellow",
            )
        )
        return
    raise DemoError("expected a partial fill in the journal, found none: report this as a bug")


class _Ended(NamedTuple):
    row: JournalRow
    event: ev.OrderEnded


def _end_of(tale: Tale, client_id: str) -> _Ended:
    row = tale.row_of(
        tale.follower.first(ev.OrderEnded, lambda e: e.client_id == client_id),
        f"the end of {client_id}",
    )
    assert isinstance(row.event, ev.OrderEnded)
    return _Ended(row, row.event)
