"""Events of stop and control. Knows nothing of sockets or latch files."""

from typing import ClassVar

from hfl_core.domain._events_base import Event


class CommandReceived(Event, frozen=True, kw_only=True):
    """A human or a policy asked for something; request_id makes it idempotent.

    arguments: (name, text).
    """

    IS_INPUT: ClassVar[bool] = True
    request_id: str
    verb: str
    actor: str
    arguments: tuple[tuple[str, str], ...]


class StopLatched(Event, frozen=True, kw_only=True):
    """A stop is in force.

    Level is reduce_only or kill; latch_id is also the latch file's name behind its level.
    """

    level: str
    latch_id: str
    reason: str
    actor: str


class LatchFound(Event, frozen=True, kw_only=True):
    """A latch file that the journal did not know: somebody stopped us without the engine."""

    IS_INPUT: ClassVar[bool] = True
    level: str
    latch_id: str
    text: str


class Resumed(Event, frozen=True, kw_only=True):
    """Exactly these stops were lifted, by whom and why."""

    latch_ids: tuple[str, ...]
    actor: str
    reason: str


class CommandRefused(Event, frozen=True, kw_only=True):
    """A command was not carried out, and why."""

    request_id: str
    verb: str
    why: str


class ExternalActed(Event, frozen=True, kw_only=True):
    """Something that happened without the engine, adopted from its spool.

    For example the cancels and closes of a panic.
    """

    IS_INPUT: ClassVar[bool] = True
    actor: str
    what: str
    detail: str


class JournalRestored(Event, frozen=True, kw_only=True):
    """The journal was replaced by a backup on purpose; old_seq, old_hash.

    The head that was given up.
    """

    IS_INPUT: ClassVar[bool] = True
    reason: str
    old_seq: int
    old_hash: str


class JournalRekeyed(Event, frozen=True, kw_only=True):
    """The head's key was replaced on purpose."""

    IS_INPUT: ClassVar[bool] = True
    reason: str
