"""What the emergency panel says, as lines: choices, and the ladder step by step with its times."""

from typing import Final

from hfl_core.control.ladder import LIMIT_S
from hfl_tui.emergency.siren import CLOSE_ALL, KILL, PAUSE, Trail
from hfl_tui.formats import SECOND_NS, clock, signed
from hfl_tui.lines import Line, Span, line, wrap
from hfl_tui.link.picture import AT_VENUE, Picture

WIDTH: Final = 62
NAMES: Final = {PAUSE: "PAUSE", CLOSE_ALL: "CLOSE ALL", KILL: "KILL"}
_CALL_S, _EXIT_S, _TERM_S = (LIMIT_S[phase] for phase in ("calling", "exiting", "terminating"))
# What is still to come, by verb: (event that does it, what is said of it until then).
AHEAD: Final = {
    PAUSE: (
        ("latched", "write the latch file"),
        ("acknowledged", f"the daemon acknowledges within {_CALL_S:.1f} s; the file holds anyway"),
    ),
    CLOSE_ALL: (
        ("latched", "write the latch file"),
        ("acknowledged", f"the daemon acknowledges within {_CALL_S:.1f} s"),
    ),
    KILL: (
        ("latched", "write the latch file"),
        ("acknowledged", f"acknowledged within {_CALL_S:.1f} s, else SIGTERM"),
        ("exited", f"ended within {_EXIT_S:.0f} s, else SIGTERM; {_TERM_S:.0f} s on SIGKILL"),
        ("unchecked", "what is left at the venue is told"),
    ),
}
GOOD_EVENTS: Final = frozenset({"latched", "acknowledged", "exited", "no_daemon", "checked"})
BAD_EVENTS: Final = frozenset({"latch_failed", "deadline", "signal_failed", "failed"})


def standing_lines(picture: Picture) -> list[Line]:
    """Return what is open and where its stops rest: what one must know before a kill."""
    held, live = picture.held, picture.live_orders
    state = (picture.board.phase if picture.board is not None else picture.state) or "unknown"
    day = ""
    if picture.worth is not None and picture.worth.starts.get("day"):
        day = f"   day {signed(picture.worth.equity - picture.worth.starts['day'])}"
    who = f"engine {state.upper()}" if picture.is_running else "NO DAEMON RUNS"
    parts = f"   {_count(len(held), 'position')}   {_count(len(live), 'order')}{day}"
    rows = [line((who, "bold"), parts)]
    if held:
        at_venue = [one.symbol for one in held if one.stop_place == AT_VENUE]
        other = [one.symbol for one in held if one.stop_place != AT_VENUE]
        told: list[Span] = [(f"stops: {len(at_venue)} at the broker", "")]
        if other:
            told.append((f", NOT there: {', '.join(other)}", "bad"))
        rows.append(line(*told))
    rows.extend(
        line((f"{stop.level} in force since {clock(stop.since_ns)}: {stop.reason}"[:WIDTH], "warn"))
        for stop in picture.stops[:2]
    )
    return rows


def choice_lines(picture: Picture) -> list[Line]:
    """Return the choices."""
    count = len(picture.held)
    rows = (
        ("p", "PAUSE", "no new risk; exits and stops go on", "now"),
        ("r", "RISK CHECK", "only reads", "now"),
        ("f", "CLOSE ALL", f"cancel entries, close {count}, then pause", f"type {count}"),
        ("k", "KILL", f"end the engine; {count} STAY OPEN", "type KILL"),
    )
    found = [
        line(" ", (key, "key"), f"  {name:<11}", f"{what:<36}", (how, "bold"))
        for key, name, what, how in rows
    ]
    return [
        *found,
        line(),
        line(("^X again = PAUSE at once, even if this screen is frozen", "bold")),
        line(("no answer from here? other shell: hfl pause, kill, panic", "dim")),
        line(("esc  close, nothing changed", "dim")),
    ]


def trail_lines(trail: Trail, picture: Picture) -> list[Line]:
    """Return every step with its time, what is still ahead, and the proof."""
    verb = NAMES[trail.verb]
    rows = [line((f"{verb}  ", "bold"), (f"request {trail.request_id}", "dim")), line()]
    for step in trail.steps:
        mark, style = ("[x]", "good") if step.event in GOOD_EVENTS else ("[-]", "")
        if step.event in BAD_EVENTS:
            mark, style = "[!]", "bad"
        when = f"{clock(step.wall_ns)}.{step.wall_ns % SECOND_NS // 10_000_000:02d}"
        head = f" {when} {step.milliseconds:>7,.0f} ms  "
        told = wrap(step.sentence, WIDTH - 4 - len(head))
        rows.append(line((mark, style), head, told[0] if told else ""))
        rows += [line(" " * (len(head) + 3), part) for part in told[1:]]
    if trail.exit_code is None:
        done = set(trail.events)
        last = max(
            (place for place, (event, _) in enumerate(AHEAD[trail.verb]) if event in done),
            default=-1,
        )
        rows += [line("[ ] ", (told, "dim")) for _, told in AHEAD[trail.verb][last + 1 :]]
    rows += [line(), *proof_lines(trail, picture)]
    return rows


def proof_lines(trail: Trail, picture: Picture) -> list[Line]:
    """Return what shows that it holds: entries taken since the latch, and what is still open."""
    since = sum(moment > trail.began_wall_ns for moment in picture.entries_wall_ns)
    style = "good" if since == 0 else "bad"
    rows = [line("entries accepted since the latch: ", (str(since), style))]
    held = _count(len(picture.held), "position")
    if trail.verb == KILL and picture.held:
        stay = "STAYS" if len(picture.held) == 1 else "STAY"
        rows.append(line((f"{held} {stay} OPEN; close without the engine: hfl panic", "warn")))
    elif trail.verb == CLOSE_ALL:
        rows.append(line(f"still open: {held}, {_count(len(picture.live_orders), 'order')}"))
    if trail.exit_code is not None:
        done = "done" if trail.exit_code == 0 else f"ended with exit code {trail.exit_code}"
        rows.append(line((done, "good" if trail.exit_code == 0 else "bad"), "; esc goes back"))
    return rows


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
