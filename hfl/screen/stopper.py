"""Stops for the screen: the latch file and the ladder of the command line, and resume."""

import os
import time

from hfl.home import Home
from hfl.whereabouts import Whereabouts
from hfl_core.control import ladder, stopping
from hfl_core.domain.errors import ControlError, HflError
from hfl_core.domain.events import Resumed
from hfl_core.gateway import latch_files
from hfl_tui.ports import Say, Stop

LEVEL = {
    "kill": latch_files.KILL,
    "pause": latch_files.REDUCE_ONLY,
    "close_all": latch_files.REDUCE_ONLY,
}
WORD = "RESUME"
CHECKED = "checked"


class LatchStopper:
    """See hfl_tui.ports.Stopper. Who acts is the user and the terminal, as the journal shows."""

    def __init__(self, where: Whereabouts) -> None:
        self._where = where
        self._actor = f"screen:{os.environ.get('USER') or os.getuid()} {_terminal()}".strip()

    def prepare(self, verb: str) -> Stop:
        """Return a fresh stop; nothing has happened yet. Raises ValueError for no stop's verb."""
        if verb not in LEVEL:
            raise ValueError(f"expected a stop of {', '.join(LEVEL)}, found {verb!r}: correct it")
        paths, level, request_id = self._where.paths, LEVEL[verb], os.urandom(8).hex()
        reason, actor = f"{verb} on the screen", self._actor

        def latch() -> str:
            written = latch_files.set_stop(
                paths.latch, level, request_id, reason=reason, actor=actor
            )
            remark = f"; {written.detail}" if written.detail else ""
            return f"latch file {level}-{request_id} written{remark}"

        def climb(say: Say) -> int:
            started_s = time.monotonic()

            def passed_on(event: str, milliseconds: float, sentence: str) -> None:
                # The ladder asks no venue by itself; here somebody does, right behind it.
                if event != "unchecked":
                    say(event, milliseconds, sentence)

            request = stopping.Request(
                verb=verb,
                request_id=request_id,
                reason=reason,
                actor=actor,
                run_dir=paths.run,
                socket_path=paths.emergency_socket,
                write_latch=latch,
            )
            code = stopping.carry_out(request, started_s=started_s, say=passed_on).exit_code
            if verb != "kill":
                return code
            event, sentence = self._at_venue()
            say(event, (time.monotonic() - started_s) * 1000, sentence)
            return ladder.UNCONFIRMED if code == ladder.DONE and event != CHECKED else code

        return Stop(verb=verb, request_id=request_id, latch=latch, climb=climb)

    def _at_venue(self) -> tuple[str, str]:
        """Ask the venue what is left, as proof of what the ladder did."""
        from hfl.screen.venue import look

        where = self._where
        if not os.path.isdir(where.paths.venue_dir(where.account)):  # noqa: PTH112 - paths are text here
            return CHECKED, "no paper venue was ever started: nothing can be open there"
        try:
            found = look(self._where)
        except (HflError, OSError) as error:
            return "unconfirmed", f"LATCHED; the venue did not answer: {error}"
        return ("unconfirmed" if found.opening else CHECKED), found.sentence

    def lift(self, latch_ids: tuple[str, ...], reason: str) -> str:
        """Resume exactly these. Raises ControlError with why not."""
        # Only a resume needs these; a stop has everything already.
        from hfl.remote import await_outcome, command

        home = Home(paths=self._where.paths, mode=self._where.mode, account=self._where.account)
        arguments = {"typed": WORD, "latch_ids": ",".join(latch_ids)}
        sent = command(home, "resume", reason=reason, arguments=arguments, actor=self._actor)
        outcome = await_outcome(home, str(sent["request_id"]))
        if outcome.refused:
            raise ControlError(f"not resumed: {outcome.refused}")
        lifted = [i for e in outcome.events if isinstance(e, Resumed) for i in e.latch_ids]
        left = [one for one in latch_ids if one not in lifted]
        still = f"; still in force: {', '.join(left)}" if left else ""
        return f"resumed {len(lifted)}{still}"


def _terminal() -> str:
    try:
        return os.ttyname(0).removeprefix("/dev/")
    except OSError:
        return ""
