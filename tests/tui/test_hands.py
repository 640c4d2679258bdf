"""Find, sort, copy and export: every hand does what the table says."""

import csv
import json
import re
import stat

import pytest

from hfl_tui.screens.hands import CLIPBOARD_BYTES_MAX
from hfl_tui.screens.log import Log
from hfl_tui.skins import NAMES
from tests.tui.kit import face, press, text, until
from tests.tui.test_themes import with_looks


@pytest.fixture(autouse=True)
def _no_past(monkeypatch):
    """The sample has no journal to read back in."""
    monkeypatch.setattr(Log, "_read_on", lambda self: None)


def cursor(viewer):
    return [row for row in text(viewer).splitlines() if row.startswith(">")]


# --- find -----------------------------------------------------------------------------------------


def test_slash_on_the_dashboard_goes_to_the_row_and_n_to_the_next(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "slash", *"eth", "enter")
        assert cursor(viewer)[0].startswith(">ETH-USDT  long")
        await press(pilot, "n")
        assert cursor(viewer)[0].startswith(">ETH-USDT  long")
        await press(pilot, "slash", *"unknown", "enter")
        assert viewer.screen.active == "orders"
        assert "ETH-USDT  sell stop" in cursor(viewer)[0]
        await press(pilot, "w")
        assert face(viewer) == "why"

    with_looks(tmp_path, story)


def test_what_is_nowhere_is_said_and_so_is_that_nothing_was_looked_for(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "n")
        assert "nothing was looked for yet: /" in text(viewer)
        await press(pilot, "slash", *"zebra", "enter", "N")
        assert "nothing here holds zebra" in text(viewer)

    with_looks(tmp_path, story)


