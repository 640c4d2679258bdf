"""The screen beside a real daemon: it follows, pauses, resumes, is left, and kills."""

import time

import pytest

from hfl.commands import tui
from hfl_core.domain.errors import ConfigError
from tests.hfl.bot import Bot
from tests.tui.terminal import Terminal

# A bar a second, as a busy feed is; the budget of tui.md is per second and size.
BUSY = ("--feed", "simulated", "--bars", "5000", "--speed", "3600")
BUDGET = {(80, 24): 5_000, (140, 40): 10_000}


def leave_panel(terminal):
    """Type esc and wait: a key right behind it would be another key with alt."""
    terminal.type("\x1b")
    terminal.until(lambda: "EMERGENCY" not in terminal.text)


@pytest.mark.process
def test_watch_pause_resume_leave_and_kill_a_running_bot():
    with Bot() as bot:
        daemon = bot.start()
        with Terminal(bot.root) as terminal:
            terminal.until_text("hb ok", "day loss")
            rows = lambda: terminal.text.partition("rows ")[2].split(maxsplit=1)[0]
            first = rows()
            terminal.until(lambda: rows() != first)
            terminal.type("\x18\x18")
            terminal.until_text("EMERGENCY", "acknowledged", "orders accepted since latch: 0")
            stops = bot.until(lambda: bot.standing().stops)
            assert [stop.level for stop in stops] == ["reduce_only"]
            assert stops[0].reason == "pause on the screen"
            assert stops[0].actor.startswith("screen:")
            leave_panel(terminal)
            terminal.until_text("PAUSED", ":resume")
            terminal.type(":resume\r")
            terminal.until_text("RESUME  confirm", "pause on the screen")
            terminal.type("RESUME looked at it\r")
            bot.until(lambda: not bot.standing().stops)
            terminal.until(lambda: "PAUSED" not in terminal.text)
            terminal.type("q")
            assert terminal.ended() == 0
        assert daemon.poll() is None
        with Terminal(bot.root) as terminal:
            terminal.until_text("hb ok")
            terminal.type("\x18kKILL\r")
            assert daemon.wait(60) is not None
            terminal.until_text("orders accepted since latch: 0", "the process has ended")
            leave_panel(terminal)
            terminal.until_text("NO DAEMON")
            terminal.type("q")
            assert terminal.ended() == 0


@pytest.mark.process
@pytest.mark.parametrize("size", BUDGET, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_busy_screen_keeps_to_its_bytes_a_second(size):
    with Bot() as bot:
        bot.start(*BUSY)
        with Terminal(bot.root, columns=size[0], rows=size[1]) as terminal:
            terminal.until_text("hb ok", "day loss")
            time.sleep(2)
            before, began_s = terminal.byte_count, time.monotonic()
            time.sleep(8)
            sent = (terminal.byte_count - before) / (time.monotonic() - began_s)

    assert 0 < sent <= BUDGET[size]


def test_without_the_extra_it_is_one_sentence(monkeypatch, made, hfl_home):
    import argparse

    monkeypatch.setattr(tui, "find_spec", lambda name: None)
    arguments = argparse.Namespace(home=str(made.folder), account=None, mode="paper")

    with pytest.raises(ConfigError, match=r"hedgefund-lite\[tui\]"):
        tui.run(arguments, "tui")
