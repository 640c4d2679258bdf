"""The two rows that every screen begins with: state and money, then ages; they never move."""

from decimal import Decimal
from typing import Final

from hfl_tui.formats import age, clock, money, signed, signed_percent, stamp
from hfl_tui.lines import Line, Span, ends, fit, kept_end, line, width_of
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.panels.desks import desk_summary

# The machine's states as the header shows them, long and short.
STAGES: Final = (
    ("idle", "idle", "idle"),
    ("scanning", "scanning", "scan"),
    ("signalling", "signalling", "signal"),
    ("risk_check", "risk-check", "risk"),
    ("executing", "executing", "exec"),
)
WIDE: Final = 120
FRESH_NS: Final = 3_000_000_000


def header(picture: Picture, mood: Mood, *, now_ns: int, width: int, news: Line) -> list[Line]:
    """Return both rows."""
    name = _name(picture)
    if mood.kind:
        first = line(name, "  ", (f" {mood.kind} ", mood.weight or "banner"), f" {mood.sentence}")
        first = ends(first, line(_beat(picture, now_ns)), width)
        below = [*_money(picture, mood), *_ages(picture, now_ns), *_models(picture, width)]
    else:
        wanted = _joined([*_money(picture, mood), [_beat(picture, now_ns)]], gap="  ")
        stages = line(name, "  ", *_pipeline(picture, width=width))
        if width_of(stages) + width_of(wanted) >= width:
            stages = line(name, "  ", (f"[{_phase(picture).upper()}]", "bold"))
        first = kept_end(stages, wanted, width)
        below = [*_ages(picture, now_ns), *_models(picture, width)]
    return [fit(first, width), kept_end(_joined(below), news, width)]


def _name(picture: Picture) -> Span:
    mode = picture.mode.upper()
    return ("LIVE!", "alarm") if picture.mode == "live" else (mode, "bold")


def _pipeline(picture: Picture, *, width: int) -> list[Span]:
    """Return the machine's states with the present one in brackets."""
    now = _phase(picture)
    is_wide = width >= WIDE
    parts: list[Span] = []
    for state, long, short in STAGES:
        text = long if is_wide else short
        if parts:
            parts.append((" > " if is_wide else ">", "dim"))
        parts.append((f"[{text.upper()}]", "bold") if state == now else (text, "dim"))
    return parts


def _phase(picture: Picture) -> str:
    return (picture.board.phase if picture.board is not None else picture.state) or "new"


def _money(picture: Picture, mood: Mood) -> list[list[Span]]:
    """Return equity and the day's result; old ones carry a ~."""
    worth = picture.worth
    if worth is None:
        return [[("eq -", "dim")]]
    old = "~" if mood.doubts(picture) else ""
    equity = [("eq ", "dim"), (f"{old}{money(worth.equity)}", "bold")]
    start = worth.starts.get("day", Decimal(0))
    if not start:
        return [equity]
    gain = worth.equity - start
    style = "good" if gain > 0 else ("bad" if gain < 0 else "")
    told = f"{old}{signed(gain)} {signed_percent(gain / start)}"
    return [equity, [("day ", "dim"), (told, style)]]


def _beat(picture: Picture, now_ns: int) -> Span:
    """Return the engine's heartbeat as a class, not as a number: it changes when that does."""
    if not picture.is_running:
        return ("no daemon", "dim")
    board = picture.board
    if board is None:
        return ("hb -", "warn")
    if now_ns - board.wall_ns < FRESH_NS:
        return ("hb ok", "good")
    return (f"hb {age(board.wall_ns, now_ns)}", "alarm")


def _ages(picture: Picture, now_ns: int) -> list[list[Span]]:
    """Return how old the bars, the board and the journal are."""
    parts: list[list[Span]] = []
    board = picture.board
    if board is not None and board.time_ns:
        moved = age(board.moved_ns, now_ns) if board.moved_ns else "?"
        told = stamp(board.time_ns) + (f" {moved}" if picture.is_running else "")
        parts.append([("bar ", "dim"), (told, "")])
    elif picture.time_ns:
        parts.append([("bar ", "dim"), (stamp(picture.time_ns), "")])
    if picture.bars:
        worst = min(picture.bars, key=lambda one: one.wall_ns)
        told = f"{age(worst.wall_ns, now_ns)} {worst.symbol}"
        parts.append([("oldest quote ", "dim"), (told, "")])
    if picture.seq:
        told = f"{picture.seq:,} {age(picture.row_wall_ns, now_ns)}"
        parts.append([("rows ", "dim"), (told, "")])
    if picture.is_copy:
        parts.append([("a copy", "warn")])
    if picture.exists and not parts:
        parts.append([("journal empty", "dim")])
    return parts


def _models(picture: Picture, width: int) -> list[list[Span]]:
    """Return what came of the last question to each model, where there is room for it."""
    return [desk_summary(picture.desks)] if width >= WIDE and picture.run_id else []


def _joined(parts: list[list[Span]], *, gap: str = " | ") -> Line:
    found: list[Span] = []
    for part in parts:
        if found:
            found.append((gap, "dim"))
        found.extend(part)
    return line(*found)


def moment(time_ns: int, now_ns: int, *, is_relative: bool) -> str:
    """Return a time of day, or how long ago it was by the clock that now_ns is of."""
    return age(time_ns, now_ns) if is_relative else clock(time_ns)
