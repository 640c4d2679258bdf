"""Every action of the table does what it says, on a real journal, under Pilot."""

import pytest

from hfl_tui.actions import SCREENS, actions_of
from tests.tui.kit import SIZES, face, press, session, text, until


def test_numbers_go_to_the_screens_and_q_back_to_the_dashboard(made):
    async def story(pilot, viewer):
        for key, kind in (("2", "trades"), ("3", "orders"), ("4", "risk"), ("6", "log")):
            await press(pilot, key)
            assert face(viewer) == kind
            assert f" {SCREENS[kind]} " in text(viewer)
        await press(pilot, "1")
        assert face(viewer) == "dash"
        await press(pilot, "6", "q")
        assert face(viewer) == "dash"
        assert viewer.is_running
        await press(pilot, "q")
        assert viewer._exit

    session(made, story)


def test_the_dashboard_shows_what_the_journal_holds(made):
    async def story(pilot, viewer):
        shown = text(viewer)
        picture = viewer.picture
        assert picture.worth is not None
        assert f"{picture.worth.equity:,.2f}" in shown
        assert f"Positions {len(picture.held)}/" in shown
        assert "NO DAEMON" in shown or "DISCONNECTED" in shown
        assert f"rows {picture.seq:,}" in shown
        for word in ("day loss", "drawdown", "Last decision", "Activity", "^X EMERG"):
            assert word in shown

    session(made, story)


def test_w_tells_why_of_the_last_decision_with_all_its_parts(made):
    async def story(pilot, viewer):
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        told = viewer.screen.told.told
        titles = [section.title for section in told.sections]
        assert titles[:2] == ["Verdict", "Votes and weights"]
        assert titles[-2:] == ["Timeline", "Identity"]
        await press(pilot, "escape")
        assert face(viewer) == "dash"

    session(made, story)


def test_why_of_a_trade_goes_to_its_neighbours_and_between_sections(made):
    async def story(pilot, viewer):
        await press(pilot, "2")
        await until(pilot, lambda: viewer.screen.table.rows)
        await press(pilot, "j", "enter")
        await until(pilot, lambda: "Verdict" in text(viewer))
        newest = viewer.screen.told.told.headline
        await press(pilot, "h")
        await until(pilot, lambda: viewer.screen.told.told)
        older = viewer.screen.told.told.headline
        assert older != newest
        await press(pilot, "l")
        await until(pilot, lambda: viewer.screen.told.told)
        assert viewer.screen.told.told.headline == newest
        top = text(viewer)
        await press(pilot, "tab")
        assert text(viewer) != top
        await press(pilot, "shift+tab")
        assert text(viewer) == top
        await press(pilot, "G")
        assert "Identity" in text(viewer)
        await press(pilot, "g")
        assert text(viewer) == top

    session(made, story)


def test_trades_are_those_that_hfl_trades_lists_and_v_shows_what_was_not(made):
    from hfl.glance import Glance
    from hfl.trades import ALL_KINDS, Ledger

    with Glance.open(made.home.journal.journal) as journal:
        ledger = Ledger().fold(journal.of(ALL_KINDS))
        refused = sum(not row.data["allowed"] for row in journal.of(("RiskAssessed",)))

    async def story(pilot, viewer):
        await press(pilot, "2")
        trades = viewer.screen

        def is_whole():
            trades.move(1 << 30)
            return trades._read_seq >= 0 and not trades._before and not trades._is_reading

        await until(pilot, is_whole)
        assert len(trades._trades) == ledger.count > 10
        for trade in ledger.trades:
            assert trades._trades[trade.number].profit == trade.profit
        await press(pilot, "v")
        assert "Not traded" in text(viewer)
        shown = [one for one in trades._skips.values() if one.what == "refused"]
        assert len(shown) == refused > 0
        await press(pilot, "v")
        assert "Not traded" not in text(viewer)

    session(made, story)


