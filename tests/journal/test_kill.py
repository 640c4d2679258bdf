"""A killed writer leaves a clean prefix that holds every acknowledged commit."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from hfl_journal.head import HeadState
from hfl_journal.keys import load_key
from hfl_journal.verify import verify_journal
from hfl_journal.writer import JournalWriter
from tests.journal.story import StepClock

KILLS = 20
WRITER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = sys.argv[1].split(":")
from hfl_journal.paths import JournalPaths
from hfl_journal.writer import JournalWriter
from tests.journal.story import START_NS, SECOND_NS, order_story, transitioned
class Machine:
    wall_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(time.monotonic_ns)
    boot_ns = staticmethod(lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME))
paths = JournalPaths(directory=Path(sys.argv[2]), key_directory=Path(sys.argv[3]), mode="paper",
                     account="demo")
journal = JournalWriter.open(paths, clock=Machine(), run_id=sys.argv[4])
number = journal.seq
while True:
    number += 1
    for event in order_story(number) if number % 3 else [transitioned()]:
        journal.append(event, time_ns=START_NS + journal.seq * SECOND_NS, cause_seq=0, actor="e")
    journal.commit()
    os.write(1, f"{journal.seq} {journal.head_hash.hex()}\\n".encode())
    if journal.head_due():
        journal.write_head()
    if number % 50 == 0:
        journal.checkpoint_passive()
"""


@pytest.mark.process
def test_every_acknowledged_commit_survives_sigkill(paths, tmp_path, project_root):
    script = tmp_path / "writer.py"
    script.write_text(WRITER)
    roots = f"{project_root}:{project_root / 'journal'}"
    draw = random.Random(11)
    acknowledged = {}
    for kill in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, str(script), roots, str(paths.directory), str(paths.key_directory),
             f"run-{kill}"], stdout=subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        # Among its commits, not at their ends: the writer has gone on meanwhile.
        first = b"".join(child.stdout.readline() for _ in range(draw.randrange(1, 40)))
        time.sleep(draw.random() * 0.01)
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read()
        child.stdout.close()
        assert child.wait(timeout=30) == -signal.SIGKILL
        for line in (first + rest).split(b"\n"):
            if len(line.split()) == 2 and len(line.split()[1]) == 64:
                seq, digest = line.split()
                acknowledged[int(seq)] = digest.decode()

        report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
        assert report.findings == ()
        assert report.head.state in (HeadState.OK, HeadState.AHEAD)
        assert report.chain.last.seq >= max(acknowledged)

    with JournalWriter.open(paths, clock=StepClock(), run_id="last") as journal:
        stored = {seq: journal._hash_at(seq) for seq in acknowledged}
    assert {seq: (digest or b"").hex() for seq, digest in stored.items()} == acknowledged
    assert len(acknowledged) > 10 * KILLS
