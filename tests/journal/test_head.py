"""The keyed head shows what the chain alone cannot."""

import json
import sqlite3

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError, TamperError
from hfl_journal.backup import back_up
from hfl_journal.head import HeadState
from hfl_journal.keys import load_key
from hfl_journal.maintenance import rekey, restore
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal
from hfl_journal.writer import JournalWriter
from tests.journal.attacks import attacked, drop_tail
from tests.journal.story import tell, transitioned, write_story


def state_of(paths):
    report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
    return report.head.state


def test_an_untouched_journal_ends_where_its_head_says(paths, clock):
    write_story(paths, clock)
    assert state_of(paths) is HeadState.OK


def test_the_genesis_head_is_there_before_the_first_row(paths, clock):
    journal = JournalWriter.open(paths, clock=clock, run_id="run-1")
    head = json.loads(paths.head.read_text())
    journal.close()

    assert (head["seq"], head["hash"]) == (0, "00" * 32)
    assert head["journal_id"] == journal.journal_id


def test_rows_behind_the_head_are_named_not_yet_anchored(paths, clock):
    write_story(paths, clock)
    old = paths.head.read_bytes()
    with JournalWriter.open(paths, clock=clock, run_id="run-3") as journal:
        tell(journal, [transitioned(), transitioned()])
    paths.head.write_bytes(old)

    report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
    assert (report.head.state, report.head.rows_ahead) == (HeadState.AHEAD, 2)
    assert report.is_clean


def cut_tail(paths):
    with attacked(paths.journal) as connection:
        drop_tail(connection, 3)


def remove_head(paths):
    paths.head.unlink()


def forge_head(paths):
    fields = json.loads(paths.head.read_text())
    fields["seq"] -= 1
    paths.head.write_text(json.dumps(fields))


def spoil_head(paths):
    paths.head.write_text("{")


def lose_key(paths):
    paths.key.unlink()


def swap_key(paths):
    paths.key.write_text("ab" * 32)


@pytest.mark.parametrize(
    ("attack", "state"),
    [
        (cut_tail, HeadState.BEHIND),
        (remove_head, HeadState.MISSING),
        (forge_head, HeadState.FORGED),
        (spoil_head, HeadState.FORGED),
        (lose_key, HeadState.KEY_LOST),
        (swap_key, HeadState.FORGED),
    ],
)
def test_every_attack_on_the_head_has_its_name_and_one_sentence(paths, clock, attack, state):
    write_story(paths, clock)
    attack(paths)
    with JournalWriter.open(paths, clock=clock, run_id="run-3") as journal:
        report = journal.head_report
        before = paths.head.read_bytes() if paths.head.exists() else None
        tell(journal, [transitioned()])
        with pytest.raises(TamperError):
            journal.write_head()

    assert report.state is state
    assert not report.is_sound
    assert "expected" in report.sentence
    assert "\n" not in report.sentence
    # The evidence is still there, also after a clean close.
    assert (paths.head.read_bytes() if paths.head.exists() else None) == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(paths, clock, mode):
    write_story(paths, clock)
    paths.key.chmod(mode)

    with pytest.raises(JournalError, match=f"{mode:o}.*chmod 600"):
        JournalWriter.open(paths, clock=clock, run_id="run-3")


def test_a_key_that_is_no_key_is_refused(paths, clock):
    write_story(paths, clock)
    paths.key.write_text("secret")

    with pytest.raises(JournalError, match="hexadecimal digits"):
        JournalWriter.open(paths, clock=clock, run_id="run-3")


def test_rekey_after_a_lost_key_makes_the_journal_sound_and_says_so(paths, clock):
    write_story(paths, clock)
    lose_key(paths)
    last = rekey(paths, reason="the old laptop is gone", clock=clock)

    assert state_of(paths) is HeadState.OK
    with JournalReader.open(paths.journal) as reader:
        row = reader.row(last.seq)
    assert row is not None
    assert row.event == ev.JournalRekeyed(reason="the old laptop is gone")


def test_rekey_replaces_a_good_key(paths, clock):
    write_story(paths, clock)
    old = paths.key.read_text()
    rekey(paths, reason="rotation", clock=clock)

    assert paths.key.read_text() != old
    assert state_of(paths) is HeadState.OK


@pytest.mark.parametrize("attack", [cut_tail, remove_head, spoil_head, forge_head])
def test_rekey_does_not_whitewash_a_cut_or_unwitnessed_journal(paths, clock, attack):
    write_story(paths, clock)
    lose_key(paths)
    attack(paths)

    with pytest.raises(TamperError, match="journal restore"):
        rekey(paths, reason="please", clock=clock)
    assert not paths.key.exists()


def test_rekey_and_restore_want_a_reason_and_an_idle_journal(paths, clock, tmp_path):
    write_story(paths, clock)
    with pytest.raises(JournalError, match="reason"):
        rekey(paths, reason=" ", clock=clock)
    with JournalWriter.open(paths, clock=clock, run_id="run-3"):
        with pytest.raises(JournalError, match="only writer"):
            rekey(paths, reason="rotation", clock=clock)
        with pytest.raises(JournalError, match="only writer"):
            restore(paths, paths.journal, reason="x", clock=clock)