def test_what_was_refused_tells_its_rules_and_a_passed_scan_every_instrument(made):
    async def story(pilot, viewer):
        await press(pilot, "2", "v")
        await until(pilot, lambda: viewer.screen.table.rows)
        skips = viewer.screen._skips
        refused = next(key for key, one in skips.items() if one.what == "refused")
        viewer.screen.table.select(refused)
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        assert "REFUSED by risk" in text(viewer)
        assert any("rules" in section.title for section in viewer.screen.told.told.sections)
        await press(pilot, "escape")
        skipped = next(key for key, one in skips.items() if one.what == "skipped")
        viewer.screen.table.select(skipped)
        await press(pilot, "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        first = viewer.screen.told.told.headline
        await press(pilot, "l")
        await until(pilot, lambda: viewer.screen.told.told)
        assert viewer.screen.told.told.headline.split()[0] != first.split()[0]
        assert "digest matches" in "".join(
            row for part in viewer.screen.told.told.sections for row in part.rows
        )

    session(made, story)


def test_orders_are_the_books_and_tell_their_story(made):
    async def story(pilot, viewer):
        await press(pilot, "3")
        orders = viewer.picture.orders
        assert len(viewer.screen.table.rows) == len(orders) > 5
        assert text(viewer).count("filled") > 1
        await press(pilot, "enter")
        await until(pilot, lambda: "Timeline" in text(viewer) or "Verdict" in text(viewer))

    session(made, story)


def test_slash_keeps_rows_with_a_text_and_escape_brings_all_back(made):
    async def story(pilot, viewer):
        await press(pilot, "3")
        table = viewer.screen.table
        every = len(table.rows)
        await press(pilot, "slash", *"SIM-ETH", "enter")
        assert 0 < len(table.rows) < every
        assert all("SIM-ETH" in str(row.cells) for row in table.rows)
        await press(pilot, "slash", "escape")
        assert len(table.rows) == every

    session(made, story)


def test_keys_typed_ahead_belong_to_the_screen_they_open(made):
    async def story(pilot, viewer):
        from textual.events import Key

        for key in (":", "r", "i", "s", "k"):
            name = {":": "colon"}.get(key, key)
            viewer.post_message(Key(name, key))
        viewer.post_message(Key("enter", "\r"))
        await until(pilot, lambda: face(viewer) == "risk")

    session(made, story)


def test_risk_shows_every_gauge_and_r_runs_a_check(made):
    async def story(pilot, viewer):
        await press(pilot, "4")
        await until(pilot, lambda: viewer.screen.told.told)
        names = {row.key for row in viewer.screen.gauges.rows}
        assert names == {gauge.name for gauge in viewer.picture.gauges} > {"daily_loss", "gross"}
        titles = [section.title for section in viewer.screen.told.told.sections]
        assert "Distance to each halt" in titles or "If every stop is hit now" in titles
        await press(pilot, "r")
        await until(pilot, lambda: viewer.screen.told.told.sections[0].title.startswith("Risk ch"))
        before = text(viewer)
        await press(pilot, "j", "j", "pagedown")
        assert text(viewer) != before

    session(made, story)


def test_gauges_are_those_of_hfl_risk(made):
    from hfl.glance import Glance
    from hfl.risk_report import collect
    from tests.tui.kit import whereabouts

    with Glance.open(made.home.journal.journal) as journal:
        told = collect(journal, whereabouts(made.folder))

    async def story(pilot, viewer):
        shown = {one.name: str(round(one.used, 4).normalize()) for one in viewer.picture.gauges}
        listed = {gauge["limit"]: float(gauge["used"]) for gauge in told["gauges"]}
        assert len(shown) > 10
        assert {name: float(used) for name, used in shown.items()}.items() <= listed.items()

    session(made, story)


def test_alerts_are_shown_alone_and_acknowledged(made):
    async def story(pilot, viewer):
        viewer.alerts._seen_seq = 0
        viewer.paint()
        await pilot.pause()
        alerts = [one for one in viewer.picture.happenings if one.is_alert]
        assert len(viewer.news.alerts) == len(alerts) > 0
        assert f"alerts {len(alerts)} new" in text(viewer)
        await press(pilot, "!")
        assert face(viewer) == "log"
        assert "only alerts" in text(viewer)
        assert all(row.mark == "!" for row in viewer.screen.table.rows)
        await press(pilot, "!")
        assert "only alerts" not in text(viewer)
        await press(pilot, "a")
        assert not viewer.news.alerts
        assert "alerts none" in text(viewer)

    session(made, story)


def test_cursor_keys_move_and_stay_inside(made):
    async def story(pilot, viewer):
        await press(pilot, "3")
        table = viewer.screen.table
        keys = [row.key for row in table.rows]
        for typed, place in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("G", -1), ("j", -1), ("g", 0),
            ("end", -1), ("home", 0),
        ):  # fmt: skip
            await press(pilot, typed)
            assert table.selected == keys[place], typed
        await press(pilot, "pagedown")
        assert keys.index(table.selected) > 5
        await press(pilot, "pageup")
        assert table.selected == keys[0]

    session(made, story)


