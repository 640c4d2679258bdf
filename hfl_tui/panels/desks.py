"""The models that were asked: how long each took, and which one a fallback stood in for."""

from collections.abc import Sequence
from typing import Final

from hfl_tui.formats import clock, span
from hfl_tui.lines import Line, Span, line, wrap
from hfl_tui.link.watched import FALLBACK, SILENT, SLOW_WORD, WAITED_FOR, DeskShown

STYLES: Final = {FALLBACK: "bad", SILENT: "bad", SLOW_WORD: "warn", WAITED_FOR: "dim"}
BRIEF_NS: Final = 100_000_000
NONE: Final = "none asked in this run"


def desk_summary(desks: Sequence[DeskShown]) -> list[Span]:
    """Return all of them in one stretch: how many answered as they should, then who did not."""
    if not desks:
        return [("models ", "dim"), (NONE, "dim")]
    sound = sum(one.is_sound for one in desks)
    parts: list[Span] = [("models ", "dim"), (f"{sound}/{len(desks)}", "")]
    for one in desks:
        style = STYLES.get(one.state, "")
        word = "" if one.is_sound else f" {one.state}"
        took = brief(one.took_ns) if one.took_ns else one.state
        parts.append((f" {one.desk} {took}{word}", style))
    return parts


def brief(length_ns: int) -> str:
    """Return a length of time; below a tenth of a second in milliseconds."""
    return f"{length_ns / 1e6:.0f}ms" if length_ns < BRIEF_NS else span(length_ns)


def desk_lines(desks: Sequence[DeskShown], *, width: int) -> list[Line]:
    """Return one line a model: what it is, how long it took, how that ended, what it said."""
    if not desks:
        return [line(("models       ", "dim"), (NONE, "dim"))]
    rows = []
    for one in desks:
        took = brief(one.took_ns) if one.took_ns else "-"
        state: Span = (one.state, STYLES.get(one.state, "good"))
        score = f" {float(one.score):+.2f}" if one.score else ""
        said = f" {one.source} {one.version}" if one.source else ""
        rows.append(
            line(
                f"{one.desk[:9]:<9} {took:>6} ",
                state,
                (f"{score} {one.symbol}{said} {clock(one.time_ns)[:5]}", "dim"),
            )
        )
        if not one.is_sound and one.detail:
            rows += [line((f"  {text}", "dim")) for text in wrap(one.detail, width - 2)[:1]]
    return rows
