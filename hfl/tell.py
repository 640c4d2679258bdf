"""Reasons in words and as JSON: one trace, told from the bar to the order."""

from datetime import UTC, datetime

from hfl_core.domain import events as ev
from hfl_core.engine.tracing import Trace
from hfl_core.ports import JournalRow


def instant(time_ns: int) -> str:
    """Return a time as text, UTC, to the second."""
    return f"{datetime.fromtimestamp(time_ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%SZ}"


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


def trace_text(trace: Trace, row: JournalRow) -> str:
    """Return a trace as text for a person."""
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    lines = [
        f"{trace.symbol}  {instant(trace.slot_ns)}  {trace.code}",
        f"  {trace.meaning} (gate: {trace.gate}; machine: {trace.state})",
    ]
    if trace.flags:
        lines.append(f"  flags      {', '.join(trace.flags)}")
    if trace.view is not None:
        view = trace.view
        held = {1: "long", -1: "short", 0: "flat"}[view.position]
        lines.append(
            f"  bar        open {view.open:g}  high {view.high:g}  low {view.low:g}  close {view.close:g}  volume {view.volume:g}"
        )
        lines.append(
            f"  position   {held}"
            + (f" since {view.bars_held} bars at {view.entry_price:g}" if view.position else "")
        )
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
            f"             score {evidence.score:.4f} x confidence {evidence.confidence:.4f} -> {trace.blended.score:.4f}"
            f" (entry from {trace.threshold:g})"
        )
    if trace.sizing:
        lines.append("  sizing     " + "  ".join(f"{name} {text}" for name, text in trace.sizing))
    for verdict in trace.rules:
        mark = {"approve": "ok  ", "refuse": "NO  ", "not_applicable": "n/a "}[
            verdict.outcome.value
        ]
        numbers = f"value {verdict.value}  limit {verdict.limit}  headroom {verdict.headroom} {verdict.unit}".rstrip()
        lines.append(
            f"  {mark} {verdict.rule:<16} "
            + (numbers if verdict.value else verdict.note)
            + (f"  ({verdict.note})" if verdict.value and verdict.note else "")
        )
    lines.append(
        f"  journal    row {row.seq}, data set {scans.dataset_id}, digest {scans.digest[:16]}, hash {row.hash.hex()[:16]}"
    )
    return "\n".join(lines) + "\n"
