"""Opinions: the machine rests until they are in or late; they shrink or veto, and nothing else."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.effects import AskOpinion
from hfl_core.domain.opinions import Evidence
from hfl_core.domain.orders import Purpose, Side
from hfl_core.engine.blending import blend
from tests.engine.kit import RULES, D, Play, command, instrument, kinds, of_kind, row

FOREVER = 1 << 62


def opinion(
    symbol: str = "AAA",
    *,
    desk: str = "market",
    score: str = "1.0",
    confidence: str = "1.0",
    valid_until_ns: int = FOREVER,
) -> ev.OpinionReceived:
    return ev.OpinionReceived(
        symbol=symbol,
        desk=desk,
        source="model",
        version="1",
        score=score,
        confidence=confidence,
        rationale="because",
        evidence=(),
        made_ns=0,
        valid_until_ns=valid_until_ns,
        degraded=False,
    )


def asked(*desks: str) -> Play:
    play = Play(desks=desks or ("market",)).start()
    play.bar(100, "long")
    return play


def last_reason(play: Play) -> str:
    return str(of_kind(play.events, ev.RiskAssessed)[-1].reason)


def test_the_machine_rests_in_signalling_while_desks_are_asked():
    play = asked("market", "banker")

    assert play.book.state == "signalling"
    assert [effect.desk for effect in of_kind(play.effects, AskOpinion)] == ["market", "banker"]
    assert [event.desk for event in of_kind(play.events, ev.OpinionAsked)] == ["market", "banker"]


def test_it_waits_for_the_last_desk():
    play = asked("market", "banker")
    play.say(opinion(desk="banker"))
    between = play.book.state
    play.say(opinion(desk="market"))

    assert (between, play.book.state) == ("signalling", "executing")


def test_at_the_deadline_it_goes_on_without_them():
    play = asked()
    play.run_timers(19.9)
    before = play.book.state
    play.run_timers(0.2)

    assert (before, play.book.state) == ("signalling", "executing")
    assert play.only(Purpose.ENTRY).quantity == D(50)


def test_a_dead_desk_does_not_veto_by_the_age_of_the_price():
    """The price may be as old as the deadline: waiting for an opinion is no fault of the bar."""
    play = Play(desks=("market",), rules=RULES).start()
    play.bar(100, "long")
    play.run_timers(20)

    assert last_reason(play) == ""
    assert play.only(Purpose.ENTRY).quantity == D(50)


def test_an_opposing_opinion_shrinks_the_size():
    play = asked()
    play.say(opinion(score="-0.5", confidence="0.8"))

    assert play.only(Purpose.ENTRY).quantity == D(30)


def test_a_strong_opposition_vetoes_and_says_so():
    play = asked()
    events = play.say(opinion(score="-1.0", confidence="0.5"))

    assert kinds(events) == ["SignalEmitted", "RiskAssessed", "Transitioned"]
    assert (last_reason(play), play.book.state, play.book.live) == ("OPINION_VETO", "idle", {})


def test_opinions_that_weaken_the_score_below_the_threshold_end_it():
    play = Play(desks=("market",), opinion_veto=2.0).start()
    play.bar(100, "long")
    play.say(opinion(score="-0.95"))

    assert (last_reason(play), play.book.live) == ("SIGNAL_WEAK", {})


def test_a_pause_while_waiting_ends_the_candidate():
    play = asked()
    play.say(command("pause"))
    play.say(opinion())

    assert (last_reason(play), play.book.live) == ("REDUCE_ONLY", {})


def test_an_opinion_that_has_expired_is_not_heard():
    play = asked()
    play.say(opinion(score="-1.0", valid_until_ns=play.now - 1))

    assert play.book.state == "signalling"


@pytest.mark.parametrize("stranger", [opinion("ZZZ"), opinion(desk="stranger")])
def test_an_opinion_that_nobody_asked_for_changes_nothing(stranger):
    play = asked()

    assert play.say(stranger) == []
    assert play.book.state == "signalling"


def test_an_opinion_that_comes_too_late_changes_nothing():
    play = asked()
    play.run_timers(21)
    orders = list(play.book.orders)
    play.say(opinion(score="-1.0"))

    assert list(play.book.orders) == orders


def test_every_candidate_asked_ends_with_a_reason_even_when_refused_again():
    play = Play(desks=("market",), rules=RULES, instruments=(instrument(currency="EUR"),)).start()
    for _ in range(3):
        play.bar(100, "long")
        play.say(opinion())

    reasons = [event.reason for event in of_kind(play.events, ev.RiskAssessed)]
    assert reasons == ["RISK_CURRENCY"] * 3


def test_a_kill_while_waiting_lets_nothing_out():
    play = asked()
    play.say(command("kill"))
    play.say(opinion())

    assert (play.book.state, play.book.live) == ("halted", {})


def test_an_exit_does_not_wait_for_opinions():
    play = Play(desks=("market",), instruments=(instrument("AAA"), instrument("BBB"))).start()
    play.bar(100, "long")
    play.say(opinion())
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    play.accept(play.only(Purpose.PROTECTION))
    play.slot(row(100, "flat"), row(100, "long", index=1))

    assert len(play.live(Purpose.EXIT)) == 0
    assert play.book.state == "signalling"
    assert play.position().exit_reason == "signal: wants flat"
    stop = play.only(Purpose.PROTECTION).client_id
    play.say(ev.CancelAnswered(client_id=stop, answer="cancelled", text=""))

    assert len(play.live(Purpose.EXIT)) == 1


SCORES = st.floats(-1, 1, allow_nan=False)
SHARES = st.floats(0, 1, allow_nan=False)


def evidence(score: float, confidence: float) -> Evidence:
    return Evidence(score=score, confidence=confidence, numbers=(), rationale="r")


@given(SCORES, SHARES, st.lists(st.tuples(SCORES, SHARES), max_size=4))
def test_an_opinion_never_raises_a_size_or_flips_a_side(score, confidence, said):
    opinions = tuple(opinion(score=str(s), confidence=str(c)) for s, c in said)
    alone = blend("s", evidence(score, confidence), (), veto=0.5)
    blended = blend("s", evidence(score, confidence), opinions, veto=0.5)

    assert Decimal(0) <= blended.size_factor <= alone.size_factor == 1
    assert abs(blended.score) <= abs(alone.score)
    assert blended.score * alone.score >= 0
    assert len(blended.weights) == 1 + len(opinions)


@given(SCORES, SHARES)
def test_an_opinion_on_our_side_changes_nothing(score, confidence):
    assume(score * confidence)
    ours = opinion(score="1.0" if score > 0 else "-1.0")
    alone = blend("s", evidence(score, confidence), (), veto=0.5)
    blended = blend("s", evidence(score, confidence), (ours,), veto=0.5)

    assert (blended.score, blended.size_factor) == (alone.score, alone.size_factor)
    assert not blended.is_vetoed


@pytest.mark.parametrize(
    ("said", "is_vetoed"),
    [(("-1.0", "0.49"), False), (("-1.0", "0.5"), True), (("1.0", "1.0"), False)],
)
def test_the_veto_begins_exactly_at_its_threshold(said, is_vetoed):
    opinions = (opinion(score=said[0], confidence=said[1]),)

    assert blend("s", evidence(1.0, 1.0), opinions, veto=0.5).is_vetoed is is_vetoed


def test_a_short_is_opposed_by_an_opinion_that_sees_it_rise():
    play = Play(desks=("market",)).start()
    play.bar(100, "short")
    play.say(opinion(score="0.4"))
    order = play.only(Purpose.ENTRY)

    assert (order.side, order.quantity) == (Side.SELL, D(30))
