"""The screen over a real OpenSSH server, in tmux, by keys alone; and stops by a restricted key."""

import os
import shlex
from pathlib import Path

import pytest

from tests.hfl.bot import Bot
from tests.tui.far import Pane, Server

pytestmark = pytest.mark.process

KEYS = {"laptop": ("tui", "status", "pause", "kill"), "phone": ("pause",)}
# Where a run of this test leaves every screen it saw, for whoever wants to read along.
CAPTURE = "HFL_SSH_CAPTURE"


@pytest.fixture
def bot():
    with Bot() as found:
        yield found


@pytest.fixture
def server(bot, tmp_path):
    with Server(tmp_path, bot.root, KEYS) as found:
        yield found


def test_a_session_over_ssh_in_tmux_from_looking_to_the_kill(bot, server, tmp_path):
    daemon = bot.start()
    bot.trade()
    with Pane(tmp_path) as pane:
        try:
            _session(bot, daemon, server, pane)
        finally:
            if os.environ.get(CAPTURE):
                Path(os.environ[CAPTURE]).write_text("\n".join(pane.kept))


def _session(bot, daemon, server, pane):
    pane.say(f"{shlex.join(server.command('laptop', terminal=True))}; echo ssh ended with $?")
    pane.type("Enter")
    pane.until_text("hb ok", "day loss", "^X EMERG", what="ssh -t: the screen is open")
    pane.type("w")
    pane.until_text("Verdict", "Votes", what="w: why, of the selected position")
    pane.type("Escape")
    pane.until_text("Positions", gone=("Verdict",))
    pane.type("2")
    pane.until_text("Trades", "why it ended", "T-", what="2: the trades")
    pane.type("R")
    what = "R: the trade's moment again, the future hidden"
    shown = pane.until_text("NOT LIVE", "This step", "hidden", "| row ", what=what)
    row = shown.partition("| row ")[2].split()[0]
    pane.type("]")
    pane.until_text("NOT LIVE", "This step", gone=(f"| row {row} ",), what="]: one step on")
    pane.type("2")
    pane.until_text("Trades", "T-", gone=("NOT LIVE",))
    pane.type("C-x", "C-x")
    pane.until_text("EMERGENCY", "acknowledged", "accepted since latch: 0", what="^X ^X")
    stops = bot.until(lambda: bot.standing().stops)
    assert [stop.level for stop in stops] == ["reduce_only"]
    pane.type("Escape")
    pane.until_text("PAUSED", ":resume", gone=("EMERGENCY",), what="paused")
    pane.say(":resume")
    pane.type("Enter")
    pane.until_text("RESUME  confirm", "pause on the screen", what=":resume asks for a word")
    pane.say("RESUME looked at it over ssh")
    pane.type("Enter")
    bot.until(lambda: not bot.standing().stops)
    pane.until_text("hb ok", gone=("PAUSED", "confirm"), what="resumed")
    pane.type("C-x", "k")
    pane.until_text("KILL  confirm", what="^X k asks for the word")
    pane.say("KILL")
    pane.type("Enter")
    assert daemon.wait(60) == 0
    pane.until_text("accepted since latch: 0", "the process has ended", what="KILL: done")
    pane.type("Escape")
    pane.until_text("NO DAEMON", gone=("EMERGENCY",), what="what is left: the last journal")
    pane.type("1", "q")
    # The pane's own shell is back, on the screen as it was before: the far one left it clean.
    pane.until_text("ssh ended with 0", gone=("NO DAEMON",), what="q: back in the shell")


def test_a_phone_pauses_the_bot_and_can_do_nothing_else(bot, server):
    bot.start()
    told = server.call("phone", "hfl", "pause")

    assert told.returncode == 0, (told.stderr, server.log())
    stops = bot.until(lambda: bot.standing().stops)
    assert [(stop.level, stop.reason) for stop in stops] == [
        ("reduce_only", "over ssh from 127.0.0.1")
    ]
    for words in (("hfl", "kill"), ("hfl", "status"), ("sh", "-c", "id"), ("scp", "-t", "/tmp")):
        refused = server.call("phone", *words)
        assert refused.returncode == 2, refused
        assert refused.stderr.startswith("hfl: expected one of: pause")
    assert bot.standing().stops == stops


def test_without_a_terminal_the_screen_says_how_to_get_one(bot, server):
    bot.root.mkdir()
    refused = server.call("laptop")

    assert refused.returncode == 2
    assert "expected a terminal, found none" in refused.stderr
    assert "ssh -t" in refused.stderr
    # Another verb of the same key needs no terminal; this home has no journal yet.
    status = server.call("laptop", "hfl", "status")
    assert status.returncode == 4
    assert "start the bot with `hfl run`" in status.stderr
