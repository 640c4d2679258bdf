"""A feed is found by the name of its file, and every feed keeps the same promises."""

import shutil
from pathlib import Path

import pytest

from hfl_core.domain.errors import DataError
from hfl_core.ports import Feed
from hfl_data import feeds
from hfl_data.feeds.simulated import default_instruments
from hfl_data.loader import feed_names, open_feed, reopen_feed
from hfl_data.request import FeedRequest
from tests.data.worlds import flat, instrument, instruments_by, told, write_csv, write_parquet

ROWS = [flat(0), flat(1, 101.0), flat(1, 102.0), flat(3, 99.0), (0, 0.0, 0.0, 0.0, 0.0, 0.0)]


def example(name: str, folder: Path) -> FeedRequest:
    """A request for each feed; a new file in feeds/ needs one here."""
    if name == "simulated":
        return FeedRequest(
            source=name,
            instruments=default_instruments("USD"),
            parameters=(("bars", "60"), ("defects", "50")),
        )
    if name == "parquet":
        path = write_parquet(folder / "crypto" / "A_1h.parquet", ROWS)
    else:
        lines = [",".join([str(row[0] // 10**9), *map(str, row[1:])]) for row in ROWS]
        path = write_csv(folder / "crypto" / "A_1h.csv", "ts,open,high,low,close,volume", lines)
    return FeedRequest(source=name, instruments=instruments_by, paths=(path,))


@pytest.mark.parametrize("name", feed_names())
def test_every_feed_keeps_the_promises_of_the_port(tmp_path, name):
    feed: Feed = open_feed(example(name, tmp_path))
    opened = feed.opened(0)
    whole = told(list(feed.read(0)))

    assert opened.source == name
    assert opened.rows == len(whole) > 0
    assert opened.symbols == tuple(traded.symbol for traded in feed.instruments)
    for cursor in range(opened.rows + 1):
        assert told(list(feed.read(cursor))) == whole[cursor:]
    again = reopen_feed(
        opened, default_instruments("USD") if name == "simulated" else instruments_by
    )
    assert again.opened(0) == opened
    again.check_continues(opened, opened.rows)


def test_the_shipped_feeds_are_found():
    assert set(feed_names()) >= {"csv", "parquet", "simulated"}
    assert not any(name.startswith("_") for name in feed_names())


def test_an_unknown_feed_is_refused_with_the_known_ones():
    request = FeedRequest(source="_template", instruments={})

    with pytest.raises(DataError, match="expected a feed among csv, parquet, simulated"):
        open_feed(request)


def test_the_template_works_as_copied(tmp_path, monkeypatch):
    source = Path(feeds.__path__[0]) / "_template.py"
    shutil.copy(source, tmp_path / "brandnew.py")
    monkeypatch.setattr(feeds, "__path__", [*feeds.__path__, str(tmp_path)])
    traded = instrument("TEMPLATE")

    feed = open_feed(FeedRequest(source="brandnew", instruments={"TEMPLATE": traded}))

    assert feed.opened(0).rows == 3
    assert [entry[2] for entry in told(list(feed.read(0)))] == [10_000, 10_100, 9_950]
