"""Five keys for who has never seen the screen: once a home, gone with the first key."""

import dataclasses

import pytest

from hfl.screen.first import FirstTime
from hfl_tui.app import Viewer
from tests.tui.kit import NotedStopper, drive, outfit_of, press, text, until


def greeted(made, story, *, size=(80, 24), is_first=True):
    async def run():
        real = outfit_of(made.folder, NotedStopper())
        outfit = dataclasses.replace(real, is_first_time=lambda: is_first)
        viewer = Viewer(outfit)
        async with viewer.run_test(size=size) as pilot:
            await until(pilot, lambda: viewer.picture.loaded >= 1)
            await until(pilot, lambda: ("Five keys" in text(viewer)) == is_first)
            await story(pilot, viewer)

    drive(run())


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
def test_five_keys_are_told_and_hide_neither_header_nor_limits_nor_footer(made, size):
    async def story(pilot, viewer):
        shown = text(viewer)
        rows = shown.splitlines()
        place = next(number for number, row in enumerate(rows) if "Five keys" in row)
        told = [row.split()[0] for row in rows[place + 1 : place + 6]]
        assert told == ["w", "2", "?", "^X", "q"]
        assert "day loss" in shown
        assert "^X EMERG" in rows[-1]
        assert "NO DAEMON" in rows[0]

    greeted(made, story, size=size)


def test_any_key_takes_it_away_and_does_what_it_does(made):
    async def story(pilot, viewer):
        await press(pilot, "2")
        assert "Trades" in text(viewer)
        await press(pilot, "1")
        assert "Five keys" not in text(viewer)

    greeted(made, story)


def test_the_stop_key_works_through_it(made):
    async def story(pilot, viewer):
        await press(pilot, "ctrl+x")
        assert "EMERGENCY" in text(viewer)
        await press(pilot, "escape")
        assert "Five keys" not in text(viewer)

    greeted(made, story)


def test_who_has_seen_it_is_not_told_again(made):
    async def story(pilot, viewer):
        assert "Five keys" not in text(viewer)

    greeted(made, story, is_first=False)


def test_the_first_time_is_once_a_home(tmp_path):
    first = FirstTime(tmp_path / "cache" / "marker")

    assert [first(), first(), FirstTime(tmp_path / "cache" / "marker")()] == [True, False, False]


def test_a_marker_that_cannot_be_made_is_no_first_time(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")

    assert FirstTime(tmp_path / "cache" / "marker")() is False
