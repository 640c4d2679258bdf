"""Where both sockets bring their commands: latch first, acknowledge, then tell the engine's inbox.

Idempotent by request id.

Never touches the engine or the journal, so it answers while both hang. Each answer is at most one
file write away, and that write is waited for only briefly: the memory latch already holds.
Standard library only.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from hfl_core.domain.errors import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The level each stopping verb latches; after close_all the bot is paused.
STOP_LEVELS: Final = {"kill": "kill", "pause": "reduce_only", "close_all": "reduce_only"}
READING_VERBS: Final = ("risk_check", "status")
RESUME: Final = "resume"
# Handed to the engine as they are; it says what becomes of them.
ENGINE_VERBS: Final = (RESUME, "stop", "deposit", "withdraw", "accept_position", "limits")
VERBS: Final = (*STOP_LEVELS, *READING_VERBS, *ENGINE_VERBS)
TYPED_WORD: Final = "RESUME"
REQUESTS_REMEMBERED: Final = 1024
FILE_WAIT_S: Final = 0.2
FILE_WRITERS_MAX: Final = 4
SNAPSHOT_BYTES_MAX: Final = 128 * 1024
ID_LENGTH_MAX: Final = 100
TEXT_LENGTH_MAX: Final = 1000
_ID_CHARACTERS: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the engine's thread last said of itself.

    body: one line of JSON; taken_s: monotonic seconds.
    """

    body: bytes
    taken_s: float


class SnapshotBox:
    """Holds the newest snapshot; replaced by one assignment, read without a lock."""

    __slots__ = ("_snapshot",)

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None

    def put(self, body: bytes, *, now_s: float) -> None:
        """Replace the snapshot. Raises ValueError when it is not one line of at most 128 KiB."""
        if b"\n" in body or not 2 <= len(body) <= SNAPSHOT_BYTES_MAX:
            raise ValueError(
                f"expected a snapshot as one line of 2 to {SNAPSHOT_BYTES_MAX} bytes, found "
                f"{len(body)} bytes: shorten it"
            )
        self._snapshot = Snapshot(body=body, taken_s=now_s)

    def get(self) -> Snapshot | None:
        """Return the newest snapshot, or None before the first."""
        return self._snapshot


class ControlPort(Protocol):
    """What the daemon offers its control sockets. No call may wait for the engine."""

    def engage(self, level: str, request_id: str) -> tuple[str, ...]:
        """Engage the memory latch at once; return the exposure-increasing calls that had begun."""
        ...

    def write_stop(self, level: str, request_id: str, *, reason: str, actor: str) -> str:
        """Write the latch file; return a remark. Raises OSError."""
        ...

    def latched(self) -> tuple[str, tuple[str, ...]]:
        """Return (level, ids) in force, without touching the disk."""
        ...

    def submit_command(
        self, request_id: str, verb: str, *, actor: str, arguments: Mapping[str, str]
    ) -> None:
        """Put a command into the inbox without waiting.

        Raises ControlError when it cannot be taken.
        """
        ...

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot of the engine's thread."""
        ...

    def metrics(self) -> Mapping[str, float]:
        """Return gauges and counters: Prometheus name, perhaps with labels, to value."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """One command as it came in."""

    verb: str
    request_id: str
    reason: str = ""
    actor: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a command.

    body: one line of JSON without line end; is_queued: the engine's inbox took it.
    """

    is_ok: bool
    is_queued: bool
    body: bytes


