"""The world's side of the venue: start its process, publish bars to it, read its counts.

Publishing is idempotent (a bar or its open is known by symbol and close), so a publication that
was not answered is sent again after a reconnect.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl_core.domain.bars import Slot
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import plain
from hfl_core.venue.model import (
    MarketBar,
    MarketOpen,
    MarketState,
    VenueSettings,
    settings_to_record,
)
from hfl_core.venue.protocol import (
    ANSWER_BYTES_MAX,
    BadRequestError,
    Record,
    bar_record,
    frame,
    instrument_record,
    open_record,
    text_of,
    unframe,
    whole_of,
)

DEADLINE_S_DEFAULT: Final = 5.0
START_S_MAX: Final = 20.0
RETRY_S: Final = 0.02
EXIT_ALREADY_RUNNING: Final = 3
UNREACHABLE: Final = "venue_unreachable"
REFUSED: Final = "venue_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOptions:
    """How to start a venue process. cash counts only for a new account; idle_s.

    Seconds without connections until it ends.
    """

    directory: Path
    socket_path: Path
    account: str = "paper"
    currency: str = "USD"
    cash: Decimal = Decimal(0)
    settings: VenueSettings = field(default_factory=VenueSettings)
    faults: str = ""
    seed: int = 0
    idle_s: float = 30.0


def start_venue(options: VenueOptions) -> None:
    """Start the venue detached from this process and return when it answers.

    One that answers already is left as it is, with the options it was started with. Raises
    BrokerError (nothing was sent) with the venue's own sentence when it cannot start.
    """
    named = {
        "--dir": str(options.directory),
        "--socket": str(options.socket_path),
        "--account": options.account,
        "--currency": options.currency,
        "--cash": plain(options.cash),
        "--settings": json.dumps(settings_to_record(options.settings)),
        "--faults": options.faults,
        "--seed": str(options.seed),
        "--idle-s": str(options.idle_s),
    }
    command = [sys.executable, "-P", "-m", "hfl_core.venue", "--detach"]
    command += [f"{name}={value}" for name, value in named.items()]
    ends_at = time.monotonic() + START_S_MAX
    while not _is_serving(options.socket_path):
        _spawn(command)
        if time.monotonic() > ends_at:
            raise BrokerError(
                f"expected the paper venue to answer at {options.socket_path}, found it silent: "
                f"end the process in {options.directory / 'venue.pid'}",
                reached=Reached.NO,
                code=UNREACHABLE,
            )


def _is_serving(path: Path) -> bool:
    try:
        line = _Line(path, DEADLINE_S_DEFAULT)
        try:
            line.call("hello", {"instruments": []})
        finally:
            line.close()
    except (OSError, BadRequestError):
        return False
    return True


def _spawn(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=START_S_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokerError(
            f"expected the paper venue to start, found {error}",
            reached=Reached.NO,
            code=UNREACHABLE,
        ) from error
    if done.returncode == EXIT_ALREADY_RUNNING:
        time.sleep(RETRY_S)  # another one serves, starts or is just dying
    elif done.returncode:
        sentence = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise BrokerError(
            f"the paper venue cannot start: {sentence}", reached=Reached.NO, code=UNREACHABLE
        )


class _Line:
    """One blocking connection with a deadline for each round trip."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._received = b""
        self._number = 0
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._sock.settimeout(deadline_s)
            self._sock.connect(str(path))
        except OSError:
            self._sock.close()
            raise

    def close(self) -> None:
        self._sock.close()

    def call(self, verb: str, fields: Mapping[str, object]) -> Record:
        """Send one request and return its answer.

        Raises OSError, BadRequestError, or BrokerError when refused.
        """
        self._number += 1
        name = f"{verb}{self._number}"
        self._sock.settimeout(self._deadline_s)
        self._sock.sendall(frame({"id": name, "verb": verb, **fields}))
        ends_at = time.monotonic() + self._deadline_s
        while b"\n" not in self._received:
            self._sock.settimeout(max(0.001, ends_at - time.monotonic()))
            data = self._sock.recv(65_536)
            if not data or len(self._received) > ANSWER_BYTES_MAX:
                raise ConnectionError("the venue closed the connection")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        answer = unframe(line)
        if answer.get("ok") is False:
            raise BrokerError(
                f"the paper venue refused {verb}: {answer.get('text')}",
                reached=Reached.NO,
                code=REFUSED,
            )
        if answer.get("id") != name or answer.get("ok") is not True:
            raise BadRequestError(f"expected the answer to {name}, found {answer.get('id')!r}")
        return answer


