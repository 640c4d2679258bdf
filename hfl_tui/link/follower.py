"""The thread that makes pictures, once a second, and says so; loading goes on without a pause."""

import threading
import time
from collections.abc import Callable
from typing import Final

from hfl_tui.link.picture import Picture
from hfl_tui.link.source import Source, wall_now_ns

INTERVAL_S: Final = 1.0
JOIN_S: Final = 2.0


class Follower:
    """Owns the source; `latest` is the newest picture, None before the first."""

    def __init__(self, source: Source, *, tell: Callable[[], None]) -> None:
        self._source = source
        self._tell = tell
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._made = threading.Condition()
        self._begun = self._finished = 0
        self.latest: Picture | None = None
        self._thread = threading.Thread(target=self._run, name="hfl-follow", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now, not when the second is over."""
        self._wake.set()

    def fresh(self, timeout_s: float) -> Picture | None:
        """Return a picture begun after this call; None when none comes in time. For any thread."""
        if not self._thread.is_alive():
            return None
        with self._made:
            wanted = self._begun + 1
            self._wake.set()
            self._made.wait_for(lambda: self._finished >= wanted, timeout_s)
            return self.latest if self._finished >= wanted else None

    def stop(self) -> None:
        """End the thread and close the journal."""
        self._ending.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._ending.is_set():
            began_s = time.monotonic()
            with self._made:
                self._begun += 1
            picture = self._source.picture(wall_now_ns())
            with self._made:
                self.latest = picture
                self._finished = self._begun
                self._made.notify_all()
            if self._ending.is_set():
                break
            self._tell()
            if picture.exists and not picture.trouble and picture.loaded < 1:
                continue
            self._wake.wait(max(0.05, INTERVAL_S - (time.monotonic() - began_s)))
            self._wake.clear()
        self._source.close()
