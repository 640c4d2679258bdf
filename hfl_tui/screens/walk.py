"""Walking through the past: a row or an event on or back, and time that runs at a chosen pace."""

from typing import Final

from textual.timer import Timer

from hfl_tui.link.moment import Moment
from hfl_tui.link.rewind import Aim
from hfl_tui.screens.face import Face

# Rows a second, and how often at most the screen moves on while time runs.
SPEEDS: Final = (1, 2, 5, 10, 50, 250)
PLAY_S: Final = 0.2


class Walk(Face, inherit_bindings=False):
    """The keys that move. aim: where one is on the way to, empty when one is there."""

    def __init__(self) -> None:
        super().__init__()
        self.moment_shown: Moment | None = None
        self.aim = Aim()
        self._speed = 0
        self._player: Timer | None = None

    def go(self, aim: Aim) -> None:
        """Go somewhere."""
        self.aim = aim

    @property
    def pace_told(self) -> str:
        """Return whether time runs, and how fast it does or would."""
        does = "PLAYS" if self._player is not None else "stands"
        return f"{does}  speed {SPEEDS[self._speed]}x"

    def action_step_on(self) -> None:
        """Go a row on."""
        self.go(self.aim.moved(1))

    def action_step_back(self) -> None:
        """Go a row back."""
        self.go(self.aim.moved(-1))

    def action_event_on(self) -> None:
        """Go to the next row of interest."""
        self.go(self.aim.searched(1))

    def action_event_back(self) -> None:
        """Go to the last row of interest before this one."""
        self.go(self.aim.searched(-1))

    def action_first_row(self) -> None:
        """Go to the journal's first row."""
        self.go(Aim(seq=1))

    def action_last_row(self) -> None:
        """Go to its newest row."""
        self.go(Aim(is_last=True))

    def action_play(self) -> None:
        """Let time run, or stand still."""
        if self._player is not None:
            self.stand()
        else:
            self._player = self.set_interval(self._interval_s, self._tick)
        self.paint()

    def stand(self) -> None:
        """Let time run no more."""
        if self._player is not None:
            self._player.stop()
            self._player = None

    @property
    def _interval_s(self) -> float:
        return max(PLAY_S, 1 / SPEEDS[self._speed])

    def _tick(self) -> None:
        moment = self.moment_shown
        if not self.is_current or moment is None or moment.seq >= moment.last_seq:
            self.stand()
            self.paint()
        elif self.aim.is_empty:
            # What is still on its way comes first: a slow disk makes time run slower.
            self.go(self.aim.moved(max(1, round(SPEEDS[self._speed] * self._interval_s))))

    def _change_speed(self, change: int) -> None:
        self._speed = min(max(self._speed + change, 0), len(SPEEDS) - 1)
        if self._player is not None:
            self.stand()
            self._player = self.set_interval(self._interval_s, self._tick)
        self.paint()

    def action_slower(self) -> None:
        """Let fewer rows pass in a second."""
        self._change_speed(-1)

    def action_faster(self) -> None:
        """Let more rows pass in a second."""
        self._change_speed(1)
