"""The demo on a terminal: the screen opens on the running bot, and the rest follows behind it."""

import signal

import pytest

from hfl_core.domain import events as ev
from hfl_journal.reader import JournalReader
from tests.hfl.bot import MAIN
from tests.tui.terminal import Terminal

pytestmark = [pytest.mark.process, pytest.mark.slow]


def demo(home):
    program = MAIN.replace("main()", f"main(['demo', '--home', {str(home)!r}])")
    return Terminal(home, program=program, rows=40)


def opened(terminal):
    terminal.until_text("hb ok", "day loss", "Five keys", "^X EMERG")


def events(home):
    with JournalReader.open(home / "journal" / "paper-main.sqlite") as reader:
        return [row.event for row in reader.rows(0, 10_000)]


def test_the_screen_opens_on_a_bot_that_trades_and_leaving_it_goes_on_to_the_proof(tmp_path):
    home = tmp_path / "h"
    with demo(home) as terminal:
        opened(terminal)
        # Worth looking at: a bot that trades, what it did, and a key to ask it why.
        assert "T-" in terminal.text or "sym" in terminal.text
        terminal.type("2")
        terminal.until_text("why it ended", "protective stop")
        assert "Five keys" not in terminal.text
        terminal.type("w")
        terminal.until_text("Verdict", "Votes and weights")
        terminal.type("q")
        terminal.until(lambda: "Verdict" not in terminal.text)
        terminal.type("1q")
        assert terminal.ended() == 0
        said = terminal.bytes().decode(errors="replace")
        assert terminal.is_clean()
    # Both halves were told, in order, around the screen.
    order = [said.index(word) for word in ("SIGKILL between", "\x1b[?1049h", "The proof")]
    assert order == sorted(order)
    assert "What you have seen" in said
    found = events(home)
    assert sum(isinstance(event, ev.RunStarted) for event in found) == 2
    assert [event.level for event in found if isinstance(event, ev.StopLatched)][-1] == "kill"


def test_a_bot_killed_on_the_screen_is_not_asked_to_stop_again(tmp_path):
    home = tmp_path / "h"
    with demo(home) as terminal:
        opened(terminal)
        terminal.type("\x18kKILL\r")
        terminal.until_text("the process has ended")
        terminal.type("\x1b")
        terminal.until(lambda: "EMERGENCY" not in terminal.text)
        terminal.type("q")
        assert terminal.ended() == 0
        said = terminal.bytes().decode(errors="replace")
    assert "it was killed from the screen" in said
    assert "0 mismatches" in said


def test_a_terminal_that_goes_away_ends_the_demo_and_its_bot(tmp_path):
    home = tmp_path / "h"
    with demo(home) as terminal:
        opened(terminal)
        terminal.signal(signal.SIGHUP)
        assert terminal.ended() == 128 + signal.SIGHUP
        said = terminal.bytes().decode(errors="replace")
    assert "The proof" not in said
    assert not any(isinstance(event, ev.StopLatched) for event in events(home))
