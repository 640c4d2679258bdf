"""The replay screen on a real journal: every key does what it says, and the future stays hidden."""

import sqlite3

from hfl_core.domain import events as ev
from hfl_core.engine.book import Book
from hfl_tui.actions import actions_of
from hfl_tui.app import Viewer
from hfl_tui.link.track import INTERESTING
from tests.tui.cut import cut_behind, journal_rows
from tests.tui.kit import copy_of, drive, face, press, session, text, until
from tests.tui.pictures import NOW
from tests.tui.sample import PICTURE, sample_outfit

rows = journal_rows


async def at(pilot, seq):
    """Wait until a row is shown, with all that takes longer."""
    replay = pilot.app.face("replay")
    await until(pilot, lambda: replay.moment_shown is not None and replay.moment_shown.seq == seq)
    await until(pilot, lambda: replay.aside.is_whole)
    await pilot.pause()
    return replay


async def go_to(pilot, seq):
    await press(pilot, "5", "g", *str(seq), "enter")
    return await at(pilot, seq)


def seq_of(rows, kind, place=-1):
    return [row.seq for row in rows if row.kind == kind][place]


def test_five_opens_the_past_at_its_end_and_says_that_it_is_not_now(made, rows):
    async def story(pilot, viewer):
        await press(pilot, "5")
        await at(pilot, rows[-1].seq)
        shown = text(viewer)
        assert "REPLAY" in shown
        assert "NOT LIVE" in shown
        assert "live: NO DAEMON" in shown
        assert f"row {rows[-1].seq:,} {rows[-1].kind}" in shown
        await press(pilot, "escape")
        assert face(viewer) == "dash"
        assert "NOT LIVE" not in text(viewer)

    session(made, story)


def test_brackets_step_row_by_row_and_stay_inside(made, rows):
    async def story(pilot, viewer):
        await press(pilot, "5")
        await at(pilot, rows[-1].seq)
        await press(pilot, "[", "[", "left")
        await at(pilot, rows[-1].seq - 3)
        await press(pilot, "]", "right")
        await at(pilot, rows[-1].seq - 1)
        await press(pilot, "]", "]", "]")
        await at(pilot, rows[-1].seq)
        await press(pilot, "home")
        await at(pilot, 1)
        await press(pilot, "[")
        await at(pilot, 1)
        await press(pilot, "end")
        await at(pilot, rows[-1].seq)

    session(made, story)


def test_many_presses_at_once_all_count(made, rows):
    async def story(pilot, viewer):
        await press(pilot, "5")
        await at(pilot, rows[-1].seq)
        await pilot.press(*["["] * 40)
        await at(pilot, rows[-1].seq - 40)

    session(made, story)


def test_braces_go_to_what_is_worth_a_look(made, rows):
    loud = [row.seq for row in rows if row.kind in INTERESTING]

    async def story(pilot, viewer):
        await press(pilot, "5")
        await at(pilot, rows[-1].seq)
        last = [seq for seq in loud if seq < rows[-1].seq]
        await press(pilot, "{")
        await at(pilot, last[-1])
        await press(pilot, "{", "{")
        await at(pilot, last[-3])
        await press(pilot, "}")
        await at(pilot, last[-2])

    session(made, story)


def test_what_is_shown_is_what_was_known_then(made, rows):
    seq = seq_of(rows, "Filled", 3)
    book = Book()
    for row in rows[:seq]:
        book.apply(row.event, row.time_ns)

    async def story(pilot, viewer):
        replay = await go_to(pilot, seq)
        shown = text(viewer)
        assert f"{book.equity:,.2f}" in shown
        assert f"engine    {book.state}" in shown
        for position in book.positions.values():
            assert position.symbol in shown
        assert book.run_id in shown
        moment = replay.moment_shown
        assert {one.name: one.now for one in moment.picture.gauges} != {
            one.name: one.now for one in viewer.picture.gauges
        }

    session(made, story, size=(140, 40))


def test_the_whole_screen_is_that_of_a_journal_that_ends_there(made, rows, tmp_path):
    """Whatever is drawn, and whatever is told of the step, comes from no later row."""
    seqs = [seq_of(rows, kind, 2) for kind in ("SignalEmitted", "Filled", "OrderAccepted")]
    shown = {}

    def story_of(seq, where):
        async def story(pilot, viewer):
            await go_to(pilot, seq)
            # The first row has the live bot's state in it.
            shown[seq, where] = text(viewer).splitlines()[1:]

        return story

    for seq in seqs:
        session(made, story_of(seq, "whole"), size=(140, 40))
        cut = cut_behind(made, tmp_path / str(seq), seq)
        home = type(made)(folder=cut, home=made.home)
        session(home, story_of(seq, "cut"), size=(140, 40))
        left = [line for line in shown[seq, "whole"] if "today's code" not in line]
        right = [line for line in shown[seq, "cut"] if "today's code" not in line]
        assert left == right, seq


