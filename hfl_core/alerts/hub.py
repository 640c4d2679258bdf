"""The hub: hands every alert to every channel without making the engine wait.

Each channel has a thread and a bounded queue of its own, so that a hanging one takes nobody along.
What a full queue or a failing channel loses is counted, and told with the next alert that gets
through.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from hfl_core.alerts.coalescing import Coalescer
from hfl_core.domain.effects import RaiseAlert
from hfl_core.ports import AlertSink

QUEUE_MAX: Final = 1_000
CLOSE_S: Final = 1.0

Seconds = Callable[[], float]


class AlertHub:
    """Implements hfl_core.ports.AlertSink over many channels. Never raises, never waits."""

    def __init__(
        self,
        sinks: Sequence[AlertSink],
        *,
        queue_max: int = QUEUE_MAX,
        now_s: Seconds = time.monotonic,
    ) -> None:
        self._lines = tuple(_Line(sink, queue_max, now_s) for sink in sinks)

    def send(self, alert: RaiseAlert) -> None:
        """Queue an alert for every channel; a full queue drops it and counts."""
        for line in self._lines:
            line.put(alert)

    @property
    def lost(self) -> int:
        """Return how many alerts were lost and have not been told of yet."""
        return sum(line.lost for line in self._lines)

    def close(self, wait_s: float = CLOSE_S) -> None:
        """Deliver what is queued, open counts included, as far as it goes within wait_s."""
        for line in self._lines:
            line.end()
        until_s = time.monotonic() + wait_s
        for line in self._lines:
            line.thread.join(max(0.0, until_s - time.monotonic()))


class _Line:
    """One channel with its queue and thread."""

    def __init__(self, sink: AlertSink, queue_max: int, now_s: Seconds) -> None:
        self._sink = sink
        self._now_s = now_s
        self._waiting: queue.Queue[RaiseAlert] = queue.Queue(queue_max)
        self._coalescer = Coalescer()
        self._is_ending = threading.Event()
        self._count = threading.Lock()
        self.lost = 0
        name = f"alerts-{type(sink).__module__.rpartition('.')[2]}"
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()

    def put(self, alert: RaiseAlert) -> None:
        try:
            self._waiting.put_nowait(alert)
        except queue.Full:
            self._lose()

    def end(self) -> None:
        self._is_ending.set()

    def _work(self) -> None:
        while True:
            try:
                alert = self._waiting.get(timeout=self._patience_s())
            except queue.Empty:
                if self._is_ending.is_set():
                    break
                self._tell(self._coalescer.due(self._now_s()))
                continue
            self._tell(self._coalescer.take(alert, self._now_s()))
        self._tell(self._coalescer.rest())

    def _patience_s(self) -> float:
        # Short, so that the end and a minute that is over are noticed soon; four a second is free.
        return 0.01 if self._is_ending.is_set() else 0.25

    def _tell(self, alerts: tuple[RaiseAlert, ...]) -> None:
        for alert in alerts:
            lost = self.lost
            if lost:
                text = f"{lost} alerts were lost on this channel: it was too slow or failed"
                if not self._try(RaiseAlert(level="warning", text=text)):
                    self._lose()
                    continue
                self._lose(-lost)
            if not self._try(alert):
                self._lose()

    def _lose(self, number: int = 1) -> None:
        with self._count:
            self.lost += number

    def _try(self, alert: RaiseAlert) -> bool:
        try:
            self._sink.send(alert)
        except Exception:  # noqa: BLE001 - a channel may raise anything; it is counted and told
            return False
        return True
