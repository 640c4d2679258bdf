"""Starts the HTTP control API beside the trading: nobody waits for it and it may fail."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from hfl_core.control.desk import Desk

if TYPE_CHECKING:
    from hfl_core.control.api import ApiServer


class ApiStarter:
    """Brings the API up on a thread of its own; on_failure is told in one sentence."""

    def __init__(self, path: str, desk: Desk, *, on_failure: Callable[[str], None]) -> None:
        self._path = path
        self._desk = desk
        self._on_failure = on_failure
        self._server: ApiServer | None = None
        self._thread = threading.Thread(target=self._run, name="hfl-api-start", daemon=True)

    def start(self) -> None:
        """Begin and return at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the API; one that has not bound its socket yet dies with the process."""
        if self._server is not None:
            self._server.stop()

    def _run(self) -> None:
        try:
            from hfl_core.control.api import ApiServer

            server = ApiServer(self._path, self._desk)
            self._server = server
            server.start()
        except Exception as error:  # noqa: BLE001 - a missing library or a bad socket must not end the trading
            self._on_failure(f"the control API did not start: {error}")
