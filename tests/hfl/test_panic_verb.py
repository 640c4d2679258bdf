"""`hfl panic`: latch, cancel, flatten, with and without a daemon."""

import signal
from decimal import Decimal

import pytest

from hfl.verb import BROKER, CONTROL, DONE
from hfl_core.control import lock
from tests.hfl.bot import WAIT_S, Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def panic(bot, *words):
    return bot.hfl("panic", "--type", "PANIC", "--reason", "run for it", *words)


def stops(bot):
    return [path.name for path in (bot.root / "run" / "latch").iterdir()]


def go_on_until_flat(bot, symbols):
    """Start again, resume, and wait until the panic's closes have filled."""
    bot.start()
    bot.until(lambda: bot.standing().halt_reason == "killed")
    assert bot.resume().code == DONE
    closed = lambda: {
        row.fill.symbol for row in bot.rows("Filled") if "zzzzzz" in row.fill.client_id
    }
    bot.until(lambda: closed() >= set(symbols))


def test_a_running_bot_is_ended_and_its_closes_are_adopted_by_the_next_run(bot):
    process = bot.start_still()
    positions = bot.hold().positions

    said = panic(bot, "--json")

    process.wait(WAIT_S)
    assert said.code == BROKER
    assert said.json["is_latched"] is said.json["is_daemon_ended"] is True
    held = dict(row.split() for row in said.json["open_positions"])
    assert held == {symbol: row[0] for symbol, row in positions.items()}
    assert lock.holders(str(bot.root / "run")) == ()
    go_on_until_flat(bot, held)
    acted = bot.rows("ExternalActed")
    assert {row.what for row in acted} >= {"panic_started", "close", "panic_ended"}
    assert bot.rows("PositionMismatched") == []
    assert not (bot.root / "run" / "paper-main.panic.jsonl").exists()
    assert bot.verify() == ()
    assert bot.hfl("replay", "--verify", "--json").json["mismatches"] == 0


def test_a_hung_daemon_is_ended_by_force_before_anything_is_sent(bot):
    process = bot.start_still()
    bot.hold()
    process.send_signal(signal.SIGSTOP)

    said = panic(bot)

    assert said.code == BROKER
    assert "SIGKILL sent" in said.out
    assert process.wait(WAIT_S) == -signal.SIGKILL
    assert said.out.index("latched") < said.out.index("SIGTERM") < said.out.index("SIGKILL")


def test_with_no_daemon_and_no_venue_process_it_starts_the_venue_and_acts(bot):
    process = bot.start_still()
    bot.hold()
    process.kill()
    process.wait(WAIT_S)
    held = bot.venue_positions()
    pid = bot.venue_pid()
    bot.kill_venue()
    bot.until(lambda: lock.process_start(pid) in (None, 0))

    said = panic(bot, "--json")

    assert said.code == BROKER, said
    found = dict(row.split() for row in said.json["open_positions"])
    assert {symbol: Decimal(quantity) for symbol, quantity in found.items()} == held
    assert bot.venue_pid() != pid
    go_on_until_flat(bot, held)


def test_where_nothing_is_held_it_is_flat_and_confirmed(bot):
    process = bot.start("--feed", "simulated", "--bars", "40", "--speed", "max", "--until-end")
    assert process.wait(WAIT_S) == 0
    assert bot.venue_positions() == {}

    said = panic(bot)

    assert said.code == DONE, said
    assert "LATCHED, no orders working, flat" in said.out
    assert len(stops(bot)) == 2


def test_a_home_where_nothing_was_ever_traded_is_latched_and_said_to_be_unconfirmed(bot):
    bot.hfl("init")

    said = panic(bot)

    assert said.code == BROKER
    assert "no paper venue was ever started" in said.out
    assert "LATCHED" in said.out


def test_a_broken_configuration_is_not_in_the_way(bot):
    process = bot.start_still()
    bot.hold()
    (bot.root / "config" / "config.toml").write_text("this is = = no toml")

    said = panic(bot)

    process.wait(WAIT_S)
    assert said.code == BROKER
    assert "going on without the configuration" in said.out
    assert "still open" in said.out


def test_without_the_word_nothing_is_done(bot):
    bot.hfl("init")

    said = bot.hfl("panic", "--type", "panic")

    assert said.code == CONTROL
    assert "nothing was done" in said.sentence
    assert stops(bot) == ["ready"]
    assert "expected a human" in bot.hfl("panic").sentence