def test_u_reveals_what_came_and_the_next_step_hides_it_again(made, rows):
    seq = seq_of(rows, "SignalEmitted", 2)

    async def story(pilot, viewer):
        replay = await go_to(pilot, seq)
        hidden = text(viewer)
        assert "hidden; u reveals" in hidden
        assert replay.moment_shown.chart.ahead == ()
        await press(pilot, "u")
        await until(pilot, lambda: replay.aside.is_whole and replay.moment_shown.is_revealed)
        await until(pilot, lambda: "bars later" in text(viewer))
        assert replay.moment_shown.chart.ahead
        await press(pilot, "u")
        await until(pilot, lambda: text(viewer) == hidden)
        await press(pilot, "u")
        await until(pilot, lambda: replay.moment_shown.is_revealed)
        await press(pilot, "]")
        await at(pilot, seq + 1)
        assert "hidden; u reveals" in text(viewer)
        assert replay.moment_shown.chart.ahead == ()

    session(made, story)


def test_space_lets_time_run_and_stops_it_and_angles_change_its_pace(made, rows):
    async def story(pilot, viewer):
        replay = await go_to(pilot, 50)
        for _ in range(9):
            await press(pilot, ">")
        assert "speed 250x" in text(viewer)
        await press(pilot, "<", "<", "<")
        assert "speed 5x" in text(viewer)
        await press(pilot, ">", ">")
        await press(pilot, "space")
        assert "PLAYS" in text(viewer)
        await until(pilot, lambda: replay.moment_shown.seq > 80)
        await press(pilot, "space")
        assert "PLAYS" not in text(viewer)
        await until(pilot, lambda: replay.aim.is_empty)
        stands = replay.moment_shown.seq
        await pilot.pause(0.6)
        assert replay.moment_shown.seq == stands

    session(made, story)


def test_it_stops_by_itself_at_the_end(made, rows):
    async def story(pilot, viewer):
        await go_to(pilot, rows[-1].seq - 4)
        for _ in range(5):
            await press(pilot, ">")
        await press(pilot, "space")
        await at(pilot, rows[-1].seq)
        await until(pilot, lambda: "PLAYS" not in text(viewer))

    session(made, story)


