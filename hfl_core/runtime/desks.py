"""Desks, asked on threads of their own: a model that hangs takes no broker's worker and no run.

Every question is answered once: with the opinion, or at its deadline on the wall with Degraded. A
late answer is thrown away, and a desk whose thread is still out on a late question is not asked
again until it is back, so that a hung one costs its deadline once. What an opinion rests on comes
along, and is kept here until the runner takes it into the journal.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.effects import AskOpinion
from hfl_core.domain.errors import HflError, ModelError
from hfl_core.domain.opinions import Opinion
from hfl_core.ports import OpinionSource
from hfl_core.runtime.workers import ThreadWorkers, Workers

EVIDENCE_MAX: Final = 64
EVIDENCE_BYTES_MAX: Final = 1_000_000
TEXT_CHARS_MAX: Final = 2_000
# Where no deadline is set (simulations), a desk is told this one.
UNHURRIED_S: Final = 60.0

Tell = Callable[[list[ev.Event]], None]


class _Question:
    """One question to one desk; told exactly once, by whoever comes first."""

    def __init__(self, effect: AskOpinion, tell: Tell) -> None:
        self.effect = effect
        self.is_told = False
        self._tell = tell
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def tell(self, event: ev.Event) -> None:
        with self._lock:
            if self.is_told:
                return
            self.is_told = True
        if self._timer is not None:
            self._timer.cancel()
        self._tell([event])

    def fail(self, why: str) -> None:
        self.tell(ev.Degraded(component=f"desk {self.effect.desk}", detail=why))

    def limit(self, deadline_s: float) -> None:
        why = f"expected an opinion within {deadline_s:g} s, found none: going on without it"
        self._timer = threading.Timer(deadline_s, self.fail, (why,))
        self._timer.daemon = True
        self._timer.start()


class _Desk:
    """One desk, its thread, and the question it is out on."""

    def __init__(self, source: OpinionSource, workers: Workers) -> None:
        self.source = source
        self.workers = workers
        self.current: _Question | None = None

    @property
    def is_stuck(self) -> bool:
        current = self.current
        return current is not None and current.is_told


class Desks:
    """All desks of a run.

    workers: where to ask, None for a thread a desk; deadline_s: on the wall, 0 for none (then the
    workers must be such that nothing hangs).
    """

    def __init__(
        self,
        sources: Sequence[OpinionSource],
        *,
        deadline_s: float = 0.0,
        workers: Workers | None = None,
    ) -> None:
        self._deadline_s = deadline_s
        self._desks = {
            source.desk: _Desk(source, workers or ThreadWorkers(1, name=f"desk-{source.desk}"))
            for source in sources
        }
        self._owned = [desk.workers for desk in self._desks.values()] if workers is None else []
        self._evidence: dict[str, bytes] = {}

    def ask(self, effect: AskOpinion, tell: Tell) -> None:
        """Ask; `tell` is called once, now or later, from any thread."""
        question = _Question(effect, tell)
        desk = self._desks.get(effect.desk)
        if desk is None:
            question.fail("not configured")
        elif desk.is_stuck:
            question.fail("still out on a question whose deadline passed: going on without it")
        else:
            if self._deadline_s:
                question.limit(self._deadline_s)
            until_s = time.monotonic() + (self._deadline_s or UNHURRIED_S)
            desk.workers.submit(lambda: self._consult(desk, question, until_s))

    def take_evidence(self, sha: str) -> bytes | None:
        """Return a blob that a told opinion names, once; None when it was taken before."""
        return self._evidence.pop(sha, None)

    def close(self) -> None:
        """Let idle threads end; hung ones die with the process."""
        for workers in self._owned:
            workers.close()

    def _consult(self, desk: _Desk, question: _Question, until_s: float) -> None:
        if question.is_told:
            return
        desk.current = question
        try:
            question.tell(self._answer(desk.source, question.effect, until_s))
        except HflError as error:
            question.fail(str(error))
        except Exception as error:  # noqa: BLE001 - a model may raise anything; the run goes on
            question.fail(f"{type(error).__name__}: {error}"[:TEXT_CHARS_MAX])
        finally:
            desk.current = None

    def _answer(self, source: OpinionSource, effect: AskOpinion, until_s: float) -> ev.Event:
        left_s = max(0.0, until_s - time.monotonic())
        opinion = source.ask(effect.symbol, as_of_ns=effect.as_of_ns, deadline_s=left_s)
        fault = fault_of(opinion, effect)
        if fault:
            raise ModelError(f"{fault}: the answer is not used")
        blobs = {sha: source.blob(sha) for sha in opinion.evidence}
        if sum(map(len, blobs.values())) > EVIDENCE_BYTES_MAX:
            raise ModelError(f"expected at most {EVIDENCE_BYTES_MAX} bytes of evidence, found more")
        for sha, data in blobs.items():
            if hashlib.sha256(data).hexdigest() != sha:
                raise ModelError(f"expected evidence with the hash {sha}, found another text")
        self._evidence.update(blobs)
        return ev.OpinionReceived(
            symbol=opinion.symbol,
            desk=opinion.desk,
            source=opinion.source,
            version=opinion.version,
            score=ev.number_text(opinion.score),
            confidence=ev.number_text(opinion.confidence),
            rationale=opinion.rationale,
            evidence=opinion.evidence,
            made_ns=opinion.made_ns,
            valid_until_ns=opinion.valid_until_ns,
            degraded=opinion.degraded,
        )


def fault_of(opinion: Opinion, effect: AskOpinion) -> str:
    """Return what makes an answer unusable, in words, or nothing."""
    if (opinion.symbol, opinion.desk) != (effect.symbol, effect.desk):
        return f"expected an opinion on {effect.symbol}, found one on another question"
    for name, value, low in (
        ("score", opinion.score, -1.0),
        ("confidence", opinion.confidence, 0.0),
    ):
        if not (math.isfinite(value) and low <= value <= 1.0):
            return f"expected a {name} from {low:g} to 1, found {value!r}"
    for text in (opinion.rationale, opinion.source, opinion.version):
        if len(text) > TEXT_CHARS_MAX or not _is_writable(text):
            return f"expected texts of at most {TEXT_CHARS_MAX} characters that UTF-8 can write"
    if opinion.made_ns > effect.as_of_ns:
        return "expected an opinion as of the question, found a later one"
    if len(opinion.evidence) > EVIDENCE_MAX:
        return f"expected at most {EVIDENCE_MAX} pieces of evidence, found {len(opinion.evidence)}"
    return ""


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
