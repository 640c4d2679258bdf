"""Events of runs, data sets and time. Knows nothing of storage."""

from decimal import Decimal
from typing import ClassVar

from hfl_core.domain._events_base import Event


class RunStarted(Event, frozen=True, kw_only=True):
    """A process took the journal over.

    hashes: (component, SHA-256) of code, config, lock, strategy, rules, features; config_blob: the
    whole configuration as canonical JSON, by hash; plan_blob: what the engine was built from,
    likewise; head_seq, head_hash: where the chain stood.
    """

    IS_INPUT: ClassVar[bool] = True
    run_id: str
    mode: str
    account: str
    currency: str
    hashes: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    config_blob: str
    seed: int
    head_seq: int
    head_hash: str
    operator_policy: str
    changed: tuple[str, ...]
    pid: int
    plan_blob: str = ""


class RunEnded(Event, frozen=True, kw_only=True):
    """A run ended in order. reason: end_of_data, stopped, killed."""

    IS_INPUT: ClassVar[bool] = True
    reason: str


class AccountOpened(Event, frozen=True, kw_only=True):
    """The account's first cash, as the venue reported it at the first reconciliation."""

    cash: Decimal
    currency: str


class DatasetOpened(Event, frozen=True, kw_only=True):
    """A regenerable source of bars: its rows are referred to by cursor instead of being copied.

    spec: what rebuilds it, canonical JSON; content_hash: SHA-256 of the consumed content; cursor:
    rows already consumed.
    """

    IS_INPUT: ClassVar[bool] = True
    dataset_id: str
    source: str
    spec: str
    content_hash: str
    rows: int
    symbols: tuple[str, ...]
    first_ns: int
    last_ns: int
    cursor: int


class ScansCoalesced(Event, frozen=True, kw_only=True):
    """The bars of one or more slots.

    Quiet ones together, and at most the last one with outcomes, which follow as rows.

    cursor_from, cursor_to: raw rows of the data set; counts: (reason code, how many); digest:
    rolling SHA-256 over one code byte an instrument and slot; equity and high_water_mark at the
    last slot; anchors: equity at the start of (day, week, month).
    """

    IS_INPUT: ClassVar[bool] = True
    dataset_id: str
    cursor_from: int
    cursor_to: int
    slot_first_ns: int
    slot_last_ns: int
    scans: int
    counts: tuple[tuple[str, int], ...]
    digest: str
    equity: Decimal
    high_water_mark: Decimal
    anchors: tuple[tuple[str, Decimal], ...]


class BarsRejected(Event, frozen=True, kw_only=True):
    """A run of raw rows that the quality gate refused, with the reasons; see bars.RefusedRows."""

    IS_INPUT: ClassVar[bool] = True
    symbol: str
    reasons: tuple[str, ...]
    first_row: int
    last_row: int
    count: int
    first_time_ns: int | None
    last_time_ns: int | None
    sample: str


class SnapshotTaken(Event, frozen=True, kw_only=True):
    """The folded state as a blob: a cache that `journal verify` can check against a full fold."""

    blob: str
    dataset_cursor: int
    inputs: int


class TimePassed(Event, frozen=True, kw_only=True):
    """A deadline of the engine was reached; the row's time is the deadline."""

    IS_INPUT: ClassVar[bool] = True
    due_ns: int


class ClockAnomaly(Event, frozen=True, kw_only=True):
    """The machine's clocks disagree or stepped.

    The wall clock may step back only right after this row.
    """

    IS_INPUT: ClassVar[bool] = True
    kind: str
    wall_jump_ns: int


class Degraded(Event, frozen=True, kw_only=True):
    """Something works less well than configured, and how."""

    IS_INPUT: ClassVar[bool] = True
    component: str
    detail: str
