"""Two presses in time stop the bot once, latch first, on the thread that pressed."""

import threading

import pytest

from hfl_tui.emergency.siren import WINDOW_S, Siren
from hfl_tui.ports import Stop
from tests.tui.kit import NotedStopper


def test_one_press_does_nothing_and_a_second_in_time_pauses():
    stopper = NotedStopper()
    siren = Siren(stopper)

    assert siren.press(100.0) is False
    assert stopper.latched == []
    assert siren.press(100.0 + WINDOW_S) is True
    assert stopper.latched == ["pause"]
    siren.wait(5)
    assert siren.trail is not None
    assert siren.trail.events == ("latched", "acknowledged")
    assert siren.trail.exit_code == 0


def test_presses_too_far_apart_do_nothing_however_many():
    stopper = NotedStopper()
    siren = Siren(stopper)

    assert not any(siren.press(number * (WINDOW_S + 0.01)) for number in range(10))
    assert stopper.verbs == []


def test_a_key_held_down_is_one_pause():
    stopper = NotedStopper()
    siren = Siren(stopper)
    for number in range(30):
        siren.press(number * 0.03)
    siren.wait(5)

    assert stopper.latched == ["pause"]


def test_the_latch_is_written_by_the_caller_before_it_returns():
    threads: list[str] = []
    climbed = threading.Event()

    class Slow:
        def prepare(self, verb):
            def climb(say):
                climbed.wait(30)
                return 0

            def latch():
                threads.append(threading.current_thread().name)
                return "written"

            return Stop(verb=verb, request_id="1", latch=latch, climb=climb)

        def lift(self, latch_ids, reason):
            raise AssertionError

    siren = Siren(Slow())
    siren.stop("kill")

    assert threads == [threading.current_thread().name]
    assert siren.trail is not None
    assert siren.trail.exit_code is None
    climbed.set()
    siren.wait(5)


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError("bad id")])
def test_a_latch_that_cannot_be_written_is_told_and_the_ladder_goes_on(error):
    class Broken(NotedStopper):
        def prepare(self, verb):
            stop = super().prepare(verb)

            def latch():
                raise error

            return Stop(verb=verb, request_id=stop.request_id, latch=latch, climb=stop.climb)

    siren = Siren(Broken())
    siren.stop("pause")
    siren.wait(5)

    assert siren.trail is not None
    assert siren.trail.events == ("latch_failed", "acknowledged")


def test_a_kill_after_a_pause_is_another_stop():
    stopper = NotedStopper()
    siren = Siren(stopper)
    siren.stop("pause")
    siren.stop("kill")
    siren.wait(5)

    assert stopper.latched == ["pause", "kill"]
    assert siren.trail is not None
    assert siren.trail.verb == "kill"
