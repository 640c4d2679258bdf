"""Setting a stop: in force as soon as its name is there, durable or said not to be."""

import errno
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfl_core.gateway.latch_files import LatchState, clear, prepare, read, set_stop
from tests.gateway.kit import broken, latched


def test_stop_set_twice_is_one_stop_with_the_first_content(directory):
    first = latched(directory, "kill")
    before = (directory / "kill-a1").read_bytes()
    second = set_stop(str(directory), "kill", "a1", reason="other", actor="other")

    assert (first.is_new, second.is_new) == (True, False)
    assert (first.is_durable, second.is_durable) == (True, True)
    assert (first.detail, second.detail) == ("", "")
    assert (directory / "kill-a1").read_bytes() == before
    assert read(str(directory)).ids == ("a1",)


def test_a_link_that_leads_nowhere_is_a_stop_by_its_name(directory):
    (directory / "kill-a1").symlink_to(directory.parent / "gone")

    assert latched(directory, "kill").is_new is False
    assert not (directory.parent / "gone").exists()
    assert read(str(directory)).level == "kill"


def test_a_stop_and_a_directory_made_for_it_are_private(tmp_path):
    for stop in ("a1", "a2"):
        latched(tmp_path / "latch", "kill", stop)

    assert (tmp_path / "latch").stat().st_mode & 0o777 == 0o700
    for stop in ("kill-a1", "kill-a2"):
        assert (tmp_path / "latch" / stop).stat().st_mode & 0o777 == 0o600


def test_stop_without_its_directory_makes_it_but_stays_blocked(tmp_path):
    written = latched(tmp_path / "latch", "reduce_only")

    assert written.is_new
    state = read(str(tmp_path / "latch"))
    assert (state.level, state.ids) == ("blocked", ("a1",))


def test_two_stops_that_both_find_no_directory_are_both_set(tmp_path, disk):
    """The other one makes the directory just before we do."""

    def overtaken(path, mode):
        del disk.mkdir
        latched(path, "reduce_only", "other")
        disk.mkdir(path, mode)

    disk.mkdir = overtaken
    written = latched(tmp_path / "latch", "kill", "mine")

    assert (written.is_new, written.is_durable) == (True, True)
    assert read(str(tmp_path / "latch")).ids == ("mine", "other")


@pytest.mark.parametrize("obstacle", ["file", "no parent", "dangling link"])
def test_stop_that_cannot_be_written_raises_instead_of_pretending(tmp_path, obstacle):
    path = tmp_path / "no" / "latch" if obstacle == "no parent" else tmp_path / "latch"
    if obstacle == "file":
        path.write_text("")
    elif obstacle == "dangling link":
        path.symlink_to(tmp_path / "gone")

    with pytest.raises(OSError):
        latched(path, "kill")


def test_a_stop_that_is_lifted_while_it_is_set_again_is_not_called_set(directory, disk):
    """The name was there when it was to be made, and is gone when it is looked for."""
    disk.faults["open", "kill-a1"] = FileExistsError("there")

    with pytest.raises(FileExistsError):
        latched(directory, "kill")


def test_a_stop_is_durable_content_first_then_its_name(directory, disk):
    written = latched(directory, "kill")
    steps = [("write", "kill-a1"), ("fsync", "kill-a1"), ("close", "kill-a1"), ("fsync", "latch")]

    assert disk.order_of(*steps) == steps
    assert (written.is_new, written.is_durable, written.detail) == (True, True, "")
    assert disk.left_open == []


def test_a_stop_set_again_is_made_durable_again(directory, disk):
    """The first one may have died between its name and the sync of the directory."""
    (directory / "kill-a1").touch()
    latched(directory, "kill")

    assert ("fsync", "latch") in disk.did


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({("write", "kill-a1"): broken(errno.ENOSPC)}, "its content could not be written (No sp"),
        ({("fsync", "kill-a1"): broken()}, "its content could not be written (Input/output"),
        ({("fsync", "latch"): broken()}, "the directory could not be synced (Input/output"),
        ({("open", "latch"): OSError("odd")}, "the directory could not be synced (odd"),
        ({("write", "kill-a1"): OSError("odd")}, "its content could not be written (odd"),
        (
            {("write", "kill-a1"): broken(errno.ENOSPC), ("fsync", "latch"): broken()},
            "its content could not be written (No sp",
        ),
    ],
)
def test_a_stop_on_a_failing_disk_is_in_force_and_says_what_is_missing(
    directory, disk, faults, words
):
    disk.faults.update(faults)
    written = latched(directory, "kill")

    assert (written.is_new, written.is_durable) == (True, False)
    assert written.detail.startswith("in force, but may not survive a power loss: ")
    assert words in written.detail
    assert read(str(directory)).level == "kill"
    assert disk.left_open == []


def test_a_stop_set_again_on_a_failing_disk_says_so_as_well(directory, disk):
    latched(directory, "kill")
    disk.faults["fsync", "latch"] = broken()
    again = latched(directory, "kill")

    assert (again.is_new, again.is_durable) == (False, False)


def test_stop_file_holds_reason_actor_and_time_as_one_json_line(directory):
    before = time.time_ns()
    set_stop(str(directory), "kill", "a1", reason='say "stop"\n', actor="cli:me")

    text = (directory / "kill-a1").read_text()
    fields = json.loads(text)
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert (fields["reason"], fields["actor"]) == ('say "stop"\n', "cli:me")
    assert before <= fields["wall_ns"] <= time.time_ns()


@given(
    level=st.sampled_from(("reduce_only", "kill")),
    request_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
)
@example(level="kill", request_id="reduce_only-a1")
@example(level="kill", request_id="a" * 100)
def test_whatever_may_be_set_is_read_back_and_can_be_cleared(tmp_path_factory, level, request_id):
    folder = str(tmp_path_factory.mktemp("stops") / "latch")
    prepare(folder)
    latched(folder, level, request_id)

    assert read(folder).stops == ((level, request_id),)
    assert clear(folder, (request_id,)) == (f"{level}-{request_id}",)
    assert read(folder) == LatchState(level="none")
