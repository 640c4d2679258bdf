"""Carry out the escalation ladder.

Write the latch, call the daemon, end its process, ask the venue. Standard library only.

The latch itself and the venue come in as callables, because the gateway and the brokers are on the
same floor as this package. Imports that cost are done after the latch is written.
"""

# Paths are text: stops go through here, and pathlib would cost 18 ms of start-up.
# ruff: noqa: PTH110

from __future__ import annotations

import os
import time

from hfl_core.control import lock
from hfl_core.control.ladder import LIMIT_S, Ladder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_S = 0.02
POLL_S = 0.01
_TERM = 15
_KILL = 9


class Request:
    """One stop to be carried out, and where.

    write_latch returns a remark, or raises OSError when the stop could not be written.

    check_venue: returns how many orders are still unconfirmed at the venue; None: nobody here can
    ask.
    """

    __slots__ = (
        "actor",
        "check_venue",
        "reason",
        "request_id",
        "run_dir",
        "socket_path",
        "verb",
        "write_latch",
    )

    def __init__(
        self,
        *,
        verb: str,
        request_id: str,
        reason: str,
        actor: str,
        run_dir: str,
        socket_path: str,
        write_latch: Callable[[], str],
        check_venue: Callable[[], int] | None = None,
    ) -> None:
        self.verb = verb
        self.request_id = request_id
        self.reason = reason
        self.actor = actor
        self.run_dir = run_dir
        self.socket_path = socket_path
        self.write_latch = write_latch
        self.check_venue = check_venue


class Outcome:
    """What a climb came to.

    steps: (event, milliseconds since start, sentence); calls_begun: orders whose fate is unknown.
    """

    __slots__ = ("calls_begun", "exit_code", "steps")

    def __init__(
        self,
        *,
        exit_code: int,
        steps: tuple[tuple[str, float, str], ...],
        calls_begun: tuple[str, ...],
    ) -> None:
        self.exit_code = exit_code
        self.steps = steps
        self.calls_begun = calls_begun


class Climb:
    """The climb of one request. `run` blocks for at most the sum of the ladder's limits."""

    def __init__(
        self,
        request: Request,
        *,
        started_s: float,
        say: Callable[[str, float, str], None],
    ) -> None:
        self._request = request
        self._started_s = started_s
        self._say = say
        self._ladder = Ladder(request.verb, now_s=time.monotonic())
        self._steps: list[tuple[str, float, str]] = []
        self._holders: tuple[lock.Holder, ...] = ()
        self._calls_begun: tuple[str, ...] = ()

    def run(self) -> Outcome:
        """Climb until done."""
        actions = {
            "latch": self._latch,
            "call": self._call,
            "wait": self._wait,
            "terminate": self._terminate,
            "kill": self._kill,
            "check": self._check,
        }
        while not self._ladder.is_done:
            event, sentence = actions[self._ladder.action]()
            now_s = time.monotonic()
            self._ladder.feed(event, now_s=now_s)
            # A socket that nobody answers is tried until the deadline; that is one step to a
            # reader, not fifty.
            if not self._steps or event != "unreachable" or self._steps[-1][0] != event:
                step = (event, round((now_s - self._started_s) * 1000, 1), sentence)
                self._steps.append(step)
                self._say(*step)
        return Outcome(
            exit_code=self._ladder.exit_code(),
            steps=tuple(self._steps),
            calls_begun=self._calls_begun,
        )

    def _latch(self) -> tuple[str, str]:
        try:
            remark = self._request.write_latch()
        except OSError as error:
            why = error.strerror or error
            return "latch_failed", f"the latch file could not be written ({why}); going on"
        return "latched", remark

    def _call(self) -> tuple[str, str]:
        left_s = self._ladder.remaining_s(now_s=time.monotonic())
        if left_s <= 0:
            return "deadline", f"no acknowledgement after {LIMIT_S['calling']:.0f} s"
        running = lock.holders(self._request.run_dir)
        if self._holders and not running:
            return "exited", "the daemon ended before it acknowledged"
        self._holders = running or self._holders
        if not running and not os.path.exists(self._request.socket_path):
            return "no_daemon", "no daemon is running: the next start finds the stop"
        return self._talk(left_s, is_lock_held=bool(running))

    def _talk(self, left_s: float, *, is_lock_held: bool) -> tuple[str, str]:
        from hfl_core.control import client

        request = self._request
        message = {
            "verb": request.verb,
            "request_id": request.request_id,
            "reason": request.reason,
            "actor": request.actor,
        }
        try:
            reply = client.call(request.socket_path, message, timeout_s=left_s)
        except TimeoutError:
            return "deadline", f"no acknowledgement after {LIMIT_S['calling']:.0f} s"
        except (OSError, ValueError) as error:
            if not is_lock_held:
                return (
                    "no_daemon",
                    "no daemon is running (dead socket): the next start finds the stop",
                )
            time.sleep(min(RETRY_S, left_s))
            return (
                "unreachable",
                f"a daemon runs, but its emergency socket does not answer ({error}); trying again",
            )
        if not reply.is_ok:
            time.sleep(min(RETRY_S, left_s))
            return "unreachable", f"the daemon refused the request: {reply.detail}"
        self._calls_begun = reply.calls_begun
        if not self._holders and reply.pid:
            start = lock.process_start(reply.pid) or 0
            self._holders = (lock.Holder(path="", pid=reply.pid, start=start),)
        unknown = (
            f"already begun and now unknown: {', '.join(self._calls_begun)}"
            if self._calls_begun
            else "no call was under way"
        )
        return "acknowledged", f"the daemon acknowledged; {unknown}"

    def _wait(self) -> tuple[str, str]:
        while any(one.is_running() for one in self._holders):
            left_s = self._ladder.remaining_s(now_s=time.monotonic())
            if left_s <= 0:
                return (
                    "deadline",
                    f"{self._pids()} still runs after {LIMIT_S[self._ladder.phase]:.0f} s",
                )
            time.sleep(min(POLL_S, left_s))
        return "exited", "the process has ended"

    def _terminate(self) -> tuple[str, str]:
        return self._signal(_TERM, "SIGTERM")

    def _kill(self) -> tuple[str, str]:
        return self._signal(_KILL, "SIGKILL")

    def _signal(self, number: int, name: str) -> tuple[str, str]:
        running = [one for one in self._holders if one.is_running()]
        sent = [one.signal(number) for one in running]
        if running and not any(sent) and any(one.is_running() for one in running):
            return "signal_failed", f"{name} could not be sent to {self._pids()}"
        event, sentence = self._wait()
        return event, f"{name} sent to {self._pids()}; {sentence}"

    def _check(self) -> tuple[str, str]:
        if self._request.check_venue is None:
            return "unchecked", "LATCHED; the venue was not asked: see `hfl panic`, or start again"
        try:
            count = self._request.check_venue()
        except Exception as error:  # noqa: BLE001 - the last step of a stop reports whatever a broker raises
            return (
                "unconfirmed",
                f"LATCHED, orders unconfirmed: the venue did not answer ({error})",
            )
        if count:
            return "unconfirmed", f"LATCHED, {count} orders unconfirmed"
        return "checked", "the venue confirms that no order of ours works"

    def _pids(self) -> str:
        return ", ".join(
            f"process {one.pid}" if one.pid else f"the unknown holder of {one.path}"
            for one in self._holders
        )


def carry_out(
    request: Request, *, started_s: float, say: Callable[[str, float, str], None]
) -> Outcome:
    """Stop as asked and say each step. started_s: monotonic seconds that times are counted from."""
    return Climb(request, started_s=started_s, say=say).run()
