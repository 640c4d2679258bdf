"""What the emergency panel says, as lines: choices, and the ladder step by step with its times."""

from typing import Final

from hfl_core.control.ladder import LIMIT_S
from hfl_tui.emergency.box import WIDTH
from hfl_tui.emergency.siren import CLOSE_ALL, KILL, PAUSE, Step, Trail
from hfl_tui.emergency.standing import count
from hfl_tui.formats import SECOND_NS, clock
from hfl_tui.lines import Line, line, wrap
from hfl_tui.link.picture import Happening, Picture, StopShown

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
        ("checked", "verify: ask the venue what is open"),
    ),
}
GOOD_EVENTS: Final = frozenset({"latched", "acknowledged", "exited", "no_daemon", "checked"})
BAD_EVENTS: Final = frozenset(
    {"latch_failed", "deadline", "signal_failed", "failed", "unconfirmed"}
)
# What a stop leads to, as the journal's lines name it.
TOLD_OF: Final = frozenset({"command", "STOP", "cancel", "LIMIT", "exit", "order", "fill", "run"})
ROWS_TOLD_MAX: Final = 4


def choice_lines(picture: Picture) -> list[Line]:
    """Return the choices."""
    held = len(picture.held)
    rows = (
        ("p", "PAUSE", "no new risk; exits and stops go on", "now"),
        ("r", "RISK CHECK", "only reads, about a second", "now"),
        ("f", "CLOSE ALL", f"cancel entries, close {held}, then pause", f"type {held}"),
        ("k", "KILL", f"stop the engine; {held} STAY OPEN", "type KILL"),
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
    rows = [line((f"{verb}  ", "bold"), (f"request {trail.request_id}", "dim"))]
    for step in trail.steps:
        rows += _step(step)
    if trail.exit_code is None:
        done = set(trail.events)
        last = max(
            (place for place, (event, _) in enumerate(AHEAD[trail.verb]) if event in done),
            default=-1,
        )
        rows += [line("[ ] ", (told, "dim")) for _, told in AHEAD[trail.verb][last + 1 :]]
    return [*rows, line(), *proof_lines(trail, picture)]


def _step(step: Step) -> list[Line]:
    mark, style = ("[x]", "good") if step.event in GOOD_EVENTS else ("[-]", "")
    if step.event in BAD_EVENTS:
        mark, style = "[!]", "bad"
    when = f"{clock(step.wall_ns)}.{step.wall_ns % SECOND_NS // 10_000_000:02d}"
    head = f" {when} {step.milliseconds:>6,.0f} ms  "
    told = wrap(step.sentence, WIDTH - 3 - len(head))
    rows = [line((mark, style), head, told[0] if told else "")]
    return rows + [line(" " * (len(head) + 3), part) for part in told[1:]]


def proof_lines(trail: Trail, picture: Picture) -> list[Line]:
    """Return what shows that it holds: orders taken since the latch, and what is still open."""
    rows = [accepted_line(picture, trail.began_wall_ns)]
    held = count(len(picture.held), "position")
    if trail.verb == KILL and picture.held:
        stay = "STAYS" if len(picture.held) == 1 else "STAY"
        rows.append(line((f"{held} {stay} OPEN; close without the engine: hfl panic", "warn")))
    elif trail.verb == CLOSE_ALL:
        live = count(len(picture.live_orders), "order")
        rows.append(line(f"still open: {held}, {live}; then the bot is paused"))
    if trail.exit_code is not None:
        done = "done" if trail.exit_code == 0 else f"ended with exit code {trail.exit_code}"
        rows.append(line((done, "good" if trail.exit_code == 0 else "bad"), "; esc goes back"))
    return rows


def accepted_line(picture: Picture, since_wall_ns: int) -> Line:
    """Return how many orders that raise risk the router let out behind a moment, by the journal."""
    since = sum(moment > since_wall_ns for moment in picture.entries_wall_ns)
    other = sum(moment > since_wall_ns for moment in picture.reducing_wall_ns)
    style = "good" if since == 0 else "bad"
    reducing = f", and {other} that only reduce" if other else ""
    at = f"{reducing} (to row {picture.seq:,})"
    return line("orders accepted since latch: ", (str(since), style), (at, "dim"))


def journal_lines(picture: Picture, stop: StopShown) -> list[Line]:
    """Return what the journal says of a stop, the same in every viewer, with its proof."""
    told = [
        one
        for one in picture.happenings
        if one.label in TOLD_OF and one.seq >= (stop.seq - 1 if stop.seq else picture.seq)
    ]
    rows = [line(("in force, as the journal has it", "bold"))]
    shown = [*told[:2], *told[2:][-(ROWS_TOLD_MAX - 2) :]]
    rows += [_happened(one) for one in shown]
    if stop.wall_ns:
        rows.append(accepted_line(picture, stop.wall_ns))
    return rows


def _happened(one: Happening) -> Line:
    text = f" {clock(one.wall_ns)}  {one.label:<8} {one.text}"
    return line(("[x]", "good"), text[: WIDTH - 3])
