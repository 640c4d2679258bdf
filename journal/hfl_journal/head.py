"""The keyed head outside the database: what makes a cut tail and a rewritten chain visible.

The head names the last anchored row and the last verified one, signed with a key the journal's
directory does not hold. Rows behind it are "not yet anchored": dropping those cannot be detected.
Somebody who puts back an old journal together with its old head cannot be detected here either;
the broker, which knows client order ids the journal does not, is the witness for that.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError, TamperError
from hfl_journal.codec import Json, canonical_json
from hfl_journal.files import replace_durably
from hfl_journal.rows import GENESIS, GENESIS_HASH, Anchor

HEAD_BYTES_MAX: Final = 4_096
_FIELDS: Final = ("journal_id", "seq", "hash", "verified_seq", "verified_hash")


class HeadState(StrEnum):
    """How the journal stands to its head. Only OK and AHEAD may trade; all others start halted."""

    OK = "ok"
    AHEAD = "ahead"
    BEHIND = "behind"
    MISSING = "missing"
    FORGED = "forged"
    KEY_LOST = "key_lost"


SOUND: Final = frozenset({HeadState.OK, HeadState.AHEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The content of a head file: row seq with its hash, and where the last verification ended."""

    journal_id: str
    at: Anchor
    verified: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadReport:
    """A comparison of journal and head. rows_ahead: rows not yet anchored; sentence.

    For a person.
    """

    state: HeadState
    sentence: str
    rows_ahead: int = 0
    head: Head | None = None

    @property
    def is_sound(self) -> bool:
        """Tell whether the journal may be trusted as far as the head can say."""
        return self.state in SOUND


def sign(fields: dict[str, Json], key: bytes) -> str:
    """Return the HMAC-SHA256 of a head's fields, hexadecimal."""
    return hmac.new(key, canonical_json(fields), hashlib.sha256).hexdigest()


def write_head(path: Path, head: Head, key: bytes, *, with_directory: bool = False) -> None:
    """Write a signed head by temporary file, fsync and rename. Raises OSError.

    Then the old one stands.
    """
    fields: dict[str, Json] = {
        "journal_id": head.journal_id,
        "seq": head.at.seq,
        "hash": head.at.hash.hex(),
        "verified_seq": head.verified.seq,
        "verified_hash": head.verified.hash.hex(),
    }
    fields["hmac"] = sign(fields, key)
    replace_durably(path, canonical_json(fields) + b"\n", with_directory=with_directory)


def read_head(path: Path, key: bytes | None) -> Head | None:
    """Return the head, None when there is no file.

    Raises JournalError when it cannot be read, is not a head, or was not signed with the key;
    without a key the signature is not checked.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(HEAD_BYTES_MAX)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(
            f"expected to read the journal's head {path}, found {error.strerror}: "
            "make it readable for this user"
        ) from error
    try:
        fields = json.loads(raw)
        signature = fields.pop("hmac")
        head = Head(
            journal_id=fields["journal_id"],
            at=_anchor(fields["seq"], fields["hash"]),
            verified=_anchor(fields["verified_seq"], fields["verified_hash"]),
        )
        is_complete = set(fields) == set(_FIELDS) and isinstance(signature, str)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _not_ours(path, "something that is not one") from error
    if not is_complete:
        raise _not_ours(path, "something that is not one")
    if key is not None and not hmac.compare_digest(signature.encode(), sign(fields, key).encode()):
        raise _not_ours(path, "one with a signature that does not hold")
    return head


def check_head(
    *,
    head_path: Path,
    key: bytes | None,
    journal_id: str,
    last: Anchor,
    hash_at: Callable[[int], bytes | None],
) -> HeadReport:
    """Compare the journal's last row with its head; hash_at.

    The stored hash of a row, None if absent.
    """
    try:
        head = read_head(head_path, key)
    except JournalError as error:
        return HeadReport(state=HeadState.FORGED, sentence=str(error))
    if key is None:
        return HeadReport(
            state=HeadState.KEY_LOST,
            head=head,
            sentence=(
                "expected the key of the journal's head in the configuration directory, found "
                "none: put it back from your backup, or verify the journal and run "
                "`hfl journal rekey`"
            ),
        )
    if head is None:
        return HeadReport(
            state=HeadState.MISSING,
            sentence=(
                f"expected the journal's head {head_path}, found none: somebody removed it; "
                "restore a backup with `hfl journal restore FILE --reason TEXT`"
            ),
        )
    return _compare(head, journal_id=journal_id, last=last, hash_at=hash_at)


def _compare(
    head: Head, *, journal_id: str, last: Anchor, hash_at: Callable[[int], bytes | None]
) -> HeadReport:
    remedy = "restore a backup with `hfl journal restore FILE --reason TEXT`"
    if head.journal_id != journal_id:
        return HeadReport(
            state=HeadState.FORGED,
            head=head,
            sentence=(
                f"expected the head of journal {journal_id}, found the head of journal "
                f"{head.journal_id}: {remedy}"
            ),
        )
    if last.seq < head.at.seq:
        return HeadReport(
            state=HeadState.BEHIND,
            head=head,
            sentence=(
                f"expected the journal to reach row {head.at.seq} as its head says, found it "
                f"ends at row {last.seq}: rows were cut off or an old copy was put back; {remedy}"
            ),
        )
    if _hash_of(head.at.seq, hash_at) != head.at.hash:
        return HeadReport(
            state=HeadState.FORGED,
            head=head,
            sentence=(
                f"expected row {head.at.seq} to have the hash its head says, found another: "
                f"the history was rewritten; {remedy}"
            ),
        )
    ahead = last.seq - head.at.seq
    if ahead:
        return HeadReport(
            state=HeadState.AHEAD,
            head=head,
            rows_ahead=ahead,
            sentence=f"{ahead} rows not yet anchored: normal after a crash, they cannot be proved",
        )
    return HeadReport(
        state=HeadState.OK,
        head=head,
        sentence=f"the journal ends where its head says, row {last.seq}",
    )


def _hash_of(seq: int, hash_at: Callable[[int], bytes | None]) -> bytes | None:
    return GENESIS_HASH if seq == GENESIS.seq else hash_at(seq)


def _anchor(seq: object, text: object) -> Anchor:
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(text, str):
        raise ValueError("not an anchor")
    digest = bytes.fromhex(text)
    if len(digest) != len(GENESIS_HASH):
        raise ValueError("not an anchor")
    return Anchor(seq, digest)


def _not_ours(path: Path, found: str) -> TamperError:
    return TamperError(
        f"expected a head signed with the journal's key in {path}, found {found}: restore a backup "
        "with `hfl journal restore FILE --reason TEXT`, or run `hfl journal rekey` if the key "
        "was replaced"
    )