class MarketLink:
    """Publishes bars of these instruments to a venue process, one round trip a slot.

    And one more where the opens come first. For one thread.
    """

    def __init__(
        self,
        socket_path: Path,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = DEADLINE_S_DEFAULT,
    ) -> None:
        self._path = socket_path
        self._instruments = tuple(instruments)
        self._deadline_s = deadline_s
        self._line: _Line | None = None
        self.closes: dict[Symbol, int] = {}
        self.pid = 0

    def connect(self) -> MarketState:
        """Say hello: list the instruments.

        Learn each symbol's last close (`closes`) and the venue's pid and clock.

        Raises BrokerError when the venue is not there or refuses an instrument.
        """
        answer = self._call(
            "hello", {"instruments": [instrument_record(each) for each in self._instruments]}
        )
        return MarketState(whole_of(answer, "clock_ns"), whole_of(answer, "events_pending"), 0)

    def publish(self, slot_time_ns: int, bars: Sequence[MarketBar]) -> MarketState:
        """Tell the venue the time and the bars that closed.

        Bars it has seen already change nothing.

        Raises BrokerError when the venue cannot be reached even after a reconnect, or refuses a
        bar.
        """
        answer = self._call(
            "publish", {"now_ns": slot_time_ns, "bars": [bar_record(bar) for bar in bars]}
        )
        return _state(answer)

    def publish_open(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish the opens of a slot's bars before the bars themselves; times as there.

        Nothing else of the bars is sent, but the volume that bounds what they can fill. Raises
        BrokerError as `publish` does.
        """
        opens = market_opens(self._instruments, slot, open_ns)
        return _state(self._call("publish_open", {"opens": [open_record(each) for each in opens]}))

    def publish_slot(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish a slot as the engine knows it.

        Its bars opened at open_ns, indexes are those of the instruments given.
        """
        return self.publish(slot.time_ns, market_bars(self._instruments, slot, open_ns))

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _call(self, verb: str, fields: Mapping[str, object]) -> Record:
        trouble: Exception | None = None
        for _attempt in range(2):
            try:
                if self._line is None:
                    self._line = _Line(self._path, self._deadline_s)
                    self._greet(self._line)
                return self._line.call(verb, fields)
            except (OSError, BadRequestError) as error:
                trouble = error
                self.close()
        raise BrokerError(
            f"expected the paper venue at {self._path}, found {trouble}: start it again",
            reached=Reached.UNKNOWN,
            code=UNREACHABLE,
        ) from trouble

    def _greet(self, line: _Line) -> None:
        answer = line.call(
            "hello", {"instruments": [instrument_record(each) for each in self._instruments]}
        )
        closes = answer.get("closes")
        if not isinstance(closes, dict):
            raise BadRequestError(f"expected closes by symbol, found {closes!r}")
        self.closes = {Symbol(symbol): whole_of(closes, symbol) for symbol in closes}
        self.pid = whole_of(answer, "pid")


def _state(answer: Mapping[str, object]) -> MarketState:
    return MarketState(
        whole_of(answer, "clock_ns"), whole_of(answer, "events_pending"), whole_of(answer, "taken")
    )


def market_opens(instruments: Sequence[Instrument], slot: Slot, open_ns: int) -> list[MarketOpen]:
    """Turn the opens of a slot's integer bars into what a venue understands."""
    opens = []
    for row in slot.bars:
        instrument = instruments[row.index]
        price = instrument.tick * row.open
        opens.append(MarketOpen(instrument.symbol, open_ns, slot.time_ns, price, row.volume))
    return opens


def market_bars(instruments: Sequence[Instrument], slot: Slot, open_ns: int) -> list[MarketBar]:
    """Turn a slot's integer bars into what a venue understands."""
    bars = []
    for row in slot.bars:
        instrument = instruments[row.index]
        opened, high, low, close = (
            instrument.tick * ticks for ticks in (row.open, row.high, row.low, row.close)
        )
        bars.append(
            MarketBar(
                instrument.symbol, open_ns, slot.time_ns, opened, high, low, close, row.volume
            )
        )
    return bars


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCounts:
    """The venue's own counts, which decide lost, duplicate and orphan.

    submits, accepted, cancels: times by client id; calls: by verb; fired: by fault.
    """

    submits: Mapping[str, int]
    accepted: Mapping[str, int]
    cancels: Mapping[str, int]
    calls: Mapping[str, int]
    fired: Mapping[str, int]
    orders: int
    events: int


def venue_counts(socket_path: Path, *, deadline_s: float = DEADLINE_S_DEFAULT) -> VenueCounts:
    """Ask a venue process for its counts. Raises BrokerError when it is not there."""
    try:
        line = _Line(socket_path, deadline_s)
        try:
            return read_counts(line.call("counts", {}))
        finally:
            line.close()
    except (OSError, BadRequestError) as error:
        raise BrokerError(
            f"expected the paper venue at {socket_path}, found {error}: start it",
            reached=Reached.NO,
            code=UNREACHABLE,
        ) from error


def read_counts(answer: Mapping[str, object]) -> VenueCounts:
    """Read the answer to `counts`. Raises BadRequestError."""
    seen, calls, fired = (answer.get(name) for name in ("seen", "calls", "fired"))
    if not isinstance(seen, dict) or not isinstance(calls, dict) or not isinstance(fired, dict):
        raise BadRequestError(
            f"expected three tables of counts, found {text_of(answer, 'id')} without them"
        )
    columns = [
        {name: int(row[column]) for name, row in seen.items() if row[column]} for column in range(3)
    ]
    return VenueCounts(
        submits=columns[0],
        accepted=columns[1],
        cancels=columns[2],
        calls={name: whole_of(calls, name) for name in calls},
        fired={name: whole_of(fired, name) for name in fired},
        orders=whole_of(answer, "orders"),
        events=whole_of(answer, "events"),
    )
