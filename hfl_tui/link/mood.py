"""What state the whole is in, as one word and one sentence: the header's first row says it.

Pure: a picture and a moment go in.
"""

from dataclasses import dataclass
from typing import Final

from hfl_tui.formats import SECOND_NS, age, clock, stamp
from hfl_tui.link.picture import Picture, StopShown

EMPTY: Final = "NO JOURNAL"
BROKEN: Final = "UNREADABLE"
LOADING: Final = "LOADING"
HUNG: Final = "ENGINE HUNG"
DISCONNECTED: Final = "DISCONNECTED"
ENDED: Final = "NO DAEMON"
KILLED: Final = "KILLED"
HALTED: Final = "HALTED"
PAUSED: Final = "PAUSED"
STALE: Final = "STALE"
FINE: Final = ""

# A beating engine writes its board four times a second.
HUNG_NS: Final = 10 * SECOND_NS
# Data is stale behind three usual steps, and never before five seconds.
STALE_STEPS: Final = 3
STALE_NS_MIN: Final = 5 * SECOND_NS
OPERATORS: Final = ("engine", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """kind: a word of this module; weight: a style or nothing; is_old: values get a ~."""

    kind: str
    sentence: str = ""
    weight: str = ""
    is_old: bool = False


def mood(picture: Picture, now_ns: int) -> Mood:
    """Return the most important thing to know; what makes the rest doubtful comes first."""
    found = _unknown(picture, now_ns) or _stopped(picture)
    if found is not None:
        return found
    if is_stale(picture, now_ns):
        assert picture.board is not None
        since = age(picture.board.moved_ns, now_ns)
        return Mood(
            kind=STALE,
            sentence=f"no new bar for {since}, last {clock(picture.board.time_ns)}; marked ~",
            weight="caution",
            is_old=True,
        )
    return Mood(kind=FINE)


def _unknown(picture: Picture, now_ns: int) -> Mood | None:
    """Return what keeps the screen from knowing."""
    if picture.trouble:
        return Mood(kind=BROKEN, sentence=picture.trouble, weight="alarm", is_old=True)
    if not picture.exists:
        told = "a daemon is starting" if picture.is_running else "start the bot: hfl run, hfl demo"
        return Mood(kind=EMPTY, sentence=told, weight="caution")
    if picture.loaded < 1:
        return Mood(kind=LOADING, sentence=f"{picture.loaded:.0%} of the journal", is_old=True)
    if not picture.is_running:
        return _without_daemon(picture)
    return _hung(picture, now_ns)


def _without_daemon(picture: Picture) -> Mood:
    seen = stamp(picture.time_ns)
    if picture.run_ended or not picture.run_id:
        why = f"run ended: {picture.run_ended}" if picture.run_ended else "no run yet"
        weight = "alarm" if picture.run_ended == "killed" else "banner"
        return Mood(kind=ENDED, sentence=f"{why}; shown as of {seen}", weight=weight, is_old=True)
    return Mood(
        kind=DISCONNECTED,
        sentence=f"the daemon is gone; shown as of {seen}; stops rest at the broker",
        weight="alarm",
        is_old=True,
    )


def _hung(picture: Picture, now_ns: int) -> Mood | None:
    beat = max(0 if picture.board is None else picture.board.wall_ns, picture.row_wall_ns)
    if now_ns - beat < HUNG_NS:
        return None
    socket = {True: "socket ok", False: "socket silent", None: "socket not asked"}
    return Mood(
        kind=HUNG,
        sentence=f"{socket[picture.is_answering]}, last cycle {age(beat, now_ns)} ago; "
        "^X k kills by signal",
        weight="alarm",
        is_old=True,
    )


def _stopped(picture: Picture) -> Mood | None:
    stops = picture.stops
    if picture.level == "kill":
        who = next(stop for stop in stops if stop.level == "kill")
        return Mood(kind=KILLED, sentence=_said(who, picture), weight="alarm")
    limit = next((stop for stop in stops if stop.limit), None)
    if limit is not None:
        return Mood(kind=HALTED, sentence=_said(limit, picture), weight="alarm")
    if stops:
        more = f" and {len(stops) - 1} more" if len(stops) > 1 else ""
        who = stops[-1]
        return Mood(
            kind=PAUSED,
            sentence=f"by {_who(who)} {clock(who.since_ns)}{more}: no new risk, exits on; :resume",
            weight="caution",
        )
    if picture.state == "halted":
        why = picture.halt_reason or "by itself"
        return Mood(kind=HALTED, sentence=f"{why}; see :risk-check", weight="alarm")
    return None


def _said(stop: StopShown, picture: Picture) -> str:
    at_venue = sum(one.stop_place == "b" for one in picture.held)
    who = _who(stop)
    held = f"{len(picture.held)} open, {at_venue} with a stop at the broker"
    return f"{stop.reason} {clock(stop.since_ns)} ({who}); {held}; :resume"


def _who(stop: StopShown) -> str:
    """Return who stopped it, without the process behind it."""
    return "auto" if stop.actor in OPERATORS else stop.actor.partition(" (")[0]


def is_stale(picture: Picture, now_ns: int) -> bool:
    """Tell whether bars have stopped coming at their usual pace."""
    board = picture.board
    if board is None or not picture.is_running or not board.moved_ns or not board.step_ns:
        return False
    return now_ns - board.moved_ns > max(STALE_STEPS * board.step_ns, STALE_NS_MIN)