def test_n_and_its_capital_go_through_the_matches_when_the_filter_is_gone(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3", "slash", *"eth", "enter")
        assert len(viewer.screen.table.rows) == 1
        await press(pilot, "slash", "escape")
        table = viewer.screen.table
        assert len(table.rows) == 4
        assert table.selected == "hfp006"
        await press(pilot, "slash", *"btc", "escape", "g", "n")
        assert table.selected == "hfp005"
        await press(pilot, "n")
        assert table.selected == "hfp007"
        await press(pilot, "N")
        assert table.selected == "hfp005"

    with_looks(tmp_path, story)


def test_slash_finds_in_what_is_told_and_marks_the_row(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        told = viewer.screen.told
        await press(pilot, "slash", *"headroom", "enter")
        first = told._found
        await press(pilot, "n")
        assert told._found == first + 1
        await press(pilot, "n")
        assert told._found == first
        await press(pilot, "N")
        assert told._found == first + 1
        assert told._shown[first + 1 - told._top][0][1] == "cursor"
        await press(pilot, "slash", *"long line", "enter")
        assert "a long line" in text(viewer)

    with_looks(tmp_path, story, size=(80, 12))


# --- sort -----------------------------------------------------------------------------------------


def test_s_goes_through_the_columns_and_its_capital_turns_round(tmp_path):
    async def story(pilot, viewer):
        table = viewer.screen.positions
        plain = [row.key for row in table.rows]
        profits = {"42": 0.02, "39": -36.0, "37": -0.06}
        for title in ("sym", "side", "qty", "entry", "last", "P&L"):
            await press(pilot, "s")
            assert f"by {title}, " in text(viewer)
        assert "-P&L" in text(viewer)
        assert [row.key for row in table.rows] == sorted(profits, key=lambda key: -profits[key])
        await press(pilot, "S")
        assert "+P&L" in text(viewer)
        assert "by P&L, rising" in text(viewer)
        assert [row.key for row in table.rows] == sorted(profits, key=lambda key: profits[key])
        await press(pilot, "s", "s")
        assert "as they come" in text(viewer)
        assert [row.key for row in table.rows] == plain
        await press(pilot, "s")
        assert [row.key for row in table.rows] == ["42", "37", "39"]

    with_looks(tmp_path, story)


def test_the_cursor_stays_on_its_row_when_the_order_changes(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3", "j", "j")
        chosen = viewer.screen.table.selected
        await press(pilot, "s", "S", "s")
        assert viewer.screen.table.selected == chosen

    with_looks(tmp_path, story)


@pytest.mark.parametrize("key", ["2", "3", "4"])
def test_every_table_sorts(tmp_path, key):
    async def story(pilot, viewer):
        await press(pilot, key)
        await until(pilot, lambda: key != "2" or viewer.screen.table.rows)
        if key == "4":
            await press(pilot, "tab")
        await press(pilot, "s", "S")
        assert re.search(r"by .+, (rising|falling)", text(viewer))

    with_looks(tmp_path, story)


# --- copy -----------------------------------------------------------------------------------------


def test_y_copies_the_name_and_again_the_row(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "y")
        assert viewer.clipboard == "T-42"
        assert "T-42 is sent to the terminal's clipboard; y again for all" in text(viewer)
        await press(pilot, "y")
        assert viewer.clipboard.startswith("BTC-USDT long 0.0021 100")
        await press(pilot, "3", "y")
        assert viewer.clipboard == "hfp007"
        await press(pilot, "2")
        await until(pilot, lambda: viewer.screen.table.rows)
        await press(pilot, "y")
        assert viewer.clipboard == "T-42"
        await press(pilot, "v", "y")
        assert viewer.clipboard == "150"
        await press(pilot, "6", "y")
        assert viewer.clipboard == "399"
        await press(pilot, "1", "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        await press(pilot, "y")
        assert viewer.clipboard == "T-42 BTC-USDT long +0.43"
        await press(pilot, "y")
        assert "Votes and weights" in viewer.clipboard
        assert "  banker  +0.58   0.30" in viewer.clipboard

    with_looks(tmp_path, story)


def test_what_is_too_long_for_the_clipboard_is_said_and_not_sent(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        told = viewer.screen._sent("x" * (CLIPBOARD_BYTES_MAX + 1), is_whole=True)
        assert "expected at most 56,245 bytes" in told
        assert "found 56,246: e writes a file" in told
        assert viewer.clipboard == ""
        assert "sent" in viewer.screen._sent("x" * CLIPBOARD_BYTES_MAX, is_whole=True)
        assert len(viewer.clipboard) == CLIPBOARD_BYTES_MAX

    with_looks(tmp_path, story)


def test_an_empty_table_has_nothing_to_copy(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3", "slash", *"zebra", "enter", "y")
        assert "nothing is selected that could be copied" in text(viewer)

    with_looks(tmp_path, story)


# --- export ---------------------------------------------------------------------------------------


async def exported(pilot, viewer, kind):
    """Type an export and return the file's path."""
    before = set(viewer.outfit.looks.exports.glob("*"))
    await press(pilot, "e", *kind, "enter")
    await until(pilot, lambda: "written: " in viewer.hint)
    (path,) = set(viewer.outfit.looks.exports.glob("*")) - before
    viewer._unsay()
    return path


def test_e_writes_orders_exactly_in_each_format(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3")
        found = await exported(pilot, viewer, "json")
        assert found.name == "paper-main-orders-20260921T141320Z.json"
        orders = json.loads(found.read_text())
        assert [one["client_id"] for one in orders] == ["hfp007", "hfp006", "hfp005", "hfp004"]
        assert orders[0]["quantity"] == "0.0021"
        assert orders[0]["intended"] == "2026-09-21T14:06:20.000000Z"
        assert orders[2]["price"] is None
        found = await exported(pilot, viewer, "csv")
        rows = list(csv.DictReader(found.read_text().splitlines()))
        assert [row["price"] for row in rows] == ["66680", "3075", "", "66680"]
        assert rows[0]["is_live"] == "true"
        found = await exported(pilot, viewer, "text")
        assert found.suffix == ".txt"
        shown = found.read_text().splitlines()
        assert shown[0].split()[:4] == ["no", "UTC", "sym", "side"]
        assert len(shown) == 5
        assert stat.S_IMODE(found.stat().st_mode) == 0o600

    with_looks(tmp_path, story, exports=tmp_path / "exports")


def test_filter_and_order_hold_for_what_is_written(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3", "slash", *"btc", "enter", "s", "S")
        orders = json.loads((await exported(pilot, viewer, "json")).read_text())
        assert [one["number"] for one in orders] == [5, 7]

    with_looks(tmp_path, story, exports=tmp_path / "exports")


def test_every_screen_writes_what_it_shows(tmp_path):
    async def story(pilot, viewer):
        wanted = {"1": ("symbol", "BTC-USDT"), "2": ("number", 42), "4": ("title", "Verdict"),
                  "6": ("label", "scan")}  # fmt: skip
        for key, (name, value) in wanted.items():
            await press(pilot, key)
            if key == "2":
                await until(pilot, lambda: viewer.screen.table.rows)
            if key == "4":
                await until(pilot, lambda: viewer.screen.told.told)
            found = json.loads((await exported(pilot, viewer, "json")).read_text())
            assert found[0][name] == value
        await press(pilot, "1")
        for letter, name in (("s", "daily_loss"), ("d", "hfp007"), ("f", "BTC-USDT"),
                             ("g", "SIGNAL_WEAK")):  # fmt: skip
            await press(pilot, ";", letter)
            assert name in (await exported(pilot, viewer, "json")).read_text()
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        assert "headroom 0" in (await exported(pilot, viewer, "text")).read_text()

    with_looks(tmp_path, story, exports=tmp_path / "exports")


@pytest.mark.parametrize("theme", NAMES)
def test_the_picture_holds_the_screen_and_asks_no_server(tmp_path, theme):
    from xml.etree import ElementTree as ET

    async def story(pilot, viewer):
        found = await exported(pilot, viewer, "svg")
        drawn = found.read_text()
        assert "Positions" in drawn
        assert "enter&#160;does&#160;it" not in drawn
        assert set(re.findall(r"https?://[^\"' <]*", drawn)) == {"http://www.w3.org/2000/svg"}
        ET.fromstring(drawn)

    with_looks(tmp_path, story, exports=tmp_path / "exports", theme=theme)


def test_a_file_that_is_there_stays_and_a_folder_that_cannot_be_is_a_sentence(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3")
        first = await exported(pilot, viewer, "csv")
        first.write_text("mine")
        second = await exported(pilot, viewer, "csv")
        assert (first.read_text(), second.name) == ("mine", f"{first.stem}-2.csv")

    async def refused(pilot, viewer):
        await press(pilot, "3", "e", *"csv", "enter")
        await until(pilot, lambda: "expected to write into" in text(viewer))

    with_looks(tmp_path, story, exports=tmp_path / "exports")
    (tmp_path / "file").write_text("")
    with_looks(tmp_path, refused, exports=tmp_path / "file")


def test_without_a_folder_nothing_is_written(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, ":", *"export", "space", *"csv", "enter")
        assert "there is nothing here that could be written" in text(viewer)

    with_looks(tmp_path, story)
