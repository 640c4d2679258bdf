"""What is written is exact, harmless to a spreadsheet, and never over something else."""

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import ConfigError
from hfl_tui import exports
from hfl_tui.exports import Table


@dataclass(frozen=True)
class Item:
    name: str
    amount: Decimal | None
    count: int
    at_ns: int
    views: tuple[str, ...] = ()


def table(*items):
    return Table(name="items", items=items, text=("a", "b"))


def cells(text):
    return list(csv.reader(io.StringIO(text)))


@given(st.text(max_size=20), st.decimals(allow_nan=False, allow_infinity=False), st.integers())
def test_csv_gives_back_every_value_and_no_formula(name, amount, count):
    (_, row) = cells(exports.as_csv(table(Item(name, amount, count, 0))))

    assert row[0].removeprefix("'") == name.removeprefix("'").replace("\r\n", "\n").replace(
        "\r", "\n"
    ) or row[0] in {name, f"'{name}"}
    assert Decimal(row[1]) == amount
    assert int(row[2]) == count
    for cell in row:
        is_number = cell.lstrip("+-").replace(".", "", 1).isdigit()
        assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("+1", "+1"), ("-5.06", "-5.06"), ("-1+cmd|' /C calc'!A0",
     "'-1+cmd|' /C calc'!A0"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("T-42", "T-42"),
     ("", ""), ("-", "'-")],
)  # fmt: skip
def test_an_apostrophe_stands_before_what_a_spreadsheet_would_compute(cell, written):
    assert exports.harmless(cell) == written


def test_json_has_exact_numbers_as_text_and_times_in_full():
    at = 1_790_000_000 * 10**9 + 123_456_789
    (found,) = json.loads(exports.as_json(table(Item("é", Decimal("1E-8"), 3, at, ("x", "y")))))

    assert found == {
        "name": "é",
        "amount": "0.00000001",
        "count": 3,
        "at": "2026-09-21T14:13:20.123456Z",
        "views": ["x", "y"],
    }


def test_nothing_is_null_and_empty_tables_are_empty():
    (found,) = json.loads(exports.as_json(table(Item("a", None, 0, 0))))

    assert (found["amount"], found["at"]) == (None, None)
    assert exports.as_csv(table()) == ""
    assert json.loads(exports.as_json(table())) == []
    assert exports.render(table(), "text") == "a\nb\n"


def test_a_name_that_is_taken_gets_a_number_and_the_hundredth_is_the_last(tmp_path):
    folder = tmp_path / "new" / "exports"
    names = [exports.write(folder, "a", "csv", str(number)).name for number in range(100)]

    assert names[:3] == ["a.csv", "a-2.csv", "a-3.csv"]
    assert [(folder / name).read_text() for name in names] == [str(n) for n in range(100)]
    with pytest.raises(ConfigError, match="found 100 files"):
        exports.write(folder, "a", "csv", "more")


def test_a_link_in_the_way_is_not_written_through(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "a.csv").symlink_to(tmp_path / "mine")

    assert exports.write(tmp_path, "a", "csv", "new").name == "a-2.csv"
    assert (tmp_path / "mine").read_text() == "mine"
