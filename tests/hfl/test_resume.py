"""`hfl resume`: typed by a human, exactly the stops that were shown."""

import time

import pytest

from hfl.verb import CONTROL, DONE
from hfl_core.domain import events as ev
from tests.hfl.bot import PACED, WAIT_S, Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def test_a_killed_bot_starts_halted_takes_no_bar_and_trades_on_after_resume(bot):
    process = bot.start_still()
    bot.hold()
    assert bot.hfl("kill", "--reason", "something is odd").code == DONE
    assert process.wait(WAIT_S) == 0
    scans = bot.scans()

    bot.start_still(*PACED, "--no-api")
    bot.until(lambda: bot.standing().halt_reason == "killed")
    for _ in range(10):
        bot.allow(1)
        time.sleep(0.1)
    halted = bot.standing()
    assert bot.scans() == scans
    assert [stop.level for stop in halted.stops] == ["kill"]
    assert "something is odd" in halted.stops[0].reason

    shown = bot.resume()

    assert shown.code == DONE
    assert "something is odd" in shown.out
    assert f"resumed: {halted.stops[0].latch_id}" in shown.out
    bot.bars_until(lambda: bot.scans() > scans + 100)
    assert bot.standing().stops == ()
    assert [row.latch_ids for row in bot.rows("Resumed")] == [(halted.stops[0].latch_id,)]
    assert bot.rows("Resumed")[0].reason == "looked at it"
    bot.assert_no_bar_twice()
    assert bot.verify() == ()


def test_a_pause_survives_a_restart_and_goes_on_scanning(bot):
    process = bot.start_still()
    bot.hold()
    assert bot.hfl("pause", "--reason", "lunch").code == DONE
    process.terminate()
    assert process.wait(WAIT_S) == 0

    bot.start_still()
    bot.until(lambda: bot.standing().state != "halted")
    paused = bot.standing()
    scans = bot.scans()

    assert [(stop.level, stop.reason) for stop in paused.stops] == [("reduce_only", "lunch")]
    bot.bars_until(lambda: bot.scans() > scans)
    assert bot.resume().code == DONE
    assert bot.until(lambda: not bot.standing().stops)


def test_only_the_word_lifts_and_only_what_is_named(bot):
    bot.start_still()
    for name in ("one", "two"):
        assert bot.hfl("pause", "--request-id", name).code == DONE
    bot.until(lambda: len(bot.standing().stops) == 2)

    assert "found 'resume'" in bot.hfl("resume", "--type", "resume", "--reason", "x").sentence
    assert "expected a reason" in bot.hfl("resume", "--type", "RESUME").sentence
    assert "expected a human" in bot.hfl("resume").sentence
    assert "three" in bot.resume("--id", "three").sentence
    assert {stop.latch_id for stop in bot.standing().stops} == {"one", "two"}

    answer = bot.resume("--id", "one", "--json")

    assert answer.json == {"lifted": ["one"], "in_force": ["two"], "state": answer.json["state"]}
    assert [stop.latch_id for stop in bot.standing().stops] == ["two"]
    assert not (bot.root / "run" / "latch" / "reduce_only-one").exists()
    assert (bot.root / "run" / "latch" / "reduce_only-two").exists()


def test_with_nothing_stopped_it_says_so(bot):
    bot.start_still()
    bot.until(lambda: bot.standing().state != "halted")

    said = bot.resume()

    assert said.code == DONE
    assert "nothing is stopped" in said.out


def test_without_a_daemon_it_names_the_stops_and_what_to_do(bot):
    bot.hfl("init")
    bot.hfl("kill", "--request-id", "abc", "--reason", "x")

    said = bot.resume()

    assert said.code == CONTROL
    assert "hfl run" in said.sentence
    assert "kill abc" in said.sentence
    assert (bot.root / "run" / "latch" / "kill-abc").exists()


def test_a_stop_written_behind_the_daemons_back_is_obeyed_and_can_be_lifted(bot):
    bot.start_still()
    bot.until(lambda: bot.standing().state != "halted")
    latch = bot.root / "run" / "latch" / "kill-by-hand"
    latch.write_text('{"reason":"smoke in the room","actor":"cli:me","wall_ns":1}')

    bot.until(lambda: bot.standing().halt_reason == "killed")
    said = bot.resume()

    assert said.code == DONE
    assert "smoke in the room (by cli:me)" in said.out
    assert not latch.exists()
    assert bot.until(lambda: bot.standing().state != "halted")
    assert [row.latch_id for row in bot.rows("LatchFound")] == ["by-hand"]


def test_a_loss_halt_waits_for_its_period_and_the_refusal_says_so(bot):
    """Under the policy `none` a tripped daily loss stands until a human resumes the next day."""
    bot.start(
        *PACED[:4], "--speed", "max", "--operator", "none", "--no-api",
        "--set", "risk.limits.daily_loss_fraction_max=0.001",
    )  # fmt: skip
    bot.until(lambda: bot.scans() == 5000)
    tripped_at = lambda: (s := bot.standing()).stops and (s.stops[0], s.time_ns)
    stop, _ = bot.until(lambda: (t := tripped_at()) and t[0].period_end_ns <= t[1] and t)

    said = bot.resume()

    assert said.code == DONE
    assert "its period is over" in said.out
    tripped = bot.rows("LimitTripped")
    assert [isinstance(row, ev.LimitTripped) for row in tripped] == [True] * len(tripped)
    assert tripped[0].limit == stop.limit
