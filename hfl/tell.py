"""Reasons in words and as JSON: one trace, told from the bar to the order.

And what stood in the way.
"""

from hfl.reading import seq_at
from hfl.words import SECOND_NS, instant, measured, short
from hfl_core.domain import events as ev
from hfl_core.domain.regimes import NAMES
from hfl_core.engine.step import Engine
from hfl_core.engine.tracing import Trace
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader

REJECTIONS_LOOKED_AT = 64


def trace_json(trace: Trace, row: JournalRow) -> dict[str, object]:
    """Return a trace as plain JSON values."""
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    view, evidence = trace.view, trace.evidence
    return {
        "symbol": trace.symbol,
        "slot": instant(trace.slot_ns),
        "code": trace.code,
        "gate": trace.gate,
        "meaning": trace.meaning,
        "state": trace.state,
        "flags": list(trace.flags),
        "bar": None
        if view is None
        else dict(zip(("open", "high", "low", "close", "volume"), view[2:7], strict=True)),
        "position": None if view is None else view.position,
        "regime": "" if view is None else view.regime,
        "features": dict(trace.features),
        "candidate": None if trace.candidate is None else trace.candidate._asdict(),
        "evidence": None
        if evidence is None
        else {
            "score": evidence.score,
            "confidence": evidence.confidence,
            "numbers": dict(evidence.numbers),
            "rationale": evidence.rationale,
            "stop_distance": evidence.stop_distance,
        },
        "blended": None if trace.blended is None else trace.blended.score,
        "threshold": trace.threshold,
        "sizing": dict(trace.sizing),
        "rules": [
            {
                "rule": v.rule,
                "outcome": v.outcome.value,
                "value": v.value,
                "limit": v.limit,
                "headroom": v.headroom,
                "unit": v.unit,
                "note": v.note,
            }
            for v in trace.rules
        ],
        "journal": {
            "row": row.seq,
            "digest": scans.digest,
            "data_set": scans.dataset_id,
            "hash": row.hash.hex(),
        },
    }


def trace_text(trace: Trace, row: JournalRow, *, around: list[str]) -> str:
    """Return a trace as text for a person."""
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    lines = [
        f"{trace.symbol}  {instant(trace.slot_ns)}  {trace.code}",
        f"  {trace.meaning} (gate: {trace.gate}; machine: {trace.state})",
    ]
    lines.extend(f"  because    {text}" for text in around)
    if trace.flags:
        lines.append(f"  flags      {', '.join(trace.flags)}")
    if trace.view is not None:
        view = trace.view
        held = {1: "long", -1: "short", 0: "flat"}[view.position]
        lines.append(
            f"  bar        open {view.open:g}  high {view.high:g}  low {view.low:g} "
            f" close {view.close:g}  volume {view.volume:g}"
        )
        lines.append(
            f"  position   {held}"
            + (f" since {view.bars_held} bars at {view.entry_price:g}" if view.position else "")
        )
        lines.append(f"  regime     {view.regime or 'not known yet'}")
    if trace.features:
        lines.append(
            "  features   " + "  ".join(f"{name} {value:.6g}" for name, value in trace.features)
        )
    if trace.candidate is not None:
        stance = {1: "long", -1: "short", 0: "flat"}[trace.candidate.direction]
        lines.append(f"  stance     {stance}: {trace.candidate.setup}")
    if trace.evidence is not None and trace.blended is not None:
        evidence = trace.evidence
        lines.append(f"  evidence   {evidence.rationale}")
        lines.append(
            f"             score {evidence.score:.4f} x confidence "
            f"{evidence.confidence:.4f} -> {trace.blended.score:.4f}"
            f" (entry from {trace.threshold:g})"
        )
    if trace.sizing:
        sizing = "  ".join(f"{name} {short(text)}" for name, text in trace.sizing)
        lines.append(f"  sizing     {sizing}")
    for verdict in trace.rules:
        mark = {"approve": "ok  ", "refuse": "NO  ", "not_applicable": "n/a "}[
            verdict.outcome.value
        ]
        numbers = measured(verdict.value, verdict.limit, verdict.headroom, unit=verdict.unit)
        lines.append(
            f"  {mark} {verdict.rule:<16} "
            + (numbers if verdict.value else verdict.note)
            + (f"  ({verdict.note})" if verdict.value and verdict.note else "")
        )
    lines.append(
        f"  journal    row {row.seq}, data set {scans.dataset_id}, digest "
        f"{scans.digest[:16]}, hash {row.hash.hex()[:16]}"
    )
    return "\n".join(lines) + "\n"


# --- what stood in the way ------------------------------------------------------------------------


