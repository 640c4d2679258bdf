"""Backups: a compact copy with its own signed head, verified before it gets its name."""

import os
from dataclasses import dataclass
from pathlib import Path

from hfl_core.domain.errors import JournalError, TamperError
from hfl_journal import files, keys
from hfl_journal.head import Head, write_head
from hfl_journal.paths import JournalPaths, head_path_of
from hfl_journal.reader import JournalReader
from hfl_journal.rows import DATABASE_ERRORS, Anchor
from hfl_journal.verify import verify_journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A verified copy: where it is, where it ends, and its size."""

    path: Path
    last: Anchor
    bytes: int


def back_up(paths: JournalPaths, target: Path) -> Backup:
    """Copy the journal with VACUUM INTO, sign a head beside the copy, verify both, then name it.

    Works beside a running bot. target: a new `.sqlite` file. Raises JournalError.
    """
    if target.exists():
        raise JournalError(
            f"expected a new file for the backup, found {target} already there: name another one"
        )
    key = keys.load_key(paths.key)
    if key is None:
        raise JournalError(
            f"expected the journal's key {paths.key}, found none: a backup needs a signed head; "
            "run `hfl journal rekey` first"
        )
    partial = target.with_name(f".{target.name}.partial.sqlite")
    head_path = head_path_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        last = _copy(paths.journal, partial, key)
        report = verify_journal(partial, head_path=head_path_of(partial), key=key)
        if not report.is_clean:
            found = report.findings[0]
            raise TamperError(
                f"expected a clean copy of {paths.journal}, found {found.code} at row {found.seq}: "
                "verify the journal itself (hfl journal verify)"
            )
        head_path_of(partial).replace(head_path)
        partial.replace(target)
        files.sync_directory(target.parent)
    except (OSError, *DATABASE_ERRORS) as error:
        raise JournalError(
            f"expected to write the backup {target}, found: {error}; free space there or name "
            "another place"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        head_path_of(partial).unlink(missing_ok=True)
    return Backup(path=target, last=last, bytes=target.stat().st_size)


def _copy(source: Path, partial: Path, key: bytes) -> Anchor:
    partial.unlink(missing_ok=True)
    with JournalReader.open(source) as reader:
        reader.copy_into(partial)
    partial.chmod(0o600)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    with JournalReader.open(partial) as copy:
        last = copy.last()
        at = Head(journal_id=copy.meta["journal_id"], at=last, verified=last)
    write_head(head_path_of(partial), at, key)
    return last
