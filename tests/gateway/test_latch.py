"""The latch: memory and files, and no entry after an acknowledgement."""

import os
import random
import sys
import threading
import time

import pytest

from hfl_core.gateway import latch as module
from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import ALLOWED, CallKind, LatchState, MemoryLatch, read
from tests.gateway.kit import latched

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


def test_refusal_is_a_sentence_that_names_the_call_the_level_and_every_stop(directory):
    latch = MemoryLatch(str(directory))
    latch.engage("reduce_only", "p7")
    latch.engage("reduce_only", "both")
    latched(directory, "reduce_only", "d3")
    latched(directory, "reduce_only", "both")

    refusal = latch.begin_call("c1", CallKind.ENTRY)

    assert refusal is not None
    assert "kind entry" in refusal
    assert "reduce_only (both, d3, p7)" in refusal


def test_refusal_by_a_latch_that_cannot_be_trusted_says_what_to_repair(directory):
    latch = MemoryLatch(str(directory))
    latch.engage("kill", "k1")
    (directory / "ready").unlink()

    assert latch.begin_call("c1", CallKind.ENTRY) == read(str(directory)).detail


@pytest.mark.parametrize(
    ("on_disk", "in_memory"), [("kill", "reduce_only"), ("reduce_only", "kill")]
)
def test_the_stricter_of_disk_and_memory_counts(directory, on_disk, in_memory):
    latch = MemoryLatch(str(directory))
    latched(directory, on_disk)
    latch.engage(in_memory, "m1")

    assert "kill" in str(latch.begin_call("c1", CallKind.EXIT))


def test_the_strictest_of_many_stops_in_memory_counts_and_all_are_shown():
    latch = MemoryLatch(None)
    for level, stop in (("reduce_only", "z"), ("kill", "m"), ("reduce_only", "a")):
        latch.engage(level, stop)

    stops = (("kill", "m"), ("reduce_only", "a"), ("reduce_only", "z"))
    assert latch.state() == LatchState(level="kill", stops=stops)


def test_without_a_directory_the_memory_alone_counts():
    latch = MemoryLatch(None)

    assert latch.state() == LatchState(level="none")
    assert latch.begin_call("c1", CallKind.ENTRY) is None


@pytest.mark.parametrize(
    ("level", "latch_id"), [("blocked", "a1"), ("none", "a1"), ("kill", "../a")]
)
def test_what_could_not_be_a_file_cannot_be_engaged(level, latch_id):
    latch = MemoryLatch(None)

    with pytest.raises(ValueError, match="expected"):
        latch.engage(level, latch_id)
    assert latch.state().stops == ()


@pytest.mark.parametrize("kind", [CallKind.CANCEL, CallKind.READ])
def test_cancels_and_reads_are_never_in_each_others_way(directory, kind):
    latch = MemoryLatch(str(directory))
    assert latch.begin_call("c1", CallKind.ENTRY) is None

    assert [latch.begin_call("c1", kind) for _ in range(2)] == [None, None]
    assert latch.acknowledge() == ("c1",)


def test_only_an_entry_may_raise_exposure():
    raising = [kind for kind in CallKind if kind.is_exposure_increasing]

    assert raising == [CallKind.ENTRY]


def test_a_call_that_ended_may_be_followed_by_another_one(directory):
    latch = MemoryLatch(str(directory))
    latch.begin_call("c1", CallKind.ENTRY)
    latch.end_call("c1")
    latch.end_call("never-begun")

    assert latch.begin_call("c1", CallKind.EXIT) is None


def test_an_acknowledgement_names_the_calls_in_order(directory):
    latch = MemoryLatch(str(directory))
    for client_id in ("o3", "o1", "o2"):
        latch.begin_call(client_id, CallKind.ENTRY)

    assert latch.acknowledge() == ("o1", "o2", "o3")


def test_a_refused_call_has_not_begun(directory):
    latch = MemoryLatch(str(directory))
    latch.engage("kill", "k1")
    latch.begin_call("c1", CallKind.ENTRY)
    latch.release(("k1",))

    assert latch.acknowledge() == ()
    assert latch.begin_call("c1", CallKind.ENTRY) is None


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


def test_release_lifts_an_id_at_every_level():
    latch = MemoryLatch(None)
    latch.engage("kill", "a1")
    latch.engage("reduce_only", "a1")
    latch.engage("kill", "b2")
    latch.release(iter(("a1", "b2")))

    assert latch.state() == LatchState(level="none")


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

    is_reading, may_go_on = threading.Event(), threading.Event()
    refusals, readers = [], []

    def hang(path):
        readers.append(path)
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
    assert latch.begin_call("x", CallKind.READ) is None
    assert readers == [str(directory)]
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