def test_a_backup_is_whole_verified_and_signed(paths, clock, tmp_path):
    write_story(paths, clock)
    target = tmp_path / "backups" / "one.sqlite"
    with JournalWriter.open(paths, clock=clock, run_id="run-3") as journal:
        tell(journal, [transitioned()])
        made = back_up(paths, target)
        assert made.last == journal.committed

    head = target.with_name("one.head.json")
    assert verify_journal(target, head_path=head, key=load_key(paths.key)).is_clean
    assert sorted(path.name for path in target.parent.iterdir()) == ["one.head.json", "one.sqlite"]
    with pytest.raises(JournalError, match="already there"):
        back_up(paths, target)


def test_a_journal_that_does_not_hold_is_not_backed_up(paths, clock, tmp_path):
    write_story(paths, clock)
    with attacked(paths.journal) as connection:
        connection.execute("UPDATE event SET actor = 'x' WHERE seq = 5")

    with pytest.raises(TamperError, match="row 5"):
        back_up(paths, tmp_path / "b" / "one.sqlite")
    assert list((tmp_path / "b").iterdir()) == []


@pytest.mark.parametrize("has_journal", [True, False])
def test_restore_puts_a_backup_back_and_names_what_was_given_up(
    paths, clock, tmp_path, has_journal
):
    write_story(paths, clock)
    target = tmp_path / "one.sqlite"
    back_up(paths, target)
    with JournalWriter.open(paths, clock=clock, run_id="run-3") as journal:
        tell(journal, [transitioned("lost in the restore")])
        old = journal.committed
    cut_tail(paths)
    if not has_journal:
        paths.journal.unlink()
    done = restore(paths, target, reason="disk broke", clock=clock)

    assert (done.old, done.is_proved) == (old, True)
    assert (done.kept is not None) is has_journal
    assert state_of(paths) is HeadState.OK
    with JournalReader.open(paths.journal) as reader:
        row = reader.row(done.last.seq)
        assert reader.last() == done.last
    assert row is not None
    assert row.event == ev.JournalRestored(
        reason="disk broke", old_seq=old.seq, old_hash=old.hash.hex()
    )
    with JournalWriter.open(paths, clock=clock, run_id="run-4") as journal:
        assert journal.head_report.is_sound


def test_restore_from_itself_accepts_a_cut_journal_on_purpose(paths, clock):
    write_story(paths, clock)
    cut_tail(paths)
    done = restore(paths, paths.journal, reason="there is no backup", clock=clock)

    assert done.kept is None
    assert state_of(paths) is HeadState.OK


def test_restore_refuses_a_damaged_a_foreign_and_a_cut_backup(paths, clock, tmp_path):
    write_story(paths, clock)
    before = paths.journal.read_bytes()
    damaged, cut = tmp_path / "damaged.sqlite", tmp_path / "cut.sqlite"
    back_up(paths, damaged)
    back_up(paths, cut)
    with attacked(damaged) as connection:
        connection.execute("UPDATE event SET body = CAST(body || ' ' AS BLOB) WHERE seq = 4")
    with attacked(cut) as connection:
        drop_tail(connection, 2)
    foreign = type(paths)(
        directory=tmp_path / "other", key_directory=tmp_path / "k", mode="paper", account="other"
    )
    JournalWriter.open(foreign, clock=clock, run_id="r").close()

    for source, word in ((damaged, "row 4"), (cut, "not the backup"), (foreign.journal, "other")):
        with pytest.raises(JournalError, match=word):
            restore(paths, source, reason="x", clock=clock)
    assert paths.journal.read_bytes() == before


def test_a_head_of_another_journal_is_forged(paths, clock, tmp_path):
    write_story(paths, clock)
    other = type(paths)(
        directory=tmp_path / "other", key_directory=paths.key_directory, mode="paper", account="o"
    )
    with JournalWriter.open(other, clock=clock, run_id="r") as journal:
        tell(journal, [transitioned()])
    paths.head.write_bytes(other.head.read_bytes())
    paths.key.write_bytes(other.key.read_bytes())

    assert state_of(paths) is HeadState.FORGED


def test_a_swapped_in_new_journal_does_not_fit_the_head(paths, clock, tmp_path):
    write_story(paths, clock)
    other = type(paths)(
        directory=tmp_path / "other", key_directory=tmp_path / "k", mode="paper", account="demo"
    )
    write_story(other, clock)
    with sqlite3.connect(other.journal) as connection:
        connection.execute("DROP TRIGGER meta_no_update")
        connection.execute("UPDATE meta SET value = 'zzz999' WHERE name = 'journal_id'")
    connection.close()
    paths.journal.write_bytes(other.journal.read_bytes())

    assert state_of(paths) is HeadState.FORGED
