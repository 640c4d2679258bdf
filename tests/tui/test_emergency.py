"""The stop under Pilot: two keys from anywhere, and a full word before what loses money."""

import pytest

from tests.tui.kit import NotedStopper, face, press, session, text, until
from tests.tui.pictures import held, stopped, with_held


def test_control_x_twice_pauses_wherever_one_is(made):
    for keys in ((), ("2",), ("w",), (":",), ("?",), ("3", "slash")):
        stopper = NotedStopper()

        async def story(pilot, viewer, keys=keys):
            await press(pilot, *keys, "ctrl+x")
            assert face(viewer) == "Panel"
            await press(pilot, "ctrl+x")
            await until(pilot, lambda: viewer.siren.trail and viewer.siren.trail.exit_code == 0)
            await until(pilot, lambda: "acknowledged" in text(viewer))
            assert "orders accepted since latch: 0" in text(viewer)

        session(made, story, stopper=stopper)
        assert stopper.latched == ["pause"], keys


def test_control_x_once_changes_nothing_and_enter_neither(made):
    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", "enter", "space", "y")
        assert face(viewer) == "Panel"
        await press(pilot, "escape")
        assert face(viewer) == "dash"

    session(made, story, stopper=stopper)
    assert stopper.verbs == []


@pytest.mark.parametrize(("key", "verb"), [("p", "pause")])
def test_the_panel_pauses_without_a_word(made, key, verb):
    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", key)

    session(made, story, stopper=stopper)
    assert stopper.latched == [verb]


def test_the_panels_check_opens_the_limits(made):
    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", "r")
        await until(pilot, lambda: face(viewer) == "risk")

    session(made, story, stopper=stopper)
    assert stopper.verbs == []


@pytest.mark.parametrize(
    ("keys", "latched"),
    [
        (["k", *"KILL", "enter"], ["kill"]),
        (["k", "enter"], []),
        (["k", *"kill", "enter"], []),
        (["k", *"KIL", "enter"], []),
        (["k", *"KILL", "escape"], []),
        (["k", *"RESUME", "enter"], []),
        (["f", "enter"], []),
        (["f", *"KILL", "enter"], []),
    ],
)
def test_what_is_dangerous_is_typed_in_full(made, keys, latched):
    stopper = NotedStopper(steps=("acknowledged", "exited", "unchecked"))

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", *keys)
        await pilot.pause(0.05)

    session(made, story, stopper=stopper)
    assert stopper.latched == latched


def test_close_all_asks_for_the_number_of_positions_and_again_when_it_changed(made):
    stopper = NotedStopper()

    async def story(pilot, viewer):
        viewer.follower.stop()
        viewer.take(with_held(viewer.picture, held("A"), held("B")))
        await press(pilot, "ctrl+x", "f")
        assert "type 2 (positions)" in text(viewer)
        await press(pilot, "2")
        viewer.take(with_held(viewer.picture, held("A")))
        await until(pilot, lambda: "that changed: type again" in text(viewer))
        assert "type 1 (positions) then enter: _" in text(viewer)
        await press(pilot, "2", "enter")
        assert "nothing was done" in text(viewer)
        assert stopper.verbs == []
        await press(pilot, "1", "enter")
        await until(pilot, lambda: stopper.latched == ["close_all"])

    session(made, story, stopper=stopper)


def test_a_paste_is_not_taken_as_typed(made):
    from textual.events import Paste

    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, "ctrl+x", "k")
        viewer.screen.post_message(Paste("KILL"))
        await pilot.pause()
        await press(pilot, "enter")
        assert face(viewer) == "TypedStop"

    session(made, story, stopper=stopper)
    assert stopper.verbs == []


def test_resume_needs_the_word_and_a_reason_and_lifts_what_it_showed(made):
    stopper = NotedStopper()

    async def story(pilot, viewer):
        await press(pilot, ":", *"resume", "enter")
        assert "nothing is stopped" in text(viewer)
        viewer.follower.stop()
        viewer.take(stopped(viewer.picture, "pause-1", level="reduce_only"))
        await press(pilot, ":", *"resume", "enter")
        assert face(viewer) == "Resume"
        for typed in ("", "RESUME", "resume it is fine", "yes"):
            await press(pilot, *_keys(typed), "enter")
            assert stopper.lifted == []
        await press(pilot, *_keys("RESUME looked at it"), "enter")
        await until(pilot, lambda: stopper.lifted)
        assert stopper.lifted == [(("pause-1",), "looked at it")]

    session(made, story, stopper=stopper)


def test_a_refused_resume_says_why_and_stays(made):
    stopper = NotedStopper(refusal="not before the day is over")

    async def story(pilot, viewer):
        viewer.follower.stop()
        viewer.take(stopped(viewer.picture, "limit-1", level="reduce_only"))
        viewer.open_resume()
        await press(pilot, *_keys("RESUME now"), "enter")
        await until(pilot, lambda: "not before the day is over" in text(viewer))

    session(made, story, stopper=stopper)


def _keys(typed):
    return ["space" if letter == " " else letter for letter in typed]
