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


class StreamOpened(Event, frozen=True, kw_only=True):
    """A source whose bars come one by one: each is a row of its own from here on.

    stream_id: what it is, wherever it runs; spec: how it was asked for, canonical JSON; cursor:
    deliveries taken before.
    """

    IS_INPUT: ClassVar[bool] = True
    stream_id: str
    source: str
    spec: str
    symbols: tuple[str, ...]
    timeframe_ns: int
    cursor: int


class BarClosed(Event, frozen=True, kw_only=True):
    """One accepted bar of a stream; the row's time is when it reached us.

    volume: text of a float; flags: what is odd about it; cursor: deliveries taken with this one.
    """

    IS_INPUT: ClassVar[bool] = True
    symbol: str
    source: str
    open_ns: int
    close_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: str
    flags: tuple[str, ...]
    cursor: int


class BarMissedScan(Event, frozen=True, kw_only=True):
    """A bar came when its slot was over: features, marks and equity take it, no decision does.

    late_ns: how long after the close it came; slot_ns: the newest slot that was scanned by then.
    """

    symbol: str
    close_ns: int
    late_ns: int
    slot_ns: int


class ScansCoalesced(Event, frozen=True, kw_only=True):
    """The scans of one or more slots.

    Of a data set an input: quiet slots together, and at most the last one with outcomes, which
    follow as rows. Of a stream an outcome: one scan, caused by the bar or deadline that completed
    its slot.

    cursor_from, cursor_to: raw rows of the data set, or deliveries of the stream; counts: (reason
    code, how many); digest: rolling SHA-256 over one code byte an instrument and slot; equity and
    high_water_mark at the last slot; anchors: equity at the start of (day, week, month).
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
