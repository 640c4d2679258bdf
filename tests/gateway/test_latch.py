"""The latch: files and memory, and no entry after an acknowledgement."""

import json
import os
import random
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import ALLOWED, CallKind, MemoryLatch, clear, prepare, read, set_stop

WHO = {"reason": "test", "actor": "tester"}


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "run" / "latch"
    prepare(str(path))
    return path


def latched(directory, level, request_id="a1"):
    return set_stop(str(directory), level, request_id, **WHO)


# --- files ----------------------------------------------------------------------------------------


def test_prepared_directory_is_private_and_blocks_nothing(directory):
    state = read(str(directory))

    assert (state.level, state.ids, state.detail) == ("none", (), "")
    assert directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage",
    ["no directory", "no ready", "file for directory", "dangling link", "ready is a directory"],
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
        case _:
            pass

    state = read(str(directory))

    assert state.level == "blocked"
    assert "expected" in state.detail
    assert "hfl init" in state.detail


@pytest.mark.parametrize("name", ["notes.txt", "kill-", "kill-..", "KILL-a", "halt-a1", "kill-é"])
def test_unknown_file_in_the_latch_directory_blocks_and_is_named(directory, name):
    (directory / name).write_text("")

    state = read(str(directory))

    assert state.level == "blocked"
    assert repr(name) in state.detail


def test_strictest_stop_wins_and_every_id_is_shown(directory):
    latched(directory, "reduce_only", "p1")
    latched(directory, "kill", "k1")
    latched(directory, "reduce_only", "p2")

    state = read(str(directory))

    assert state.level == "kill"
    assert sorted(state.ids) == ["k1", "p1", "p2"]


def test_stop_set_twice_is_one_stop_with_the_first_content(directory):
    first = latched(directory, "kill")
    before = (directory / "kill-a1").read_bytes()
    second = set_stop(str(directory), "kill", "a1", reason="other", actor="other")

    assert (first.is_new, second.is_new) == (True, False)
    assert (directory / "kill-a1").read_bytes() == before
    assert read(str(directory)).ids == ("a1",)


def test_empty_stop_file_stops_as_well(directory):
    """A full disk may take the name and not the content."""
    (directory / "kill-a1").touch()

    assert read(str(directory)).level == "kill"


def test_stop_without_its_directory_makes_it_but_stays_blocked(tmp_path):
    written = latched(tmp_path / "latch", "reduce_only")

    assert written.is_new
    state = read(str(tmp_path / "latch"))
    assert (state.level, state.ids) == ("blocked", ("a1",))


@pytest.mark.parametrize("obstacle", ["file", "no parent"])
def test_stop_that_cannot_be_written_raises_instead_of_pretending(tmp_path, obstacle):
    path = tmp_path / "latch" if obstacle == "file" else tmp_path / "no" / "latch"
    if obstacle == "file":
        path.write_text("")

    with pytest.raises(OSError):
        latched(path, "kill")


def test_clear_removes_exactly_the_ids_it_was_given(directory):
    latched(directory, "kill", "k1")
    latched(directory, "reduce_only", "p1")
    latched(directory, "reduce_only", "p2")

    removed = clear(str(directory), ("k1", "p1", "never-there"))

    assert sorted(removed) == ["kill-k1", "reduce_only-p1"]
    assert read(str(directory)).stops == (("reduce_only", "p2"),)


def test_clear_of_everything_lets_calls_begin_again(directory):
    latched(directory, "kill")
    clear(str(directory), read(str(directory)).ids)

    assert read(str(directory)).level == "none"
    assert MemoryLatch(str(directory)).begin_call("c", CallKind.ENTRY) is None


@pytest.mark.parametrize("bad", ["", ".", "../x", "a/b", "-a", "a" * 101, "a b", "é", "a\n", "a\0"])
def test_request_id_that_is_no_file_name_is_refused(directory, bad):
    with pytest.raises(ValueError, match="request id"):
        latched(directory, "kill", bad)
    assert read(str(directory)).level == "none"


@pytest.mark.parametrize("bad", ["none", "blocked", "", "kill-"])
def test_level_that_cannot_be_set_is_refused(directory, bad):
    with pytest.raises(ValueError, match="level"):
        latched(directory, bad)


@given(st.text())
def test_hand_written_json_text_reads_back(text):
    assert json.loads(latch_files.json_text(text)) == text[: latch_files.TEXT_LENGTH_MAX]


def test_stop_file_holds_reason_actor_and_time_as_one_json_line(directory):
    set_stop(str(directory), "kill", "a1", reason='say "stop"\n', actor="cli:me")

    text = (directory / "kill-a1").read_text()
    fields = json.loads(text)
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert (fields["reason"], fields["actor"]) == ('say "stop"\n', "cli:me")
    assert 0 <= time.time_ns() - fields["wall_ns"] < 60e9


def test_more_stops_than_the_bound_are_blocked_not_forgotten(directory, monkeypatch):
    monkeypatch.setattr(latch_files, "STOPS_MAX", 3)
    for number in range(4):
        (directory / f"reduce_only-{number}").touch()

    assert read(str(directory)).level == "blocked"


# --- memory ---------------------------------------------------------------------------------------

REFUSED = {
    "none": set(),
    "reduce_only": {CallKind.ENTRY},
    "kill": {CallKind.ENTRY, CallKind.EXIT, CallKind.PROTECTION},
    "blocked": {CallKind.ENTRY, CallKind.EXIT, CallKind.PROTECTION},
}


