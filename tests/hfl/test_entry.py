"""The installed command's process: what an answering verb leaves out at its end is never missed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ENTRY = "from hfl.cli import entry; entry()"
TIMEOUT_S = 60


def started(*words: str, out) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", ENTRY, *words],
        stdout=out,
        stderr=subprocess.PIPE,
        env={name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"},
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("why", "SIM-BTC"),
        ("explain", "1", "--json"),
        ("orders",),
        ("trades", "--json"),
        ("explain", "no-such-order"),
        ("why",),
        ("status", "--no-such-option"),
        ("journal", "stats", "--json"),
    ],
    ids=" ".join,
)
def test_a_process_says_and_ends_as_the_verb_does(made, hfl, words):
    words = (*words, "--home", str(made.folder))
    code, out, err = hfl(*words)
    done = started(*words, out=subprocess.PIPE)

    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (code, out, err)
    assert out or err


def test_a_disk_without_room_for_the_answer_is_told_and_no_success(made):
    with Path("/dev/full").open("wb") as full:
        done = started("positions", "--home", str(made.folder), out=full)

    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "hfl: expected to write the answer, found: No space left on device; make room for it"
    ]


def test_a_reader_who_has_read_enough_is_no_failure(made):
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    assert reader.stdin is not None
    done = started("positions", "--home", str(made.folder), out=reader.stdin)
    reader.stdin.close()

    assert (done.returncode, done.stderr) == (0, b"")
