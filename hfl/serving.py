"""Starts the HTTP control API beside the trading: nobody waits for it and it may fail."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from hfl_core.control.desk import Desk

if TYPE_CHECKING:
    from hfl_core.control.api import ApiServer


class Loopback(NamedTuple):
    """Where the API is reachable besides its Unix socket, and the file of its token."""

    host: str
    port: int
    token_path: str


class ApiStarter:
    """Brings the API up on a thread of its own; on_failure is told in one sentence."""

    def __init__(
        self,
        path: str,
        desk: Desk,
        *,
        on_failure: Callable[[str], None],
        loopback: Loopback | None = None,
    ) -> None:
        self._path = path
        self._desk = desk
        self._on_failure = on_failure
        self._loopback = loopback
        self._servers: list[ApiServer] = []
        self._thread = threading.Thread(target=self._run, name="hfl-api-start", daemon=True)

    def start(self) -> None:
        """Begin and return at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the API; one that has not bound its socket yet dies with the process."""
        for server in tuple(self._servers):
            server.stop()

    def _run(self) -> None:
        self._serve(self._private)
        if self._loopback is not None:
            self._serve(self._on_loopback)

    def _serve(self, make: Callable[[], "ApiServer"]) -> None:
        try:
            server = make()
            self._servers.append(server)
            server.start()
        except Exception as error:  # noqa: BLE001 - a missing library or a bad socket must not end the trading
            self._on_failure(f"the control API did not start: {error}")

    def _private(self) -> "ApiServer":
        from hfl_core.control.api import private_server

        return private_server(self._path, self._desk)

    def _on_loopback(self) -> "ApiServer":
        from hfl_core.control.api import loopback_server

        assert self._loopback is not None
        host, port, token_path = self._loopback
        return loopback_server(host, port, self._desk, token_path=token_path)