# `blocked` is a state of the disk alone.
PLACES = [(level, where) for level in REFUSED for where in ("memory", "disk")]
PLACES.remove(("blocked", "memory"))


@pytest.mark.parametrize("kind", list(CallKind))
@pytest.mark.parametrize(("level", "where"), PLACES)
def test_each_level_lets_through_exactly_what_the_contract_says(directory, level, kind, where):
    latch = MemoryLatch(str(directory))
    if level == "blocked":
        (directory / "ready").unlink()
    elif level != "none" and where == "disk":
        latched(directory, level)
    elif level != "none":
        latch.engage(level, "a1")

    refusal = latch.begin_call("c1", kind)

    assert (refusal is not None) == (kind in REFUSED[level])
    assert (kind not in ALLOWED[level]) == (kind in REFUSED[level])


def test_refusal_is_a_sentence_that_names_level_and_stop(directory):
    latch = MemoryLatch(str(directory))
    latch.engage("reduce_only", "p7")

    refusal = latch.begin_call("c1", CallKind.ENTRY)

    assert refusal is not None
    assert "reduce_only" in refusal
    assert "p7" in refusal


def test_acknowledgement_lists_entries_begun_and_nothing_else(directory):
    latch = MemoryLatch(str(directory))
    assert latch.begin_call("entry-ended", CallKind.ENTRY) is None
    assert latch.begin_call("entry", CallKind.ENTRY) is None
    assert latch.begin_call("exit", CallKind.EXIT) is None
    latch.end_call("entry-ended")

    latch.engage("kill", "k1")

    assert latch.acknowledge() == ("entry",)


def test_one_client_id_cannot_begin_twice(directory):
    latch = MemoryLatch(str(directory))
    assert latch.begin_call("c1", CallKind.ENTRY) is None

    assert "already begun" in str(latch.begin_call("c1", CallKind.ENTRY))


def test_release_lifts_exactly_the_ids_given(directory):
    latch = MemoryLatch(str(directory))
    latch.engage("kill", "k1")
    latch.engage("reduce_only", "p1")
    latch.release(("k1",))

    assert latch.state().stops == (("reduce_only", "p1"),)
    assert latch.begin_call("c", CallKind.ENTRY) is not None
    latch.release(("p1",))
    assert latch.begin_call("c", CallKind.ENTRY) is None


def test_hung_disk_does_not_delay_engage_or_acknowledge_or_cancel(directory, monkeypatch):
    from hfl_core.gateway import latch as module

    is_reading, may_go_on = threading.Event(), threading.Event()
    refusals = []

    def hang(path):
        is_reading.set()
        may_go_on.wait(20)
        return latch_files.LatchState(level="none")

    monkeypatch.setattr(module, "read", hang)
    latch = MemoryLatch(str(directory))
    worker = threading.Thread(target=lambda: refusals.append(latch.begin_call("c", CallKind.ENTRY)))
    worker.start()
    assert is_reading.wait(20)

    latch.engage("kill", "k1")
    assert latch.acknowledge() == ()
    assert latch.begin_call("x", CallKind.CANCEL) is None
    may_go_on.set()
    worker.join(20)

    assert len(refusals) == 1
    assert refusals[0] is not None


@pytest.mark.process
@pytest.mark.timeout(120)
def test_no_entry_begins_after_the_acknowledgement_at_1000_random_instants(directory):
    """8 threads begin and end calls as fast as they can, and note each before they end it.

    A call noted after the acknowledgement returned must be one that the acknowledgement listed.
    """
    seed = 20_240_601
    chance = random.Random(seed)
    latch = MemoryLatch(str(directory))
    is_over = threading.Event()
    began: list[list[str]] = [[] for _ in range(8)]

    def hammer(worker):
        number = 0
        while not is_over.is_set():
            number += 1
            client_id = f"w{worker}n{number}"
            if latch.begin_call(client_id, CallKind.ENTRY) is None:
                began[worker].append(client_id)
                latch.end_call(client_id)

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=hammer, args=(worker,)) for worker in range(8)]
    late = []
    try:
        for thread in threads:
            thread.start()
        instant = 0
        # A busy machine gets through fewer calls: more instants then, never fewer.
        while instant < 1000 or sum(len(one) for one in began) <= 1000:
            instant += 1
            time.sleep(chance.random() * 0.002)
            latch.engage("kill" if instant % 2 else "reduce_only", f"s{instant}")
            listed = set(latch.acknowledge())
            marks = [len(one) for one in began]
            time.sleep(chance.random() * 0.0005)
            for worker, start in enumerate(marks):
                late += [one for one in began[worker][start:] if one not in listed]
            latch.release((f"s{instant}",))
    finally:
        is_over.set()
        for thread in threads:
            thread.join(20)
        sys.setswitchinterval(switch)

    assert late == [], f"seed {seed}"
    assert latch.acknowledge() == ()


@pytest.mark.process
@pytest.mark.timeout(60)
def test_stop_by_another_process_blocks_the_very_next_call(directory):
    latch = MemoryLatch(str(directory))
    assert latch.begin_call("before", CallKind.ENTRY) is None

    child = os.fork()
    if child == 0:
        latched(directory, "kill", "from-outside")
        os._exit(0)
    os.waitpid(child, 0)

    assert latch.begin_call("after", CallKind.ENTRY) is not None
