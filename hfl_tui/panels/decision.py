"""The last decision in a few lines: what was wanted, by whom, and what the gate said."""

from typing import Final

from hfl_core.domain.money import plain
from hfl_tui.formats import clock
from hfl_tui.lines import Line, line, wrap
from hfl_tui.link.picture import Decision

WORDS: Final = {1: "LONG", -1: "SHORT", 0: "FLAT"}


def decision_lines(found: Decision | None, *, width: int) -> list[Line]:
    """Return the lines, wrapped to a width."""
    if found is None:
        return [line(("no decision yet", "dim"))]
    size = "" if found.quantity is None or not found.is_allowed else f" {plain(found.quantity)}"
    what = f"{WORDS.get(found.direction, '?')} {found.symbol}{size}"
    rows = [line((f"{clock(found.time_ns)} ", "dim"), (what, "bold"))]
    for source, weight, score in found.views:
        value = float(score)
        sign = "+" if value > 0 else ("-" if value < 0 else "0")
        style = {"+": "good", "-": "bad"}.get(sign, "")
        told = f"{abs(value):.2f} x {float(weight):.2f}"
        rows.append(line(f"{source[:12]:<12} ", (sign, style), f" {told}"))
    rows.append(line(f"{'score':<12} {float(found.blended):+.2f}"))
    rows.append(_verdict(found, width))
    rows.extend(line((text, "dim")) for text in wrap(found.rationale, width))
    return rows


def _verdict(found: Decision, width: int) -> Line:
    if not found.verdict:
        return line(f"{'risk':<12} ", ("not asked", "dim"))
    told = f"{found.passed} of {found.asked}"
    if found.is_allowed:
        return line(f"{'risk':<12} ", ("ok", "good"), f" {told}")
    why = found.verdict.removeprefix("RISK_").lower()
    return line(f"{'risk':<12} ", ("NO", "bad"), f" {why}"[: max(4, width - 15)])
