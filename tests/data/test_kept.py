"""Kept rows: what is read from them is what was hashed, or it is read from the source."""

import os
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_data import kept
from hfl_data.dataset import DatasetFeed
from hfl_data.kept import KEPT_BYTES_MAX, Keeper, kept_file
from hfl_data.loader import open_feed, reopen_feed
from hfl_data.request import FeedRequest
from hfl_data.rows import CHUNK_ROWS, packed
from hfl_data.simulation import Market
from tests.data.worlds import feed, flat, instruments_by, sources, worlds

LINES = "ts,open,high,low,close,volume\n" + "".join(
    f"2024-01-{day:02d}T{hour:02d}:00:00Z,{day},{day + 1},{day},{day + 0.5},{hour + 1}\n"
    for day in range(1, 29)
    for hour in range(24)
)


def kept_feed(tracks, folder):
    request = FeedRequest(source="list", instruments={}, paths=("a list",), kept=folder)
    return DatasetFeed(request, sources(tracks))


def items(source, cursor):
    # NaN is unlike itself; its text is not.
    return [repr(item) for item in source.read(cursor)]


def csv_feed(folder, *, kept_in):
    path = folder / "crypto" / "BTC-USDT_1h.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(LINES)
    request = FeedRequest(
        source="csv", instruments=instruments_by, paths=(str(path),), kept=kept_in
    )
    return path, open_feed(request)


@given(tracks=worlds, data=st.data())
def test_reading_what_was_kept_is_reading_the_source(tracks, data, tmp_path_factory):
    plain = feed(tracks)
    rows = plain.opened(0).rows
    cursor = data.draw(st.integers(0, rows))
    one = kept_feed(tracks, tmp_path_factory.mktemp("kept"))
    one.opened(0)

    assert items(one, cursor) == items(plain, cursor)


@pytest.mark.parametrize("rows", [1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 3 * CHUNK_ROWS])
@pytest.mark.parametrize("start", [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS])
def test_rows_come_back_to_the_bit_whatever_block_they_are_in(rows, start, tmp_path):
    given_rows = [flat(number, price=number / 7) for number in range(rows)]
    with Keeper(tmp_path, 1) as keeper:
        for begin in range(0, rows, 1_000):
            keeper.write(0, packed(given_rows[begin : begin + 1_000]))
        keeper.finish("ab" * 32)
    one = sources([[flat(0)]])[0]
    tracks = [kept.Kept(one.instrument, one.frame, _never)]

    (found,) = kept.kept_sources(tmp_path, tracks, content_hash="ab" * 32, rows=rows)

    assert [row for chunk in found.rows(start) for row in chunk] == given_rows[start:]


def _never():
    raise AssertionError("expected no look at the source")


def test_a_data_set_is_read_when_its_file_is_gone_or_another(tmp_path):
    path, first = csv_feed(tmp_path, kept_in=tmp_path / "rows")
    opened = first.opened(0)
    whole = items(first, 0)

    path.write_text(LINES.replace(",9,", ",8,"))
    changed = reopen_feed(opened, instruments_by, kept=tmp_path / "rows")
    path.unlink()
    gone = reopen_feed(opened, instruments_by, kept=tmp_path / "rows")

    assert items(changed, 0) == items(gone, 0) == whole


@pytest.mark.parametrize("at", [0, 5, 11, 12, 5_000, -5, -1])
def test_a_damaged_byte_costs_nothing_but_time(at, tmp_path):
    _, first = csv_feed(tmp_path, kept_in=tmp_path / "rows")
    opened = first.opened(0)
    whole = items(first, 300)
    file = kept_file(tmp_path / "rows", opened.content_hash, 0)
    data = bytearray(file.read_bytes())
    data[at] ^= 0x10
    file.write_bytes(data)

    assert items(reopen_feed(opened, instruments_by, kept=tmp_path / "rows"), 300) == whole


@pytest.mark.parametrize("size", [0, 3, 11, 15, 60, 5_000, -1, -48, -52])
def test_a_file_cut_short_costs_nothing_but_time(size, tmp_path):
    _, first = csv_feed(tmp_path, kept_in=tmp_path / "rows")
    opened = first.opened(0)
    whole = items(first, 0)
    file = kept_file(tmp_path / "rows", opened.content_hash, 0)
    file.write_bytes(file.read_bytes()[:size])

    assert items(reopen_feed(opened, instruments_by, kept=tmp_path / "rows"), 0) == whole


