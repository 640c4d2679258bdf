"""The market breaker: many markets broken at once stop all entries, until few are left."""

import json

import pytest

from hfl_core.domain import effects as ef
from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.orders import OrderStatus, Purpose
from hfl_core.domain.values import with_changes
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from tests.engine.kit import HOUR, RULES, D, Play, instrument, limits, of_kind, row, settings

FOUR = tuple(instrument(name) for name in ("AAA", "BBB", "CCC", "DDD"))
CALM_BARS = 2
BOUNDS = limits(
    breaker_move_fraction_max=D("0.15"),
    breaker_calm_bars=CALM_BARS,
    breaker_market_fraction_max=D("0.5"),
    daily_loss_fraction_max=D("0.9"),
    weekly_loss_fraction_max=D("0.9"),
    monthly_loss_fraction_max=D("0.9"),
    drawdown_fraction_max=D("0.9"),
)


def world(bounds=BOUNDS) -> Play:
    play = Play(instruments=FOUR, rules=RULES, bounds=bounds).start()
    slot(play, 100, 100, 100, 100)
    return play


def slot(play: Play, *closes: float, want: str = "") -> None:
    """Close one bar of every instrument; the last of them wants what is said."""
    last = len(closes) - 1
    play.slot(
        *(
            row(close, want if index == last else "", index=index)
            for index, close in enumerate(closes)
        )
    )


def trips(play: Play) -> list[ev.BreakerTripped]:
    return [each for each in of_kind(play.events, ev.BreakerTripped) if each.breaker == "market"]


def rearmings(play: Play) -> list[ev.BreakerRearmed]:
    return [each for each in of_kind(play.events, ev.BreakerRearmed) if each.breaker == "market"]


def refusals(play: Play) -> list[str]:
    return [each.reason for each in of_kind(play.events, ev.RiskAssessed) if each.symbol == "DDD"]


def test_more_than_its_share_of_broken_markets_trips_it_and_no_fewer():
    play = world()
    slot(play, 80, 80, 100, 100)
    before = trips(play)
    slot(play, 80, 80, 80, 100)
    (tripped,) = trips(play)

    assert before == []
    assert (tripped.symbol, tripped.action, tripped.until_ns) == ("", "reduce_only", 0)
    assert (float(tripped.value), float(tripped.limit)) == (0.75, 0.5)
    assert tripped.reason == "0.75 of the watched markets are tripped, limit 0.5"
    assert play.alerts()[-1] == f"breaker tripped: market of the account: {tripped.reason}"


def test_markets_that_break_one_after_another_count_while_they_are_tripped():
    """The second broke before the third, and was calm again when the fourth did."""
    play = world()
    slot(play, 80, 100, 100, 100)
    slot(play, 80, 80, 100, 100)
    slot(play, 80, 80, 80, 100)
    assert [key for key in play.book.pace.breakers if key[0] == "price"] == [
        ("price", "BBB"),
        ("price", "CCC"),
    ]
    assert trips(play) == []

    slot(play, 80, 80, 80, 80)
    assert trips(play) == []
    slot(play, 60, 80, 80, 80)
    assert trips(play) == []


def test_an_entry_of_a_calm_market_is_refused_by_it_and_by_nothing_else():
    play = world()
    slot(play, 80, 80, 80, 100)
    slot(play, 80, 80, 80, 100, want="long")
    (assessed,) = of_kind(play.events, ev.RiskAssessed)
    refusing = {rule.rule: rule.note for rule in assessed.rules if rule.outcome.value == "refuse"}

    assert refusals(play) == ["RISK_BREAKERS"]
    assert set(refusing) == {"breakers"}
    assert refusing["breakers"].startswith("market of the account: 0.75 of the watched markets")


def test_without_it_the_calm_market_is_entered():
    free = world(with_changes(BOUNDS, breaker_market_fraction_max=D(1)))
    slot(free, 80, 80, 80, 100)
    slot(free, 80, 80, 80, 100, want="long")

    assert trips(free) == []
    assert [order.symbol for order in free.book.live.values()] == ["DDD"]


