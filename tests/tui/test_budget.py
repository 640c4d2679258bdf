"""What the screen may cost, in a real terminal: bytes are counted, times are CPU or ratios."""

import statistics
import time

import pytest

from tests.hfl.bot import Bot
from tests.tui import measure
from tests.tui.measure import SHOWN
from tests.tui.terminal import Terminal
from tests.tui.test_terminal import program

pytestmark = pytest.mark.process

SIZES = ((80, 24), (140, 40))
BUSY = ("--feed", "simulated", "--bars", "20000", "--speed", "3600")
ROUNDS = 3
BYTES_MOVE_MAX = 800
BYTES_IDLE_MAX = 100
RSS_MB_MAX = 60
# Measured: 1.4 to 1.9 times the CPU of a bare application; the rest is room for a busy machine.
FIRST_PAINT_MAX = 2.5
# Measured 0.2 to 0.4: a cursor move draws two rows, the bare application all of them.
KEY_MAX = 2.0
# Of one core, and of a machine that is too busy; docs/performance.md has what was measured.
CPU_IDLE_MAX = 0.03
CPU_BUSY_MAX = 0.08


def test_the_first_picture_takes_little_more_than_a_bare_application(home):
    ours, bare = [], []
    for _ in range(ROUNDS):
        with measure.bare(home) as terminal:
            bare.append(measure.to_first_paint(terminal, "bare 0")[0])
        with Terminal(home) as terminal:
            ours.append(measure.to_first_paint(terminal, SHOWN, "day loss")[0])

    assert statistics.median(ours) <= FIRST_PAINT_MAX * statistics.median(bare), (ours, bare)


def test_a_key_is_answered_as_fast_as_by_a_bare_application_in_few_bytes(home):
    ours, bare, sizes = [], [], []
    with measure.bare(home) as plain, Terminal(home) as terminal:
        plain.until_text("bare 0")
        terminal.until_text(SHOWN)
        terminal.type("3")
        terminal.until_text("ended shown")
        for number in range(16):
            bare.append(measure.key(plain, "j")[0])
            took, size = measure.key(terminal, "k" if number == 15 else "j")
            ours.append(took)
            sizes.append(size)

    assert statistics.median(ours) <= KEY_MAX * statistics.median(bare), (ours, bare)
    assert max(sizes) <= BYTES_MOVE_MAX


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_an_idle_screen_sends_and_computes_next_to_nothing(home, size):
    with Terminal(home, columns=size[0], rows=size[1]) as terminal:
        terminal.until_text(SHOWN, "NO DAEMON")
        time.sleep(4)
        bytes_s, share = measure.sent(terminal, 10)

    assert bytes_s <= BYTES_IDLE_MAX
    assert share <= CPU_IDLE_MAX


def test_two_viewers_on_a_busy_bot_show_one_truth_and_stay_small():
    with Bot() as bot:
        daemon = bot.start(*BUSY)
        with Terminal(bot.root) as one, Terminal(bot.root, columns=140, rows=40) as other:
            for terminal in (one, other):
                terminal.until_text("hb ok", "day loss")
            time.sleep(3)
            _, share = measure.sent(one, 8)
            memory = measure.rss_mb(other.process.pid)
            one.type("\x18\x18")
            other.until_text("PAUSED")
            assert "EMERGENCY" in one.text
            other.type("q")
            assert other.ended() == 0
            one.until_text("acknowledged")
        assert daemon.poll() is None
    assert share <= CPU_BUSY_MAX
    assert memory <= RSS_MB_MAX


TICKING = """
def trouble(viewer):
    moments = []

    def note():
        moments.append(time.monotonic())
        Path("{marks}/ticks").write_text(" ".join(map(str, moments)))

    viewer.set_interval(0.1, note)
    Path("{marks}/begun").touch()
"""


def test_a_link_that_stands_still_holds_up_nothing_and_is_caught_up_with(tmp_path):
    """Ten seconds without reading, screens changed all the while: the loop ticks on."""
    with Bot() as bot:
        bot.start(*BUSY)
        watched = program(TICKING, tmp_path)
        with Terminal(bot.root, columns=140, rows=40, program=watched) as terminal:
            terminal.until_text("hb ok", "day loss")
            terminal.until((tmp_path / "begun").exists)
            shown = bar_shown(terminal)
            terminal.stall()
            began = time.monotonic()
            while time.monotonic() - began < 10:
                terminal.type("31")
                time.sleep(0.2)
            ended, before = time.monotonic(), terminal.byte_count
            ticks = [float(each) for each in (tmp_path / "ticks").read_text().split()]
            terminal.go_on()
            terminal.until(lambda: bar_shown(terminal) not in {shown, ""})
            time.sleep(3)
            caught_up = terminal.byte_count - before
            terminal.type("6")
            terminal.until_text("Log")
    stalled = [tick for tick in ticks if began < tick < ended]

    # A loop that waits for the terminal would tick no more; a busy machine's ticks late.
    assert len(stalled) >= 30
    # What the kernel and eight frames hold, one whole frame, and three seconds at the usual pace.
    assert caught_up <= 4_096 * 16 + 40 * 140 * 3 + 30_000


def bar_shown(terminal):
    """Return the time of the newest bar as the header says it; every bar moves it."""
    return terminal.text.partition("bar ")[2][:16]


def rows_shown(terminal):
    told = terminal.text.partition("rows ")[2].split(maxsplit=1)
    return int(told[0].replace(",", "")) if told and told[0].replace(",", "").isdigit() else -1
