"""The stops on disk: whatever was made durable stops, and whatever cannot be trusted stops, too."""

import threading

import pytest

from hfl_core.gateway.latch_files import (
    clear,
    prepare,
    read,
)
from tests.gateway.kit import broken, latched

# --- making the directory -------------------------------------------------------------------------


def test_prepared_directory_is_private_and_blocks_nothing(directory):
    state = read(str(directory))

    assert (state.level, state.ids, state.detail) == ("none", (), "")
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "ready").stat().st_mode & 0o777 == 0o600


def test_preparing_again_lifts_nothing(directory):
    latched(directory, "kill")
    prepare(str(directory))

    assert read(str(directory)).stops == (("kill", "a1"),)


def test_prepared_directory_survives_a_power_loss(tmp_path, disk):
    """The file, the directory's entry for it, and the parent's entry for the directory."""
    prepare(str(tmp_path / "run" / "latch"))

    steps = [("fsync", "ready"), ("fsync", "latch"), ("fsync", "run")]
    assert disk.order_of(*steps) == steps
    assert disk.left_open == []


def test_a_relative_directory_is_made_durable_in_its_parent_as_well(tmp_path, disk, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare("latch")

    assert ("fsync", tmp_path.name) in disk.did
    assert read("latch").level == "none"


@pytest.mark.parametrize("name", ["ready", "latch"])
def test_a_directory_that_could_not_be_synced_is_not_called_prepared(tmp_path, disk, name):
    disk.faults["fsync", name] = broken()

    with pytest.raises(OSError, match="error"):
        prepare(str(tmp_path / "latch"))
    assert disk.left_open == []


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        "no directory",
        "no ready",
        "file for directory",
        "dangling link",
        "ready is a directory",
        "ready is a link",
    ],
)
def test_latch_storage_that_cannot_be_trusted_is_blocked_and_says_why(directory, damage):
    (directory / "ready").unlink()
    match damage:
        case "no directory":
            directory.rmdir()
        case "file for directory":
            directory.rmdir()
            directory.write_text("")
        case "dangling link":
            directory.rmdir()
            directory.symlink_to(directory.parent / "gone")
        case "ready is a directory":
            (directory / "ready").mkdir()
        case "ready is a link":
            (directory.parent / "elsewhere").write_text("")
            (directory / "ready").symlink_to(directory.parent / "elsewhere")
        case _:
            pass

    state = read(str(directory))

    assert state.level == "blocked"
    assert "expected" in state.detail
    assert str(directory) in state.detail
    assert "hfl init" in state.detail


@pytest.mark.parametrize("name", ["notes.txt", "kill-", "kill-..", "KILL-a", "halt-a1", "kill-é"])
def test_unknown_file_in_the_latch_directory_blocks_and_is_named(directory, name):
    (directory / name).write_text("")

    state = read(str(directory))

    assert state.level == "blocked"
    assert repr(name) in state.detail
    assert str(directory) in state.detail


def test_a_strange_name_is_shown_only_so_far(directory):
    (directory / ("n" * 250)).write_text("")

    assert repr("n" * 100) in read(str(directory)).detail


def test_a_directory_that_fails_while_it_is_read_is_blocked_and_says_how(directory, disk):
    def fail(path):
        raise OSError("the drive is on fire")

    disk.scandir = fail
    state = read(str(directory))

    assert state.level == "blocked"
    assert "the drive is on fire" in state.detail


def test_strictest_stop_wins_and_every_id_is_shown(directory):
    latched(directory, "reduce_only", "p1")
    latched(directory, "kill", "k1")
    latched(directory, "reduce_only", "p2")

    state = read(str(directory))

    assert state.level == "kill"
    assert state.stops == (("kill", "k1"), ("reduce_only", "p1"), ("reduce_only", "p2"))
    assert state.ids == ("k1", "p1", "p2")


def test_what_blocks_is_told_together_with_the_stops(directory):
    latched(directory, "kill", "k1")
    (directory / "ready").unlink()
    state = read(str(directory))

    assert (state.level, state.ids) == ("blocked", ("k1",))


def test_empty_stop_file_stops_as_well(directory):
    """A full disk may take the name and not the content."""
    (directory / "kill-a1").touch()

    assert read(str(directory)).level == "kill"


def test_as_many_stops_as_the_bound_are_read_and_one_more_is_blocked(directory):
    names = [f"{number:04}" for number in range(4096)]
    for name in names:
        (directory / f"reduce_only-{name}").touch()
    full = read(str(directory))
    (directory / "kill-last").touch()
    over = read(str(directory))

    assert (full.level, full.ids, full.detail) == ("reduce_only", tuple(names), "")
    assert over.level == "blocked"
    assert "at most 4096 stops" in over.detail
    assert str(directory) in over.detail
    assert len(over.ids) == 4096


# --- lifting --------------------------------------------------------------------------------------


def test_clear_removes_exactly_the_ids_it_was_given(directory):
    latched(directory, "kill", "k1")
    latched(directory, "reduce_only", "p1")
    latched(directory, "reduce_only", "p2")

    removed = clear(str(directory), ("never-there", "k1", "p1"))

    assert removed == ("kill-k1", "reduce_only-p1")
    assert read(str(directory)).stops == (("reduce_only", "p2"),)


def test_an_id_set_at_both_levels_is_lifted_at_both(directory):
    latched(directory, "kill", "a1")
    latched(directory, "reduce_only", "a1")

    assert clear(str(directory), ("a1",)) == ("reduce_only-a1", "kill-a1")
    assert read(str(directory)).level == "none"


def test_a_lifted_stop_does_not_come_back_after_a_power_loss(directory, disk):
    latched(directory, "kill")
    disk.did.clear()
    clear(str(directory), ("a1",))

    steps = [("unlink", "kill-a1"), ("fsync", "latch")]
    assert disk.order_of(*steps) == steps
    assert disk.left_open == []


@pytest.mark.parametrize("fault", [("unlink", "kill-a1"), ("fsync", "latch")])
def test_a_stop_that_cannot_be_lifted_durably_raises(directory, disk, fault):
    latched(directory, "kill")
    disk.faults[fault] = broken()

    with pytest.raises(OSError, match="error"):
        clear(str(directory), ("a1",))
    assert disk.left_open == []


def test_clear_reaches_no_other_directory(directory):
    (directory.parent / "kill-x").write_text("")

    with pytest.raises(ValueError, match="request id"):
        clear(str(directory), ("../kill-x",))
    assert (directory.parent / "kill-x").exists()


def test_clear_of_what_is_no_directory_raises(tmp_path):
    (tmp_path / "latch").write_text("")

    with pytest.raises(NotADirectoryError):
        clear(str(tmp_path / "latch"), ())


def test_many_threads_set_and_lift_their_own_stops_and_no_others(directory):
    """Each stop is a file of its own: nobody's resume can lift what he was not shown."""
    start = threading.Barrier(8)

    def work(number):
        start.wait(20)
        for turn in range(20):
            latched(directory, "kill", f"w{number}t{turn}")
            if turn:
                clear(str(directory), (f"w{number}t{turn - 1}",))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert read(str(directory)).ids == tuple(f"w{number}t19" for number in range(8))