def test_tab_gives_the_cursor_to_the_activity_and_w_tells_that_row(made):
    async def story(pilot, viewer):
        await press(pilot, "shift+tab")
        assert viewer.screen.activity.is_active
        await press(pilot, "tab")
        assert not viewer.screen.activity.is_active
        await press(pilot, "shift+tab", "j")
        rows = [one for one in reversed(viewer.picture.happenings) if one.ask]
        viewer.screen.activity.select(str(rows[0].seq))
        assert viewer.screen.ask() == rows[0].ask

    session(made, story)


def test_t_changes_between_times_and_ages(made):
    async def story(pilot, viewer):
        clock = text(viewer)
        await press(pilot, "t")
        assert text(viewer) != clock
        await press(pilot, "t")
        assert text(viewer).splitlines()[-8:] == clock.splitlines()[-8:]

    session(made, story)


def test_help_does_the_selected_row(made):
    async def story(pilot, viewer):
        await press(pilot, "?")
        assert face(viewer) == "help"
        shown = text(viewer)
        assert all(action.title in shown for action in list(actions_of("dash"))[:10])
        while viewer.screen.table.selected != "show_orders":
            await press(pilot, "j")
        await press(pilot, "enter")
        await until(pilot, lambda: face(viewer) == "orders")

    session(made, story)


def test_control_c_says_how_to_leave_and_control_l_draws_again(made):
    async def story(pilot, viewer):
        await press(pilot, "ctrl+c")
        assert "q leaves the viewer" in text(viewer)
        before = text(viewer)
        await press(pilot, "ctrl+l")
        assert viewer.is_running
        assert text(viewer) == before

    session(made, story)


def test_the_palette_moves_with_arrows_and_leaves_with_escape(made):
    async def story(pilot, viewer):
        await press(pilot, "ctrl+p")
        assert face(viewer) == "Palette"
        await press(pilot, "escape")
        assert face(viewer) == "dash"
        await press(pilot, ":", "o", "r", "d", "enter")
        assert face(viewer) == "orders"
        # The first row is the stop, then come the screens: the second of them.
        await press(pilot, ":", "down", "down", "enter")
        await until(pilot, lambda: face(viewer) == "trades")
        await press(pilot, ":", *"no such thing", "enter")
        assert face(viewer) == "trades"

    session(made, story)


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [*SIZES, (140, 16), (59, 15), (20, 5)])
def test_no_size_breaks_any_screen_and_the_stop_is_always_there(made, size):
    async def story(pilot, viewer):
        for key in ("1", "2", "3", "4", "6"):
            await press(pilot, key)
            await until(pilot, lambda: text(viewer).endswith("^X EMERG"))
            rows = text(viewer).splitlines()
            assert len(rows) == size[1]
            assert all(len(row) <= size[0] for row in rows)
        await press(pilot, "ctrl+x")
        assert face(viewer) == "Panel"

    session(made, story, size=size)
