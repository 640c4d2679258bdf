"""A lane answers the newest question of each kind, and nobody else's."""

import threading

from hfl_tui.link.lane import Lane

WAIT_S = 30.0


def test_of_each_kind_only_the_newest_question_is_answered():
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()
    answers: list[object] = []
    lane = Lane("test", hand=lambda answer: answer())

    def slow(is_wanted):
        begun.set()
        go_on.wait(WAIT_S)
        answers.append(("wanted", is_wanted()))
        return lambda: answers.append("slow")

    def job(name):
        return lambda is_wanted: lambda: answers.append((name, is_wanted()))

    lane.ask("a", slow)
    assert begun.wait(WAIT_S)
    for number in range(5):
        lane.ask("a", job(number))
    lane.ask("b", job("other"))
    lane.ask("c", lambda is_wanted: done.set)
    go_on.set()
    assert done.wait(WAIT_S)
    lane.end()

    assert answers == [("wanted", False), (4, True), ("other", True)]


def test_a_forgotten_question_is_not_answered_and_a_later_one_is():
    answers, done = [], threading.Event()
    first = threading.Event()
    lane = Lane("test", hand=lambda answer: answer())

    def waits(is_wanted):
        first.wait(WAIT_S)
        return lambda: answers.append("forgotten")

    lane.ask("a", waits)
    lane.forget("a")
    first.set()
    lane.ask("a", lambda is_wanted: lambda: answers.append("later"))
    lane.ask("b", lambda is_wanted: done.set)
    assert done.wait(WAIT_S)
    lane.end()

    assert answers == ["later"]


def test_a_screen_that_is_gone_does_not_end_the_lane():
    done = threading.Event()
    calls = []

    def hand(answer):
        calls.append(answer)
        if len(calls) == 1:
            raise RuntimeError("the loop is closed")
        answer()

    lane = Lane("test", hand=hand)
    lane.ask("a", lambda is_wanted: lambda: None)
    lane.ask("b", lambda is_wanted: done.set)
    assert done.wait(WAIT_S)
    lane.end()
