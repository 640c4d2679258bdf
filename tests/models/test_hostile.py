"""Hostile headlines through the whole way: only a size can shrink, and nothing raises."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import AskOpinion
from hfl_core.domain.orders import Purpose, Side
from hfl_core.runtime.desks import fault_of
from tests.engine.kit import D, Play
from tests.models.hostile import HOSTILE
from tests.models.kit import AAA, NOW, World, desk_of

GROUPS = [HOSTILE[start : start + 5] for start in range(0, len(HOSTILE), 5)]


def received(opinion) -> ev.OpinionReceived:
    return ev.OpinionReceived(
        symbol=opinion.symbol,
        desk=opinion.desk,
        source=opinion.source,
        version=opinion.version,
        score=ev.number_text(opinion.score),
        confidence=ev.number_text(opinion.confidence),
        rationale=opinion.rationale,
        evidence=(),
        made_ns=opinion.made_ns,
        valid_until_ns=1 << 62,
        degraded=False,
    )


def test_the_corpus_is_large():
    assert len(HOSTILE) >= 120
    assert len(set(HOSTILE)) == len(HOSTILE)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_headline_only_ever_shrinks_an_order(number):
    opinion = desk_of(HOSTILE[number]).ask(AAA, as_of_ns=NOW, deadline_s=5.0)
    asked = AskOpinion(symbol=AAA, desk="investor", as_of_ns=NOW, deadline_ns=NOW + 1)
    assert fault_of(opinion, asked) == ""

    for wish, side in (("long", Side.BUY), ("short", Side.SELL)):
        play = Play(desks=("investor",)).start()
        play.bar(100, wish)
        limits = play.engine.core.settings.limits_hash
        play.say(received(opinion))
        entries = play.live(Purpose.ENTRY)

        assert len(entries) <= 1
        for order in entries:
            assert (order.symbol, order.side) == ("AAA", side)
            assert 0 < order.quantity <= D(50)
        assert play.engine.core.settings.limits_hash == limits
        assert play.book.latches == {}


def test_one_hostile_headline_cannot_veto():
    for text in HOSTILE:
        opinion = desk_of(text).ask(AAA, as_of_ns=NOW, deadline_s=5.0)

        assert abs(opinion.score * opinion.confidence) <= 0.25


@pytest.mark.process
@pytest.mark.parametrize("texts", GROUPS[::4])
def test_hostile_headlines_reach_the_journal_and_nothing_else(texts):
    world = World("L.F.", desk_of(*texts))
    alone = World("L.F.")
    assert world.run() == alone.run() == "end_of_data"

    sent = [event.quantity for event in world.events(ev.OrderIntended)]
    bound = [event.quantity for event in alone.events(ev.OrderIntended)]
    assert all(quantity <= bound[0] for quantity in sent)
    for opinion in world.events(ev.OpinionReceived):
        assert len([world.journal.blob(sha) for sha in opinion.evidence]) == len(opinion.evidence)
