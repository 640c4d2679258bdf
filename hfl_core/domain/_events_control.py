"""Events of stop and control. Knows nothing of sockets or latch files."""

from dataclasses import dataclass
from typing import ClassVar

from hfl_core.domain._events_base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReceived(Event):
    """A human or a policy asked for something; request_id makes it idempotent.

    arguments: (name, text).
    """

    IS_INPUT: ClassVar[bool] = True
    request_id: str
    verb: str
    actor: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLatched(Event):
    """A stop is in force.

    Level is reduce_only or kill; latch_id is also the latch file's name behind its level.
    """

    level: str
    latch_id: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchFound(Event):
    """A latch file that the journal did not know: somebody stopped us without the engine."""

    IS_INPUT: ClassVar[bool] = True
    level: str
    latch_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """Exactly these stops were lifted, by whom and why."""

    latch_ids: tuple[str, ...]
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command was not carried out, and why."""

    request_id: str
    verb: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalActed(Event):
    """Something that happened without the engine, adopted from its spool.

    For example the cancels and closes of a panic.
    """

    IS_INPUT: ClassVar[bool] = True
    actor: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRestored(Event):
    """The journal was replaced by a backup on purpose; old_seq, old_hash.

    The head that was given up.
    """

    IS_INPUT: ClassVar[bool] = True
    reason: str
    old_seq: int
    old_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRekeyed(Event):
    """The head's key was replaced on purpose."""

    IS_INPUT: ClassVar[bool] = True
    reason: str
