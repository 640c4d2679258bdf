"""One journal row as stored, and the constants of the chain."""

import sqlite3
from typing import Final, NamedTuple

# Of a rotten file SQLite may quote bytes that are no text, which Python cannot even put in an
# error.
DATABASE_ERRORS: Final = (sqlite3.Error, UnicodeError)
GENESIS_HASH: Final = bytes(32)
EVENT_COLUMNS: Final = (
    "seq, run_id, kind, version, time_ns, wall_ns, mono_ns, boot_ns, cause_seq, actor,"
    " body, prev, hash"
)


class RawRow(NamedTuple):
    """A row of the event table, in column order.

    Body is the canonical JSON that the chain covers.
    """

    seq: int
    run_id: str
    kind: str
    version: int
    time_ns: int
    wall_ns: int
    mono_ns: int
    boot_ns: int
    cause_seq: int
    actor: str
    body: bytes
    prev: bytes
    hash: bytes


class BlobRow(NamedTuple):
    """A row of the blob table.

    Body is stored by codec (`raw` or `zlib`), bytes is its full length.
    """

    sha: str
    codec: str
    kind: str
    body: bytes
    bytes: int


class Anchor(NamedTuple):
    """A point of the chain: the hash of row seq; seq 0 with 32 zero bytes is the genesis."""

    seq: int
    hash: bytes


GENESIS: Final = Anchor(0, GENESIS_HASH)