class Desk:
    """Takes commands from any thread."""

    def __init__(
        self, port: ControlPort, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._port = port
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._answers: OrderedDict[str, tuple[str, Answer]] = OrderedDict()
        self._writers = threading.Semaphore(FILE_WRITERS_MAX)

    def handle(self, request: ControlRequest) -> Answer:
        """Carry out one command and return the answer.

        The same request id again returns what came of it the first time.

        Raises ControlError with one sentence for a request that cannot be understood; nothing was
        done then.
        """
        if request.verb == "risk_check":
            return Answer(is_ok=True, is_queued=False, body=self.risk_check(request.request_id))
        if request.verb == "status":
            return Answer(is_ok=True, is_queued=False, body=self.status(request.request_id))
        self._check(request)
        earlier = self._earlier(request)
        if earlier is not None:
            return earlier
        # Engaged before anything is waited for; a second thread with the same id engages the same
        # stop again, which changes nothing.
        calls = self._engage(request)
        with self._one_at_a_time:
            earlier = self._earlier(request)
            if earlier is not None:
                return earlier
            is_stop = request.verb in STOP_LEVELS
            answer = self._stop(request, calls) if is_stop else self._hand_in(request)
            self._remember(request, answer)
        return answer

    def risk_check(self, request_id: str = "") -> bytes:
        """Return the engine's last snapshot with its age, from memory alone."""
        level, ids = self._port.latched()
        taken = self._port.snapshot()
        head: dict[str, object] = {
            "ok": True,
            "request_id": request_id,
            "source": "snapshot",
            "level": level,
            "latch_ids": list(ids),
        }
        if taken is None:
            head["age_s"] = None
            return _line(
                {**head, "snapshot": None, "detail": "the engine has not said anything yet"}
            )
        head["age_s"] = round(max(0.0, self._monotonic() - taken.taken_s), 3)
        # The snapshot is JSON already; parsing it only to write it again would cost more than all
        # the rest.
        return _line(head)[:-1] + b',"snapshot":' + taken.body + b"}"

    def status(self, request_id: str = "") -> bytes:
        """Return what is latched and how old the engine's last word is, from memory alone."""
        level, ids = self._port.latched()
        taken = self._port.snapshot()
        age = None if taken is None else round(max(0.0, self._monotonic() - taken.taken_s), 3)
        return _line(
            {
                "ok": True,
                "request_id": request_id,
                "level": level,
                "latch_ids": list(ids),
                "snapshot_age_s": age,
            }
        )

    def metrics(self) -> Mapping[str, float]:
        """Return the daemon's metrics."""
        return self._port.metrics()

    def _check(self, request: ControlRequest) -> None:
        if request.verb not in STOP_LEVELS and request.verb not in ENGINE_VERBS:
            raise ControlError(
                f"expected a verb of {', '.join(VERBS)}, found {request.verb[:40]!r}: see "
                "`hfl --help`"
            )
        is_id = 0 < len(request.request_id) <= ID_LENGTH_MAX and request.request_id[0] not in "._-"
        if not is_id or not _ID_CHARACTERS.issuperset(request.request_id):
            raise ControlError(
                f"expected a request id of 1 to {ID_LENGTH_MAX} letters, digits, '.', '_' or '-', "
                f"found {request.request_id[:ID_LENGTH_MAX]!r}: send another one"
            )

    def _earlier(self, request: ControlRequest) -> Answer | None:
        with self._lock:
            earlier = self._answers.get(request.request_id)
        if earlier is None:
            return None
        verb, answer = earlier
        if verb != request.verb:
            raise ControlError(
                f"expected the request id {request.request_id} for {verb} only, found it "
                f"again for {request.verb}: "
                "send a fresh one"
            )
        return answer

    def _remember(self, request: ControlRequest, answer: Answer) -> None:
        with self._lock:
            self._answers[request.request_id] = (request.verb, answer)
            while len(self._answers) > REQUESTS_REMEMBERED:
                self._answers.popitem(last=False)

    def _engage(self, request: ControlRequest) -> tuple[str, ...]:
        level = STOP_LEVELS.get(request.verb)
        return () if level is None else self._port.engage(level, request.request_id)

    def _stop(self, request: ControlRequest, calls: tuple[str, ...]) -> Answer:
        level = STOP_LEVELS[request.verb]
        remark = self._write(level, request)
        is_queued, detail = self._submit(request)
        answer = {
            "ok": True,
            "request_id": request.request_id,
            "verb": request.verb,
            "level": level,
            "calls_begun": list(calls),
            "file": remark,
            "queued": is_queued,
            "detail": detail,
        }
        return Answer(is_ok=True, is_queued=is_queued, body=_line(answer))

    def _write(self, level: str, request: ControlRequest) -> str:
        remarks: list[str] = []

        def write() -> None:
            try:
                remarks.append(
                    self._port.write_stop(
                        level,
                        request.request_id,
                        reason=request.reason[:TEXT_LENGTH_MAX] or f"{request.verb} was asked for",
                        actor=request.actor[:TEXT_LENGTH_MAX],
                    )
                )
            except Exception as error:  # noqa: BLE001 - the memory latch holds; the answer says what the file lacks
                remarks.append(f"the latch file could not be written: {error}")
            finally:
                self._writers.release()

        if not self._writers.acquire(blocking=False):
            return (
                "the latch file is not written: earlier writes still hang; the memory latch holds"
            )
        thread = threading.Thread(target=write, name="hfl-latch-file", daemon=True)
        thread.start()
        thread.join(FILE_WAIT_S)
        return (
            remarks[0]
            if remarks
            else "the latch file is still being written; the memory latch holds"
        )

    def _hand_in(self, request: ControlRequest) -> Answer:
        if request.verb == RESUME:
            _check_resume(request)
        is_queued, detail = self._submit(request)
        answer = {
            "ok": is_queued,
            "request_id": request.request_id,
            "verb": request.verb,
            "queued": is_queued,
            "detail": detail,
        }
        return Answer(is_ok=is_queued, is_queued=is_queued, body=_line(answer))

    def _submit(self, request: ControlRequest) -> tuple[bool, str]:
        arguments = dict(request.arguments)
        if request.reason:
            arguments["reason"] = request.reason[:TEXT_LENGTH_MAX]
        try:
            self._port.submit_command(
                request.request_id,
                request.verb,
                actor=request.actor[:TEXT_LENGTH_MAX],
                arguments=arguments,
            )
        except Exception as error:  # noqa: BLE001 - a full inbox or a dead engine must not take the latch's answer away
            return False, f"the engine did not take the command: {error}"
        return True, ""


def _check_resume(request: ControlRequest) -> None:
    if request.arguments.get("typed") != TYPED_WORD:
        raise ControlError(f"expected the word {TYPED_WORD}, found another: type it to resume")
    if not request.reason.strip():
        raise ControlError("expected a reason for resuming, found none: say why it is safe")
    if not request.arguments.get("latch_ids"):
        raise ControlError(
            "expected the ids of the stops to lift, found none: send those that `hfl status` shows"
        )


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
