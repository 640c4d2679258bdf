"""What is said before a stop and behind it: costs, what stays open, and the proof that it holds."""

import dataclasses
from decimal import Decimal

import pytest

from hfl_tui.emergency import confirm
from hfl_tui.emergency.siren import Step, Trail
from hfl_tui.emergency.standing import closing_lines, left_open_lines, standing_lines
from hfl_tui.emergency.words import journal_lines, proof_lines, trail_lines
from hfl_tui.lines import text_of
from hfl_tui.link.picture import Happening
from hfl_tui.ports import Worth
from tests.tui.kit import NotedStopper, face, press, session, text, until
from tests.tui.pictures import NOW, SECOND, held, limit_stop, picture, stop, stopped, with_held
from tests.tui.sample import cost


def told(rows):
    return "\n".join(text_of(row) for row in rows)


def worth(equity, day):
    return Worth(
        equity=Decimal(equity), high_water_mark=Decimal(equity), starts={"day": Decimal(day)},
        time_ns=NOW, wall_ns=NOW,
    )  # fmt: skip


def test_closing_says_profit_less_cost_and_where_the_day_would_end():
    """2 at +1 each is 2, 3 short at +1 each is -3: -1, less 0.17 and 1.40; 990 - 1.57 - 1000."""
    shown = with_held(
        picture(worth=worth("990", "1000")),
        held("A", quantity="2", cost=cost("0.01", "0.02", "0.14")),
        held("B", quantity="-3", cost=cost("1.00", "0.40", "0")),
    )
    said = told(closing_lines(shown))

    assert "estimated cost 1.57 = spread 1.01 + slippage 0.42 + fee 0.14" in said
    assert "realises -2.57 after costs; the day would end at -11.57" in said


def test_a_position_whose_cost_nobody_knows_is_named_and_not_counted():
    shown = with_held(picture(), held("A", cost=cost("1", "1", "1")), held("B", mark=None))

    assert "cost       ?" in told(closing_lines(shown)).splitlines()[1]
    assert "1 without a price not counted" in told(closing_lines(shown))
    nothing = with_held(picture(), held("B", mark=None))
    assert "cost not known" in told(closing_lines(nothing))


def test_a_kill_names_what_stays_open_and_what_has_no_stop_at_the_broker():
    shown = with_held(picture(), held("A"), held("B", stop_place="!"), held("C", stop_place="-"))

    assert told(left_open_lines(shown)).startswith("left open: A b   B !   C -")
    assert "! B, C have no stop at the broker: CLOSE ALL first." in told(left_open_lines(shown))
    assert "no stop at the broker" not in told(left_open_lines(with_held(picture(), held("A"))))


def test_where_stops_rest_is_counted_by_place():
    shown = with_held(picture(), held("A"), held("B", stop_place="!"), held("C", stop_place="-"))
    said = told(standing_lines(shown))

    assert "engine IDLE   3 positions   0 open orders" in said
    assert "stops: 1 at broker, 1 engine only (B), 1 WITHOUT ANY STOP (C)" in said
    assert "NO DAEMON RUNS" in told(standing_lines(picture(is_running=False)))


TRAIL = Trail(verb="kill", request_id="abc", began_wall_ns=NOW)


def test_orders_let_out_behind_the_latch_are_counted_and_those_before_are_not():
    held_back = picture(entries_wall_ns=(NOW - 1, NOW), reducing_wall_ns=(NOW + 5,))
    broken = picture(entries_wall_ns=(NOW - 1, NOW + 1))

    assert "orders accepted since latch: 0, and 1 that only reduce" in told(
        proof_lines(TRAIL, held_back)
    )
    assert "orders accepted since latch: 1 " in told(proof_lines(TRAIL, broken))


