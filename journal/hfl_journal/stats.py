"""Counts and sizes of a journal: what is in it, since when, and which runs wrote it."""

from dataclasses import dataclass

from hfl_journal.reader import JournalReader


@dataclass(frozen=True, slots=True, kw_only=True)
class KindStats:
    """How many rows of one kind, and their bodies' bytes."""

    kind: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStats:
    """One run: its rows and its wall clock's span."""

    run_id: str
    first_seq: int
    last_seq: int
    first_wall_ns: int
    last_wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStats:
    """The whole journal in figures; kinds by rows, runs by order.

    Times are None when it is empty.
    """

    journal_id: str
    mode: str
    account: str
    rows: int
    body_bytes: int
    first_time_ns: int | None
    last_time_ns: int | None
    kinds: tuple[KindStats, ...]
    runs: tuple[RunStats, ...]
    blobs: int
    blob_bytes: int
    blob_bytes_stored: int


def read_stats(reader: JournalReader) -> JournalStats:
    """Count the journal's rows, bytes, runs and blobs."""
    connection = reader.connection
    kinds = tuple(
        KindStats(kind=kind, rows=rows, bytes=size)
        for kind, rows, size in connection.execute(
            "SELECT kind, count(*), sum(length(body)) FROM event GROUP BY kind"
            " ORDER BY count(*) DESC, kind"
        )
    )
    runs = tuple(
        RunStats(
            run_id=run_id, first_seq=first, last_seq=last, first_wall_ns=began, last_wall_ns=ended
        )
        for run_id, first, last, began, ended in connection.execute(
            "SELECT run_id, min(seq), max(seq), min(wall_ns), max(wall_ns) FROM event"
            " GROUP BY run_id ORDER BY min(seq)"
        )
    )
    span = connection.execute("SELECT min(time_ns), max(time_ns) FROM event").fetchone()
    blobs = connection.execute(
        "SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(length(body)), 0) FROM blob"
    ).fetchone()
    return JournalStats(
        journal_id=reader.meta["journal_id"],
        mode=reader.meta["mode"],
        account=reader.meta["account"],
        rows=sum(kind.rows for kind in kinds),
        body_bytes=sum(kind.bytes for kind in kinds),
        first_time_ns=span[0],
        last_time_ns=span[1],
        kinds=kinds,
        runs=runs,
        blobs=blobs[0],
        blob_bytes=blobs[1],
        blob_bytes_stored=blobs[2],
    )