def test_entries_on_their_way_are_cancelled_and_exits_go_on():
    play = world()
    slot(play, 100, 100, 100, 100, want="long")
    entry = play.only(Purpose.ENTRY, "DDD")
    play.accept(entry)
    slot(play, 80, 80, 80, 100)
    (cancelled,) = of_kind(play.effects, ef.CancelOrder)
    held = world()
    slot(held, 100, 100, 100, 100, want="long")
    bought = held.only(Purpose.ENTRY, "DDD")
    held.accept(bought)
    held.fill(bought)
    held.accept(held.only(Purpose.PROTECTION, "DDD"))
    slot(held, 80, 80, 80, 100)
    slot(held, 80, 80, 80, 100, want="flat")

    assert cancelled.client_id == entry.client_id
    assert play.book.orders[entry.client_id].status is OrderStatus.CANCELLING
    assert held.book.positions["DDD"].exit_reason == "signal: wants flat"


def test_it_is_armed_again_when_no_more_than_half_of_what_trips_it_are_left():
    play = world()
    slot(play, 80, 80, 80, 100)
    slot(play, 60, 80, 80, 100)
    slot(play, 60, 80, 80, 100)
    (rearmed,) = rearmings(play)

    assert list(play.book.pace.breakers) == [("price", "AAA")]
    assert (rearmed.symbol, rearmed.reason) == ("", "1 of 4 markets tripped")


def test_while_two_are_left_it_stays_tripped():
    play = world()
    slot(play, 80, 80, 80, 100)
    slot(play, 60, 60, 80, 100)
    slot(play, 60, 60, 80, 100)

    assert rearmings(play) == []
    assert set(play.book.pace.breakers) == {("market", ""), ("price", "AAA"), ("price", "BBB")}


def test_one_instrument_alone_never_trips_it():
    bounds = with_changes(BOUNDS, breaker_market_fraction_max=D("0.1"))
    play = Play(instruments=FOUR[:1], rules=RULES, bounds=bounds).start()
    play.slot(row(100))
    play.slot(row(50))

    assert [each.breaker for each in of_kind(play.events, ev.BreakerTripped)] == ["price"]


def test_re_arming_it_forgets_no_answers_of_the_venue():
    """Only the breaker of rejections counts them afresh."""
    play = world()
    play.book.pace.answers.extend((1, 0))
    play.book.pace.rearm("market", "")

    assert list(play.book.pace.answers) == [1, 0]


@pytest.mark.parametrize("after", [1, 2])
def test_rows_and_snapshots_bring_back_the_same_breaker(after: int):
    play = world()
    slot(play, 80, 80, 80, 100)
    for _ in range(after):
        slot(play, 60, 80, 80, 100)
    play.close()
    book = Book()
    for event in play.events:
        book.apply(event, play.now)
    other = Engine(settings(instruments=FOUR, rules=RULES, bounds=BOUNDS), make)
    other.restore(json.loads(json.dumps(play.engine.state())))
    other.core.anchor = play.core.anchor

    assert list(book.pace.breakers) == list(play.book.pace.breakers)
    assert [r.action for r in book.pace.breakers.values()] == [
        r.action for r in play.book.pace.breakers.values()
    ]
    bars = tuple(row(close, index=index) for index, close in enumerate((60, 80, 80, 100)))
    following = Slot(play.now + HOUR, bars, play.cursor + 1)
    assert other.scan(following) == play.engine.scan(following)
    assert book_state(other.core.book) == book_state(play.book)


def test_a_snapshot_of_before_names_no_action_and_refuses():
    play = world()
    slot(play, 80, 80, 100, 100)
    state = play.book.pace.state()
    for record in state["breakers"]:  # type: ignore[attr-defined]
        del record["action"]
    play.book.pace.restore(json.loads(json.dumps(state)))

    assert {record.action for record in play.book.pace.breakers.values()} == {"refuse"}
    assert not play.book.pace.is_reduce_only