def test_every_step_has_its_time_and_what_is_ahead_is_open():
    steps = (
        Step(event="latched", milliseconds=2.0, sentence="latch file written", wall_ns=NOW),
        Step(event="unreachable", milliseconds=9.0, sentence="no answer", wall_ns=NOW + SECOND),
        Step(event="deadline", milliseconds=1_002.0, sentence="SIGTERM", wall_ns=NOW + 2 * SECOND),
    )
    rows = told(trail_lines(dataclasses.replace(TRAIL, steps=steps), picture())).splitlines()

    assert rows[1].startswith("[x] ")
    assert "2 ms  latch file written" in rows[1]
    assert rows[2].startswith("[-] ")
    assert rows[3].startswith("[!] ")
    assert "1,002 ms  SIGTERM" in rows[3]
    assert [row for row in rows if row.startswith("[ ] ")][-1] == (
        "[ ] verify: ask the venue what is open"
    )


def test_two_viewers_say_the_same_of_a_stop_that_neither_made():
    latched = Happening(
        seq=12, time_ns=NOW, wall_ns=NOW, label="STOP", text="kill by screen:me pts/3: typed"
    )
    before = Happening(seq=3, time_ns=NOW, wall_ns=NOW, label="STOP", text="another one")
    one = dataclasses.replace(stop("k", level="kill"), seq=12, wall_ns=NOW)
    shown = picture(stops=(one,), happenings=(before, latched), seq=14)
    said = told(journal_lines(shown, one))

    assert "kill by screen:me pts/3: typed" in said
    assert "another one" not in said
    assert "orders accepted since latch: 0 (to row 14)" in said


# --- typed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["f", "k"])
def test_nothing_is_preset_and_nothing_has_the_focus(made, key):
    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", key)
        assert face(viewer) == "TypedStop"
        assert viewer.screen.field.value == ""
        assert viewer.focused is None

    session(made, story)


@pytest.mark.parametrize("keys", [("f",), ("k",), ("k", *"KILL")])
def test_a_question_that_nobody_answers_goes_away_and_nothing_was_done(made, monkeypatch, keys):
    monkeypatch.setattr(confirm, "EXPIRES_S", 0.2)
    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", *keys)
        await until(pilot, lambda: face(viewer) == "dash")

    session(made, story, stopper=stopper)
    assert stopper.verbs == []


def test_positions_are_counted_again_from_the_journal_when_enter_is_pressed(made):
    """What was shown may be a second old; what closes is what is there now."""
    stopper = NotedStopper()

    async def story(pilot, viewer):
        now = viewer.picture
        asked = []

        def fresh(timeout_s):
            asked.append(timeout_s)
            return with_held(now, held("A"), held("B"))

        viewer.follower.stop()
        viewer.follower.fresh = fresh
        viewer.take(with_held(now, held("A")))
        await press(pilot, "ctrl+x", "f", "1", "enter")
        await until(pilot, lambda: "that changed: type again" in text(viewer))
        assert asked
        assert stopper.verbs == []
        await press(pilot, "2", "enter")
        await until(pilot, lambda: stopper.latched == ["close_all"])

    session(made, story, stopper=stopper)


def test_why_halt_says_cause_value_who_and_what_is_open(made):
    async def story(pilot, viewer):
        viewer.follower.stop()
        shown = with_held(viewer.picture, held("A"), held("B", stop_place="!"))
        viewer.take(dataclasses.replace(shown, stops=(limit_stop(),)))
        await press(pilot, ":", *"why-halt", "enter")
        said = text(viewer)
        assert "daily loss" in said
        assert "24.20 against the limit of 24.10" in said
        assert "by         engine" in said
        assert "A long 1: stop rests at the broker" in said
        assert "B long 1: stop in the engine only" in said
        assert ":resume" in said
        await press(pilot, "escape")
        viewer.take(dataclasses.replace(shown, stops=()))
        await press(pilot, ":", *"why-halt", "enter")
        assert "nothing is stopped" in text(viewer) or "run ended" in text(viewer)

    session(made, story)


def test_a_stop_in_force_is_told_in_the_panel_of_a_viewer_that_did_not_make_it(made):
    async def story(pilot, viewer):
        viewer.follower.stop()
        viewer.take(stopped(viewer.picture, "pause-1", level="reduce_only"))
        await press(pilot, "ctrl+x")
        assert "reduce_only since" in text(viewer)
        assert "by cli:me (uid 0 pid 1): typed" in text(viewer)
        assert "in force, as the journal has it" in text(viewer)

    session(made, story, size=(140, 40))
