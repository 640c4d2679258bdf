"""A data set as a stream: what comes, when it comes, and what the market did meanwhile."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.domain.bars import BarDefect, Slot
from hfl_core.ports import Arrival, KnownBar, MarketMove
from hfl_data.arrivals import SECOND_NS, ArrivalTerms, ArrivingFeed
from hfl_data.feeds.simulated import default_instruments, open_feed
from hfl_data.quality import MEMORY_BARS
from hfl_data.request import FeedRequest

ON_TIME = ArrivalTerms(late=0, missing=0, doubled=0)


def data(*, bars=300, defects=0, seed=7, timeframe="1h"):
    parameters = {"bars": bars, "defects": defects, "seed": seed, "timeframe": timeframe}
    return open_feed(
        FeedRequest(
            source="simulated",
            instruments=default_instruments("USD"),
            parameters=tuple((name, str(value)) for name, value in parameters.items()),
        )
    )


def items(feed, cursor=0, known=None):
    feed.begin(cursor, known or {}, lambda: None)
    found = []
    while not feed.is_over:
        time_ns = feed.next_ns()
        found.append(feed.take())
        assert found[-1].at_ns == time_ns
    return found


def arrivals(found):
    return [item for item in found if isinstance(item, Arrival)]


def slots_of(found):
    """Put what came back together by close, as a reader of the data set gets it."""
    closes: dict[int, dict[int, object]] = {}
    for item in arrivals(found):
        if item.bar is not None:
            closes.setdefault(item.close_ns, {})[item.bar.index] = item.bar
    return [
        (close, tuple(bars[index] for index in sorted(bars)))
        for close, bars in sorted(closes.items())
    ]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), defects=st.sampled_from((0, 2, 50)))
def test_on_time_the_bars_are_those_of_the_data_set(seed, defects):
    source = data(seed=seed, defects=defects)
    found = items(ArrivingFeed(source, replace(ON_TIME, seed=seed)))
    slots = [(slot.time_ns, slot.bars) for slot in source.read(0) if isinstance(slot, Slot)]

    assert slots_of(found) == slots
    assert [(item.at_ns, item.slot.bars) for item in found if isinstance(item, MarketMove)] == slots


def test_nothing_comes_before_its_close_and_all_in_order():
    found = items(ArrivingFeed(data(defects=2), ArrivalTerms(late=20_000, doubled=10_000)))
    times = [item.at_ns for item in found]

    assert times == sorted(times)
    assert all(item.at_ns > item.close_ns for item in arrivals(found) if item.bar is not None)


def test_the_market_moves_before_anything_that_came_of_it():
    closed = set()
    for item in items(ArrivingFeed(data(), ArrivalTerms())):
        if isinstance(item, MarketMove):
            closed.add(item.at_ns)
        elif item.bar is not None:
            assert item.close_ns in closed


def test_late_lost_and_double_bars_come_in_their_shares():
    terms = ArrivalTerms(late=10_000, missing=10_000, doubled=10_000, usual_s=3.0, late_s=90.0)
    found = arrivals(items(ArrivingFeed(data(bars=2_000), terms)))
    taken = [item for item in found if item.bar is not None]
    late = [item for item in taken if item.at_ns - item.close_ns > 3 * SECOND_NS]
    doubles = [item for item in found if item.refused is not None]
    rows = sum(len(slot.bars) for slot in data(bars=2_000).read(0) if isinstance(slot, Slot))

    for count in (len(late), len(doubles), rows - len(taken)):
        assert rows * 0.07 < count < rows * 0.13
    assert {item.refused.reasons for item in doubles} == {(BarDefect.DUPLICATE,)}
    assert max(item.at_ns - item.close_ns for item in late) <= 90 * SECOND_NS


def test_a_bar_behind_its_successor_is_out_of_order():
    terms = ArrivalTerms(late=30_000, late_s=300.0)
    found = arrivals(items(ArrivingFeed(data(timeframe="1m"), terms)))
    reasons = {item.refused.reasons for item in found if item.refused is not None}

    assert (BarDefect.DISORDER,) in reasons


def test_equal_terms_are_equal_streams_and_another_seed_is_another():
    first, again, other = (
        items(ArrivingFeed(data(), ArrivalTerms(seed=seed))) for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_going_on_behind_a_cursor_yields_the_rest_with_the_same_flags(share):
    """The gates remember by what the journal holds: the newest accepted bars."""
    terms = ArrivalTerms(late=3_000, missing=2_000, doubled=3_000)
    whole = arrivals(items(ArrivingFeed(data(defects=20, bars=800), terms)))
    cursor = int(len(whole) * share)
    feed = ArrivingFeed(data(defects=20, bars=800), terms)
    known: dict[str, list[KnownBar]] = {}
    for item in whole[:cursor]:
        if item.bar is not None:
            symbol = feed.instruments[item.bar.index].symbol
            known.setdefault(symbol, []).append(KnownBar(item.open_ns, item.bar))
    known = {symbol: bars[-MEMORY_BARS:] for symbol, bars in known.items()}

    assert arrivals(items(feed, cursor, known)) == whole[cursor:]
    assert any(item.bar.flags for item in whole[cursor:] if item.bar is not None)


def test_what_the_market_did_before_the_cursor_is_not_told_again():
    feed = ArrivingFeed(data(), ON_TIME)
    whole = items(feed)
    cursor = arrivals(whole)[100].cursor
    place = next(
        number
        for number, item in enumerate(whole)
        if isinstance(item, Arrival) and item.cursor == cursor
    )
    known: dict[str, list[KnownBar]] = {}
    for item in arrivals(whole)[:cursor]:
        symbol = feed.instruments[item.bar.index].symbol
        known.setdefault(symbol, []).append(KnownBar(item.open_ns, item.bar))

    assert items(feed, cursor, known) == whole[place + 1 :]


def test_a_stream_has_one_identity_whatever_its_delays():
    one = ArrivingFeed(data(), ArrivalTerms(seed=1)).opened(0)
    other = ArrivingFeed(data(), ArrivalTerms(seed=2)).opened(5)

    assert one.stream_id == other.stream_id
    assert one.stream_id != data().opened(0).dataset_id
    assert (one.spec == other.spec, other.cursor) == (False, 5)


def test_the_end_has_nothing_to_take():
    feed = ArrivingFeed(data(bars=1), ON_TIME)
    items(feed)

    with pytest.raises(ValueError, match="found the end of the stream"):
        feed.take()
