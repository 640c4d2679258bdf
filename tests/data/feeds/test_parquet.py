"""Parquet files: read as they are; what cannot be read is said in one sentence."""

import pytest
from hypothesis import given, settings

from hfl_core.domain.bars import BarDefect, RefusedRows, Slot
from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass
from hfl_data.loader import open_feed, reopen_feed
from hfl_data.request import FeedRequest
from hfl_data.rows import UNREADABLE_NS
from tests.data.worlds import (
    HOUR,
    MONDAY,
    NAN,
    feed,
    flat,
    instrument,
    instruments_by,
    told,
    worlds,
    write_parquet,
)


def open_paths(*paths, asset_class=None):
    return open_feed(
        FeedRequest(
            source="parquet",
            instruments=instruments_by,
            paths=tuple(str(path) for path in paths),
            asset_class=asset_class,
        )
    )


@settings(max_examples=15)
@given(tracks=worlds.filter(all))
def test_a_file_says_what_its_rows_say(tmp_path_factory, tracks):
    """Unreadable times are one thing in a file (NULL), so they are made one in memory as well."""
    folder = tmp_path_factory.mktemp("made") / "crypto"
    paths = [
        write_parquet(folder / f"T{number}_1h.parquet", rows) for number, rows in enumerate(tracks)
    ]
    request = FeedRequest(source="parquet", instruments=instrument_of_symbol, paths=tuple(paths))

    assert told(list(open_feed(request).read(0))) == told(list(feed(tracks).read(0)))


def instrument_of_symbol(symbol, _):
    return instrument(symbol)


def test_missing_numbers_and_times_are_refused_as_such(tmp_path):
    path = write_parquet(
        tmp_path / "crypto" / "A_1h.parquet",
        [flat(0), (MONDAY + HOUR, NAN, 1.0, 1.0, 1.0, 1.0), (UNREADABLE_NS, *flat(0)[1:]), flat(3)],
    )

    items = list(open_paths(path).read(0))

    assert [item.reasons for item in items if isinstance(item, RefusedRows)] == [
        (BarDefect.NOT_A_NUMBER,),
        (BarDefect.BAD_TIME,),
    ]
    assert [item.first_time_ns for item in items if isinstance(item, RefusedRows)] == [
        MONDAY + HOUR,
        None,
    ]


@pytest.mark.parametrize("name", ["a[1]", "b*", "c?d", "e'f", "year=2024"])
def test_a_path_is_taken_literally(tmp_path, name):
    made = write_parquet(tmp_path / "crypto" / "A_1h.parquet", [flat(0), flat(1)])
    folder = tmp_path / name / "crypto"
    folder.mkdir(parents=True)
    target = folder / "A_1h.parquet"
    target.write_bytes((tmp_path / "crypto" / "A_1h.parquet").read_bytes())

    assert told(list(open_paths(target).read(0))) == told(list(open_paths(made).read(0)))


def test_a_reopened_set_reads_the_same_range(tmp_path):
    rows = [flat(number, 100.0 + number % 50) for number in range(5_000)]
    csv = tmp_path / "crypto" / "A_1h.parquet"
    write_many(csv, rows)
    first = open_paths(csv)
    opened = first.opened(0)

    again = reopen_feed(opened, instruments_by)

    assert list(again.read_range(4_500, 4_600)) == list(first.read(0))[4_500:4_600]


def write_many(path, rows):
    import duckdb

    path.parent.mkdir(parents=True)
    text = path.with_suffix(".csv")
    text.write_text("\n".join(f"{row[0] // 1000},{row[1]}" for row in rows), encoding="utf-8")
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"copy (select make_timestamptz(column0) ts, column1::double open, open high, open low,"
            f" open as close, 1.0::double volume from read_csv('{text}', header = false))"
            f" to '{path}' (format parquet)"
        )


def test_each_unusable_file_ends_in_one_sentence(tmp_path):
    import duckdb

    folder = tmp_path / "crypto"
    good = write_parquet(folder / "GOOD_1h.parquet", [flat(0)])
    (folder / "TEXT_1h.parquet").write_text("not parquet at all", encoding="utf-8")
    (folder / "VOID_1h.parquet").write_bytes(b"")
    content = (folder / "GOOD_1h.parquet").read_bytes()
    (folder / "HALF_1h.parquet").write_bytes(content[: len(content) // 2])
    write_parquet(folder / "NONE_1h.parquet", [])
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"copy (select ts, open, high, low from read_parquet('{good}'))"
            f" to '{folder / 'LESS_1h.parquet'}' (format parquet)"
        )
        connection.execute(
            f"copy (select ts::timestamp ts, open, high, low, close, volume "
            f"from read_parquet('{good}')) to '{folder / 'ZONE_1h.parquet'}' (format parquet)"
        )
    cases = {
        "TEXT": "expected a readable Parquet file",
        "VOID": "expected a readable Parquet file",
        "HALF": "expected a readable Parquet file",
        "NONE": "found an empty table",
        "LESS": "found no close, volume",
        "ZONE": "TIMESTAMP WITH TIME ZONE, found TIMESTAMP:",
        "GONE": "expected a file at",
    }
    for name, sentence in cases.items():
        with pytest.raises(DataError, match=sentence) as caught:
            open_paths(folder / f"{name}_1h.parquet")
        assert "\n" not in str(caught.value)


def test_a_file_damaged_behind_its_footer_ends_in_one_sentence(tmp_path):
    path = tmp_path / "crypto" / "A_1h.parquet"
    write_many(path, [flat(number, 100.0 + number * 0.37) for number in range(3_000)])
    content = bytearray(path.read_bytes())
    content[40:4_000] = bytes(3_960)
    path.write_bytes(bytes(content))

    with pytest.raises(DataError, match="expected a readable Parquet file"):
        list(open_paths(path).read(0))


def test_no_path_and_no_class_are_said(tmp_path):
    path = write_parquet(tmp_path / "elsewhere" / "A_1h.parquet", [flat(0)])

    with pytest.raises(DataError, match="pass --path"):
        open_paths()
    with pytest.raises(DataError, match="pass --class"):
        open_paths(path)
    assert isinstance(next(iter(open_paths(path, asset_class=AssetClass.CRYPTO).read(0))), Slot)
