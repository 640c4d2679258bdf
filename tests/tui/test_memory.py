"""The viewer stays small however long it looks on: events come as fast as the bot makes them."""

import time

import pytest

from tests.hfl.bot import Bot
from tests.tui.measure import SHOWN, rss_mb
from tests.tui.terminal import Terminal
from tests.tui.test_budget import rows_shown

pytestmark = pytest.mark.process

RSS_MB_MAX = 60
# A bar a second for an hour makes about so many rows.
ROWS_AN_HOUR = 3_000
FULL_ROWS = 1_500
GROWTH_MB = 3
WAIT_S = 200
GROWTH_MB_AN_HOUR = 1
TOUR = ("2", "v", "3", "4", "6", "1")


def toured(terminal):
    """Look at every screen once: what each of them needs is there from then on."""
    terminal.until_text("day loss", SHOWN)
    for key in TOUR:
        terminal.type(key)
        time.sleep(1)
    terminal.until_text("Activity")


def test_an_hour_of_events_in_a_minute_leaves_the_viewer_as_small_as_it_was():
    with Bot() as bot:
        bot.start("--feed", "simulated", "--bars", "12000", "--speed", "max")
        with Terminal(bot.root) as terminal:
            toured(terminal)
            # What it keeps of the newest rows is bounded, and full by now.
            terminal.until(lambda: rows_shown(terminal) > FULL_ROWS, seconds=WAIT_S)
            first, small = rows_shown(terminal), rss_mb(terminal.process.pid)
            terminal.until(lambda: rows_shown(terminal) > first + ROWS_AN_HOUR, seconds=WAIT_S)
            grown = rss_mb(terminal.process.pid)

    assert small <= RSS_MB_MAX
    assert grown <= RSS_MB_MAX
    assert grown - small <= GROWTH_MB


@pytest.mark.long
def test_ten_hours_of_events_grow_it_by_less_than_a_megabyte_an_hour():
    with Bot() as bot:
        bot.start("--feed", "simulated", "--bars", "200000", "--speed", "72000")
        with Terminal(bot.root) as terminal:
            toured(terminal)
            # The lists it keeps are full after the first hour; from then on nothing may grow.
            first = rows_shown(terminal) + ROWS_AN_HOUR
            terminal.until(lambda: rows_shown(terminal) > first, seconds=1_800)
            small = rss_mb(terminal.process.pid)
            last = first + 10 * ROWS_AN_HOUR
            terminal.until(lambda: rows_shown(terminal) > last, seconds=7_200)
            grown = rss_mb(terminal.process.pid)

    assert grown <= RSS_MB_MAX
    assert (grown - small) / 10 < GROWTH_MB_AN_HOUR
