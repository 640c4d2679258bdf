"""CSV files: three ways to write a time, one per file; everything else is a row with a defect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.domain.bars import BarDefect, RefusedRows, Slot
from hfl_core.domain.errors import DataError
from hfl_data.loader import open_feed
from hfl_data.request import FeedRequest
from tests.data.worlds import HOUR, MONDAY, instruments_by, told, write_csv

HEADER = "ts,open,high,low,close,volume"
SECONDS = MONDAY // 10**9


def read(path):
    request = FeedRequest(source="csv", instruments=instruments_by, paths=(str(path),))
    return list(open_feed(request).read(0))


def csv_of(tmp_path, lines, header=HEADER):
    return write_csv(tmp_path / "crypto" / "A_1h.csv", header, lines)


TIMES = {
    "iso": ["2024-01-01T00:00:00Z", "2024-01-01 01:00:00+00:00", "2024-01-01T04:00:00+02:00"],
    "seconds": [str(SECONDS), f"{SECONDS + 3600}.0", str(SECONDS + 7200)],
    "milliseconds": [str(SECONDS * 1000 + 3_600_000 * hour) for hour in range(3)],
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_each_way_to_write_a_time_gives_the_same_bars(tmp_path, times):
    items = read(csv_of(tmp_path, [f"{time},1,2,0.5,1.5,7" for time in times]))

    assert [item.time_ns for item in items] == [MONDAY + HOUR * hour for hour in (1, 2, 3)]
    assert {item.bars[0][:6] for item in items} == {
        (0, 10**8, 2 * 10**8, 5 * 10**7, 15 * 10**7, 7.0)
    }


def test_a_date_alone_is_its_first_instant(tmp_path):
    path = write_csv(tmp_path / "stocks" / "A_1d.csv", HEADER, ["2024-01-01,1,1,1,1,1"])

    assert read(path)[0].time_ns == MONDAY + 24 * HOUR


@pytest.mark.parametrize(
    "odd",
    [
        str(SECONDS * 1000 + 3_600_000),
        "2024-01-01T01:00:00Z",
        "2024-01-01T01:00:00",
        "soon",
        "",
        "nan",
        "1e300",
        "-1e300",
    ],
)
def test_a_time_in_another_unit_than_the_files_is_unreadable(tmp_path, odd):
    rows = [f"{SECONDS},1,1,1,1,1", f"{odd},1,1,1,1,1", f"{SECONDS + 7200},1,1,1,1,1"]

    kinds = read(csv_of(tmp_path, rows))

    assert [type(item) for item in kinds] == [Slot, RefusedRows, Slot]
    assert kinds[1].reasons == (BarDefect.BAD_TIME,)


def test_an_unreadable_first_time_does_not_settle_the_unit(tmp_path):
    rows = ["?,1,1,1,1,1", f"{SECONDS},1,1,1,1,1"]

    assert [type(item) for item in read(csv_of(tmp_path, rows))] == [RefusedRows, Slot]


@pytest.mark.parametrize("cells", ["a,1,1,1,1", "1,1,1,1", "1,,1,1,1", "1"])
def test_cells_that_are_no_number_refuse_the_row(tmp_path, cells):
    items = read(csv_of(tmp_path, [f"{SECONDS},{cells}", f"{SECONDS + 3600},1,1,1,1,1"]))

    assert BarDefect.NOT_A_NUMBER in items[0].reasons
    assert isinstance(items[1], Slot)


def test_columns_are_found_by_name_and_blank_lines_are_no_rows(tmp_path):
    lines = ["", f"9,1,x,1.5,2,0.5,{SECONDS}", "", ""]

    items = read(csv_of(tmp_path, lines, "Volume,open,note,close,HIGH,low, ts"))

    assert items[0].bars[0][:6] == (0, 10**8, 2 * 10**8, 5 * 10**7, 15 * 10**7, 9.0)
    assert items[0].cursor == 1


@settings(max_examples=30)
@given(text=st.text(alphabet='0123456789.,-:TZeE\n" ax', max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = write_csv(tmp_path_factory.mktemp("any") / "crypto" / "A_1h.csv", HEADER, [text])
    try:
        entries = told(read(path))
    except DataError:
        return

    assert 0 < len(entries) <= text.count("\n") + 1


def test_each_unusable_file_ends_in_one_sentence(tmp_path):
    folder = tmp_path / "crypto"
    folder.mkdir()
    cases = {
        "VOID": (b"", "found no ts, open, high, low, close, volume"),
        "HEAD": (HEADER.encode(), "expected bars in"),
        "LESS": (b"ts,open,high\n1,2,3\n", "found no low, close, volume"),
        "BYTE": (HEADER.encode() + b"\n\xff\xfe,1,1,1,1,1\n", "expected readable CSV text"),
        "NEST": (
            HEADER.encode() + b'\n"' + b"1" * 200_000 + b'",1,1,1,1,1\n',
            "expected readable CSV text",
        ),
    }
    for name, (content, sentence) in cases.items():
        path = folder / f"{name}_1h.csv"
        path.write_bytes(content)
        with pytest.raises(DataError, match=sentence) as caught:
            read(path)
        assert "\n" not in str(caught.value)
