"""Equal numbers leave equal text: what was read back from the journal is written without zeros."""

from hfl_core.domain import events as ev
from hfl_core.domain.ids import Symbol
from hfl_core.domain.orders import OrderIntent, OrderStatus, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import intent_bytes, intent_hash
from hfl_core.engine.state import book_state
from tests.engine.kit import D, Play, command, filled, of_kind
from tests.engine.test_book import T, intended, told


def test_an_intent_has_one_hash_however_its_numbers_are_written():
    """A stop price comes from ticks at first (99.50), and from the journal after a restart."""
    written = OrderIntent(
        symbol=Symbol("AAA"),
        side=Side.SELL,
        type=OrderType.STOP,
        purpose=Purpose.PROTECTION,
        quantity=D("3.0"),
        limit_price=D("1E+2"),
        stop_price=D("99.50"),
        risk_stop_price=D("0.10"),
    )
    read = with_changes(
        written, quantity=D(3), limit_price=D(100), stop_price=D("99.5"), risk_stop_price=D("0.1")
    )

    assert intent_bytes(read) == intent_bytes(written)
    assert intent_hash(read) == intent_hash(written)
    assert b"|100|99.5|0.1|" in intent_bytes(written)


def test_intents_that_differ_in_a_number_have_other_hashes():
    one = OrderIntent(
        symbol=Symbol("AAA"),
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=D(10),
    )
    others = [
        with_changes(one, quantity=D(1)),
        with_changes(one, limit_price=D(1)),
        with_changes(one, reason="x"),
    ]

    assert len({intent_bytes(intent) for intent in (one, *others)}) == 4


def same_story(zeros: str) -> dict[str, object]:
    book = told(
        intended(),
        ev.LimitTripped(
            limit="daily_loss",
            value=D("200" + zeros),
            threshold=D("200" + zeros),
            period_end_ns=5,
            latch_id="daily_loss-1",
        ),
        ev.PositionMismatched(symbol="BBB", ours=D("1" + zeros), theirs=D("2" + zeros)),
        ev.OrderEnded(
            client_id="o1",
            status=OrderStatus.CANCELLED,
            filled=D("4" + zeros),
            text="",
            cursor=0,
        ),
    )
    book.apply(filled(book.orders["o1"], D("11" + zeros), "100"), T)
    return book_state(book)


def test_the_books_texts_do_not_depend_on_trailing_zeros():
    assert same_story(".000") == same_story("")


def test_a_refused_withdrawal_names_the_cash_in_one_form():
    play = Play().start()
    play.book.cash = D("10000.00")
    (refused,) = of_kind(play.say(command("withdraw", amount="20000.0")), ev.CommandRefused)

    assert refused.why == "expected at most the cash of 10000, found 20000"
