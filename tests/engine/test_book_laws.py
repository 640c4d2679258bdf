"""Laws of the book: the order of arrival does not matter, and a saved book is the same book."""

import json

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Side
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state, restore_book
from tests.engine.kit import D, filled
from tests.engine.test_book import T, intended, told

SIDES = st.sampled_from(list(Side))


@st.composite
def venue_stories(draw) -> tuple[list[ev.Event], list[ev.Event]]:
    """Draw what a venue has to say of some orders, and one order in which it may arrive.

    Each order's own fills may come in any order, twice, and around its acceptance and its end.
    """
    orders = draw(st.integers(1, 4))
    intents: list[ev.Event] = []
    news: list[ev.Event] = []
    for number in range(1, orders + 1):
        name, side = f"o{number}", draw(SIDES)
        parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        is_cut = draw(st.booleans())
        quantity = sum(parts) + (5 if is_cut else 0)
        intent = intended(name, side, quantity, number=number)
        intents += [intent, ev.SendAttempted(client_id=name, run_id="r")]
        record = told(intent).orders[name]
        news.append(ev.OrderAccepted(client_id=name, venue_id="v"))
        for index, part in enumerate(parts):
            price = D(draw(st.integers(1, 400))) / 4
            fill = filled(record, D(part), str(price), fee="0.01", fill_id=f"{name}-{index}")
            news += [fill] * draw(st.integers(1, 2))
        if is_cut:
            status = draw(st.sampled_from([OrderStatus.CANCELLED, OrderStatus.EXPIRED]))
            ended = ev.OrderEnded(
                client_id=name, status=status, filled=D(sum(parts)), text="", cursor=0
            )
            news += [ended, ended]
    return intents, draw(st.permutations(news))


def ends(intents: list[ev.Event], news: list[ev.Event]) -> Book:
    book = told(*intents)
    # A venue repeats an ending whenever it is asked: the last word is always heard.
    endings = [event for event in news if isinstance(event, ev.OrderEnded)]
    for event in (*news, *endings):
        book.apply(event, T)
    return book


@given(venue_stories())
def test_any_arrival_order_ends_in_the_same_position_and_cash(story):
    intents, news = story
    fills = {event.fill.fill_id: event.fill for event in news if isinstance(event, ev.Filled)}
    book = ends(intents, news)
    held = sum((fill.side.sign * fill.quantity for fill in fills.values()), D(0))
    spent = sum((f.side.sign * f.quantity * f.price + f.fee for f in fills.values()), D(0))

    assert book.cash == D(10_000) - spent
    assert (book.positions["AAA"].quantity if held else D(0)) == held
    assert ("AAA" in book.positions) == bool(held)
    assert book.live == {}
    assert book.halted_symbols == {}


@given(venue_stories())
def test_the_sum_of_fills_is_the_position_after_every_event(story):
    intents, news = story
    book = told(*intents)
    for event in news:
        book.apply(event, T)
        filled_sum = sum((o.side.sign * o.filled for o in book.orders.values()), D(0))
        position = book.positions.get("AAA")

        assert (position.quantity if position else D(0)) == filled_sum


@given(venue_stories(), st.integers(0, 40))
def test_a_book_saved_anywhere_goes_on_as_the_original(story, cut):
    intents, news = story
    original, copy = told(*intents, *news[:cut]), Book()
    saved = json.loads(json.dumps(book_state(original)))
    restore_book(copy, saved)

    assert book_state(copy) == book_state(original)
    for event in news[cut:]:
        original.apply(event, T)
        copy.apply(event, T)

    assert book_state(copy) == book_state(original)
    assert list(copy.live) == list(original.live)
