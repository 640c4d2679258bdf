"""Damaged files.

Always a chain-valid prefix or a refusal, never a changed row that nobody notices.
"""

import random
import shutil
import sqlite3

import pytest

from hfl_core.domain.errors import JournalError
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_chain, verify_journal
from hfl_journal.writer import JournalWriter
from tests.journal.story import StepClock, order_story, tell, transitioned, write_story

WAL_TRIALS = 300
FLIP_TRIALS = 100


@pytest.fixture
def torn(paths, tmp_path):
    """A journal whose last rows are only in the log, copied as a power cut would leave it."""
    write_story(paths, StepClock())
    journal = JournalWriter.open(paths, clock=StepClock(), run_id="run-3")
    for number in range(40, 52):
        tell(journal, order_story(number))
    for end in ("", "-wal"):
        source = paths.journal.with_name(paths.journal.name + end)
        shutil.copyfile(source, tmp_path / f"torn.sqlite{end}")
    with JournalReader.open(paths.journal) as reader:
        truth = list(reader.raw_rows())
    journal.close()
    return tmp_path / "torn.sqlite", truth


def damage(data, draw):
    kind = draw.choice(("truncate", "zero", "flip", "garbage"))
    spot = draw.randrange(len(data))
    if kind == "truncate":
        del data[spot:]
    elif kind == "zero":
        size = draw.randrange(1, 8_192)
        data[spot : spot + size] = bytes(len(data[spot : spot + size]))
    elif kind == "flip":
        data[spot] ^= 1 << draw.randrange(8)
    else:
        size = draw.randrange(1, 4_096)
        data[spot : spot + size] = draw.randbytes(len(data[spot : spot + size]))


def test_a_damaged_log_leaves_a_clean_prefix_or_a_refusal(torn, tmp_path):
    source, truth = torn
    good = source.with_name("torn.sqlite-wal").read_bytes()
    database = source.read_bytes()
    draw = random.Random(20_261_122)
    kept = set()
    for trial in range(WAL_TRIALS):
        path = tmp_path / f"t{trial}.sqlite"
        log = bytearray(good)
        damage(log, draw)
        path.write_bytes(database)
        path.with_name(f"{path.name}-wal").write_bytes(log)
        try:
            with JournalReader.open(path) as reader:
                rows = list(reader.raw_rows())
                report = verify_chain(reader.connection)
        except JournalError:
            continue
        finally:
            for left in tmp_path.glob(f"{path.name}*"):
                left.unlink()
        assert report.findings == (), f"trial {trial}"
        assert rows == truth[: len(rows)], f"trial {trial}"
        kept.add(len(rows))

    # The damage was real: different trials lost different tails.
    assert len(kept) > 5
    assert min(kept) < len(truth)


def test_no_flipped_bit_changes_a_live_row_unnoticed(paths, tmp_path):
    write_story(paths, StepClock(), orders=9)
    good = paths.journal.read_bytes()
    key = load_key(paths.key)
    with JournalReader.open(paths.journal) as reader:
        truth = list(reader.raw_rows())
    draw = random.Random(7)
    path = tmp_path / "rotten.sqlite"
    noticed = 0
    for trial in range(FLIP_TRIALS):
        data = bytearray(good)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(data)
        try:
            report = verify_journal(path, head_path=paths.head, key=key)
            if not report.is_clean:
                noticed += 1
                continue
            with JournalReader.open(path) as reader:
                assert list(reader.raw_rows()) == truth, f"trial {trial}"
        except JournalError:
            noticed += 1

    assert noticed > FLIP_TRIALS // 3


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 56, 4_000])
def test_a_truncated_log_leaves_the_rows_before_it(torn, tmp_path, size):
    path, truth = torn
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(log.read_bytes()[:size])

    with JournalReader.open(path) as reader:
        rows = list(reader.raw_rows())
    assert rows == truth[: len(rows)]
    assert 0 < len(rows) < len(truth)


def test_a_lost_log_is_behind_the_head(paths):
    write_story(paths, StepClock())
    journal = JournalWriter.open(paths, clock=StepClock(), run_id="run-3")
    tell(journal, [transitioned()])
    journal.write_head()
    database = paths.journal.read_bytes()
    journal.close()
    paths.journal.write_bytes(database)

    report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
    assert [finding.code for finding in report.findings] == ["HEAD_BEHIND"]


@pytest.mark.parametrize("size", [1, 50, 100, 4_000, 8_192, 20_000])
def test_a_truncated_database_is_refused_or_found(paths, size):
    write_story(paths, StepClock())
    paths.journal.write_bytes(paths.journal.read_bytes()[:size])

    sentences = []
    try:
        report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
        sentences = [finding.text for finding in report.findings]
    except JournalError as error:
        sentences = [str(error)]
    assert sentences
    assert "\n" not in sentences[0]


def test_verification_goes_on_from_the_last_verified_row(paths):
    write_story(paths, StepClock())
    key = load_key(paths.key)
    with JournalWriter.open(paths, clock=StepClock(), run_id="run-3") as journal:
        assert journal.verified.seq == 0
        with JournalReader.open(paths.journal) as reader:
            journal.record_verified(verify_chain(reader.connection).last)
        tell(journal, [transitioned(), transitioned()])
    report = verify_journal(paths.journal, head_path=paths.head, key=key, is_full=False)

    assert (report.is_clean, report.chain.rows) == (True, 2)
    full = verify_journal(paths.journal, head_path=paths.head, key=key)
    assert full.chain.last == report.chain.last
    with sqlite3.connect(paths.journal) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute(
            "UPDATE event SET hash = zeroblob(32) WHERE seq = ?", (report.chain.start.seq,)
        )
    connection.close()
    again = verify_journal(paths.journal, head_path=paths.head, key=key, is_full=False)
    assert "ANCHOR" in {finding.code for finding in again.findings}
    assert not again.is_clean


def test_the_fold_on_the_side_sees_every_event_once_in_order(paths):
    told = write_story(paths, StepClock())
    seen = []
    report = verify_journal(
        paths.journal,
        head_path=paths.head,
        key=load_key(paths.key),
        on_event=lambda event, time_ns, seq: seen.append((event, seq)),
    )

    assert report.is_clean
    assert seen == [(event, seq) for seq, event in enumerate(told, start=1)]
