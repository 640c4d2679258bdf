"""The control API: FastAPI on a socket of ours, in a thread and loop of its own.

It only translates between HTTP and the desk.

The socket is bound by us (0600 in a 0700 directory) and handed to uvicorn, which would make it
world-writable otherwise. fastapi, pydantic and uvicorn are imported when the application is made.
"""

from __future__ import annotations

import asyncio
import functools
import json
import math
import os
import re
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from hfl_core.control.desk import ID_LENGTH_MAX, TEXT_LENGTH_MAX, Answer, ControlRequest, Desk
from hfl_core.control.loopback import (
    LoopbackSocket,
    TokenGuard,
    bind_loopback,
    obtain_token,
)
from hfl_core.control.sockets import PrivateSocket, bind_private
from hfl_core.domain.errors import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import uvicorn
    from fastapi import FastAPI, Request, Response
    from starlette.types import ASGIApp

IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
BODY_BYTES_MAX: Final = 64 * 1024
LATCH_IDS_MAX: Final = 1000
START_WAIT_S: Final = 10.0
STOP_WAIT_S: Final = 5.0
CONNECTIONS_MAX: Final = 64
KEEP_ALIVE_S: Final = 5
_METRIC: Final = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"\})?')


def create_app(desk: Desk) -> FastAPI:
    """Make the application: the four emergency endpoints, status, metrics and resume."""
    from fastapi import FastAPI, Response

    app = FastAPI(title="HedgeFund-Lite control", docs_url=None, redoc_url=None, openapi_url=None)

    async def command(request: Request) -> Response:
        verb = request.url.path.rsplit("/", 1)[-1]
        try:
            asked = read_command(
                verb, await _body(request), request.headers.get(IDEMPOTENCY_HEADER, "")
            )
            # The desk may wait briefly for a disk; the loop must not.
            answer = await asyncio.to_thread(desk.handle, asked)
        except ControlError as error:
            return _json(Response, 400, _detail(str(error)))
        return _json(Response, _status_of(verb, answer), answer.body)

    async def risk_check(_: Request) -> Response:
        return _json(Response, 200, desk.risk_check())

    async def status(_: Request) -> Response:
        return _json(Response, 200, desk.status())

    async def metrics(_: Request) -> Response:
        text = metrics_text(desk.metrics())
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    for path in ("/emergency/kill", "/emergency/pause", "/emergency/close_all", "/resume"):
        app.add_route(path, command, methods=["POST"])
    app.add_route("/emergency/risk_check", risk_check, methods=["GET", "POST"])
    app.add_route("/status", status, methods=["GET"])
    app.add_route("/metrics", metrics, methods=["GET"])
    return app


