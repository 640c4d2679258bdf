"""`hfl close-all`: flat, then paused."""

import pytest

from hfl.verb import CONTROL, DONE, USAGE
from hfl_core.domain.orders import Purpose
from tests.hfl.bot import PACED, Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def test_it_closes_what_is_held_says_so_and_leaves_the_bot_paused(bot):
    bot.start()
    held = bot.trade().positions

    said = bot.hfl("close-all", "--reason", "weekend")

    assert said.code == DONE, said
    assert any(symbol in said.out for symbol in held)
    assert "flat, and paused" in said.out
    after = bot.standing()
    assert after.positions == {}
    assert [(stop.level, stop.reason) for stop in after.stops] == [("reduce_only", "weekend")]
    exits = [row for row in bot.rows("OrderIntended") if row.reason == "close_all"]
    assert {row.purpose for row in exits} == {Purpose.EXIT}
    assert bot.resume().code == DONE


def test_what_is_not_flat_in_time_is_named_and_the_closing_goes_on(bot):
    """At real speed the next bar, and with it the fill, is an hour away."""
    process = bot.start()
    bot.trade()
    process.terminate()
    assert process.wait(10) == 0
    bot.start(*PACED[:4], "--speed", "1")
    held = bot.trade().positions

    said = bot.hfl("close-all", "--wait", "0.5", "--json")

    assert said.code == CONTROL
    assert said.json["flat"] is False
    # One more bar may have closed before the command was taken; what is named was held.
    named = said.json["positions"]
    assert named
    assert named.items() <= {symbol: row[0] for symbol, row in held.items()}.items()
    assert said.json["orders"] >= len(named)
    assert {row[3] for row in bot.standing().positions.values()} == {"close_all"}


def test_a_killed_bot_still_closes_when_a_human_types_it(bot):
    process = bot.start()
    bot.trade()
    bot.hfl("kill")
    assert process.wait(10) == 0
    bot.start()
    bot.until(lambda: bot.standing().halt_reason == "killed")
    assert bot.standing().positions

    said = bot.hfl("close-all")

    assert said.code == DONE, said
    assert bot.standing().positions == {}
    assert bot.standing().state == "halted"
    assert {stop.level for stop in bot.standing().stops} == {"kill", "reduce_only"}


def test_without_a_daemon_and_with_a_senseless_wait_it_is_one_sentence(bot):
    bot.hfl("init")

    assert "hfl run" in bot.hfl("close-all").sentence
    assert bot.hfl("close-all").code == CONTROL
    assert bot.hfl("close-all", "--wait", "nan").code == USAGE
