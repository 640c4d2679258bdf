"""`risk-check` answers from memory in every state; a latch that cannot be read means stopped.

How fast it answers is measured in `make bench`; here it is shown that nothing it waits for hangs.
"""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from hfl.cli import main
from hfl_core.control import client
from hfl_core.gateway import latch_files
from tests.drills.harness import Drill
from tests.drills.troubles import troubled

pytestmark = [pytest.mark.process, pytest.mark.slow]

ASKED = 20
BAR_NS = 3_600_000_000_000


def engine_time(drill: Drill) -> int:
    """Return the engine's time as it last said it, 0 while it says nothing."""
    answer = drill.ask("risk_check") or {}
    return int((answer.get("snapshot") or {}).get("engine_time_ns", 0))


def answers(drill: Drill) -> list[dict[str, Any]]:
    """Ask again and again while the trouble lasts."""
    found = [drill.ask("risk_check") for _ in range(ASKED)]
    assert None not in found, drill.log
    return [one for one in found if one is not None]


@pytest.mark.parametrize("trouble", ["hung_broker", "hung_step", "locked_database", "full_disk"])
def test_risk_check_answers_while_everything_else_hangs(trouble: str):
    with Drill(trouble=trouble, seed=5) as drill:
        drill.until(lambda: (drill.ask("risk_check") or {}).get("snapshot") is not None)
        if trouble == "full_disk":  # the run may end by itself then: asked in its first moment
            with troubled(drill):
                if drill.ask("risk_check") is None:  # between its last word and its last breath
                    drill.until(lambda: drill.is_over)
            return
        with troubled(drill):
            told = answers(drill)

    assert {one["source"] for one in told} == {"snapshot"}
    assert all(one["snapshot"]["equity"] for one in told)
    assert all(one["age_s"] >= 0 for one in told)


def test_risk_check_answers_while_the_venue_is_dead():
    with Drill(trouble="none", seed=5) as drill:
        drill.until(lambda: (drill.ask("risk_check") or {}).get("snapshot") is not None)
        pid = int((Path(drill.home.paths.venue_dir("main")) / "venue.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            told = answers(drill)
        finally:
            os.kill(pid, signal.SIGCONT)

    assert all(one["snapshot"]["equity"] for one in told)


def test_risk_check_answers_without_a_daemon_and_says_from_what(capsys):
    with Drill(trouble="none", seed=6) as drill:
        drill.wait_for_trading()
        drill.stop("kill")
        drill.until(lambda: drill.is_over)
        code = main(["risk-check", "--json", "--home", str(drill.folder / "h")])
    said = capsys.readouterr().out

    assert code == 0
    assert '"source": "journal"' in said
    assert '"level": "kill"' in said


def test_a_daemon_whose_latch_folder_vanishes_sends_no_further_entry():
    with Drill(trouble="none", seed=7) as drill:
        drill.wait_for_trading()
        latch = Path(drill.home.paths.latch)
        shutil.rmtree(latch)
        gone_ns = time.monotonic_ns()
        began_ns = engine_time(drill)
        drill.until(lambda: drill.is_over or engine_time(drill) > began_ns + 20 * BAR_NS)
        asked = drill.asked_latch()
        late = [each for _, each in drill.entries() if asked.get(each, 1 << 62) > gone_ns]

        assert latch_files.read(str(latch)).level == latch_files.BLOCKED
        assert late == [], drill.log


@pytest.mark.parametrize("damage", ["ready", "folder", "stranger"])
def test_a_latch_that_is_missing_or_strange_starts_no_trading(damage: str):
    with Drill(trouble="none", seed=8) as drill:
        drill.wait_for_trading()
        drill.daemon.kill()
        drill.until(lambda: drill.is_over)
        latch = Path(drill.home.paths.latch)
        if damage == "folder":
            shutil.rmtree(latch)
        elif damage == "ready":
            (latch / latch_files.READY).unlink()
        else:
            (latch / "what-is-this").write_text("")
        before = drill.entries()
        drill.spawn()
        drill.until(lambda: drill.is_over)

        assert drill.daemon.returncode == 4, drill.log
        assert "expected" in drill.log
        assert drill.entries() == before


def test_the_same_stop_twice_is_one_stop_and_both_are_acknowledged():
    with Drill(trouble="none", seed=9) as drill:
        request = client.request_id()
        fields = {"verb": "pause", "request_id": request, "reason": "twice", "actor": "drill"}
        told = [
            client.call(drill.home.paths.emergency_socket, fields, timeout_s=60.0).fields
            for _ in range(2)
        ]
        drill.until(lambda: latch_files.read(drill.home.paths.latch).ids == (request,))

    assert told[0] == told[1]
    assert told[0]["ok"] is True