def read_command(verb: str, body: bytes, key: str) -> ControlRequest:
    """Read one command from its HTTP body.

    Raises ControlError with one sentence; unknown keys are refused.
    """
    from pydantic import ValidationError

    bodies = _bodies()
    try:
        asked = bodies[verb == "resume"].model_validate_json(body or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise ControlError(
            f"expected a body for {verb} as documented, found at {where}: {first['msg']}"
        ) from error
    if key and asked.request_id and key != asked.request_id:
        raise ControlError(
            f"expected one request id, found {key[:ID_LENGTH_MAX]!r} in "
            f"{IDEMPOTENCY_HEADER} and another in the body"
        )
    return ControlRequest(
        verb=verb,
        request_id=key or asked.request_id or os.urandom(8).hex(),
        reason=asked.reason,
        actor=f"api:{asked.actor}" if asked.actor else "api",
        arguments=asked.arguments(),
    )


class _Body(Protocol):
    request_id: str
    reason: str
    actor: str

    @classmethod
    def model_validate_json(cls, json_data: bytes) -> _Body: ...
    def arguments(self) -> dict[str, str]: ...


@functools.cache
def _bodies() -> tuple[type[_Body], type[_Body]]:
    from pydantic import BaseModel, ConfigDict, Field

    class CommandBody(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)

        request_id: str = Field(default="", max_length=ID_LENGTH_MAX)
        reason: str = Field(default="", max_length=TEXT_LENGTH_MAX)
        actor: str = Field(default="", max_length=TEXT_LENGTH_MAX)

        def arguments(self) -> dict[str, str]:
            return {}

    class ResumeBody(CommandBody):
        typed: str = Field(max_length=TEXT_LENGTH_MAX)
        latch_ids: list[str] = Field(min_length=1, max_length=LATCH_IDS_MAX)

        def arguments(self) -> dict[str, str]:
            return {"typed": self.typed, "latch_ids": ",".join(self.latch_ids)}

    return CommandBody, ResumeBody


def metrics_text(values: Mapping[str, float]) -> str:
    """Return values as Prometheus text, sorted by name.

    Raises ValueError for a name that Prometheus would not take.
    """
    lines = []
    named: set[str] = set()
    for name in sorted(values):
        if _METRIC.fullmatch(name) is None:
            raise ValueError(
                f"expected a Prometheus name, found {name!r}: use letters, digits and '_'"
            )
        family = name.partition("{")[0]
        if family not in named:
            named.add(family)
            lines.append(f"# TYPE {family} {'counter' if family.endswith('_total') else 'gauge'}")
        lines.append(f"{name} {_number(values[name])}")
    return "\n".join(lines) + "\n" if lines else ""


def private_server(
    path: str, desk: Desk, *, allowed_uids: frozenset[int] | None = None
) -> ApiServer:
    """Bind the private Unix socket and return its server. Raises ControlError."""
    listener = bind_private(path, allowed_uids=allowed_uids)
    return ApiServer(listener, lambda: create_app(desk), where=path)


def loopback_server(host: str, port: int, desk: Desk, *, token_path: str) -> ApiServer:
    """Bind the loopback and return its server, behind the token. Raises ControlError."""
    token = obtain_token(token_path)
    listener = bind_loopback(host, port)
    bound: int = listener.getsockname()[1]
    return ApiServer(
        listener,
        lambda: TokenGuard(create_app(desk), token=token, host=host, port=bound),
        where=f"{host} port {bound}",
    )


class ApiServer:
    """Serves an application on a socket that is already bound, in its own thread.

    make: called on that thread, where its libraries are imported; where: for messages.
    """

    def __init__(
        self, listener: PrivateSocket | LoopbackSocket, make: Callable[[], ASGIApp], *, where: str
    ) -> None:
        self.where = where
        self._make = make
        self._socket = listener
        self._server: uvicorn.Server | None = None
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="hfl-api", daemon=True)

    def start(self, *, wait_s: float = START_WAIT_S) -> None:
        """Begin to serve and return when it answers.

        Raises ControlError when it does not within wait_s.
        """
        self._thread.start()
        deadline = time.monotonic() + wait_s
        while self._server is None or not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                why = self._failure or f"no answer within {wait_s:g} s"
                raise ControlError(
                    f"expected the control API at {self.where} to start, found {why}"
                )
            time.sleep(0.005)

    def stop(self) -> None:
        """End it within 5 s and release its socket."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(STOP_WAIT_S)
        self._socket.release()

    def _run(self) -> None:
        try:
            import uvicorn

            config = uvicorn.Config(
                self._make(),
                loop="asyncio",
                http="h11",
                lifespan="off",
                log_config=None,
                access_log=False,
                ws="none",
                proxy_headers=False,
                server_header=False,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=1,
            )
            server = uvicorn.Server(config)
            self._server = server
            server.run(sockets=[self._socket])
        except BaseException as error:  # noqa: BLE001 - uvicorn ends with SystemExit; the daemon goes on without its API
            self._failure = f"{type(error).__name__}: {error}"


async def _body(request: Request) -> bytes:
    received = b""
    async for chunk in request.stream():
        received += chunk
        if len(received) > BODY_BYTES_MAX:
            raise ControlError(f"expected a body of at most {BODY_BYTES_MAX} bytes, found more")
    return received


def _json(kind: type[Response], status: int, body: bytes) -> Response:
    return kind(body, status_code=status, media_type="application/json")


def _detail(sentence: str) -> bytes:
    return json.dumps({"ok": False, "detail": sentence}).encode()


def _status_of(verb: str, answer: Answer) -> int:
    if not answer.is_ok:
        return 503
    # A resume is only handed in; a stop is in force when this is sent.
    return 202 if verb == "resume" else 200


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
