"""Which alerts nobody has acknowledged yet, and when the bell rings: once for each halt."""

from dataclasses import dataclass
from typing import Final

from hfl_tui.formats import DAY_S, SECOND_NS, clock
from hfl_tui.lines import Line, line
from hfl_tui.link.mood import HALTED, KILLED, Mood
from hfl_tui.link.picture import Happening, Picture

# Where nobody has ever acknowledged anything, this much of the past is news.
NEWS_NS: Final = DAY_S * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is not acknowledged. is_more: there may be more, further back than the picture goes."""

    alerts: tuple[Happening, ...] = ()
    is_more: bool = False

    @property
    def told(self) -> Line:
        """Say how many there are and when the newest came."""
        if not self.alerts:
            return line(("alerts none", "dim"))
        more = "+" if self.is_more else ""
        when = clock(self.alerts[-1].time_ns)[:5]
        return line((f"alerts {len(self.alerts)}{more} new {when}", "warn"))


class Alerts:
    """Remembers what this viewer acknowledged and for which halts it rang."""

    def __init__(self) -> None:
        self._seen_seq = -1
        self._rung: tuple[str, ...] | None = None

    def news(self, picture: Picture, now_ns: int) -> News:
        """Return what nobody has acknowledged, in this viewer or another one."""
        found = picture.happenings
        seen = max(self._seen_seq, picture.seen_seq)
        if seen > picture.seq and picture.loaded >= 1:
            # Another journal took this one's place.
            seen = self._seen_seq = -1
        if seen < 0:
            new = [one for one in found if one.is_alert and now_ns - one.wall_ns < NEWS_NS]
            return News(alerts=tuple(new))
        new = [one for one in found if one.is_alert and one.seq > seen]
        is_more = bool(new) and found[0].seq > seen + 1 and new[0] is _first_alert(found)
        return News(alerts=tuple(new), is_more=is_more)

    def acknowledge(self, picture: Picture) -> int:
        """Take all of them as seen; return up to which row."""
        self._seen_seq = picture.seq
        return picture.seq

    def rings(self, picture: Picture, mood: Mood) -> bool:
        """Tell whether the bell is due: a halt is there that was not at the last look.

        What is halted already when the viewer comes is shown, not rung for.
        """
        if picture.loaded < 1 or picture.trouble:
            return False
        halts: tuple[str, ...] = ()
        if mood.kind in {HALTED, KILLED}:
            serious = [one for one in picture.stops if one.limit or one.level == "kill"]
            halts = tuple(one.latch_id for one in serious) or (picture.halt_reason,)
        last, self._rung = self._rung, halts
        return last is not None and bool(set(halts) - set(last))


def _first_alert(found: tuple[Happening, ...]) -> Happening | None:
    return next((one for one in found if one.is_alert), None)