def circumstances(
    reader: JournalReader, engine: Engine, trace: Trace, row: JournalRow
) -> list[str]:
    """Return what was missing, halted or under way, and since when.

    Nothing for codes that the numbers explain.
    """
    book = engine.core.book
    if trace.code in {"HALTED", "SKIPPED_BUSY"}:
        return [_machine(reader, trace, row)]
    if trace.code == "NO_DATA":
        return _missing(reader, engine, trace, row)
    if trace.code == "REDUCE_ONLY":
        return [
            f"{latch.level} stop {latch.latch_id} since {instant(latch.since_ns)}: {latch.reason}"
            for latch in book.latches.values()
        ]
    if trace.code == "INSTRUMENT_HALTED":
        return [f"halted: {book.halted_symbols.get(trace.symbol, 'a mismatch')}"]
    if trace.code == "WARMING_UP":
        lane = engine.core.lanes[trace.symbol]
        waiting = [
            spec.label
            for spec, (feature, _) in zip(lane.specs, lane.slots, strict=True)
            if not feature.is_ready
        ]
        return [f"{lane.bars} bars so far; not ready: {', '.join(waiting) or 'nothing any more'}"]
    if trace.code == "REGIME_UNFIT":
        return [_unfit(engine, trace)]
    if trace.code in {"ORDER_PENDING", "UNKNOWN_FREEZE", "EXIT_PENDING"}:
        return [
            (
                f"{order.purpose.value} order {order.client_id} is "
                f"{order.status.value} since {instant(order.intended_ns)}"
            )
            for order in book.live_orders(trace.symbol)
        ]
    return []


def _unfit(engine: Engine, trace: Trace) -> str:
    """Say which regime it is, and in which ones the strategy enters on this side."""
    fits = engine.core.lanes[trace.symbol].fits
    if fits is None or trace.candidate is None or trace.view is None:
        return "the strategy chooses its regimes"
    direction = trace.candidate.direction
    side = "long" if direction > 0 else "short"
    entered = ", ".join(name for name in NAMES if fits(direction, name)) or "none"
    return f"the regime is {trace.view.regime or 'not known'}; it enters {side} in: {entered}"


def _machine(reader: JournalReader, trace: Trace, row: JournalRow) -> str:
    """Return the transition that brought the machine where it was."""
    query = (
        "SELECT seq FROM event WHERE kind = 'Transitioned' AND seq < ? ORDER BY seq DESC LIMIT 1"
    )
    found = reader.connection.execute(query, (row.seq,)).fetchone()
    moved = None if found is None else reader.row(int(found[0]))
    if moved is None or not isinstance(moved.event, ev.Transitioned):
        return f"the machine was {trace.state}"
    why = f" ({moved.event.reason})" if moved.event.reason else ""
    return (
        f"the machine was {moved.event.target}{why} since {instant(moved.time_ns)}, row {moved.seq}"
    )


def _missing(reader: JournalReader, engine: Engine, trace: Trace, row: JournalRow) -> list[str]:
    lane = engine.core.lanes[trace.symbol]
    last = (
        f"its last accepted bar closed {instant(lane.bar_ns)}"
        if lane.bar_ns
        else "it had no accepted bar yet"
    )
    late = _came_late(reader, trace)
    if late:
        return [late]
    found = [f"no accepted bar of {trace.symbol} closed {instant(trace.slot_ns)}; {last}"]
    query = (
        "SELECT seq FROM event_ref WHERE ref = '@BarsRejected' "
        "AND seq <= ? ORDER BY seq DESC LIMIT ?"
    )
    for (seq,) in reader.connection.execute(query, (row.seq + 1, REJECTIONS_LOOKED_AT)):
        refused = reader.row(int(seq))
        event = None if refused is None else refused.event
        if isinstance(event, ev.BarsRejected) and event.symbol == trace.symbol:
            if (event.last_time_ns or 0) >= lane.bar_ns:
                found.append(
                    f"{event.count} row(s) refused: {', '.join(event.reasons)} "
                    f"(row {seq}, such as {event.sample})"
                )
            break
    return found


def _came_late(reader: JournalReader, trace: Trace) -> str:
    """Say when the bar of a stream came that its slot no longer waited for."""
    for row in reader.rows_of("BarMissedScan", after_seq=seq_at(reader, trace.slot_ns)):
        event = row.event
        if not isinstance(event, ev.BarMissedScan) or event.close_ns > trace.slot_ns:
            break
        if event.symbol == trace.symbol and event.close_ns == trace.slot_ns:
            return (
                f"its bar came {event.late_ns / SECOND_NS:.1f} s after the close, when the slot "
                f"was over (row {row.seq}): folded, and nothing decided on it"
            )
    return ""
