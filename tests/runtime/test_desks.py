"""Asking desks: every question is answered once, and only by a usable opinion."""

import hashlib
import threading
import time

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import AskOpinion
from hfl_core.domain.ids import Symbol
from hfl_core.domain.opinions import Opinion
from hfl_core.domain.values import with_changes
from hfl_core.runtime.desks import EVIDENCE_MAX, Desks, fault_of
from hfl_core.runtime.workers import InlineWorkers

QUESTION = AskOpinion(symbol=Symbol("AAA"), desk="market", as_of_ns=100, deadline_ns=200)
OPINION = Opinion(
    symbol=Symbol("AAA"),
    desk="market",
    source="s",
    version="1",
    score=-0.5,
    confidence=0.25,
    rationale="because",
    evidence=(),
    made_ns=100,
    valid_until_ns=300,
)
TEXT = b"a text"
SHA = hashlib.sha256(TEXT).hexdigest()


class Fixed:
    desk = "market"

    def __init__(self, opinion, texts=()):
        self.opinion = opinion
        self.texts = dict(texts)

    def ask(self, symbol, *, as_of_ns, deadline_s):
        return self.opinion

    def blob(self, sha):
        return self.texts[sha]


def told(source, question=QUESTION):
    desks = Desks([source], workers=InlineWorkers())
    answers: list[list[ev.Event]] = []
    desks.ask(question, answers.append)
    return desks, answers


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "EVIL"},
        {"desk": "banker"},
        {"score": 1.01},
        {"score": float("nan")},
        {"score": float("inf")},
        {"confidence": -0.01},
        {"confidence": float("nan")},
        {"rationale": "x" * 2_001},
        {"rationale": "\ud800"},
        {"source": "\udfff"},
        {"made_ns": 101},
        {"evidence": tuple(map(str, range(EVIDENCE_MAX + 1)))},
    ],
)
def test_an_unusable_answer_is_degraded_and_not_used(changes):
    _, answers = told(Fixed(with_changes(OPINION, **changes)))

    assert [type(one) for one in answers[0]] == [ev.Degraded]
    assert len(answers) == 1


def test_a_usable_answer_comes_as_it_was_given():
    _, answers = told(Fixed(OPINION))
    (received,) = answers[0]

    assert (received.score, received.confidence, received.valid_until_ns) == ("-0.5", "0.25", 300)
    assert fault_of(OPINION, QUESTION) == ""


def test_the_evidence_can_be_taken_once():
    desks, _ = told(Fixed(with_changes(OPINION, evidence=(SHA,)), {SHA: TEXT}))

    assert (desks.take_evidence(SHA), desks.take_evidence(SHA)) == (TEXT, None)


@pytest.mark.parametrize("texts", [{}, {SHA: b"another text"}, {SHA: b"x" * 1_000_001}])
def test_evidence_that_is_missing_wrong_or_too_large_refuses_the_answer(texts):
    desks, answers = told(Fixed(with_changes(OPINION, evidence=(SHA,)), texts))

    assert [type(one) for one in answers[0]] == [ev.Degraded]
    assert desks.take_evidence(SHA) is None


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError(), ValueError()])
def test_whatever_a_desk_raises_the_question_is_answered_once(error):
    class Raising(Fixed):
        def ask(self, symbol, *, as_of_ns, deadline_s):
            raise error

    _, answers = told(Raising(OPINION))

    assert [[type(one) for one in answer] for answer in answers] == [[ev.Degraded]]


def test_a_desk_that_answers_nothing_at_all_is_degraded():
    _, answers = told(Fixed(None))

    assert [type(one) for one in answers[0]] == [ev.Degraded]


@pytest.mark.process
def test_a_late_answer_is_thrown_away_and_the_desk_is_asked_again_when_it_is_back():
    back = threading.Event()

    class Late(Fixed):
        def ask(self, symbol, *, as_of_ns, deadline_s):
            back.wait(1_000)
            return self.opinion

    desks = Desks([Late(OPINION)], deadline_s=0.05)
    answers: list[list[ev.Event]] = []
    told_ = threading.Semaphore(0)

    def tell(events: list[ev.Event]) -> None:
        answers.append(events)
        told_.release()

    desks.ask(QUESTION, tell)
    assert told_.acquire(timeout=60)
    back.set()
    until_s = time.monotonic() + 60
    while desks._desks["market"].current is not None and time.monotonic() < until_s:
        time.sleep(0.01)
    assert [type(one) for one in answers[0]] == [ev.Degraded]
    assert len(answers) == 1

    # In time this time, however busy the machine is.
    desks._deadline_s = 60.0
    desks.ask(QUESTION, tell)
    assert told_.acquire(timeout=60)
    desks.close()

    assert [type(one) for one in answers[1]] == [ev.OpinionReceived]
