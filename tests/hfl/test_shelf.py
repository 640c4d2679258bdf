"""Ranges of one data set are read in one pass, and hold what a pass of their own would hold."""

import pytest

from hfl.shelf import AHEAD_ROWS_MAX, FeedShelf
from hfl_core.domain.bars import RefusedRows
from hfl_data.dataset import DatasetFeed
from hfl_data.feeds.simulated import default_instruments
from hfl_data.loader import open_feed
from hfl_data.request import FeedRequest

INSTRUMENTS = default_instruments("USD")


@pytest.fixture(scope="module")
def feed():
    """Return a market of which a few rows in a hundred are refused."""
    parameters = (("bars", "1500"), ("defects", "50"))
    return open_feed(
        FeedRequest(source="simulated", instruments=INSTRUMENTS, parameters=parameters)
    )


def ends(feed):
    return [
        item.last_row + 1 if isinstance(item, RefusedRows) else item.cursor for item in feed.read(0)
    ]


def test_gaps_between_ranges_are_read_over_and_steps_back_begin_anew(feed, monkeypatch):
    places = ends(feed)
    passes = []
    real = DatasetFeed.read

    def counted(self, cursor):
        passes.append(cursor)
        return real(self, cursor)

    wanted = [(places[number], places[number + 20]) for number in range(40, 600, 27)]
    wanted += [(places[10], places[30])]
    far = next(place for place in places if place > places[30] + AHEAD_ROWS_MAX)
    wanted += [(far, places[places.index(far) + 20])]
    expected = [list(feed.read_range(*each)) for each in wanted]
    shelf = FeedShelf(INSTRUMENTS, kept=None)
    monkeypatch.setattr(DatasetFeed, "read", counted)
    read = shelf.reader(feed.opened(0))

    assert [list(read(*each)) for each in wanted] == expected
    assert passes == [wanted[0][0], places[10], far]
    assert any(isinstance(item, RefusedRows) for items in expected for item in items)
