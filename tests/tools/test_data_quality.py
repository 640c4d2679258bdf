"""The proof of the checks proves: it reads the list's numbers, and what is not found is a miss."""

from pathlib import Path

import pytest

from tests.data.checks.planting import clean, with_row, without, write
from tools import data_quality
from tools.listed_defects import read_list

HEAD = (
    "| file | rows | first bar (UTC) | last bar (UTC) | source | licence | raw defects (kept) |\n"
    "|---|---|---|---|---|---|---|\n"
)


def listed(market: Path, text: str, rows: int = 300, name: str = "crypto/AAA_1h") -> None:
    line = f"| {name}.parquet | {rows} | 2019 | 2019 | here | none | {text} |\n"
    (market / "SOURCES.md").write_text(HEAD + line)


@pytest.fixture
def prove(tmp_path, monkeypatch, capsys):
    """Return what writes a list of one file, runs the proof and gives its code and its words."""

    def run(text: str, rows: int = 300) -> tuple[int, str]:
        listed(tmp_path / "market", text, rows)
        monkeypatch.setattr("sys.argv", ["data_quality.py", str(tmp_path)])
        code = data_quality.main()
        return code, capsys.readouterr().out

    (tmp_path / "market").mkdir()
    return run


def test_numbers_that_agree_are_found(prove, tmp_path):
    series = without(clean("crypto 1h", 1), [50, 51, 90])
    series["volume"][[10, 20]] = 0.0
    series["low"][30] = 0.0
    write(series, "crypto 1h", tmp_path / "market")

    code, out = prove(
        "Binance spot; 2 gaps (3 bars missing, longest 3 h); 2 zero-volume bars; "
        "1 bars with price <=0", 297
    )  # fmt: skip

    assert code == 0
    assert "listed defects: 3, found 3, missed 0" in out
    assert "FALSE" not in out


@pytest.mark.parametrize(
    "text",
    [
        "3 gaps (3 bars missing, longest 3 h)",
        "2 gaps (4 bars missing, longest 3 h)",
        "2 gaps (3 bars missing, longest 4 h)",
        "1 zero-volume bars",
        "1 rows with missing OHLC",
        "1 bars with high/low not enclosing open/close",
        "1 duplicate ts",
        "not sorted",
        "last day partial",
        "no volume",
        "1 close-to-close jumps >20% (2019-01-09 +25%)",
        "1 gaps >5 days (longest 7 d)",
        "2019-01-09 close is the erroneous print of that day",
        "a dragon sits on the third bar",
    ],
)
def test_what_is_listed_and_not_found_is_a_miss(prove, tmp_path, text):
    write(without(clean("crypto 1h", 2), [50, 51, 90]), "crypto 1h", tmp_path / "market")

    code, out = prove(text, 297)

    assert code == 1
    assert "found 0, missed 1" in out


def test_alarms_that_nobody_knows_are_false(prove, tmp_path):
    series = clean("crypto 1h", 3)
    series["close"][70] *= 1.5
    series["high"][70] *= 1.6
    write(series, "crypto 1h", tmp_path / "market")

    code, out = prove("none found")

    assert code == 0
    assert "FALSE   spike 1" in out
    assert "false alarms 1: 33.33 per 10,000 bars" in out


def test_a_move_of_the_list_covers_no_other(prove, tmp_path):
    series = clean("crypto 1h", 4)
    for at in (70, 150):
        series["close"][at] *= 1.5
        series["high"][at] *= 1.6
    row = {name: column[150] for name, column in series.items()}
    write(with_row(series, 151, row), "crypto 1h", tmp_path / "market")

    _, out = prove("2 close-to-close jumps >20% (2019-01-09 +50%); 1 duplicate ts", 301)

    assert "MISSED  2 close-to-close jumps" in out
    assert "found   1 duplicate ts" in out


def test_a_file_that_cannot_be_read_fails_the_proof(prove, tmp_path):
    path = write(clean("crypto 1h", 5), "crypto 1h", tmp_path / "market")
    path.write_bytes(b"nothing")

    code, out = prove("none found")

    assert code == 1
    assert "NOT READ" in out


def test_a_page_without_a_table_is_refused(tmp_path):
    page = tmp_path / "SOURCES.md"
    page.write_text("# nothing\n")

    with pytest.raises(ValueError, match="expected a table of files"):
        read_list(page)


def test_every_part_of_the_real_list_is_understood(shared_root):
    files = read_list(shared_root / "market" / "SOURCES.md")

    assert len(files) == len(list((shared_root / "market").glob("*/*.parquet")))
    assert [part.text for file in files for part in file.parts if part.kind == "unknown"] == []


@pytest.mark.slow
def test_every_listed_defect_of_the_real_files_is_found(shared_root, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["data_quality.py", str(shared_root)])

    code = data_quality.main()

    out = capsys.readouterr().out
    assert code == 0
    assert "missed 0" in out
    (line,) = (line for line in out.splitlines() if line.startswith("files with no listed defect"))
    assert float(line.rsplit(": ", 1)[1].split()[0]) <= 1.0
