"""The daemon as a process: locks, signals, restarts."""

import os
import signal
import socket
from pathlib import Path

import pytest

from hfl.remote import ask
from hfl.verb import DONE
from hfl_core.control import lock
from tests.hfl.bot import PACED, WAIT_S, Bot

pytestmark = pytest.mark.process

# Headless and within this much memory (contracts: 150 MB).
RESIDENT_MAX_KB = 150 * 1024
# The engine's thread speaks four times a second unless it hangs in a call.
HUNG_S = 0.7
# A run that a hung venue could hold up would never end; alone it takes three seconds at most.
ORDERLY_END_S = 60


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def resident_kb(process):
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def silence_s(bot):
    """Return for how long the engine's thread has said nothing, in seconds."""
    answer = ask(bot.home, "risk_check")
    return answer["age_s"] if answer is not None else 0.0


def catches_sigterm(process):
    """Tell whether the process has a handler for SIGTERM; the first signal takes it away."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
        mask = next(line for line in lines if line.startswith("SigCgt"))
    except (OSError, StopIteration):
        return False
    return bool(int(mask.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_a_venue_that_dies_is_started_again_and_the_bot_goes_on(bot):
    process = bot.start()
    bot.trade()
    pid = bot.venue_pid()
    bot.kill_venue()

    bot.until(lambda: any(row.component == "paper venue" for row in bot.rows("Degraded")))
    scans = bot.scans()
    bot.until(lambda: bot.scans() > scans + 10)

    assert process.poll() is None
    assert bot.venue_pid() != pid
    assert lock.process_start(bot.venue_pid())
    assert bot.verify() == ()


def test_a_hung_venue_does_not_keep_a_signal_from_ending_the_run_in_order(bot):
    process = bot.start()
    bot.trade()
    venue = bot.venue_pid()
    os.kill(venue, signal.SIGSTOP)
    try:
        bot.until(lambda: silence_s(bot) > HUNG_S)
        process.terminate()
        assert process.wait(ORDERLY_END_S) == 0
    finally:
        os.kill(venue, signal.SIGCONT)

    assert bot.rows("RunEnded")[-1].reason == "stopped"
    assert bot.verify() == ()


def test_the_api_comes_up_beside_the_trading_and_its_failure_is_a_remark(bot):
    bot.hfl("init")
    taken = bot.root / "run" / "api.sock"
    taken.write_text("somebody's file")

    bot.start()
    bot.until(lambda: any(row.component == "control API" for row in bot.rows("Degraded")))
    bot.trade()

    assert taken.read_text() == "somebody's file"


def test_the_api_answers_once_it_is_up_and_is_gone_afterwards(bot):
    process = bot.start()
    path = str(bot.root / "run" / "api.sock")

    def answers():
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(path):
                return False
            connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            return b"200" in connection.recv(100)

    bot.until(answers)
    process.terminate()
    assert process.wait(WAIT_S) == 0
    assert not (bot.root / "run" / "api.sock").exists()


def test_a_headless_daemon_is_small(bot):
    process = bot.start(*PACED, "--no-api")
    bot.until(lambda: bot.scans() > 100)

    assert resident_kb(process) < RESIDENT_MAX_KB


def test_the_start_says_how_to_take_hold_of_it_and_the_next_one_what_changed(bot):
    process = bot.start_still()
    bot.hold()
    process.terminate()
    assert process.wait(WAIT_S) == 0
    bot.start_still(*PACED, "--set", "engine.entry_score_min=0.2")

    first, second = bot.log(0), bot.log(1)

    for word in ("pause", "resume", "close-all", "kill", "paper-main.sqlite"):
        assert word in first
    assert "goes on  behind row" in second
    assert "changed  since the last run: config; positions open: starting paused" in second
    bot.until(lambda: bot.standing().stops)
    assert bot.standing().stops[0].latch_id.startswith("upgrade-")
    assert bot.rows("RunStarted")[-1].changed == ("config",)


def test_another_speed_is_no_change_of_what_decides(bot):
    process = bot.start_still()
    bot.hold()
    process.terminate()
    assert process.wait(WAIT_S) == 0
    bot.start_still(*PACED[:4], "--speed", "36000")

    assert bot.rows("RunStarted")[-1].changed == ()
    assert bot.standing().stops == ()


def test_a_second_signal_ends_it_at_once(bot):
    process = bot.start()
    venue = bot.venue_pid()
    os.kill(venue, signal.SIGSTOP)
    try:
        bot.until(lambda: silence_s(bot) > HUNG_S)
        process.terminate()
        bot.until(lambda: not catches_sigterm(process))
        process.terminate()
        assert process.wait(ORDERLY_END_S) in {0, -signal.SIGTERM}
    finally:
        os.kill(venue, signal.SIGCONT)
    assert bot.verify() == ()


def test_run_json_is_one_document_and_nothing_else(bot):
    said = bot.hfl(
        "run", "--feed", "simulated", "--bars", "50", "--speed", "max", "--until-end", "--json"
    )

    assert said.code == DONE
    assert said.json["scans"] == 50
    assert said.err == ""


def test_the_journal_of_a_running_bot_verifies_clean_at_any_moment(bot):
    bot.start(*PACED[:4], "--speed", "max", "--no-api")
    findings = []
    for _ in range(10):
        findings.extend(bot.verify())

    assert findings == []
