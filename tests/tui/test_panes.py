"""Panes and the mouse: jump, zoom, tab round, and what a click or the wheel does."""

import pytest

from hfl_tui.actions import MAIN
from hfl_tui.keymap import BUILT_IN
from hfl_tui.panels.footer import places
from hfl_tui.screens.log import Log
from tests.tui.kit import face, press, text, until
from tests.tui.test_themes import with_looks


@pytest.fixture(autouse=True)
def _no_past(monkeypatch):
    """The sample has no journal to read back in."""
    monkeypatch.setattr(Log, "_read_on", lambda self: None)


def cursor(viewer):
    return [row for row in text(viewer).splitlines() if row.startswith(">")]


# --- panes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
def test_semicolon_and_a_letter_go_to_a_pane(tmp_path, size):
    async def story(pilot, viewer):
        parts = ("positions", "gauges", "orders", "decision", "activity")
        for letter, name in zip("asdfg", parts, strict=True):
            await press(pilot, ";")
            assert face(viewer) == "Jump"
            assert all(f" {each} " in text(viewer) for each in "asdfg")
            await press(pilot, letter)
            assert face(viewer) == "dash"
            assert viewer.screen.active == name
        await press(pilot, ";", "k")
        assert face(viewer) == "Jump"
        await press(pilot, "escape")
        assert viewer.screen.active == "activity"
        await press(pilot, ";", "ctrl+x")
        assert face(viewer) == "Panel"

    with_looks(tmp_path, story, size=size)


def test_enter_on_the_limits_opens_them_and_on_the_decision_tells_why(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, ";", "s", "enter")
        assert face(viewer) == "risk"
        await press(pilot, "1", ";", "f", "enter")
        assert face(viewer) == "why"

    with_looks(tmp_path, story)


def test_where_there_is_one_pane_a_jump_says_so(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "z", ";")
        assert "there is one pane here" in text(viewer)

    with_looks(tmp_path, story)


@pytest.mark.parametrize("letter", "asdfg")
@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
def test_z_gives_a_pane_the_screen_and_again_gives_it_back(tmp_path, letter, size):
    async def story(pilot, viewer):
        before = text(viewer)
        await press(pilot, ";", letter, "z")
        alone = viewer.screen.part
        assert alone.size == (size[0], size[1] - 3)
        assert [one.id for one in viewer.screen.parts] == [alone.id]
        assert "│" not in text(viewer)
        await press(pilot, "z", ";", "a")
        assert text(viewer) == before
        await press(pilot, ";", letter, "z", "escape")
        await press(pilot, ";", "a")
        assert text(viewer) == before

    with_looks(tmp_path, story, size=size)


def test_z_zooms_the_limits_or_what_is_told_of_them(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "4")
        await until(pilot, lambda: viewer.screen.told.told)
        await press(pilot, "z")
        assert "Verdict" in text(viewer)
        assert "day loss" not in text(viewer)
        await press(pilot, "z", "tab", "z")
        assert "day loss" in text(viewer)
        assert "Verdict" not in text(viewer)
        await press(pilot, "j")
        assert cursor(viewer)[0].startswith(">week loss")

    with_looks(tmp_path, story)


def test_tab_goes_round_the_panes_both_ways(tmp_path):
    async def story(pilot, viewer):
        seen = []
        for _ in range(5):
            await press(pilot, "tab")
            seen.append(viewer.screen.active)
        assert seen == ["gauges", "orders", "decision", "activity", "positions"]
        await press(pilot, "shift+tab", "shift+tab")
        assert viewer.screen.active == "decision"
        await press(pilot, "shift+tab", "j")
        assert ">ETH-USDT  sell" in text(viewer)

    with_looks(tmp_path, story)


# --- mouse ----------------------------------------------------------------------------------------


def test_a_click_selects_a_row_and_its_pane_and_a_second_one_opens_it(tmp_path):
    async def story(pilot, viewer):
        at = next(y for y, row in enumerate(text(viewer).splitlines()) if "ETH-USDT  sell" in row)
        await pilot.click(offset=(5, at))
        await pilot.pause()
        assert viewer.screen.active == "orders"
        assert ">ETH-USDT  sell" in text(viewer)
        await pilot.click(offset=(5, at))
        await pilot.pause()
        assert face(viewer) == "why"

    with_looks(tmp_path, story)


def test_a_click_on_the_head_sorts_and_the_wheel_moves(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3")
        head = text(viewer).splitlines()[3]
        for told in ("falling", "rising"):
            await pilot.click(offset=(head.index("qty"), 3))
            await pilot.pause()
            assert f"by qty, {told}" in text(viewer)
        await press(pilot, "1", "6")
        await until(pilot, lambda: viewer.screen.table.rows)
        from textual.events import MouseScrollDown, MouseScrollUp

        table = viewer.screen.table
        first = table.selected

        def wheel(kind):
            return kind(None, 5, 5, 0, 1, 0, False, False, False)

        table.post_message(wheel(MouseScrollDown))
        await pilot.pause()
        assert table.selected != first
        table.post_message(wheel(MouseScrollUp))
        await pilot.pause()
        assert table.selected == first

    with_looks(tmp_path, story)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
def test_every_key_in_the_footer_can_be_clicked(tmp_path, size):
    async def story(pilot, viewer):
        shown = {action.name: (start, end) for action, start, end in places("dash", width=size[0])}
        leads = {"show_orders": "orders", "why": "why", "help": "help", "palette": "Palette",
                 "emergency": "Panel"}  # fmt: skip
        assert {"show_orders", "why", "emergency"} <= set(shown)
        for name in set(leads) & set(shown):
            for x in (shown[name][0], shown[name][1] - 1):
                await pilot.click(offset=(x, size[1] - 1))
                await pilot.pause()
                assert face(viewer) == leads[name]
                await press(pilot, "escape")
                assert face(viewer) == "dash"

    with_looks(tmp_path, story, size=size)


@pytest.mark.parametrize("kind", MAIN)
@pytest.mark.parametrize("width", [20, 61, 80, 140])
def test_places_in_the_footer_do_not_overlap(kind, width):
    found = places(kind, width=width, keymap=BUILT_IN)
    edges = [edge for _, start, end in found for edge in (start, end)]

    assert edges == sorted(edges)
    assert edges[-1] == width