def test_a_file_that_vanishes_while_it_is_read_costs_nothing_but_time(tmp_path):
    _, first = csv_feed(tmp_path, kept_in=tmp_path / "rows")
    opened = first.opened(0)
    again = reopen_feed(opened, instruments_by, kept=tmp_path / "rows")
    kept_file(tmp_path / "rows", opened.content_hash, 0).unlink()

    assert items(again, 0) == items(feed_of_file(tmp_path), 0)


def feed_of_file(folder):
    return csv_feed(folder, kept_in=None)[1]


def test_where_nothing_can_be_written_the_data_set_is_read_all_the_same(tmp_path):
    (tmp_path / "file").write_text("in the way")
    _, blocked = csv_feed(tmp_path, kept_in=tmp_path / "file" / "rows")

    assert blocked.opened(0) == feed_of_file(tmp_path).opened(0)
    assert items(blocked, 0) == items(feed_of_file(tmp_path), 0)


def test_a_disk_that_fills_up_ends_the_keeping_and_leaves_no_rest(tmp_path):
    path, first = csv_feed(tmp_path, kept_in=tmp_path / "rows")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file may not grow beyond this: its write fails, as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, hard))
    try:
        opened = first.opened(0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert opened == feed_of_file(tmp_path).opened(0)
    assert list((tmp_path / "rows").iterdir()) == []
    assert path.stat().st_size > 8_000


def test_room_is_made_by_removing_the_oldest_data_sets(tmp_path, monkeypatch):
    rows = packed([flat(number) for number in range(100)])
    for number in range(4):
        with Keeper(tmp_path, 1) as keeper:
            keeper.write(0, rows)
            keeper.finish(f"{number:02d}" * 32)
        os.utime(kept_file(tmp_path, f"{number:02d}" * 32, 0), (number, number))
    size = kept_file(tmp_path, "00" * 32, 0).stat().st_size

    monkeypatch.setattr(kept, "KEPT_BYTES_MAX", 3 * size)
    with Keeper(tmp_path, 1) as keeper:
        keeper.write(0, rows)
        keeper.finish("99" * 32)

    assert sorted(path.name[:2] for path in tmp_path.iterdir()) == ["02", "03", "99"]
    assert KEPT_BYTES_MAX >= 1 << 30


def test_a_pass_that_is_broken_off_leaves_nothing(tmp_path):
    def half():
        with Keeper(tmp_path, 2) as keeper:
            keeper.write(1, packed([flat(0)]))
            raise DataError("the source ended")

    with pytest.raises(DataError):
        half()

    assert list(tmp_path.iterdir()) == []


def simulation(folder):
    return FeedRequest(
        source="simulated",
        instruments=instruments_by,
        parameters=(("bars", "900"), ("defects", "50"), ("symbols", "SIM-BTC,SIM-EUR")),
        kept=folder,
    )


def test_a_made_up_market_is_read_without_being_made_again(tmp_path, monkeypatch):
    opened = open_feed(simulation(tmp_path / "rows")).opened(0)
    made = items(open_feed(simulation(None)), 600)

    def never(*_):
        raise AssertionError("expected the kept rows to be read, found the market made again")

    monkeypatch.setattr(Market, "rows", never)
    again = reopen_feed(opened, instruments_by, kept=tmp_path / "rows")

    assert items(again, 600) == made
    assert len(made) > 200


def test_the_rows_of_a_made_up_market_may_be_deleted(tmp_path):
    first = open_feed(simulation(tmp_path / "rows"))
    opened = first.opened(0)
    for path in (tmp_path / "rows").iterdir():
        path.unlink()
    again = reopen_feed(opened, instruments_by, kept=tmp_path / "rows")

    assert items(again, 0) == items(open_feed(simulation(None)), 0)
    assert items(first, 0) == items(again, 0)


def test_a_data_set_that_is_larger_than_the_room_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "KEPT_BYTES_MAX", 40_000)
    feed = open_feed(simulation(tmp_path / "rows"))
    opened = feed.opened(0)

    assert opened.rows * 48 > 40_000
    assert list((tmp_path / "rows").iterdir()) == []
    assert items(feed, 0) == items(open_feed(simulation(None)), 0)
