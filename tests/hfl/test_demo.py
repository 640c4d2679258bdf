"""The demo, as `make run` starts it: a process of its own, no terminal, no network."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from hfl_core.domain import events as ev
from hfl_journal.reader import JournalReader

pytestmark = [pytest.mark.process, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
STEPS = (
    "scan",
    "signal",
    "veto",
    "fill",
    "partial",
    "SIGKILL",
    "recovery",
    "counts",
    "pause",
    "resume",
    "kill",
    "verify",
    "replay",
)
# Of CPU, so that a busy machine changes nothing: the demo may take a minute of the wall, and what
# it does besides computing is to wait for its own processes.
CPU_SECONDS_MAX = 30


def children_cpu_s():
    """Return the CPU seconds of every ended process that this one or a child waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hfl(*words, seconds=240):
    rooms = [ROOT, *(ROOT / room for room in ("journal", "config", "data", "models"))]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "HFL_HOME"},
        "PYTHONPATH": os.pathsep.join(str(room) for room in rooms),
        "COLUMNS": "80",
    }
    entry = "import sys; from hfl.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", entry, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=environment,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return (home, what it said, seconds of CPU) of one demo."""
    home = tmp_path_factory.mktemp("demo") / "h"
    began = children_cpu_s()
    done = hfl("demo", "--home", str(home), seconds=280)
    seconds = children_cpu_s() - began
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout, seconds


def test_the_demo_shows_every_step_in_order_and_says_ok_of_each(demo):
    _, said, _ = demo
    summary = said[said.index("What you have seen") :]
    titles = re.findall(r"^ ?ok +(\S+)", summary, flags=re.MULTILINE)

    assert titles == list(STEPS)


def test_the_demo_computes_for_less_than_half_a_minute(demo):
    _, _, seconds = demo

    assert 0 < seconds < CPU_SECONDS_MAX


def test_the_demo_is_plain_and_narrow_without_a_terminal(demo):
    home, said, _ = demo
    wide = [line for line in said.splitlines() if len(line.rstrip()) > 80]

    assert "\x1b" not in said
    assert [line for line in wide if str(home) not in line] == []


def test_the_journal_of_the_demo_holds_what_it_told(demo):
    home, _, _ = demo
    with JournalReader.open(home / "journal" / "paper-main.sqlite") as reader:
        events = [row.event for row in reader.rows(0, 10_000)]
    sent = [event.client_id for event in events if isinstance(event, ev.SendAttempted)]

    assert sum(isinstance(event, ev.RunStarted) for event in events) == 2
    # The first run was killed and cannot have said goodbye.
    assert sum(isinstance(event, ev.RunEnded) for event in events) == 1
    assert {"reduce_only", "kill"} == {
        event.level for event in events if isinstance(event, ev.StopLatched)
    }
    assert any(isinstance(event, ev.RiskAssessed) and not event.allowed for event in events)
    assert len(sent) == len(set(sent))
    assert [event.why for event in events if isinstance(event, ev.OrderUnknown)] == [
        "the process ended while sending"
    ]


def test_the_commands_at_the_end_work_on_this_very_run(demo):
    home, said, _ = demo
    commands = re.findall(r"^  hfl (.+)$", said, flags=re.MULTILINE)

    assert {command.split()[0] for command in commands} == {"why", "explain", "status"}
    for command in commands:
        done = hfl(*command.split())
        assert done.returncode == 0, f"hfl {command}\n{done.stdout}{done.stderr}"
        assert done.stdout.strip()
    replayed = json.loads(hfl("replay", "--json", "--home", str(home)).stdout)
    assert replayed["mismatches"] == 0


def test_a_home_with_a_journal_is_refused_in_one_sentence(demo):
    home, _, _ = demo
    done = hfl("demo", "--home", str(home))

    assert done.returncode == 1
    assert done.stderr.startswith("hfl: expected a home without a journal")
    assert len(done.stderr.strip().splitlines()) == 1
