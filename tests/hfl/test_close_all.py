"""`hfl close-all`: flat, then paused."""

import pytest

from hfl.verb import CONTROL, DONE, USAGE
from hfl_core.domain.orders import Purpose
from tests.hfl.bot import WAIT_S, Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def test_it_closes_what_is_held_says_so_and_leaves_the_bot_paused(bot):
    bot.start_still()
    held = bot.hold().positions
    typed = bot.type("close-all", "--reason", "weekend")
    first = typed.stdout.readline().decode()
    bot.bars_until(lambda: typed.poll() is not None)

    said = bot.said(typed)

    assert said.code == DONE, said
    assert all(symbol in first for symbol in held)
    assert "flat, and paused" in said.out
    after = bot.standing()
    assert after.positions == {}
    assert [(stop.level, stop.reason) for stop in after.stops] == [("reduce_only", "weekend")]
    exits = [row for row in bot.rows("OrderIntended") if row.reason == "close_all"]
    assert {row.symbol for row in exits} == held.keys()
    assert {row.purpose for row in exits} == {Purpose.EXIT}
    assert bot.resume().code == DONE


def test_what_is_not_flat_in_time_is_named_and_the_closing_goes_on(bot):
    """The market stands still: what was sent fills at the next bar, which does not come."""
    bot.start_still()
    held = bot.hold().positions

    said = bot.hfl("close-all", "--wait", "0.5", "--json")

    assert said.code == CONTROL
    assert said.json["flat"] is False
    assert said.json["positions"] == {symbol: row[0] for symbol, row in held.items()}
    assert said.json["orders"] >= len(held)
    bot.until(lambda: {row[3] for row in bot.standing().positions.values()} == {"close_all"})
    bot.bars_until(lambda: not bot.standing().positions)


def test_a_killed_bot_still_closes_when_a_human_types_it(bot):
    process = bot.start_still()
    bot.hold()
    bot.hfl("kill")
    assert process.wait(WAIT_S) == 0
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
