"""The inbox: commands first, answers in order, effects counted, both queues bounded."""

import threading

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import BrokerError
from hfl_core.runtime.inbox import ANSWERS_MAX, COMMANDS_MAX, Inbox, Letter
from hfl_core.runtime.workers import InlineWorkers, ThreadWorkers
from tests.engine.kit import command


def tick(number: int) -> ev.TimePassed:
    return ev.TimePassed(due_ns=number)


def drained(inbox: Inbox) -> list[ev.Event]:
    found = []
    while (letter := inbox.take(0)) is not None:
        found.append(letter.event)
    return found


def test_commands_overtake_answers_and_answers_keep_their_order():
    inbox = Inbox()
    inbox.expect()
    inbox.put_answers([tick(1), tick(2)], actor="broker")
    inbox.put_command(command("pause", "a"), actor="human")
    inbox.put_command(command("kill", "b"), actor="human")

    assert drained(inbox) == [command("pause", "a"), command("kill", "b"), tick(1), tick(2)]


def test_a_letter_names_its_sender():
    inbox = Inbox()
    inbox.put_command(command("pause"), actor="human")
    letter = inbox.take(0)

    assert letter is not None
    assert letter.actor == "human"


def test_every_effect_is_counted_until_its_answer_even_an_empty_one():
    inbox = Inbox()
    for _ in range(3):
        inbox.expect()
    inbox.put_answers([], actor="broker")
    inbox.put_answers([tick(1), tick(2)], actor="broker")

    assert inbox.outstanding == 1
    assert not inbox.is_empty


def test_a_full_queue_of_commands_takes_no_more():
    inbox = Inbox()
    taken = [
        inbox.put_command(command("pause", str(n)), actor="x") for n in range(COMMANDS_MAX + 1)
    ]

    assert taken == [True] * COMMANDS_MAX + [False]


def test_too_many_answers_end_the_run_with_a_sentence():
    inbox = Inbox()
    inbox.expect()
    inbox.expect()
    inbox.put_answers([tick(1)] * ANSWERS_MAX, actor="broker")
    inbox.put_answers([tick(1)], actor="broker")
    with pytest.raises(BrokerError, match=r"expected at most 10000 answers .* found 10001: start"):
        inbox.take(0)


def test_the_first_failure_counts_and_comes_before_everything_that_waits():
    inbox = Inbox()
    inbox.put_command(command("pause"), actor="human")
    inbox.fail(AssertionError("first"))
    inbox.fail(AssertionError("second"))
    for _ in range(2):
        with pytest.raises(AssertionError, match="first"):
            inbox.take(30)


@pytest.mark.process
def test_a_waiting_engine_is_woken_by_a_failure():
    inbox = Inbox()
    timer = threading.Timer(0.05, lambda: inbox.fail(AssertionError("false")))
    timer.start()
    with pytest.raises(AssertionError, match="false"):
        inbox.take(30)
    timer.join()


def test_an_empty_inbox_gives_nothing_at_once():
    assert Inbox().take(0) is None
    assert Inbox().is_empty


@pytest.mark.process
def test_no_letter_is_lost_or_reordered_between_threads():
    inbox, threads, each = Inbox(), 4, 200
    for _ in range(threads * each):
        inbox.expect()

    def send(sender: int) -> None:
        for number in range(each):
            inbox.put_answers([tick(sender * each + number)], actor=str(sender))

    senders = [threading.Thread(target=send, args=(n,)) for n in range(threads)]
    for sender in senders:
        sender.start()
    found: list[Letter] = []
    while len(found) < threads * each:
        letter = inbox.take(60)
        assert letter is not None
        found.append(letter)
    for sender in senders:
        sender.join()

    assert inbox.outstanding == 0
    for number in range(threads):
        mine = [letter.event for letter in found if letter.actor == str(number)]

        assert mine == [tick(number * each + n) for n in range(each)]


@pytest.mark.process
def test_a_waiting_engine_is_woken_by_a_command():
    inbox = Inbox()
    timer = threading.Timer(0.05, lambda: inbox.put_command(command("kill"), actor="human"))
    timer.start()
    letter = inbox.take(60)
    timer.join()

    assert letter is not None
    assert letter.event == command("kill")


@pytest.mark.process
def test_a_hanging_job_does_not_hold_the_others_up():
    workers, gate, done = ThreadWorkers(2), threading.Event(), threading.Event()
    workers.submit(lambda: gate.wait(1_000))  # type: ignore[arg-type]
    workers.submit(done.set)

    assert done.wait(60)
    gate.set()
    workers.close()


def test_inline_workers_run_at_once():
    seen: list[int] = []
    workers = InlineWorkers()
    workers.submit(lambda: seen.append(1))
    workers.close()

    assert seen == [1]
