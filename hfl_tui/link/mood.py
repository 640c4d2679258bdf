"""What state the whole is in, as one word and one sentence: the header's first row says it.

Pure: a picture and a moment go in.
"""

from dataclasses import dataclass
from typing import Final

from hfl_tui.formats import SECOND_NS, age, clock, stamp
from hfl_tui.link.picture import BarAge, Picture, StopShown

EMPTY: Final = "NO JOURNAL"
BROKEN: Final = "UNREADABLE"
LOADING: Final = "LOADING"
HUNG: Final = "ENGINE HUNG"
DISCONNECTED: Final = "DISCONNECTED"
ENDED: Final = "NO DAEMON"
KILLED: Final = "KILLED"
HALTED: Final = "HALTED"
STARTING: Final = "STARTING"
PAUSED: Final = "PAUSED"
STALE: Final = "STALE"
FINE: Final = ""

# A beating engine writes its board four times a second.
HUNG_NS: Final = 10 * SECOND_NS
# Data is stale behind three usual steps, and never before five seconds.
STALE_STEPS: Final = 3
STALE_NS_MIN: Final = 5 * SECOND_NS
# How the engine names the halt that every run begins with.
RECOVERING: Final = "recovering"
OPERATORS: Final = ("engine", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """kind: a word of this module; weight: a style or nothing.

    is_old: every value gets a ~; old_symbols: those of these instruments do.
    """

    kind: str
    sentence: str = ""
    weight: str = ""
    is_old: bool = False
    old_symbols: frozenset[str] = frozenset()

    def doubts(self, picture: Picture) -> bool:
        """Tell whether what the account is worth rests on an old price."""
        return self.is_old or any(one.symbol in self.old_symbols for one in picture.held)


def mood(picture: Picture, now_ns: int) -> Mood:
    """Return the most important thing to know; what makes the rest doubtful comes first."""
    unknown = _unknown(picture, now_ns)
    if unknown is not None:
        return unknown
    old = old_bars(picture, now_ns)
    symbols = frozenset(one.symbol for one in old)
    stale = is_stale(picture, now_ns)
    stopped = _stopped(picture)
    if stopped is not None:
        return Mood(
            kind=stopped.kind,
            sentence=stopped.sentence,
            weight=stopped.weight,
            is_old=stale,
            old_symbols=symbols,
        )
    if stale:
        assert picture.board is not None
        since = age(picture.board.moved_ns, now_ns)
        told = f"no new bar for {since}, last {clock(picture.board.time_ns)}; marked ~"
        return Mood(kind=STALE, sentence=told, weight="caution", is_old=True)
    if old:
        worst = old[0]
        more = f" and {len(old) - 1} more" if len(old) > 1 else ""
        told = f"quotes {age(worst.wall_ns, now_ns)} ({worst.symbol}{more}); marked ~"
        return Mood(kind=STALE, sentence=told, weight="caution", old_symbols=symbols)
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
            sentence=f"by {_who(who)} {clock(who.since_ns)}{more} no new risk, exits on :resume",
            weight="caution",
        )
    if picture.state == "halted":
        why = picture.halt_reason or "by itself"
        if why == RECOVERING:
            told = "comparing with the broker; no order before they agree"
            return Mood(kind=STARTING, sentence=told, weight="caution")
        return Mood(kind=HALTED, sentence=f"{why}; :why-halt", weight="alarm")
    return None


def _said(stop: StopShown, picture: Picture) -> str:
    """Say cause, value against limit, when, who, what is open: as short as eighty columns want."""
    cause = stop.reason
    if stop.value is not None and stop.threshold is not None:
        name = stop.limit.replace("daily", "day").replace("weekly", "week")
        name = name.replace("monthly", "month").replace("_", " ")
        cause = f"{name} {stop.value:,.2f}/{stop.threshold:,.2f}"
    at_venue = sum(one.stop_place == "b" for one in picture.held)
    held = f"{len(picture.held)} open, {at_venue} at broker" if picture.held else "flat"
    return f"{cause} {clock(stop.since_ns)[:5]} ({_who(stop)}) {held} :why-halt"


def _who(stop: StopShown) -> str:
    """Return who stopped it, without the process behind it."""
    return "auto" if stop.actor in OPERATORS else stop.actor.partition(" (")[0]


def is_stale(picture: Picture, now_ns: int) -> bool:
    """Tell whether bars have stopped coming at their usual pace."""
    board = picture.board
    if board is None or not picture.is_running or not board.moved_ns or not board.step_ns:
        return False
    if picture.bars:
        # A stream's engine time moves with its deadlines; each instrument speaks for itself.
        return False
    return is_late(board.moved_ns, board.step_ns, now_ns)


def old_bars(picture: Picture, now_ns: int) -> list[BarAge]:
    """Return the instruments of a stream whose bars are overdue, the oldest first."""
    found = [
        one for one in picture.bars if one.step_ns and is_late(one.wall_ns, one.step_ns, now_ns)
    ]
    return sorted(found, key=lambda one: one.wall_ns)


def is_late(then_ns: int, step_ns: int, now_ns: int) -> bool:
    """Tell whether something that comes at a usual pace is overdue."""
    return now_ns - then_ns > max(STALE_STEPS * step_ns, STALE_NS_MIN)
