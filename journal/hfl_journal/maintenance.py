"""What a human does to a journal on purpose: replace its key, or put a backup in its place.

Both leave a row.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hfl_core.domain.errors import JournalError, TamperError
from hfl_core.domain.events import Event, JournalRekeyed, JournalRestored
from hfl_core.ports import Clock
from hfl_journal import files, keys
from hfl_journal.head import Head, HeadState, read_head, write_head
from hfl_journal.lock import JournalLock
from hfl_journal.paths import JournalPaths, head_path_of
from hfl_journal.reader import JournalReader
from hfl_journal.rows import DATABASE_ERRORS, GENESIS, Anchor
from hfl_journal.verify import VerifyReport, verify_journal
from hfl_journal.writer import JournalWriter

ACTOR = "operator"
# What the head says is beside the point when the head is what gets replaced.
_HEAD_CODES = frozenset(f"HEAD_{state.name}" for state in HeadState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the head given up, the new end, where the replaced file is kept.

    is_proved: the backup's own signed head held, so the backup is the one that was made.
    """

    old: Anchor
    last: Anchor
    kept: Path | None
    is_proved: bool


def rekey(paths: JournalPaths, *, reason: str, clock: Clock) -> Anchor:
    """Replace the head's key after verifying the whole chain; return the row that says so.

    Raises JournalError when the chain does not hold or the head, signed or not, names another
    history.
    """
    _require_reason(reason)
    with JournalLock(paths.lock) as lock:
        _require_chain(_verify(paths, paths.journal), paths.journal)
        _require_same_history(paths)
        _append(paths, JournalRekeyed(reason=reason), clock=clock, lock=lock)
        return _sign(paths, keys.new_key())


def restore(paths: JournalPaths, source: Path, *, reason: str, clock: Clock) -> Restored:
    """Put a verified backup in the journal's place; the replaced file is kept beside it.

    source may be the journal itself, which accepts its present content. Raises JournalError when
    the backup does not hold or belongs to another mode or account; then nothing has changed.
    """
    _require_reason(reason)
    with JournalLock(paths.lock) as lock:
        with JournalReader.open(source) as reader:
            found = f"{reader.meta.get('mode')}-{reader.meta.get('account')}"
        if found != paths.name:
            raise JournalError(
                f"expected a backup of {paths.name}, found one of {found} in {source}: "
                "name the right backup"
            )
        report = _verify(paths, source)
        _require_chain(report, source)
        is_itself = paths.journal.exists() and source.samefile(paths.journal)
        is_proved = not is_itself and _is_proved(report, source)
        old = _given_up(paths)
        kept = None if is_itself else _replace(paths, source, clock=clock)
        event = JournalRestored(reason=reason, old_seq=old.seq, old_hash=old.hash.hex())
        _append(paths, event, clock=clock, lock=lock)
        last = _sign(paths, _usable_key(paths) or keys.new_key())
    return Restored(old=old, last=last, kept=kept, is_proved=is_proved)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise JournalError("expected a reason in words, found none: add --reason TEXT")


def _require_chain(report: VerifyReport, path: Path) -> None:
    for found in report.findings:
        if found.code not in _HEAD_CODES:
            raise TamperError(
                f"expected {path} to verify, found {found.code} at row {found.seq} ({found.text}): "
                "use another backup"
            )


def _verify(paths: JournalPaths, source: Path) -> VerifyReport:
    return verify_journal(source, head_path=head_path_of(source), key=_usable_key(paths))


def _usable_key(paths: JournalPaths) -> bytes | None:
    try:
        return keys.load_key(paths.key)
    except JournalError:
        return None


def _is_proved(report: VerifyReport, source: Path) -> bool:
    """Tell whether the backup's own head proves it; refuse one whose signed head disproves it."""
    if report.head.is_sound:
        return True
    if report.head.head is not None and report.head.state in {HeadState.BEHIND, HeadState.FORGED}:
        raise TamperError(f"{source} is not the backup that was made: {report.head.sentence}")
    return False


def _require_same_history(paths: JournalPaths) -> None:
    """Require that the head's words, signature aside, are true of the journal."""
    head = read_head(paths.head, None)
    with JournalReader.open(paths.journal) as reader:
        found = "none" if head is None else f"one about row {head.at.seq} of another history"
        is_true = (
            head is not None
            and head.journal_id == reader.meta.get("journal_id")
            and (head.at == GENESIS or reader.hash_at(head.at.seq) == head.at.hash)
        )
    if not is_true:
        raise TamperError(
            f"expected a head {paths.head} that fits the journal, found {found}: put a backup back "
            "with `hfl journal restore FILE --reason TEXT`"
        )


def _given_up(paths: JournalPaths) -> Anchor:
    """Return the head that a restore gives up: the head file's word, else the old journal's end."""
    try:
        head = read_head(paths.head, None)
    except JournalError:
        head = None
    if head is not None:
        return head.at
    try:
        with JournalReader.open(paths.journal) as reader:
            return reader.last()
    except JournalError:
        return GENESIS


def _replace(paths: JournalPaths, source: Path, *, clock: Clock) -> Path | None:
    kept = paths.directory / f"{paths.name}.replaced-{clock.wall_ns()}.sqlite"
    partial = paths.directory / f".{paths.name}.restoring"
    try:
        with JournalReader.open(source) as reader:
            partial.unlink(missing_ok=True)
            reader.copy_into(partial)
        partial.chmod(0o600)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        is_kept = paths.journal.exists()
        if is_kept:
            shutil.copyfile(paths.journal, kept)
            log = _beside(paths.journal, "-wal")
            if log.exists():
                shutil.copyfile(log, _beside(kept, "-wal"))
        for suffix in ("-wal", "-shm"):
            _beside(paths.journal, suffix).unlink(missing_ok=True)
        partial.replace(paths.journal)
        files.sync_directory(paths.directory)
    except (OSError, *DATABASE_ERRORS) as error:
        raise JournalError(
            f"expected to put {source} in the place of {paths.journal}, found: {error}; free disk "
            "space, make the directory writable, then run the restore again"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return kept if is_kept else None


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")


def _append(paths: JournalPaths, event: Event, *, clock: Clock, lock: JournalLock) -> None:
    now_ns = clock.wall_ns()
    run_id = f"repair-{now_ns}"
    with JournalWriter.open(paths, clock=clock, run_id=run_id, lock=lock) as writer:
        time_ns = writer.last_time_ns or now_ns
        writer.append(event, time_ns=time_ns, cause_seq=0, actor=ACTOR)
        writer.commit()


def _sign(paths: JournalPaths, key: bytes) -> Anchor:
    """Store the key and write a head over the whole verified journal with it."""
    with JournalReader.open(paths.journal) as reader:
        last = reader.last()
        journal_id = reader.meta["journal_id"]
    keys.store_key(paths.key, key)
    head = Head(journal_id=journal_id, at=last, verified=last)
    try:
        write_head(paths.head, head, key, with_directory=True)
    except OSError as error:
        raise JournalError(
            f"expected to write the head {paths.head}, found {error.strerror}: free disk space, "
            "then run the same command again"
        ) from error
    return last