def test_g_takes_times_rows_trades_and_spans_and_says_what_it_expects(made, rows):
    row = rows[len(rows) // 2]

    async def story(pilot, viewer):
        from hfl_tui.formats import clock, day

        await press(pilot, "5", "g", *f"{day(row.time_ns)} {clock(row.time_ns)}", "enter")
        last = max(one.seq for one in rows if one.time_ns <= row.time_ns)
        replay = await at(pilot, last)
        await press(pilot, "g", *"next tuesday", "enter")
        assert face(viewer) == "Prompt"
        assert "expected 2020-03-12 10:00" in text(viewer)
        await press(pilot, "escape", "g", *"T-2", "enter")
        await until(pilot, lambda: replay.moment_shown.kind == "SignalEmitted")
        since = replay.moment_shown.time_ns - 2 * 86_400 * 10**9
        await press(pilot, "g", *"-2d", "enter")
        await at(pilot, max(one.seq for one in rows if one.time_ns <= since))
        await press(pilot, "g", *"T-99999", "enter")
        await until(pilot, lambda: "expected a trade from 1 to" in text(viewer))

    session(made, story)


def test_r_on_a_trade_a_skip_an_order_and_a_log_row_opens_their_moment(made, rows):
    async def story(pilot, viewer):
        await press(pilot, "2")
        await until(pilot, lambda: viewer.screen.table.rows)
        trade = viewer.screen._trades[int(viewer.screen.table.selected)]
        await press(pilot, "R")
        replay = viewer.face("replay")
        await until(pilot, lambda: replay.moment_shown is not None)
        moment = replay.moment_shown
        assert (moment.kind, moment.symbol) == ("SignalEmitted", trade.symbol)
        assert moment.time_ns <= trade.opened_ns
        await press(pilot, "escape")
        assert face(viewer) == "trades"
        await press(pilot, "v")
        skip = next(iter(viewer.screen._skips.values()))
        viewer.screen.table.select(f"{skip.seq} {skip.symbol}")
        await press(pilot, "R")
        await at(pilot, skip.seq)
        await press(pilot, "3")
        order = viewer.screen.table.selected
        intended = next(row.seq for row in rows if isinstance(row.event, ev.OrderIntended)
                        and row.event.client_id == order)  # fmt: skip
        await press(pilot, "R")
        await at(pilot, intended)
        await press(pilot, "6", "j", "j")
        selected = int(viewer.screen.table.selected)
        await press(pilot, "R")
        await at(pilot, selected)

    session(made, story)


def test_r_works_on_the_dashboard_and_in_a_reason_and_says_so_where_nothing_is(made, rows):
    async def story(pilot, viewer):
        await press(pilot, "shift+tab", "j")
        selected = int(viewer.screen.activity.selected)
        await press(pilot, "R")
        await at(pilot, selected)
        await press(pilot, "1", "w")
        await until(pilot, lambda: "Verdict" in text(viewer))
        await press(pilot, "R")
        assert face(viewer) == "replay"
        await at(pilot, viewer.picture.decision.seq)

    session(made, story)


def test_w_tells_the_step_and_nothing_later(made, rows):
    seq = seq_of(rows, "OrderIntended", 3)

    async def story(pilot, viewer):
        await go_to(pilot, seq)
        await press(pilot, "w")
        await until(pilot, lambda: viewer.screen.told.told)
        shown = text(viewer)
        assert "NOT LIVE" in shown
        assert "filled" not in shown
        rows_told = [row for part in viewer.screen.told.told.sections for row in part.rows]
        assert any("journal rows" in row and f"to {seq:,}," in row for row in rows_told)
        await press(pilot, "escape")
        assert face(viewer) == "replay"

    session(made, story, size=(140, 40))


def test_c_shows_the_next_instrument_and_arrows_scroll_what_is_told(made, rows):
    seq = seq_of(rows, "SignalEmitted", 2)

    async def story(pilot, viewer):
        replay = await go_to(pilot, seq)
        known = replay.moment_shown.chart.symbols
        seen = [replay.moment_shown.symbol]
        for _ in known:
            before = replay.moment_shown.symbol
            await press(pilot, "c")
            await until(pilot, lambda one=before: replay.moment_shown.symbol != one)
            seen.append(replay.moment_shown.symbol)
        assert seen[0] == seen[-1]
        assert set(seen) == set(known)
        await at(pilot, seq)
        top = text(viewer)
        await press(pilot, "pagedown")
        assert text(viewer) != top
        await press(pilot, "pageup")
        assert text(viewer) == top
        await press(pilot, "j")
        assert text(viewer) != top
        await press(pilot, "k")
        assert text(viewer) == top

    session(made, story)


def test_todays_code_is_the_same_and_a_changed_journal_is_different(made, rows, tmp_path):
    seq = seq_of(rows, "SignalEmitted", 2)
    changed = copy_of(made.folder, tmp_path / "changed")
    with sqlite3.connect(changed / "journal" / "paper-main.sqlite") as connection:
        connection.execute("DROP TRIGGER event_no_update")
        (body,) = connection.execute("SELECT body FROM event WHERE seq = ?", (seq,)).fetchone()
        other = body.replace(b'"rationale":"', b'"rationale":"not what it said: ')
        assert other != body
        connection.execute("UPDATE event SET body = ? WHERE seq = ?", (other, seq))
    connection.close()

    async def same(pilot, viewer):
        replay = await go_to(pilot, seq)
        assert replay.aside.again.mark == "SAME"
        assert " SAME " in text(viewer)

    async def different(pilot, viewer):
        replay = await go_to(pilot, seq)
        assert replay.aside.again.mark == "DIFFERENT"
        assert f"first difference at row {seq:,} SignalEmitted" in text(viewer)
        await press(pilot, "x")
        await until(pilot, lambda: viewer.screen.told.told)
        shown = text(viewer)
        assert "Today's code" in shown
        assert "recorded" in shown
        assert "not what it said" in shown
        assert "replayed" in shown
        await press(pilot, "escape")
        assert face(viewer) == "replay"

    session(made, same, size=(140, 40))
    session(type(made)(folder=changed, home=made.home), different, size=(140, 40))


def test_i_asks_what_if_and_a_wrong_setting_is_one_sentence(made):
    async def story(pilot, viewer):
        await press(pilot, "5", "i", "enter")
        assert "expected KEY=VALUE, found nothing" in text(viewer)
        await press(pilot, *"positions", "enter")
        await until(pilot, lambda: "expected KEY=VALUE, found 'positions'" in text(viewer))
        await press(pilot, "escape")
        assert face(viewer) == "replay"
        await press(pilot, "i", *"risk.limits.nonsense=1", "enter")
        await until(pilot, lambda: "found 'nonsense': correct it" in text(viewer))

    session(made, story, size=(140, 40))


def test_l_goes_live_and_the_stop_is_about_the_running_bot(made):
    async def story(pilot, viewer):
        await press(pilot, "5", "ctrl+x")
        assert face(viewer) == "Panel"
        assert "EMERGENCY - LIVE ENGINE" in text(viewer)
        await press(pilot, "escape", "L")
        assert face(viewer) == "dash"
        await press(pilot, "ctrl+x")
        assert "LIVE ENGINE" not in text(viewer)

    session(made, story)


def test_a_home_without_a_journal_says_so_and_every_key_is_harmless(tmp_path):
    async def story():
        viewer = Viewer(sample_outfit(tmp_path), clock=lambda: NOW, follows=False)
        async with viewer.run_test(size=(140, 40)) as pilot:
            viewer.take(PICTURE)
            await press(pilot, "5")
            await until(pilot, lambda: "expected a journal" in text(viewer))
            for action in actions_of("replay"):
                if action.name not in {"leave", "go_live", "back", "emergency"}:
                    viewer.do(action.name)
                    await pilot.pause()
                    while face(viewer) != "replay":
                        viewer.screen.dismiss() if face(viewer) == "Prompt" else viewer.show(
                            "replay"
                        )
                        await pilot.pause()
            await press(pilot, "escape")
            assert face(viewer) == "dash"

    drive(story())
