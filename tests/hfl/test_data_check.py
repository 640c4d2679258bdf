"""`hfl data check`: what it prints, its JSON as documented, its exit codes, its refusals."""

import json
import re
import sys

import numpy as np
import pytest

from hfl.verb import DATA, DIFFERENT, DONE, USAGE
from tests.data.checks.planting import clean, without, write


def test_a_clean_file_is_told_in_one_line(hfl, tmp_path):
    path = write(clean("crypto 1h", 1), "crypto 1h", tmp_path)

    code, out, err = hfl("data", "check", str(path))

    assert (code, err) == (DONE, "")
    first, last = out.splitlines()
    assert first.endswith("300 bars, 2019-01-07T00:00:00Z to 2019-01-19T11:00:00Z: clean")
    assert last == "1 file, 300 bars: 0 errors, 0 warnings, 0 notes"


def test_a_finding_says_where_and_what_to_do(hfl, tmp_path):
    series = without(clean("crypto 1h", 2), [50, 51])
    series["close"][70] = np.nan
    path = write(series, "crypto 1h", tmp_path)

    code, out, _ = hfl("data", "check", str(path))

    assert code == DIFFERENT
    assert "error   missing_price: a bar lacks its open, high, low or close" in out
    assert "row 70  2019-01-10T00:00:00Z" in out
    assert "row 50  2019-01-09T01:00:00Z to 2019-01-09T04:00:00Z  2 bars" in out
    assert out.count("-> Fetch") == 2


def test_warnings_alone_are_no_difference(hfl, tmp_path):
    path = write(without(clean("crypto 1h", 3), [50]), "crypto 1h", tmp_path)

    code, out, _ = hfl("data", "check", str(path))

    assert code == DONE
    assert "0 errors, 1 warning, 0 notes" in out


def test_places_beyond_the_wish_are_counted(hfl, tmp_path):
    path = write(without(clean("crypto 1h", 4), [50, 60, 70, 80, 90]), "crypto 1h", tmp_path)

    _, few, _ = hfl("data", "check", str(path))
    _, all_of_them, _ = hfl("data", "check", str(path), "--places", "9")

    assert "and 2 more" in few
    assert "more" not in all_of_them.replace("more than", "")


def test_json_holds_every_documented_field(hfl, tmp_path, project_root):
    series = without(clean("crypto 1h", 5), [50])
    series["open"][70] = np.nan
    write(series, "crypto 1h", tmp_path)
    (tmp_path / "crypto" / "noise_1h.parquet").write_bytes(b"x" * 99)
    (tmp_path / "notes.csv").write_text("x\n")

    code, out, err = hfl("data", "check", str(tmp_path), "--json")
    told = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    assert (code, err) == (DATA, "")
    (file,) = told["files"]
    (refused,) = told["refused"]
    assert (file["symbol"], file["class"], file["timeframe"]) == ("AAA", "crypto", "1h")
    assert file["verdict"] == "error"
    assert [finding["code"] for finding in file["findings"]] == ["missing_price", "gap"]
    missing, gap = (finding["places"][0] for finding in file["findings"])
    assert (missing["row"], missing["values"]["open"]) == (70, None)
    assert float(missing["values"]["close"]) == series["close"][70]
    assert (gap["time"], gap["until"]) == ("2019-01-09T01:00:00Z", "2019-01-09T03:00:00Z")
    assert refused["path"].endswith("noise_1h.parquet")
    assert told["totals"] == {
        "files": 2, "rows": 299, "errors": 1, "warnings": 1, "notes": 0, "left_out": 1,
    }  # fmt: skip
    page = (project_root / "docs" / "commands.md").read_text()
    section = page.split("### data check")[1].split("\n## ")[0]
    documented = set(re.findall(r"`([a-z_]+)`", section)) - {"error", "warning", "clean", "info"}
    fields = set(told) | set(file) | set(file["findings"][0]) | set(missing) | set(refused)
    assert fields | set(told["totals"]) == documented


def test_a_file_that_cannot_be_read_does_not_hide_the_others(hfl, tmp_path):
    path = write(clean("crypto 1h", 6), "crypto 1h", tmp_path)
    (path.parent / "noise_1h.parquet").write_bytes(b"x" * 99)

    code, out, err = hfl("data", "check", str(tmp_path))

    assert code == DATA
    assert "AAA_1h.parquet: 300 bars" in out
    assert err.startswith("hfl: expected a readable Parquet file at ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere_1h.parquet",), DATA, "expected a file or folder at nowhere"),
        (("AAA_1h.parquet", "--places", "-1"), USAGE, "expected --places of at least 0"),
        (("AAA_1h.parquet", "--until", "soon"), USAGE, "found 'soon'"),
    ],
)
def test_wrong_words_are_one_sentence(hfl, words, code, said):
    found, out, err = hfl("data", "check", *words)

    assert (found, out) == (code, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_one_list_of_corporate_actions_belongs_to_one_file(hfl, tmp_path):
    write(clean("crypto 1h", 7), "crypto 1h", tmp_path, "AAA")
    write(clean("crypto 1h", 7), "crypto 1h", tmp_path, "BBB")

    code, _, err = hfl("data", "check", str(tmp_path), "--factors", "x.csv")

    assert code == USAGE
    assert "expected one file with --factors or --against, found 2" in err


def test_until_and_class_and_exchange_are_passed_on(hfl, tmp_path):
    path = write(clean("stocks 1d", 8), "stocks 1d", tmp_path)
    bare = tmp_path / path.name
    path.rename(bare)

    code, _, err = hfl("data", "check", str(bare))
    assert (code, "pass --class" in err) == (DATA, True)
    _, out, _ = hfl("data", "check", str(bare), "--class", "stocks", "--until", "2020-06-01")
    assert "series_ends" in out
    _, out, _ = hfl("data", "check", str(bare), "--class", "stocks", "--exchange", "XTKS")
    assert "by the calendar of XTKS" in out


def test_without_numpy_the_extra_is_named(hfl, tmp_path, monkeypatch):
    path = write(clean("crypto 1h", 9), "crypto 1h", tmp_path)
    for name in [
        name for name in sys.modules if name.startswith(("hfl_data.insp", "hfl_data.cal"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)

    code, _, err = hfl("data", "check", str(path))

    assert code == USAGE
    assert "hedgefund-lite[data]" in err
